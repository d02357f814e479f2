"""Kratom's exposure stages wired and integrated on their own, for the kratom tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from speciosa.core.nca import ProfileReading, read_profile
from speciosa.core.stage import Stage
from speciosa.core.units import conversion_factor
from speciosa.core.wiring import Model, derivatives, signals, wire
from speciosa.evidence.load import load_evidence
from speciosa.exposure.enzymes import ACTIVITY, TURNOVER
from speciosa.exposure.hydroxymitragynine import HYDROXYMITRAGYNINE
from speciosa.exposure.mitragynine import MITRAGYNINE

STAGES = (TURNOVER, MITRAGYNINE, ACTIVITY, HYDROXYMITRAGYNINE)
TANNA_TIMES = (
    0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 24, 36, 48, 72, 96, 120,
)  # fmt: skip
MITRAGYNINE_MASS = 398.495
HYDROXYMITRAGYNINE_MASS = 414.502


def values(stage: Stage, changed: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return a stage's parameters at their record's value, in its units, with what it derives.

    Args:
        stage: the stage.
        changed: record id -> value in the record's unit, in place of the record's own.
    """
    numbers = {symbol: load_evidence().number(q.record) for symbol, q in stage.parameters.items()}
    p = {
        symbol: (changed or {}).get(number.id, number.value)
        * conversion_factor(number.unit, stage.parameters[symbol].unit)
        for symbol, number in numbers.items()
    }
    return {**p, **(stage.derive(p) if stage.derive else {})}


@dataclass(frozen=True)
class Run:
    """Quantities and states at the times asked for."""

    times: np.ndarray
    quantities: dict[str, np.ndarray]
    states: dict[str, np.ndarray]

    def reading(self, quantity: str, limit: float) -> ProfileReading:
        """Return the non-compartmental reading of one quantity."""
        return read_profile(self.times, self.quantities[quantity], quantification_limit=limit)


def run(
    doses: Sequence[tuple[float, str, float]],
    times: Sequence[float],
    changed: Mapping[str, float] | None = None,
    integrals: Sequence[str] = (),
) -> Run:
    """Integrate the chain tightly.

    Args:
        doses: (time h, entry, nmol).
        times: when to read, h, rising.
        changed: record id -> value.
        integrals: quantities whose time integral is wanted as state ``integral_<quantity>``.
    """
    model = wire(STAGES)
    parameters = {stage.name: values(stage, changed) for stage in STAGES}
    names = [(s.name, n) for s in model.stages for n in (*s.states, *s.modes)]
    start = [
        float(s.states[n].start) if n in s.states else 0.0
        for s in model.stages
        for n in (*s.states, *s.modes)
    ]
    y = np.array(start + [0.0] * len(integrals))
    rate = _rate(model, parameters, names, integrals)
    stops = sorted({0.0, *(t for t, _, _ in doses), float(times[-1])})
    wanted = np.asarray(times, dtype=float)
    columns: list[np.ndarray] = []
    for begin, end in zip(stops, [*stops[1:], np.inf], strict=True):
        for t, entry, amount in doses:
            if t == begin:
                for stage, state, gain in model.entries()[entry]:
                    y[names.index((stage, state))] += amount * parameters[stage][gain]
        here = wanted[(wanted >= begin) & (wanted < end)]
        if begin == stops[-1]:
            columns += [y] * len(here)
            break
        solved = solve_ivp(
            rate, (begin, end), y, "LSODA", t_eval=[*here, end], rtol=1e-9, atol=1e-9
        )
        columns += list(solved.y[:, :-1].T)
        y = solved.y[:, -1].copy()
    table = np.array(columns).T
    found = _signals(model, parameters, names, table)
    states = {name: table[i] for i, (_, name) in enumerate(names)}
    states |= {f"integral_{q}": table[len(names) + i] for i, q in enumerate(integrals)}
    return Run(wanted, {q: np.broadcast_to(v, wanted.shape) for q, v in found.items()}, states)


def recorded(name: str) -> float:
    """Return the value of one record, in its own unit."""
    return load_evidence().number(name).value


def tea(milligrams: float, at: float = 0.0) -> tuple[float, str, float]:
    """Return a dose of leaf mitragynine for :func:`run`."""
    return (at, "mitragynine_oral", milligrams / MITRAGYNINE_MASS * 1e6)


def _nested(model: Model, names: Sequence[tuple[str, str]], y: np.ndarray) -> dict[str, Any]:
    states: dict[str, Any] = {stage.name: {} for stage in model.stages}
    for i, (stage, name) in enumerate(names):
        states[stage][name] = y[i]
    return states


def _signals(
    model: Model, parameters: Mapping[str, Any], names: Sequence[tuple[str, str]], y: np.ndarray
) -> dict[str, Any]:
    return signals(np, model, _nested(model, names, y), {}, parameters)


def _rate(
    model: Model,
    parameters: Mapping[str, Any],
    names: Sequence[tuple[str, str]],
    integrals: Sequence[str],
) -> Any:
    modes = {s.name: s.modes for s in model.stages}

    def rate(t: float, y: np.ndarray) -> np.ndarray:
        nested = _nested(model, names, y)
        found = signals(np, model, nested, {}, parameters)
        change = derivatives(np, model, nested, found, parameters)
        row = [
            -parameters[stage][modes[stage][name].rate] * nested[stage][name]
            if name in modes[stage]
            else change[stage][name]
            for stage, name in names
        ]
        return np.array([*row, *(found[q] for q in integrals)], dtype=float)

    return rate
