"""Sampling: quantiles as recorded, the value in the middle, and the two uncertainties apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speciosa.evidence.record import Between, Number, Spread
from speciosa.evidence.sample import draw_value, person_value

TAIL = 1.6448536269514722
SHAPES = {
    "lognormal": (2.0, 1.0, 4.0),
    "normal": (2.0, 1.0, 3.0),
    "logitnormal": (0.5, 0.2, 0.8),
    "uniform": (2.0, 1.0, 5.0),
    "loguniform": (2.0, 1.0, 10.0),
}


def number(shape="lognormal", between=None, bounds=None):
    value, low, high = SHAPES[shape]
    return Number(
        "a.b", value, "1", "assumed", "E", Spread(shape, low, high), between=between, bounds=bounds
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_a_zero_score_is_the_value(shape):
    assert float(draw_value(number(shape), 0.0)) == pytest.approx(SHAPES[shape][0], rel=1e-14)


@pytest.mark.parametrize("shape", ["lognormal", "normal", "logitnormal"])
def test_low_and_high_are_the_5_and_95_percent_points(shape):
    low, high = draw_value(number(shape), [-TAIL, TAIL])
    assert (low, high) == pytest.approx(SHAPES[shape][1:], rel=1e-12)


def test_a_skewed_lognormal_keeps_its_value_and_the_width():
    skewed = Number("a", 1.0, "1", "assumed", "E", Spread("lognormal", 0.9, 4.0))
    low, high = draw_value(skewed, [-TAIL, TAIL])
    assert high / low == pytest.approx(4.0 / 0.9)


@pytest.mark.parametrize("shape", ["uniform", "loguniform"])
def test_uniform_shapes_fill_their_ends_with_half_on_each_side(shape):
    value, low, high = SHAPES[shape]
    drawn = draw_value(number(shape), np.linspace(-6, 6, 2001))
    assert low <= drawn.min() < low * 1.01
    assert high * 0.99 < drawn.max() <= high
    assert np.all(np.diff(drawn) > 0)
    assert np.mean(drawn < value) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("shape", SHAPES)
@given(z=st.lists(st.floats(-8, 8), min_size=2, max_size=20))
def test_larger_scores_give_no_smaller_values(shape, z):
    drawn = draw_value(number(shape), np.sort(z))
    assert np.all(np.isfinite(drawn))
    assert np.all(np.diff(drawn) >= -1e-12)


def test_without_spread_every_draw_is_the_value():
    fixed = Number("a", 2.0, "1", "assumed", "E", between=Between("normal", 5.0))
    assert draw_value(fixed, [-3.0, 0.0, 3.0]).tolist() == [2.0, 2.0, 2.0]


def test_without_between_every_person_is_the_draw():
    assert person_value(number(), 3.3, [-3.0, 0.0, 3.0]).tolist() == [3.3, 3.3, 3.3]


def test_people_spread_about_the_value_of_their_draw():
    lognormal = number(between=Between("lognormal", 0.3))
    assert person_value(lognormal, [1.0, 10.0], 1.0) == pytest.approx(
        np.exp(0.3) * np.array([1.0, 10.0])
    )
    logit = number("logitnormal", between=Between("logitnormal", 1.0))
    assert float(person_value(logit, 0.5, 1.0)) == pytest.approx(1 / (1 + np.exp(-1)))
    assert float(person_value(logit, 0.5, 0.0)) == 0.5


def test_shapes_broadcast_draws_against_people():
    between = number(between=Between("normal", 0.1))
    assert person_value(between, np.ones((3, 1)), np.zeros((1, 4))).shape == (3, 4)
    assert person_value(number(), np.ones((3, 1)), np.zeros((1, 4))).shape == (3, 4)


def test_bounds_hold_in_draws_and_people():
    bounded = number("normal", Between("normal", 9.0), (1.5, 2.5))
    assert draw_value(bounded, [-3.0, 3.0]).tolist() == [1.5, 2.5]
    assert person_value(bounded, 2.0, [-3.0, 3.0]).tolist() == [1.5, 2.5]


def test_a_broadcast_result_may_be_written_to():
    drawn = person_value(number(), np.ones(1), np.zeros(3))
    drawn[0] = 5.0
    assert drawn.tolist() == [5.0, 1.0, 1.0]
