"""The verdict in a terminal: within 100 columns, verdict first, table second, then what next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.view.complete import complete
from speciosa.view.words import answer, labels, mid, probability, with_interval, worlds

WIDTH = 100
_STYLES = {
    "unsafe": "bold red",
    "contradicted": "bold red",
    "not supported": "bold",
    "plausible, untested": "bold yellow",
    "supported": "bold green",
    "no verdict": "bold",
}


def console(file: TextIO | None = None) -> Console:
    """A console of at most 100 columns; plain when piped or where NO_COLOR is set."""
    made = Console(file=file, highlight=False)
    if made.width > WIDTH or not made.is_terminal:
        made = Console(file=file, highlight=False, width=WIDTH)
    return made


def print_verdict(
    document: Mapping[str, Any], report: str | Path | None = None, *, to: Console | None = None
) -> None:
    """Print a verdict document.

    Args:
        document: what ``verdict.json`` holds.
        report: where the report lies, if one was written.
        to: where to print; standard output where none is given.
    """
    out = to or console()
    whole = complete(document)
    names = labels(whole)
    draws = whole["study"]["draws"] or whole["run"]["draws"] or 0
    out.print(Text(whole["study"]["question"], style="bold"))
    for claim in whole["claims"][:1]:
        _headline(out, claim, names, draws)
    if whole["claims"]:
        out.print(_claims(whole["claims"], names, narrow=out.width < WIDTH))
    for each in whole["untestable"]:
        out.print(Text(f"Not testable here: {each['paraphrase']} {each['why']}", style="dim"))
    if whole["article"]:
        out.print(_read(whole["article"]))
    shown = _primary(whole)
    if shown:
        out.print(_arms(shown, names, draws))
    if whole["harms"]:
        out.print(_harms(whole["harms"], names, narrow=out.width < WIDTH))
    out.print(Text(run_line(whole["run"]), style="dim"))
    out.print(Text(f"{SIMULATED.capitalize()}. {INTENDED_USE}", style="dim"))
    if report is not None:
        out.print(f"Report   {escape(str(report))}", soft_wrap=True)
    weakest = next((claim["weakest"]["record"] for claim in whole["claims"]), None)
    if weakest:
        out.print(f"Next     speciosa evidence {escape(weakest)}", soft_wrap=True)


def _headline(out: Console, claim: Mapping[str, Any], names: Mapping[str, str], draws: int) -> None:
    word = claim["verdict"]
    line = Text(word.capitalize(), style=_STYLES.get(word, "bold"))
    line.append(
        f"  probability {probability(claim['probability'])}, "
        f"weakest evidence grade {claim['weakest_grade']}",
        style="not bold",
    )
    out.print(line)
    out.print(Text(answer(claim, names, draws)))
    worst = max(claim["harms"], key=lambda each: each["probability_above_limit"] or 0, default=None)
    if worst is not None:
        chance = worst["probability_above_limit"]
        seen = "" if chance is None else f", above its limit in {worlds(chance, draws)} worlds"
        out.print(Text(
            f"Harm: {mid(worst['label'])} {with_interval(worst)} {worst['unit']}{seen}."
        ))  # fmt: skip


def _claims(claims: list[dict[str, Any]], names: Mapping[str, str], narrow: bool) -> Table:
    """One row a claim; in a narrow terminal the effects stand below the claim."""
    table = Table(box=None, pad_edge=False, expand=False, header_style="dim")
    table.add_column("Verdict", no_wrap=True)
    table.add_column("P", justify="right", no_wrap=True)
    if not narrow:
        table.add_column("Effect (5–95 %)", justify="right")
        table.add_column("Comparator", justify="right")
    table.add_column("Grade", justify="center", no_wrap=True)
    table.add_column("Claim, effect (5–95 %), comparator" if narrow else "Claim", ratio=1)
    for claim in claims:
        other = claim["comparator"]
        beside = f"{with_interval(other)} {names.get(other['arm'], other['arm'])}" if other else "–"
        unit = claim["effect"]["unit"]
        found = f"{with_interval(claim['effect'])} {unit if unit != '1' else ''}".rstrip()
        text = Text(claim["paraphrase"])
        if narrow:
            text.append(f"\n{found}{f'; {beside}' if other else ''}", style="dim")
        table.add_row(
            Text(claim["verdict"], style=_STYLES.get(claim["verdict"], "bold")),
            probability(claim["probability"]),
            *(() if narrow else (Text(found), Text(beside))),
            claim["weakest_grade"],
            text,
        )
    return table


def _read(article: Mapping[str, Any]) -> Text:
    """One line on what was made of an article's sentences."""
    counts = article["counts"]
    shown = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items()))
    return Text(f"Sentences of {article['title'] or 'the article'}: {shown}.")


