"""The engine gives what SciPy gives for the alcohol study too, all arms, 35 days.

As :mod:`test_engine_against_reference`, for fewer people: every unrounded endpoint within 1e-3
relative or 0.05 points of its unit, every sampled quantity within 1e-4 of its range, and the
decisions alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from default_trial import Clinic, events, replayed
from speciosa.core.outcome import Outcome
from speciosa.core.reference import Reference
from speciosa.evidence.load import Evidence
from speciosa.trial.outcomes import endpoint_values
from speciosa.trial.run import Recruited
from speciosa.trial.study import load_study

PEOPLE = 8

# the last milligrams of a drink leave in minutes, a step is an eighth of an hour
WITHIN = {"alcohol_plasma": 2e-4, "ventilation": 2e-4}


@pytest.fixture(scope="module")
def alcohol(evidence: Evidence) -> Clinic:
    return Clinic.of(load_study("combination-alcohol"), evidence, width=PEOPLE // 2)


@pytest.fixture(scope="module")
def people(alcohol: Clinic) -> Recruited:
    return alcohol.recruit(range(PEOPLE))


@pytest.fixture(scope="module")
def solved(alcohol: Clinic, people: Recruited) -> dict[str, Outcome]:
    return {arm.name: alcohol.solve(arm.name, people) for arm in alcohol.study.arms}


@pytest.fixture(scope="module")
def reference(alcohol: Clinic, people: Recruited, solved: dict[str, Outcome]) -> Reference:
    traces = [[events(day, PEOPLE) for day in outcome.trace] for outcome in solved.values()]
    return replayed(alcohol, list(solved), traces, people, rtol=1e-8)


def beside(
    solved: dict[str, Outcome], reference: Reference
) -> Iterator[tuple[str, Outcome, Outcome]]:
    """Yield each arm with the engine's outcome and the reference in the same form."""
    for place, (name, outcome) in enumerate(solved.items()):
        mine = slice(place * PEOPLE, (place + 1) * PEOPLE)
        rows = {k: getattr(reference, k)[..., mine] for k in ("samples", "minima", "maxima")}
        yield name, outcome, replace(outcome, **rows)


def test_every_endpoint_of_every_arm(
    alcohol: Clinic, people: Recruited, solved: dict[str, Outcome], reference: Reference
) -> None:
    assert not any(outcome.failed.any() for outcome in solved.values())
    moved = 0
    for name, outcome, again in beside(solved, reference):
        courses = [
            alcohol.runner.course(alcohol.arm(name), people, one) for one in (outcome, again)
        ]
        for endpoint in alcohol.study.endpoints:
            truth, wanted = (
                endpoint.per
                * endpoint_values(endpoint, one, alcohol.runner.constants, people.cohort.streams)[0]
                for one in courses
            )
            allowed = np.maximum(1e-3 * np.abs(wanted), 0.05)
            if endpoint.scale == "ventilation":
                allowed = np.maximum(allowed, 1.0)  # % of rest: a trough between two mesh points
            assert np.all(np.abs(truth - wanted) <= allowed), (name, endpoint.id)
            moved += int(np.ptp(wanted) > 0)
    assert moved >= 40  # of 72: most endpoints differ between people, so agreeing means something


def test_every_sampled_quantity_within_1e_4_of_its_range(
    alcohol: Clinic, solved: dict[str, Outcome], reference: Reference
) -> None:
    for name, outcome, again in beside(solved, reference):
        for quantity in alcohol.plan.recorded:
            found, wanted = (alcohol.sample(one, quantity) for one in (outcome, again))
            apart = np.max(np.abs(found - wanted))
            bound = WITHIN.get(quantity, 1e-4)
            assert apart <= bound * np.max(np.abs(wanted)), (name, quantity)


def test_decisions_agree_in_999_of_1000_person_days(reference: Reference) -> None:
    assert reference.differing.shape == (35, 6 * PEOPLE)
    assert reference.differing.mean() <= 1e-3


def test_somebody_drank_and_somebody_was_given_a_dose_as_needed(
    alcohol: Clinic, solved: dict[str, Outcome]
) -> None:
    drunk = alcohol.sample(solved["placebo"], "alcohol_plasma")[7:]
    assert np.max(drunk) > 300  # mg/L
    names = [name for name in solved["benzodiazepine_naltrexone"].trace[0]["memory"]]
    assert any("lorazepam" in name for name in names)
