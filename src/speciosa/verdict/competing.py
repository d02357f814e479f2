"""Cumulative incidence where one event rules out another: leaving and relapsing (Aalen-Johansen).

One minus Kaplan-Meier overstates how often an event happens when another one can come first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speciosa.core.errors import InputError
from speciosa.verdict.estimate import Estimate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Incidence:
    """The share that has had one event first, over time, with its standard error."""

    time: Array
    share: Array
    error: Array

    def at(self, time: float) -> Estimate:
        """Return the share at a time."""
        place = int(np.searchsorted(self.time, time, side="right"))
        if place == 0:
            return Estimate(0.0, 0.0)
        return Estimate(float(self.share[place - 1]), float(self.error[place - 1]))


def cumulative_incidence(time: ArrayLike, cause: ArrayLike, of: int = 1) -> Incidence:
    """Estimate the cumulative incidence of one cause among competing ones.

    Args:
        time: of the first event or of censoring, (n,).
        cause: 0 where censored, else 1, 2, ... (n,).
        of: the cause that is asked for.

    The variance is by the delta method and agrees with ``survfit`` of R's survival package.

    >>> cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 0]).share.tolist()
    [0.25, 0.25, 0.5]
    """
    t, k = np.asarray(time, dtype=float), np.asarray(cause, dtype=int)
    if t.shape != k.shape or not np.isfinite(t).all() or (k < 0).any():
        raise InputError(
            "times and causes do not go together", "cumulative incidence", "0 marks censoring."
        )
    when = np.unique(t[k > 0])
    n = (t[:, None] >= when).sum(axis=0).astype(float)
    same = t[:, None] == when
    all_events = (same & (k > 0)[:, None]).sum(axis=0).astype(float)
    own = (same & (k == of)[:, None]).sum(axis=0).astype(float)
    free = np.cumprod(1 - all_events / n)
    before = np.concatenate([[1.0], free[:-1]])
    share = np.cumsum(before * own / n)
    return Incidence(when, share, np.sqrt(_variance(n, all_events, own, before, share)))


def _variance(n: Array, all_events: Array, own: Array, before: Array, share: Array) -> Array:
    """Variance of the incidence at every time (Marubini and Valsecchi 1995, formula 10.12)."""
    still = np.maximum(n - all_events, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.where(still > 0, all_events / (n * still), 0.0)
    v = (n - own) / n**3 * own * before**2
    w = own / n**2 * before
    total = share**2 * np.cumsum(u) - 2 * share * np.cumsum(share * u) + np.cumsum(share**2 * u)
    return np.asarray(
        np.maximum(total + np.cumsum(v) - 2 * (share * np.cumsum(w) - np.cumsum(share * w)), 0.0)
    )


def incidence_difference(
    time: ArrayLike, cause: ArrayLike, group: ArrayLike, at: float, of: int = 1
) -> Estimate:
    """Return the second arm's incidence at a time minus the first's."""
    t, k, second = np.asarray(time), np.asarray(cause), np.asarray(group).astype(bool)
    one = cumulative_incidence(t[second], k[second], of).at(at)
    other = cumulative_incidence(t[~second], k[~second], of).at(at)
    return Estimate(one.value - other.value, float(np.hypot(one.error, other.error)))
