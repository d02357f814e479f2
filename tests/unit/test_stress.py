"""Stress: what drives it, what it scores, what melatonin is claimed to do."""

from __future__ import annotations

import numpy as np
import pytest

from alone import centre, follow
from speciosa.core.dimensions import check_dimensions
from speciosa.response.stress import STRESS, feedback, steady, stress

P = centre(STRESS, habit_start=0.0)
AT_REST = {"cortisol_level": 1.0, "pituitary_mass": 1.0, "adrenal_mass": 1.0}


def out(stage=STRESS, p=P, clock=8.5, **signals):
    s = {"clock_hour": clock, "melatonin_present": 0.0, **signals}
    return stage.outputs(np, AT_REST, s, p)


def test_input_rises_with_withdrawal_and_no_further_than_the_reference():
    found = [out(withdrawal=share * P["reference"])["stress_input"] for share in (0, 0.5, 1, 3)]
    assert found == pytest.approx([1.0, 2.0, 3.0, 3.0])


def test_input_in_alcohol_withdrawal_goes_on_with_the_ciwa():
    stage = stress("ciwa")
    p = centre(stage, habit_start=0.0)
    found = [out(stage, p, ciwa=points)["stress_input"] for points in (0.0, 22.0, 44.0)]
    assert found == pytest.approx([1.0, 4.0, 7.0])


def test_perceived_stress_is_13_at_rest_and_20_in_withdrawal():
    assert out(withdrawal=0.0)["pss10"] == pytest.approx(13.0)
    assert out(withdrawal=10.0)["pss10"] == pytest.approx(20.0)
    assert out(p=P | {"pss10_base": 39.0}, withdrawal=10.0)["pss10"] == 40.0
    assert out(p=P | {"pss10_rise": -90.0}, withdrawal=10.0)["pss10"] == 0.0


def test_cortisol_peaks_in_the_morning_and_is_lowest_twelve_hours_later():
    found = [out(clock=hour, withdrawal=0.0)["cortisol"] for hour in (8.5, 14.5, 20.5)]
    assert found == pytest.approx([400.0, 250.0, 100.0])


def test_melatonin_relieves_nothing_until_it_is_claimed_to():
    assert out(withdrawal=1.0, melatonin_present=1.0) == out(withdrawal=1.0)
    claimed = P | {"melatonin_stress": 0.5}
    eased = out(p=claimed, withdrawal=10.0, melatonin_present=1.0)
    assert eased["stress_input"] == pytest.approx(2.0)
    assert out(p=claimed, withdrawal=10.0)["stress_input"] == pytest.approx(3.0)
    most = out(p=P | {"melatonin_stress": 7.0}, withdrawal=10.0, melatonin_present=1.0)
    assert most["stress_input"] == pytest.approx(1.0)


def test_the_steady_state_is_one_for_any_input():
    for u in (1.0, 2.0, 3.0, 7.0):
        x3, pituitary, adrenal = steady(P, u)
        brake = feedback(np, x3, P["receptor_half"], P["receptor_slope"])
        assert x3 == pytest.approx(u * brake, rel=1e-9)  # CRH is 1
        assert pituitary * brake == pytest.approx(1.0, rel=1e-9)  # ACTH is 1
        assert adrenal == x3
        assert steady(P, u + 0.1)[0] > x3


def test_people_come_at_the_steady_state_of_their_history():
    p = centre(STRESS, habit_start=np.array([0.0, 0.3, 1.0]))
    assert p["cortisol_start"][1] == p["cortisol_start"][2] > 2 * p["cortisol_start"][0]
    used = centre(STRESS, habit_start=1.0)
    signals = {"withdrawal": used["reference"], "melatonin_present": 0.0}
    found = follow(STRESS, used, lambda t: signals, [0.0, 2000.0])
    for state in STRESS.states:
        assert found[state][1] == pytest.approx(found[state][0], rel=1e-6)


def test_a_sudden_input_is_met_within_hours_and_leaves_no_negative_hormone():
    signals = {"withdrawal": 10.0, "melatonin_present": 0.0}
    found = follow(STRESS, P, lambda t: signals, [0.0, 1.0, 3.0, 6.0, 24.0])["cortisol_relative"]
    assert (np.diff(found[:4]) > 0).all()
    assert found[3] == pytest.approx(found[4], rel=0.02)
    dropped = follow(
        STRESS, P, lambda t: {"withdrawal": 0.0, "melatonin_present": 0.0}, [0.0, 1.0, 6.0, 24.0],
        start={"cortisol_level": 8.0},
    )  # fmt: skip
    assert (dropped["cortisol_relative"] > 0).all()


@pytest.mark.parametrize("stage", [STRESS, stress("ciwa")])
def test_units_balance(stage):
    check_dimensions(stage)
