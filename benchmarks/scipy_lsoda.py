"""SciPy's LSODA on the exported equations as a Python function: what one would write by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from equations import function
from given import Given
from pieces import walk

LABEL = "SciPy LSODA"
NEEDS = "scipy"
SETTINGS = [{"relative": 10.0**-k} for k in (6, 8, 10)]


class Solver:
    """The function, and SciPy around it."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.rates = function(given.text["scalar"], math)

    def solve(
        self, jobs: Sequence[Mapping[str, Any]], setting: Mapping[str, Any], hours: Sequence[float]
    ) -> Any:
        """Return the states of the people when they are read, (N, T, S)."""
        from scipy.integrate import odeint

        relative = setting["relative"]
        absolute = relative * np.asarray(self.given.scales)

        def piece(p: Any, y: Any, begin: float, end: float, times: Any) -> Any:
            numbers = p.tolist()

            def slope(t: float, now: Any) -> list[float]:
                out = [0.0] * len(now)
                self.rates(t, now.tolist(), numbers, out)
                return out

            found = odeint(slope, y, [begin, *times], tfirst=True, rtol=relative, atol=absolute,
                           mxstep=100_000, tcrit=[end])  # fmt: skip
            return found[1:]

        return np.array([walk(self.given, job, hours, piece) for job in jobs])
