"""A fit as one page: prior beside posterior, the visual predictive check, profile likelihoods."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from speciosa.core.files import write_whole
from speciosa.view.figures.vpc import predictive_check, profile
from speciosa.view.report import (
    built_in,
    environment,
    help_by_region,
)


def write_fit(document: Mapping[str, Any], path: str | Path) -> Path:
    """Write the page of a fit as one HTML file that fetches nothing.

    Args:
        document: what :meth:`speciosa.trial.fit.Fit.document` returned.
        path: the file to write.
    """
    target = Path(path)
    write_whole(target, render_fit(document))
    return target


def render_fit(document: Mapping[str, Any]) -> str:
    """Return the page of a fit as one HTML text."""
    bins: dict[str, list[Mapping[str, Any]]] = {}
    for each in document["check"]:
        if "hours" in each:
            bins.setdefault(each["quantity"], []).append(each)
    checks = [
        predictive_check(
            quantity, rows, [p for p in document["points"] if p["quantity"] == quantity],
            document["units"].get(quantity, ""),
        )
        for quantity, rows in bins.items()
    ]  # fmt: skip
    units = {each["record"]: each["unit"] for each in document["learnt"]}
    profiles = [profile(each, units[each["record"]]) for each in document["profiles"]]
    figures = [*checks, *profiles]
    return environment().get_template("fitted.html.j2").render(
        d=document,
        checks=checks,
        profiles=profiles,
        rows={q: rows for q, rows in bins.items()},
        banners=[],
        help_lines=help_by_region(),
        **built_in(figures),
    )  # fmt: skip
