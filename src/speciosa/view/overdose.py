"""The report of an acute overdose study: each scene without and with help, side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from rich.text import Text

from speciosa.core.errors import InputError
from speciosa.core.files import write_whole
from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.evidence.help_lines import help_lines
from speciosa.trial.overdose import load_overdose_study, open_folder, resized, run_overdose
from speciosa.verdict.credibility import credibility
from speciosa.view.banners import banners_for
from speciosa.view.progress import people_progress
from speciosa.view.report import environment, static_text
from speciosa.view.terminal import console

WIDTH, HEIGHT = 520, 150  # of a course, in drawing units
MOST_VENTILATION = 8.0  # L/min at the top of a course


def carry_out(
    name: str | Path,
    out: str | Path | None = None,
    seed: int | None = None,
    people: int | None = None,
    draws: int | None = None,
    resume: bool = False,
    quiet: bool = False,
) -> dict[str, Any]:
    """Run an acute overdose study into its folder, write document and report, and print them.

    Args:
        name: a TOML file, or the name of a shipped study.
        out: run folder; by default ``runs/<study>-<number>``.
        seed, people: another seed or size than the study's.
        draws, resume: refused, since such a study has one world and takes a minute.
        quiet: print nothing.

    Returns:
        The document, with the folder and the report.

    Raises:
        InputError: an option that such a study does not have, or a file or folder at fault.
    """
    if draws is not None or resume:
        raise InputError(
            "an acute overdose study has one world and nothing to go on with",
            "--draws" if draws is not None else "--resume",
            "Leave the option out; --people and --seed may be given.",
        )
    study = resized(load_overdose_study(name), people=people, seed=seed)
    folder = open_folder(study, out)
    with people_progress(what="people") as bar:
        document = run_overdose(study, on_progress=bar.follow)
    document["credibility"] = credibility(study, evidence=document["evidence"])
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(folder / "verdict.json", text + "\n")
    report = write_overdose_report(document, folder / "report.html")
    if not quiet:
        print_overdose(document, report)
    return {"folder": str(folder), "report": str(report), **document}


def write_overdose_report(document: Mapping[str, Any], path: str | Path) -> Path:
    """Write the report of an acute overdose study as one HTML file that fetches nothing.

    Args:
        document: what :func:`speciosa.trial.overdose.run_overdose` returned.
        path: the file to write.
    """
    target = Path(path)
    write_whole(target, render_overdose(document))
    return target


def render_overdose(document: Mapping[str, Any]) -> str:
    """Return the report as one HTML text."""
    regions: dict[str, list[Any]] = {}
    for line in help_lines():
        regions.setdefault(line.region, []).append(line)
    labels = {each["name"]: each["label"] for each in document["study"]["helps"]}
    scenes = [
        {
            **scene,
            "rows": [row for row in document["results"] if row["scene"] == scene["name"]],
            "courses": [
                {"label": labels[c["help"]], "svg": Markup(drawn(c))}  # numbers only
                for c in document["courses"]
                if c["scene"] == scene["name"]
            ],
        }
        for scene in document["study"]["scenes"]
    ]
    evidence = [{**row, "load_bearing": row["grade"] == "E"} for row in document["evidence"]]
    return environment().get_template("overdose.html.j2").render(
        d=document,
        study=document["study"],
        labels=labels,
        scenes=scenes,
        evidence=evidence,
        banners=banners_for({"study": {"disorder": "opioid"}, "arms": []}),
        help_lines=regions,
        style=Markup(static_text("report.css")),
    )  # fmt: skip


def drawn(course: Mapping[str, Any]) -> str:
    """Return one course of ventilation as an inline drawing: the middle person and 90 % of all."""
    minutes, (low, middle, high) = course["minutes"], course["minute_ventilation"]
    longest = minutes[-1]

    def points(values: Sequence[float]) -> list[str]:
        return [
            f"{WIDTH * t / longest:.1f},{HEIGHT * (1 - min(v / MOST_VENTILATION, 1.0)):.1f}"
            for t, v in zip(minutes, values, strict=True)
        ]

    band = " ".join([*points(low), *reversed(points(high))])
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" preserveAspectRatio="none" '
        'style="width:100%;height:7rem;border-bottom:1px solid;border-left:1px solid" '
        f'aria-label="Breathing over {longest:.0f} minutes. Simulated, not observed.">'
        f'<polygon points="{band}" fill="currentColor" opacity="0.15"/>'
        f'<polyline points="{" ".join(points(middle))}" fill="none" stroke="currentColor" '
        'stroke-width="2" vector-effect="non-scaling-stroke"/></svg>'
    )


def print_overdose(
    document: Mapping[str, Any], report: str | Path, *, to: Console | None = None
) -> None:
    """Print each scene without and with help."""
    out = to or console()
    out.print(Text(document["study"]["question"], style="bold"))
    labels = {each["name"]: each["label"] for each in document["study"]["helps"]}
    for scene in document["study"]["scenes"]:
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column(scene["label"], ratio=1)
        table.add_column("Arrests per 1000 (5–95 %)", justify="right", no_wrap=True)
        for row in document["results"]:
            if row["scene"] == scene["name"]:
                counted = f"{row['arrests_per_1000']:.0f} ({row['low']:.0f}–{row['high']:.0f})"
                table.add_row(Text(labels[row["help"]]), counted)
        out.print(table)
    run = document["run"]
    out.print(
        Text(f"{run['asked']} asked, {run['solved']} solved, {run['failed']} failed", style="dim")
    )
    out.print(Text(f"{SIMULATED.capitalize()}. {INTENDED_USE}", style="dim"))
    out.print(f"Report   {report}", soft_wrap=True, markup=False)
