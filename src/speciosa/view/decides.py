"""What decides a verdict, as a page: tornado, screening, shares of the variance, what turns it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from speciosa.core.files import write_whole
from speciosa.view.figures.shares import alone_tornado, screening, shares
from speciosa.view.report import (
    built_in,
    environment,
    help_by_region,
)


def write_sensitivity(document: Mapping[str, Any], folder: str | Path) -> Path:
    """Write ``sensitivity.json`` and ``sensitivity.html`` into a folder; return the page.

    Args:
        document: what :func:`speciosa.verdict.what_decides.what_decides` returned.
        folder: made where it is not there.
    """
    at = Path(folder)
    at.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(at / "sensitivity.json", text + "\n")
    page = at / "sensitivity.html"
    write_whole(page, render_sensitivity(document))
    return page


def render_sensitivity(document: Mapping[str, Any]) -> str:
    """Return the page as one HTML text that fetches nothing."""
    from speciosa.view.sensitivity import identified_words, turn_words

    figures = [alone_tornado(document)]
    if document["sobol"]:
        figures.append(shares(document))
    if document["morris"]:
        figures.append(screening(document))
    return environment().get_template("sensitivity.html.j2").render(
        d=document,
        told=document["decides"],
        figures=figures,
        turned=turn_words(document["flip"], document["decides"]),
        identified=identified_words(document),
        banners=[],
        help_lines=help_by_region(),
        **built_in(figures),
    )  # fmt: skip
