"""People and what happened to them as plain CSV tables that pharmacometric tools read."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from speciosa.core.notice import SIMULATED
from speciosa.view.export.reading import Reading
from speciosa.view.export.record import Record, changes, switches

Array = NDArray[np.float64]
COLUMNS = ("ID", "TIME", "EVID", "CMT", "AMT", "RATE", "II", "ADDL", "SS", "MDV", "DV")
OBSERVATION, DOSE, OTHER = 0, 1, 2
FIRST = 1  # some tools ask a compartment of every event, also of one that gives nothing


def people_table(table: Mapping[str, Array], reading: Reading) -> str:
    """Return one row per person: ID from 1, every parameter and the start of every state."""
    names = [p.name for p in reading.parameters] + [s.start for s in reading.states]
    people = table[names[0]].size
    rows = [[i + 1, *(repr(float(table[n][i])) for n in names)] for i in range(people)]
    return _csv(["ID", *names], rows)


def states_table(reading: Reading) -> str:
    """Return one row per state: compartment, unit and typical size, by which errors are judged."""
    rows = [
        [place, state.name, state.unit, repr(float(state.scale)), SIMULATED]
        for place, state in enumerate(reading.states, start=1)
    ]
    return _csv(["CMT", "NAME", "UNIT", "TYPICAL", "NOTE"], rows)


def event_table(
    reading: Reading, table: Mapping[str, Array], record: Record, sample_hours: Sequence[float]
) -> str:
    """Return the record of a run as NONMEM-style events, with held inputs as data columns.

    A dose record's AMT is what its compartment gains (nmol times the person's gain; a mode of a
    drug may also lose), CMT counts the states from 1, and EVID 2 marks where an input or the light
    changes. Observations stand where nothing happens at the same time.
    """
    place = {state.name: i + 1 for i, state in enumerate(reading.states)}
    inputs = [one.name for one in reading.inputs]
    turns = switches(reading, table, record)
    rows: list[list[object]] = []
    for person in range(record.people):
        held = {name: float(table[name][person]) for name in inputs}
        happening = dict(changes(reading, record, person))
        times = sorted({0.0, *happening, *turns[person], *sample_hours})
        for hours in times:
            now = happening.get(hours, [])
            held |= {name: amount for name, amount, gain in now if not gain}
            values = [repr(held[name]) for name in inputs]

            def row(kind: int, cmt: int = 0, amount: float = 0.0) -> None:
                rows.append(
                    [person + 1, repr(hours), kind, cmt, repr(amount), 0, 0, 0, 0,  # noqa: B023
                     int(kind != OBSERVATION), 0, *values]  # noqa: B023
                )  # fmt: skip

            doses = [(place[n], a * float(table[g][person])) for n, a, g in now if g]
            doses = [(cmt, amount) for cmt, amount in doses if amount]
            for cmt, amount in doses:
                row(DOSE, cmt, amount)
            if not doses and (now or hours in turns[person] or hours == 0.0):
                row(OTHER, FIRST)
            elif not doses:
                row(OBSERVATION)
    return _csv([*COLUMNS, *inputs], rows)


def _csv(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()
