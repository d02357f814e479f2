"""Tompkins 2009 (10.1016/j.drugalcdep.2009.07.001): naloxone in people maintained on morphine.

Morphine 30 mg four times a day for four weeks (under the skin; here into a vein), then naloxone
0.4 mg into a muscle or a placebo: COWS 7.6 against 1.3. The science gives 4.5 to 10 as its range.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from opioid_trials import in_order, run, study
from speciosa.people.cohort import Habit, Population

DAYS = 28
MORPHINE = f"morphine 30 mg IV every 6 h for {DAYS} d"
ARMS = {
    "placebo": (MORPHINE,),
    "naloxone": (MORPHINE, f"naloxone 0.4 mg IM once at 12:00 on day {DAYS}"),
}
HOURS = tuple(12.0 + 0.25 * place for place in range(5))  # the hour after the injection


@cache
def peaks(arm: str) -> np.ndarray:
    return sessions()[arm]


@cache
def sessions() -> dict[str, np.ndarray]:
    """The highest COWS of each person in the hour after the injection."""
    people = Population(habits=(Habit("heroin", 1.0, (100.0, 400.0), (3, 4)),), residential_days=50)
    seen = run(
        study(ARMS, DAYS, people, people=60), behaviour=False, sample_hours=HOURS,
        quantities=lambda model: ("cows",),
    )  # fmt: skip
    return {name: in_order(one, "cows")[-len(HOURS) :].max(axis=0) for name, one in seen.items()}


def test_placebo_leaves_people_without_withdrawal():
    assert peaks("placebo").mean() == pytest.approx(1.3, abs=1.0)


def test_naloxone_precipitates_withdrawal():
    assert 4.5 <= peaks("naloxone").mean() <= 10


def test_naloxone_is_worse_than_placebo_in_everybody():
    assert (peaks("naloxone") > peaks("placebo")).all()
