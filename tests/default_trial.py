"""The default trial, run once for every test that needs it: all arms, 35 days, traced.

Sixty-four people, each of their own draw, fill the engine's width; the first twenty are followed
closely. Runs are made when a test first asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from speciosa.core.engine import Engine
from speciosa.core.mesh import Mesh
from speciosa.core.outcome import Outcome
from speciosa.core.random import Streams
from speciosa.core.reference import Reference, replay
from speciosa.evidence.load import Evidence
from speciosa.people.cohort import Cohort
from speciosa.trial.design import Design, design
from speciosa.trial.recruited import Recruited
from speciosa.trial.run import Runner
from speciosa.trial.study import Arm, Study

WIDTH = 32  # people per device; two devices make a call of 64
FILLED = 64
CLOSELY = 20
Day = dict[str, Any]


@dataclass
class Clinic:
    """A study with its compiled, traced engine, and the runs that were made so far."""

    study: Study
    evidence: Evidence
    plan: Design
    runner: Runner
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    untraced: Engine | None = None

    @staticmethod
    def of(study: Study, evidence: Evidence, *, width: int = WIDTH, **options: Any) -> Clinic:
        """Return the clinic of a study; options go to the design."""
        plan = design(study, evidence, **options)
        runner = Runner(plan, evidence, width=width)
        runner.engine = plan.engine(width=width, trace=True, double=False)
        return Clinic(study, evidence, plan, runner)

    def arm(self, name: str) -> Arm:
        """Return an arm by its name."""
        return next(arm for arm in self.study.arms if arm.name == name)

    def recruit(self, who: Sequence[int]) -> Recruited:
        """Return people by number; each comes from their own draw."""
        number = np.asarray(who)
        return self.runner.recruit(number, number % self.study.people)

    def solve(
        self, name: str, people: Recruited, *, days: int | None = None, halvings: int = 0
    ) -> Outcome:
        """Solve an arm, or its first days, for some people."""
        mesh = self.plan.meshes[name] if days is None else first_days(self.plan.meshes[name], days)
        return self.runner.engine.solve(
            mesh, people.parameters, people.cohort.streams, people.supplies,
            enabled=self.plan.enabled[name], start=people.start, halvings=halvings,
        )  # fmt: skip

    def plain(self, name: str, people: Recruited) -> Outcome:
        """Solve an arm for some people as a trial does, without a trace."""
        if self.untraced is None:
            self.untraced = self.plan.engine(width=self.runner.engine.width, double=False)
        return self.untraced.solve(
            self.plan.meshes[name],
            people.parameters,
            people.cohort.streams,
            people.supplies,
            enabled=self.plan.enabled[name],
            start=people.start,
        )

    def outcome(self, name: str) -> Outcome:
        """Return the whole run of an arm; its trace is cut to events and to the first people."""
        if name not in self.outcomes:
            outcome = self.solve(name, self.recruit(range(FILLED)))
            self.outcomes[name] = replace(outcome, trace=[events(day) for day in outcome.trace])
        return self.outcomes[name]

    def sample(self, outcome: Outcome, quantity: str) -> np.ndarray:
        """Return a sampled quantity, (days, samples, N)."""
        return outcome.samples[:, :, self.plan.recorded.index(quantity)]


def first_days(mesh: Mesh, days: int) -> Mesh:
    """Return the part of a mesh that covers the first days."""
    return _rows(mesh, np.flatnonzero(mesh.hours < 24.0 * days - 1e-9))


def events(day: Day, people: int = CLOSELY) -> Day:
    """Return a traced day cut to the mesh points where something happens."""
    mesh: Mesh = day["mesh"]
    at = np.flatnonzero(mesh.event)
    end = mesh.hours[-1] + mesh.step[-1]
    cut = replace(_rows(mesh, at), step=np.diff(np.append(mesh.hours[at], end)))
    rows = {
        entry: value[at, :people] for entry, value in day["given"].items()
    }  # fmt: skip
    memory = {
        name: {row: value[at, :people] for row, value in part.items()}
        for name, part in day["memory"].items()
    }
    recorded = {
        quantity: (np.nanmin(value), np.nanmax(value))
        for quantity, value in day["recorded"].items()
    }
    return {"mesh": cut, "given": rows, "memory": memory, "range": recorded}


def side_by_side(traces: Sequence[Sequence[Day]]) -> list[Day]:
    """Return one trace of all the arms' people beside each other, arm after arm.

    An arm's decisions are asked at the same times in every arm; only doses are its own.
    """
    return [_beside(days) for days in zip(*traces, strict=True)]


def _beside(days: Sequence[Day]) -> Day:
    hours = np.unique(np.concatenate([np.round(day["mesh"].hours, 9) for day in days]))
    first: Mesh = days[0]["mesh"]
    end = first.hours[-1] + first.step[-1]
    asked = np.zeros((hours.size, first.asked.shape[1]), dtype=bool)
    sample = np.full(hours.size, -1, dtype=np.int32)
    given: dict[str, list[Any]] = {entry: [] for entry in days[0]["given"]}
    memory: dict[str, dict[str, list[Any]]] = {
        name: {row: [] for row in part} for name, part in days[0]["memory"].items()
    }
    for day in days:
        own: Mesh = day["mesh"]
        place = np.searchsorted(hours, np.round(own.hours, 9))
        asked[place] |= own.asked
        sample[place] = np.maximum(sample[place], own.sample)
        for entry, rows in day["given"].items():
            given[entry].append(np.zeros((hours.size, rows.shape[1])))
            given[entry][-1][place] = rows
        latest = np.searchsorted(np.round(own.hours, 9), hours, side="right") - 1
        for name, part in day["memory"].items():
            for row, rows in part.items():
                memory[name][row].append(rows[latest])
    mesh = Mesh(
        hours=hours, step=np.diff(np.append(hours, end)), asked=asked,
        doses=np.zeros((hours.size, 0)), sample=sample, event=np.ones(hours.size, dtype=bool),
    )  # fmt: skip
    return {
        "mesh": mesh,
        "given": {entry: np.hstack(rows) for entry, rows in given.items()},
        "memory": {n: {row: np.hstack(v) for row, v in part.items()} for n, part in memory.items()},
    }


def replayed(
    clinic: Clinic, names: Sequence[str], traces: Sequence[Sequence[Day]], people: Recruited,
    **options: Any,
) -> Reference:  # fmt: skip
    """Solve the traced runs of some arms again, all their people at once."""
    arms = len(names)

    def beside(table: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        return {
            part: {s: np.tile(v, arms) if np.ndim(v) else v for s, v in rows.items()}
            for part, rows in table.items()
        }

    cohort: Cohort = people.cohort
    stream = Streams(np.tile(cohort.streams.key, arms), np.tile(cohort.streams.person, arms))
    enabled = np.array([clinic.plan.enabled[name] for name in names]).T
    return replay(
        clinic.plan.model, side_by_side(traces), beside(people.parameters), stream,
        clinic.plan.recorded, start=beside(people.start),
        enabled=np.repeat(enabled, cohort.draw.size, axis=1),
        lowest=clinic.plan.lowest, highest=clinic.plan.highest, readouts=("morning",), **options,
    )  # fmt: skip


def _rows(mesh: Mesh, place: np.ndarray) -> Mesh:
    return Mesh(**{name: getattr(mesh, name)[place] for name in mesh.__dataclass_fields__})
