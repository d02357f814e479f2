"""How the visits of one person hang together: covariance structures of repeated measures.

Each structure turns unconstrained parameters into a covariance matrix. Standard deviations are
exponentials, correlations x / sqrt(1 + x^2), and the unstructured matrix is L L' with
L_ij = exp(theta_i) l_ij and l a unit lower triangle: the parameters in which the Kenward-Roger
adjustment of the R package mmrm is written (it depends on them; estimates do not).
Derivatives are exact complex steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.errors import InputError, nearest

Array = NDArray[np.float64]
STRUCTURES = (
    "unstructured",
    "heterogeneous toeplitz",
    "toeplitz",
    "heterogeneous ar1",
    "ar1",
    "compound symmetry",
)
_STEP, _SECOND = 1e-30, 1e-5


def parameters(structure: str, visits: int) -> int:
    """Return how many parameters a structure has.

    >>> [parameters(name, 4) for name in STRUCTURES]
    [10, 7, 4, 5, 2, 2]
    """
    _checked(structure)
    deviations = 1 if structure in ("toeplitz", "ar1", "compound symmetry") else visits
    correlations = {"unstructured": visits * (visits - 1) // 2}.get(
        structure, visits - 1 if "toeplitz" in structure else min(1, visits - 1)
    )
    return deviations + correlations


def covariance(structure: str, theta: Any, visits: int) -> Any:
    """Return the covariance matrix, (..., visits, visits).

    Args:
        structure: one of :data:`STRUCTURES`.
        theta: its parameters, (..., q).
        visits: number of visits.

    >>> covariance("ar1", np.array([0.0, 0.75]), 3).round(3).tolist()
    [[1.0, 0.6, 0.36], [0.6, 1.0, 0.6], [0.36, 0.6, 1.0]]
    """
    if structure == "unstructured":
        lower = np.zeros((*theta.shape[:-1], visits, visits), dtype=theta.dtype)
        row, column = np.tril_indices(visits, -1)
        lower[..., row, column] = theta[..., visits:]
        lower[..., range(visits), range(visits)] = 1.0
        lower = np.exp(theta[..., :visits])[..., None] * lower
        return lower @ np.swapaxes(lower, -1, -2)
    _checked(structure)
    count = 1 if not structure.startswith("hetero") else visits
    deviation = np.exp(theta[..., :count])
    rest = theta[..., count:]
    rho = rest / np.sqrt(1 + rest * rest)
    lag = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    one = np.ones((*theta.shape[:-1], 1), dtype=theta.dtype)
    if "toeplitz" in structure:
        by_lag = np.concatenate([one, rho], axis=-1)
    elif "ar1" in structure:
        powers = [one] + [one * rho ** float(k) for k in range(1, visits)]
        by_lag = np.concatenate(powers, axis=-1)
    else:
        by_lag = np.concatenate([one] + [one * rho] * (visits - 1), axis=-1)
    return deviation[..., :, None] * deviation[..., None, :] * by_lag[..., lag]


def first_derivatives(structure: str, theta: Array, visits: int) -> Array:
    """Return the derivative by each parameter, (q, visits, visits)."""
    stepped = theta + 1j * _STEP * np.eye(theta.size)
    return np.asarray(covariance(structure, stepped, visits).imag / _STEP)


def second_derivatives(structure: str, theta: Array, visits: int) -> Array:
    """Return the second derivatives, (q, q, visits, visits)."""
    shifts = _SECOND * np.eye(theta.size)
    return np.stack(
        [
            (
                first_derivatives(structure, theta + shift, visits)
                - first_derivatives(structure, theta - shift, visits)
            )
            / (2 * _SECOND)
            for shift in shifts
        ]
    )


def beginning(structure: str, observed: Array) -> Array:
    """Return parameters near an observed covariance matrix, to begin a search from."""
    visits = len(observed)
    if structure == "unstructured":
        lower = np.linalg.cholesky(_positive(observed))
        scale = np.diag(lower)
        return np.concatenate(
            [np.log(scale), (lower / scale[:, None])[np.tril_indices(visits, -1)]]
        )
    deviation = np.sqrt(np.diag(observed))
    correlation = observed / np.outer(deviation, deviation)
    lags = np.array([np.mean(np.diag(correlation, k)) for k in range(1, visits)])
    own = deviation if structure.startswith("hetero") else np.sqrt([np.mean(deviation**2)])
    if "toeplitz" not in structure:
        lags = lags[:1] if "ar1" in structure else lags.mean(keepdims=True)
    for _ in range(60):
        lags = np.clip(lags, -0.95, 0.95)
        theta = np.concatenate([np.log(own), lags / np.sqrt(1 - lags**2)])
        if np.linalg.eigvalsh(covariance(structure, theta, visits))[0] > 1e-6 * own.min() ** 2:
            break
        lags = 0.8 * lags
    return theta


def _positive(matrix: Array) -> Array:
    """Lift eigenvalues that are not positive."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 0.02 * values.max())) @ vectors.T)


def _checked(structure: str) -> None:
    if structure not in STRUCTURES:
        raise InputError(
            f'covariance structure "{structure}" is unknown', "", nearest(structure, STRUCTURES)
        )
