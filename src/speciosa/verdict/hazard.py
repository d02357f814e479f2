"""Proportional hazards (Cox): the ratio of hazards given covariates, ties after Efron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speciosa.core.errors import SpeciosaError
from speciosa.verdict.estimate import Estimate

Array = NDArray[Any]
_STEPS, _CONVERGED = 50, 1e-10


@dataclass(frozen=True)
class HazardFit:
    """Log hazard ratios, their covariance and the partial log-likelihood."""

    coefficients: Array
    covariance: Array
    log_likelihood: float

    def coefficient(self, number: int = 0) -> Estimate:
        """Return one log hazard ratio."""
        error = float(np.sqrt(self.covariance[number, number]))
        return Estimate(float(self.coefficients[number]), error)


def cox(time: ArrayLike, event: ArrayLike, covariates: ArrayLike) -> HazardFit:
    """Fit a proportional-hazards model.

    Args:
        time: of the event or of censoring, (n,).
        event: whether it was the event, (n,).
        covariates: one column each, the arm first, (n, q) or (n,).

    Raises:
        SpeciosaError: no estimate exists, as where one arm has no event.

    >>> fit = cox([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], [0, 1, 0, 1, 0, 1])
    >>> round(fit.coefficient().value, 4)
    -0.6321
    """
    t, d = np.asarray(time, dtype=float), np.asarray(event).astype(bool)
    X = np.asarray(covariates, dtype=float).reshape(t.size, -1)
    centred = X - X.mean(axis=0)
    order = np.argsort(-t, kind="stable")  # latest first: sums over who is still at risk
    t, d, centred = t[order], d[order], centred[order]
    beta = np.zeros(X.shape[1])
    value, slope, information = _partial(t, d, centred, beta)
    for _ in range(_STEPS):
        try:
            step = np.linalg.solve(information, slope)
        except np.linalg.LinAlgError:
            break
        length = 1.0
        found = _partial(t, d, centred, beta + step)
        while not found[0] >= value - 1e-12 and length > 1e-6:
            length /= 2
            found = _partial(t, d, centred, beta + length * step)
        beta = beta + length * step
        value, slope, information = found
        if float(step @ slope) ** 2 < _CONVERGED**2 and np.abs(beta).max() < 15:
            return HazardFit(beta, np.linalg.inv(information), value)
    raise SpeciosaError(
        "the hazard ratio has no finite estimate", "Cox model", "Name an arm or group with events."
    )


def _partial(t: Array, d: NDArray[np.bool_], X: Array, beta: Array) -> tuple[float, Array, Array]:
    """Return the partial log-likelihood, its gradient and its negative Hessian (Efron)."""
    risk = np.exp(np.clip(X @ beta, -50, 50))
    first = risk[:, None] * X
    second = first[:, :, None] * X[:, None, :]
    s0, s1, s2 = (np.cumsum(part, axis=0) for part in (risk, first, second))
    when, last = np.unique(-t, return_inverse=True)
    end = np.bincount(last.ravel()).cumsum() - 1  # last row of each time, all ties included
    value, slope = float((X @ beta)[d].sum()), X[d].sum(axis=0)
    width = beta.size
    tied = np.bincount(last[d], minlength=when.size)
    own = [np.zeros((when.size, *part.shape[1:])) for part in (risk, first, second)]
    for total, part in zip(own, (risk, first, second), strict=True):
        np.add.at(total, last[d], part[d])
    information = np.zeros((width, width))
    for number in range(int(tied.max(initial=0))):
        at = np.flatnonzero(tied > number)
        share = number / tied[at]
        a0 = s0[end[at]] - share * own[0][at]
        a1 = s1[end[at]] - share[:, None] * own[1][at]
        a2 = s2[end[at]] - share[:, None, None] * own[2][at]
        mean = a1 / a0[:, None]
        value -= float(np.log(a0).sum())
        slope = slope - mean.sum(axis=0)
        information += (a2 / a0[:, None, None] - mean[:, :, None] * mean[:, None, :]).sum(axis=0)
    return value, slope, information
