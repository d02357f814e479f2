"""Mitragynine and 7-OH-mitragynine: the balanced forms against the full equations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from kratom_chain import STAGES, recorded, run, tea, values
from speciosa.core.dimensions import check_dimensions
from speciosa.core.errors import InputError
from speciosa.core.stage import Parameter
from speciosa.exposure.enzymes import ACTIVITY, TURNOVER
from speciosa.exposure.first_pass import balanced_concentration, release_chain
from speciosa.exposure.hydroxymitragynine import HYDROXYMITRAGYNINE
from speciosa.exposure.mitragynine import MITRAGYNINE

DENSE = np.concatenate((np.arange(0, 6, 0.02), np.arange(6, 120.1, 0.5)))
log_uniform = st.floats(-4, 4).map(lambda e: 10.0**e)


def full_equations(t: float, y: np.ndarray, c: dict[str, Any]) -> np.ndarray:
    """The chain with enterocytes and liver as states of their own, written straight down."""
    m, h, e = c["m"], c["h"], c["e"]
    st_, lumen, ent, liv, cen, per, ent7, liv7, cen7, per7, eg, el = y
    cue, cl, plasma = ent / c["Vent"], liv / c["VL"], cen / m["Vc"]
    cue7, cl7, plasma7 = ent7 / c["Vent"], liv7 / c["VL7"], cen7 / h["V"]
    others = m["rho"] * m["fu_others"] * m["plasma_ratio"] * plasma
    ig, il = cue * (1 + m["rho"] * m["gut_ratio"]), m["fu"] * cl + others
    ag, al = eg / (1 + ig / m["Ki"]), el / (1 + il / m["Ki"])
    met = m["CLu"] * m["fm3"] * m["rg"] * ag * cue
    out = m["CLp"] * m["Qv"] / (m["Qv"] + m["CLp"] * m["fu"]) * cue
    met7 = h["CLu"] * h["fm3"] * h["rg"] * ag * cue7
    out7 = h["CLp"] * h["Qv"] / (h["Qv"] + h["CLp"] * h["fu"]) * cue7
    by_3a = m["fu"] * m["CLu"] * m["fm3"] * al * cl
    by_rest = m["fu"] * m["CLu"] * (1 - m["fm3"]) * cl
    gone7 = h["fu"] * h["CLu"] * (h["fm3"] * al + 1 - h["fm3"]) * cl7
    qh = m["Qh"]
    return np.array(
        [
            -m["kge"] * st_,
            m["kge"] * st_ - (m["ka"] + m["kt"]) * lumen,
            m["ka"] * lumen - out - met,
            out + qh * (plasma - cl) - by_3a - by_rest,
            qh * (cl - plasma) - m["Qp"] * (plasma - per / m["Vp"]),
            m["Qp"] * (plasma - per / m["Vp"]),
            h["f7"] * met - out7 - met7,
            out7 + h["f7"] * by_3a + qh * (plasma7 - cl7) - gone7,
            qh * (cl7 - plasma7) - h["Qp"] * (plasma7 - per7 / h["V"]),
            h["Qp"] * (plasma7 - per7 / h["V"]),
            e["kdeg_gut"] * (1 - eg) - e["kinact_gut"] * ig / (e["KI_gut"] + ig) * eg,
            e["kdeg_liver"] * (1 - el) - e["kinact_liver"] * il / (e["KI_liver"] + il) * el,
        ]
    )


def solve_full(milligrams: float) -> tuple[np.ndarray, np.ndarray]:
    c = {
        "m": values(MITRAGYNINE),
        "h": values(HYDROXYMITRAGYNINE),
        "e": values(TURNOVER),
        "Vent": recorded("physiology.enterocyte_volume"),
        "VL": recorded("mitragynine.liver_volume"),
        "VL7": recorded("hydroxymitragynine.liver_volume"),
    }
    start = np.zeros(12)
    start[0] = c["m"]["Fst"] * tea(milligrams)[2]
    start[-2:] = 1.0
    solved = solve_ivp(
        full_equations, (0, 120), start, "LSODA", t_eval=DENSE, args=(c,), rtol=1e-9, atol=1e-9
    )
    assert solved.success
    return solved.y[4] / c["m"]["Vc"], solved.y[8] / c["h"]["V"]


@pytest.mark.parametrize("milligrams", [6.65, 39.0, 156.0])
def test_balanced_form_agrees_with_the_full_equations(milligrams: float) -> None:
    parent, product = solve_full(milligrams)
    ours = run([tea(milligrams)], DENSE).quantities
    for name, full in (("mitragynine_plasma", parent), ("hydroxymitragynine_plasma", product)):
        balanced = ours[name]
        assert balanced.max() == pytest.approx(full.max(), rel=0.02)
        assert np.trapezoid(balanced, DENSE) == pytest.approx(np.trapezoid(full, DENSE), rel=0.02)


@given(log_uniform, log_uniform, log_uniform, log_uniform)
def test_balance_loses_what_flows_in(
    inflow: float, linear: float, saturable: float, slope: float
) -> None:
    free = 1.3
    x = balanced_concentration(
        np, np.float64(inflow), linear=linear, saturable=saturable, free=free, slope=slope
    )
    lost = linear * x + saturable * x / (free + slope * x)
    assert x > 0
    assert lost == pytest.approx(inflow, rel=1e-9)


def test_balance_is_zero_with_a_finite_slope_where_nothing_flows_in() -> None:
    import jax
    import jax.numpy as jnp

    def at(inflow: Any) -> Any:
        return balanced_concentration(jnp, inflow, linear=2.0, saturable=6.0, free=1.0, slope=0.1)

    assert float(at(0.0)) == 0.0
    assert float(jax.grad(at)(0.0)) == pytest.approx(1 / 8, rel=1e-5)
    assert float(jax.grad(at)(500.0)) == pytest.approx(1 / 2, rel=0.01)


def test_release_chain_survives_equal_rates() -> None:
    equal = release_chain({"kge": 2.0, "ka": 1.75, "kt": 0.25, "Fst": 0.9})
    t = np.linspace(0, 5, 50)
    stomach = equal["gain_stomach"] * np.exp(-2.0 * t)
    lumen = equal["chain"] * stomach + equal["gain_lumen"] * np.exp(-equal["k_lumen"] * t)
    assert lumen == pytest.approx(0.9 * 2.0 * t * np.exp(-2.0 * t), abs=1e-5)


@pytest.mark.parametrize("stage", STAGES, ids=lambda s: s.name)
def test_units_balance(stage: Any) -> None:
    check_dimensions(stage)


def test_a_wrong_unit_is_caught() -> None:
    wrong = {**MITRAGYNINE.parameters, "CLp": Parameter("mitragynine.gut_permeability", "1/h")}
    with pytest.raises(InputError):
        check_dimensions(replace(MITRAGYNINE, parameters=wrong))


def test_people_are_rows() -> None:
    one = values(MITRAGYNINE)
    rows = {k: np.full(3, v) for k, v in one.items() if k in MITRAGYNINE.parameters}
    rows = {**rows, **MITRAGYNINE.derive(rows)}
    x = {name: np.array([0.0, 10.0, 1000.0]) for name in (*MITRAGYNINE.states, *MITRAGYNINE.modes)}
    enzyme = {"cyp3a_gut_enzyme": np.ones(3), "cyp3a_liver_enzyme": np.ones(3)}
    many = MITRAGYNINE.outputs(np, x, enzyme, rows)
    assert many["mitragynine_plasma"].shape == (3,)
    for i in range(3):
        alone = MITRAGYNINE.outputs(
            np, {k: v[i] for k, v in x.items()}, {k: 1.0 for k in enzyme}, one
        )
        for name, row in many.items():
            assert row[i] == pytest.approx(alone[name], rel=1e-12)


def test_a_tablet_of_7_oh_gives_7_oh_and_no_mitragynine() -> None:
    swallowed = run([(0.0, "hydroxymitragynine_oral", 48_000.0)], np.arange(0, 12.1, 0.25))
    assert swallowed.quantities["mitragynine_plasma"].max() == 0.0
    assert swallowed.quantities["cyp3a_gut_enzyme"].min() == 1.0
    peak = swallowed.quantities["hydroxymitragynine_plasma"].max()
    assert 21 < peak < 267  # the range that an independent calculation of the same equations gave


def test_leaf_shows_only_clearance_over_yield() -> None:
    """A fourfold yield must leave the 7-OH exposure after leaf nearly as it was."""
    low, high = (
        run([tea(39)], DENSE, {"hydroxymitragynine.yield": y}).quantities for y in (0.1, 0.4)
    )
    name = "hydroxymitragynine_plasma"
    assert high[name].max() == pytest.approx(low[name].max(), rel=0.15)
    assert np.trapezoid(high[name], DENSE) == pytest.approx(
        np.trapezoid(low[name], DENSE), rel=0.05
    )


def test_brain_is_the_unbound_share_of_plasma() -> None:
    q = run([tea(39)], [1.0]).quantities
    p = values(MITRAGYNINE)
    assert q["mitragynine_brain"][0] == pytest.approx(
        p["Kpuu"] * p["fu"] * q["mitragynine_plasma"][0]
    )


def test_a_deep_tissue_lengthens_the_tail() -> None:
    late = [1.0, 120.0]
    without = run([tea(39)], late).quantities["mitragynine_plasma"]
    deep = {"mitragynine.deep_flow": 10.0}
    with_deep = run([tea(39)], late, deep).quantities["mitragynine_plasma"]
    assert with_deep[0] < without[0]
    assert with_deep[1] / with_deep[0] > without[1] / without[0]


def test_activities_are_one_without_kratom_and_fall_with_it() -> None:
    idle = run([], [0.0, 24.0]).quantities
    for name in ACTIVITY.gives:
        assert idle[name] == pytest.approx(1.0, abs=1e-12)
    busy = run([tea(39)], [1.0]).quantities
    assert busy["cyp3a_gut_activity"][0] < busy["cyp3a_liver_activity"][0] < 1
    assert 0.9 < busy["cyp2d6_activity"][0] < 1
    assert busy["cyp1a2_activity"][0] > 0.99
