"""The functions that vectorise: as exact as the C library's, and loud where they do not apply."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speciosa.core.engine import prepare_jax
from speciosa.core.fast import Fast
from speciosa.core.power import NOTHING, raised

XP = Fast(prepare_jax().numpy)


@settings(deadline=None)
@given(st.floats(min_value=1e-300, max_value=1e300))
def test_the_logarithm_is_right_to_the_last_bits(x: float) -> None:
    assert float(XP.log(x)) == pytest.approx(np.log(x), rel=5e-16, abs=3e-16)


@pytest.mark.parametrize("x", [0.0, -1.0, float("nan")])
def test_what_has_no_logarithm_is_not_a_number(x: float) -> None:
    assert np.isnan(XP.log(x))


@pytest.mark.parametrize(("kind", "within"), [("float64", 1e-13), ("float32", 2e-6)])
def test_sine_and_cosine_of_many_turns(kind: str, within: float) -> None:
    angle = np.linspace(-300.0, 900.0, 4001).astype(kind)
    exact = angle.astype(float)
    assert np.abs(np.asarray(XP.sin(angle)) - np.sin(exact)).max() < within
    assert np.abs(np.asarray(XP.cos(angle)) - np.cos(exact)).max() < within
    assert XP.sin(angle).dtype == kind


@settings(deadline=None)
@given(st.floats(min_value=0.0, max_value=1e6), st.floats(min_value=0.1, max_value=6.0))
def test_a_power_of_what_is_not_negative(base: float, exponent: float) -> None:
    wanted = max(base, NOTHING) ** exponent if base > 0 else 0.0
    assert float(raised(XP, base, exponent)) == pytest.approx(wanted, rel=1e-13, abs=0.0)
    assert float(raised(np, base, exponent)) == pytest.approx(wanted, rel=1e-13, abs=0.0)


def test_nothing_below_zero_has_a_power() -> None:
    assert raised(np, np.array([-2.0, 0.0]), 0.5).tolist() == [0.0, 0.0]
