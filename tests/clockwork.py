"""The clock under published light protocols, marched with a classical Runge-Kutta step.

For the melatonin and clock tests: many conditions at once as NumPy rows, one condition fast with
plain floats. Light is constant between half hours, as in the protocols.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

import numpy as np

from speciosa.core.stage import Stage
from speciosa.core.units import conversion_factor

Row = Any
Rows = dict[str, Row]
Rates = Callable[[Any, Rows, Rows], Rows]

PICOGRAM = 232.28  # pg/mL in one nM of melatonin
DLMO_PHASE = 5 * math.pi / 12
SCALAR = SimpleNamespace(
    exp=math.exp, log=math.log, sqrt=math.sqrt, sin=math.sin, cos=math.cos, tanh=math.tanh,
    minimum=min, maximum=max, where=lambda test, x, y: x if test else y,
)  # fmt: skip


def records(*topics: str) -> dict[str, dict[str, Any]]:
    """Return the records of some topics, id -> fields."""
    found = {}
    for topic in topics:
        path = files("speciosa") / "evidence" / "records" / f"{topic}.toml"
        for group, rows in tomllib.loads(path.read_text("utf-8")).items():
            found |= {f"{group}.{name}": row for name, row in rows.items()}
    return found


def parameters_of(part: Any, changed: Mapping[str, Row] | None = None, **covariates: Row) -> Rows:
    """Return the parameters of a stage or decision at their records' values, with covariates.

    Args:
        part: the stage or decision.
        changed: record id -> value in the record's unit.
        covariates: by name.
    """
    known, changed = records("melatonin", "sleep"), changed or {}
    p: Rows = {}
    for symbol, parameter in part.parameters.items():
        record = known[parameter.record]
        value = changed.get(parameter.record, record["value"])
        p[symbol] = value * conversion_factor(record["unit"], parameter.unit)
    p |= covariates
    if getattr(part, "derive", None):
        p |= {k: _plain(v) for k, v in part.derive(p).items()}
    return p


def _plain(value: Row) -> Row:
    return float(value) if np.ndim(value) == 0 else value


def start_of(stage: Stage, p: Rows) -> Rows:
    """Return the start of a stage's states and modes."""
    return {
        name: p[part.start] if isinstance(part.start, str) else part.start
        for name, part in {**stage.states, **stage.modes}.items()
    }


def decays_of(stage: Stage, p: Rows) -> Rows:
    """Return the decay rate of each mode."""
    return {name: p[mode.rate] for name, mode in stage.modes.items()}


def staged(stages: Sequence[Stage], parameters: Sequence[Rows], constant: Rows) -> Rates:
    """Return the rates of stages given in the order of their outputs."""

    def rates(xp: Any, x: Rows, held: Rows) -> Rows:
        s = constant | held
        for stage, p in zip(stages, parameters, strict=True):
            s = s | stage.outputs(xp, x, s, p)
        change: Rows = {}
        for stage, p in zip(stages, parameters, strict=True):
            if stage.rates is not None:
                change |= stage.rates(xp, x, s, p)
        return change

    return rates


def march(
    xp: Any,
    rates: Rates,
    x: Rows,
    span: tuple[float, float],
    held: Callable[[float], Rows],
    *,
    step: float = 0.05,
    decays: Rows | None = None,
    doses: Mapping[str, Callable[[float], Row]] | None = None,
    watch: str | tuple[str, ...] = "",
) -> tuple[Rows, np.ndarray, list[Row]]:
    """Integrate and return the end, the times and the watched state at every step.

    Args:
        xp: array module.
        rates: as :func:`staged` returns it.
        x: states and modes at the start.
        span: from, to, h.
        held: middle of a step -> what is held constant in it.
        step: h; half an hour must be a multiple.
        decays: mode -> rate, solved exactly.
        doses: state -> what is added to it at a time (the start of a step).
        watch: the state to record, or several.
    """
    decays, doses = decays or {}, doses or {}
    half = {m: xp.exp(-rate * step / 2) for m, rate in decays.items()}
    count = round((span[1] - span[0]) / step)
    seen, times = [], span[0] + step * np.arange(count + 1)
    for t in times[:-1]:
        x = x | {state: x[state] + dose(float(t)) for state, dose in doses.items()}
        if watch:
            seen.append(_watched(x, watch))
        s = held(float(t) + step / 2)
        middle = {m: x[m] * f for m, f in half.items()}
        end = {m: middle[m] * f for m, f in half.items()}
        k1 = rates(xp, x, s)
        k2 = rates(xp, x | {n: x[n] + step / 2 * k for n, k in k1.items()} | middle, s)
        k3 = rates(xp, x | {n: x[n] + step / 2 * k for n, k in k2.items()} | middle, s)
        k4 = rates(xp, x | {n: x[n] + step * k for n, k in k3.items()} | end, s)
        x = {n: x[n] + step / 6 * (k1[n] + 2 * k2[n] + 2 * k3[n] + k4[n]) for n in k1} | end
    if watch:
        seen.append(_watched(x, watch))
    return x, times, seen


def _watched(x: Rows, watch: str | tuple[str, ...]) -> Row:
    return x[watch] if isinstance(watch, str) else tuple(x[name] for name in watch)


def home_light(t: float) -> float:
    """Return the light at home by clock hour ``t``: 300 lux, 1000 by day, dark 23:00 to 07:00."""
    hour = t % 24
    if not 7 <= hour < 23:
        return 0.0
    return 1000.0 if 8 <= hour < 19 else 300.0


def onset(times: np.ndarray, level: np.ndarray, threshold: float) -> np.ndarray:
    """Return the time of the last upward crossing of ``threshold``, per column."""
    table = np.asarray(level, dtype=float).reshape(len(times), -1)
    found = []
    for column in table.T:
        (up,) = np.nonzero((column[:-1] <= threshold) & (column[1:] > threshold))
        i = up[-1]
        share = (threshold - column[i]) / (column[i + 1] - column[i])
        found.append(times[i] + share * (times[i + 1] - times[i]))
    return np.array(found)


def three_pulse_light(delay: np.ndarray) -> Callable[[float], np.ndarray]:
    """Return the laboratory light of the three-pulse studies, one column per condition.

    Day 1 and day 5 in 5 lux; days 2 to 4 in 2.5 h of 40 lux and 1.5 h of darkness, a dose falling
    at the start of a light period (Burgess 2008, 2010, as simulated by Stowe 2025).

    Args:
        delay: hours of the dose after melatonin onset, taken as 21:00.
    """
    dose_hour = (21 + delay) % 24
    lights_on = np.where(dose_hour >= 4, dose_hour % 4, dose_hour)

    def light(t: float) -> np.ndarray:
        if not 24 <= t < 96:
            return np.full(len(delay), 5.0)
        return np.where((t % 24 - lights_on) % 4 < 2.5, 40.0, 0.0)

    return light
