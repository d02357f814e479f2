"""Rosner 2010 (two Cochrane reviews): return to drinking, untreated and on the two drugs.

The Weibull course of the plan stands on the placebo arms (79 % drinking within six months): 0.80,
0.59, 0.36, 0.21 and 0.09 still abstinent after 7, 30, 90, 180 and 365 days. The drugs' hazard
ratios must come back from simulated relapses.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from speciosa.core.stage import Moment
from speciosa.response.drinking import DRINK, DRINKING, SLOTS
from withdrawal_chain import values

PEOPLE, DAYS = 20_000, 365
P = values(DRINKING) | {"use_propensity": 0.0, "residential_days": 0.0}
QUIET = {
    "craving": 3.0,
    "craving_expected": 3.0,
    "psqi": P["psqi_usual"],
    "naltrexone_cover": 0.0,
    "acamprosate_cover": 0.0,
    "in_treatment": 1.0,
}


def lived(days: int = DAYS, **signals: float) -> dict[str, Any]:
    """Return the memory of the drinking decision after some days, and what it was on the way."""
    rng = np.random.default_rng(20261122)
    memory: dict[str, Any] = {
        row: np.full(PEOPLE, float(start)) for row, start in DRINKING.memory.items()
    }
    drunk = np.zeros(PEOPLE)
    for day in range(days):
        u = tuple(rng.uniform(size=PEOPLE) for _ in range(DRINKING.uniforms))
        moment = Moment(24.0 * day, DRINKING.hours[0], float(day))
        memory, _ = DRINKING.decide(np, moment, QUIET | signals, memory, u, P)
        drunk += memory["using_today"]
    return memory | {"days_drunk": drunk}


def abstinent(memory: dict[str, Any], day: int) -> float:
    first = memory["relapsed_day"]
    return float(np.mean((first < 0) | (first >= day)))


@pytest.fixture(scope="module")
def untreated() -> dict[str, Any]:
    return lived()


@pytest.mark.parametrize(
    ("day", "left"), [(7, 0.80), (30, 0.59), (90, 0.36), (180, 0.21), (365, 0.09)]
)
def test_still_abstinent(untreated: dict[str, Any], day: int, left: float) -> None:
    assert abstinent(untreated, day) == pytest.approx(left, abs=0.012)


@pytest.mark.parametrize(
    ("cover", "ratio"), [("naltrexone_cover", 0.77), ("acamprosate_cover", 0.73)]
)
def test_hazard_ratios_of_the_drugs(untreated: dict[str, Any], cover: str, ratio: float) -> None:
    treated = lived(180, **{cover: 1.0})
    found = np.log(abstinent(treated, 180)) / np.log(abstinent(untreated, 180))
    assert found == pytest.approx(ratio, abs=0.03)


def test_acamprosate_risk_ratio_at_six_months(untreated: dict[str, Any]) -> None:
    """Any drinking: 0.86 (0.81-0.91)."""
    risk = [1 - abstinent(m, 180) for m in (lived(180, acamprosate_cover=1.0), untreated)]
    assert 0.81 <= risk[0] / risk[1] <= 0.91


def test_a_point_of_craving_and_five_of_sleep_count(untreated: dict[str, Any]) -> None:
    for signal, ratio in (({"craving": 4.0}, 1.31), ({"psqi": P["psqi_usual"] + 5}, 1.5)):
        worse = lived(30, **signal)
        found = np.log(abstinent(worse, 30)) / np.log(abstinent(untreated, 30))
        assert found == pytest.approx(ratio, abs=0.06)


def test_who_relapses_really_drinks_and_the_clock_starts_again(untreated: dict[str, Any]) -> None:
    back = untreated["relapsed_day"] >= 0
    assert np.all(untreated["days_drunk"][back] >= 1)
    assert not np.any(untreated["days_drunk"][~back])
    assert np.all(untreated["days_at_liberty"][untreated["episode"] > 0] == 0)
    dose = values(DRINK) | {"use_dose_alcohol": 4e8}
    moment = Moment(34.25, SLOTS[0], 1.0)
    s = {"drinking_today": np.array([0.0, 0.5, 1.0]), "using_today": np.array([0.0, 1.0, 1.0])}
    given = DRINK.decide(
        np, moment, s, {"slots_drunk": np.zeros(3)}, (np.full(3, 0.5), np.full(3, 0.25)), dose
    )[1]["alcohol_oral"]
    assert given == pytest.approx([0.0, 2e8, 4e8])


def test_nobody_drinks_while_living_in() -> None:
    p = P | {"residential_days": 5.0}
    memory: dict[str, Any] = {row: np.full(3, float(v)) for row, v in DRINKING.memory.items()}
    u = (np.full(3, 1e-12), np.full(3, 1e-12))
    for day in range(6):
        moment = Moment(24.0 * day, DRINKING.hours[0], float(day))
        memory, _ = DRINKING.decide(np, moment, QUIET, memory, u, p)
        assert np.all(memory["using_today"] == (1.0 if day == 5 else 0.0))
