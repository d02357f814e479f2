"""Quantiles of many rows: NumPy's own to the last bit, with and without what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from speciosa.core.quantile import quantiles

SHARES = (0.0, 0.05, 1 / 3, 0.5, 0.95, 1.0)


@pytest.mark.parametrize("count", [1, 2, 3, 39, 40, 41])
def test_they_are_those_of_numpy(count: int) -> None:
    values = np.random.default_rng(count).normal(size=(7, 5, count))
    assert np.array_equal(quantiles(values, SHARES), np.quantile(values, SHARES, axis=2))


def test_what_is_missing_is_left_out() -> None:
    values = np.random.default_rng(1).normal(size=(200, 40))
    values[np.random.default_rng(2).uniform(size=values.shape) < 0.4] = np.nan
    assert np.array_equal(quantiles(values, SHARES), np.nanquantile(values, SHARES, axis=1))


def test_nothing_has_no_quantile() -> None:
    assert np.isnan(quantiles(np.full((2, 3), np.nan), SHARES)).all()
