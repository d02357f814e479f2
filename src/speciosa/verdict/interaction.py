"""Do two remedies do more together than their separate effects add up to?

The 2x2 interaction contrast on the scale of the endpoint: (both - A) - (B - placebo). Zero is
additivity of mean effects, which is not Bliss independence. The variance of the contrast is four
times that of a single arm's mean when arms hold different people; twins do better because what
they share cancels.
"""

from __future__ import annotations

from dataclasses import dataclass

from speciosa.verdict.effect import EndpointSpec, contrast_by_draw, interval, share_better
from speciosa.verdict.twins import People


@dataclass(frozen=True)
class Factorial:
    """The four arms of a 2x2 trial."""

    both: str
    first: str
    second: str
    neither: str


@dataclass(frozen=True)
class Interaction:
    """The interaction on one endpoint; ``probability`` is that of helpful synergy.

    Synergy counts when it is at least the smallest meaningful difference better than additive;
    ``probability_worse`` is that of the opposite.
    """

    endpoint: str
    label: str
    unit: str
    better: str
    smallest_meaningful: float
    estimate: float
    low: float
    high: float
    probability: float
    probability_worse: float
    monte_carlo_error: float
    draws: int


def interaction(subjects: People, endpoint: EndpointSpec, arms: Factorial) -> Interaction:
    """Estimate the interaction of two remedies on one endpoint, draw by draw.

    >>> import polars as pl
    >>> rows = pl.DataFrame({"draw": [0] * 4, "person": [0] * 4, "arm": ["ab", "a", "b", "0"],
    ...                      "cows": [3.0, 8.0, 9.0, 12.0]})
    >>> cows = EndpointSpec("cows", "COWS", "points", "lower", 4.0)
    >>> interaction(rows, cows, Factorial("ab", "a", "b", "0")).estimate
    -2.0
    """
    weights = {arms.both: 1.0, arms.first: -1.0, arms.second: -1.0, arms.neither: 1.0}
    means = contrast_by_draw(subjects, endpoint.id, weights, endpoint.per)
    better, worse = share_better(endpoint, means.delta)
    low, high = interval(means.delta)
    return Interaction(
        endpoint=endpoint.id,
        label=endpoint.label,
        unit=endpoint.unit,
        better=endpoint.better,
        smallest_meaningful=endpoint.smallest_meaningful,
        estimate=float(means.delta.mean()) if means.delta.size else float("nan"),
        low=low,
        high=high,
        probability=better,
        probability_worse=worse,
        monte_carlo_error=means.monte_carlo_error,
        draws=int(means.delta.size),
    )
