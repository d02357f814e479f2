"""Logistic and proportional-odds regression: outcomes that are yes or no, or ordered levels.

One model: log odds of a level above each cut = X beta - cut; with two levels it is logistic
regression. Newton's method on the exact likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from speciosa.core.errors import SpeciosaError
from speciosa.verdict.estimate import Estimate

Array = NDArray[Any]
_STEPS, _LARGEST = 60, 20.0


@dataclass(frozen=True)
class OddsFit:
    """Log odds ratios of a higher level, the cuts, their joint covariance (ratios first)."""

    coefficients: Array
    cuts: Array
    covariance: Array
    log_likelihood: float

    def coefficient(self, number: int = 0) -> Estimate:
        """Return one log odds ratio."""
        error = float(np.sqrt(self.covariance[number, number]))
        return Estimate(float(self.coefficients[number]), error)


def proportional_odds(outcome: ArrayLike, covariates: ArrayLike) -> OddsFit:
    """Fit a proportional-odds model; with two levels, logistic regression.

    Args:
        outcome: ordered levels as numbers, NaN where missing, (n,).
        covariates: one column each, the arm first, (n, q) or (n,).

    Raises:
        SpeciosaError: the levels are separated, so that no finite estimate exists.

    >>> fit = proportional_odds([0, 0, 0, 1, 0, 1, 1, 1], [0, 0, 0, 0, 1, 1, 1, 1])
    >>> round(fit.coefficient().value, 4)
    2.1972
    """
    y = np.asarray(outcome, dtype=float)
    X = np.asarray(covariates, dtype=float).reshape(y.size, -1)
    known = np.isfinite(y) & np.isfinite(X).all(axis=1)
    levels, code = np.unique(y[known], return_inverse=True)
    X = X[known]
    if levels.size < 2:
        raise _separated()
    above = np.array([(code >= level).mean() for level in range(1, levels.size)])
    theta = np.concatenate([np.zeros(X.shape[1]), -np.log(above / (1 - above))])
    for _ in range(_STEPS):
        value, slope, information = _likelihood(theta, code, X)
        try:
            step = np.linalg.solve(information, slope)
        except np.linalg.LinAlgError:
            break
        length = 1.0
        while length > 1e-8:
            trial = theta + length * step
            if np.all(np.diff(trial[X.shape[1] :]) > 0) and (
                _likelihood(trial, code, X)[0] >= value - 1e-12
            ):
                break
            length /= 2
        theta = theta + length * step
        if np.abs(theta).max() > _LARGEST * max(1.0, 1 / float(np.abs(X).mean() + 1e-9)):
            break
        if float(step @ slope) < 1e-18:
            count = X.shape[1]
            covariance = np.linalg.inv(information)
            return OddsFit(theta[:count], theta[count:], covariance, value)
    raise _separated()


def _separated() -> SpeciosaError:
    return SpeciosaError(
        "the odds ratio has no finite estimate", "logistic model", "One group has only one level."
    )


def logistic(outcome: ArrayLike, covariates: ArrayLike) -> OddsFit:
    """Fit a logistic model to an outcome of 0 or 1; see :func:`proportional_odds`."""
    y = np.asarray(outcome, dtype=float)
    if not set(np.unique(y[np.isfinite(y)])) <= {0.0, 1.0}:
        raise SpeciosaError("an outcome is neither 0 nor 1", "logistic model")
    return proportional_odds(y, covariates)


def _likelihood(theta: Array, code: NDArray[np.intp], X: Array) -> tuple[float, Array, Array]:
    """Return the log-likelihood, its gradient and its negative Hessian."""
    q = X.shape[1]
    cuts = np.concatenate([[-np.inf], theta[q:], [np.inf]])
    line = X @ theta[:q]
    upper, lower = expit(cuts[code + 1] - line), expit(cuts[code] - line)
    p = np.maximum(upper - lower, 1e-300)
    du, dl = upper * (1 - upper), lower * (1 - lower)
    size = theta.size
    # derivatives of the upper and the lower end by theta
    U, L = np.zeros((code.size, size)), np.zeros((code.size, size))
    U[:, :q], L[:, :q] = -X, -X
    rows, top = np.arange(code.size), cuts.size - 2
    inner = code < top
    U[rows[inner], q + code[inner]] = 1.0
    inner = code > 0
    L[rows[inner], q + code[inner] - 1] = 1.0
    by = (du[:, None] * U - dl[:, None] * L) / p[:, None]
    curve_u, curve_l = du * (1 - 2 * upper) / p, dl * (1 - 2 * lower) / p
    second = (U * curve_u[:, None]).T @ U - (L * curve_l[:, None]).T @ L - by.T @ by
    return float(np.log(p).sum()), by.sum(axis=0), -second
