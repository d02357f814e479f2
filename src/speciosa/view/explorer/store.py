"""Runs and unfinished questions in one SQLite file beside the run folders; nothing is lost.

A run belongs to the session that asked it until it is shared.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

QUEUED, RUNNING, FINISHED = "queued", "running", "finished"
FAILED, CANCELLED, STOPPED = "failed", "cancelled", "stopped"
OPEN = (QUEUED, RUNNING)
RESUMABLE = (FAILED, CANCELLED, STOPPED)
FILE = "explorer.sqlite"
ANSWERS = ".explorer"  # folder of the answers so far


@dataclass(frozen=True)
class Run:
    """A run as the explorer knows it.

    Args:
        id: name of the run and of its folder.
        owner: the session that asked it; empty for a run of the command line.
        title: the question.
        study: text of the study file.
        state: queued, running, finished, failed, cancelled or stopped.
        kin: hash of the study without its evidence set.
        evidence_set: ``evidence`` or ``article``.
        created, began, ended: seconds since 1970; 0 where not yet.
        asked, done, failed: simulated people.
        first_done, first_at: how many were done when the first were, and when; for the pace.
        last_at: when somebody was last done.
        answer: how often its answer has sharpened.
        phase: what it is doing, in words.
        message: why it ended, where it did not finish.
        shared: whether every session sees it.
    """

    id: str
    owner: str
    title: str
    study: str
    state: str = QUEUED
    kin: str = ""
    evidence_set: str = "evidence"
    created: float = 0.0
    began: float = 0.0
    ended: float = 0.0
    asked: int = 0
    done: int = 0
    failed: int = 0
    first_done: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    answer: int = 0
    phase: str = ""
    message: str = ""
    shared: bool = False

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN

    @property
    def resumable(self) -> bool:
        """Whether it ended before it was finished and can go on."""
        return self.state in RESUMABLE

    def seconds_left(self, now: float) -> float | None:
        """Return the seconds left at the pace so far; None before there is a pace."""
        took = self.last_at - self.first_at
        if self.state != RUNNING or self.done <= self.first_done or took <= 0:
            return None
        at_last = (self.asked - self.done) * took / (self.done - self.first_done)
        return max(0.0, at_last - (now - self.last_at))


COLUMNS = tuple(each.name for each in fields(Run))
_KINDS = {"str": "TEXT", "float": "REAL", "int": "INTEGER", "bool": "INTEGER"}


class Store:
    """The SQLite file of a results folder.

    Args:
        folder: the folder that holds the run folders.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / ANSWERS).mkdir(exist_ok=True)
        self._lock = threading.RLock()
        self._base = sqlite3.connect(folder / FILE, check_same_thread=False, isolation_level=None)
        self._base.row_factory = sqlite3.Row
        kinds = {each.name: _KINDS[str(each.type)] for each in fields(Run)}
        columns = ", ".join(f"{name} {kinds[name]} NOT NULL" for name in COLUMNS)
        with self._held() as base:
            base.execute("PRAGMA journal_mode=WAL")
            base.execute(f"CREATE TABLE IF NOT EXISTS run ({columns}, PRIMARY KEY (id))")
            base.execute(
                "CREATE TABLE IF NOT EXISTS draft (owner TEXT, name TEXT, text TEXT NOT NULL, "
                "PRIMARY KEY (owner, name))"
            )

    def answer(self, run: str) -> Path:
        """Return the file of a run's answer so far."""
        return self.folder / ANSWERS / f"{run}.json"

    def close(self) -> None:
        """Close the file."""
        with self._held() as base:
            base.close()

    @contextmanager
    def _held(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            yield self._base

    # ---- runs ------------------------------------------------------------------------------

    def add(self, owner: str, study_id: str, **given: Any) -> Run:
        """Queue a run under the next free name of its study."""
        with self._held() as base:
            run = Run(self._free(study_id), owner, created=time.time(), **given)
            marks = ", ".join("?" * len(COLUMNS))
            values = [getattr(run, name) for name in COLUMNS]
            base.execute(f"INSERT INTO run ({', '.join(COLUMNS)}) VALUES ({marks})", values)
        return run

    def _free(self, study_id: str) -> str:
        taken = {path.name for path in self.folder.iterdir()}
        taken |= {row["id"] for row in self._base.execute("SELECT id FROM run")}
        pattern = re.compile(rf"{re.escape(study_id)}-(\d+)")
        numbers = [int(found[1]) for name in taken if (found := pattern.fullmatch(name))]
        return f"{study_id}-{max(numbers, default=0) + 1}"

    def change(self, run: str, **given: Any) -> None:
        """Set columns of a run."""
        if unknown := set(given) - set(COLUMNS):
            raise KeyError(unknown)
        names = ", ".join(f"{name} = ?" for name in given)
        with self._held() as base:
            base.execute(f"UPDATE run SET {names} WHERE id = ?", [*given.values(), run])

    def change_from(self, run: str, states: tuple[str, ...], **given: Any) -> bool:
        """Set columns of a run if it is in one of some states; say whether it was."""
        with self._held():
            found = self.get(run)
            if found is None or found.state not in states:
                return False
            self.change(run, **given)
            return True

    def get(self, run: str) -> Run | None:
        """Return a run, or None."""
        with self._held() as base:
            row = base.execute("SELECT * FROM run WHERE id = ?", [run]).fetchone()
        return _run(row) if row is not None else None

    def runs(self) -> list[Run]:
        """Return every run, the newest first."""
        with self._held() as base:
            rows = base.execute("SELECT * FROM run ORDER BY created DESC, rowid DESC").fetchall()
        return [_run(row) for row in rows]

    def next_queued(self) -> Run | None:
        """Return the run that has waited longest."""
        waiting = [run for run in self.runs() if run.state == QUEUED]
        return waiting[-1] if waiting else None

    def recover(self) -> None:
        """Say of what ran when the explorer last ended that it stopped."""
        for run in self.runs():
            if run.state == RUNNING:
                words = "The explorer ended while this ran. What was done is kept: resume it."
                self.change(run.id, state=STOPPED, message=words, ended=time.time())

    # ---- unfinished questions --------------------------------------------------------------

    def keep(self, owner: str, name: str, text: str) -> None:
        """Keep a session's unfinished text."""
        with self._held() as base:
            base.execute("INSERT OR REPLACE INTO draft VALUES (?, ?, ?)", [owner, name, text])

    def kept(self, owner: str, name: str) -> str:
        """Return a session's unfinished text, empty where there is none."""
        with self._held() as base:
            row = base.execute(
                "SELECT text FROM draft WHERE owner = ? AND name = ?", [owner, name]
            ).fetchone()
        return str(row["text"]) if row is not None else ""


def _run(row: sqlite3.Row) -> Run:
    values = {name: row[name] for name in COLUMNS}
    return Run(**{**values, "shared": bool(values["shared"])})
