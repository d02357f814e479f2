"""Looking through the evidence: filters, worst grade first, and the citations of what was used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.load import Evidence
from speciosa.evidence.record import ASSUMED, GRADES, Number, Source


def select(
    evidence: Evidence,
    *,
    stage: str = "",
    grade: str = "",
    source: str = "",
    text: str = "",
    within: Iterable[Number] | None = None,
) -> tuple[Number, ...]:
    """Return the records that match every filter given, worst grade first, then by id.

    Args:
        evidence: where to look.
        stage: stage or topic.
        grade: one or more grades, as in ``"DE"``.
        source: id of a source, or ``assumed``.
        text: words that must all stand in id, note, population, locator or source.
        within: records to choose from; all of the evidence by default.

    >>> from speciosa.evidence.load import load_evidence
    >>> [n.id for n in select(load_evidence(), text="synergy")]
    ['claimed.alcohol_synergy', 'claimed.synergy']
    """
    for letter in grade:
        if letter not in GRADES:
            raise InputError(f'grade "{letter}" is unknown', "filter", nearest(letter, GRADES))
    _known(stage, {n.stage for n in evidence.numbers.values()}, "stage")
    _known(source, {n.source for n in evidence.numbers.values()} | set(evidence.sources), "source")
    words = text.casefold().split()
    found = [
        n
        for n in (evidence.numbers.values() if within is None else within)
        if (not stage or n.stage == stage)
        and (not grade or n.grade in grade)
        and (not source or n.source == source)
        and all(word in _text(n) for word in words)
    ]
    return worst_first(found)


def listing(evidence: Evidence, numbers: Iterable[Number]) -> dict[str, Any]:
    """Return records as plain values with their sources, for machines.

    >>> from speciosa.evidence.load import load_evidence
    >>> known = load_evidence()
    >>> listing(known, [known.number("claimed.synergy")])["count"]
    1
    """
    rows = []
    for number in numbers:
        row = {key: value for key, value in asdict(number).items() if key != "place"}
        cited = evidence.sources.get(number.source)
        row["citation"] = cited.citation if cited else ""
        row["doi"] = cited.doi if cited and cited.kind != "secondary" else ""
        rows.append(row)
    return {"evidence_set": evidence.name, "count": len(rows), "numbers": rows}


def look_up(evidence: Evidence, word: str | None) -> tuple[Number, ...]:
    """Return the record of an id, or all whose id begins with a word and a dot; all for None.

    >>> from speciosa.evidence.load import load_evidence
    >>> len(look_up(load_evidence(), "mitragynine")) > 5
    True
    """
    if word is None:
        return tuple(evidence.numbers.values())
    begun = [n for name, n in evidence.numbers.items() if name.startswith(f"{word}.")]
    if word in evidence.numbers or not begun:
        return (evidence.number(word),)
    return tuple(begun)


def worst_first(numbers: Iterable[Number]) -> tuple[Number, ...]:
    """Return the records ordered from the worst grade (E) to the best (A), then by id."""
    return tuple(sorted(sorted(numbers, key=lambda n: n.id), key=lambda n: n.grade, reverse=True))


def worst_grade(numbers: Iterable[Number]) -> str:
    """Return the worst grade among the records; an error if there are none.

    >>> worst_grade([Number("a", 1, "1", "assumed", "E")])
    'E'
    """
    grades = [n.grade for n in numbers]
    if not grades:
        raise InputError("no records to grade", "evidence", "Pass the records that were used.")
    return max(grades)


@dataclass(frozen=True)
class Citation:
    """A source and the records that rest on it."""

    source: Source
    records: tuple[str, ...]


def citations(evidence: Evidence, used: Iterable[str]) -> tuple[Citation, ...]:
    """Return the sources of the records used, by citation, each with the ids that rest on it.

    Assumed records have no source; :func:`assumptions` lists them.
    """
    by_source: dict[str, list[str]] = {}
    for name in sorted(set(used)):
        number = evidence.number(name)
        if number.source != ASSUMED:
            by_source.setdefault(number.source, []).append(name)
    made = [Citation(evidence.source(key), tuple(names)) for key, names in by_source.items()]
    return tuple(sorted(made, key=lambda c: c.source.citation))


def assumptions(evidence: Evidence, used: Iterable[str]) -> tuple[Number, ...]:
    """Return the assumed records among those used, by id."""
    numbers = (evidence.number(name) for name in sorted(set(used)))
    return tuple(n for n in numbers if n.source == ASSUMED)


def _text(number: Number) -> str:
    return " ".join(
        (number.id, number.note, number.population, number.locator, number.source, number.stage)
    ).casefold()


def _known(word: str, valid: set[str], kind: str) -> None:
    if word and word not in valid:
        raise InputError(f'no record has {kind} "{word}"', "filter", nearest(word, sorted(valid)))
