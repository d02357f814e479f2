"""Event tables as NONMEM writes them: who gets what into which compartment when, and what is seen.

Columns ID TIME AMT EVID CMT RATE II ADDL SS MDV DV, and the held inputs that the reader names. At
equal times doses come before observations. What is not supported is refused by its name; nothing
is ever ignored.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from math import isfinite

from speciosa.core.errors import InputError, nearest

OBSERVATION, DOSE, OTHER, RESET, RESET_AND_DOSE = range(5)
MISSING = (".", "", "NA")


@dataclass(frozen=True)
class Event:
    """One record.

    Args:
        id: the subject.
        time: h.
        amt: amount, in the unit of the compartment's dose; a bolus may take away (below 0).
        evid: 0 observation, 1 dose, 2 other, 3 reset, 4 reset and dose.
        cmt: dose entry, counted from 1.
        rate: 0 for a bolus, else the rate of an infusion, amount per hour.
        ii: h between additional or steady-state doses.
        addl: additional doses.
        ss: 1 for a dose at steady state.
        mdv: 1 where ``dv`` is missing.
        dv: what was observed.
        held: (input, value) of every held input from this record on.
    """

    id: int
    time: float
    amt: float = 0.0
    evid: int = OBSERVATION
    cmt: int = 1
    rate: float = 0.0
    ii: float = 0.0
    addl: int = 0
    ss: int = 0
    mdv: int = 0
    dv: float = 0.0
    held: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        """Refuse codes that are not supported, each by its name."""
        where = f"ID {self.id}, TIME {self.time:g}"
        if self.evid not in range(5):
            raise _refused(f"EVID {self.evid}", where, "Use 0, 1, 2, 3 or 4.")
        if self.rate < 0:
            cure = "Give the rate itself; RATE -1 and -2 are modelled elsewhere."
            raise _refused(f"RATE {self.rate:g}", where, cure)
        if self.ss not in (0, 1):
            raise _refused(f"SS {self.ss}", where, "Use 1, or 0 and the doses themselves.")
        if self.mdv not in (0, 1):
            raise _refused(f"MDV {self.mdv}", where, "Use 0 or 1.")
        if self.cmt < 0:
            cure = "No compartment is turned off here: leave the record out."
            raise _refused(f"CMT {self.cmt}", where, cure)
        if self.evid not in (DOSE, RESET_AND_DOSE):
            for name in ("amt", "rate", "ii", "addl", "ss"):
                if getattr(self, name):
                    cure = "Give it on a record with EVID 1, or leave it at 0."
                    raise _refused(f"{name.upper()} where nothing is given", where, cure)
            return
        self._check_dose(where)

    def _check_dose(self, where: str) -> None:
        if not self.amt:
            raise _refused("a dose with AMT 0", where, "Give the amount, or use EVID 2.")
        if self.amt < 0 and (self.rate or self.ss):
            raise _refused("AMT below 0 with RATE or SS", where, "Take away by a bolus.")
        if not self.cmt:
            raise _refused("a dose with CMT 0", where, "Count the dose entries from 1.")
        if self.ss and self.ii <= 0:
            raise _refused("SS without II", where, "Give the hours between doses in II.")
        if self.addl < 0:
            raise _refused(f"ADDL {self.addl}", where, "Use 0 or a count.")
        if self.addl and self.ii <= 0:
            raise _refused("ADDL without II", where, "Give the hours between doses in II.")
        if self.ii and not (self.addl or self.ss):
            raise _refused("II without ADDL or SS", where, "Say how many more, or leave II at 0.")
        if self.rate and self.ss and self.amt / self.rate > self.ii:
            cure = "Let each infusion end before the next, or write the doses themselves."
            raise _refused("an infusion longer than II at steady state", where, cure)

    @property
    def gives(self) -> bool:
        """Whether a dose is given."""
        return self.evid in (DOSE, RESET_AND_DOSE)


COLUMNS = tuple(field.name.upper() for field in fields(Event) if field.name != "held")
WHOLE = {"ID", "EVID", "CMT", "ADDL", "SS", "MDV"}


def read_events(
    text: str, place: str = "event table", *, inputs: Sequence[str] = ()
) -> tuple[Event, ...]:
    """Return the records of a table in the order in which they happen.

    Args:
        text: comma-separated, with a head.
        place: the file it is from, for errors.
        inputs: further columns, each a held input that is carried forward from its record.

    Raises:
        InputError: an unknown or absent column, a field that is no number, or a code that is not
            supported.

    Example:
        >>> table = "ID,TIME,AMT,EVID,DV\\n1,2,.,0,3.5\\n1,0,100,1,.\\n"
        >>> [(one.time, one.amt, one.dv) for one in read_events(table)]
        [(0.0, 100.0, 0.0), (2.0, 0.0, 3.5)]
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    rows, heads = list(reader), reader.fieldnames or ()
    if not rows:
        raise InputError("holds no records", place, f"Columns: {', '.join(COLUMNS)}.")
    columns = {name: _column(name, inputs, place) for name in heads}
    for name in columns.values():
        if [columns[head] for head in heads].count(name) > 1:
            raise InputError(f'column "{name}" stands twice', place, "Keep one of them.")
    for name in inputs:
        if name not in columns.values():
            raise InputError(f'no column "{name}"', place, nearest(name, list(rows[0])))
    found = []
    for number, row in enumerate(rows, start=2):
        where = f"{place}, line {number}"
        if None in row:
            raise InputError("more fields than columns", where, "Take out the spare ones.")
        if None in row.values():
            raise InputError("fewer fields than columns", where, "Write . where one is missing.")
        given = {columns[name]: value.strip() for name, value in row.items()}
        held = tuple((name, float(_number(name, given.pop(name), where))) for name in inputs)
        values = {
            name.lower(): _number(name, value, where)
            for name, value in given.items()
            if value not in MISSING
        }
        for name in ("id", "time"):
            if name not in values:
                raise InputError(f"{name.upper()} is missing", where, "Add it.")
        if "evid" not in values:
            values["evid"] = DOSE if values.get("amt") else OBSERVATION
        values.setdefault("mdv", int(bool(values["evid"]) or "dv" not in values))
        found.append(Event(**values, held=held))  # type: ignore[arg-type]
    return in_order(found)


