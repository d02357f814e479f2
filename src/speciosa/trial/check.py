"""The solver check of a study: is the answer the equations' or the step's?

The same few people go through every arm three times: as a trial solves them, with a tenth of the
error bound, and on half the mesh; the last two with rates in double precision. What changes is
reported in the unit of each endpoint and as a share of its smallest meaningful difference. A
decision that stands at a threshold may fall the other way; people in whom any endpoint jumps by
more than that difference are counted apart. The acute overdose study has fixed steps and no error
bound: there the step is halved, and quartered.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from speciosa.core.acute import STEP
from speciosa.core.engine import TOLERANCE
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.trial.design import design
from speciosa.trial.overdose import OverdoseStudy, naloxone_solver, solve
from speciosa.trial.recruited import Recruited
from speciosa.trial.run import Progress, Runner
from speciosa.trial.simulate import central
from speciosa.trial.study import FEWEST_PEOPLE, Study

FINER = 10.0  # the error bound is divided by it
WAYS = ("tolerance / 10", "half step")
ACUTE_WAYS = {"half step": 2, "quarter step": 4}
ACUTE = {  # endpoint -> unit and how much would matter (assumed)
    "arrests": ("per 1000 people", 50.0),
    "minutes_short_of_oxygen": ("min", 1.0),
    "lowest_arterial_oxygen": ("mmHg", 5.0),
}


def solver_check(
    study: Study | OverdoseStudy,
    *,
    people: int = FEWEST_PEOPLE,
    evidence: Evidence | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Solve a small cohort of a study more finely and return what changes.

    Args:
        study: the study, of either kind; its first draw is used.
        people: how many.
        evidence: the numbers; by default the set that the study names.
        on_progress: called whenever some people are done.

    Returns:
        ``rows`` (way, arm, endpoint, change of the mean, largest change of one person, jumped),
        ``largest`` (change of a mean as a share of the meaningful difference), ``people``.
    """
    if isinstance(study, OverdoseStudy):
        return _acute(replace(study, people=people), evidence or load_evidence(), on_progress)
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
    return {**_told(rows, people, " and ".join(WAYS)), "tolerance": TOLERANCE}


def _told(rows: list[dict[str, Any]], people: int, ways: str) -> dict[str, Any]:
    shares = [row["share"] for row in rows if row["share"] is not None]
    return {
        "people": people, "draws": 1, "ways": ways, "rows": rows,
        "largest": max(shares, default=0.0),
        "jumped": max((row["jumped"] for row in rows), default=0),
    }  # fmt: skip


def _acute(
    study: OverdoseStudy, evidence: Evidence, on_progress: Callable[[Progress], None]
) -> dict[str, Any]:
    """Solve every scene without naloxone and with the first product, on finer and finer steps."""
    middle, began, done = central(evidence), time.monotonic(), 0
    first = next(each.naloxone for each in study.helps if each.naloxone != "none")
    helps = [each for each in study.helps if each.naloxone in ("none", first)]
    asked = (1 + len(ACUTE_WAYS)) * study.people * len(study.scenes) * len(helps)
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for way, finer in {"as it is": 1, **ACUTE_WAYS}.items():
        solver = naloxone_solver(first, study, step=STEP / finer)
        for each in helps:
            for scene in study.scenes:
                solved = solve(solver, study, scene, each, middle)
                found.setdefault(f"{scene.name}, {each.name}", {})[way] = {
                    "arrests": 1000.0 * solved.arrested,
                    "minutes_short_of_oxygen": solved.rescue_minutes,
                    "lowest_arterial_oxygen": solved.outcome.lowest["arterial_oxygen"],
                }
                done += study.people
                on_progress(Progress(asked, done, 0, time.monotonic() - began))
    rows = [
        _apart(way, arm, name, unit, smallest, by["as it is"][name], by[way][name],
               counted=name == "arrests")
        for arm, by in found.items()
        for way in ACUTE_WAYS
        for name, (unit, smallest) in ACUTE.items()
    ]  # fmt: skip
    return _told(rows, study.people, " and ".join(ACUTE_WAYS))


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
    return _apart(way, arm, endpoint.id, endpoint.unit, smallest, first, second,
                  counted=endpoint.statistic == "share")  # fmt: skip


def _apart(
    way: str, arm: str, name: str, unit: str, smallest: float, first: Any, second: Any, *,
    counted: bool,
) -> dict[str, Any]:  # fmt: skip
    row: dict[str, Any] = {"way": way, "arm": arm, "endpoint": name, "unit": unit}
    both = np.isfinite(first) & np.isfinite(second)
    if not both.any():
        return {**row, "change": None, "most": None, "share": None, "jumped": 0}
    apart = second[both] - first[both]
    jumped = apart != 0.0 if counted else np.abs(apart) > smallest
    return {
        **row,
        "change": float(apart.mean()), "most": float(np.abs(apart).max()),
        "share": float(abs(apart.mean()) / smallest), "jumped": int(jumped.sum()),
    }  # fmt: skip
