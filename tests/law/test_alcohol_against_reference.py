"""The engine gives what SciPy gives for the alcohol study too, all arms, 35 days.

As :mod:`test_engine_against_reference`, for fewer people: every unrounded endpoint within 1e-3
relative or 0.05 points of its unit, every sampled quantity within 1e-4 of its range (alcohol and
breathing within 2e-4), and the decisions alike.
"""

from __future__ import annotations

import numpy as np
import pytest

from agreement import Agreement
from default_trial import Clinic, events, replayed
from speciosa.evidence.load import Evidence
from speciosa.trial.study import load_study

PEOPLE = 8

# the last milligrams of a drink leave in minutes, a step is an eighth of an hour
WITHIN = {"alcohol_plasma": 2e-4, "ventilation": 2e-4}


@pytest.fixture(scope="module")
def agreement(evidence: Evidence) -> Agreement:
    alcohol = Clinic.of(load_study("combination-alcohol"), evidence, width=PEOPLE // 2)
    people = alcohol.recruit(range(PEOPLE))
    solved = {arm.name: alcohol.solve(arm.name, people) for arm in alcohol.study.arms}
    traces = [[events(day, PEOPLE) for day in outcome.trace] for outcome in solved.values()]
    again = replayed(alcohol, list(solved), traces, people, rtol=1e-8)
    return Agreement(alcohol, people, solved, again)


def test_every_endpoint_of_every_arm(agreement: Agreement) -> None:
    agreement.endpoints(moving=40)  # of 72


def test_every_sampled_quantity_within_its_share_of_its_range(agreement: Agreement) -> None:
    agreement.samples(WITHIN)


def test_decisions_agree_in_999_of_1000_person_days(agreement: Agreement) -> None:
    agreement.decisions()


def test_somebody_drank_and_somebody_was_given_a_dose_as_needed(
    agreement: Agreement,
) -> None:
    drunk = agreement.clinic.sample(agreement.solved["placebo"], "alcohol_plasma")[7:]
    assert np.max(drunk) > 300  # mg/L
    names = [name for name in agreement.solved["benzodiazepine_naltrexone"].trace[0]["memory"]]
    assert any("lorazepam" in name for name in names)
