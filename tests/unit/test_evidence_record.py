"""A record is checked when it is made, and every fault is named with its place and its cure."""

from __future__ import annotations

import math

import pytest

from speciosa.core.errors import InputError
from speciosa.evidence.record import Number, Spread, number_from, source_from, with_value

GOOD = {
    "value": 1.67,
    "unit": "1/h",
    "spread": {"shape": "lognormal", "low": 0.93, "high": 3.1},
    "between": {"shape": "lognormal", "sd": 0.3},
    "bounds": [0, 10],
    "population": "healthy adults",
    "source": "tanna2022",
    "locator": "Table 3",
    "grade": "A",
    "verified": "yes",
    "stage": "mitragynine",
}


def faulty(**changes):
    table = {**GOOD, **changes}
    return {key: value for key, value in table.items() if value is not None}


def test_a_good_table_makes_a_record():
    number = number_from("mitragynine.ka", GOOD, "kratom.toml")
    assert number.value == 1.67
    assert number.spread == Spread("lognormal", 0.93, 3.1)
    assert number.bounds == (0.0, 10.0)
    assert number.place == "kratom.toml"


@pytest.mark.parametrize("key", ["value", "unit", "source", "grade", "verified"])
def test_what_is_missing_is_named_with_file_id_field_and_cure(key):
    with pytest.raises(InputError) as caught:
        number_from("mitragynine.ka", faulty(**{key: None}), "kratom.toml")
    assert f'"{key}" is missing' in caught.value.what
    assert caught.value.where == "kratom.toml, mitragynine.ka"
    assert caught.value.cure


@pytest.mark.parametrize(
    "changes, what",
    [
        ({"source": "assumed"}, 'source is "assumed" but grade is "A"'),
        ({"grade": "F"}, 'grade "F"'),
        ({"verified": "yess"}, 'verified "yess"'),
        ({"value": "1.67"}, "not a number"),
        ({"value": True}, "not a number"),
        ({"value": math.nan}, "not a number"),
        ({"value": math.inf}, "not a number"),
        ({"unit": 3}, "not text"),
        ({"bounds": [0, 1]}, "outside 0 to 1"),
        ({"bounds": [0]}, "bounds"),
        ({"spread": {"shape": "lognormal", "low": 2.0, "high": 3.0}}, "not between low 2"),
        ({"spread": {"shape": "lognormal", "low": 0.0, "high": 3.0}}, "no logarithm"),
        ({"spread": {"shape": "triangle", "low": 1.0, "high": 3.0}}, 'shape "triangle"'),
        ({"spread": {"shape": "logitnormal", "low": 0.5, "high": 3.0}}, "logit"),
        ({"spread": {"shape": "normal", "low": 1.0}}, '"high" is missing'),
        ({"spread": 0.3}, "not a table"),
        ({"between": {"shape": "lognormal", "sd": -0.1}}, "negative"),
        ({"between": {"shape": "logitnormal", "sd": 0.1}}, "no logit"),
        ({"between": {"shape": "uniform", "sd": 0.1}}, 'shape "uniform"'),
        ({"between": {"shape": "normal", "cv": 0.1}}, 'unknown key "cv"'),
    ],
)
def test_what_is_wrong_is_named(changes, what):
    with pytest.raises(InputError) as caught:
        number_from("mitragynine.ka", faulty(**changes), "kratom.toml")
    assert what in caught.value.what
    assert "kratom.toml, mitragynine.ka" in caught.value.where


def test_an_unknown_key_gets_the_nearest():
    with pytest.raises(InputError, match=r'"locater".*"locator"'):
        number_from("mitragynine.ka", {**GOOD, "locater": "Table 3"})


def test_assumed_needs_no_verified():
    assert (
        number_from("a.b", {"value": 0, "unit": "1", "source": "assumed", "grade": "E"}).value == 0
    )


def test_a_record_made_by_hand_is_checked_too():
    with pytest.raises(InputError, match="assumed"):
        Number("a.b", 1.0, "1", "assumed", "A")


def test_a_bare_number_fixes_the_value_and_keeps_the_people():
    number = number_from("mitragynine.ka", GOOD)
    fixed = with_value(number, 2.5)
    assert (fixed.value, fixed.spread, fixed.between) == (2.5, None, number.between)
    assert number.value == 1.67


def test_a_table_replaces_its_fields_only():
    number = number_from("mitragynine.ka", GOOD)
    spread = {"shape": "uniform", "low": 1, "high": 3}
    changed = with_value(number, {"value": 2.0, "spread": spread, "grade": "E"})
    assert changed.spread == Spread("uniform", 1.0, 3.0)
    assert (changed.grade, changed.unit, changed.source) == ("E", "1/h", "tanna2022")
    assert with_value(number, {"note": "seen"}).spread == number.spread


@pytest.mark.parametrize("given", [{"unit": "1/d"}, {"valeu": 2.0}, {"value": "2"}, 99.0])
def test_a_replacement_is_checked(given):
    with pytest.raises(InputError):
        with_value(number_from("mitragynine.ka", GOOD), given)


def test_a_whole_number_replaces_within_its_unit():
    number = number_from("mitragynine.ka", GOOD)
    other = Number("x", 3.0, "1/h", "assumed", "E")
    assert with_value(number, other).id == "mitragynine.ka"
    with pytest.raises(InputError, match="unit"):
        with_value(number, Number("x", 3.0, "h", "assumed", "E"))


@pytest.mark.parametrize(
    "table, what",
    [
        ({"kind": "primary"}, '"citation" is missing'),
        ({"citation": "A 2020", "kind": "blog"}, 'kind "blog"'),
        ({"citation": "", "kind": "primary"}, "no citation"),
        ({"citation": "A 2020", "kind": "primary", "url": "x"}, 'unknown key "url"'),
    ],
)
def test_a_source_is_checked(table, what):
    with pytest.raises(InputError) as caught:
        source_from("a2020", table, "results.toml")
    assert what in caught.value.what
    assert caught.value.where == "results.toml, a2020"
