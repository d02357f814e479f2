"""Ranks as scores, and orders of the worlds that stand for chance."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SHUFFLES = 40  # orders of the worlds that stand for chance


def normal_scores(values: Array) -> Array:
    """Return the standard normal scores of the ranks of some values, (N,) or of each of (N, K).

    >>> [round(float(z), 3) for z in normal_scores(np.array([3.0, 1.0, 2.0]))]
    [0.967, -0.967, 0.0]
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    return np.asarray(ndtri((rankdata(values, axis=0) - 0.5) / values.shape[0]), float)


@cache
def orders(size: int) -> tuple[NDArray[np.int64], ...]:
    """Return orders of the worlds that have nothing to do with any number, always the same."""
    golden = (np.sqrt(5) - 1) / 2
    return tuple(
        np.argsort((np.arange(size) + 1) ** 2 * golden * (k + 1) % 1.0, kind="stable")
        for k in range(SHUFFLES)
    )
