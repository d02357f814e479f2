"""Two arms at equal effect in a terminal: which way each outcome falls and what decides it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from speciosa.view.terminal import console
from speciosa.view.words import number, probability, with_interval

PARTS = ("truth", "person", "batch")


def print_matched(found: Mapping[str, Any] | None, *, to: Console | None = None) -> None:
    """Print the answer of a comparison at equal effect.

    Args:
        found: what :func:`speciosa.verdict.matched.matched_document` returned; nothing is
            printed where a study matches nothing.
        to: where to print; standard output where none is given.
    """
    if found is None:
        return
    out = to or console()
    equality = found["equality"]
    out.print(Text(f"At equal relief: {found['arm']}, or {found['against']}?", style="bold"))
    out.print(Text(
        f"{found['equal']}: equal within {number(equality['within'])} in "
        f"{equality['draws'] - equality['unmatched_draws']} of {equality['draws']} worlds.",
        style="dim",
    ))  # fmt: skip
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Outcome", ratio=1)
    for head in ("Difference", "Worse", "P", "truth/person/batch"):
        table.add_column(head, justify="right", no_wrap=head != "Worse")
    for one in found["outcomes"]:
        worse = found["arm" if one["falls"] == "worse" else "against"].split(",")[0]
        shares = "/".join(map(probability, (one["variance_shares"][part] for part in PARTS)))
        table.add_row(
            Text(f"{one['label']} ({one['unit']})"),
            with_interval(one),
            worse,
            probability(one["probability"]),
            shares,
        )
    out.print(table)
    for one in found["outcomes"]:
        decides = one["decides"] or "no edge beyond chance"
        out.print(Text(f"{one['label']}: decided by {decides}.", style="dim"))
