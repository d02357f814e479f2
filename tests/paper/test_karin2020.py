"""Karin 2020: the stress axis with gland masses, in full against the reduced form of the stage.

The scenario is a stress input of 3 for 180 d, 4 for 3 d, then 1; the check values are computed from
the model as a public implementation has it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from alone import centre, follow
from speciosa.response.stress import STRESS, steady, stress

LONG, HIGH = 180 * 24.0, 183 * 24.0
DAYS = np.array([2.9, 7.0, 14.0, 28.0, 56.0, 84.0])
MINUTES = {"x1": 4.0, "x2": 20.0, "x3": 80.0}
REST = {"habit_start": 0.0}


def stress_input(t: float) -> float:
    return 3.0 if t < LONG else 4.0 if t < HIGH else 1.0


@cache
def full(days: tuple[float, ...] = tuple(DAYS)) -> dict[str, np.ndarray]:
    """The five equations with nothing left out: cortisol and ACTH relative to rest."""
    p = centre(STRESS, **REST)
    fast = {name: 60.0 * np.log(2) / half for name, half in MINUTES.items()}
    slow = [np.log(2) / p[name] for name in ("pituitary_half_life", "adrenal_half_life")]

    def brake(x: float) -> float:
        return 1 / (1 + (x / p["receptor_half"]) ** p["receptor_slope"])

    def slope(t: float, y: np.ndarray, u: float) -> list[float]:
        x1, x2, x3, pituitary, adrenal = y
        return [
            fast["x1"] * (u / x3 * brake(x3) - x1),
            fast["x2"] * (x1 * pituitary * brake(x3) - x2),
            fast["x3"] * (x2 * adrenal - x3),
            slow[0] * pituitary * (x1 - 1),
            slow[1] * adrenal * (x2 - 1),
        ]

    x3, pituitary, adrenal = (float(row) for row in steady(p, 1.0))
    y, rest = np.array([1.0, 1.0, x3, pituitary, adrenal]), x3
    asked = LONG + 24.0 * np.asarray(days)
    seen: dict[float, np.ndarray] = {}
    for begin, end in ((0.0, LONG), (LONG, HIGH), (HIGH, LONG + 24.0 * 100)):
        inside = asked[(asked >= begin) & (asked < end)]
        solved = solve_ivp(
            slope, (begin, end), y, method="LSODA", t_eval=[*inside, end], rtol=1e-10, atol=1e-12,
            args=(stress_input(begin),), max_step=24.0,
        )  # fmt: skip
        seen |= dict(zip(solved.t, solved.y.T, strict=True))
        y = solved.y[:, -1]
    rows = np.stack([seen[t] for t in asked])
    return {"cortisol": rows[:, 2] / rest, "acth": rows[:, 1]}


@cache
def reduced() -> dict[str, np.ndarray]:
    """The stage, driven by the withdrawal that gives the same input."""
    p = centre(STRESS, **REST, gain=3.0)

    def signals(t: float) -> dict[str, float]:
        share = (stress_input(t) - 1) / p["gain"]
        return {"withdrawal": share * p["reference"], "melatonin_present": 0.0}

    asked = LONG + 24.0 * DAYS
    found = follow(STRESS, p, signals, np.concatenate([[0.0], asked]))
    cortisol = found["cortisol_relative"]
    return {"cortisol": cortisol[1:] / cortisol[0], "acth": found["acth_relative"][1:]}


def test_the_full_form_gives_the_check_values():
    assert full()["cortisol"] == pytest.approx([2.78, 1.64, 1.54, 1.37, 1.13, 1.00], abs=0.006)
    assert full()["acth"][1:] == pytest.approx([0.67, 0.66, 0.66, 0.67, 0.73], abs=0.01)


def test_the_reduced_form_gives_them_too():
    assert reduced()["cortisol"] == pytest.approx([2.78, 1.64, 1.54, 1.37, 1.13, 1.00], abs=0.006)
    assert (reduced()["acth"][1:] >= 0.65).all() and (reduced()["acth"][1:] <= 0.735).all()


def test_the_reduction_costs_less_than_a_thousandth_of_baseline():
    for quantity in ("cortisol", "acth"):
        assert np.abs(reduced()[quantity] - full()[quantity]).max() < 1e-3, quantity


def test_glands_at_rest_are_where_the_paper_has_them():
    p = centre(STRESS, **REST)
    x3, pituitary, adrenal = steady(p, 1.0)
    assert (x3, pituitary, adrenal) == pytest.approx((0.985, 1.015, 0.985), abs=5e-4)
    still = follow(
        STRESS, p, lambda t: {"withdrawal": 0.0, "melatonin_present": 0.0}, [0.0, 5000.0]
    )
    for state in STRESS.states:
        assert still[state][1] == pytest.approx(still[state][0], rel=1e-6)


def test_people_with_a_habit_come_with_larger_glands_and_double_cortisol():
    """Cortisol was almost twice as high in withdrawal as from day 8 on (Adinoff 1991)."""
    stage = stress("ciwa")
    p = centre(stage, habit_start=0.9)
    rest = centre(stage, **REST)
    assert p["adrenal_start"] > 2 * rest["adrenal_start"]
    ciwa = {0.0: 3.0, 24.0: 21.0, 48.0: 18.0, 72.0: 11.0, 120.0: 4.0, 200.0: 0.0}
    found = follow(
        stage, p,
        lambda t: {"ciwa": np.interp(t, list(ciwa), list(ciwa.values())), "melatonin_present": 0.0},
        np.arange(1.0, 14.0) * 24.0,
    )["cortisol_relative"]  # fmt: skip
    ratio = found[0:3].mean() / found[7:10].mean()
    assert ratio == pytest.approx(2.0, abs=0.5)
