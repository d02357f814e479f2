"""Linear compartments as sums of exactly decaying modes.

A drug with constant clearance obeys ``x' = A x`` between doses. In the basis of the eigenvectors
of ``A`` each coordinate only decays, so a run needs no small steps however fast the distribution
is: this is what lets a whole trial share one time mesh.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Modes:
    """Decay rates, the gain of each dose entry and the weight of each mode in each output.

    ``rates`` has shape (n, N) in 1/h; ``gains[entry]`` and ``weights[output]`` have shape (n, N).
    """

    rates: Array
    gains: Mapping[str, Array]
    weights: Mapping[str, Array]


def linear_modes(
    matrix: Array, entries: Mapping[str, Array], outputs: Mapping[str, Array]
) -> Modes:
    """Return the decaying modes of ``x' = A x`` for every person.

    Args:
        matrix: ``A``, shape (N, n, n), 1/h; real, distinct, negative eigenvalues.
        entries: dose entry -> amount that one unit adds to each compartment, shape (N, n) or (n,).
        outputs: output -> weight of each compartment, shape (N, n) or (n,).

    Returns:
        The modes, slowest first.

    Raises:
        ValueError: if an eigenvalue is complex or not negative.

    Example:
        >>> import numpy as np
        >>> A = np.array([[[-1.0, 0.0], [1.0, -0.2]]])  # depot -> central
        >>> m = linear_modes(A, {"oral": np.array([1.0, 0.0])}, {"central": np.array([0.0, 1.0])})
        >>> t = 3.0
        >>> modal = float((m.weights["central"] * m.gains["oral"] * np.exp(-m.rates * t)).sum())
        >>> closed = (np.exp(-0.2 * t) - np.exp(-1.0 * t)) * 1.0 / (1.0 - 0.2)
        >>> bool(abs(modal - closed) < 1e-12)
        True
    """
    separated = _separate_diagonal(np.asarray(matrix, dtype=float))
    values, vectors = np.linalg.eig(separated)
    if np.abs(values.imag).max(initial=0.0) > 0 or values.real.max(initial=-1.0) >= 0:
        raise ValueError(
            "linear_modes: the compartments need real negative eigenvalues; check that every "
            "clearance, volume and rate is positive"
        )
    values, vectors = values.real, vectors.real
    order = np.argsort(-values, axis=1)
    values = np.take_along_axis(values, order, axis=1)
    vectors = np.take_along_axis(vectors, order[:, None, :], axis=2)
    people, size = values.shape
    gains = {}
    for name, entry in entries.items():
        amounts = np.broadcast_to(entry, (people, size))
        gains[name] = np.linalg.solve(vectors, amounts[:, :, None])[:, :, 0].T
    weights = {}
    for name, output in outputs.items():
        row = np.broadcast_to(output, (people, size))
        weights[name] = np.einsum("pi,pij->jp", row, vectors)
    return Modes(rates=-values.T, gains=gains, weights=weights)


def _separate_diagonal(matrix: Array) -> Array:
    """Nudge equal diagonal rates apart by 1e-6: where an absorption rate meets a mode the
    eigenvectors merge, although the solution itself is smooth there."""
    separated = matrix.copy()
    size = matrix.shape[-1]
    for i in range(size):
        for j in range(i):
            a, b = separated[:, i, i], separated[:, j, j]
            near = np.abs(a - b) < 1e-6 * np.maximum(np.abs(a), np.abs(b))
            separated[:, i, i] = np.where(near, a * (1 + 2e-6), a)
    return separated
