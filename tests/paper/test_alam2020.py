"""Alam 2020 (10.1080/21556660.2019.1704416) and Fishman 2019: lofexidine against placebo.

People who stop a short-acting opioid abruptly, seven days under one roof, lofexidine 2.88 mg a day
(0.72 mg four times) or placebo. SOWS-Gossop is written down 3.5 h after the first dose of a day
while somebody is still there; those who leave are not replaced. The scale's size and the rates of
leaving were calibrated to these figures, so agreement shows that the whole chain holds together.
"""

from __future__ import annotations

from functools import cache

import pytest

from opioid_trials import Seen, endpoint, run, study
from speciosa.people.cohort import Population

ARMS = {"placebo": (), "lofexidine": ("lofexidine 0.72 mg every 6 h for 7 d",)}
SOWS = endpoint("sows_gossop", "mean", 1, 7)
COMPLETED = endpoint("retained", "share", 1, 7, "higher")


@cache
def trial() -> dict[str, Seen]:
    people = Population(residential_days=7)
    return run(study(ARMS, 7, people, people=400, estimand={"dropout": "while on treatment"}))


@pytest.mark.parametrize(("arm", "seen"), [("placebo", 8.8), ("lofexidine", 6.1)])
def test_withdrawal_over_the_days_in_treatment(arm, seen):
    assert trial()[arm].values(SOWS).mean() == pytest.approx(seen, abs=1.0)


@pytest.mark.parametrize(("arm", "seen"), [("placebo", 8.8), ("lofexidine", 6.1)])
def test_noise_leaves_the_mean_where_it_is(arm, seen):
    assert trial()[arm].values(SOWS, 1).mean() == pytest.approx(seen, abs=1.0)


def test_people_differ_as_much_as_was_seen():
    """Standard errors of 0.47 in 151 and 0.35 in 222 people: sd 5.8 and 5.2."""
    assert trial()["placebo"].values(SOWS, 1).std() == pytest.approx(5.8, abs=1.2)
    assert trial()["lofexidine"].values(SOWS, 1).std() == pytest.approx(5.2, abs=1.5)


@pytest.mark.parametrize(("arm", "seen"), [("placebo", 0.278), ("lofexidine", 0.396)])
def test_completion_of_seven_days(arm, seen):
    assert trial()[arm].values(COMPLETED).mean() == pytest.approx(seen, abs=0.08)


def test_twins_stay_longer_on_lofexidine():
    days = {
        name: seen.course.samples("in_treatment")[:, -1].sum() for name, seen in trial().items()
    }
    assert days["lofexidine"] > days["placebo"]
