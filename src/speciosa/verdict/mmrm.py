"""The mixed model for repeated measures: every visit, nobody left out who was seen once.

y = X beta + e per person, with one covariance matrix of the visits (:mod:`.covariance`) of which a
person's missing visits are dropped: valid where data are missing at random. Fitted by restricted
maximum likelihood from the moments of each pattern of observed visits, so the work does not grow
with the people. Degrees of freedom of a contrast c with variance v = c' Phi c:

    Satterthwaite   2 v^2 / (g' W g), g the gradient of v by the parameters of the covariance and W
                    the inverse of the observed information
    Kenward-Roger   the same for one contrast, with the covariance of beta adjusted for small
                    samples (Kenward and Roger, Biometrics 1997;53:983-97); "linear" leaves out the
                    second derivatives of the covariance

The definitions are those of the R package mmrm; agreement with R's nlme is tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from speciosa.core.errors import InputError, SpeciosaError, nearest
from speciosa.verdict.covariance import (
    beginning,
    covariance,
    first_derivatives,
    second_derivatives,
)
from speciosa.verdict.estimate import Estimate

Array = NDArray[Any]
FREEDOMS = ("satterthwaite", "kenward-roger", "kenward-roger linear")
_STEP = 2e-5
_CONVERGED = 1e-9  # Newton decrement


@dataclass(frozen=True)
class Pattern:
    """The people seen at the same visits: their number and moments, visits flattened to pairs."""

    visits: NDArray[np.intp]
    people: int
    xx: Array  # (k k, p p)
    xy: Array  # (k k, p)
    yy: Array  # (k, k)


@dataclass(frozen=True)
class _Point:
    """The restricted likelihood at some parameters."""

    value: float
    gradient: Array
    coefficients: Array
    covariance: Array
    inverses: list[Array]


@dataclass(frozen=True)
class RepeatedFit:
    """A fitted model.

    Args:
        structure: of the covariance.
        theta: its parameters.
        coefficients, covariance: beta and its model-based covariance.
        visit_covariance: of the visits, (K, K).
        log_likelihood: restricted, without the constant of the design.
        people: who has at least one visit.
    """

    structure: str
    theta: Array
    coefficients: Array
    covariance: Array
    visit_covariance: Array
    log_likelihood: float
    people: int
    patterns: tuple[Pattern, ...] = field(repr=False)

    def contrast(self, weights: ArrayLike, freedom: str = "satterthwaite") -> Estimate:
        """Return a weighted sum of coefficients.

        Args:
            weights: (p,).
            freedom: satterthwaite, kenward-roger or kenward-roger linear.
        """
        if freedom not in FREEDOMS:
            raise InputError(f'"{freedom}" is unknown', "", nearest(freedom, FREEDOMS))
        c = np.asarray(weights, dtype=float)
        moved = self.covariance @ c
        gradient = np.array([moved @ each @ moved for each in self._information_of_beta])
        spread = gradient @ self.theta_covariance @ gradient
        variance = c @ moved
        df = 2 * variance**2 / spread if spread > 0 else np.inf
        if freedom != "satterthwaite":
            variance = c @ self.adjusted(linear=freedom.endswith("linear")) @ c
        return Estimate(float(c @ self.coefficients), float(np.sqrt(variance)), float(df))

    @cached_property
    def theta_covariance(self) -> Array:
        """Inverse of the observed information of the covariance parameters."""
        return np.linalg.inv(-hessian(self.patterns, self.structure, self.theta))

    @cached_property
    def _first(self) -> Array:
        return first_derivatives(self.structure, self.theta, len(self.visit_covariance))

    @cached_property
    def _information_of_beta(self) -> list[Array]:
        """X' V^-1 V_i V^-1 X for each parameter i."""
        size = self.coefficients.size
        found = [np.zeros((size, size)) for _ in self.theta]
        for part in self.patterns:
            at = np.ix_(part.visits, part.visits)
            inverse = np.linalg.inv(self.visit_covariance[at])
            for total, by in zip(found, self._first, strict=True):
                total += _contracted(inverse @ by[at] @ inverse, part, size)
        return found

    def adjusted(self, *, linear: bool = False) -> Array:
        """Return the covariance of beta adjusted for small samples (Kenward and Roger)."""
        W, size = self.theta_covariance, self.coefficients.size
        second = np.zeros_like(self.visit_covariance)
        if not linear:
            by = second_derivatives(self.structure, self.theta, len(second))
            second = np.einsum("ij,ijab->ab", W, by)
        inside = np.zeros((size, size))
        for part in self.patterns:
            at = np.ix_(part.visits, part.visits)
            A = np.linalg.inv(self.visit_covariance[at])
            left = np.stack([A @ by[at] @ A for by in self._first])
            right = np.stack([by[at] @ A for by in self._first])
            Q = np.einsum("ij,iab,jbc->ac", W, left, right)
            inside += _contracted(Q - 0.25 * A @ second[at] @ A, part, size)
        P = np.stack(self._information_of_beta)
        inside -= np.einsum("ij,iab,bc,jcd->ad", W, P, self.covariance, P, optimize=True)
        inside = (inside + inside.T) / 2
        return np.asarray(self.covariance + 2 * self.covariance @ inside @ self.covariance)


