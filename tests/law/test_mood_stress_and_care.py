"""Laws of mood, stress, pain, function and psychosocial treatment.

Scores stay on their scales whatever comes in; an edge at zero is no edge; ordinary care is placebo;
JAX, NumPy and the symbol tracer run one law for the stages that only alcohol wires.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alone import centre
from expressions import evaluate
from speciosa.care.psychosocial import parse_care
from speciosa.care.therapy import care_decision, worth
from speciosa.core.dimensions import check_dimensions, trace
from speciosa.core.engine import prepare_jax
from speciosa.core.stage import Stage
from speciosa.receptor.serotonin import SEROTONIN
from speciosa.response.mood import MOOD, mood
from speciosa.response.pain import PAIN, pain
from speciosa.response.sleep import sleep_disturbance
from speciosa.response.stress import STRESS, stress
from speciosa.response.therapy import RELAPSE_DRUG, therapy
from speciosa.symptom.function import FUNCTION, function

WHO = {"hours_since_last_use": 14.0, "habit_start": 0.9}
STAGES = {
    "mood": MOOD,
    "mood in alcohol": mood("ciwa", "drinking_today"),
    "mood with serotonin": mood("ciwa", "drinking_today", "serotonin_1a_activation"),
    "stress": STRESS,
    "stress in alcohol": stress("ciwa"),
    "pain": PAIN,
    "pain without adaptation": pain(adapted=False),
    "serotonin": SEROTONIN,
    "function": FUNCTION,
    "function in alcohol": function("ciwa", "drinking_today", "urge"),
    "therapy": therapy(["care_log_odds_a", "care_log_odds_b", "care_sleep_share_b"]),
    "therapy in alcohol": therapy(["care_log_odds_a"], "relapse_drug", RELAPSE_DRUG),
    "sleep with treatment": sleep_disturbance("alcohol", care=True),
}
EDGES = {
    "mood": ("kratom_mood", "kratom_dopamine"),
    "mood in alcohol": ("kratom_mood", "kratom_dopamine"),
    "mood with serotonin": ("kratom_mood", "kratom_dopamine", "serotonin_edge"),
    "stress": ("melatonin_stress",),
    "stress in alcohol": ("melatonin_stress",),
}
SCALES = {
    "hdrs": (0, 52), "phq9": (0, 27), "gad7": (0, 21), "anhedonia": (0, 1), "pss10": (0, 40),
    "pain_tolerance": (0, 300), "function": (0, 1), "working_days": (0, 5), "judgement": (0, 1),
    "serotonin_1a_activation": (0, 1), "care_sleep_share": (0, 1), "cortisol": (0, np.inf),
}  # fmt: skip
share = st.floats(0.0, 1.0)
wide = st.floats(0.0, 1e5)


def values(stage: Stage) -> dict[str, Any]:
    return centre(stage, **{name: WHO[name] for name in stage.covariates})


def at(stage: Stage, draw: np.random.Generator, size: int = 30) -> tuple[Any, Any]:
    """Random states and signals; states stay above zero, as equations keep them."""
    x = {n: s.scale * draw.uniform(0.05, 1.0, size) for n, s in stage.states.items()}
    s = {q: draw.uniform(0.0, 20.0, size) for q in stage.needs}
    return x, s | {"clock_hour": draw.uniform(0, 24, size), "hours": draw.uniform(0, 900, size)}


@pytest.mark.parametrize("name", STAGES)
def test_units_balance(name):
    check_dimensions(STAGES[name])


@pytest.mark.parametrize("name", STAGES)
def test_three_array_modules_run_the_same_equations(name):
    stage, jnp = STAGES[name], prepare_jax().numpy
    p, (x, s) = values(stage), at(stage, np.random.default_rng(len(name)))
    outputs, rates = trace(stage)
    mine, theirs = stage.outputs(np, x, s, p), stage.outputs(jnp, x, s, p)
    for quantity, tree in outputs.items():
        wanted = np.broadcast_to(mine[quantity], 30)
        np.testing.assert_allclose(np.broadcast_to(theirs[quantity], 30), wanted, rtol=1e-12)
        np.testing.assert_allclose(evaluate(tree, {**x, **s, **p}), wanted, rtol=1e-12)
    if stage.rates is None:
        return
    s |= mine
    slopes, again = stage.rates(np, x, s, p), stage.rates(jnp, x, s, p)
    for state, tree in rates.items():
        np.testing.assert_allclose(again[state], slopes[state], rtol=1e-11, atol=1e-15)
        np.testing.assert_allclose(
            evaluate(tree, {**x, **s, **p}), slopes[state], rtol=1e-11, atol=1e-15
        )


@pytest.mark.parametrize("name", [n for n in STAGES if set(STAGES[n].gives) & set(SCALES)])
@given(st.data())
def test_scores_stay_on_their_scales(name, data):
    stage = STAGES[name]
    x = {state: data.draw(st.floats(1e-3, 5.0)) for state in stage.states}
    s = {q: data.draw(share if q.startswith("care") else wide) for q in stage.needs}
    found = stage.outputs(np, x, s | {"clock_hour": data.draw(st.floats(0, 24))}, values(stage))
    for quantity in set(found) & set(SCALES):
        low, high = SCALES[quantity]
        assert low <= found[quantity] <= high, quantity


@pytest.mark.parametrize("name", EDGES)
def test_an_edge_at_zero_is_no_edge(name):
    """As shipped every edge is zero: kratom and melatonin change no output and no rate that a
    score reads. Each edge, switched on, does."""
    stage = STAGES[name]
    p, (x, s) = values(stage), at(stage, np.random.default_rng(3))
    drugs = ("mitragynine_plasma", "melatonin_present", "serotonin_1a_activation")
    without = {q: 0.0 * row if q in drugs else row for q, row in s.items()}
    dosed, plain = stage.outputs(np, x, s, p), stage.outputs(np, x, without, p)
    assert all(p[edge] == 0.0 for edge in EDGES[name])
    for quantity in dosed:
        assert np.array_equal(dosed[quantity], plain[quantity]), quantity
    rates = (stage.rates(np, x, signals | outputs, p) for signals, outputs in
             ((s, dosed), (without, plain)))  # fmt: skip
    on, off = rates
    for state in set(stage.states) - {"kratom_memory"}:
        assert np.array_equal(on[state], off[state]), state
    for edge in EDGES[name]:
        moved = stage.outputs(np, x, s, p | {edge: 0.2})
        assert any(not np.array_equal(moved[q], plain[q]) for q in moved), edge


@given(st.floats(0, 1e4), st.floats(-1, 1e4), st.floats(1, 1e4), st.floats(1, 1e4),
       st.floats(1, 1e4))  # fmt: skip
def test_a_treatment_is_never_worth_more_than_its_size(hours, left, length, onset, decay):
    left = left if left >= 0 else -1.0
    found = worth(np, hours, left, length=length, onset=onset, decay=decay, gone=None)
    assert 0.0 <= found <= 1.0 + 1e-12


def test_ordinary_and_medical_care_are_no_decision():
    for line in ("ordinary care", "medical care"):
        assert care_decision(parse_care(line), "arm", 28) is None


@given(share, st.floats(-3.0, 0.0))
def test_a_drug_takes_from_a_treatment_and_never_turns_it_round(drug, odds):
    stage = STAGES["therapy"]
    s = {"care_log_odds_a": odds, "care_log_odds_b": 0.0, "care_sleep_share_b": 0.0,
         "mu_signal_prescribed": drug}  # fmt: skip
    found = float(stage.outputs(np, {}, s, values(stage))["care_log_odds"])
    assert odds <= found <= 0.0
