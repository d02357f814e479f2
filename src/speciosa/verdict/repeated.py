"""Arms compared visit by visit in a mixed model for repeated measures.

The usual fixed effects: visit, arm by visit, and each covariate by visit. The contrast stands at
one visit, the last by default.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speciosa.verdict.estimate import Estimate
from speciosa.verdict.mmrm import RepeatedFit, mmrm

FALLBACK = ("unstructured", "heterogeneous toeplitz", "ar1")


def visit_design(
    group: ArrayLike, covariates: ArrayLike | None, visits: int, arms: int
) -> NDArray[np.float64]:
    """Return the design of visit, arm by visit and covariate by visit, (n, K, K (arms + q)).

    Column ``K a + k`` is 1 for arm a at visit k: the coefficients of arms are their means where
    the covariates are zero.
    """
    arm = np.asarray(group, dtype=int)
    rows = [(arm == number).astype(float) for number in range(arms)]
    if covariates is not None:
        rows += list(np.asarray(covariates, dtype=float).reshape(arm.size, -1).T)
    people = np.stack(rows, axis=1)
    eye = np.eye(visits)
    return np.einsum("na,vk->nvak", people, eye).reshape(arm.size, visits, -1)


def repeated_measures(
    outcomes: ArrayLike,
    group: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    weights: ArrayLike = (-1.0, 1.0),
    visit: int = -1,
    structure: str | Sequence[str] = FALLBACK,
    freedom: str = "satterthwaite",
) -> Estimate:
    """Return a contrast of the arms at one visit.

    Args:
        outcomes: one row per person, one column per visit, NaN where missing, (n, K).
        group: arm of each person as 0, 1, ..., (n,).
        covariates: one column each, (n, q), such as the baseline.
        weights: of the arms, in order; they sum to zero.
        visit: column of the contrast.
        structure: of the covariance; the next where one does not converge.
        freedom: satterthwaite, kenward-roger or kenward-roger linear.

    >>> rng = np.random.default_rng(1)
    >>> person = rng.normal(size=(60, 1))
    >>> arm = np.repeat([0, 1], 30)
    >>> scores = person + rng.normal(size=(60, 3)) - 2.0 * arm[:, None]
    >>> scores[:10, 2] = np.nan
    >>> repeated_measures(scores, arm).covers(-2.0)
    True
    """
    c = np.asarray(weights, dtype=float)
    Y = np.asarray(outcomes, dtype=float)
    fit, design = fitted(Y, group, covariates, arms=c.size, structure=structure)
    at = np.zeros((design.shape[2] // Y.shape[1], Y.shape[1]))
    at[: c.size, visit] = c
    return fit.contrast(at.ravel(), freedom)


def fitted(
    outcomes: NDArray[np.float64],
    group: ArrayLike,
    covariates: ArrayLike | None,
    *,
    arms: int,
    structure: str | Sequence[str] = FALLBACK,
    start: NDArray[np.float64] | None = None,
) -> tuple[RepeatedFit, NDArray[np.float64]]:
    """Return the fitted model and its design; ``start`` as in :func:`.mmrm.mmrm`."""
    design = visit_design(group, covariates, outcomes.shape[1], arms)
    return mmrm(outcomes, design, structure=structure, start=start), design
