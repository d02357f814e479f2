"""The tables of finished chunks: in the run folder where there is one, else in memory.

With a folder nothing of a finished chunk stays in memory, so a run's memory does not grow with the
number of its people; what the judge reads is read back at the end, long tables some people at a
time (:mod:`speciosa.trial.rows`).
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

import polars as pl

from speciosa.trial.folder import Folder
from speciosa.trial.rows import Table

JUDGED = ("subjects", "visits", "courses")  # the rest is for whoever opens the folder
OFTEN = 8  # finished chunks of an arm after which memory is given back
Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Kept:
    """The finished chunks of a run; ``done`` and ``failed`` count person-courses.

    Args:
        folder: where the tables are written; None keeps what the judge reads in memory.
        arms: names of the arms, in order.
    """

    folder: Folder | None
    arms: tuple[str, ...]
    parts: dict[tuple[int, int], Tables] = field(default_factory=dict)
    counts: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    there: set[tuple[int, int]] = field(default_factory=set)
    lock: Any = field(default_factory=RLock, repr=False, compare=False)  # arms end at any time

    @property
    def done(self) -> int:
        """Person-courses that are finished, failed ones included."""
        with self.lock:
            return sum(people for people, _ in self.counts.values())

    @property
    def resumed(self) -> int:
        """Person-courses that an earlier run had finished."""
        with self.lock:
            return sum(self.counts[place][0] for place in self.there)

    @property
    def failed(self) -> int:
        """Person-courses that exceed the error bound on the finest mesh."""
        with self.lock:
            return sum(failed for _, failed in self.counts.values())

    def found(self, chunk: int, arm: str) -> bool:
        """Whether the folder already holds a chunk of an arm, whole; it is then counted."""
        tables = self.folder.read(chunk, arm) if self.folder else None
        if tables is not None:
            with self.lock:
                self._count(chunk, arm, tables)
                self.there.add((chunk, self.arms.index(arm)))
        return tables is not None

    def add(self, chunk: int, arm: str, tables: Tables) -> None:
        """Keep the tables of a chunk of an arm."""
        if self.folder:
            self.folder.write(chunk, arm, dict(tables))
            if len(self.counts) % OFTEN == 0:
                _give_back()
        else:
            place = (chunk, self.arms.index(arm))
            self.parts[place] = {name: tables[name] for name in JUDGED}
        self._count(chunk, arm, tables)

    def table(self, name: str) -> Table:
        """Return a table of the whole run, by chunk and arm; a long one stays in its files."""
        if self.folder:
            return self.folder.table(name)
        return pl.concat([self.parts[place][name] for place in sorted(self.parts)])

    def _count(self, chunk: int, arm: str, tables: Tables) -> None:
        subjects = tables["subjects"]
        place = (chunk, self.arms.index(arm))
        with self.lock:
            self.counts[place] = (len(subjects), int(subjects["failed"].sum()))


def _give_back() -> None:
    """Give the system the memory that chunks have left behind; where it cannot, do nothing.

    Arrays of a chunk are freed by several threads, and what lies between them would be kept: a run
    of many chunks would slowly grow.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
