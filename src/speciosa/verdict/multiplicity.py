"""Several hypotheses, one error rate: Holm's step-down and the fixed sequence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from speciosa.core.errors import InputError


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p values: each may be compared with the family's level.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted.tolist()


def fixed_sequence(p_values: Sequence[float]) -> list[float]:
    """Return the adjusted p values of hypotheses tested in order, each at the full level.

    A hypothesis counts only if every one before it was rejected.

    >>> fixed_sequence([0.01, 0.2, 0.001])
    [0.01, 0.2, 0.2]
    """
    return np.maximum.accumulate(_checked(p_values)).tolist()


def _checked(p_values: Sequence[float]) -> np.ndarray:
    p = np.asarray(p_values, dtype=float)
    if p.size == 0 or not ((p >= 0) & (p <= 1)).all():
        raise InputError("p values lie between 0 and 1", "multiplicity", "Name at least one.")
    return p
