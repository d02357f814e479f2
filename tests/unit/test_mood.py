"""Mood: deficits left on arrival, use that brings them back, edges that are silent until set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from alone import centre, follow
from speciosa.core.dimensions import check_dimensions
from speciosa.receptor.serotonin import SEROTONIN
from speciosa.response.mood import MOOD, claimed_lift, mood
from speciosa.trial.design import design

PERSON = {"hours_since_last_use": 14.0, "habit_start": 0.9}
QUIET = {"withdrawal": 0.0, "using_today": 0.0, "mitragynine_plasma": 0.0}


def course(p, hours, **signals):
    return follow(MOOD, p, lambda t: {**QUIET, **signals}, hours)


def test_people_without_a_history_have_no_deficit():
    found = course(centre(MOOD, hours_since_last_use=14.0, habit_start=0.0), [0.0, 500.0])
    assert np.array_equal(found["monoamine_deficit"], [0.0, 0.0])
    assert found["anhedonia"] == pytest.approx([0.0, 0.0], abs=1e-12)
    assert found["hdrs"] == pytest.approx([2.15, 2.15])
    assert found["gad7"] == pytest.approx([3.0, 3.0])


def test_who_stopped_earlier_comes_with_less_of_it():
    late = centre(MOOD, **PERSON | {"hours_since_last_use": 4.36 * 168.0})
    assert late["mood_start"] == pytest.approx(np.exp(-1.0))
    assert late["reward_start"] > 0.85


def test_use_brings_the_deficit_back_and_a_lapse_only_part_of_it():
    p = centre(MOOD, **PERSON | {"hours_since_last_use": 8 * 168.0})
    begin = p["mood_start"]
    daily = course(p, [0.0, 24.0, 28 * 24.0], using_today=4.0)["monoamine_deficit"]
    assert begin < daily[1] < begin + 0.2 < 0.95 < daily[2] <= 1.0
    rested = course(p, [0.0, 24.0])["monoamine_deficit"]
    assert rested[1] < begin


def test_how_often_somebody_uses_in_a_day_does_not_matter():
    p = centre(MOOD, **PERSON | {"hours_since_last_use": 8 * 168.0})
    once, often = (course(p, [0.0, 48.0], using_today=n)["hdrs"][1] for n in (1.0, 4.0))
    assert once == often


def test_a_claimed_lift_rebounds_by_the_same_size_on_stopping():
    assert claimed_lift(np, 1.0, 1.0) == -claimed_lift(np, 0.0, 1.0) == 1.0
    p = centre(MOOD, **PERSON, kratom_mood=0.3)
    off = course(centre(MOOD, **PERSON), [0.0, 672.0])["hdrs"]
    dosed = course(p, [0.0, 672.0], mitragynine_plasma=1e6)["hdrs"]
    assert off - dosed == pytest.approx([0.3 * 6.34] * 2, rel=1e-3)

    def stops(t):
        return {**QUIET, "mitragynine_plasma": 1e6 if t < 672.0 else 0.0}

    after = follow(MOOD, p, stops, [0.0, 673.0, 672.0 + 2000.0])["hdrs"]
    plain = course(centre(MOOD, **PERSON), [0.0, 673.0, 672.0 + 2000.0])["hdrs"]
    assert after[1] - plain[1] == pytest.approx(0.3 * 6.34, rel=0.04)
    assert after[2] - plain[2] == pytest.approx(0.0, abs=1e-3)


def test_serotonin_and_dopamine_edges_are_silent_until_set():
    stage = mood("withdrawal", "using_today", "serotonin_1a_activation")
    x = {"mood_deficit": 0.8, "anxious_deficit": 0.8, "reward_deficit": 0.9, "kratom_memory": 0.5}
    s = {**QUIET, "mitragynine_plasma": 400.0, "serotonin_1a_activation": 0.6}
    p = centre(stage, **PERSON)
    plain = centre(MOOD, **PERSON)
    assert stage.outputs(np, x, s, p) == MOOD.outputs(np, x, {**QUIET}, plain)
    helped = stage.outputs(np, x, s, p | {"serotonin_edge": 0.5, "kratom_dopamine": 0.05})
    assert helped["hdrs"] == pytest.approx(stage.outputs(np, x, s, p)["hdrs"] - 0.3 * 13.01)
    assert helped["anhedonia"] < 0.18


def test_scores_stay_on_their_scales():
    x = {"mood_deficit": 1.0, "anxious_deficit": 1.0, "reward_deficit": 1.0, "kratom_memory": 1.0}
    for span in (-50.0, 200.0):
        p = centre(MOOD, **PERSON, hdrs_span=span, gad7_span=span)
        found = MOOD.outputs(np, x, QUIET, p)
        assert 0.0 <= found["hdrs"] <= 52.0
        assert 0.0 <= found["phq9"] <= 27.0
        assert 0.0 <= found["gad7"] <= 21.0


def test_a_study_pays_for_mood_stress_pain_and_function_only_where_an_endpoint_asks(
    study, evidence
):
    mine = {"mood", "stress", "pain", "function"}
    assert not mine & {stage.name for stage in design(study, evidence).model.stages}
    for scale, stages in (("hdrs", {"mood"}), ("pss10", {"stress"}), ("pain_tolerance", {"pain"}),
                          ("working_days", {"mood", "function"})):  # fmt: skip
        asked = replace(study.endpoints[0], id="asked", scale=scale)
        plan = design(replace(study, endpoints=(*study.endpoints, asked)), evidence)
        assert mine & {stage.name for stage in plan.model.stages} == stages
        assert scale in plan.recorded


def test_the_receptor_is_half_active_at_its_half_effect():
    p = centre(SEROTONIN)
    s = {"speciogynine_plasma": p["EC50"] / p["metabolite_share"]}
    assert SEROTONIN.outputs(np, {}, s, p)["serotonin_1a_activation"] == pytest.approx(
        p["efficacy"] / 2
    )
    assert SEROTONIN.outputs(np, {}, {"speciogynine_plasma": 0.0}, p) == {
        "serotonin_1a_activation": 0.0
    }


@pytest.mark.parametrize(
    "stage",
    [MOOD, mood("ciwa", "drinking_today"), mood(serotonin="serotonin_1a_activation"), SEROTONIN],
)
def test_units_balance(stage):
    check_dimensions(stage)
