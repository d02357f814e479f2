"""The numbers and where they come from, in a terminal: many as a table, one in full."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from speciosa.evidence.load import Evidence
from speciosa.evidence.record import GRADES, Number
from speciosa.view.terminal import console
from speciosa.view.words import number

_VERIFIED = {
    "yes": "seen in the source",
    "derived": "computed from numbers that were seen",
    "memory": "from memory, not checked",
    "assumption": "an assumption",
}


def print_numbers(numbers: Iterable[Number], *, to: Console | None = None) -> None:
    """Print records as a table, in the order given."""
    out = to or console()
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Grade", justify="center", no_wrap=True)
    table.add_column("Record", overflow="fold")
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column("Unit", overflow="fold")
    table.add_column("5–95 %", justify="right", no_wrap=True)
    table.add_column("Source", overflow="fold")
    count: dict[str, int] = {}
    for each in numbers:
        count[each.grade] = count.get(each.grade, 0) + 1
        table.add_row(
            each.grade,
            Text(each.id),
            number(each.value, 3),
            "" if each.unit == "1" else each.unit,
            range_of(each),
            Text(each.source),
        )
    out.print(table)
    total = sum(count.values())
    tally = ", ".join(f"{count[grade]} of grade {grade}" for grade in sorted(count))
    out.print(
        Text(
            f"{total} {'number' if total == 1 else 'numbers'}: {tally}."
            if total
            else "No number matches.",
            style="dim",
        )
    )
    if total:
        out.print(Text("Next     speciosa evidence ID, for one of them in full", style="dim"))


def range_of(each: Number) -> str:
    """The spread of a record in words.

    >>> from speciosa.evidence.record import Spread
    >>> range_of(Number("a", 2.0, "1", "assumed", "E", Spread("lognormal", 1.0, 4.0)))
    '1.00 to 4.00'
    >>> range_of(Number("a", 2.0, "1", "assumed", "E"))
    'fixed'
    """
    if each.spread is None:
        return "fixed"
    return f"{number(each.spread.low, 3)} to {number(each.spread.high, 3)}"


def lines_of(each: Number, evidence: Evidence | None = None) -> dict[str, str]:
    """Everything about one record, label by label, empty ones left out."""
    source = evidence.sources.get(each.source) if evidence is not None else None
    unit = "" if each.unit == "1" else f" {each.unit}"
    entries: Mapping[str, Any] = {
        "Value": f"{number(each.value, 3)}{unit}",
        "Spread": f"{range_of(each)}{unit if each.spread else ''}"
        + (f" ({each.spread.shape})" if each.spread else ""),
        "Between people": f"sd {each.between.sd:g} ({each.between.shape})" if each.between else "",
        "Bounds": f"{each.bounds[0]:g} to {each.bounds[1]:g}{unit}" if each.bounds else "",
        "Population": each.population,
        "Grade": f"{each.grade}, {GRADES[each.grade]}",
        "Verified": _VERIFIED.get(each.verified, each.verified),
        "Source": source.citation if source else each.source,
        "Kind": source.kind if source else "",
        "DOI": source.doi if source and source.kind != "secondary" else "",
        "Where in it": each.locator,
        "Serves": each.stage,
        "Note": each.note,
    }
    return {label: str(value) for label, value in entries.items() if value}


def print_number(
    each: Number, evidence: Evidence | None = None, *, to: Console | None = None
) -> None:
    """Print one record in full, with its source."""
    out = to or console()
    out.print(Text(each.id, style="bold"))
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in lines_of(each, evidence).items():
        table.add_row(label, Text(value))
    out.print(table)
