"""The engine gives what a tight-tolerance SciPy solution of the same wired model gives.

All six arms of the default trial, twenty people of twenty draws, 35 days: every unrounded endpoint
within 1e-3 relative or 0.05 points of its unit, and the decisions alike. The reference replays the
run's record of decisions, asks each decision again from its own states and looks for extremes
inside its own steps.
"""

from __future__ import annotations

import numpy as np
import pytest

from agreement import Agreement
from default_trial import CLOSELY, Clinic, events, replayed
from speciosa.core.outcome import picked

FIRST = np.arange(CLOSELY)


@pytest.fixture(scope="module")
def agreement(clinic: Clinic) -> Agreement:
    people = clinic.recruit(range(CLOSELY))
    solved = {arm.name: picked(clinic.outcome(arm.name), FIRST) for arm in clinic.study.arms}
    traces = [outcome.trace for outcome in solved.values()]
    again = replayed(clinic, list(solved), traces, people, rtol=1e-8)
    return Agreement(clinic, people, solved, again)


def test_every_endpoint_of_every_arm(agreement: Agreement) -> None:
    agreement.endpoints(moving=30)  # of 48


def test_every_sampled_quantity_within_1e_4_of_its_range(agreement: Agreement) -> None:
    agreement.samples({})


def test_decisions_agree_in_999_of_1000_person_days(agreement: Agreement) -> None:
    agreement.decisions()


def test_integrated_modes_are_the_exact_ones(clinic: Clinic) -> None:
    people = clinic.recruit(range(3))
    trace = [events(day, 3) for day in clinic.solve("both", people, days=1).trace]
    exact, stepped = (
        replayed(clinic, ["both"], [trace], people, rtol=1e-9, exact_modes=exact).samples
        for exact in (True, False)
    )
    scale = np.nanmax(np.abs(exact), axis=(0, 1), keepdims=True) + 1e-12
    assert np.max(np.abs(exact - stepped) / scale) < 1e-6


def test_a_halved_mesh_comes_nearer(clinic: Clinic) -> None:
    people = clinic.recruit(range(CLOSELY))
    days, worst = 3, []
    outcomes = [clinic.solve("kratom", people, days=days, halvings=n) for n in (0, 1, 3)]
    for outcome in outcomes[:2]:
        apart = np.abs(outcome.samples - outcomes[2].samples)
        worst.append(np.nanmax(apart[:, :, clinic.plan.recorded.index("mitragynine_plasma")]))
    assert worst[1] < worst[0] / 8  # a fifth-order method: a 32nd, where nothing else limits
    assert np.all(outcomes[1].worst < outcomes[0].worst)
    assert {int(outcome.refined[0]) for outcome in outcomes} == {0, 1, 3}