def mmrm(
    outcomes: ArrayLike,
    design: ArrayLike,
    *,
    structure: str | Sequence[str] = "unstructured",
    start: Array | None = None,
) -> RepeatedFit:
    """Fit a mixed model for repeated measures by restricted maximum likelihood.

    Args:
        outcomes: one row per person, one column per visit, NaN where missing, (n, K).
        design: columns of each person at each visit, (n, K, p); people of whom one is not known
            are left out.
        structure: of the covariance, or several: the next where one does not converge.
        start: parameters near the answer, if known; a search begins there.

    Raises:
        SpeciosaError: none of the structures converges, or the design is not of full rank.
    """
    X = np.asarray(design, dtype=float)
    known = np.isfinite(X).all(axis=(1, 2))
    outcomes = np.where(known[:, None], np.asarray(outcomes, dtype=float), np.nan)
    design = np.where(known[:, None, None], X, 0.0)
    patterns = moments(outcomes, design)
    asked = (structure,) if isinstance(structure, str) else tuple(structure)
    rough = _residual_covariance(outcomes, design)
    for name in asked:
        begin = beginning(name, rough) if start is None else start
        theta = _search(patterns, name, begin, near=start is not None)
        if theta is None:
            continue
        point = _at(patterns, name, theta)
        visits = covariance(name, theta, len(rough))
        people = sum(part.people for part in patterns)
        return RepeatedFit(
            name, theta, point.coefficients, point.covariance, visits, point.value, people, patterns
        )
    raise SpeciosaError(
        f"the model does not converge with {' or '.join(asked)} covariance",
        "mixed model for repeated measures",
        "Name a simpler structure.",
    )


def moments(outcomes: ArrayLike, design: ArrayLike) -> tuple[Pattern, ...]:
    """Return the moments of each pattern of observed visits."""
    Y, X = np.asarray(outcomes, dtype=float), np.asarray(design, dtype=float)
    seen = np.isfinite(Y)
    found = []
    codes, where = np.unique(seen, axis=0, return_inverse=True)
    for number, code in enumerate(codes):
        visits = np.flatnonzero(code)
        if not visits.size:
            continue
        mine = where.ravel() == number
        y, x = Y[mine][:, visits], X[mine][:, visits]
        count, k, p = x.shape
        xx = np.tensordot(x, x, axes=(0, 0)).transpose(0, 2, 1, 3).reshape(k * k, p * p)
        xy = np.tensordot(x, y, axes=(0, 0)).transpose(0, 2, 1).reshape(k * k, p)
        found.append(Pattern(visits, count, xx, xy, y.T @ y))
    return tuple(found)


def _contracted(weights: Array, part: Pattern, size: int) -> Array:
    return np.asarray((weights.ravel() @ part.xx).reshape(size, size))


