"""A slow, tight-tolerance reference of the same wired model, in SciPy, for tests.

It integrates every state with DOP853 between events, and every mode if asked to. At events it asks
the decisions again from its own states and compares them with those that the engine recorded.
Where they agree it goes on with its own numbers; where they do not, it takes the record, so that
one decision at a threshold does not end the comparison.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.events import ask, dosed, held_rows
from speciosa.core.mesh import QUARTER
from speciosa.core.random import Streams
from speciosa.core.stage import Decision, Stage
from speciosa.core.wiring import Model, derivatives, signals

Array = NDArray[np.float64]
WITHIN_STEP = (0.25, 0.5, 0.75, 1.0)  # of a solver step: where extremes are looked for
SMALL = 1e-3  # numbers held in memory may differ by this share and still be one decision,
APART = 0.2  # but never by this much: counts move by 1, bedtimes by a quarter of an hour


@dataclass(frozen=True)
class Reference:
    """The engine's outcome, solved again.

    Args:
        samples: (days, S, R, N), as the engine's.
        minima, maxima: (days, T, N), looked for inside the solver's steps.
        final: stage -> state or mode -> row at the end.
        differing: (days, N), whether a decision of that day came out otherwise.
    """

    samples: Array
    minima: Array
    maxima: Array
    final: dict[str, dict[str, Any]]
    differing: NDArray[np.bool_]


def replay(
    model: Model,
    trace: Sequence[Mapping[str, Any]],
    parameters: Mapping[str, Mapping[str, Any]],
    stream: Streams,
    recorded: Sequence[str],
    *,
    start: Mapping[str, Mapping[str, Any]] | None = None,
    enabled: Any = None,
    lowest: Sequence[str] = (),
    highest: Sequence[str] = (),
    readouts: Collection[str] = (),
    start_clock_hour: float = 8.0,
    rtol: float = 1e-9,
    exact_modes: bool = True,
) -> Reference:
    """Solve a traced run again and return what the engine should have returned.

    Args:
        model: the wired model.
        trace: the engine's trace, one entry per day.
        parameters: stage or decision -> symbol -> number or row (N,).
        stream: stream keys of the N people.
        recorded: quantities to sample where the mesh says so.
        start: stage -> state or mode -> row (N,), where people do not start as declared.
        enabled: per decision whether the arm has it, (D,), or each person's arm, (D, N).
        lowest, highest: quantities whose daily extremes are wanted.
        readouts: decisions that only read numbers out; theirs are never taken from the record.
        start_clock_hour: clock hour of time zero.
        rtol: relative tolerance; the absolute one is it times each state's scale.
        exact_modes: False integrates the decaying modes too, which takes ten times as long.
    """
    people = int(stream.person.shape[0])
    watched = (tuple(lowest), tuple(highest))
    walker = _Walker(model, parameters, start_clock_hour, rtol, people, watched, exact_modes)
    on = np.ones(len(model.decisions), dtype=bool) if enabled is None else np.asarray(enabled)
    states = beginning(model.stages, parameters, people, start)
    memory = beginning(model.decisions, parameters, people)
    days = []
    for day in trace:
        states, memory, found = _replay_day(
            walker, day, states, memory, on, stream, recorded, readouts
        )
        days.append(found)
    samples, minima, maxima, differing = (np.stack(rows) for rows in zip(*days, strict=True))
    return Reference(samples, minima, maxima, states, differing)


def beginning(
    parts: Sequence[Stage | Decision], parameters: Any, people: int, start: Any = None
) -> dict[str, dict[str, Any]]:
    """Return every state and mode of stages, or every memory row of decisions, at time zero."""
    given = start or {}
    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        if isinstance(part, Stage):
            declared: dict[str, Any] = {n: state.start for n, state in part.states.items()}
            declared |= {n: mode.start for n, mode in part.modes.items()}
        else:
            declared = dict(part.memory)
        rows = {
            name: parameters[part.name][value] if isinstance(value, str) else value
            for name, value in declared.items()
        }
        rows |= given.get(part.name, {})
        found[part.name] = {name: _row(value, people) for name, value in rows.items()}
    return found


def _replay_day(
    walker: _Walker,
    day: Mapping[str, Any],
    states: Any,
    memory: Any,
    on: NDArray[np.bool_],
    stream: Streams,
    recorded: Sequence[str],
    readouts: Collection[str],
) -> tuple[Any, Any, tuple[Array, ...]]:
    mesh, model, people = day["mesh"], walker.model, walker.people
    samples = np.full((int(mesh.sample.max()) + 1, len(recorded), people), np.nan)
    differing = np.zeros(people, dtype=bool)
    walker.forget()
    now = float(mesh.hours[0])
    asked = mesh.asked[:, :, None] & on.reshape(len(model.decisions), -1)
    given = np.any([rows != 0.0 for rows in day["given"].values()], axis=(0, 2))
    for k in np.flatnonzero(asked.any(axis=(1, 2)) | (mesh.sample >= 0) | given):
        states = walker.advance(states, memory, now, float(mesh.hours[k]))
        now = float(mesh.hours[k])
        found = walker.found(states, memory, now)
        if mesh.sample[k] >= 0:
            samples[mesh.sample[k]] = [_row(found[q], people) for q in recorded]
        mine, _ = ask(
            np,
            model,
            found,
            memory,
            walker.parameters,
            stream,
            hours=np.float64(now),
            quarter=mesh.quarter[k],
            due=asked[k],
            start_clock_hour=walker.start_clock_hour,
        )
        theirs = {n: {s: v[k][:people] for s, v in r.items()} for n, r in day["memory"].items()}
        memory, apart = _settled(mine, theirs, readouts)
        differing |= apart
        if given[k]:
            doses = {entry: rows[k][:people] for entry, rows in day["given"].items()}
            states = dosed(model, states, doses, walker.parameters)
            walker.hint = None
    states = walker.advance(states, memory, now, float(mesh.hours[-1] + mesh.step[-1]))
    return states, memory, (samples, walker.low, walker.high, differing)


def _settled(mine: Any, theirs: Any, readouts: Collection[str]) -> tuple[Any, NDArray[np.bool_]]:
    """Return own numbers of those who decided as recorded and the record of those who did not."""
    settled, anybody = {}, np.zeros(1, dtype=bool)
    for name, rows in mine.items():
        settled[name] = rows
        if name in readouts or not rows:
            continue
        apart = np.any([_differ(value, theirs[name][row]) for row, value in rows.items()], axis=0)
        settled[name] = {
            row: np.where(apart, theirs[name][row], value) for row, value in rows.items()
        }
        anybody = anybody | apart
    return settled, anybody


def _differ(mine: Any, theirs: Any) -> NDArray[np.bool_]:
    allowed = np.minimum(SMALL * (1.0 + np.abs(theirs)), APART)
    return np.asarray(np.abs(np.asarray(mine) - theirs) > allowed)


def _row(value: Any, people: int) -> Array:
    return np.array(np.broadcast_to(np.asarray(value, dtype=float), (people,)))


class _Walker:
    """Flattens the nested states for SciPy and walks them between events."""

    def __init__(
        self,
        model: Model,
        parameters: Any,
        start_clock_hour: float,
        rtol: float,
        people: int,
        watched: tuple[tuple[str, ...], tuple[str, ...]],
        exact: bool,
    ) -> None:
        self.model, self.parameters, self.rtol = model, parameters, rtol
        self.start_clock_hour, self.people = start_clock_hour, people
        self.lowest, self.highest = watched
        states = [(s.name, n, k.scale, "") for s in model.stages for n, k in s.states.items()]
        modes = [(s.name, n, k.scale, k.rate) for s in model.stages for n, k in s.modes.items()]
        self.names = states + modes
        self.integrated = len(states) if exact else len(self.names)
        self.decay = np.stack(
            [_row(parameters[s][rate] if rate else 0.0, people) for s, _, _, rate in self.names]
        )
        self.hint: float | None = None  # first step to try, h
        self.forget()

    def forget(self) -> None:
        """Begin a new day of extremes."""
        self.low = np.full((len(self.lowest), self.people), np.inf)
        self.high = np.full((len(self.highest), self.people), -np.inf)

    def found(self, states: Any, memory: Any, hours: float) -> dict[str, Any]:
        """Return every quantity at the beginning of a quarter of an hour."""
        return signals(np, self.model, states, self._held(memory, hours), self.parameters)

    def advance(self, states: Any, memory: Any, begin: float, end: float) -> Any:
        """Integrate to ``end``, joining quarters in which the clock changes nothing."""
        now = begin
        while now < end - 1e-9:
            stop, held = self._stretch(states, memory, now, end)
            states = self._solve(states, held, now, stop)
            now = stop
        return states

    def _held(self, memory: Any, hours: float) -> dict[str, Any]:
        middle = (np.floor(hours / QUARTER + 1e-6) + 0.5) * QUARTER
        return held_rows(self.model, memory, middle, self.start_clock_hour)

    def _stretch(self, states: Any, memory: Any, now: float, end: float) -> tuple[float, Any]:
        held = self._held(memory, now)
        here = self._everything(states, held)
        last = int(np.floor(now / QUARTER + 1e-6))
        while (last + 1) * QUARTER < end - 1e-9:
            there = self._everything(states, self._held(memory, (last + 1) * QUARTER))
            if any(np.any(one != other) for one, other in zip(here, there, strict=True)):
                break
            last += 1
        return min((last + 1) * QUARTER, end), held

    def _everything(self, states: Any, held: Any) -> list[Any]:
        """Every signal and rate: what may change when the clock does and the states do not."""
        found = signals(np, self.model, states, held, self.parameters)
        rates = derivatives(np, self.model, states, found, self.parameters)
        return [found[q] for q in found if q not in ("hours", "clock_hour")] + [
            rate for rows in rates.values() for rate in rows.values()
        ]

    def _solve(self, states: Any, held: Any, begin: float, end: float) -> Any:
        from scipy.integrate import solve_ivp

        rows = np.stack([states[stage][name] for stage, name, _, _ in self.names])
        kept = rows[self.integrated :]
        scales = [scale for _, _, scale, _ in self.names[: self.integrated]]
        watching = bool(self.lowest or self.highest)
        done = solve_ivp(
            lambda t, y: self._slope(self._full(y, kept, t - begin), held),
            (begin, end),
            rows[: self.integrated].ravel(),
            method="DOP853",
            rtol=self.rtol,
            atol=np.repeat(self.rtol * np.array(scales), self.people),
            dense_output=watching,
            first_step=None if self.hint is None else min(self.hint, end - begin),
        )
        if not done.success:
            raise RuntimeError(f"the reference stopped at {done.t[-1]:.4g} h: {done.message}")
        steps = np.diff(done.t)
        self.hint = 2.0 * float(steps[-2:].max())  # the last one may be cut short by the end
        if watching:
            times = [[begin], *(done.t[:-1] + share * steps for share in WITHIN_STEP)]
            at = np.concatenate(times)
            seen = [self._full(y, kept, t - begin) for t, y in zip(at, done.sol(at).T, strict=True)]
            self._watch(np.stack(seen, axis=1), held)
        return self._nested(self._full(done.y[:, -1], kept, end - begin))

    def _full(self, flat: Array, kept: Array, span: float) -> Array:
        """Return every row: the integrated ones, and the modes after they have decayed."""
        rows = flat.reshape(self.integrated, self.people)
        modes = kept * np.exp(-self.decay[self.integrated :] * span)
        return np.concatenate([rows, modes])

    def _watch(self, rows: Array, held: Any) -> None:
        """Keep the extremes of several moments: rows (rows, moments, N)."""
        found = signals(np, self.model, self._nested(rows), held, self.parameters)
        for place, quantity in enumerate(self.lowest):
            self.low[place] = np.minimum(self.low[place], found[quantity].min(axis=0))
        for place, quantity in enumerate(self.highest):
            self.high[place] = np.maximum(self.high[place], found[quantity].max(axis=0))

    def _slope(self, rows: Array, held: Any) -> Array:
        states = self._nested(rows)
        found = signals(np, self.model, states, held, self.parameters)
        rates = derivatives(np, self.model, states, found, self.parameters)
        slope = np.empty((self.integrated, self.people))
        for place, (stage, name, _, rate) in enumerate(self.names[: self.integrated]):
            slope[place] = rates[stage][name] if not rate else -self.decay[place] * rows[place]
        return slope.ravel()

    def _nested(self, rows: Array) -> dict[str, dict[str, Any]]:
        nested: dict[str, dict[str, Any]] = {stage.name: {} for stage in self.model.stages}
        for (stage, state, _, _), row in zip(self.names, rows, strict=True):
            nested[stage][state] = row
        return nested
