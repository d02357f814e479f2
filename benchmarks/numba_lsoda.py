"""numbalsoda: LSODA in C++ on the exported equations, compiled by Numba."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from given import Given
from pieces import walk

LABEL = "numbalsoda (LSODA)"
NEEDS = "numbalsoda"
SETTINGS = [{"relative": 10.0**-k} for k in (6, 7, 8, 9, 10)]


class Solver:
    """The compiled function, and numbalsoda around it."""

    def __init__(self, given: Given) -> None:
        from equations import function
        from numba import cfunc, njit
        from numbalsoda import lsoda_sig

        self.given = given
        rates = njit(error_model="numpy")(function(given.text["scalar"], math))

        @cfunc(lsoda_sig)
        def right(t, y, out, p):  # type: ignore[no-untyped-def] # pragma: no cover
            rates(t, y, p, out)

        self.keep, self.right = right, right.address

    def solve(
        self, jobs: Sequence[Mapping[str, Any]], setting: Mapping[str, Any], hours: Sequence[float]
    ) -> Any:
        """Return the states of the people when they are read, (N, T, S).

        numbalsoda has one absolute tolerance for all states, so that of the smallest state.
        """
        from numbalsoda import lsoda

        relative = setting["relative"]
        absolute = relative * float(min(self.given.scales))

        def piece(p: Any, y: Any, begin: float, end: float, times: Any) -> Any:
            found, fine = lsoda(self.right, y, np.concatenate([[begin], times]), p,
                                rtol=relative, atol=absolute, mxstep=100_000)  # fmt: skip
            if not fine:
                raise RuntimeError("numbalsoda stopped")
            return found[1:]

        return np.array([walk(self.given, job, hours, piece) for job in jobs])
