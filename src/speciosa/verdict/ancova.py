"""Analysis of covariance: arms compared at one visit, given what was known before treatment.

Ordinary least squares with one column per arm but the first and any number of covariates; people
without an outcome are left out, which is right only where they are missing at random given the
covariates. A covariate that correlates rho with the outcome saves a share rho^2 of the people
(Borm GF. J Clin Epidemiol 2007;60:1234-8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speciosa.core.errors import SpeciosaError
from speciosa.verdict.estimate import Estimate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LinearFit:
    """A least-squares fit: coefficients, their covariance and the residual degrees of freedom."""

    coefficients: Array
    covariance: Array
    freedom: float
    people: int

    def contrast(self, weights: ArrayLike) -> Estimate:
        """Return a weighted sum of coefficients."""
        c = np.asarray(weights, dtype=float)
        error = float(np.sqrt(max(c @ self.covariance @ c, 0.0)))
        return Estimate(float(c @ self.coefficients), error, self.freedom)


def least_squares(outcome: ArrayLike, design: ArrayLike) -> LinearFit:
    """Fit a linear model to the people whose outcome and covariates are known.

    Args:
        outcome: (n,), NaN where missing.
        design: one column per coefficient, (n, p).

    Raises:
        SpeciosaError: fewer people than coefficients, or columns that depend on each other.
    """
    y, X = np.asarray(outcome, dtype=float), np.asarray(design, dtype=float)
    known = np.isfinite(y) & np.isfinite(X).all(axis=1)
    y, X = y[known], X[known]
    freedom = y.size - X.shape[1]
    if freedom < 1 or np.linalg.matrix_rank(X) < X.shape[1]:
        raise SpeciosaError(
            f"{y.size} people cannot tell {X.shape[1]} coefficients apart",
            "analysis of covariance",
            "Name fewer covariates or more people.",
        )
    inverse = np.linalg.inv(X.T @ X)
    coefficients = inverse @ (X.T @ y)
    residual = y - X @ coefficients
    return LinearFit(coefficients, inverse * (residual @ residual) / freedom, freedom, y.size)


def ancova(
    outcome: ArrayLike,
    group: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    weights: ArrayLike = (-1.0, 1.0),
) -> Estimate:
    """Return a contrast of the arms' means, adjusted for covariates.

    Args:
        outcome: (n,), NaN where missing.
        group: arm of each person as 0, 1, ..., (n,).
        covariates: one column each, (n, q); strata as indicator columns.
        weights: of the arms, in order; they sum to zero. ``(1, -1, -1, 1)`` is the interaction of
            a factorial trial.

    >>> found = ancova([5.0, 6, 7, 3, 4, 5], [0, 0, 0, 1, 1, 1], [[1.0], [2], [3], [1], [2], [3]])
    >>> round(found.value, 6), found.freedom
    (-2.0, 3)
    """
    arm = np.asarray(group, dtype=int)
    c = np.asarray(weights, dtype=float)
    if abs(c.sum()) > 1e-12:
        raise ValueError("the weights of a contrast sum to zero")
    design = [(arm == number).astype(float) for number in range(c.size)]
    if covariates is not None:
        extra = np.asarray(covariates, dtype=float).reshape(arm.size, -1)
        design += list(extra.T)
    fit = least_squares(outcome, np.column_stack(design))
    return fit.contrast(np.concatenate([c, np.zeros(len(design) - c.size)]))
