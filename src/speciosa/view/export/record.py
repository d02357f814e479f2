"""What was decided and given in a run, so that the run can be repeated with other tools.

A run's doses (scheduled, as needed, and use) and the rows that its decisions held are read off the
engine's trace. Replayed as doses and as piecewise-constant inputs they leave nothing to chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.evaluate import evaluate
from speciosa.core.events import clock_rows
from speciosa.core.mesh import QUARTER
from speciosa.core.symbol import Expression, walk
from speciosa.core.wiring import CLOCK
from speciosa.view.export.reading import LEAVES, Reading
from speciosa.view.export.units import COMPARED

Array = NDArray[np.float64]
Change = tuple[str, float, str]


@dataclass(frozen=True)
class Record:
    """A run's doses and held rows.

    Args:
        hours: moments at which anything may have happened, (E,).
        given: dose entry -> nmol given at each, (E, N).
        held: input -> its value from each moment on, (E, N).
        end: length of the run, h.
        start_clock_hour: clock hour of time zero.
    """

    hours: Array
    given: Mapping[str, Array]
    held: Mapping[str, Array]
    end: float
    start_clock_hour: float = 8.0

    @property
    def people(self) -> int:
        """People in the run."""
        rows = [*self.given.values(), *self.held.values()]
        return int(rows[0].shape[1]) if rows else 0


def record(
    reading: Reading,
    trace: Sequence[Mapping[str, Any]],
    people: int,
    start_clock_hour: float = 8.0,
) -> Record:
    """Return what happened in a traced run.

    Args:
        reading: the equations; only inputs that they use are kept.
        trace: the engine's trace, one entry per day.
        people: how many of its people.
        start_clock_hour: clock hour of time zero.
    """
    kept = [np.flatnonzero(day["mesh"].event) for day in trace]
    hours = np.concatenate([day["mesh"].hours[at] for day, at in zip(trace, kept, strict=True)])

    def joined(rows: Any) -> Array:
        return np.concatenate(
            [np.asarray(rows(day))[at, :people] for day, at in zip(trace, kept, strict=True)]
        )

    given = {entry: joined(lambda day, e=entry: day["given"][e]) for entry in reading.entries}
    held = {
        one.name: joined(lambda day, o=one: day["memory"][o.decision][o.quantity])
        for one in reading.inputs
    }
    last = trace[-1]["mesh"]
    return Record(hours, given, held, float(last.hours[-1] + last.step[-1]), start_clock_hour)


def changes(reading: Reading, record: Record, person: int) -> list[tuple[float, list[Change]]]:
    """Return (hours, changes) of one person: inputs that change, then doses, in time.

    A change is (name, new value, "") or (state, nmol, gain): the state grows by their product.
    """
    before: dict[str, float] = {}
    found = []
    for k, hours in enumerate(record.hours):
        now: list[Change] = []
        for name, rows in record.held.items():
            value = float(rows[k, person])
            if before.get(name) != value:
                now.append((name, value, ""))
                before[name] = value
        for entry, targets in reading.entries.items():
            amount = float(record.given[entry][k, person])
            if amount:
                now += [(state, amount, gain) for state, gain in targets]
        if now:
            found.append((float(hours), now))
    return found


def switches(reading: Reading, table: Mapping[str, Array], record: Record) -> list[list[float]]:
    """Return for each person the hours at which the clock turns a condition of the equations.

    Light begins and ends at such moments; a solver must not step over them.
    """
    times = np.arange(0.0, record.end - 1e-9, QUARTER)
    rows: dict[str, Any] = {
        name: np.asarray(row)[:, None] for name, row in clock_rows(
            times + QUARTER / 2, record.start_clock_hour
        ).items()
    }  # fmt: skip
    place = np.searchsorted(record.hours, times + 1e-9, side="right") - 1
    rows |= {name: held[np.maximum(place, 0)] for name, held in record.held.items()}
    rows |= {p.name: np.asarray(table[p.name])[None, :] for p in reading.parameters}
    turned = np.zeros((times.size, record.people), dtype=bool)
    for condition in clock_conditions(reading):
        found = np.broadcast_to(evaluate(condition, rows), turned.shape)
        turned[1:] |= found[1:] != found[:-1]
    return [[float(t) for t in times[turned[:, i]]] for i in range(record.people)]


def clock_conditions(reading: Reading) -> list[Expression]:
    """Return every comparison that reads the clock and nothing that is integrated."""
    known = {*CLOCK, *(i.name for i in reading.inputs), *(p.name for p in reading.parameters)}
    found: dict[int, Expression] = {}
    roots = [line.expression for line in reading.lines] + [s.rate for s in reading.states]
    for node in walk(*roots):
        if node.op in COMPARED:
            names = {n.args[0] for n in walk(node) if n.op == LEAVES[0]}
            if names & set(CLOCK) and names <= known:
                found[id(node)] = node
    return list(found.values())
