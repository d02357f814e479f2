"""Errors say what, where and the cure in one line, and survive the way between processes."""

from __future__ import annotations

import pickle

from speciosa.core.errors import InputError, SpeciosaError, nearest


def test_one_line_says_where_what_and_the_cure() -> None:
    error = InputError(
        'unknown key "regimens_"', 'mine.toml, [[arm]] "kratom"', 'did you mean\n  "regimens"?'
    )
    assert str(error) == (
        'mine.toml, [[arm]] "kratom": unknown key "regimens_". Did you mean "regimens"?'
    )


def test_place_and_cure_may_be_missing() -> None:
    assert str(SpeciosaError("nobody could be solved")) == "nobody could be solved."
    assert str(SpeciosaError("why so?", cure="ask again")) == "why so? Ask again."


def test_bad_input_has_its_own_exit_code() -> None:
    assert (SpeciosaError.exit_code, InputError.exit_code) == (1, 2)
    assert issubclass(InputError, SpeciosaError)


def test_an_error_keeps_its_fields_through_a_pickle() -> None:
    error = pickle.loads(pickle.dumps(InputError("what", "where", "cure")))
    assert type(error) is InputError
    assert (error.what, error.where, error.cure) == ("what", "where", "cure")


def test_nearest_ignores_case_and_keeps_the_spelling_of_the_option() -> None:
    assert nearest("SOWS-gosop", ["COWS", "SOWS-Gossop"]) == 'Did you mean "SOWS-Gossop"?'


def test_nearest_lists_the_options_when_none_is_near() -> None:
    assert nearest("zzz", ["a", "b"]) == 'Valid: "a", "b".'
    assert nearest("zzz", [f"k{i}" for i in range(9)], most=2) == 'Valid: "k0", "k1" and 7 more.'
