"""A course of treatment: it grows, ends, fades, and stops when somebody leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from alone import centre
from speciosa.care.psychosocial import parse_care
from speciosa.care.therapy import care_decision, worth
from speciosa.core.dimensions import check_dimensions
from speciosa.core.engine import prepare_jax
from speciosa.core.errors import InputError
from speciosa.core.stage import Moment
from speciosa.response.behaviour import USE, USE_WITH_CARE, chance_of_use
from speciosa.response.therapy import RELAPSE_DRUG, therapy, treatments
from speciosa.trial.design import design
from speciosa.trial.study import load_study, read_study

COURSE = {"length": 672.0, "onset": 336.0, "decay": 2000.0, "gone": None}


def test_worth_grows_to_its_size_at_the_end_and_fades():
    hours = np.array([0.0, 168.0, 336.0, 672.0, 700.0, 2672.0])
    found = worth(np, hours, -1.0, **COURSE)
    assert found[[0, 3]] == pytest.approx([0.0, 1.0])
    assert (np.diff(found[:4]) > 0).all() and (np.diff(found[3:]) < 0).all()
    assert found[-1] == pytest.approx(np.exp(-1.0))
    assert worth(np, 1500.0, -1.0, **COURSE | {"gone": 500.0}) == 0.0


def test_who_leaves_early_keeps_less_and_it_fades_from_that_day():
    stays, leaves = (worth(np, np.array([336.0, 672.0]), left, **COURSE) for left in (-1.0, 336.0))
    assert leaves[0] == stays[0]
    assert leaves[1] == pytest.approx(stays[0] * np.exp(-336.0 / 2000.0))
    assert worth(np, 672.0, 0.0, **COURSE) == 0.0


def test_the_day_of_leaving_is_kept():
    decision = care_decision(parse_care("CBT"), "arm", 28)
    p, memory = centre(decision), dict(decision.memory)
    for day, here in enumerate((1.0, 1.0, 0.0, 0.0, 0.0)):
        moment = Moment(24.0 * day, 8.0, float(day))
        memory, _ = decision.decide(np, moment, {"in_treatment": here}, memory, (), p)
    assert memory["care_left_arm"] == 48.0


def test_numpy_and_jax_agree():
    decision = care_decision(parse_care("CBT + contingency management + CBT-I"), "an arm", 28)
    jnp = prepare_jax().numpy
    p, s = centre(decision), {"in_treatment": np.array([1.0, 0.0])}
    moment = Moment(500.0, 8.0, 20.0)
    memory = {row: np.full(2, start) for row, start in decision.memory.items()}
    mine, theirs = (decision.decide(xp, moment, s, memory, (), p)[0] for xp in (np, jnp))
    assert mine.keys() == theirs.keys() == decision.memory.keys()
    for row in mine:
        np.testing.assert_allclose(theirs[row], mine[row], rtol=1e-12)


def test_drug_and_treatment_are_additive_to_fully_overlapping():
    stage = therapy(["care_log_odds_arm"], "relapse_drug", RELAPSE_DRUG)
    s = {"care_log_odds_arm": -0.4, "relapse_drug": 1.0}
    for overlap, left in ((0.0, -0.4), (0.5, -0.2), (1.0, 0.0)):
        p = {"overlap": overlap, "reference": 1.0}
        assert stage.outputs(np, {}, s, p)["care_log_odds"] == pytest.approx(left)
    p = {"overlap": 1.0, "reference": 1.0}
    assert stage.outputs(np, {}, s | {"relapse_drug": 0.0}, p)["care_log_odds"] == -0.4
    for made in (stage, therapy(()), therapy(["care_sleep_share_a", "care_sleep_share_b"])):
        check_dimensions(made)
    assert therapy(()).outputs(np, {}, {}, {}) == {"care_log_odds": 0.0, "care_sleep_share": 0.0}


def test_log_odds_multiply_the_odds_of_use_and_none_changes_nothing():
    covariates = {"use_propensity": -1.0, "habit_start": 1.0, "residential_days": 0.0}
    p = centre(USE) | covariates
    s = {"craving": 4.0, "withdrawal_score": 5.0, "psqi": 7.0, "mu_blockade": 0.0}
    plain = chance_of_use(np, s, 0.5, p)
    assert chance_of_use(np, s | {"care_log_odds": 0.0}, 0.5, p) == plain
    helped = chance_of_use(np, s | {"care_log_odds": -0.5}, 0.5, p)
    odds = (helped / (1 - helped)) / (plain / (1 - plain))
    assert odds == pytest.approx(np.exp(-0.5))
    assert "care_log_odds" in USE_WITH_CARE.watches and "care_log_odds" not in USE.watches


def test_a_study_with_ordinary_care_has_no_part_for_treatment(study, evidence):
    plan = design(study, evidence)
    assert not treatments(plan.model.decisions)
    assert "therapy" not in [stage.name for stage in plan.model.stages]
    use = next(one for one in plan.model.decisions if one.name == "use")
    assert use is USE


def test_treatment_is_asked_in_its_own_arm_only(study, evidence):
    arms = tuple(
        replace(arm, care="ordinary care + CBT") if arm.name == "kratom" else arm
        for arm in study.arms
    )
    plan = design(replace(study, arms=arms), evidence)
    place = [one.name for one in plan.model.decisions].index("care_kratom")
    assert {name: on[place] for name, on in plan.enabled.items() if on[place]} == {"kratom": True}
    assert "therapy" in [stage.name for stage in plan.model.stages]


def test_a_study_file_with_unknown_care_is_refused_with_the_nearest_word():
    import tomllib

    text = load_study("combination-opioid").text
    named = text.replace('name = "kratom"', 'name = "kratom"\ncare = "CBT + councelling"', 1)
    assert named != text
    with pytest.raises(InputError) as caught:
        read_study(tomllib.loads(named), "mine.toml", named)
    assert 'Did you mean "counselling"?' in str(caught.value)
    assert "mine.toml, line" in caught.value.where
