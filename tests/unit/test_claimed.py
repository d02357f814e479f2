"""Claimed edges: silent until switched on."""

from __future__ import annotations

import numpy as np
import pytest

from kratom_chain import recorded
from speciosa.core.dimensions import check_dimensions
from speciosa.response.claimed import CLAIMED

SWITCHES = ("synthesis", "kratom_withdrawal", "melatonin_withdrawal", "kratom_craving",
            "melatonin_craving", "synergy")  # fmt: skip
SCALES = {
    symbol: recorded(CLAIMED.parameters[symbol].record)
    for symbol in ("C50_kratom", "C50_melatonin")
}


def out(kratom: float, melatonin: float, **claims: float) -> dict[str, float]:
    p = {**dict.fromkeys(SWITCHES, 0.0), **SCALES, **claims}
    s = {"mitragynine_plasma": kratom, "melatonin_plasma": melatonin}
    return CLAIMED.outputs(np, {}, s, p)


def test_nothing_is_claimed_by_default() -> None:
    off = out(500.0, 100.0)
    assert off == {
        "melatonin_synthesis_factor": 1.0,
        "claimed_withdrawal_relief": 0.0,
        "claimed_craving_relief": 0.0,
    }


def test_a_claim_is_half_there_at_its_half_effect() -> None:
    half = out(SCALES["C50_kratom"], 0.0, synthesis=0.4, kratom_withdrawal=0.6)
    assert half["melatonin_synthesis_factor"] == pytest.approx(1.2)
    assert half["claimed_withdrawal_relief"] == pytest.approx(0.3)
    assert half["claimed_craving_relief"] == 0.0


def test_synergy_needs_both() -> None:
    assert out(500.0, 0.0, synergy=0.5)["claimed_withdrawal_relief"] == 0.0
    assert out(0.0, 50.0, synergy=0.5)["claimed_withdrawal_relief"] == 0.0
    assert out(500.0, 50.0, synergy=0.5)["claimed_withdrawal_relief"] > 0.3


def test_relief_is_at_most_all_of_it_and_may_be_harm() -> None:
    much = out(1e6, 1e6, kratom_withdrawal=0.8, melatonin_withdrawal=0.8, synergy=0.5)
    assert much["claimed_withdrawal_relief"] == 1.0
    assert out(1e6, 1e6, kratom_craving=-0.3)["claimed_craving_relief"] < -0.29


def test_units_balance() -> None:
    check_dimensions(CLAIMED)
