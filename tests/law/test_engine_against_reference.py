"""The engine gives what a tight-tolerance SciPy solution of the same wired model gives.

All six arms of the default trial, twenty people of twenty draws, 35 days: every unrounded endpoint
within 1e-3 relative or 0.05 points of its unit, and the decisions alike. The reference replays the
run's record of decisions, asks each decision again from its own states and looks for extremes
inside its own steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from default_trial import CLOSELY, Clinic, events, replayed
from speciosa.core.outcome import Outcome, picked
from speciosa.core.reference import Reference
from speciosa.trial.outcomes import endpoint_values
from speciosa.trial.run import Recruited

FIRST = np.arange(CLOSELY)


@pytest.fixture(scope="module")
def people(clinic: Clinic) -> Recruited:
    return clinic.recruit(range(CLOSELY))


@pytest.fixture(scope="module")
def solved(clinic: Clinic) -> dict[str, Outcome]:
    return {arm.name: picked(clinic.outcome(arm.name), FIRST) for arm in clinic.study.arms}


@pytest.fixture(scope="module")
def reference(clinic: Clinic, people: Recruited, solved: dict[str, Outcome]) -> Reference:
    traces = [outcome.trace for outcome in solved.values()]
    return replayed(clinic, list(solved), traces, people, rtol=1e-8)


def beside(
    solved: dict[str, Outcome], reference: Reference
) -> Iterator[tuple[str, Outcome, Outcome]]:
    """Yield each arm with the engine's outcome and the reference in the same form."""
    for place, (name, outcome) in enumerate(solved.items()):
        mine = slice(place * CLOSELY, (place + 1) * CLOSELY)
        rows = {k: getattr(reference, k)[..., mine] for k in ("samples", "minima", "maxima")}
        yield name, outcome, replace(outcome, **rows)


def test_every_endpoint_of_every_arm(
    clinic: Clinic, people: Recruited, solved: dict[str, Outcome], reference: Reference
) -> None:
    assert not any(outcome.failed.any() for outcome in solved.values())
    moved = 0
    for name, outcome, again in beside(solved, reference):
        courses = [clinic.runner.course(clinic.arm(name), people, one) for one in (outcome, again)]
        for endpoint in clinic.study.endpoints:
            truth, wanted = (
                endpoint.per
                * endpoint_values(endpoint, one, clinic.runner.constants, people.cohort.streams)[0]
                for one in courses
            )
            allowed = np.maximum(1e-3 * np.abs(wanted), 0.05)
            if endpoint.scale == "ventilation":
                allowed = np.maximum(allowed, 1.0)  # % of rest: a trough between two mesh points
            assert np.all(np.abs(truth - wanted) <= allowed), (name, endpoint.id)
            moved += int(np.ptp(wanted) > 0)
    assert moved >= 30  # of 48: most endpoints differ between people, so agreeing means something


def test_every_sampled_quantity_within_1e_4_of_its_range(
    clinic: Clinic, solved: dict[str, Outcome], reference: Reference
) -> None:
    for name, outcome, again in beside(solved, reference):
        for quantity in clinic.plan.recorded:
            found, wanted = (clinic.sample(one, quantity) for one in (outcome, again))
            apart = np.max(np.abs(found - wanted))
            assert apart <= 1e-4 * np.max(np.abs(wanted)), (name, quantity)


def test_decisions_agree_in_999_of_1000_person_days(reference: Reference) -> None:
    assert reference.differing.shape == (35, 6 * CLOSELY)
    assert reference.differing.mean() <= 1e-3


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
