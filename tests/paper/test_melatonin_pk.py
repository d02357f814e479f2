"""Melatonin's exposure against published kinetics: C21 to C25.

Fourtillan 2000, 2001; DeMuro 2000; Haertter 2000; von Bahr 2000; van den Heuvel 1999. C21, C24 and
C25 are closed forms at the measured clearances; the stage itself is held against them.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from clockwork import (
    PICOGRAM,
    SCALAR,
    Rows,
    decays_of,
    march,
    parameters_of,
    records,
    staged,
    start_of,
)  # fmt: skip
from speciosa.exposure.melatonin import MELATONIN, hepatic_availability, intrinsic_clearance

VALUES = {name: record["value"] for name, record in records("melatonin").items()}
MEN, WOMEN = VALUES["melatonin.clearance_men"], VALUES["melatonin.clearance_women"]
ASLEEP = {
    "circadian_cosine": math.cos(5.5),
    "circadian_sine": math.sin(5.5),
    "light_drive": 0.0,
    "melatonin_synthesis_factor": 1.0,
}


def one_dose(t: np.ndarray, milligrams: float) -> np.ndarray:
    """Return the plasma level (pg/mL) of a 70 kg man, oral availability 0.15, lag and depot."""
    clearance, volume = MEN * 70, VALUES["melatonin.volume"] * 70
    depot, out = VALUES["melatonin.immediate_absorption_rate"], clearance / volume
    since = np.maximum(t - VALUES["melatonin.absorption_lag"], 0)
    scale = 0.15 * milligrams * 1e6 * depot / (volume * (depot - out))
    return scale * (np.exp(-out * since) - np.exp(-depot * since))


@pytest.mark.parametrize(
    ("milligrams", "peak"), [(0.3, 285), (2, 1900), (3, 2850), (5, 4750), (10, 9501)]
)
def test_closed_form_peak(milligrams, peak):
    t = np.linspace(0, 6, 6001)
    level = one_dose(t, milligrams)
    assert level.max() == pytest.approx(peak, rel=0.005)
    assert t[level.argmax()] == pytest.approx(0.80, abs=0.01)


def test_closed_form_area():
    t = np.linspace(0, 24, 48001)
    assert np.trapezoid(one_dose(t, 10), t) == pytest.approx(16873, rel=0.002)


def swallowed(entry: str, milligrams: float, **held: float) -> tuple[np.ndarray, np.ndarray]:
    """Return times and level (pg/mL) of the stage after one dose in a 70 kg person."""
    fixed = {"melatonin.gut_availability": 1.0, "melatonin.level_at_start": 0.0}
    smoker = held.pop("smoker", 0.0)
    p = parameters_of(MELATONIN, fixed, weight=70.0, age=30.0, smoker=smoker)
    rates = staged((MELATONIN,), (p,), {"cyp1a2_activity": 1.0} | ASLEEP | held)
    x: Rows = start_of(MELATONIN, p)
    for state, gain in MELATONIN.entries[entry].items():
        x[state] += milligrams * 1e6 / PICOGRAM * p[gain]
    _, t, seen = march(
        SCALAR, rates, x, (0, 24), lambda t: {},
        step=0.01, decays=decays_of(MELATONIN, p), watch="swallowed",
    )  # fmt: skip
    return t, np.array(seen) / p["volume"] * PICOGRAM


def test_stage_keeps_to_the_closed_form():
    """The three-step transit loses a little of the peak, nothing of the area."""
    t, level = swallowed("melatonin_oral", 3)
    assert level.max() == pytest.approx(2850, rel=0.03)
    assert level.max() < 2850
    assert t[level.argmax()] == pytest.approx(0.80, abs=0.03)
    assert np.trapezoid(level, t) == pytest.approx(np.trapezoid(one_dose(t, 3), t), rel=0.01)


def test_prolonged_release_is_lower_longer_and_equal_in_area():
    t, immediate = swallowed("melatonin_oral", 2)
    _, prolonged = swallowed("melatonin_prolonged", 2)
    assert prolonged.max() < 0.6 * immediate.max()
    assert prolonged[t >= 6][0] > 5 * immediate[t >= 6][0]
    assert np.trapezoid(prolonged, t) == pytest.approx(np.trapezoid(immediate, t), rel=0.01)


def test_well_stirred_liver():
    assert hepatic_availability(105.0, 595.0) == pytest.approx(0.15, abs=1e-12)
    assert 595.0 * hepatic_availability(105.0, 595.0) == pytest.approx(89.25, abs=1e-9)


def test_fluvoxamine_raises_swallowed_more_than_own_melatonin():
    """C23: all clearance by CYP1A2, cut to a seventeenth; observed 17 and 2.8."""
    full = {"melatonin.cyp1a2_share": 1.0}
    p = parameters_of(MELATONIN, full, weight=70.0, age=30.0, smoker=0.0)
    without, with_it = (intrinsic_clearance(p, activity) for activity in (1.0, 1 / 17))
    escape = [hepatic_availability(p["hepatic_flow"], c) for c in (without, with_it)]
    cleared = [without * escape[0], with_it * escape[1]]
    oral = escape[1] / cleared[1] / (escape[0] / cleared[0])
    assert oral == pytest.approx(17, rel=1e-12)
    assert cleared[0] / cleared[1] == pytest.approx(3.4, abs=0.001)


def test_smoking_lowers_swallowed_melatonin():
    """Ursing 2005: area while smoking over abstinent 0.35 (from memory); direction seen."""
    t, clear = swallowed("melatonin_oral", 25)
    _, smoking = swallowed("melatonin_oral", 25, smoker=1.0)
    assert 0.3 < np.trapezoid(smoking, t) / np.trapezoid(clear, t) < 0.45


@pytest.mark.parametrize(
    ("made", "clearance", "weight", "plateau"), [(4.6, MEN, 72, 50), (2.8, WOMEN, 60, 40)]
)
def test_night_plateau(made, clearance, weight, plateau):
    assert made * 1000 / (clearance * weight) == pytest.approx(plateau, abs=1)


@pytest.mark.parametrize(("infusion", "level"), [(0.04, 31.5), (0.08, 63), (8, 6299)])
def test_infusion_by_vein(infusion, level):
    assert infusion * 1000 / MEN == pytest.approx(level, abs=0.5)


def test_stage_reaches_the_night_plateau():
    """C24 by the stage: synthesis 0.064 ug/h/kg at 30 years, in the dark, inside the window."""
    p = parameters_of(MELATONIN, weight=72.0, age=30.0, smoker=0.0)
    night = ASLEEP | {
        "circadian_cosine": math.cos(2.4347),
        "circadian_sine": math.sin(2.4347),
        "cyp1a2_activity": 1.0,
    }
    rates = staged((MELATONIN,), (p,), night)
    start, decays = start_of(MELATONIN, p), decays_of(MELATONIN, p)
    x, _, _ = march(SCALAR, rates, start, (0, 9), lambda t: {}, decays=decays)
    assert x["made"] / p["volume"] * PICOGRAM == pytest.approx(50, abs=1)
