"""Predicted beside published, in a terminal: one line for each result, failures in red."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.view.terminal import console
from speciosa.view.words import number, with_interval

PASSED = {True: ("passed", "green"), False: ("failed", "bold red"), None: ("not run", "dim")}


def print_scorecard(card: Mapping[str, Any], *, to: Console | None = None) -> None:
    """Print a scorecard.

    Args:
        card: what :func:`speciosa.verdict.scorecard.validate` returned.
        to: where to print; standard output where none is given.
    """
    out = to or console()
    counts = card["summary"]
    out.print(Text(
        f"{counts['passed']} passed, {counts['failed']} failed, {counts['not_run']} not run.",
        style="bold",
    ))  # fmt: skip
    for role, found in counts["by_role"].items():
        fold = found["median_fold_error"]
        typical = f", typically {number(fold)}-fold off" if fold else ""
        out.print(
            f"{role}: {found['passed']} passed, {found['failed']} failed{typical}.".capitalize()
        )
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Result", overflow="fold", ratio=1)
    table.add_column("Published", justify="right", no_wrap=True)
    table.add_column("Predicted (5–95 %)", justify="right", no_wrap=True)
    table.add_column("Unit", overflow="fold")
    table.add_column("Fold", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in card["results"]:
        word, style = PASSED[row["pass"]]
        shown = {"estimate": row["predicted"], "low": row["low"], "high": row["high"]}
        table.add_row(
            Text(row["id"]),
            number(row["published"]),
            with_interval(shown),
            "" if row["unit"] == "1" else row["unit"],
            number(row["fold_error"]),
            Text(word, style=style),
        )
    out.print(table)
    for row in card["results"]:
        if row["reason"]:
            out.print(Text(f"{row['id']}: {row['reason']}", style="dim"))
    if counts.get("ignored_columns"):
        names = ", ".join(counts["ignored_columns"])
        out.print(Text(f"Columns that are not read: {names}.", style="dim"))
    out.print(Text(f"{SIMULATED.capitalize()}. {INTENDED_USE}", style="dim"))
