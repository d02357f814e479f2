"""Fudala 1990: buprenorphine 8 mg a day stopped abruptly, in people who had used heroin.

Withdrawal is mild, peaks on days 3 to 6 after the last dose and lasts 8 to 10 days.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from opioid_trials import in_order, run, study
from speciosa.people.cohort import Habit, Population

DAYS, AFTER = 36, 14
LAST = 24.0 * (DAYS - 1)  # h, the last dose
HOURS = (8.0, 14.0, 20.0, 2.0)


@cache
def stopped() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days since the last dose; mean COWS; mean score above the floor."""
    people = Population(habits=(Habit("heroin", 1.0, (100.0, 400.0), (3, 4)),), residential_days=50)
    arm = {"stopped": (f"buprenorphine 8 mg daily for {DAYS} d then stop",)}
    seen = run(
        study(arm, DAYS + AFTER, people, people=60), behaviour=False, sample_hours=HOURS,
        quantities=lambda model: ("cows", "withdrawal_score"),
    )["stopped"]  # fmt: skip
    cows = in_order(seen, "cows").mean(axis=1)
    days = (6.0 * np.arange(cows.size) - LAST) / 24.0
    later = days > 0
    return days[later], cows[later], in_order(seen, "withdrawal_score").mean(axis=1)[later]


def test_withdrawal_is_mild():
    assert stopped()[1].max() < 8


def test_withdrawal_peaks_on_days_3_to_6():
    days, cows, _ = stopped()
    assert 3 <= days[np.argmax(cows)] <= 6


def test_withdrawal_lasts_8_to_10_days():
    """As long as it is above half of its peak."""
    days, _, score = stopped()
    assert 8 <= days[score > 0.5 * score.max()][-1] <= 10
