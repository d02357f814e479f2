"""Pages of the evidence: every record with an anchor of its own, every source, every result."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from speciosa.evidence.load import Evidence
from speciosa.evidence.record import GRADES, Number
from speciosa.view.book.markdown import anchor, link, page, table
from speciosa.view.evidence_table import range_of
from speciosa.view.words import number


def record_page(record: Number) -> str:
    """Return the page on which a record stands, without its ending."""
    return f"evidence/{Path(record.place).stem or 'others'}"


def evidence_pages(evidence: Evidence) -> dict[str, str]:
    """Return path -> text of the pages of records, of sources, and their first page."""
    by_page: dict[str, list[Number]] = {}
    for record in evidence.numbers.values():
        by_page.setdefault(record_page(record), []).append(record)
    found = {
        f"{path}.md": _records(path, numbers, evidence) for path, numbers in sorted(by_page.items())
    }
    found["evidence/sources.md"] = _sources(evidence)
    found["evidence/index.md"] = _index(by_page)
    return found


def title_of(path: str) -> str:
    """Return the title of a page of records."""
    return path.rsplit("/", 1)[-1].replace("_", " ").capitalize()


def _index(by_page: dict[str, list[Number]]) -> str:
    rows = []
    for path, numbers in sorted(by_page.items()):
        grades = [sum(n.grade == grade for n in numbers) for grade in GRADES]
        name = path.rsplit("/", 1)[-1]
        rows.append([link(f"{name}.html", title_of(path)), *(str(each or "") for each in grades)])
    total = sum(map(len, by_page.values()))
    told = "; ".join(f"**{grade}** {text}" for grade, text in GRADES.items())
    return page(
        "The numbers",
        f"{total} numbers, each a record with a unit, a range, a source and a grade: {told}.",
        table(("Topic", *GRADES), rows, right=range(1, 1 + len(GRADES))),
        "The sources stand on [a page of their own](sources.md).",
    )


def _records(path: str, numbers: Iterable[Number], evidence: Evidence) -> str:
    rows = []
    for each in numbers:
        source = evidence.sources.get(each.source)
        cited = (
            link(f"sources.html#{anchor(each.source)}", source.citation) if source else each.source
        )
        about = "; ".join(part for part in (each.population, each.locator) if part)
        told = " ".join(f"<br><small>{escape(part)}</small>" for part in (about, each.note) if part)
        between = f"<br><small>people: sd {each.between.sd:g}</small>" if each.between else ""
        unit = "" if each.unit == "1" else escape(each.unit)
        rows.append(
            [
                f"id={anchor(each.id)}",
                f"<code>{escape(each.id)}</code>",
                number(each.value, 3),
                f"{range_of(each)}{between}",
                unit,
                each.grade,
                f"{cited}{told}",
            ]
        )
    head = ("Record", "Value", "Range 5–95 %", "Unit", "Grade", "Source, people, note")
    return page(title_of(path), table(head, rows, right=(1, 2)))


def _sources(evidence: Evidence) -> str:
    uses: dict[str, int] = {}
    cited = [each.source for each in evidence.numbers.values()]
    for name in (*cited, *(each.source for each in evidence.results.values())):
        uses[name] = uses.get(name, 0) + 1
    rows = []
    for source in sorted(evidence.sources.values(), key=lambda one: one.citation):
        doi = (
            link(f"https://doi.org/{source.doi}", source.doi)
            if source.doi and source.kind != "secondary"
            else ""
        )
        rows.append(
            [
                f"id={anchor(source.id)}",
                f"<code>{escape(source.id)}</code>",
                escape(source.citation),
                doi,
                source.kind,
                str(uses.get(source.id, "")),
            ]
        )
    return page(
        "Sources",
        "A source that sells, promotes or only repeats is secondary and has no link.",
        table(("Id", "Citation", "DOI", "Kind", "Used"), rows, right=(4,)),
    )
