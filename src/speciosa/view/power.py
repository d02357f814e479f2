"""Operating characteristics in a terminal and as one page with its power curve."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from speciosa.core.files import write_whole
from speciosa.core.notice import INTENDED_USE
from speciosa.view.figures.power import power_curve
from speciosa.view.report import built_in, environment, help_by_region
from speciosa.view.terminal import console
from speciosa.view.theme import styles
from speciosa.view.words import number


def print_power(
    document: Mapping[str, Any], page: str | Path | None = None, *, to: Console | None = None
) -> None:
    """Print operating characteristics.

    Args:
        document: what :func:`speciosa.verdict.power.power` returned.
        page: where the page with the power curve lies, if it was written.
        to: where to print; standard output where none is given.
    """
    out = to or console()
    study = document["study"]
    out.print(Text(study["question"], style="bold"))
    for each in document["sample_sizes"]:
        out.print(Text(_sentence(each)))
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Contrast, estimand", overflow="fold", ratio=1)
    for head in ("Per arm", "Power", "Formula", "Type I error", "Bias", "Coverage"):
        table.add_column(head, justify="right", no_wrap=True)
    before = ""
    for row in document["rows"]:
        label = f"{row['contrast']}, {row['estimand']} ({row['method']})"
        table.add_row(Text("" if label == before else label), *_cells(row))
        before = label
    out.print(table)
    pool = document["pool"]
    out.print(Text(
        f"{document['trials']:,} trials of each size; {pool['worlds']} worlds x "
        f"{pool['people_per_world']} people, {pool['failed']:,} of {pool['asked']:,} simulations "
        "failed. ± is the Monte-Carlo error.", style="dim",
    ))  # fmt: skip
    out.print(Text(f"{document['notice']} {INTENDED_USE}", style="dim"))
    if page is not None:
        out.print(f"Page     {escape(str(page))}", soft_wrap=True)


def _sentence(each: Mapping[str, Any]) -> str:
    asked = f"{each['contrast']}, {each['estimand']}: "
    if each["simulated"] is None:
        return (
            f"{asked}no size near those asked for has a mean power of {each['power']:.0%}: too few "
            "worlds hold enough benefit."
        )
    formula = "" if each["formula"] is None else f" (by formula {each['formula']:,})"
    return (
        f"{asked}{each['simulated']:,} people per arm{formula} for a power of {each['power']:.0%}."
    )


def _cells(row: Mapping[str, Any]) -> list[str]:
    def share(name: str) -> str:
        if row[name] is None:
            return "–"
        return f"{row[name]:.3f} ± {row[f'{name}_error']:.3f}"

    formula = row["power_by_formula"]
    return [
        str(row["people_per_arm"]),
        share("power"),
        "–" if formula is None else f"{formula:.3f}",
        share("type_one_error"),
        number(row["bias"]),
        share("coverage"),
    ]


def write_power(document: Mapping[str, Any], folder: str | Path) -> Path:
    """Write ``power.json`` and ``power.html`` into a folder; return the page."""
    at = Path(folder)
    at.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(at / "power.json", text + "\n")
    return write_power_page(document, at / "power.html")


def write_power_page(document: Mapping[str, Any], path: str | Path) -> Path:
    """Write the page of operating characteristics as one HTML file that fetches nothing.

    Args:
        document: what :func:`speciosa.verdict.power.power` returned.
        path: the file to write.
    """
    arms = styles(document["study"]["arms"])
    by_estimand: dict[str, list[Mapping[str, Any]]] = {}
    for row in document["rows"]:
        by_estimand.setdefault(row["estimand"], []).append(row)
    alpha = document["study"]["analysis"]["alpha"]
    figures = [power_curve(rows, arms, document["target"], alpha) for rows in by_estimand.values()]
    text = environment().get_template("power.html.j2").render(
        d=document,
        study=document["study"],
        figures=figures,
        banners=[],
        help_lines=help_by_region(),
        **built_in(figures),
    )  # fmt: skip
    target = Path(path)
    write_whole(target, text)
    return target
