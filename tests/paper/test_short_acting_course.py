"""The course of withdrawal after short-acting opioids, as clinical overviews give it.

Onset 6 to 12 h after the last use, peak at 24 to 48 h, below half of the peak by day 5. People with
the habits of the default study stop at time zero; nobody uses and nobody is treated.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from opioid_trials import in_order, run, study
from speciosa.people.cohort import Habit, Population, Range

STEP = 1.0  # h
HOURS = tuple((8.0 + hour) % 24.0 for hour in range(24))
HABITS = {
    "fentanyl": Habit("fentanyl", 1.0, (1.0, 4.0), (4, 8)),
    "heroin": Habit("heroin", 1.0, (100.0, 400.0), (3, 4)),
}


@cache
def stopped(drug: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hours since the last use; mean COWS; mean score above the floor."""
    people = Population(
        habits=(HABITS[drug],), hours_since_last_use=Range(0.0, 0.0, 0.0, 0.0), residential_days=7
    )
    seen = run(
        study({"untreated": ()}, 7, people, people=100), behaviour=False, sample_hours=HOURS,
        quantities=lambda model: ("cows", "withdrawal_score"),
    )["untreated"]  # fmt: skip
    cows = in_order(seen, "cows").mean(axis=1)
    return STEP * np.arange(cows.size), cows, in_order(seen, "withdrawal_score").mean(axis=1)


@pytest.mark.parametrize("drug", HABITS)
def test_withdrawal_begins_after_6_to_12_hours(drug):
    hours, cows, _ = stopped(drug)
    assert 6 <= hours[np.argmax(cows >= 5)] <= 12  # mild, on average


@pytest.mark.parametrize("drug", HABITS)
def test_withdrawal_peaks_after_24_to_48_hours(drug):
    hours, cows, _ = stopped(drug)
    assert 24 <= hours[np.argmax(cows)] <= 48
    assert 10 < cows.max() < 18


@pytest.mark.parametrize("drug", HABITS)
def test_withdrawal_is_below_half_of_its_peak_by_day_5(drug):
    hours, _, score = stopped(drug)
    assert score[hours >= 5 * 24][0] < 0.5 * score.max()
