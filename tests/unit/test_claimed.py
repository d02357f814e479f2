"""Claimed edges: silent until switched on, and felt for a day after a dose."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from kratom_chain import recorded
from speciosa.core.dimensions import check_dimensions
from speciosa.response.claimed import CLAIMED

SWITCHES = ("synthesis", "kratom_withdrawal", "melatonin_withdrawal", "kratom_craving",
            "melatonin_craving", "synergy")  # fmt: skip
SCALES = {
    symbol: recorded(CLAIMED.parameters[symbol].record)
    for symbol in ("C50_kratom", "C50_melatonin", "rise", "fade", "softness")
}


def out(kratom: float, melatonin: float, **claims: float) -> dict[str, float]:
    p = {**dict.fromkeys(SWITCHES, 0.0), **SCALES, **claims}
    return CLAIMED.outputs(np, {"kratom_presence": kratom, "melatonin_presence": melatonin}, {}, p)


def presence(remedy: str, concentration, hours: float) -> float:
    """The presence of a remedy after some hours of a concentration over time, nM."""
    drug = {"kratom": "mitragynine", "melatonin": "melatonin"}[remedy]

    def rates(t, x):
        s = {"mitragynine_plasma": 0.0, "melatonin_plasma": 0.3, "melatonin_endogenous": 0.3}
        s[f"{drug}_plasma"] += concentration(t)
        states = {"kratom_presence": 0.0, "melatonin_presence": 0.0, f"{remedy}_presence": x[0]}
        return [CLAIMED.rates(np, states, s, SCALES)[f"{remedy}_presence"]]

    return float(solve_ivp(rates, (0, hours), [0.0], max_step=0.1).y[0, -1])


def test_nothing_is_claimed_by_default() -> None:
    off = out(1.0, 1.0)
    assert off["melatonin_synthesis_factor"] == 1.0
    assert off["claimed_withdrawal_relief"] == off["claimed_craving_relief"] == 0.0


def test_a_claim_is_half_there_at_its_half_effect() -> None:
    half = presence("kratom", lambda t: SCALES["C50_kratom"], 48.0)
    assert half == pytest.approx(0.5, abs=0.02)
    found = out(half, 0.0, synthesis=0.4, kratom_withdrawal=0.6)
    assert found["melatonin_synthesis_factor"] == pytest.approx(1 + 0.4 * half)
    assert found["claimed_withdrawal_relief"] == pytest.approx(0.6 * half)
    assert found["claimed_craving_relief"] == 0.0


def test_a_dose_at_night_is_felt_the_next_day() -> None:
    def night(t: float) -> float:
        return 100.0 if t < 5 else 0.0

    by_noon = presence("melatonin", night, 14.5)
    assert 0.8 < by_noon < presence("melatonin", night, 5.0) <= 1.0
    assert presence("melatonin", night, 20 * 24.0) < 0.05


def test_the_nights_own_melatonin_brings_nothing() -> None:
    assert presence("melatonin", lambda t: 0.0, 9.0) == 0.0


def test_synergy_needs_both() -> None:
    assert out(1.0, 0.0, synergy=0.5)["claimed_withdrawal_relief"] == 0.0
    assert out(0.0, 1.0, synergy=0.5)["claimed_withdrawal_relief"] == 0.0
    assert out(1.0, 1.0, synergy=0.5)["claimed_withdrawal_relief"] == pytest.approx(0.5)


def test_relief_is_at_most_all_of_it_and_may_be_harm() -> None:
    much = out(1.0, 1.0, kratom_withdrawal=0.8, melatonin_withdrawal=0.8, synergy=0.5)
    assert much["claimed_withdrawal_relief"] == 1.0
    assert out(1.0, 1.0, kratom_craving=-0.3)["claimed_craving_relief"] == pytest.approx(-0.3)


def test_units_balance() -> None:
    check_dimensions(CLAIMED)


def test_a_presence_ends_its_rise_without_a_kink() -> None:
    levels = np.linspace(0.0, 0.2, 401)  # the presence is 0.1: below it nothing rises
    s = {"melatonin_plasma": 0.0, "melatonin_endogenous": 0.0}
    here = {"kratom_presence": 0.1, "melatonin_presence": 0.0}
    c50, fades = SCALES["C50_kratom"], SCALES["fade"] * 0.1
    found = np.array(
        [
            CLAIMED.rates(np, here, {**s, "mitragynine_plasma": c50 * at / (1 - at)}, SCALES)[
                "kratom_presence"
            ]
            for at in levels
        ]
    )
    assert np.allclose(found[levels <= 0.1], -fades)
    assert found[-1] == pytest.approx(SCALES["rise"] * 0.1 - fades, rel=0.1)
    turns = np.abs(np.diff(found, 2)) / np.diff(levels)[0]
    assert turns.max() < 0.1 * SCALES["rise"]  # a kink would turn by the whole rate at once
