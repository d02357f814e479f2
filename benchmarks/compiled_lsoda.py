"""SciPy's LSODA on the exported equations, compiled by Numba."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from equations import function
from given import Given
from pieces import walk

LABEL = "SciPy LSODA, Numba"
NEEDS = "numba"
SETTINGS = [{"relative": 10.0**-k} for k in (5, 6, 7, 8, 9, 10)]


class Solver:
    """The compiled function, and SciPy around it."""

    def __init__(self, given: Given) -> None:
        from numba import njit

        self.given = given
        self.rates = njit(error_model="numpy")(function(given.text["scalar"], math))

    def solve(
        self, jobs: Sequence[Mapping[str, Any]], setting: Mapping[str, Any], hours: Sequence[float]
    ) -> Any:
        """Return the states of the people when they are read, (N, T, S)."""
        from scipy.integrate import odeint

        relative = setting["relative"]
        absolute = relative * np.asarray(self.given.scales)
        rates, out = self.rates, np.empty(len(self.given.states))

        def piece(p: Any, y: Any, begin: float, end: float, times: Any) -> Any:
            def slope(t: float, now: Any) -> Any:
                rates(t, now, p, out)
                return out

            found = odeint(slope, y, [begin, *times], tfirst=True, rtol=relative, atol=absolute,
                           mxstep=100_000, tcrit=[end])  # fmt: skip
            return found[1:]

        return np.array([walk(self.given, job, hours, piece) for job in jobs])
