"""Twins in two arms are one person until the treatment differs, and share all chance after it."""

from __future__ import annotations

import numpy as np
import pytest

from default_trial import CLOSELY, Clinic
from speciosa.trial.outcomes import SAMPLE_HOURS, endpoint_values

HOURS = (np.array(SAMPLE_HOURS) - 8.0) % 24.0  # since the start of the day
AT_21 = 13.0


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
    np.testing.assert_allclose(dosed[~stays], without[~stays], rtol=1e-5)  # another mesh


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
        if endpoint.scale == "cows":  # written down item by item: the noise depends on the level
            same = [(abs(one - seen[0]) < 0.05).mean() for one in seen[1:]]
            assert min(same) > 0.1, same
            continue
        np.testing.assert_allclose(seen[1], seen[0], atol=1e-12)
        np.testing.assert_allclose(seen[2], seen[0], atol=1e-12)
