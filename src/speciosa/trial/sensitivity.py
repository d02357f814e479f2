"""A study run over designs: each row of scores is one simulated world, on people it names.

Everything that a design does not move stays at its record's own value, so that what moves the
answer is the design. Rows that name the same people hold the same persons, batches and chances.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.core.engine import Engine, cores
from speciosa.evidence.load import Evidence
from speciosa.trial.chunks import chunks
from speciosa.trial.design import design
from speciosa.trial.run import Progress, Runner, draw_table, sampled_records
from speciosa.trial.study import Endpoint, Study

Array = NDArray[np.float64]


def worlds(study: Study, evidence: Evidence, draws: int) -> pl.DataFrame:
    """Return what every sampled record is in each of ``draws`` worlds of a study."""
    return draw_table(design(replace(study, draws=draws), evidence), evidence)


class Bench:
    """Some arms of a study with one engine, compiled once, that every design is run on.

    Args:
        study: the study; its number of people per arm is used, its number of draws is not.
        evidence: the numbers.
        arms: names of the arms that are needed.
        endpoint: what is measured.
    """

    def __init__(
        self, study: Study, evidence: Evidence, arms: Sequence[str], endpoint: Endpoint
    ) -> None:
        wanted = tuple(arm for arm in study.arms if arm.name in set(arms))
        self.study = replace(study, arms=wanted, endpoints=(endpoint,), primary=endpoint.id)
        self.endpoint, self.evidence = endpoint, evidence
        self.plan = design(self.study, evidence)
        self.engine: Engine | None = None

    def run(
        self,
        scores: Mapping[str, Array],
        people_of: Sequence[int] | NDArray[np.int64],
        *,
        centred: bool = True,
        on_progress: Callable[[Progress], None] = lambda progress: None,
    ) -> pl.DataFrame:
        """Simulate the arms in every world of a design, one row per draw, person and arm.

        Args:
            scores: record -> standard normal score in each world.
            people_of: number of the people in each world; worlds of one number share everybody.
            centred: whether records that the design does not name stay at their value; else each
                is drawn anew in each world.
            on_progress: called whenever some people are done.
        """
        size = len(people_of)
        cut = replace(self.study, draws=size)
        plan = replace(self.plan, study=cut, people_of=np.asarray(people_of, dtype=np.int64))
        held: dict[str, Array] = {}
        if centred:
            held = {name: np.zeros(size) for name in sampled_records(plan, self.evidence)}
        evidence = self.evidence.with_scores({**held, **scores})
        runner = Runner(plan, evidence, engine=self.engine)
        self.engine = runner.engine
        began, asked, done, failed = time.monotonic(), len(cut.arms) * size * cut.people, 0, 0
        found = []
        with ThreadPoolExecutor(cores()) as pool:
            for number, chunk in enumerate(chunks(cut, runner.engine.width)):
                people = {number: runner.recruit(*chunk)}
                for made in pool.map(partial(runner.tables, people=people), cut.arms):
                    table = made[number]["subjects"]
                    found.append(table.select("draw", "person", "arm", "failed", self.endpoint.id))
                    failed += int(table["failed"].sum())
                    done += len(table)
                    on_progress(Progress(asked, done - failed, failed, time.monotonic() - began))
        return pl.concat(found)
