"""Melatonin's stages: mass, window, MT1, dimensions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from clockwork import SCALAR, decays_of, march, parameters_of, staged, start_of
from speciosa.core.dimensions import check_dimensions
from speciosa.exposure.melatonin import FLOWS, MELATONIN, synthesis_window
from speciosa.receptor.melatonin import MT1

DARK = {
    "circadian_cosine": math.cos(5.5),
    "circadian_sine": math.sin(5.5),
    "light_drive": 0.0,
    "cyp1a2_activity": 1.0,
    "melatonin_synthesis_factor": 1.0,
}


def person(**changed: float) -> dict:
    return parameters_of(MELATONIN, changed, weight=70.0, age=30.0, smoker=0.0)


@pytest.mark.parametrize("stage", [MELATONIN, MT1], ids=lambda stage: stage.name)
def test_dimensions(stage):
    check_dimensions(stage)


def test_all_of_a_dose_is_absorbed():
    p = person()
    for entry, gains in MELATONIN.entries.items():
        total = sum(p[gain] / p[MELATONIN.modes[flow].rate] for flow, gain in gains.items())
        assert total == pytest.approx(1, rel=1e-9), entry


def test_absorption_begins_at_zero_and_is_never_negative():
    p = person()
    t = np.linspace(0, 6, 601)
    flow = sum(p[f"{f}_gain"] * np.exp(-p[f"{f}_rate"] * t) for f in FLOWS)
    assert flow[0] == pytest.approx(0, abs=1e-9)
    assert flow.min() > -1e-9
    assert np.trapezoid(t * flow, t) == pytest.approx(0.2 + 1 / 2.5, abs=0.001)


def test_depot_as_fast_as_a_transit_step_stays_finite():
    transit = person()["absorption_b_rate"]
    alike = parameters_of(
        MELATONIN, {"melatonin.immediate_absorption_rate": transit},
        weight=70.0, age=30.0, smoker=0.0,
    )  # fmt: skip
    total = sum(alike[f"{f}_gain"] / alike[f"{f}_rate"] for f in FLOWS)
    assert total == pytest.approx(1, rel=1e-6)


def test_window_is_nine_hours_of_a_turn():
    psi = np.linspace(0, 2 * math.pi, 2401)[:-1]
    width = synthesis_window(np, np.cos(psi - 2.4347), math.cos(1.1781), 0.03)
    assert width.mean() * 24 == pytest.approx(9.0, abs=0.05)


def test_two_parts_add_up_and_light_or_phase_stops_the_gland():
    p = person()
    x = start_of(MELATONIN, p) | {"swallowed": 100.0, "made": 10.0}
    out = MELATONIN.outputs(np, x, DARK, p)
    assert out["melatonin_plasma"] == pytest.approx(110.0 / 84.0)
    assert out["melatonin_endogenous"] == pytest.approx(10.0 / 84.0)
    for stop in ({"light_drive": 0.3}, {"melatonin_synthesis_factor": 0.0}, {}):
        held = DARK | {"melatonin_window": 1.0 if stop else 0.0} | stop
        made = MELATONIN.rates(np, x, held, p)["made"]
        assert made == pytest.approx(-10.0 * 1.275 / 1.2)


def test_zero_dose_leaves_only_the_gland():
    p = person()
    rates = staged((MELATONIN,), (p,), DARK)
    x, _, _ = march(
        SCALAR, rates, start_of(MELATONIN, p), (0, 24), lambda t: {}, decays=decays_of(MELATONIN, p)
    )
    assert x["swallowed"] == 0.0


def test_older_people_make_less():
    young, old = (
        parameters_of(MELATONIN, weight=70.0, age=age, smoker=0.0)["synthesis"]
        for age in (30.0, 70.0)
    )
    assert old / young == pytest.approx(math.exp(-0.017 * 40))


def test_bioavailability_is_capped_between_people_only():
    generous = parameters_of(
        MELATONIN, {"melatonin.gut_availability": 9.0}, weight=70.0, age=30.0, smoker=0.0
    )
    assert generous["gut_share"] * 0.15 == pytest.approx(0.5)


def test_occupancy_stays_between_zero_and_one():
    p = parameters_of(MT1)
    level = np.array([-1e-9, 0.0, 0.081, 10.0, 1e6])
    out = MT1.outputs(np, {}, {"melatonin_plasma": level, "melatonin_endogenous": level}, p)
    assert out["mt1_occupancy"] == pytest.approx([0, 0, 0.5, 0.99197, 1], abs=1e-4)
    assert ((out["mt1_occupancy"] >= 0) & (out["mt1_occupancy"] <= 1)).all()