def _at(patterns: Sequence[Pattern], structure: str, theta: Array) -> _Point:
    """Return the restricted log-likelihood and its gradient."""
    visits = 1 + max(int(part.visits.max()) for part in patterns)
    full = covariance(structure, theta, visits)
    size = patterns[0].xy.shape[1]
    H, c = np.zeros((size, size)), np.zeros(size)
    inverses, value, count = [], 0.0, 0
    for part in patterns:
        own = full[np.ix_(part.visits, part.visits)]
        sign, logarithm = np.linalg.slogdet(own)
        if sign <= 0:
            raise np.linalg.LinAlgError("not positive")
        A = np.linalg.inv(own)
        inverses.append(A)
        H += _contracted(A, part, size)
        c += A.ravel() @ part.xy
        value -= 0.5 * part.people * logarithm
        count += part.people * part.visits.size
    sign, logarithm = np.linalg.slogdet(H)
    if sign <= 0:
        raise np.linalg.LinAlgError("not of full rank")
    Phi = np.linalg.inv(H)
    beta = Phi @ c
    slope = np.zeros_like(full)
    for part, A in zip(patterns, inverses, strict=True):
        k = part.visits.size
        crossed = (part.xy @ beta).reshape(k, k)
        fitted = (part.xx @ np.outer(beta, beta).ravel()).reshape(k, k)
        M = part.yy - crossed - crossed.T + fitted
        C = (part.xx @ Phi.ravel()).reshape(k, k)
        value -= 0.5 * float(np.sum(A * M))
        at = np.ix_(part.visits, part.visits)
        slope[at] -= 0.5 * (part.people * A - A @ (C + M) @ A)
    value -= 0.5 * (logarithm + (count - size) * np.log(2 * np.pi))
    by = first_derivatives(structure, theta, visits)
    return _Point(float(value), np.einsum("iab,ab->i", by, slope), beta, Phi, inverses)


def hessian(patterns: Sequence[Pattern], structure: str, theta: Array) -> Array:
    """Return the second derivatives of the restricted log-likelihood, from its exact gradient."""
    rows = []
    for unit in np.eye(theta.size):
        step = _STEP * max(1.0, float(np.abs(unit @ theta)))
        up = _at(patterns, structure, theta + step * unit).gradient
        down = _at(patterns, structure, theta - step * unit).gradient
        rows.append((up - down) / (2 * step))
    found = np.stack(rows)
    return np.asarray((found + found.T) / 2)


def _search(
    patterns: Sequence[Pattern], structure: str, theta: Array, *, near: bool = False
) -> Array | None:
    """Return the parameters of the greatest restricted likelihood, or None."""

    def downhill(at: Array) -> tuple[float, Array]:
        try:
            point = _at(patterns, structure, at)
        except np.linalg.LinAlgError:
            return 1e300, np.zeros_like(at)
        return -point.value, -point.gradient

    if not near:
        found = optimize.minimize(downhill, theta, jac=True, method="BFGS", options={"gtol": 1e-3})
        theta = np.asarray(found.x)
    try:
        for _ in range(30):
            point = _at(patterns, structure, theta)
            curvature = -hessian(patterns, structure, theta)
            values = np.linalg.eigvalsh(curvature)
            if not np.isfinite(values).all() or values[0] <= 0:
                return None
            step = np.linalg.solve(curvature, point.gradient)
            decrement = float(step @ point.gradient)
            if decrement < _CONVERGED:
                return theta + step
            length = 1.0
            while downhill(theta + length * step)[0] > -point.value and length > 1e-6:
                length /= 2
            theta = theta + length * step
    except np.linalg.LinAlgError:
        return None
    return None


def _residual_covariance(outcomes: ArrayLike, design: ArrayLike) -> Array:
    """Return the covariance of the residuals of separate least squares, pair by pair."""
    Y, X = np.asarray(outcomes, dtype=float), np.asarray(design, dtype=float)
    seen = np.isfinite(Y)
    beta = np.linalg.lstsq(X[seen], Y[seen], rcond=None)[0]
    residual = np.where(seen, Y - X @ beta, 0.0)
    pairs = np.maximum(seen.T.astype(float) @ seen, 1.0)
    found = residual.T @ residual / pairs
    floor = 1e-3 * np.max(np.diag(found)) + 1e-12
    return np.asarray(found + floor * np.eye(len(found)))
