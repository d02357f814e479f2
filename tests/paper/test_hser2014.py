"""Hser 2014 (START): outpatients starting buprenorphine in withdrawal, the first day and 24 weeks.

CTN-0094 individual data: before the first dose COWS was none .011, mild .531, moderate .442 and
severe .016; after the first day's dose none .436. 46 % were still in treatment after 24 weeks.
People wait at least 12 h after their last use. When the second reading was taken is not stated;
3.5 h after the dose is assumed.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from opioid_trials import Seen, endpoint, in_order, run, study
from speciosa.people.cohort import Population, Range
from speciosa.symptom.scales import cows_category
from speciosa.trial.outcomes import written

ARM = {"start": ("buprenorphine 8 mg once when COWS >= 8 on day 1 then 16 mg daily for 168 d",)}
PEOPLE = Population(
    hours_since_last_use=Range(16.0, 6.0, 12.0, 40.0),
    residential_days=0,
    use_level="behaviour.use_level_start",
)
AFTER = 7  # half hours from the dose to the second reading
HALF_HOURS = tuple((8.0 + 0.5 * place) % 24.0 for place in range(48))


@cache
def first_day() -> tuple[np.ndarray, np.ndarray]:
    """COWS as written down before the first dose and after it, of those who get one."""
    asked = study(ARM, 1, PEOPLE, people=400)
    seen = run(
        asked, sample_hours=HALF_HOURS,
        quantities=lambda model: ("cows", "mu_occupancy_buprenorphine", "in_treatment"),
    )["start"]  # fmt: skip
    cows, held = in_order(seen, "cows"), in_order(seen, "mu_occupancy_buprenorphine")
    dosed = held.max(axis=0) > 0
    taken = np.argmax(held > 0, axis=0)  # the first half hour with the dose inside
    who = np.arange(cows.shape[1])
    before = cows[np.maximum(taken - 1, 0), who]
    after = cows[np.minimum(taken - 1 + AFTER, len(cows) - 1), who]
    rated = [
        written("cows", score, seen.constants, seen.people.cohort.streams, place)[dosed]
        for place, score in enumerate((before, after))
    ]
    return rated[0], rated[1]


def shares(cows: np.ndarray) -> np.ndarray:
    return np.bincount(np.minimum(cows_category(cows), 3), minlength=4) / cows.size


def test_withdrawal_before_the_first_dose():
    assert shares(first_day()[0]) == pytest.approx([0.011, 0.531, 0.442, 0.016], abs=0.10)


def test_withdrawal_after_the_first_dose():
    assert shares(first_day()[1])[0] == pytest.approx(0.436, abs=0.10)


def test_most_come_in_withdrawal_enough_to_be_given_the_dose():
    assert first_day()[0].size / 400 > 0.8


@cache
def trial() -> Seen:
    return run(study(ARM, 168, PEOPLE))["start"]


def test_in_treatment_after_24_weeks():
    stayed = trial().values(endpoint("retained", "share", 1, 168, "higher"))
    assert stayed.mean() == pytest.approx(0.46, abs=0.10)
