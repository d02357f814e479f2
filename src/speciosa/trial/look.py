"""A study before it is whole: a first look at its first worlds, and what its folder holds so far.

The draws and the people of a first look are the first ones of the whole run, so that the run's
answer sharpens it instead of replacing it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl

from speciosa.evidence.load import Evidence, load_evidence
from speciosa.trial.kept import JUDGED
from speciosa.trial.run import Progress, Runner, TrialRun, prepared, record_of
from speciosa.trial.study import FEWEST_PEOPLE, Arm, Study

DRAWS = 2
WIDTH = 2 * FEWEST_PEOPLE  # people on the one device that is used
THREADS = 2  # arms solved at once


class Look:
    """A study made ready for its first look; keep it to look again without compiling.

    Args:
        study: the study.
        evidence: the numbers; by default the evidence set that the study names.
    """

    def __init__(self, study: Study, evidence: Evidence | None = None) -> None:
        self.study = _small(study)
        self.evidence = evidence or load_evidence(overlay=study.evidence_set)
        self.plan = prepared(self.study, self.evidence)
        self.runner = Runner(self.plan, self.evidence, width=WIDTH)
        every = np.arange(self.study.draws * self.study.people)
        self.people = self.runner.recruit(every // self.study.people, every % self.study.people)

    def serves(self, study: Study) -> bool:
        """Whether this is the first look at a study."""
        return self.study.digest == _small(study).digest

    def compile(self) -> None:
        """Compile the engine by solving the first arm's first people."""
        self.runner.solve(self.study.arms[0], self.people)

    def see(self, on_progress: Callable[[Progress], None] = lambda progress: None) -> TrialRun:
        """Return the record of every arm, as a whole run would; nothing is written.

        Args:
            on_progress: called whenever an arm is done.
        """
        began = time.monotonic()
        asked = len(self.study.arms) * len(self.people.cohort.draw)
        parts: list[dict[str, pl.DataFrame]] = []

        def one(arm: Arm) -> dict[str, pl.DataFrame]:
            return self.runner.tables(arm, {0: self.people})[0]

        with ThreadPoolExecutor(THREADS) as threads:
            for made in threads.map(one, self.study.arms):
                parts.append(made)
                done = sum(len(part["subjects"]) for part in parts)
                failed = sum(int(part["subjects"]["failed"].sum()) for part in parts)
                on_progress(Progress(asked, done - failed, failed, time.monotonic() - began))
        tables = {name: pl.concat([part[name] for part in parts]) for name in JUDGED}
        seconds = time.monotonic() - began
        return record_of(self.plan, self.study, self.evidence, tables, seconds)


def so_far(study: Study, evidence: Evidence, folder: Path, chunks: int) -> TrialRun:
    """Return the record of the chunks that every arm of a run has finished.

    Args:
        study: the study that runs.
        evidence: the numbers it runs on.
        folder: its run folder.
        chunks: how many chunks are whole, from the first.
    """
    parts = chunks * len(study.arms)
    tables = {
        name: pl.read_parquet(sorted((folder / name).glob("part-*.parquet"))[:parts])
        for name in JUDGED
    }
    draws = int(tables["subjects"]["draw"].n_unique())
    seen = study.resized(draws=draws)
    return record_of(prepared(seen, evidence), seen, evidence, tables, None)


def _small(study: Study) -> Study:
    return study.resized(draws=min(DRAWS, study.draws), people=FEWEST_PEOPLE)
