"""A study, run: chunks of people through every arm, reduced as they are made, written as they end.

The run folder holds ``run.json`` and ``manifest.json`` and, one file per chunk and arm, the tables
``subjects`` (one row per draw, person and arm), ``daily`` and ``events``; ``draws.parquet`` has one
row per draw with every sampled parameter. A killed run resumes from its manifest and ends with
the same bytes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import polars as pl

from speciosa.core.engine import Engine, cores, device
from speciosa.core.outcome import Outcome, merged, picked
from speciosa.core.version import __version__
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.people.parameters import truth
from speciosa.trial.chunks import batched, chunk_size, chunks
from speciosa.trial.design import Design, design, rescue_counts
from speciosa.trial.folder import opened
from speciosa.trial.kept import JUDGED, Kept
from speciosa.trial.outcomes import Course, noise_records
from speciosa.trial.recruited import Recruited, recruited
from speciosa.trial.relapse import return_columns, return_records
from speciosa.trial.rows import Table, batches, collected
from speciosa.trial.side_effects import side_effect_columns, side_effect_records
from speciosa.trial.study import Arm, Study
from speciosa.trial.tables import courses, daily_rows, decision_rows, event_rows, subject_rows
from speciosa.trial.visits import stays, switched_off, visit_rows

GROUP = 1  # chunks whose people are held in memory at once
NARROW = 64  # people per device where only a few are solved again
LEFT = "dropout_day"  # kept by the decision to leave treatment


@dataclass(frozen=True)
class Progress:
    """How far a run is: people asked, solved and failed so far, seconds since it began, and how
    many of them an earlier run had finished."""

    asked: int
    solved: int
    failed: int
    seconds: float
    found: int = 0


@dataclass(frozen=True)
class TrialRun:
    """The record of a run.

    Args:
        study: what was asked.
        evidence: the numbers it ran on.
        subjects: one row per draw, person and arm, failed people included (``failed`` is true); a
            long table stays in its files (:mod:`speciosa.trial.rows`).
        draws: one row per draw, a column per sampled record.
        courses: quantity, arm, day, draw -> quantiles over people.
        records: ids of every record that the run rests on.
        info: seed, asked, solved, failed, why, draws, seconds, version, device, hashes.
        visits: one row per draw, person, arm and visit (:mod:`speciosa.trial.visits`).
    """

    study: Study
    evidence: Evidence
    subjects: Table
    draws: pl.DataFrame
    courses: pl.DataFrame
    records: tuple[str, ...]
    info: dict[str, Any]
    visits: Table = field(default_factory=pl.DataFrame)


def run_trial(
    study: Study,
    *,
    evidence: Evidence | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    group: int | None = None,
    cluster: str | None = None,
    only: Collection[str] = (),
    engine: Engine | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> TrialRun:
    """Simulate every arm of a study on the same people and return the record.

    Args:
        study: the study.
        evidence: the numbers; by default the evidence set that the study names.
        out: run folder to write; nothing is written without one.
        resume: go on with the run that the folder holds.
        group: chunks that are taken through every arm together; the results do not depend on it.
        cluster: address of a Dask scheduler, or ``local[N]``; None solves in this process.
        only: arms to run, in the design of the whole study; all of them by default. Not on a
            cluster.
        engine: of the same study (:func:`compiled`), where it is run several times in parts or
            with other numbers; a new one by default.
        on_progress: called whenever some people are done.

    Raises:
        InputError: the folder cannot be written, holds another run, or the study cannot be run.
    """
    evidence = evidence or load_evidence(overlay=study.evidence_set)
    plan = prepared(study, evidence)
    if only:
        study = replace(study, arms=tuple(arm for arm in study.arms if arm.name in only))
    names = tuple(arm.name for arm in study.arms)
    with opened(out, study, evidence, chunk_size(study), resume=resume) as folder:
        kept = Kept(folder, names)
        began = time.monotonic()
        asked = len(names) * study.draws * study.people

        def tell() -> None:
            seconds = time.monotonic() - began
            solved = kept.done - kept.failed
            on_progress(Progress(asked, solved, kept.failed, seconds, kept.resumed))

        if cluster is None:
            _solve_here(Runner(plan, evidence, engine=engine), study, kept, group or GROUP, tell)
        else:
            _solve_there(cluster, study, evidence, kept, tell)
        tables = {name: kept.table(name) for name in JUDGED}
        run = record_of(plan, study, evidence, tables, time.monotonic() - began)
        if folder:
            folder.finish(run.draws, run.info)
        return run


def compiled(study: Study, evidence: Evidence) -> Engine:
    """Return an engine for several runs of one study."""
    return Runner(prepared(study, evidence), evidence).engine


def record_of(
    plan: Design,
    study: Study,
    evidence: Evidence,
    tables: Mapping[str, Table],
    seconds: float | None,
) -> TrialRun:
    """Return the record of a study from the tables of its chunks.

    Args:
        plan: the design that the tables were made with.
        study: what was run of it.
        evidence: the numbers.
        tables: what the judge reads (:data:`speciosa.trial.kept.JUDGED`).
        seconds: how long it took; None where it is not over.
    """
    subjects = tables["subjects"]
    failed = sum(int(rows["failed"].sum()) for rows in batches(subjects, ["failed"]))
    info = {
        "seed": study.seed,
        "asked": len(subjects),
        "solved": len(subjects) - failed,
        "failed": failed,
        "why": _why(subjects),
        "draws": study.draws,
        "seconds": seconds,
        "version": __version__,
        "device": device(),
        "hashes": {"study": study.digest, "evidence": evidence.digest},
    }
    return TrialRun(
        study,
        evidence,
        subjects,
        draw_table(plan, evidence),
        collected(tables["courses"]),
        tuple(sorted({*_records(plan, study), *_beside(study)})),
        info,
        tables["visits"],
    )


def prepared(study: Study, evidence: Evidence) -> Design:
    """Return the design of a study, its matched arms made equal where it asks for that."""
    plan = design(study, evidence)
    if study.matching is None:
        return plan
    from speciosa.trial.matched import equalised  # which runs arms itself

    return equalised(plan, evidence, study.matching)[0]


def _solve_here(
    runner: Runner, study: Study, kept: Kept, group: int, tell: Callable[[], None]
) -> None:
    """Take the chunks that are missing through every arm, some chunks at a time.

    As many arms are under way at once as there are cores, each solved on a core of its own.
    """
    lock, under_way, abreast = Lock(), deque[Future[None]](), cores()

    def follow(arm: Arm, people: Mapping[int, Recruited]) -> None:
        for n, made in runner.written(arm, people, runner.solved(arm, people)):
            with lock:
                kept.add(n, arm.name, made)
        with lock:
            tell()

    with ThreadPoolExecutor(abreast) as pool:
        try:
            for together in batched(enumerate(chunks(study)), group):
                people: dict[int, Recruited] = {}
                for arm in study.arms:
                    wanted = [(n, chunk) for n, chunk in together if not kept.found(n, arm.name)]
                    for n, chunk in wanted:
                        if n not in people:
                            people[n] = runner.recruit(*chunk)
                    under_way.append(pool.submit(follow, arm, {n: people[n] for n, _ in wanted}))
                    while len(under_way) > 2 * abreast:
                        under_way.popleft().result()
            while under_way:
                under_way.popleft().result()
        except BaseException:
            pool.shutdown(cancel_futures=True)  # what is under way is still written
            raise


def _solve_there(
    address: str, study: Study, evidence: Evidence, kept: Kept, tell: Callable[[], None]
) -> None:
    """Let a cluster's workers solve the chunks that are missing."""
    from speciosa.trial.cluster import solved

    missing = (
        (n, *chunk, arm.name)
        for n, chunk in enumerate(chunks(study))
        for arm in study.arms
        if not kept.found(n, arm.name)
    )
    for n, arm, tables in solved(address, study, evidence, missing):
        kept.add(n, arm, tables)
        tell()


