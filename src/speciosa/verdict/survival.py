"""Time to an event: Kaplan-Meier, log-rank, restricted mean survival time.

Times are in days; an event marks those whose time ended with it, the others are censored. Only
NumPy: the estimators are counts over the distinct times, and agree with R's survival package.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from speciosa.core.errors import InputError
from speciosa.verdict.estimate import LEVEL, Estimate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A survival curve.

    Args:
        time: distinct event times.
        survival: share without the event just after each.
        error: its standard error (Greenwood).
        at_risk, events: people just before each time, and events at it.
    """

    time: Array
    survival: Array
    error: Array
    at_risk: Array
    events: Array

    def at(self, time: float) -> float:
        """Return the share without the event at a time."""
        place = int(np.searchsorted(self.time, time, side="right"))
        return 1.0 if place == 0 else float(self.survival[place - 1])

    def interval(self, level: float = LEVEL) -> tuple[Array, Array]:
        """Return the confidence limits on the log scale, no greater than 1."""
        reach = stats.norm.ppf((1 + level) / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            width = np.exp(reach * self.error / self.survival)
            return self.survival / width, np.minimum(self.survival * width, 1.0)

    @property
    def median(self) -> float:
        """First time at which at most half are without the event; NaN if there is none."""
        below = np.flatnonzero(self.survival <= 0.5 + 1e-12)
        return float(self.time[below[0]]) if below.size else float("nan")


@dataclass(frozen=True)
class LogRank:
    """A log-rank test of two arms: observed minus expected events in the second, and its variance.

    ``statistic`` is a standard normal score: below zero where the second arm has fewer events.
    """

    excess: float
    variance: float

    @property
    def statistic(self) -> float:
        """Standard normal score."""
        return self.excess / np.sqrt(self.variance) if self.variance > 0 else 0.0

    @property
    def chi_square(self) -> float:
        """Its square, on one degree of freedom."""
        return self.statistic**2

    @property
    def p_value(self) -> float:
        """Two-sided p value."""
        return float(2 * stats.norm.sf(abs(self.statistic)))

    @property
    def estimate(self) -> Estimate:
        """Log hazard ratio of the second arm by one step (Peto), with its error."""
        if self.variance <= 0:
            return Estimate(0.0, float("inf"))
        return Estimate(self.excess / self.variance, 1 / float(np.sqrt(self.variance)))


def _checked(time: ArrayLike, event: ArrayLike) -> tuple[Array, NDArray[np.bool_]]:
    t, d = np.asarray(time, dtype=float), np.asarray(event).astype(bool)
    if t.shape != d.shape or t.ndim != 1 or not np.isfinite(t).all() or (t < 0).any():
        raise InputError(
            "times and events do not go together", "survival", "Give each person one finite time."
        )
    return t, d


def kaplan_meier(time: ArrayLike, event: ArrayLike) -> Curve:
    """Estimate the share without the event over time.

    Args:
        time: of the event or of censoring, (n,).
        event: whether it was the event, (n,).

    >>> kaplan_meier([1, 2, 3, 4], [1, 0, 1, 1]).survival.tolist()
    [0.75, 0.375, 0.0]
    """
    t, d = _checked(time, event)
    when = np.unique(t[d])
    at_risk = (t[:, None] >= when).sum(axis=0).astype(float)
    events = ((t[:, None] == when) & d[:, None]).sum(axis=0).astype(float)
    survival = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        error = np.where(survival > 0, survival * np.sqrt(greenwood), 0.0)
    return Curve(when, survival, error, at_risk, events)


def log_rank(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, strata: ArrayLike | None = None
) -> LogRank:
    """Test whether two arms differ in their hazard.

    Args:
        time, event: as in :func:`kaplan_meier`.
        group: 0 or 1 for each person.
        strata: compared within each stratum where given.

    >>> round(float(log_rank([1, 2, 3, 4, 5, 6], [1] * 6, [0, 0, 0, 1, 1, 1]).statistic), 3)
    -2.248
    """
    t, d = _checked(time, event)
    second = np.asarray(group).astype(bool)
    label = np.zeros(t.size, dtype=int) if strata is None else np.asarray(strata)
    excess = variance = 0.0
    for stratum in np.unique(label):
        own = label == stratum
        when = np.unique(t[own & d])
        risk = own[:, None] & (t[:, None] >= when)
        hit = (own & d)[:, None] & (t[:, None] == when)
        n, n2 = risk.sum(axis=0), (risk & second[:, None]).sum(axis=0)
        m, m2 = hit.sum(axis=0), (hit & second[:, None]).sum(axis=0)
        share = n2 / n
        excess += float(np.sum(m2 - m * share))
        variance += float(np.sum(m * share * (1 - share) * (n - m) / np.maximum(n - 1, 1)))
    return LogRank(excess, variance)


def restricted_mean(time: ArrayLike, event: ArrayLike, until: float) -> Estimate:
    """Return the mean time without the event up to a horizon.

    Args:
        time, event: as in :func:`kaplan_meier`.
        until: the horizon; not beyond the last time of anybody.

    >>> restricted_mean([1, 2, 3, 4], [1, 1, 1, 1], 4.0).value
    2.5
    """
    t, _ = _checked(time, event)
    if until > t.max():
        raise InputError(
            f"nobody was followed to {until:g}", "restricted mean", f"Name at most {t.max():g}."
        )
    curve = kaplan_meier(time, event)
    inside = curve.time < until
    when, survival = curve.time[inside], curve.survival[inside]
    widths = np.diff(np.concatenate([[0.0], when, [until]]))
    heights = np.concatenate([[1.0], survival])
    area = widths * heights
    after = np.cumsum(area[::-1])[::-1][1:]  # area from each event time to the horizon
    at_risk, events = curve.at_risk[inside], curve.events[inside]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = events / (at_risk * (at_risk - events))
        variance = np.sum(np.where(at_risk > events, after**2 * part, 0.0))
    return Estimate(float(area.sum()), float(np.sqrt(variance)))


def restricted_mean_difference(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, until: float
) -> Estimate:
    """Return the second arm's restricted mean minus the first's."""
    t, d = _checked(time, event)
    second = np.asarray(group).astype(bool)
    one = restricted_mean(t[second], d[second], until)
    other = restricted_mean(t[~second], d[~second], until)
    return Estimate(one.value - other.value, float(np.hypot(one.error, other.error)))
