"""Function: whole in somebody well, less with each burden, never below nothing."""

from __future__ import annotations

import numpy as np
import pytest

from alone import centre
from opioid_chain import numbers
from speciosa.core.dimensions import check_dimensions
from speciosa.symptom.function import FUNCTION, function

P = centre(FUNCTION)
WELL = {"withdrawal": 0.0, "psqi": 4.0, "hdrs": 3.0, "using_today": 0.0, "craving": 0.0}
BURDENS = {"withdrawal": 0.8, "psqi": 12.0, "hdrs": 16.0, "using_today": 4.0}


def out(**burden):
    return FUNCTION.outputs(np, {}, {**WELL, **burden}, P)


def test_somebody_well_works_a_usual_week():
    assert out() == {"function": 1.0, "working_days": 5.0, "judgement": 1.0}


@pytest.mark.parametrize("burden", BURDENS)
def test_each_burden_takes_function_away(burden):
    found = out(**{burden: BURDENS[burden]})
    assert 0.0 < found["function"] < 0.95
    assert found["working_days"] == pytest.approx(5.0 * found["function"])


@pytest.mark.parametrize("burden", ["psqi", "using_today", "craving"])
def test_judgement_is_strained_by_craving_sleeplessness_and_use(burden):
    assert 0.0 < out(**{burden: 9.0})["judgement"] < 0.95


def test_withdrawal_and_low_mood_alone_do_not_strain_judgement():
    assert out(withdrawal=0.8, hdrs=16.0)["judgement"] == 1.0


def test_how_often_somebody_uses_in_a_day_does_not_matter():
    assert out(using_today=1.0) == out(using_today=4.0)


def test_every_weight_is_assumed_and_says_so():
    mine = [n for name, n in numbers().items() if name.startswith("function.")]
    assert len(mine) >= 10
    assert {(n.source, n.grade) for n in mine} == {("assumed", "E")}


def test_units_balance():
    check_dimensions(FUNCTION)
    check_dimensions(function("ciwa", "drinking_today"))
