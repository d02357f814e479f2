"""Effects between twins: the difference treatment makes, draw by draw.

A twin difference is one person's endpoint under one arm minus the same person's under another.
Its mean within a draw is that draw's effect. The spread of twin differences within a draw says how
far a finite cohort blurs the mean (its Monte-Carlo error); the spread of the means over draws says
what is not known about the truth. The two are reported apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from speciosa.trial.rows import batches
from speciosa.verdict.twins import DrawMeans, People, Twins, together

Better = Literal["lower", "higher"]
INTERVAL = (0.05, 0.95)
_TIE = 1e-9  # relative slack, so that 4/40 x 100 counts as 10


@dataclass(frozen=True)
class EndpointSpec:
    """An endpoint as the protocol lays it down.

    Args:
        id: column of the subjects table.
        label: words for a reader.
        unit: unit of the endpoint after multiplying by ``per``.
        better: the direction in which people are better off.
        smallest_meaningful: smallest difference that matters to people, in ``unit``.
        kind: ``score``, ``share`` or ``event`` (0 or 1 for each person).
        benefit: False for a harm.
        per: values are multiplied by it: 1000 turns events into events per 1000 people.
        limit: for a harm, the excess over the comparison arm above which it counts as unsafe, in
            ``unit``; ``smallest_meaningful`` where none is stated.

    >>> overdose = EndpointSpec("overdose", "Overdose", "per 1000", "lower", 5, benefit=False)
    >>> overdose.judged_limit
    5
    """

    id: str
    label: str
    unit: str
    better: Better
    smallest_meaningful: float
    kind: Literal["score", "share", "event"] = "score"
    benefit: bool = True
    per: float = 1
    limit: float | None = None

    @property
    def judged_limit(self) -> float:
        """The excess harm that counts as unsafe."""
        return self.smallest_meaningful if self.limit is None else self.limit

    def improvement(self, delta: np.ndarray) -> np.ndarray:
        """Turn a difference into an improvement: positive is better."""
        return -delta if self.better == "lower" else delta


@dataclass(frozen=True)
class Effect:
    """The effect of one arm versus another on one endpoint.

    ``estimate`` is the mean over draws, ``low`` and ``high`` the 5-95 % range over draws,
    ``probability`` the share of draws at least the smallest meaningful difference better and
    ``probability_worse`` the share at least as much worse. ``monte_carlo_error`` is the standard
    error of a single draw's effect that comes from the finite cohort.
    """

    endpoint: str
    label: str
    arm: str
    versus: str
    estimate: float
    low: float
    high: float
    unit: str
    better: Better
    smallest_meaningful: float
    probability: float
    probability_worse: float
    monte_carlo_error: float
    draws: int
    pairs: int
    pairs_missing: int
    deltas: tuple[float, ...]
    draw_ids: tuple[int, ...]


def contrast_by_draw(
    subjects: People, column: str, weights: dict[str, float], per: float = 1
) -> DrawMeans:
    """Average a within-person contrast of arms in each draw.

    Args:
        subjects: one row per draw, person and arm; or the same as people.
        column: the endpoint's column.
        weights: arm -> weight, as ``{"kratom": 1, "placebo": -1}``.
        per: factor on the endpoint.

    A person counts only where every arm named in ``weights`` was observed; how many did not is
    told by ``asked``.

    >>> import polars as pl
    >>> rows = pl.DataFrame({"draw": [0] * 4, "person": [0, 0, 1, 1], "arm": ["a", "b"] * 2,
    ...                      "cows": [9.0, 7.0, 12.0, 8.0]})
    >>> contrast_by_draw(rows, "cows", {"b": 1, "a": -1}).delta.tolist()
    [-3.0]
    """
    if isinstance(subjects, Twins):
        return subjects.contrast(column, weights, per)
    wanted = list(dict.fromkeys(["draw", "person", "arm", column]))
    return together(
        [
            Twins.of(rows).contrast(column, weights, per)
            for rows in batches(subjects, wanted, set(weights))
        ]
    )


def share_better(endpoint: EndpointSpec, deltas: np.ndarray) -> tuple[float, float]:
    """Share of draws at least the smallest meaningful difference better, and worse.

    Where any difference matters (a smallest meaningful difference of zero), none at all is neither.

    >>> cows = EndpointSpec("cows", "COWS", "points", "lower", 4.0)
    >>> share_better(cows, np.array([-5.0, -4.0, 0.0, 4.5]))
    (0.5, 0.25)
    """
    if deltas.size == 0:
        return float("nan"), float("nan")
    return float(is_better(endpoint, deltas).mean()), float(is_better(endpoint, -deltas).mean())


def is_better(endpoint: EndpointSpec, deltas: np.ndarray) -> np.ndarray:
    """Return where a difference is at least the smallest meaningful one, in the good direction."""
    gain = endpoint.improvement(deltas)
    threshold = endpoint.smallest_meaningful * (1 - _TIE)
    return np.asarray(gain >= threshold if threshold else gain > 0)


def interval(values: np.ndarray) -> tuple[float, float]:
    """The 5-95 % range of values; NaN where there are none."""
    if values.size == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(values, INTERVAL)
    return float(low), float(high)


def effect(subjects: People, endpoint: EndpointSpec, arm: str, versus: str) -> Effect:
    """Estimate the effect of one arm versus another on one endpoint.

    >>> import polars as pl
    >>> rows = pl.DataFrame({"draw": [0, 0, 1, 1], "person": [0, 0, 0, 0], "arm": ["a", "b"] * 2,
    ...                      "cows": [9.0, 4.0, 9.0, 8.0]})
    >>> found = effect(rows, EndpointSpec("cows", "COWS", "points", "lower", 4.0), "b", "a")
    >>> found.estimate, found.probability
    (-3.0, 0.5)
    """
    means = contrast_by_draw(subjects, endpoint.id, {arm: 1.0, versus: -1.0}, endpoint.per)
    better, worse = share_better(endpoint, means.delta)
    low, high = interval(means.delta)
    pairs = int(means.people.sum())
    return Effect(
        endpoint=endpoint.id,
        label=endpoint.label,
        arm=arm,
        versus=versus,
        estimate=float(means.delta.mean()) if means.delta.size else float("nan"),
        low=low,
        high=high,
        unit=endpoint.unit,
        better=endpoint.better,
        smallest_meaningful=endpoint.smallest_meaningful,
        probability=better,
        probability_worse=worse,
        monte_carlo_error=means.monte_carlo_error,
        draws=int(means.delta.size),
        pairs=pairs,
        pairs_missing=means.asked - pairs,
        deltas=tuple(means.delta.tolist()),
        draw_ids=tuple(means.draw.tolist()),
    )


def effects(
    subjects: People, endpoints: Iterable[EndpointSpec], arms: Sequence[str], versus: str
) -> list[Effect]:
    """Estimate every arm's effect versus one arm on every endpoint, in the protocol's order."""
    return [
        effect(subjects, endpoint, arm, versus)
        for endpoint in endpoints
        for arm in arms
        if arm != versus
    ]


@dataclass(frozen=True)
class Level:
    """Where one arm stands on one endpoint: mean over draws of the arm's mean, and its range."""

    arm: str
    estimate: float
    low: float
    high: float


def level(subjects: People, endpoint: EndpointSpec, arm: str) -> Level:
    """Average an endpoint in one arm.

    >>> import polars as pl
    >>> rows = pl.DataFrame({"draw": [0, 0], "person": [0, 1], "arm": ["a", "a"], "od": [0.0, 1.0]})
    >>> level(rows, EndpointSpec("od", "Overdose", "per 1000", "lower", 5, per=1000), "a").estimate
    500.0
    """
    means = contrast_by_draw(subjects, endpoint.id, {arm: 1.0}, endpoint.per).delta
    low, high = interval(means)
    return Level(arm, float(means.mean()) if means.size else float("nan"), low, high)
