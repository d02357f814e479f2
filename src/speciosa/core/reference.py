"""A slow, tight-tolerance reference of the same wired model, in SciPy, for tests.

It integrates every state and every mode with DOP853 between events. At events it replays the doses
and memories that the engine recorded, and asks the decisions again from its own states, so that
both the numbers and the decisions can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.events import ask, held_rows
from speciosa.core.mesh import QUARTER
from speciosa.core.random import Streams
from speciosa.core.wiring import Model, derivatives, signals


@dataclass(frozen=True)
class Reference:
    """Sampled quantities (M, R, N) at ``hours`` (M,), final states, and decisions that differed."""

    hours: NDArray[np.float64]
    samples: NDArray[np.float64]
    final: dict[str, dict[str, Any]]
    differing: NDArray[np.int64]
    asked: NDArray[np.int64]


def replay(
    model: Model,
    trace: Sequence[Mapping[str, Any]],
    start: Mapping[str, Mapping[str, Any]],
    parameters: Mapping[str, Mapping[str, Any]],
    stream: Streams,
    recorded: Sequence[str],
    *,
    memory: Mapping[str, Mapping[str, Any]],
    enabled: Sequence[bool],
    start_clock_hour: float = 8.0,
    rtol: float = 1e-9,
) -> Reference:
    """Solve a traced run again and return what it gives at the run's sample points.

    Args:
        model: the wired model.
        trace: the engine's trace, one entry per day, cut to N people.
        start: stage -> state or mode -> row at time zero, before the first dose.
        parameters: stage or decision -> symbol -> number or row (N,).
        stream: stream keys of the N people.
        recorded: quantities to return.
        memory: decision -> memory row at time zero.
        enabled: per decision, whether the arm has it.
        rtol: relative tolerance; the absolute one is it times each state's scale.
    """
    walker = _Walker(model, parameters, start_clock_hour, rtol, int(stream.person.shape[0]))
    states = {n: {s: walker.row(v) for s, v in rows.items()} for n, rows in start.items()}
    held_memory: Any = {n: dict(rows) for n, rows in memory.items()}
    hours, samples = [], []
    differing = np.zeros(stream.person.shape[0], dtype=int)
    asked = np.zeros_like(differing)
    now = 0.0
    for day in trace:
        mesh = day["mesh"]
        for k in np.flatnonzero(mesh.event):
            states = walker.advance(states, held_memory, now, mesh.hours[k])
            now = float(mesh.hours[k])
            held = held_rows(model, held_memory, now + QUARTER / 2, start_clock_hour)
            found = signals(np, model, states, held, parameters)
            if mesh.sample[k] >= 0:
                hours.append(now)
                samples.append(np.stack([walker.row(found[q]) for q in recorded]))
            due = [bool(mesh.asked[k, i]) and enabled[i] for i in range(len(model.decisions))]
            mine, _ = ask(np, model, found, held_memory, parameters, stream, hours=np.float64(now),
                          quarter=mesh.quarter[k], due=due, start_clock_hour=start_clock_hour)
            theirs = {n: {s: v[k] for s, v in r.items()} for n, r in day["memory"].items()}
            if any(due):
                asked += 1
                differing += _differ(mine, theirs)
            held_memory = theirs
            states = walker.dose(states, {e: v[k] for e, v in day["given"].items()})
        end = float(mesh.hours[-1] + mesh.step[-1])
        states, now = walker.advance(states, held_memory, now, end), end
    return Reference(np.array(hours), np.stack(samples), states, differing, asked)


def _differ(mine: Any, theirs: Any) -> NDArray[np.bool_]:
    """Who decided otherwise; numbers held in memory may differ by rounding, decisions may not."""
    apart = [
        np.abs(np.asarray(v) - theirs[n][s]) > 1e-3 * (1.0 + np.abs(theirs[n][s]))
        for n, rows in mine.items()
        for s, v in rows.items()
    ]
    return np.any(apart, axis=0)


class _Walker:
    """Flattens the nested states for SciPy and walks them between events."""

    def __init__(
        self, model: Model, parameters: Any, start_clock_hour: float, rtol: float, people: int
    ) -> None:
        self.model, self.parameters, self.rtol = model, parameters, rtol
        self.start_clock_hour, self.people = start_clock_hour, people
        self.names = [
            (stage.name, name, kind.scale, getattr(kind, "rate", None))
            for stage in model.stages
            for name, kind in {**stage.states, **stage.modes}.items()
        ]

    def row(self, value: Any) -> NDArray[np.float64]:
        return np.array(np.broadcast_to(np.asarray(value, dtype=float), (self.people,)))

    def dose(self, states: Any, given: Mapping[str, Any]) -> Any:
        from speciosa.core.events import dosed

        return dosed(self.model, states, given, self.parameters)

    def advance(self, states: Any, memory: Any, begin: float, end: float) -> Any:
        """Integrate from ``begin`` to ``end``, joining quarters in which the clock changes nothing."""
        now = begin
        while now < end - 1e-9:
            stop, held = self._stretch(states, memory, now, end)
            states = self._solve(states, held, now, stop)
            now = stop
        return states

    def _stretch(self, states: Any, memory: Any, now: float, end: float) -> tuple[float, Any]:
        def at(quarter: int) -> Any:
            middle = (quarter + 0.5) * QUARTER
            return held_rows(self.model, memory, middle, self.start_clock_hour)

        first = int(np.floor(now / QUARTER + 1e-6))
        held = at(first)
        here = signals(np, self.model, states, held, self.parameters)
        last = first
        while (last + 1) * QUARTER < end - 1e-9:
            there = signals(np, self.model, states, at(last + 1), self.parameters)
            if any(np.any(there[q] != here[q]) for q in here if q not in ("hours", "clock_hour")):
                break
            last += 1
        return min((last + 1) * QUARTER, end), held

    def _solve(self, states: Any, held: Any, begin: float, end: float) -> Any:
        from scipy.integrate import solve_ivp

        atol = np.repeat([self.rtol * scale for _, _, scale, _ in self.names], self.people)
        flat = np.concatenate([states[n][s] for n, s, _, _ in self.names])
        done = solve_ivp(
            lambda t, y: self._slope(y, held), (begin, end), flat, method="DOP853",
            rtol=self.rtol, atol=atol,
        )
        if not done.success:
            raise RuntimeError(f"the reference stopped at {done.t[-1]:.4g} h: {done.message}")
        return self._nested(done.y[:, -1])

    def _slope(self, flat: NDArray[np.float64], held: Any) -> NDArray[np.float64]:
        states = self._nested(flat)
        found = signals(np, self.model, states, held, self.parameters)
        rates = derivatives(np, self.model, states, found, self.parameters)
        rows = [
            self.row(rates[n][s]) if rate is None else -self.parameters[n][rate] * states[n][s]
            for n, s, _, rate in self.names
        ]
        return np.concatenate(rows)

    def _nested(self, flat: NDArray[np.float64]) -> Any:
        rows = flat.reshape(len(self.names), self.people)
        nested: dict[str, dict[str, Any]] = {stage.name: {} for stage in self.model.stages}
        for (stage, state, _, _), row in zip(self.names, rows, strict=True):
            nested[stage][state] = row
        return nested
