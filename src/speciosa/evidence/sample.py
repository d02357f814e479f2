"""From standard normal scores to values: of the truth, per draw, and of people, about the draw.

Two kinds of uncertainty, never mixed: :func:`draw_value` reads ``spread`` only, and
:func:`person_value` reads ``between`` only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from speciosa.evidence.record import Number

TAIL = 1.6448536269514722  # the 95 % point of the standard normal: low and high are 5 and 95 %


def draw_value(number: Number, z: ArrayLike) -> Any:
    """Return what the number is in each draw.

    ``z = 0`` gives the value itself; a number without spread is the same in every draw. For
    ``uniform`` and ``loguniform`` half of the draws lie on either side of the value.

    Args:
        number: the record.
        z: standard normal scores, one per draw.

    >>> from speciosa.evidence.record import Spread
    >>> a = Number("a", 2.0, "1/h", "assumed", "E", Spread("lognormal", 1.0, 4.0))
    >>> [round(float(v), 3) for v in draw_value(a, [-1.645, 0.0, 1.645])]
    [1.0, 2.0, 4.0]
    """
    z = np.asarray(z, dtype=float)
    spread, value = number.spread, number.value
    if spread is None:
        return np.full_like(z, value)
    if spread.shape in ("uniform", "loguniform"):
        drawn = _by_ends(number, _normal_cdf(z))
    else:
        sd = (_scale(spread.shape, spread.high) - _scale(spread.shape, spread.low)) / (2 * TAIL)
        drawn = _shift(spread.shape, np.asarray(value), sd * z)
    return _within(number, drawn)


def person_value(number: Number, value_of_draw: ArrayLike, z: ArrayLike) -> Any:
    """Return what the number is in each person, about its value in the draw.

    Args:
        number: the record.
        value_of_draw: what :func:`draw_value` gave for the draw, in the number's unit.
        z: standard normal scores, one per person.

    >>> from speciosa.evidence.record import Between
    >>> a = Number("a", 2.0, "1/h", "assumed", "E", between=Between("normal", 0.5))
    >>> person_value(a, 2.0, [-1.0, 0.0, 1.0]).tolist()
    [1.5, 2.0, 2.5]
    """
    z = np.asarray(z, dtype=float)
    centre = np.asarray(value_of_draw, dtype=float)
    if number.between is None:
        return np.broadcast_to(centre, np.broadcast_shapes(centre.shape, z.shape)).copy()
    return _within(number, _shift(number.between.shape, centre, number.between.sd * z))


def _scale(shape: str, x: Any) -> Any:
    if shape == "lognormal":
        return np.log(x)
    return np.log(x) - np.log1p(-x) if shape == "logitnormal" else x


def _shift(shape: str, centre: Any, step: Any) -> Any:
    """Move ``centre`` by ``step`` on the scale of ``shape``; a zero step returns it exactly."""
    if shape == "lognormal":
        return centre * np.exp(step)
    if shape == "logitnormal":
        odds = np.exp(step)
        return centre * odds / (1.0 - centre + centre * odds)
    return centre + step


def _by_ends(number: Number, share: Any) -> Any:
    assert number.spread is not None
    low, middle, high = number.spread.low, number.value, number.spread.high
    if number.spread.shape == "loguniform":
        low, middle, high = np.log(low), np.log(middle), np.log(high)
    below = low + (middle - low) * 2.0 * share
    above = middle + (high - middle) * (2.0 * share - 1.0)
    drawn = np.where(share < 0.5, below, above)
    return np.exp(drawn) if number.spread.shape == "loguniform" else drawn


def _within(number: Number, drawn: Any) -> Any:
    return drawn if number.bounds is None else np.clip(drawn, *number.bounds)


def _normal_cdf(z: Any) -> Any:
    from scipy.special import ndtr

    return ndtr(z)
