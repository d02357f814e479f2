"""Norberg 2000 and Winek and Murphy 1984: how fast alcohol leaves the blood.

Norberg's constants of light drinkers must give the slope that they stand for; people with alcohol
dependence eliminate at 22 to 30 mg/100 mL/h (seen: mean 30, SD 9).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from speciosa.exposure.alcohol import ALCOHOL, elimination
from withdrawal_chain import values

MG_PER_100ML = 0.1  # of 1 mg/L
MAN = {"weight": 75.0, "male": 1.0}


def person(dependent: float, **changed: Any) -> dict[str, Any]:
    bare = replace(ALCOHOL, derive=None, covariates={})
    p = values(bare, changed) | MAN | {"alcohol_dependent": dependent}
    return p | ALCOHOL.derive(p)


def course(p: dict[str, Any], *, injected: float = 0.0, drunk: float = 0.0, hours: float = 24.0):
    """Return hours and mg/L after g of alcohol at time zero, straight into the blood or drunk."""
    start = [1000 * injected, 0.0]
    gut = 1000 * drunk * p["swallowed"] / p["molar_mass"]

    def rates(t: float, y: np.ndarray) -> list[float]:
        x = {"blood": y[0], "tissue": y[1], "gut": gut * np.exp(-p["absorption"] * t)}
        change = ALCOHOL.rates(np, x, ALCOHOL.outputs(np, x, {}, p), p)
        return [change["blood"], change["tissue"]]

    t = np.linspace(0, hours, 20 * int(hours) + 1)
    found = solve_ivp(rates, (0, hours), start, t_eval=t, method="LSODA", rtol=1e-9, atol=1e-9)
    return t, found.y[0] / p["central"]


def slope(t: np.ndarray, level: np.ndarray, high: float, low: float) -> float:
    """Return the fall between two levels (mg/L) after the peak, mg/100 mL/h."""
    after = np.arange(t.size) > np.argmax(level)
    inside = after & (level < high) & (level > low)
    return -MG_PER_100ML * float(np.polyfit(t[inside], level[inside], 1)[0])


def test_slope_of_light_drinkers() -> None:
    t, level = course(person(0.0), injected=90.0)
    assert slope(t, level, 1500, 500) == pytest.approx(15.9, abs=1.0)


@pytest.mark.parametrize(("record", "low", "high"), [(22, 20.5, 23), (26, 24, 27), (30, 28, 31)])
def test_slope_in_dependence(record: float, low: float, high: float) -> None:
    t, level = course(person(1.0, **{"alcohol.dependent_slope": record}), injected=90.0)
    assert low < slope(t, level, 1500, 500) < high


def test_area_grows_faster_than_the_dose() -> None:
    p = person(0.0)
    areas = [np.trapezoid(course(p, drunk=dose)[1], dx=0.05) for dose in (10.0, 20.0, 40.0)]
    assert areas[1] / areas[0] > 2.3
    assert areas[2] / areas[1] > 2.3


def test_one_and_a_half_percent_leaves_by_the_kidney() -> None:
    p = person(0.0)
    t, level = course(p, injected=0.4 * 75)  # g; 0.4 g/kg
    assert p["renal"] * np.trapezoid(level, t) / 30_000 == pytest.approx(0.015, abs=0.01)


def test_nothing_is_lost_or_made() -> None:
    """What is drunk and passes the gut is eliminated, to the last of it."""
    p = person(0.0)
    t, level = course(p, drunk=40.0, hours=30.0)
    gone = np.trapezoid(elimination(np, level, p), t)
    assert gone == pytest.approx(40_000 * p["swallowed"] / p["molar_mass"], rel=5e-3)  # trapezoids
