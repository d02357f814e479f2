"""A zero dose is placebo: exactly in its own study, and as placebo of the study with doses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from default_trial import Clinic
from speciosa.care.regimen import parse_regimens
from speciosa.trial.study import Arm

NOTHING = {
    "kratom": ["kratom leaf 0 g every 6 h for 28 d"],
    "melatonin": ["melatonin 0 mg at 21:00 daily for 28 d"],
    "both": ["kratom leaf 0 g every 6 h for 28 d", "melatonin 0 mg at 21:00 daily for 28 d"],
}


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
