"""Doses that answer to a person's state, replayed hour by hour."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from speciosa.care.adherence import Adherence
from speciosa.care.decision import decisions
from speciosa.care.regimen import Regimen
from speciosa.core.errors import InputError
from speciosa.core.stage import Moment
from speciosa.core.symbol import SYMBOLS, symbol

NMOL = 1000.0  # of every entry in a unit of product


def _given(text, watched, *, days=3, treatment=lambda hours: 1.0, xp=np):
    """Return the (hours, nmol) that one decision gives when the watched quantity is a function."""
    (made,) = decisions(Regimen.parse(text), days=days)
    (quantity,) = set(made.watches) - {"in_treatment"}
    p = dict.fromkeys(made.covariates, NMOL) | {"limit": 0.1}
    memory = {row: xp.asarray(start) for row, start in made.memory.items()}
    doses = []
    for quarter in range(int(days * 96)):
        hours = quarter / 4.0
        clock = (8.0 + hours) % 24.0
        if clock not in made.hours:
            continue
        s = {quantity: xp.asarray(watched(hours)), "in_treatment": xp.asarray(treatment(hours))}
        moment = Moment(hours, clock, float(hours // 24))
        before = set(memory)
        memory, out = made.decide(xp, moment, s, memory, (), p)
        assert set(memory) == before and set(out) == set(made.doses)
        amount = float(out[made.doses[0]])
        if amount:
            doses.append((hours, amount))
    return doses


@pytest.mark.parametrize("xp", [np, jnp], ids=["numpy", "jax"])
def test_as_needed_keeps_its_daily_limit(xp):
    text = "7-OH tablet 20 mg as needed when craving > 6 up to 3 per day"
    given = _given(text, lambda hours: 7.0, xp=xp)
    assert given == [(24.0 * day + h, 20 * NMOL) for day in range(3) for h in (0.0, 1.0, 2.0)]


def test_as_needed_keeps_its_distance():
    text = "7-OH tablet 20 mg as needed when craving > 6 up to 6 per day at least 8 h apart"
    assert [h for h, _ in _given(text, lambda hours: 7.0, days=1)] == [0.0, 8.0, 16.0]


def test_a_threshold_is_strict_or_not_as_written():
    strict = "melatonin 3 mg as needed when craving > 6 up to 1 per day"
    assert _given(strict, lambda hours: 6.0) == []
    assert len(_given(strict.replace(">", ">="), lambda hours: 6.0)) == 3
    assert len(_given(strict.replace(">", "<="), lambda hours: 6.0)) == 3
    assert _given(strict.replace(">", "<"), lambda hours: 6.0) == []


def test_nothing_is_given_out_of_treatment():
    text = "melatonin 3 mg as needed when craving > 6 up to 1 per day"
    given = _given(text, lambda hours: 7.0, treatment=lambda hours: float(hours < 30.0))
    assert [h for h, _ in given] == [0.0, 24.0]


def test_a_phase_keeps_to_its_days():
    text = "melatonin 3 mg as needed when craving > 6 from day 2 for 1 d up to 24 per day"
    given = [h for h, _ in _given(text, lambda hours: 7.0)]
    assert given == [float(h) for h in range(24, 48)]


def test_once_when_gives_once_at_the_first_hour_it_is_met():
    text = "buprenorphine 8 mg once when COWS >= 8 on day 1 then 16 mg daily"
    assert _given(text, lambda hours: hours) == [(8.0, 8 * NMOL)]
    assert _given(text, lambda hours: 9.0 if hours >= 24.0 else 2.0) == []


def test_rescue_comes_its_delay_after_each_event():
    text = "naloxone 2 mg IM at 30 min after apnoea"

    def ventilation(hours):
        return 0.0 if 2.25 <= hours < 4.0 or 30.0 <= hours < 30.25 else 1.0

    assert [h for h, _ in _given(text, ventilation)] == [2.75, 30.5]
    at_once = "naloxone 2 mg IM after apnoea"
    assert [h for h, _ in _given(at_once, ventilation)] == [2.25, 30.0]


def test_decisions_speak_the_language_of_stages():
    for text in (
        "7-OH tablet 20 mg as needed when craving > 6 up to 3 per day",
        "buprenorphine 8 mg once when COWS >= 8 on day 1",
        "naloxone 2 mg IM at 30 min after apnoea",
    ):
        (made,) = decisions(Regimen.parse(text), days=7)
        rows = [*made.watches, *made.covariates, *made.parameters, *made.memory]
        rows = {name: symbol(name) for name in rows}
        moment = Moment(symbol("hours"), symbol("clock_hour"), symbol("day"))
        memory, doses = made.decide(SYMBOLS, moment, rows, rows, (), rows)
        assert set(memory) == set(made.memory) and set(doses) == set(made.doses)
        assert set(made.gives) <= set(made.memory)


def test_scheduled_regimens_need_no_decision():
    assert decisions(Regimen.parse("kratom leaf 4 g every 6 h"), days=28) == ()


def test_two_regimens_of_one_product_keep_apart():
    regimen = Regimen.parse("melatonin 3 mg as needed when craving > 6 up to 1 per day")
    names = {decisions(regimen, days=3, place=place)[0].name for place in (0, 1)}
    assert len(names) == 2


def test_adherence_takes_its_share_and_all_of_the_residential_doses():
    hours = 6.0 * np.arange(40)
    uniforms = (np.arange(40 * 100).reshape(40, 100) + 0.5) % 100 / 100
    taken = Adherence(0.9, residential_days=3).taken(hours, uniforms)
    assert taken.shape == (40, 100)
    assert taken[:12].all()
    assert taken[12:].mean() == pytest.approx(0.9)
    with pytest.raises(InputError):
        Adherence(1.5)
    with pytest.raises(InputError):
        Adherence(0.5, residential_days=-1)
