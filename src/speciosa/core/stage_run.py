"""One stage by itself, given the doses of an event table and read at its observations.

For checking a stage against closed forms and against other tools: SciPy at a tight tolerance, one
person, no other stage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.errors import InputError
from speciosa.core.event_table import RESET, RESET_AND_DOSE, Event, spread_out
from speciosa.core.stage import Mode, Stage, State

Array = NDArray[np.float64]
STEADY = 1e-11  # share of the largest state that a steady cycle may still move
ROUNDS = 12
RESETS = (RESET, RESET_AND_DOSE)


def run_events(
    stage: Stage,
    parameters: Mapping[str, float],
    events: Iterable[Event],
    *,
    held: Mapping[str, float] | None = None,
    lags: Mapping[str, float] | None = None,
    rtol: float = 1e-10,
) -> list[dict[str, float]]:
    """Return what a stage gives at every observation of one subject, in order.

    Args:
        stage: the stage; CMT counts its dose entries from 1.
        parameters: symbol -> number, in the units the stage declares, without what it derives.
        events: records of one subject.
        held: what the stage needs, held constant; records that hold it change it.
        lags: dose entry -> h until a dose begins to enter.
        rtol: relative tolerance; the absolute one is it times each state's scale.

    Raises:
        InputError: a compartment that the stage does not have, or records of several subjects.
    """
    return _Run(stage, parameters, held or {}, lags or {}, rtol).walk(tuple(events))


class _Run:
    def __init__(
        self,
        stage: Stage,
        parameters: Mapping[str, float],
        held: Mapping[str, float],
        lags: Mapping[str, float],
        rtol: float,
    ) -> None:
        derived = stage.derive(parameters) if stage.derive is not None else {}
        values = {**parameters, **derived}
        self.p = {name: float(np.squeeze(value)) for name, value in values.items()}
        self.stage, self.held, self.lags, self.rtol = stage, dict(held), dict(lags), rtol
        self.kinds: dict[str, State | Mode] = {**stage.states, **stage.modes}
        self.names = list(self.kinds)
        self.entries = list(stage.entries)
        self.atol = rtol * np.array([kind.scale for kind in self.kinds.values()])

    def walk(self, events: tuple[Event, ...]) -> list[dict[str, float]]:
        if len({event.id for event in events}) > 1:
            raise InputError("records of several subjects", "event table", "Give one at a time.")
        moments: list[tuple[float, int, str, Any]] = []
        for event in spread_out(events):
            if event.gives and not 1 <= event.cmt <= len(self.entries):
                known = ", ".join(f"{i} {e}" for i, e in enumerate(self.entries, start=1))
                raise InputError(f"CMT {event.cmt} is no dose entry", self.stage.name, known)
            if event.held:
                moments.append((event.time, -1, "hold", event.held))
            if event.evid in RESETS:
                moments.append((event.time, 0, "reset", None))
            if event.gives:
                moments += self._dose(event)
            elif event.evid == 0:
                moments.append((event.time, 4, "observe", None))
        _check_resets(events, self._lag)
        return self._happen(sorted(moments, key=lambda moment: moment[:2]))

    def _dose(self, event: Event) -> list[tuple[float, int, str, Any]]:
        entry = self.entries[event.cmt - 1]
        gains, begin = self._gains(entry), event.time + self._lag(event)
        found: list[tuple[float, int, str, Any]] = []
        if event.ss:
            found.append((event.time, 1, "steady", (entry, event)))
        if not event.rate:
            return [*found, (begin, 3, "add", event.amt * gains)]
        flow = (event.rate * gains, begin + event.amt / event.rate)
        return [*found, (begin, 2, "flow", flow), (flow[1], 2, "flow end", None)]

    def _happen(self, moments: list[tuple[float, int, str, Any]]) -> list[dict[str, float]]:
        x, flows, now, seen = self._start(), list[tuple[Array, float]](), 0.0, []
        if moments:
            now = moments[0][0]
        for time, _, kind, what in moments:
            x, now = self._advance(x, self._together(flows), time - now), time
            flows = [each for each in flows if each[1] > time]
            if kind == "hold":
                self.held |= {name: at for name, at in what if name in self.stage.needs}
            elif kind == "reset":
                x, flows = self._start(), []
            elif kind == "steady":
                x, flows = self._steady(*what), []
            elif kind == "add":
                x = x + what
            elif kind == "flow":
                flows.append(what)
            elif kind == "observe":
                found = self.stage.outputs(np, self._named(x), self.held, self.p)
                seen.append({name: float(value) for name, value in found.items()})
        return seen

    def _lag(self, event: Event) -> float:
        return self.lags.get(self.entries[event.cmt - 1], 0.0)

    def _together(self, flows: list[tuple[Array, float]]) -> Array:
        return np.sum([np.zeros(len(self.names)), *(flow for flow, _ in flows)], axis=0)

    def _steady(self, entry: str, event: Event) -> Array:
        """Return the states just before a dose that has been repeated for ever.

        Newton's method on one cycle: exact in one round where the stage is linear.
        """
        cycle = self._cycle(entry, event)
        x = cycle(self._start())
        for _ in range(ROUNDS):
            moved = cycle(x) - x
            if np.abs(moved).max() <= STEADY * max(np.abs(x).max(), 1e-300):
                break
            steps = np.maximum(np.abs(x), np.abs(x).max() * 1e-3) * 1e-4 + 1e-300
            base = cycle(x)
            columns = [
                (cycle(x + step * unit) - base) / step
                for step, unit in zip(steps, np.eye(x.size), strict=True)
            ]
            slope = np.stack(columns, axis=1)
            x = x + np.linalg.solve(np.eye(x.size) - slope, moved)
        return x

    def _cycle(self, entry: str, event: Event) -> Any:
        gains, lag = self._gains(entry), self._lag(event)
        if lag >= event.ii:
            raise InputError("a lag as long as II", entry, "Shorten it, or write the doses.")
        length = event.amt / event.rate if event.rate else 0.0
        if lag + length > event.ii:
            raise InputError("lag and infusion outlast II", entry, "Write the doses themselves.")

        def cycle(x: Array) -> Array:
            none = np.zeros_like(x)
            x = self._advance(x, none, lag)
            if event.rate:
                x = self._advance(x, event.rate * gains, length)
            else:
                x = x + event.amt * gains
            return self._advance(x, none, event.ii - lag - length)

        return cycle

    def _gains(self, entry: str) -> Array:
        gains = self.stage.entries[entry]
        return np.array([self.p[gains[n]] if n in gains else 0.0 for n in self.names])

    def _start(self) -> Array:
        starts = [kind.start for kind in self.kinds.values()]
        return np.array([self.p[s] if isinstance(s, str) else float(s) for s in starts])

    def _named(self, x: Array) -> dict[str, float]:
        return dict(zip(self.names, x, strict=True))

    def _advance(self, x: Array, flow: Array, hours: float) -> Array:
        from scipy.integrate import solve_ivp

        if hours <= 0:
            return x
        done = solve_ivp(
            lambda t, y: self._slope(y) + flow,
            (0.0, hours),
            x,
            method="LSODA",
            rtol=self.rtol,
            atol=self.atol,
        )
        return np.asarray(done.y[:, -1])

    def _slope(self, x: Array) -> Array:
        named = self._named(x)
        found = {**self.held, **self.stage.outputs(np, named, self.held, self.p)}
        rates = self.stage.rates(np, named, found, self.p) if self.stage.rates else {}
        return np.array(
            [
                rates[n] if n in rates else -self.p[self.stage.modes[n].rate] * named[n]
                for n in self.names
            ]
        )


def _check_resets(events: tuple[Event, ...], lag: Callable[[Event], float]) -> None:
    """Refuse to begin anew among doses to come: tools differ in what is left of them."""
    for place, anew in enumerate(events):
        if anew.evid not in RESETS and not anew.ss:
            continue
        where = f"ID {anew.id}, TIME {anew.time:g}"
        what = "SS 1" if anew.ss else f"EVID {anew.evid}"
        for dose in (event for event in events[:place] if event.gives):
            if dose.time + dose.addl * dose.ii + lag(dose) > anew.time:
                cure = "Write each dose as a record of its own."
                raise InputError(f"{what} before additional or lagged doses", where, cure)
            if dose.time == anew.time and anew.evid != RESET_AND_DOSE:
                cure = "Put the reset first, or give the dose later."
                raise InputError(f"{what} after a dose at its time", where, cure)
