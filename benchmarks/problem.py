"""The problem that every solver is given: one arm of the default trial, its people, its doses.

Decisions are off, so that nothing but equations, doses and the clock is left, and all solvers
solve the same thing. What the engine gave and held is read off its trace and handed to the others
as changes at moments, with the equations as the export writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.engine import Engine
from speciosa.core.mesh import Mesh
from speciosa.core.outcome import Outcome
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.models.interaction import recipe as interaction
from speciosa.trial.design import Design, design
from speciosa.trial.recruited import Recruited, recruited
from speciosa.trial.study import load_study
from speciosa.view.export.people import one, values
from speciosa.view.export.reading import Reading, read
from speciosa.view.export.record import Change, Record, changes, record, switches
from speciosa.view.export.sbml import sbml

Array = NDArray[np.float64]
STUDY, ARM = "combination-opioid", "both"  # the arm with most steps
RECIPES = {"default": None, "interaction": interaction}
# h, when every state is compared; nothing is given at these moments
READ = (0.5, 3.5, 13.5, 15.0, 33.0, 63.0, 93.0, 157.5, 165.0, 321.0, 495.0, 648.5, 669.0)


@dataclass(frozen=True)
class Job:
    """One person's run: their number from 1, values by name, changes at moments, and moments that
    no solver may step over."""

    id: int
    values: Mapping[str, float]
    changes: Sequence[tuple[float, Sequence[Change]]]
    switches: Sequence[float]


@dataclass(frozen=True)
class Problem:
    """A design, an arm of it and how many days; people are the study's own, draw after draw."""

    recipe: str
    evidence: Evidence
    plan: Design
    days: int
    decisions: bool

    @staticmethod
    def of(recipe: str, days: int, *, decisions: bool = False) -> Problem:
        """Return the problem of a recipe: ``default`` or ``interaction``."""
        evidence, study = load_evidence(), load_study(STUDY)
        plan = design(study, evidence, behaviour=decisions, recipe=RECIPES[recipe])
        return Problem(recipe, evidence, plan, days, decisions)

    def recruit(self, people: int) -> Recruited:
        """Return the first people of the study, each of a world of their own at first."""
        number = np.arange(people)
        worlds = self.plan.study.draws
        return recruited(self.plan, self.evidence, number % worlds, number // worlds)

    def mesh(self, hours: float | None = None) -> Mesh:
        """Return the arm's mesh up to a moment."""
        mesh = self.plan.meshes[ARM]
        end = 24.0 * self.days if hours is None else hours
        kept = mesh.hours < end - 1e-9
        return Mesh(**{name: getattr(mesh, name)[kept] for name in mesh.__dataclass_fields__})

    def solve(
        self, engine: Engine, people: Recruited, *, hours: float | None = None, halvings: int = 0
    ) -> Outcome:
        """Solve some people's arm up to a moment."""
        return engine.solve(
            self.mesh(hours), people.parameters, people.cohort.streams, people.supplies,
            enabled=self.plan.enabled[ARM] if self.decisions else (False,) * len(self.enabled),
            start=people.start, halvings=halvings,
        )  # fmt: skip

    @property
    def enabled(self) -> tuple[bool, ...]:
        """Which decisions the arm has."""
        return self.plan.enabled[ARM]

    @property
    def moments(self) -> list[float]:
        """When every state is compared, h."""
        return [hours for hours in READ if hours <= 24.0 * self.days]

    @cached_property
    def reading(self) -> Reading:
        """The equations."""
        return read(self.plan.model)

    def states(self, engine: Engine, people: Recruited, count: int, halvings: int = 0) -> Array:
        """Return every state of the first people at every moment by the engine, (T, S, N)."""
        few = first(people, count)
        found = []
        for hours in self.moments:
            final = self.solve(engine, few, hours=hours, halvings=halvings).final
            found.append([final[s.stage][s.own][:count] for s in self.reading.states])
        return np.array(found)

    def record(self, engine: Engine, people: Recruited, count: int) -> Record:
        """Return what the first people were given and held; the engine is a traced one."""
        outcome = self.solve(engine, first(people, count))
        return record(self.reading, outcome.trace, count)

    def table(self, people: Recruited, count: int) -> dict[str, Array]:
        """Return every value of the first people by its name in the equations."""
        few = first(people, count)
        return values(self.reading, self.plan.model, few.parameters, count, few.start)

    def jobs(self, table: Mapping[str, Array], given: Record, count: int) -> list[Job]:
        """Return what another solver needs of each person."""
        turns = switches(self.reading, table, given)
        jobs = []
        for person in range(count):
            known = one(table, person)
            known |= {s.name: known[s.start] for s in self.reading.states}
            jobs.append(Job(person + 1, known, changes(self.reading, given, person), turns[person]))
        return jobs

    def document(self, table: Mapping[str, Array]) -> str:
        """Return the equations as SBML."""
        return sbml(self.reading, one(table, 0))


def first(people: Recruited, count: int) -> Recruited:
    """Return the first of some people."""
    return part(people, 0, count)


def part(people: Recruited, begin: int, count: int) -> Recruited:
    """Return the people from one place on, at most ``count``."""
    size, rows = people.cohort.draw.size, slice(begin, begin + count)

    def some(value: Any) -> Any:
        return value[..., rows] if np.ndim(value) and np.shape(value)[-1] == size else value

    def nested(table: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        return {n: {k: some(v) for k, v in part.items()} for n, part in table.items()}

    cohort, streams = people.cohort, people.cohort.streams
    cohort = replace(
        cohort, draw=cohort.draw[rows], person=cohort.person[rows],
        streams=replace(streams, key=streams.key[rows], person=streams.person[rows]),
    )  # fmt: skip
    supplies = [
        replace(s, content={e: some(v) for e, v in s.content.items()}, adherence=some(s.adherence))
        for s in people.supplies
    ]
    return Recruited(cohort, nested(people.parameters), supplies, nested(people.start))


def worst(found: Array, reference: Array) -> tuple[float, int]:
    """Return the largest difference in ranges of each state, and which state has it.

    Args:
        found, reference: (T, S, N). A state's range is that of the reference over times and people;
            what never moves is left out.
    """
    count = min(found.shape[-1], reference.shape[-1])
    reference = reference[..., :count]
    span = np.ptp(reference, axis=(0, 2))
    apart = np.abs(found[..., :count] - reference).max(axis=(0, 2))
    moves = span > 1e-12 * np.maximum(np.abs(reference).max(axis=(0, 2)), 1e-300)
    errors = np.where(moves, apart / np.where(moves, span, 1.0), 0.0)
    return float(errors.max()), int(errors.argmax())
