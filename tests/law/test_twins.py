"""Twins in two arms are one person until the treatment differs, and share all chance after it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from default_trial import CLOSELY, Clinic
from speciosa.care.regimen import parse_regimens
from speciosa.trial.outcomes import SAMPLE_HOURS, endpoint_values
from speciosa.trial.study import Arm

pytestmark = pytest.mark.xdist_group("default trial")
HOURS = (np.array(SAMPLE_HOURS) - 8.0) % 24.0  # since the start of the day
AT_21 = 13.0
NOTHING = {
    "kratom": ["kratom leaf 0 g every 6 h for 28 d"],
    "melatonin": ["melatonin 0 mg at 21:00 daily for 28 d"],
    "both": ["kratom leaf 0 g every 6 h for 28 d", "melatonin 0 mg at 21:00 daily for 28 d"],
}


def first_treatment(clinic: Clinic, name: str) -> np.ndarray:
    """Hours until each person's arm or own decisions first give something placebo does not."""
    mesh = clinic.plan.meshes[name]
    scheduled = mesh.hours[mesh.doses.any(axis=1)].min(initial=np.inf)
    place = [i for i, one in enumerate(clinic.plan.model.decisions) if one.name.startswith(name)]
    first = np.full(CLOSELY, scheduled)
    for decision in (clinic.plan.model.decisions[i] for i in place):
        for day in clinic.outcome(name).trace:
            counted = day["memory"][decision.name][next(iter(decision.gives))]
            for k in np.flatnonzero(counted.any(axis=1)):
                first = np.where(counted[k] > 0, np.minimum(first, day["mesh"].hours[k]), first)
    return first


@pytest.mark.parametrize("name", ["kratom", "melatonin", "both", "lofexidine", "buprenorphine"])
def test_identical_to_the_bit_until_treated(clinic: Clinic, name: str) -> None:
    treated = clinic.outcome(name).samples[..., :CLOSELY]
    untreated = clinic.outcome("placebo").samples[..., :CLOSELY]
    first = first_treatment(clinic, name)
    days = np.arange(treated.shape[0])[:, None, None]
    before = 24.0 * days + HOURS[None, :, None] <= first
    same = (treated == untreated).all(axis=2)
    assert same[before].all()
    assert before.any(axis=(0, 1)).all()
    stayed = clinic.sample(clinic.outcome(name), "in_treatment")[2, 0, :CLOSELY] == 1.0
    assert stayed.sum() > CLOSELY / 2
    assert not (same | before).all(axis=(0, 1))[stayed].any()  # afterwards nobody is the same


def test_melatonin_changes_nothing_before_nine_on_the_first_evening(clinic: Clinic) -> None:
    placebo, melatonin = (clinic.outcome(name).samples for name in ("placebo", "melatonin"))
    early = HOURS < AT_21
    assert early.sum() == 6
    assert np.array_equal(placebo[0, early], melatonin[0, early])
    at_23 = SAMPLE_HOURS.index(23.0)
    without, dosed = (
        clinic.sample(clinic.outcome(name), "melatonin_plasma")[0, at_23]
        for name in ("placebo", "melatonin")
    )
    stays = clinic.sample(clinic.outcome("melatonin"), "in_treatment")[0, at_23] == 1.0
    assert stays.sum() > 32
    assert np.all(dosed[stays] > without[stays])
    assert np.array_equal(dosed[~stays], without[~stays])


def test_some_wait_for_buprenorphine_and_stay_like_placebo_meanwhile(clinic: Clinic) -> None:
    first = first_treatment(clinic, "buprenorphine")
    assert 0.0 <= first.min() < 6.0  # some meet COWS 8 in the first hours
    assert first.max() <= 24.0  # from day 2 it is scheduled for everybody


def test_twins_share_the_noise_of_every_scale(clinic: Clinic) -> None:
    people = clinic.recruit(range(64))
    for endpoint in clinic.study.endpoints:
        seen = []
        for name in ("placebo", "both", "buprenorphine"):
            course = clinic.runner.course(clinic.arm(name), people, clinic.outcome(name))
            truth, observed = endpoint_values(
                endpoint, course, clinic.runner.constants, people.cohort.streams
            )
            seen.append(observed - truth)
        np.testing.assert_allclose(seen[1], seen[0], atol=1e-12)
        np.testing.assert_allclose(seen[2], seen[0], atol=1e-12)


# ---- no dose ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def zero(clinic: Clinic) -> Clinic:
    """The default study with nothing in the kratom and the melatonin."""
    arms = tuple(
        replace(arm, regimens=tuple(r for line in NOTHING[arm.name] for r in parse_regimens(line)))
        if arm.name in NOTHING
        else arm
        for arm in clinic.study.arms
    )
    return Clinic.of(replace(clinic.study, arms=arms), clinic.evidence)


def test_all_four_arms_agree_exactly_when_the_doses_are_zero(zero: Clinic) -> None:
    placebo = zero.outcome("placebo")
    for name in NOTHING:
        empty = zero.outcome(name)
        for row in ("samples", "minima", "maxima", "worst"):
            assert np.array_equal(getattr(empty, row), getattr(placebo, row)), (name, row)
    assert not np.array_equal(zero.outcome("lofexidine").samples, placebo.samples)


def test_no_dose_is_placebo_of_the_study_with_doses(zero: Clinic, clinic: Clinic) -> None:
    empty, placebo = zero.outcome("both"), clinic.outcome("placebo")
    shared = [q for q in clinic.plan.recorded if q in zero.plan.recorded]
    assert len(shared) > 20
    for quantity in shared:
        found, wanted = zero.sample(empty, quantity), clinic.sample(placebo, quantity)
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9, err_msg=quantity)


def test_a_zero_dose_is_nobodys_column_and_no_reason_for_small_steps(zero: Clinic) -> None:
    assert [given.product.key for given in zero.plan.given] == ["lofexidine", "buprenorphine"]
    arm: Arm = zero.arm("both")
    assert len(arm.regimens) == 2
    for name in NOTHING:
        assert np.array_equal(zero.plan.meshes[name].hours, zero.plan.meshes["placebo"].hours)
