"""JAX's array module with a sine, a cosine and a logarithm that vectorise in double precision.

On processors XLA calls the C library for each of these of a double, several nanoseconds a value;
the clock stage needs the first two, receptors and scales the third, at every stage of every step.
The polynomials below are Taylor series on a small interval, to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial, log, pi
from typing import Any

QUARTER = pi / 2
QUARTER_HIGH = 1.5707963267341256  # its first 33 bits, so that whole multiples are exact
QUARTER_LOW = 6.077100506506192e-11  # the rest
SINGLE_QUARTER = (1.5703125, 4.837512969970703e-4, 7.549789954891882e-8)  # 8 bits, 11 and the rest
SINE = tuple((-1) ** k / factorial(2 * k + 1) for k in range(8))
COSINE = tuple((-1) ** k / factorial(2 * k) for k in range(9))
LOGARITHM = tuple(2 / (2 * k + 1) for k in range(1, 11))  # of (1 + s) / (1 - s), after 2 s
MANTISSA = 52  # bits of it in a double
ROOT_HALF = 0x3FE6A09E667F3BCD  # the bits of the root of a half
LOG_2 = log(2)


@dataclass(frozen=True)
class Fast:
    """The array module of the stages; what is not named here is JAX's own.

    Args:
        jnp: ``jax.numpy``.

    Example:
        >>> import numpy as np
        >>> xp = Fast(np)
        >>> bool(abs(xp.sin(200.0) - np.sin(200.0)) < 1e-13)
        True
        >>> bool(abs(xp.log(200.0) - np.log(200.0)) < 1e-15)
        True
    """

    jnp: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.jnp, name)

    def sin(self, angle: Any) -> Any:
        """Return the sine of an angle, rad, below a million turns (a thousand in single)."""
        turn, sine, cosine = self._parts(angle)
        jnp = self.jnp
        odd = turn - 2.0 * jnp.floor(turn / 2.0)
        half = turn - 4.0 * jnp.floor(turn / 4.0)
        value = jnp.where(odd == 0.0, sine, cosine)
        return jnp.where(half < 2.0, value, -value)

    def cos(self, angle: Any) -> Any:
        """Return the cosine of an angle, rad, below a million turns (a thousand in single)."""
        turn, sine, cosine = self._parts(angle)
        jnp = self.jnp
        odd = turn - 2.0 * jnp.floor(turn / 2.0)
        half = (turn + 1.0) - 4.0 * jnp.floor((turn + 1.0) / 4.0)
        value = jnp.where(odd == 0.0, cosine, sine)
        return jnp.where(half < 2.0, value, -value)

    def log(self, x: Any) -> Any:
        """Return the natural logarithm of a number above 0; of any other, not a number."""
        x = self.jnp.asarray(x)
        if x.dtype == "float32":
            return self.jnp.log(x)
        bits = x.view("int64")
        exponent = (bits - ROOT_HALF) >> MANTISSA
        fraction = (bits - (exponent << MANTISSA)).view("float64")  # root of a half to root of 2
        s = (fraction - 1) / (fraction + 1)
        square = s * s
        value = exponent * LOG_2 + (2 * s + s * square * _polynomial(LOGARITHM, square))
        return self.jnp.where(x > 0, value, float("nan"))

    def _parts(self, angle: Any) -> tuple[Any, Any, Any]:
        angle = self.jnp.asarray(angle)
        turn = self.jnp.floor(angle / QUARTER + 0.5)
        if angle.dtype == "float32":
            high, middle, low = SINGLE_QUARTER
            rest = ((angle - turn * high) - turn * middle) - turn * low
        else:
            rest = (angle - turn * QUARTER_HIGH) - turn * QUARTER_LOW
        square = rest * rest
        return turn, rest * _polynomial(SINE, square), _polynomial(COSINE, square)


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    value: Any = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = value * x + coefficient
    return value
