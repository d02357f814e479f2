"""Care lines: what they mean, that they print as they read, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opioid_chain import numbers
from speciosa.care.psychosocial import NEUTRAL, THERAPIES, Care, Part, parse_care
from speciosa.core.errors import InputError

parts = st.builds(
    Part,
    st.sampled_from(THERAPIES),
    st.one_of(st.none(), st.sampled_from([1.0, 2.5, 12.0])),
    st.sampled_from(["d", "wk"]),
)
cares = st.builds(
    Care, st.sampled_from(NEUTRAL),
    st.lists(parts, max_size=5, unique_by=lambda part: part.therapy.key).map(tuple),
)  # fmt: skip


@given(cares)
def test_what_is_printed_reads_back(care):
    again = parse_care(str(care))
    assert str(again) == str(care)
    assert [part.hours for part in again.parts] == [part.hours for part in care.parts]


@pytest.mark.parametrize("therapy", THERAPIES, ids=lambda one: one.key)
def test_every_spelling_means_the_same_and_every_number_is_a_record(therapy):
    for word in (therapy.title, *therapy.also):
        assert parse_care(word.upper()).parts[0].therapy is therapy
    for record in filter(None, (therapy.size, therapy.decay, therapy.gone)):
        assert record in numbers()


def test_ordinary_and_medical_care_hold_no_treatment():
    assert parse_care("ordinary care") == Care()
    assert parse_care("Medical care").parts == ()
    assert str(parse_care("mutual help")) == "ordinary care + mutual help"


def test_lengths():
    care = parse_care("medical care + CBT for 12 weeks + CBT-I for 28 d")
    assert [part.hours for part in care.parts] == [12 * 168.0, 28 * 24.0]
    assert parse_care("CBT").parts[0].hours is None


@pytest.mark.parametrize(
    "line, cure",
    [
        ("ordinary care + CBT-II", 'Did you mean "CBT-I"?'),
        ("ordinary care + contingency managment", 'Did you mean "contingency management"?'),
        ("ordinry care", 'Did you mean "ordinary care"?'),
        ("ordinary care +", "Valid:"),
        ("CBT + CBT for 4 wk", "Leave one out."),
        ("ordinary care + medical care", "Keep one of them."),
        ("CBT for 0 d", "Write a length above 0."),
    ],
)
def test_what_is_refused_names_the_place_and_the_cure(line, cure):
    with pytest.raises(InputError) as caught:
        parse_care(line, "mine.toml, line 7")
    assert caught.value.where == "mine.toml, line 7"
    assert cure in str(caught.value)
