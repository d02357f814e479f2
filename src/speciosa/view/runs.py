"""Finished runs in a terminal: what each arm came to, and two runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.trial.summary import ArmMean, Comparison, Finished, difference
from speciosa.view.terminal import console, run_line
from speciosa.view.words import number, with_interval


def print_run(run: Finished, report: str | Path, *, to: Console | None = None) -> None:
    """Print what each arm of a finished run came to, one block for each endpoint.

    Args:
        run: the finished run.
        report: where its report lies.
        to: where to print; standard output where none is given.
    """
    out = to or console()
    names = {arm.name: arm.title for arm in run.study.arms}
    out.print(Text(run.study.question, style="bold"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Endpoint", ratio=1)
    table.add_column("Arm", no_wrap=True)
    table.add_column("Mean (5–95 %)", justify="right", no_wrap=True)
    before = ""
    for mean in run.means:
        label = "" if mean.endpoint == before else f"{mean.label} ({mean.unit})"
        before = mean.endpoint
        table.add_row(Text(label), Text(names.get(mean.arm, mean.arm)), _shown(mean))
    out.print(table)
    out.print(Text(run_line(run.info), style="dim"))
    out.print(Text(f"{SIMULATED.capitalize()}. {INTENDED_USE}", style="dim"))
    out.print(f"Report   {escape(str(report))}", soft_wrap=True)
    out.print(f"Next     speciosa compare {escape(str(run.folder))} ANOTHER", soft_wrap=True)


def print_comparison(found: Comparison, *, to: Console | None = None) -> None:
    """Print two runs side by side: what differs in what was put in, then every endpoint."""
    out = to or console()
    inputs = Table(box=None, pad_edge=False, header_style="dim")
    for head in ("Put in", str(found.first.folder), str(found.second.folder)):
        inputs.add_column(head, overflow="fold")
    for key, (a, b) in found.inputs.items():
        inputs.add_row(key, *(Text(_short(v), style="" if a == b else "bold") for v in (a, b)))
    out.print(inputs)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Endpoint", ratio=1)
    table.add_column("Arm", no_wrap=True)
    for head in ("First", "Second", "Difference"):
        table.add_column(head, justify="right", no_wrap=True)
    before = ""
    names = {arm.name: arm.title for run in (found.first, found.second) for arm in run.study.arms}
    for (arm, endpoint), (a, b) in found.rows.items():
        either = a or b
        assert either is not None
        label = "" if endpoint == before else f"{either.label} ({either.unit})"
        before = endpoint
        apart = number(difference(a, b))
        table.add_row(Text(label), Text(names[arm]), *map(_shown, (a, b)), apart)
    out.print(table)
    out.print(Text(f"{SIMULATED.capitalize()}. {INTENDED_USE}", style="dim"))


def _shown(mean: ArmMean | None) -> str:
    if mean is None:
        return "–"
    return with_interval({"estimate": mean.estimate, "low": mean.low, "high": mean.high})


def _short(value: Any) -> str:
    text = "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
    return text[:16]