def _primary(whole: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The effects of every arm on the primary endpoint, beside the first comparison arm."""
    effects = whole["effects"]
    name = whole["study"].get("primary") or next((each["endpoint"] for each in effects), None)
    rows = [each for each in effects if each["endpoint"] == name]
    return [each for each in rows if each["versus"] == rows[0]["versus"]]


def _arms(rows: list[dict[str, Any]], names: Mapping[str, str], draws: int) -> Table:
    """One row an arm: its effect on the primary endpoint and in how many worlds it is noticed."""
    first = rows[0]
    table = Table(box=None, pad_edge=False, header_style="dim")
    beside = mid(names.get(first["versus"], first["versus"]))
    table.add_column(Text(f"{first['label']}, beside {beside}"))
    table.add_column(Text(f"Effect (5–95 %), {first['unit']}"), justify="right")
    table.add_column("Noticeably better in", justify="right")
    for each in rows:
        table.add_row(
            Text(names.get(each["arm"], each["arm"])),
            with_interval(each),
            f"{worlds(each['probability'], each['draws'] or draws)} worlds",
        )
    return table


def _harms(harms: list[dict[str, Any]], names: Mapping[str, str], narrow: bool) -> Table | Text:
    """One row a harm, one column an arm: the mean level, and its 5-95 % range below it.

    In a narrow terminal the harm stands on a line of its own above its row.
    """
    arms = list(dict.fromkeys(each["arm"] for each in harms))
    rows = []
    for endpoint in dict.fromkeys(each["endpoint"] for each in harms):
        found = {each["arm"]: each for each in harms if each["endpoint"] == endpoint}
        first = next(iter(found.values()))
        levels = [with_interval(found[arm]) if arm in found else "–" for arm in arms]
        rows.append((f"{first['label']} ({first['unit']})", levels))
    titles = [names.get(arm, arm) for arm in arms]
    if narrow:
        return Text("Harm, mean (5–95 %)\n") + Text("\n").join(_stacked(titles, rows))
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Harm, mean (5–95 %)", ratio=1)
    for title in titles:
        table.add_column(Text(title), justify="right")
    for label, levels in rows:
        table.add_row(Text(label), *(level.replace(" (", "\n(", 1) for level in levels))
    return table


def _stacked(titles: list[str], rows: list[tuple[str, list[str]]]) -> Iterator[Text]:
    """Lines of a table whose labels stand above their rows; all rows share their columns."""
    cells = [[_levels(level) for level in levels] for _, levels in rows]
    heads = [title.split() for title in titles]
    widths = [
        max(len(line) for cell in (head, *(row[place] for row in cells)) for line in cell)
        for place, head in enumerate(heads)
    ]

    def aligned(row: list[list[str]]) -> Iterator[str]:
        for line in range(max(len(cell) for cell in row)):
            parts = (cell[line] if line < len(cell) else "" for cell in row)
            yield "  ".join(f"{part:>{width}}" for part, width in zip(parts, widths, strict=True))

    yield from (Text(line, style="dim") for line in aligned(heads))
    for (label, _), row in zip(rows, cells, strict=True):
        yield Text(label)
        yield from (Text(line) for line in aligned(row))


def _levels(level: str) -> list[str]:
    """The mean and its range, on two short lines.

    >>> _levels("53 (0 to 225)")
    ['53', '0–225']
    """
    mean, _, span = level.rstrip(")").partition(" (")
    short = span if "−" in span else span.replace(" to ", "–")
    return [mean, short] if span else [mean]


def run_line(run: Mapping[str, Any]) -> str:
    """One line on what was asked, solved and failed."""
    if run["asked"] is None:
        return "No run record."
    why = f" ({'; '.join(run['why'])})" if run["failed"] and run["why"] else ""
    return f"{run['asked']:,} asked, {run['solved']:,} solved, {run['failed']:,} failed{why}."
