"""The analysis that a protocol names, applied to the observed record of one trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speciosa.core.errors import InputError, nearest
from speciosa.verdict.ancova import ancova
from speciosa.verdict.estimate import Estimate
from speciosa.verdict.hazard import cox
from speciosa.verdict.ordinal import logistic, proportional_odds
from speciosa.verdict.repeated import FALLBACK, repeated_measures
from speciosa.verdict.survival import log_rank, restricted_mean_difference

Array = NDArray[Any]


@dataclass(frozen=True)
class Observed:
    """What one trial observed, a row per person.

    Args:
        group: arm, 0, 1, ... (n,).
        outcome: the primary endpoint, NaN where missing, (n,).
        covariates: adjusted for, (n, q).
        visits: the scale at each visit, NaN where missing, (n, K).
        time: day of leaving, or the last one, (n,).
        left: whether it is the day of leaving, (n,).
    """

    group: Array
    outcome: Array
    covariates: Array
    visits: Array | None = None
    time: Array | None = None
    left: Array | None = None

    def of(self, rows: Array) -> Observed:
        """Return some of the people."""
        kept: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        some: dict[str, Any] = {n: None if v is None else v[rows] for n, v in kept.items()}
        return Observed(**some)


def analyse(
    data: Observed,
    method: str,
    weights: ArrayLike = (-1.0, 1.0),
    *,
    structure: str = "unstructured",
    freedom: str = "satterthwaite",
) -> Estimate:
    """Estimate a contrast of the arms by a named method.

    Args:
        data: what was observed.
        method: ancova, mmrm, logistic, proportional odds, log-rank, cox or restricted mean.
        weights: of the arms; other methods than ancova and mmrm compare arm 1 with arm 0.
        structure, freedom: of mmrm; a structure that does not converge gives way to a simpler one.

    Ratios are on the log scale.

    >>> rows = Observed(np.array([0, 0, 1, 1]), np.array([1.0, 2, 3, 4]), np.zeros((4, 0)))
    >>> analyse(rows, "ancova").value
    2.0
    """
    if method == "ancova":
        return ancova(data.outcome, data.group, data.covariates, weights=weights)
    if method == "mmrm":
        usual = tuple(dict.fromkeys((structure, *FALLBACK)))
        return repeated_measures(
            _need(data.visits), data.group, data.covariates,
            weights=weights, structure=usual, freedom=freedom,
        )  # fmt: skip
    if method not in _TWO_ARMS:
        raise InputError(
            f'method "{method}" is unknown', "", nearest(method, ("ancova", "mmrm", *_TWO_ARMS))
        )
    if np.asarray(weights).size != 2:
        raise InputError(f"{method} compares two arms", "[analysis] method", "Name ancova or mmrm.")
    return _TWO_ARMS[method](data)


def direction(method: str, better: str) -> str:
    """Return the direction of benefit of a method's estimate: hazards of leaving are better low.

    >>> direction("log-rank", "higher"), direction("ancova", "lower")
    ('lower', 'lower')
    """
    return {"log-rank": "lower", "cox": "lower", "restricted mean": "higher"}.get(method, better)


def _need(part: Array | None) -> Array:
    if part is None:
        raise InputError("the record lacks what the method needs", "analysis")
    return part


def _arm_first(data: Observed) -> Array:
    return np.column_stack([data.group.astype(float), data.covariates])


def _restricted(data: Observed) -> Estimate:
    time, left = _need(data.time), _need(data.left)
    until = min(time[data.group == arm].max() for arm in (0, 1))
    return restricted_mean_difference(time, left, data.group, float(until))


_TWO_ARMS: Mapping[str, Callable[[Observed], Estimate]] = {
    "logistic": lambda data: logistic(data.outcome, _arm_first(data)).coefficient(),
    "proportional odds": lambda data: proportional_odds(
        data.outcome, _arm_first(data)
    ).coefficient(),
    "log-rank": lambda data: log_rank(_need(data.time), _need(data.left), data.group).estimate,
    "cox": lambda data: cox(_need(data.time), _need(data.left), _arm_first(data)).coefficient(),
    "restricted mean": _restricted,
}
