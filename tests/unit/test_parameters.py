"""Two kinds of uncertainty kept apart: what nobody knows is one value per draw, people differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from speciosa.core.errors import InputError
from speciosa.core.stage import Parameter, Stage
from speciosa.evidence.load import Evidence
from speciosa.people.cohort import Cohort, Population, recruit
from speciosa.people.parameters import propensities, sample, truth, use_doses, value

DRAWS, PEOPLE = 50, 40
SEED = 3


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    number = np.arange(DRAWS * PEOPLE)
    return recruit(Population(), SEED, number // PEOPLE, number % PEOPLE)


def named(evidence: Evidence, spread: bool, between: bool) -> str:
    """A record with or without the two kinds of uncertainty."""
    for name, number in evidence.numbers.items():
        kinds = (number.spread is not None, number.between is not None)
        continuous = number.bounds is None or not (spread or between)
        if kinds == (spread, between) and continuous:
            return name
    raise AssertionError("no such record")


def test_what_everybody_knows_is_one_number(evidence: Evidence, cohort: Cohort) -> None:
    name = named(evidence, spread=False, between=False)
    assert value(evidence, name, cohort) == evidence.number(name).value


def test_what_nobody_knows_is_one_value_in_each_draw(evidence: Evidence, cohort: Cohort) -> None:
    name = named(evidence, spread=True, between=False)
    found = value(evidence, name, cohort).reshape(DRAWS, PEOPLE)
    assert np.all(found == found[:, :1])
    assert np.unique(found[:, 0]).size == DRAWS
    assert np.array_equal(found[:, 0], truth(evidence, name, SEED, np.arange(DRAWS)))


def test_people_differ_about_the_value_of_their_draw(evidence: Evidence, cohort: Cohort) -> None:
    name = named(evidence, spread=True, between=True)
    number = evidence.number(name)
    assert number.between is not None
    found = value(evidence, name, cohort).reshape(DRAWS, PEOPLE)
    centre = truth(evidence, name, SEED, np.arange(DRAWS))
    assert np.unique(found).size == DRAWS * PEOPLE
    apart = found / centre[:, None]
    if number.between.shape == "lognormal":
        assert np.std(np.log(apart)) == pytest.approx(number.between.sd, rel=0.1)
    assert abs(np.median(apart) - 1) < 0.1


def test_a_draw_does_not_depend_on_the_others_or_on_who_is_in_it(evidence: Evidence) -> None:
    name = named(evidence, spread=True, between=True)
    whole = truth(evidence, name, SEED, np.arange(DRAWS))
    assert np.array_equal(truth(evidence, name, SEED, np.array([31, 4])), whole[[31, 4]])
    alone = recruit(Population(), SEED, np.array([31]), np.array([7]))
    crowd = recruit(Population(), SEED, np.repeat([4, 31], 20), np.tile(np.arange(20), 2))
    assert value(evidence, name, alone)[0] == value(evidence, name, crowd)[27]


def test_records_are_drawn_apart(evidence: Evidence) -> None:
    draws = np.arange(4_000)
    spread = [n for n, number in evidence.numbers.items() if number.spread and not number.bounds]
    rows = np.stack([truth(evidence, name, SEED, draws) for name in spread[:8]])
    ranks = np.argsort(np.argsort(rows, axis=1), axis=1)
    related = np.corrcoef(ranks) - np.eye(8)
    assert np.max(np.abs(related)) < 5 / np.sqrt(draws.size)


# ---- for stages ---------------------------------------------------------------------------------


def stage(**changed: Any) -> Stage:
    parts: dict[str, Any] = {
        "needs": {},
        "gives": {},
        "outputs": lambda xp, x, s, p: {},
        "parameters": {"V": Parameter("melatonin.volume", "mL/kg")},
        "covariates": {"weight": "kg"},
        "derive": lambda p: {"litres": p["V"] * p["weight"] / 1000.0},
        "derived": {"litres": "L"},
    }
    return Stage("toy", **{**parts, **changed})


def test_a_stage_gets_its_own_units_its_covariates_and_what_it_derives(
    evidence: Evidence, cohort: Cohort
) -> None:
    rows = sample([stage()], evidence, cohort)["toy"]
    in_litres = value(evidence, "melatonin.volume", cohort)
    assert evidence.number("melatonin.volume").unit == "L/kg"
    np.testing.assert_allclose(rows["V"], 1000.0 * in_litres, rtol=1e-14)
    assert np.array_equal(rows["weight"], cohort.covariates["weight"])
    np.testing.assert_allclose(rows["litres"], in_litres * rows["weight"], rtol=1e-14)


def test_two_parts_that_read_one_record_read_one_value(evidence: Evidence, cohort: Cohort) -> None:
    other = Stage("other", {}, {}, stage().outputs, parameters=stage().parameters)
    rows = sample([stage(), other], evidence, cohort)
    assert np.array_equal(rows["toy"]["V"], rows["other"]["V"])


def test_a_covariate_nobody_has_is_told(evidence: Evidence, cohort: Cohort) -> None:
    with pytest.raises(InputError, match='"toy" wants the covariate "height" of a person'):
        sample([stage(covariates={"height": "m"}, derive=None)], evidence, cohort)


def test_a_record_that_is_missing_is_told_with_the_nearest(
    evidence: Evidence, cohort: Cohort
) -> None:
    wrong = stage(parameters={"V": Parameter("melatonin.volum", "L/kg")}, derive=None)
    with pytest.raises(InputError, match=r'Did you mean "melatonin\.volume"\?'):
        sample([wrong], evidence, cohort)


# ---- settings -----------------------------------------------------------------------------------


def test_propensities_are_in_the_units_of_the_decisions(evidence: Evidence, cohort: Cohort) -> None:
    found = propensities(evidence, Population(), cohort)
    assert all(np.shape(row) == cohort.draw.shape for row in found.values())
    assert np.all((found["adherence"] >= 0) & (found["adherence"] <= 1))
    assert np.all(found["frailty"] > 0)
    assert np.all((found["dropout_rate"] > 0) & (found["dropout_rate"] < 1))
    level = evidence.number(Population().use_level)
    assert np.median(found["use_propensity"]) == pytest.approx(level.value, abs=0.3)


def test_a_dose_is_the_amount_in_molecules(evidence: Evidence, cohort: Cohort) -> None:
    doses = use_doses(evidence, cohort)
    heroin = cohort.covariates["use_amount_heroin"]
    mass = evidence.number("molecule.heroin.molar_mass")
    assert mass.unit == "g/mol"
    np.testing.assert_allclose(doses["use_dose_heroin"], heroin * 1e6 / mass.value, rtol=1e-14)
    assert np.count_nonzero(doses["use_dose_heroin"]) == np.count_nonzero(heroin) > 0