def write_events(events: Iterable[Event]) -> str:
    """Return records as a comma-separated table that :func:`read_events` reads back."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rows = in_order(events)
    names = [name for name, _ in rows[0].held] if rows else []
    writer.writerow([*COLUMNS, *names])
    for event in rows:
        held = dict(event.held)
        values = [*(getattr(event, name.lower()) for name in COLUMNS), *(held[n] for n in names)]
        writer.writerow([repr(value) for value in values])
    return text.getvalue()


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return records by subject and time, doses before observations where times are equal."""
    return tuple(sorted(events, key=lambda e: (e.id, e.time, e.evid in (OBSERVATION, OTHER))))


def spread_out(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return records in which every additional dose is a record of its own.

    >>> [one.time for one in spread_out([Event(1, 0.0, 5.0, 1, ii=6.0, addl=2)])]
    [0.0, 6.0, 12.0]
    """
    found = []
    for event in events:
        found.append(replace(event, addl=0, ii=event.ii if event.ss else 0.0))
        for number in range(1, event.addl + 1):
            time = event.time + number * event.ii
            found.append(replace(event, time=time, evid=DOSE, addl=0, ss=0, ii=0.0))
    return in_order(found)


def _column(name: str, inputs: Sequence[str], place: str) -> str:
    if name.strip() in inputs:
        return name.strip()
    known = name.strip().upper()
    if known not in COLUMNS:
        cure = f"{nearest(known, COLUMNS)} A held input must be named."
        raise InputError(f'column "{name}" is unknown', place, cure)
    return known


def _number(name: str, value: str, where: str) -> float | int:
    try:
        found = float(value.replace("_", "?"))  # Python alone reads 1_000
    except ValueError as error:
        raise InputError(f'{name} "{value}" is no number', where, "Write a number or .") from error
    if not isfinite(found):
        raise InputError(f"{name} is not finite", where, "Write a number or .")
    if name not in WHOLE:
        return found
    if found != int(found):
        raise InputError(f'{name} "{value}" is no whole number', where, "Write a whole number.")
    return int(found)


def _refused(what: str, where: str, cure: str) -> InputError:
    return InputError(f"{what} is not supported", where, cure)
