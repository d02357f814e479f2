"""Filters, worst grade first, and citations that follow use."""

from __future__ import annotations

import pytest

from speciosa.core.errors import InputError
from speciosa.evidence.load import load_evidence
from speciosa.evidence.table import (
    assumptions,
    citations,
    select,
    worst_first,
    worst_grade,
)


@pytest.fixture(scope="module")
def evidence():
    return load_evidence()


def test_everything_is_listed_worst_grade_first(evidence):
    listed = select(evidence)
    assert len(listed) == len(evidence.numbers)
    grades = [n.grade for n in listed]
    assert grades == sorted(grades, reverse=True)
    for grade in set(grades):
        ids = [n.id for n in listed if n.grade == grade]
        assert ids == sorted(ids)


def test_filters_keep_what_matches_and_only_that(evidence):
    for filters, keeps in (
        ({"stage": "claimed"}, lambda n: n.stage == "claimed"),
        ({"grade": "AB"}, lambda n: n.grade in "AB"),
        ({"source": "assumed"}, lambda n: n.source == "assumed"),
        (
            {"source": "tanna2022", "grade": "E"},
            lambda n: (n.source, n.grade) == ("tanna2022", "E"),
        ),
    ):
        assert {n.id for n in select(evidence, **filters)} == {
            n.id for n in evidence.numbers.values() if keeps(n)
        }


def test_text_needs_every_word_in_any_case(evidence):
    found = [n.id for n in select(evidence, text="SYNERGY claimed edge")]
    assert found == ["claimed.alcohol_synergy", "claimed.synergy"]
    assert select(evidence, text="synergy zebra") == ()


@pytest.mark.parametrize(
    "filters", [{"stage": "claimedd"}, {"grade": "AX"}, {"source": "tanna2032"}]
)
def test_a_filter_of_nothing_known_is_refused(evidence, filters):
    with pytest.raises(InputError):
        select(evidence, **filters)


def test_citations_follow_use(evidence):
    used = [n.id for n in evidence.numbers.values() if n.source in ("tanna2022", "assumed")][:40]
    cited = citations(evidence, used + used)
    listed = [name for citation in cited for name in citation.records]
    assert len(listed) == len(set(listed))
    assert {c.source.id for c in cited} == {evidence.number(name).source for name in used} - {
        "assumed"
    }
    assert set(listed) | {n.id for n in assumptions(evidence, used)} == set(used)


def test_the_worst_grade_of_some_records(evidence):
    good = [n for n in evidence.numbers.values() if n.grade in "AB"]
    assert worst_grade(good) == max(n.grade for n in good)
    assert worst_grade([*good, evidence.number("claimed.synergy")]) == "E"
    assert worst_first([*good, evidence.number("claimed.synergy")])[0].id == "claimed.synergy"
    with pytest.raises(InputError, match="no records"):
        worst_grade([])
