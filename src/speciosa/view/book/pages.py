"""All generated pages of the book, and what replaces the marks in pages written by hand."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from speciosa.evidence.load import load_evidence
from speciosa.verdict.benchmark import shipped_scorecard
from speciosa.view.book.records import evidence_pages, record_page, title_of
from speciosa.view.book.reference import reference_pages
from speciosa.view.book.science import ROOMS, path_of, science_pages
from speciosa.view.book.scores import rows_table, summary
from speciosa.view.book.stages import chapters

MARK = re.compile(r"^<!-- generated: (?P<what>[a-z ]+) -->$", re.MULTILINE)


def generated(front: Any, commands: Any) -> dict[str, str]:
    """Return path -> Markdown of every page that is made from code and records.

    Args:
        front: the front door, whose names are documented.
        commands: the Typer application of the command line.
    """
    evidence = load_evidence()
    return science_pages(evidence) | evidence_pages(evidence) | reference_pages(front, commands)


def navigation() -> list[dict[str, Any]]:
    """Return the part of the navigation that leads to generated pages."""
    rooms = [
        {
            title.split(":")[0]: [
                {chapter.title: path_of(chapter)} for chapter in chapters() if chapter.room == room
            ]
        }
        for room, title in ROOMS.items()
    ]
    topics = sorted({record_page(each) for each in load_evidence().numbers.values()})
    numbers = [{title_of(path): f"{path}.md"} for path in topics]
    return [
        {"The science": [{"Every stage": "science/index.md"}, *rooms]},
        {"The numbers": [
            {"All topics": "evidence/index.md"}, {"Sources": "evidence/sources.md"}, *numbers
        ]},
        {"Reference": [
            {"Commands": "reference/commands.md"}, {"Python": "reference/python.md"}
        ]},
    ]  # fmt: skip


@cache
def _pieces() -> dict[str, str]:
    card = shipped_scorecard()
    return {"scorecard summary": summary(card), "scorecard rows": rows_table(card)}


def filled(markdown: str) -> str:
    """Return a page with its marks replaced; what is no known mark is an error.

    >>> filled("no mark")
    'no mark'
    """
    return MARK.sub(lambda found: _pieces()[found["what"]], markdown)
