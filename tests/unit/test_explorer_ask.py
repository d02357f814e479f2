"""The question as a form: the same study file, and each fault beside its field."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speciosa.core.errors import InputError
from speciosa.trial.study import read_study
from speciosa.view.explorer import ask
from speciosa.view.explorer.pages import fields_of
from speciosa.view.explorer.written import as_toml

WORDS = st.text(max_size=20)
PLAIN = st.one_of(WORDS, st.integers(-(2**53), 2**53), st.booleans(), st.floats(-1e9, 1e9))
ROWS = st.dictionaries(
    st.text(min_size=1, max_size=8),
    st.one_of(PLAIN, st.lists(PLAIN, max_size=3), st.dictionaries(WORDS, PLAIN, max_size=3)),
    max_size=4,
)


@pytest.fixture
def table() -> dict[str, Any]:
    return ask.table_of(ask.shipped_text(ask.START))


@given(st.dictionaries(st.text(min_size=1, max_size=8), ROWS, max_size=3))
def test_what_is_written_reads_back_the_same(found: dict[str, Any]) -> None:
    assert tomllib.loads(as_toml(found)) == found


def test_the_form_of_an_unchanged_study_is_that_study(table: dict[str, Any]) -> None:
    written = ask.text_of(table)
    assert tomllib.loads(written) == table
    assert ask.uploaded(written).digest == read_study(table).digest
    assert ask.problems(table) == {}


def form_of(table: dict[str, Any]) -> dict[str, str]:
    """The fields that a page would send back untouched."""
    fields = {
        f"arm.{n}.{key}": "\n".join(arm[key]) if key == "regimens" else str(arm.get(key, ""))
        for n, arm in enumerate(table["arm"])
        for key in ("name", "label", "role", "regimens")
    }
    for field in fields_of(table["population"]):
        fields |= {part["path"]: str(part["value"]) for part in field["parts"]}
    for key in ("question", "context_of_use", "days", "follow_up_days", "seed"):
        fields[f"study.{key}"] = str(table["study"][key])
    return fields


def test_an_untouched_form_changes_nothing(table: dict[str, Any]) -> None:
    assert read_study(ask.merged(table, form_of(table))).digest == read_study(table).digest


@pytest.mark.parametrize(
    ("field", "written", "said"),
    [
        ("study.days", "x", "not a whole number"),
        ("study.days", "0", "too few"),
        ("study.days", "100000", "too many"),
        ("study.days", "nan", "not a whole number"),
        ("study.follow_up_days", "-1", "too few"),
        ("study.seed", "1.5", "not a whole number"),
        ("study.question", "  ", "empty"),
        ("study.context_of_use", "", "empty"),
        ("population.people_per_arm", "19", "populations"),
        ("population.draws", "0", "too few"),
        ("population.age.mean", "old", "not a number"),
        ("population.age.low", "17", "adults"),
        ("population.men", "2", "from 0 to 1"),
        ("population.weight_cv", "0.01", "populations"),
        ("population.habits.0.daily_amount_mg.0", "a lot", "not a number"),
        ("endpoint.0.days.1", "99", "between 1 and 35"),
        ("endpoint.0.smallest_meaningful_difference", "-1", "above 0"),
        ("arm.1.label", "", "empty"),
        ("arm.1.label", "Placebo", ""),
        ("arm.1.role", "hero", "Choose one of"),
        ("arm.1.regimens", "kratom leef 4 g", 'Did you mean "leaf"?'),
        ("arm.1.regimens", "kratom leaf 4 g every 6 h\nrubbish", "rubbish"),
    ],
)
def test_bad_input_gets_its_message_beside_its_field(
    table: dict[str, Any], field: str, written: str, said: str
) -> None:
    fields = {**form_of(table), field: written}
    if field.endswith(".label"):
        fields["arm.1.name"] = ""
    found = ask.problems(ask.merged(table, fields))
    if said:
        (place,) = found
        assert field.startswith(place)
        assert said in found[place]
    else:
        assert "Rename one" in found["arm.0.label"]


def test_what_cannot_be_read_stays_and_can_be_mended(table: dict[str, Any]) -> None:
    wrong = ask.merged(table, {"population.draws": "many", "population.age.mean": "?"})
    assert wrong["population"]["draws"] == "many"
    kept = ask.table_of(ask.text_of(wrong))
    mended = ask.merged(kept, {"population.draws": "100", "population.age.mean": "35.0"})
    assert read_study(mended).digest == read_study(table).digest


def test_a_study_without_placebo_or_standard_care_is_told(table: dict[str, Any]) -> None:
    table["arm"] = [arm for arm in table["arm"] if arm["role"] != "standard"]
    assert "standard treatment" in ask.problems(table)["arms"]


def test_endpoints_move_with_the_length(table: dict[str, Any]) -> None:
    moved = ask.merged(table, {"study.days": "14", "study.follow_up_days": "3"})
    by_id = {each["id"]: each for each in moved["endpoint"]}
    assert by_id["sows_gossop_days_1_7"]["days"] == [1, 7]
    assert by_id["craving_days_1_28"]["days"] == [1, 14]
    assert by_id["total_sleep_time_days_22_28"]["days"] == [8, 14]
    assert by_id["withdrawal_after_stopping"]["days"] == [15, 17]
    assert by_id["overdose"]["days"] == [1, 17]
    assert "17 days" in by_id["overdose"]["label"]
    assert ask.problems(moved) == {}


def test_unknown_fields_and_places_are_left_alone(table: dict[str, Any]) -> None:
    fields = {"study.__class__": "x", "nowhere.a.b": "1", "endpoint.99.days.0": "1",
              "endpoint.0.days.7": "3", "population": "x", "arm": "x"}  # fmt: skip
    assert {k: v for k, v in ask.merged(table, fields).items() if k != "arm"} == {
        k: v for k, v in table.items() if k != "arm"
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * (ask.LARGEST_STUDY + 1), "characters"),
        ("not toml", "not TOML"),
        ("[study]\nid = 1", "not text"),
        ('[study]\nid = "a"', "missing"),
        ("import os", "not TOML"),
        ("a = " + "[" * 5000, "TOML|nested"),
    ],
)
def test_an_upload_that_is_no_study_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ask.uploaded(text)


def test_a_name_outside_the_shipped_studies_is_refused() -> None:
    with pytest.raises(InputError, match="no shipped study"):
        ask.shipped_text("../../pyproject")