Solved = Mapping[int, tuple[Outcome, Outcome | None]]  # chunk -> as it went, as if all had stayed


class Runner:
    """One study's design with its compiled engine."""

    def __init__(
        self,
        plan: Design,
        evidence: Evidence,
        *,
        width: int | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.plan, self.evidence = plan, evidence
        width = width or chunk_size(plan.study)
        if engine is not None and not plan.served_by(engine):
            raise ValueError("the engine was compiled for another design")
        # states in double precision, rates in single: what that costs is far below the mesh's error
        self.engine: Engine = engine or plan.engine(width=width, double=False)
        self.narrow: Engine | None = None
        wanted = (*noise_records(plan.recorded), *plan.disorder.definitions)
        self.constants = {name: evidence.number(name).value for name in wanted}

    def recruit(self, draw: np.ndarray, person: np.ndarray) -> Recruited:
        """Return people with parameters, products and start values, the same for every arm."""
        return recruited(self.plan, self.evidence, draw, person)

    def solve(
        self, arm: Arm, people: Recruited, *, halvings: int = 0, staying: bool = False
    ) -> Outcome:
        """Solve one arm for a cohort; on a halved mesh in the narrow engine.

        Args:
            arm, people: who is given what.
            halvings: how often the mesh is halved.
            staying: with leaving or rescue switched off, for what is hypothetical.
        """
        if halvings and self.narrow is None:
            self.narrow = self.plan.engine(width=NARROW)
        engine = self.narrow if halvings and self.narrow is not None else self.engine
        off = self._switched_off(arm) if staying else frozenset()
        decisions = zip(self.plan.model.decisions, self.plan.enabled[arm.name], strict=True)
        enabled = tuple(on and not off & set(one.memory) for one, on in decisions)
        return engine.solve(
            self.plan.meshes[arm.name],
            people.parameters,
            people.cohort.streams,
            people.supplies,
            enabled=enabled,
            start=people.start,
            halvings=halvings,
        )

    def _switched_off(self, arm: Arm) -> frozenset[str]:
        """The memory by which decisions are known that do not happen on the second path."""
        study = self.plan.study
        rows = {"dropout": (LEFT,), "rescue": rescue_counts(study, arm)}
        return frozenset(row for event in switched_off(study) for row in rows[event])

    def outcomes(
        self, arm: Arm, people: Mapping[int, Recruited], *, staying: bool = False
    ) -> dict[int, Outcome]:
        """Solve one arm for several cohorts; who exceeds the error bound is solved again on half
        the mesh and then on a quarter, all of them together in small batches."""
        found = {n: self.solve(arm, cohort, staying=staying) for n, cohort in people.items()}
        for halvings in (1, 2):
            over = [(n, i) for n, outcome in found.items() for i in np.flatnonzero(outcome.failed)]
            for batch in batched(over, 2 * NARROW):
                draw = np.array([people[n].cohort.draw[i] for n, i in batch])
                person = np.array([people[n].cohort.person[i] for n, i in batch])
                again = self.recruit(draw, person)
                redone = self.solve(arm, again, halvings=halvings, staying=staying)
                for n in {n for n, _ in batch}:
                    mine = np.array([k for k, (m, _) in enumerate(batch) if m == n])
                    place = np.array([batch[k][1] for k in mine])
                    found[n] = merged(found[n], place, picked(redone, mine))
        return found

    def course(self, arm: Arm, people: Recruited, outcome: Outcome) -> Course:
        """Return an arm's trajectories by name."""
        low = np.broadcast_to(people.parameters["breathing"]["low"], people.cohort.draw.shape)
        plan = self.plan
        return Course(
            outcome, plan.recorded, plan.lowest, plan.highest, low, plan.ligands(arm),
            rescue_counts(plan.study, arm),
        )  # fmt: skip

    def beside(self, arm: Arm, people: Recruited, course: Course) -> dict[str, pl.Series]:
        """Return the columns of harms that every study shows, whatever its file asks for."""
        study, evidence, cohort = self.plan.study, self.evidence, people.cohort
        parts = (cohort, people.parameters, people.start)
        found = return_columns(study, self.plan.model, evidence, *parts, course.outcome)
        found |= side_effect_columns(study, arm, evidence, cohort, course)
        return {name: pl.Series(row) for name, row in found.items()}

    def tables(
        self, arm: Arm, people: Mapping[int, Recruited]
    ) -> dict[int, dict[str, pl.DataFrame]]:
        """Solve one arm for several cohorts and return the tables of each."""
        return dict(self.written(arm, people, self.solved(arm, people)))

    def solved(self, arm: Arm, people: Mapping[int, Recruited]) -> Solved:
        """Solve one arm for several cohorts; a second time as if all stayed, where that counts."""
        twice = self.outcomes(arm, people, staying=True) if stays(self.plan.study) else {}
        return {n: (found, twice.get(n)) for n, found in self.outcomes(arm, people).items()}

    def written(
        self, arm: Arm, people: Mapping[int, Recruited], solved: Solved
    ) -> Iterator[tuple[int, dict[str, pl.DataFrame]]]:
        """Yield the tables of each cohort that was solved."""
        study = self.plan.study
        for n, (outcome, other) in solved.items():
            cohort = people[n].cohort
            course = self.course(arm, people[n], outcome)
            stayed = self.course(arm, people[n], other) if other is not None else None
            subjects = subject_rows(study, arm, cohort, course, self.constants, stayed)
            yield (
                n,
                {
                    "subjects": subjects.with_columns(**self.beside(arm, people[n], course)),
                    "visits": visit_rows(study, arm, cohort, course, stayed, self.constants),
                    "daily": daily_rows(arm, cohort, course),
                    "events": event_rows(arm, cohort, course),
                    "decisions": decision_rows(arm, cohort, course),
                    "courses": courses(arm, cohort, course),
                },
            )


def draw_table(plan: Design, evidence: Evidence) -> pl.DataFrame:
    """Return one row per draw with every record that is sampled per draw."""
    study = plan.study
    draws = np.arange(study.draws)
    sampled = sampled_records(plan, evidence)
    return pl.DataFrame(
        {"draw": draws} | {r: truth(evidence, r, study.seed, draws) for r in sampled}
    )


def sampled_records(plan: Design, evidence: Evidence) -> tuple[str, ...]:
    """Return every record of a design that is sampled per draw."""
    used = _records(plan, plan.study)
    return tuple(r for r in used if evidence.number(r).spread is not None)


def _records(plan: Design, study: Study) -> tuple[str, ...]:
    population = study.population
    used = {
        *plan.model.records(),
        *noise_records(plan.recorded),
        *plan.disorder.definitions,
        population.use_level,
        population.dropout_rate,
        population.adherence,
        *plan.disorder.history,
    }
    for given in plan.given:
        used |= set(given.product.records())
    return tuple(sorted(used))


def _beside(study: Study) -> set[str]:
    """Records of the harms shown beside: no effect of the trial rests on them."""
    return return_records(study) | side_effect_records(study)


def _why(subjects: Table) -> list[str]:
    told = ["draw", "person", "arm", "failed"]
    failed = pl.concat([rows.filter(pl.col("failed")) for rows in batches(subjects, told)])
    return [
        f"draw {row['draw']}, person {row['person']}, arm {row['arm']}: step error above the bound "
        "on a quarter of the mesh"
        for row in failed.select("draw", "person", "arm").head(20).to_dicts()
    ]
