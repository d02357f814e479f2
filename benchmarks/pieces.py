"""Solvers that take a function of one person: a person's run, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from given import Given, stretches

# (function's p, y, begin, end, times) -> rows (T, S)
Piece = Callable[[Any, Any, float, float, Any], Any]


def walk(given: Given, job: Mapping[str, Any], hours: Sequence[float], solve: Piece) -> Any:
    """Return the states of a person when they are read, (T, S).

    Args:
        given: the problem.
        job: the person.
        hours: when states are read.
        solve: solves one piece and returns the states at the given times.
    """
    values = job["values"]
    p = np.array([values[name] for name in given.names])
    y = np.array([values[name] for name in given.states])
    state = {name: i for i, name in enumerate(given.states)}
    held = {name: i for i, name in enumerate(given.names)}
    rows = []
    for piece in stretches(job, hours):
        for name, amount, gain in piece.changes:
            if gain:
                y[state[name]] += amount * values[gain]
            elif name in held:
                p[held[name]] = amount
        times = np.array(sorted({*piece.read, piece.end}))
        found = np.asarray(solve(p, y, piece.begin, piece.end, times))
        rows += list(found[: len(piece.read)])
        y = np.array(found[-1])
    return np.array(rows)
