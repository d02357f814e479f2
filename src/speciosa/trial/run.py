"""A study, run: chunks of people through every arm, reduced as they are made, written as they end.

The run folder holds ``run.json`` and ``manifest.json`` and, one file per chunk and arm, the tables
``subjects`` (one row per draw, person and arm), ``daily`` and ``events``; ``draws.parquet`` has one
row per draw with every sampled parameter. A killed run resumes from its manifest and ends with
the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl

from speciosa.core.engine import Engine, Outcome, merged, picked
from speciosa.core.version import __version__
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.models.arrival import come
from speciosa.people.cohort import Cohort, recruit
from speciosa.people.parameters import propensities, sample, truth, use_doses
from speciosa.trial.design import HIGHEST, LOWEST, Design, design
from speciosa.trial.folder import Folder
from speciosa.trial.outcomes import NOISE, RECORDS, Course
from speciosa.trial.study import Arm, Study
from speciosa.trial.tables import courses, daily_rows, event_rows, subject_rows

CHUNK = 800  # people in one call of the engine, whatever the machine: 20 draws of 40 people
GROUP = 4  # chunks whose people are held in memory at once
NARROW = 64  # people per device where only a few are solved again
Item = TypeVar("Item")


@dataclass(frozen=True)
class Progress:
    """How far a run is: people asked, solved and failed so far, and seconds since it began."""

    asked: int
    solved: int
    failed: int
    seconds: float


@dataclass(frozen=True)
class TrialRun:
    """The record of a run.

    Args:
        study: what was asked.
        evidence: the numbers it ran on.
        subjects: one row per draw, person and arm, failed people included (``failed`` is true).
        draws: one row per draw, a column per sampled record.
        courses: quantity, arm, day, draw -> quantiles over people.
        records: ids of every record that the run rests on.
        info: seed, asked, solved, failed, why, draws, seconds, version, device, hashes.
    """

    study: Study
    evidence: Evidence
    subjects: pl.DataFrame
    draws: pl.DataFrame
    courses: pl.DataFrame
    records: tuple[str, ...]
    info: dict[str, Any]


def run_trial(
    study: Study,
    *,
    evidence: Evidence | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> TrialRun:
    """Simulate every arm of a study on the same people and return the record.

    Args:
        study: the study.
        evidence: the numbers; by default the evidence set that the study names.
        out: run folder to write; nothing is written without one.
        resume: go on with the run that the folder holds.
        on_progress: called whenever some people are done.

    Raises:
        InputError: the folder cannot be written, holds another run, or the study cannot be run.
    """
    evidence = evidence or load_evidence(overlay=study.evidence_set)
    plan = design(study, evidence)
    folder = Folder.open(out, study, evidence, CHUNK, resume=resume) if out is not None else None
    began = time.monotonic()
    parts: list[dict[str, pl.DataFrame]] = []
    asked = len(study.arms) * study.draws * study.people
    failed = 0
    runner = Runner(plan, evidence)
    for group in batched(enumerate(_chunks(study)), GROUP):
        people: dict[int, Recruited] = {}
        for arm in study.arms:
            kept = {n: folder.read(n, arm.name) if folder else None for n, _ in group}
            tables = {n: found for n, found in kept.items() if found is not None}
            wanted = [(n, chunk) for n, chunk in group if n not in tables]
            for n, chunk in wanted:
                if n not in people:
                    people[n] = runner.recruit(*chunk)
            for n, made in runner.tables(arm, {n: people[n] for n, _ in wanted}).items():
                tables[n] = made
                if folder:
                    folder.write(n, arm.name, made)
            for n, _ in group:
                parts.append(tables[n])
                failed += int(tables[n]["subjects"]["failed"].sum())
            done = sum(len(part["subjects"]) for part in parts)
            on_progress(Progress(asked, done - failed, failed, time.monotonic() - began))
    subjects = pl.concat([part["subjects"] for part in parts])
    draws = draw_table(plan, evidence)
    info = {
        "seed": study.seed,
        "asked": asked,
        "solved": asked - failed,
        "failed": failed,
        "why": _why(subjects),
        "draws": study.draws,
        "seconds": time.monotonic() - began,
        "version": __version__,
        "device": runner.engine.devices[0].platform,
        "hashes": {"study": study.digest, "evidence": evidence.digest},
    }
    if folder:
        folder.finish(draws, info)
    return TrialRun(
        study,
        evidence,
        subjects,
        draws,
        pl.concat([p["courses"] for p in parts]),
        _records(plan, study),
        info,
    )


class Runner:
    """One study's design with its compiled engine."""

    def __init__(self, plan: Design, evidence: Evidence, *, width: int = CHUNK // 2) -> None:
        self.plan, self.evidence = plan, evidence
        self.engine: Engine = plan.engine(width=width)
        self.narrow: Engine | None = None
        self.constants = {name: evidence.number(name).value for name in (*NOISE.values(), *RECORDS)}

    def recruit(self, draw: np.ndarray, person: np.ndarray) -> Recruited:
        """Return people with parameters, products and start values, the same for every arm."""
        return recruited(self.plan, self.evidence, draw, person)

    def solve(self, arm: Arm, people: Recruited, *, halvings: int = 0) -> Outcome:
        """Solve one arm for a cohort; on a halved mesh in the narrow engine."""
        if halvings and self.narrow is None:
            self.narrow = self.plan.engine(width=NARROW)
        engine = self.narrow if halvings and self.narrow is not None else self.engine
        return engine.solve(
            self.plan.meshes[arm.name],
            people.parameters,
            people.cohort.streams,
            people.supplies,
            enabled=self.plan.enabled[arm.name],
            start=people.start,
            halvings=halvings,
        )

    def outcomes(self, arm: Arm, people: Mapping[int, Recruited]) -> dict[int, Outcome]:
        """Solve one arm for several cohorts; who exceeds the error bound is solved again on half
        the mesh and then on a quarter, all of them together in small batches."""
        found = {n: self.solve(arm, cohort) for n, cohort in people.items()}
        for halvings in (1, 2):
            over = [(n, i) for n, outcome in found.items() for i in np.flatnonzero(outcome.failed)]
            for batch in batched(over, 2 * NARROW):
                draw = np.array([people[n].cohort.draw[i] for n, i in batch])
                person = np.array([people[n].cohort.person[i] for n, i in batch])
                redone = self.solve(arm, self.recruit(draw, person), halvings=halvings)
                for n in {n for n, _ in batch}:
                    mine = np.array([k for k, (m, _) in enumerate(batch) if m == n])
                    place = np.array([batch[k][1] for k in mine])
                    found[n] = merged(found[n], place, picked(redone, mine))
        return found

    def course(self, arm: Arm, people: Recruited, outcome: Outcome) -> Course:
        """Return an arm's trajectories by name."""
        low = np.broadcast_to(people.parameters["breathing"]["low"], people.cohort.draw.shape)
        return Course(outcome, self.plan.recorded, LOWEST, HIGHEST, low, self.plan.ligands(arm))

    def tables(
        self, arm: Arm, people: Mapping[int, Recruited]
    ) -> dict[int, dict[str, pl.DataFrame]]:
        """Solve one arm for several cohorts and return the tables of each."""
        study, made = self.plan.study, {}
        for n, outcome in self.outcomes(arm, people).items():
            cohort = people[n].cohort
            course = self.course(arm, people[n], outcome)
            made[n] = {
                "subjects": subject_rows(study, arm, cohort, course, self.constants),
                "daily": daily_rows(arm, cohort, course),
                "events": event_rows(arm, cohort, course),
                "courses": courses(arm, cohort, course),
            }
        return made


@dataclass(frozen=True)
class Recruited:
    """A cohort ready to be solved: its parameters, products and start values."""

    cohort: Cohort
    parameters: dict[str, dict[str, Any]]
    supplies: list[Any]
    start: dict[str, dict[str, Any]]


def recruited(plan: Design, evidence: Evidence, draw: np.ndarray, person: np.ndarray) -> Recruited:
    """Return the people of a study with the given draw and person numbers, ready to be solved."""
    study = plan.study
    cohort = recruit(study.population, study.seed, draw, person)
    cohort = cohort.with_covariates(propensities(evidence, study.population, cohort))
    cohort = cohort.with_covariates(use_doses(evidence, cohort))
    cohort = cohort.with_covariates(plan.unit_covariates(evidence, cohort))
    begin = dict.fromkeys(
        ("adaptation_start_fast", "adaptation_start_slow", "withdrawal_slow_start"), 0.0
    )
    cohort = cohort.with_covariates(begin)
    parameters = sample((*plan.model.stages, *plan.model.decisions), evidence, cohort)
    start: dict[str, dict[str, Any]] = {}
    if study.population.habits:
        usual, start = come(plan.model, parameters, cohort.covariates)
        cohort = cohort.with_covariates(usual)
        if "take" in parameters:
            parameters["take"].update(usual)
    return Recruited(cohort, parameters, plan.supplies(evidence, cohort), start)


def draw_table(plan: Design, evidence: Evidence) -> pl.DataFrame:
    """Return one row per draw with every record that is sampled per draw."""
    study = plan.study
    draws = np.arange(study.draws)
    sampled = [r for r in _records(plan, study) if evidence.number(r).spread is not None]
    return pl.DataFrame(
        {"draw": draws} | {r: truth(evidence, r, study.seed, draws) for r in sampled}
    )


def _records(plan: Design, study: Study) -> tuple[str, ...]:
    population = study.population
    used = {
        *plan.model.records(),
        *NOISE.values(),
        *RECORDS,
        population.use_level,
        population.dropout_rate,
        population.adherence,
        "behaviour.frailty",
        "behaviour.dropout_rate_residential",
        "behaviour.usual_dose_margin",
        "behaviour.street_dose_spread",
        "behaviour.habit_start",
        "behaviour.habit_fade",
    }
    for given in plan.given:
        used |= set(given.product.records())
    return tuple(sorted(used))


def _chunks(study: Study) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (draw, person) numbers: whole draws together where a draw fits into a chunk."""
    size = CHUNK - CHUNK % study.people if study.people <= CHUNK else CHUNK
    every = np.arange(study.draws * study.people)
    for begin in range(0, every.size, size):
        rows = every[begin : begin + size]
        yield rows // study.people, rows % study.people


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield the items in lists of at most ``size``.

    >>> [list(batch) for batch in batched(range(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _why(subjects: pl.DataFrame) -> list[str]:
    failed = subjects.filter(pl.col("failed"))
    return [
        f"draw {row['draw']}, person {row['person']}, arm {row['arm']}: step error above the bound "
        "on a quarter of the mesh"
        for row in failed.select("draw", "person", "arm").head(20).to_dicts()
    ]
