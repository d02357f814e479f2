"""Melatonin that was swallowed or made is in the body, still to be absorbed, or lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import cumulative_simpson, solve_ivp

from speciosa.exposure.melatonin import FLOWS, MELATONIN
from withdrawal_chain import values

HOURS = np.arange(0.0, 24.0001, 0.005)
DOSE = 21_500.0  # nmol, 5 mg
SECOND = 8.0
SIGNALS = {"light_drive": 0.0, "cyp1a2_activity": 1.0, "melatonin_synthesis_factor": 1.0}


@pytest.fixture(scope="module", params=[0.0, 1.0], ids=["not smoking", "smoking"])
def numbers(request: pytest.FixtureRequest) -> dict[str, Any]:
    p = values(MELATONIN) | {"smoker": request.param}
    return p | MELATONIN.derive(p)


def signals(hours: Any) -> dict[str, Any]:
    """A clock that turns once a day: the gland works for some hours of it."""
    turn = 2 * np.pi * np.asarray(hours) / 24.0
    return SIGNALS | {"circadian_cosine": np.cos(turn), "circadian_sine": np.sin(turn)}


def modes(p: dict[str, Any], entry: str, amount: float, hours: Any) -> dict[str, Any]:
    """The exact modes after two equal doses."""
    gains = MELATONIN.entries[entry]
    return {
        name: sum(
            amount
            * p[gains[name]]
            * np.exp(-p[mode.rate] * np.maximum(hours - at, 0.0))
            * (hours >= at)
            for at in (0.0, SECOND)
        )
        if name in gains
        else 0.0 * np.asarray(hours)
        for name, mode in MELATONIN.modes.items()
    }


def run(p: dict[str, Any], entry: str, amount: float) -> dict[str, np.ndarray]:
    """Integrate the stage; return its states and quantities on the grid."""

    def change(t: float, y: np.ndarray) -> list[float]:
        x = {**modes(p, entry, amount, np.float64(t)), "swallowed": y[0], "made": y[1]}
        s = signals(t)
        s |= MELATONIN.outputs(np, x, s, p)
        rates = MELATONIN.rates(np, x, s, p)  # type: ignore[misc]
        return [float(rates["swallowed"]), float(rates["made"])]

    parts, now = [], np.array([0.0, float(p["made_at_start"])])
    for begin, end in ((0.0, SECOND), (SECOND, 24.0)):
        grid = HOURS[(begin - 1e-9 <= HOURS) & (end + 1e-9 >= HOURS)]
        done = solve_ivp(change, (grid[0], grid[-1]), now, t_eval=grid, rtol=1e-10, atol=1e-10,
                         max_step=0.05)  # fmt: skip
        now = done.y[:, -1]
        parts.append(done.y[:, :-1] if end < 24.0 else done.y)
    swallowed, made = np.concatenate(parts, axis=1)
    x = {**modes(p, entry, amount, HOURS), "swallowed": swallowed, "made": made}
    return {**x, **MELATONIN.outputs(np, x, signals(HOURS), p)}


def clearance(p: dict[str, Any]) -> float:
    """Hepatic clearance, L/h, from flow and intrinsic clearance alone (well-stirred liver)."""
    induced = 1 + p["smoker"] * (p["smoker_induction"] - 1)
    intrinsic = p["intrinsic_clearance"] * (1 + p["cyp1a2_share"] * (induced - 1))
    per_kg = p["hepatic_flow"] * intrinsic / (p["hepatic_flow"] + intrinsic)
    return float(per_kg * p["volume"] / p["volume_per_kg"])


@pytest.mark.parametrize("entry", ["melatonin_oral", "melatonin_prolonged"])
def test_swallowed_melatonin_is_accounted_for(numbers: dict[str, Any], entry: str) -> None:
    found = run(numbers, entry, DOSE)
    waiting = sum(
        found[name] / numbers[MELATONIN.modes[name].rate] for name in (*FLOWS, "prolonged")
    )
    given = DOSE * (1.0 + (HOURS >= SECOND))
    assert waiting[0] == pytest.approx(DOSE, rel=1e-12)
    exogenous = found["melatonin_plasma"] - found["melatonin_endogenous"]
    lost = clearance(numbers) * cumulative_simpson(exogenous, x=HOURS, initial=0)
    share = (found["swallowed"][-1] + lost[-1]) / (given[-1] - waiting[-1])
    escapes = 1 - clearance(numbers) / (numbers["hepatic_flow"] * numbers["weight"])
    assert share == pytest.approx(numbers["gut_share"] * escapes, rel=1e-4)
    assert share * (given - waiting) == pytest.approx(
        found["swallowed"] + lost, abs=1e-4 * DOSE * share
    )


def test_what_the_gland_makes_is_accounted_for(numbers: dict[str, Any]) -> None:
    found = run(numbers, "melatonin_oral", 0.0)
    assert not np.any(found["swallowed"])
    window = found["melatonin_window"]
    made = numbers["synthesis"] * cumulative_simpson(window, x=HOURS, initial=0)
    lost = clearance(numbers) * cumulative_simpson(
        found["melatonin_endogenous"], x=HOURS, initial=0
    )
    assert made[-1] > 50.0  # nmol
    assert found["made"] + lost == pytest.approx(
        numbers["made_at_start"] + made, abs=1e-5 * made[-1]
    )


def test_no_dose_and_no_gland_no_melatonin(numbers: dict[str, Any]) -> None:
    silent = numbers | {"synthesis": 0.0, "made_at_start": 0.0}
    found = run(silent, "melatonin_oral", 0.0)
    assert not np.any(found["melatonin_plasma"])


def test_a_swallowed_dose_is_on_top_of_the_glands(numbers: dict[str, Any]) -> None:
    with_dose, without = (run(numbers, "melatonin_oral", amount) for amount in (DOSE, 0.0))
    np.testing.assert_allclose(
        with_dose["melatonin_endogenous"], without["melatonin_endogenous"], rtol=1e-6, atol=1e-6
    )
    assert np.all(with_dose["melatonin_plasma"][1:] > without["melatonin_plasma"][1:])
