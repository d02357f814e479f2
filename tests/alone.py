"""One stage by itself, its signals given as functions of time, solved with SciPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from opioid_chain import numbers
from speciosa.core.stage import Decision, Stage
from speciosa.core.units import conversion_factor


def centre(part: Stage | Decision, **given: float) -> dict[str, Any]:
    """Return the parameters of a stage or decision at the central values.

    Args:
        given: covariates, and parameters to be overruled.
    """
    p: dict[str, Any] = {}
    for symbol, parameter in part.parameters.items():
        number = numbers()[parameter.record]
        p[symbol] = number.value * conversion_factor(number.unit, parameter.unit)
    p |= given
    if isinstance(part, Stage) and part.derive is not None:
        p |= part.derive(p)
    return p


def follow(
    stage: Stage,
    p: Mapping[str, Any],
    signals: Callable[[float], Mapping[str, float]],
    hours: Any,
    start: Mapping[str, float] | None = None,
) -> dict[str, np.ndarray]:
    """Return every state and output of a stage at ``hours``, counted from 0.

    Args:
        stage: without modes.
        p: values of its symbols.
        signals: hours -> the quantities that it needs; the clock hour is added.
        start: states that do not start where the stage says.
    """
    names = list(stage.states)
    begin = {n: p[s.start] if isinstance(s.start, str) else s.start for n, s in
             stage.states.items()} | dict(start or {})  # fmt: skip

    def known(t: float) -> dict[str, Any]:
        return {"hours": t, "clock_hour": (8.0 + t) % 24.0, **signals(t)}

    def slope(t: float, y: np.ndarray) -> list[float]:
        x = dict(zip(names, y, strict=True))
        s = known(t)
        rates = stage.rates(np, x, s | stage.outputs(np, x, s, p), p)  # type: ignore[misc]
        return [float(rates[name]) for name in names]

    hours = np.asarray(hours, dtype=float)
    solved = solve_ivp(
        slope, (0.0, max(float(hours[-1]), 1e-9)), [float(begin[n]) for n in names],
        method="LSODA", t_eval=hours, rtol=1e-8, atol=1e-10, max_step=6.0,
    )  # fmt: skip
    assert solved.success, solved.message
    found: dict[str, list[Any]] = {
        name: list(row) for name, row in zip(names, solved.y, strict=True)
    }
    for t, y in zip(hours, solved.y.T, strict=True):
        x = dict(zip(names, y, strict=True))
        for quantity, value in stage.outputs(np, x, known(float(t)), p).items():
            found.setdefault(quantity, []).append(float(value))
    return {name: np.asarray(row) for name, row in found.items()}
