"""What if those who left had been like the control arm? Reference-based and delta imputation.

Conditional-mean imputation with the jackknife (Wolbers et al., Pharm Stat 2022;21:1246-57): the
values missing after somebody left are replaced by their mean given what was seen, under an
assumption on the means after leaving; the completed last visit is analysed by ANCOVA, and the
error is that of leaving out each person in turn. Nothing is drawn at random.

    missing at random             the means of the own arm
    jump to reference             those of the reference arm from the next visit on
    copy increments in reference  the last own mean, then changes as in the reference arm
    copy reference                those of the reference arm from the start

A delta is added to every value imputed in the treated arm. Visits missed in between, and everybody
missing in the reference arm, are imputed at random given what was seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from speciosa.core.errors import InputError, nearest
from speciosa.verdict.ancova import least_squares
from speciosa.verdict.estimate import Estimate
from speciosa.verdict.mmrm import RepeatedFit
from speciosa.verdict.repeated import FALLBACK, fitted

Array = NDArray[Any]
ASSUMPTIONS = (
    "missing at random",
    "jump to reference",
    "copy increments in reference",
    "copy reference",
)


@dataclass(frozen=True)
class Sensitivity:
    """An estimate under one assumption on the missing values, as a function of delta.

    Args:
        assumption: on the means after leaving.
        intercept, slope: the estimate is intercept + slope delta.
        intercepts, slopes: the same with each person left out.
        people: how many they are.
    """

    assumption: str
    intercept: float
    slope: float
    intercepts: Array
    slopes: Array

    def estimate(self, delta: float = 0.0) -> Estimate:
        """Return the estimate with delta added to the treated arm's imputed values."""
        without = self.intercepts + self.slopes * delta
        count = without.size
        variance = (count - 1) / count * float(np.sum((without - without.mean()) ** 2))
        return Estimate(self.intercept + self.slope * delta, float(np.sqrt(variance)))

    def tipping_point(self, alpha: float = 0.05) -> float | None:
        """Return the smallest delta towards no effect at which p reaches alpha, or None.

        None where the effect is not statistically significant to begin with, or where nobody's
        values are imputed.
        """
        if self.estimate().p_value >= alpha or self.slope <= 0:
            return None
        direction = -float(np.sign(self.intercept))
        reach = stats.norm.ppf(1 - alpha / 2)

        def significant(size: float) -> bool:
            found = self.estimate(direction * size)
            return bool(found.statistic * -direction > reach)

        high = 1.0
        while significant(high) and high < 1e6:
            high *= 2
        low = 0.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if significant(middle) else (low, middle)
        return direction * high


def reference_based(
    outcomes: ArrayLike,
    group: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    assumption: str = "jump to reference",
) -> Sensitivity:
    """Return the treated arm minus the reference arm at the last visit, under an assumption.

    Args:
        outcomes: one row per person, one column per visit, NaN where missing, (n, K).
        group: 0 reference, 1 treated, (n,).
        covariates: one column each, (n, q), such as the baseline.
        assumption: one of :data:`ASSUMPTIONS`.
    """
    if assumption not in ASSUMPTIONS:
        raise InputError(f'"{assumption}" is unknown', "", nearest(assumption, ASSUMPTIONS))
    Y, arm = np.asarray(outcomes, dtype=float), np.asarray(group, dtype=int)
    X = np.zeros((arm.size, 0)) if covariates is None else np.asarray(covariates, dtype=float)
    X = X.reshape(arm.size, -1)
    fit, _ = fitted(Y, arm, X, arms=2, structure=FALLBACK)
    intercept, slope = _linear(Y, arm, X, fit, assumption)
    without = []
    for person in range(arm.size):
        keep = np.arange(arm.size) != person
        one, _ = fitted(
            Y[keep], arm[keep], X[keep], arms=2, structure=fit.structure, start=fit.theta
        )
        without.append(_linear(Y[keep], arm[keep], X[keep], one, assumption))
    spread = np.array(without)
    return Sensitivity(assumption, intercept, slope, spread[:, 0], spread[:, 1])


def _linear(
    Y: Array, arm: NDArray[np.int_], X: Array, fit: RepeatedFit, assumption: str
) -> tuple[float, float]:
    """Return the estimate without delta, and what one unit of delta adds to it."""
    completed = impute(Y, arm, X, fit, assumption)[:, -1]
    design = np.column_stack([np.ones(arm.size), arm, X])
    added = (_after_leaving(Y)[:, -1] & (arm == 1)).astype(float)
    base = least_squares(completed, design).coefficients[1]
    moved = np.linalg.lstsq(design, added, rcond=None)[0][1]
    return float(base), float(moved)


def impute(Y: Array, arm: NDArray[np.int_], X: Array, fit: RepeatedFit, assumption: str) -> Array:
    """Return the outcomes with every missing value replaced by its conditional mean."""
    visits = Y.shape[1]
    beta = fit.coefficients.reshape(2 + X.shape[1], visits)
    shared = X @ beta[2:]
    reference, own = beta[0] + shared, beta[arm] + shared
    later = _after_leaving(Y)
    mean = np.where(arm[:, None] == 1, _assumed(own, reference, later, assumption), own)
    completed = Y.copy()
    seen = np.isfinite(Y)
    for pattern in np.unique(seen, axis=0):
        if pattern.all():
            continue
        mine = np.asarray((seen == pattern).all(axis=1))
        there, gone = np.flatnonzero(pattern), np.flatnonzero(~pattern)
        S = fit.visit_covariance
        weights = np.linalg.solve(S[np.ix_(there, there)], S[np.ix_(there, gone)])
        residual = Y[mine][:, there] - mean[mine][:, there]
        completed[np.ix_(mine, gone)] = mean[mine][:, gone] + residual @ weights
    return completed


def _after_leaving(Y: Array) -> NDArray[np.bool_]:
    """Whether a visit comes after the last one at which somebody was seen, (n, K)."""
    last = np.where(np.isfinite(Y), np.arange(Y.shape[1]), -1).max(axis=1)
    return np.asarray(np.arange(Y.shape[1]) > last[:, None])


def _assumed(own: Array, reference: Array, later: NDArray[np.bool_], assumption: str) -> Array:
    """Return the means of the visits under an assumption, (n, K)."""
    if assumption == "missing at random":
        return own
    left = np.asarray(later.any(axis=1))[:, None]
    if assumption == "copy reference":
        return np.where(left, reference, own)
    if assumption == "jump to reference":
        return np.where(later, reference, own)
    last = own.shape[1] - later.sum(axis=1) - 1
    at = np.maximum(last, 0)[:, None]
    gap = np.take_along_axis(own, at, 1) - np.take_along_axis(reference, at, 1)
    return np.where(later, reference + np.where(last[:, None] >= 0, gap, 0.0), own)
