"""The solver check of a study: is the answer the equations' or the step's?

The same few people go through every arm three times: as a trial solves them, with a tenth of the
error bound, and on half the mesh. What changes is reported in the unit of each endpoint and as a
share of its smallest meaningful difference. A decision that stands at a threshold may fall the
other way; people in whom any endpoint jumps by more than that difference are counted apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from speciosa.core.engine import TOLERANCE
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.trial.design import design
from speciosa.trial.run import Progress, Recruited, Runner
from speciosa.trial.study import FEWEST_PEOPLE, Study

FINER = 10.0  # the error bound is divided by it
WAYS = ("tolerance / 10", "half step")


def solver_check(
    study: Study,
    *,
    people: int = FEWEST_PEOPLE,
    evidence: Evidence | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Solve a small cohort of a study more finely and return what changes.

    Args:
        study: the study; its first draw is used.
        people: how many.
        evidence: the numbers; by default the set that the study names.
        on_progress: called whenever some people are done.

    Returns:
        ``rows`` (way, arm, endpoint, change of the mean, largest change of one person, jumped),
        ``largest`` (change of a mean as a share of the meaningful difference), ``people``.
    """
    evidence = evidence or load_evidence(overlay=study.evidence_set)
    small = replace(study, draws=1, people=people)
    plan = design(small, evidence)
    width = max(1, -(-people // 2))
    usual = Runner(plan, evidence, width=width)
    crowd = usual.recruit(np.zeros(people, dtype=np.int64), np.arange(people))
    strict = Runner(plan, evidence, width=width)
    strict.engine = plan.engine(width=width, tolerance=TOLERANCE / FINER)
    began, asked, done = time.monotonic(), 3 * people * len(study.arms), 0
    tables: dict[str, dict[str, pl.DataFrame]] = {}
    for way in ("as it is", *WAYS):
        tables[way] = {}
        for arm in small.arms:
            runner = strict if way == WAYS[0] else usual
            found = _halved(runner, crowd) if way == WAYS[1] else runner
            tables[way][arm.name] = found.tables(arm, {0: crowd})[0]["subjects"]
            done += people
            on_progress(Progress(asked, done, 0, time.monotonic() - began))
    rows = [
        _compared(study, tables["as it is"][arm.name], tables[way][arm.name], way, arm.name, k)
        for way in WAYS
        for arm in study.arms
        for k in range(len(study.endpoints))
    ]
    shares = [row["share"] for row in rows if row["share"] is not None]
    return {
        "people": people, "draws": 1, "rows": rows, "largest": max(shares, default=0.0),
        "jumped": max((row["jumped"] for row in rows), default=0),
        "tolerance": TOLERANCE,
    }  # fmt: skip


class _Half(Runner):
    """A runner that solves everybody on half the mesh."""

    def solve(
        self, arm: Any, people: Recruited, *, halvings: int = 0, staying: bool = False
    ) -> Any:
        """Solve one arm for a cohort on a mesh that is halved once more than asked."""
        return self.whole.solve(arm, people, halvings=halvings + 1, staying=staying)

    whole: Runner


def _halved(runner: Runner, crowd: Recruited) -> Runner:
    made = object.__new__(_Half)
    made.__dict__.update(runner.__dict__)
    made.whole = runner
    return made


def _compared(
    study: Study, before: pl.DataFrame, after: pl.DataFrame, way: str, arm: str, place: int
) -> dict[str, Any]:
    endpoint = study.endpoints[place]
    smallest = endpoint.smallest_meaningful_difference
    first, second = (
        table.sort("person")[endpoint.id].cast(pl.Float64).to_numpy() * endpoint.per
        for table in (before, after)
    )
    both = np.isfinite(first) & np.isfinite(second)
    if not both.any():
        return {"way": way, "arm": arm, "endpoint": endpoint.id, "unit": endpoint.unit,
                "change": None, "most": None, "share": None, "jumped": 0}  # fmt: skip
    apart = second[both] - first[both]
    jumped = np.abs(apart) > smallest if endpoint.statistic != "share" else apart != 0.0
    return {
        "way": way, "arm": arm, "endpoint": endpoint.id, "unit": endpoint.unit,
        "change": float(apart.mean()), "most": float(np.abs(apart).max()),
        "share": float(abs(apart.mean()) / smallest), "jumped": int(jumped.sum()),
    }  # fmt: skip
