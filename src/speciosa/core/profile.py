"""Profile likelihood: how much worse a fit gets when one number is held and the others adapt.

A number is identifiable where the profile rises above 3.84 on both sides of its best value (Raue A
et al. Bioinformatics 2009;25:1923). Losses are sums of squared residuals, so each point is a
nonlinear least-squares problem.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CHI2_95 = 3.841458820694124  # 95 % point of chi-square with one degree of freedom
NARROW, WIDE = (
    0.01,
    1.5,
)  # standard deviation of a score that the grid is laid by, at least and most
GRID = (0.6, 1.3, 2.0, 2.8)  # such standard deviations on either side
MOST = 60  # residual evaluations for one point


@dataclass(frozen=True)
class Profile:
    """Twice the loss of log-likelihood along one input, the others at their best.

    Args:
        name: the input.
        values: where it was held.
        loss: against the best fit.
        low, high: where the profile crosses the 95 % point; None on a side where it does not.
    """

    name: str
    values: tuple[float, ...]
    loss: tuple[float, ...]
    low: float | None
    high: float | None

    @property
    def bounded(self) -> bool:
        """Whether the data bound the input on both sides."""
        return self.low is not None and self.high is not None


def best_fit(
    residuals: Callable[[Array], Array], start: Array, jacobian: Callable[[Array], Array] | None
) -> Array:
    """Return the inputs with the least sum of squared residuals."""
    from scipy.optimize import least_squares

    found = least_squares(residuals, start, jac=jacobian or "2-point", max_nfev=MOST)
    return np.asarray(found.x, float)


def profile_likelihood(
    residuals: Callable[[Array], Array],
    best: Array,
    held: int,
    name: str,
    *,
    jacobian: Callable[[Array], Array] | None = None,
) -> Profile:
    """Return the profile of one input.

    Args:
        residuals: inputs (K,) -> residuals (M,) in their standard errors.
        best: inputs with the least sum of squares.
        held: place of the input that is held.
        name: its name.
        jacobian: inputs -> (M, K); by differences where it is not given.

    >>> x = np.arange(5.0)
    >>> line = lambda p: (p[0] + p[1] * x - (1 + 2 * x)) / 0.1
    >>> found = profile_likelihood(line, np.array([1.0, 2.0]), 1, "slope")
    >>> round(float((found.high - found.low) / 2 / (0.1 / np.sqrt(10))), 2)
    1.96
    """
    best = np.asarray(best, float)
    free = np.delete(np.arange(best.size), held)
    lowest = float((residuals(best) ** 2).sum())
    step = _spread(residuals, best, held, jacobian)
    found = {float(best[held]): 0.0}
    for side in (1.0, -1.0):
        start = best[free]
        for size in GRID:
            at = float(best[held] + side * size * step)
            start, loss = _held(residuals, start, free, held, at, jacobian)
            found[at] = max(0.0, loss - lowest)
    values = np.array(sorted(found))
    losses = np.array([found[v] for v in values])
    middle = int(np.flatnonzero(values == best[held])[0])
    return Profile(
        name, tuple(map(float, values)), tuple(map(float, losses)),
        _crossing(values[middle::-1], losses[middle::-1]),
        _crossing(values[middle:], losses[middle:]),
    )  # fmt: skip


def _held(
    residuals: Callable[[Array], Array], start: Array, free: NDArray[np.int64], held: int,
    at: float, jacobian: Callable[[Array], Array] | None,
) -> tuple[Array, float]:  # fmt: skip
    """Fit the free inputs with one held; return them and the sum of squares."""

    def whole(rest: Array) -> Array:
        made = np.empty(free.size + 1)
        made[held], made[free] = at, rest
        return made

    if free.size:
        own = None if jacobian is None else (lambda rest: jacobian(whole(rest))[:, free])
        start = best_fit(lambda rest: residuals(whole(rest)), start, own)
    return start, float((residuals(whole(start)) ** 2).sum())


def _spread(
    residuals: Callable[[Array], Array], best: Array, held: int,
    jacobian: Callable[[Array], Array] | None,
) -> float:  # fmt: skip
    """Return the input's standard deviation by the curvature at the best fit."""
    from scipy.optimize import approx_fprime

    slopes = jacobian(best) if jacobian else approx_fprime(best, residuals, 1e-6)
    others = np.delete(slopes, held, axis=1)
    column = slopes[:, held]
    if others.shape[1]:
        column = column - others @ np.linalg.lstsq(others, column, rcond=None)[0]
    size = float(np.linalg.norm(column))
    return float(np.clip(1.0 / size if size > 0 else WIDE, NARROW, WIDE))


def _crossing(values: Array, losses: Array) -> float | None:
    """Where a loss that starts at 0 first crosses the 95 % point, between its points."""
    above = np.flatnonzero(losses > CHI2_95)
    if not above.size:
        return None
    k = int(above[0])
    first, second = np.sqrt(losses[k - 1]), np.sqrt(losses[k])  # a parabola is straight in the root
    share = (np.sqrt(CHI2_95) - first) / (second - first)
    return float(values[k - 1] + share * (values[k] - values[k - 1]))
