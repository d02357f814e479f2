"""Dependence on kratom itself comes out of the chain: 28 days of leaf, then none, then withdrawal.

Nobody here used another opioid. How much depends on the offset between receptors in cells and in
people, which nobody knows: with a strong offset people score well above the floor, with a weak one
hardly at all. Rogers 2024: mean SOWS 13.5 (sd 11.9) of 64 on stopping. The course is late and long,
with its peak in the second week, because mitragynine leaves slowly (half-life near 45 h).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from speciosa.evidence.load import load_evidence
from speciosa.trial.simulate import Simulation, simulate

DAYS, AFTER = 28, 28
REGIMEN = f"kratom leaf 4 g every 6 h for {DAYS} d"
OFFSET = "mu.kratom_offset"


@cache
def stopped(offset: float) -> Simulation:
    """Twenty people without another opioid, on leaf and after it."""
    evidence = load_evidence().replace({OFFSET: offset})
    return simulate(
        REGIMEN, people=20, days=DAYS + AFTER, quantities=("cows", "adaptation"), evidence=evidence
    )


def daily(look: Simulation, quantity: str) -> np.ndarray:
    """Mean over people at 08:00 of each day, (days,)."""
    return look.courses[quantity][::96].mean(axis=1)


@pytest.mark.parametrize("offset", [0.3, 1.732])
def test_stopping_leaf_brings_a_withdrawal_course(offset: float) -> None:
    cows = daily(stopped(offset), "cows")
    on, after = cows[1:DAYS], cows[DAYS:]
    peak = int(np.argmax(after))
    assert after.max() > on.max() + (2.0 if offset < 1 else 0.05)
    assert 2 <= peak <= 12  # days after the last day of leaf
    assert after[-1] < 0.5 * (after.max() - cows[0]) + cows[0]  # it ends
    assert np.all(np.diff(after[:peak]) > -1e-6)
    assert np.all(np.diff(after[peak:]) < 1e-6)


def test_dependence_grows_over_the_weeks_and_fades() -> None:
    adapted = daily(stopped(0.3), "adaptation")
    assert adapted[0] == pytest.approx(0.0, abs=1e-9)
    assert adapted[3] < adapted[10] < adapted[DAYS - 1]
    assert adapted[-1] < 0.5 * adapted[DAYS]


def test_how_much_hangs_on_the_offset() -> None:
    strong, weak = (daily(stopped(offset), "cows")[DAYS:].max() for offset in (0.3, 10.0))
    assert strong > weak + 2
    assert weak == pytest.approx(1.3, abs=0.2)  # the floor of people who are not in withdrawal


@cache
def challenged() -> Simulation:
    """The same people, and again with naloxone on the last day of leaf."""
    evidence = load_evidence().replace({OFFSET: 0.3})
    naloxone = f"naloxone 2 mg IM once at 12:00 on day {DAYS}"
    return simulate(
        REGIMEN, [naloxone], people=20, days=DAYS, quantities=("cows",), evidence=evidence
    )


def test_naloxone_precipitates_withdrawal_in_people_on_leaf() -> None:
    look = challenged()
    noon = 96 * (DAYS - 1) + 16  # quarters of an hour from 08:00 of day 1 to 12:00 of day 28
    alone, together = look.courses["cows"], look.courses_together["cows"]
    assert np.array_equal(alone[: noon + 1], together[: noon + 1])
    hour = slice(noon + 1, noon + 5)
    risen = together[hour].max(axis=0) - alone[hour].max(axis=0)
    assert np.all(risen > 0)
    assert risen.mean() > 3
    assert np.all(together[-1] < together[hour].max(axis=0))  # and it passes
