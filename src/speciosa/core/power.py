"""Powers of what cannot be negative."""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Row

NOTHING = 1e-30  # a base that small is none, and has a logarithm


def raised(xp: Any, base: Row, exponent: Row) -> Row:
    """Return base to the power exponent: 0 where the base is not above 0.

    An exponential and a logarithm are a fraction of the price of a power.

    Args:
        xp: array module.
        base: pure number.
        exponent: pure number above 0.

    Example:
        >>> import numpy as np
        >>> raised(np, np.array([0.0, 4.0]), 0.5).tolist()
        [0.0, 2.0]
    """
    power = xp.exp(exponent * xp.log(xp.maximum(base, NOTHING)))
    return xp.where(base > 0, power, 0.0)
