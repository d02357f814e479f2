"""The laboratory: regimens given to a virtual cohort, sampled at any hours that are wanted.

A :class:`Laboratory` serves several protocols (what is given to whom, read when) with one wired
model and one compiled program: products go through numbered columns, so a new regimen needs no
new compilation. Blood may be taken at any moment; the mesh is cut there, nothing is interpolated.
With ``behaviour=False`` nobody uses or leaves and every dose is taken. `speciosa validate` uses
it (:mod:`speciosa.trial.validate`), and so may anything that looks closely at a few days.

>>> from speciosa.people.cohort import Population
>>> one = Protocol((Regimen.parse("melatonin 5 mg once"),), Population(habits=()), (0.0, 0.7))
>>> one.days
1
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.care.decision import decision
from speciosa.care.product import (
    BATCH_DAYS,
    Product,
    composition_factors,
    taken_up,
    unit_covariate,
)
from speciosa.care.regimen import Regimen
from speciosa.care.schedule import START_CLOCK_HOUR, Dose, Trigger, doses, triggers
from speciosa.core.engine import Engine, Supply
from speciosa.core.mesh import Mesh, build_mesh, most_steps
from speciosa.core.outcome import merged, picked
from speciosa.core.random import Streams, uniform
from speciosa.evidence.load import Evidence
from speciosa.models.interaction import longest_step, recipe
from speciosa.models.opioid import cut_down
from speciosa.people.cohort import Cohort, Population, recruit
from speciosa.people.parameters import propensities, sample, use_doses, value
from speciosa.trial.design import (
    batch_scores,
    scheduled_amount,
    takers,
)
from speciosa.trial.disorder import disorder_named
from speciosa.trial.steps import AT_START, after_doses, after_use

Array = NDArray[np.float64]
WIDTH = 100  # people per device and call


@dataclass(frozen=True)
class Protocol:
    """What is given to whom and when it is read.

    Args:
        regimens: what is given.
        population: who takes part.
        hours: sampling times, hours since the start, rising; a dose of the same moment comes
            after the sample.
        induction_failure: record of the share who never get what is injected; empty for none.
    """

    regimens: tuple[Regimen, ...]
    population: Population
    hours: tuple[float, ...]
    induction_failure: str = ""

    @property
    def days(self) -> int:
        """Days that must be simulated."""
        return floor(self.hours[-1] / 24.0 + 1e-9) + 1

    def doses(self) -> tuple[Dose, ...]:
        """Return the scheduled doses within those days."""
        return tuple(d for regimen in self.regimens for d in doses(regimen, days=self.days))

    def triggers(self) -> tuple[Trigger, ...]:
        """Return the doses that wait for something."""
        return tuple(t for regimen in self.regimens for t in triggers(regimen, days=self.days))


@dataclass(frozen=True)
class Samples:
    """What was read: ``values`` has quantity -> (T, N); people who failed are nan.

    ``streams`` are the people's random streams, for the noise of what is measured.
    """

    hours: Array
    values: dict[str, Array]
    draw: NDArray[np.int64]
    person: NDArray[np.int64]
    failed: NDArray[np.bool_]
    streams: Streams

    def at(self, quantity: str, hours: Iterable[float]) -> Array:
        """Return a quantity at some of the sampled hours, (T, N)."""
        rows = np.searchsorted(self.hours, np.asarray(tuple(hours)) - 1e-6)
        return self.values[quantity][rows]


class Laboratory:
    """One compiled model that serves several protocols.

    Args:
        evidence: the numbers.
        protocols: every protocol that it is going to run.
        quantities: what is read; those that the model does not have are left out.
        behaviour: whether people use and leave.
        disorder: whose recipe it is.
        width: people per device and call.
    """

    def __init__(
        self,
        evidence: Evidence,
        protocols: Sequence[Protocol],
        quantities: Iterable[str],
        *,
        behaviour: bool = False,
        disorder: str = "opioid",
        width: int = WIDTH,
    ) -> None:
        self.evidence, self.behaviour, self.width = evidence, behaviour, width
        self.disorder = disorder_named(disorder)
        self.waiting = tuple(dict.fromkeys(t for p in protocols for t in p.triggers()))
        self.decisions = tuple(
            decision(trigger, f"waiting_{number}") for number, trigger in enumerate(self.waiting)
        )
        entries = {e for p in protocols for d in p.doses() for e in d.product.entries(d.route)}
        self.entries = tuple(sorted(entries))
        entries |= {e for one in self.decisions for e in one.doses}
        habits = any(p.population.habits for p in protocols)
        if disorder == "alcohol":
            self.model = self.disorder.recipe(entries, self.decisions, behaviour=behaviour)
        else:
            self.model = recipe(entries, self.decisions, behaviour=behaviour, habits=habits)
        held = {q for one in self.decisions for q in one.gives}
        wanted = {*quantities, *held, *(("in_treatment",) if behaviour else ())}
        self.recorded = tuple(sorted(q for q in wanted if q in self.model.units))
        kept = self.model.decisions if behaviour else self.decisions
        moved = self.disorder.arriving if habits else ()
        taken = takers(self.model, entries)
        self.model = cut_down(self.model, [*self.recorded, *moved, *taken], kept)
        self.columns = max((len(_columns(p)) for p in protocols), default=0)
        self.batch_days = round(evidence.number(BATCH_DAYS).value)
        self.batches = max((ceil(p.days / self.batch_days) for p in protocols), default=1)
        meshes = [self._mesh(p) for p in protocols]
        self.steps = _two_sizes(
            [(_steps(mesh), p.days) for p, (mesh, _) in zip(protocols, meshes, strict=True)]
        )
        self.slots = max((int(place[1].max()) + 1 for _, place in meshes), default=1)

    @cached_property
    def engine(self) -> Engine:
        """The compiled engine."""
        return Engine(
            self.model,
            products=[f"given {k}" for k in range(self.columns)],
            recorded=self.recorded,
            samples=self.slots,
            steps=self.steps[-1],
            width=self.width,
            start_clock_hour=START_CLOCK_HOUR,
            days_per_batch=self.batch_days,
            double=False,
        )

    def run(
        self,
        protocol: Protocol,
        *,
        seed: int,
        draws: int,
        people: int,
        on_people: Callable[[int], None] = lambda people: None,
    ) -> Samples:
        """Give a protocol to ``people`` people in each of ``draws`` draws and return what is read.

        Args:
            protocol: one of those that the laboratory was made for.
            seed: of the random streams; equal seeds give twins.
            draws, people: how many.
            on_people: called with the number of people done since the last call.
        """
        mesh, (day, slot) = self._mesh(protocol)
        self.engine.steps = next(size for size in self.steps if size >= _steps(mesh))
        count, size = draws * people, self.engine.people
        parts, failed, streams = [], [], []
        for begin in range(0, count, size):
            rows = np.arange(begin, min(begin + size, count))
            cohort = self._recruit(protocol, seed, rows // people, rows % people)
            parameters = sample((*self.model.stages, *self.model.decisions), self.evidence, cohort)
            start = self._arrived(protocol, parameters, cohort)
            solve = partial(
                self.engine.solve,
                mesh,
                parameters,
                cohort.streams,
                self._supplies(protocol, cohort),
                enabled=self._enabled(protocol),
                start=start,
            )
            outcome = solve()
            for halvings in (1, 2):  # whoever exceeds the error bound again, as in a trial
                if (over := np.flatnonzero(outcome.failed)).size:
                    outcome = merged(outcome, over, picked(solve(halvings=halvings), over))
            read = outcome.samples[day, slot]  # (T, R, N)
            parts.append(np.where(outcome.failed, np.nan, read))
            failed.append(outcome.failed)
            streams.append(cohort.streams)
            on_people(rows.size)
        every, rows = np.concatenate(parts, axis=-1), np.arange(count)
        joined = Streams(
            np.concatenate([s.key for s in streams]), np.concatenate([s.person for s in streams])
        )
        values = {q: every[:, place] for place, q in enumerate(self.recorded)}
        return Samples(
            np.asarray(protocol.hours),
            values,
            rows // people,
            rows % people,
            np.concatenate(failed),
            joined,
        )

    def counts(self, protocol: Protocol) -> tuple[str, ...]:
        """Return the quantities that count the doses which a protocol's people waited for."""
        mine = protocol.triggers()
        pairs = zip(self.waiting, self.decisions, strict=True)
        return tuple(q for trigger, one in pairs if trigger in mine for q in one.gives)

    def _recruit(self, protocol: Protocol, seed: int, draw: Any, person: Any) -> Cohort:
        cohort = recruit(protocol.population, seed, draw, person)
        cohort = cohort.with_covariates(propensities(self.evidence, protocol.population, cohort))
        cohort = cohort.with_covariates(use_doses(self.evidence, cohort))
        units: dict[str, Any] = {}
        for trigger in self.waiting:
            product, amount = trigger.product, trigger.amount
            values = {r: value(self.evidence, r, cohort) for r in product.records()}
            share = taken_up(product, amount, values) / amount
            strength = self._strength(product, trigger.route, cohort, 0)
            units |= {unit_covariate(product, e, amount): share * r for e, r in strength.items()}
        return cohort.with_covariates(units | dict.fromkeys(self.disorder.unmoved, 0.0))

    def _arrived(
        self, protocol: Protocol, parameters: dict[str, Any], cohort: Cohort
    ) -> dict[str, dict[str, Any]]:
        """Return the start of what a habit has moved; the usual doses go to who takes them."""
        if not protocol.population.habits:
            return {}
        usual, start = self.disorder.come(self.model, parameters, cohort.covariates)
        if self.disorder.taking in parameters:
            parameters[self.disorder.taking].update(usual)
        return start

    def _strength(self, product: Product, route: str, cohort: Cohort, batch: int) -> dict[str, Any]:
        values = {r: value(self.evidence, r, cohort) for r in product.records()}
        scores = batch_scores(cohort, product, batch)
        return composition_factors(product, scores, values, route)

    def _supplies(self, protocol: Protocol, cohort: Cohort) -> list[Supply]:
        everyone = np.ones((self.batches, cohort.draw.size))
        supplies = []
        columns = _columns(protocol)
        for place in range(self.columns):
            content = {entry: 0.0 * everyone for entry in self.entries}
            if place < len(columns):
                product, route = columns[place]
                for batch in range(self.batches if product.varies() else 1):
                    for entry, row in self._strength(product, route, cohort, batch).items():
                        rows = slice(batch, None if not product.varies() else batch + 1)
                        content[entry][rows] = row * self._received(protocol, route, cohort)
            adherence = cohort.covariates["adherence"] if self.behaviour else everyone[0]
            supplies.append(
                Supply(
                    f"given {place}",
                    content,
                    adherence=adherence,
                    supervised_days=protocol.population.residential_days,
                )
            )
        return supplies

    def _received(self, protocol: Protocol, route: str, cohort: Cohort) -> Any:
        if not protocol.induction_failure or route != "injection":
            return 1.0
        u = uniform(np, cohort.streams, "induction", 0)
        return (u >= value(self.evidence, protocol.induction_failure, cohort)).astype(float)

    def _enabled(self, protocol: Protocol) -> tuple[bool, ...]:
        own = len(self.model.decisions) - len(self.decisions)
        mine = protocol.triggers()
        return (True,) * own + tuple(trigger in mine for trigger in self.waiting)

    def _mesh(self, protocol: Protocol) -> tuple[Mesh, tuple[NDArray[Any], NDArray[Any]]]:
        columns = _columns(protocol)
        scheduled: list[list[tuple[float, float]]] = [[] for _ in range(self.columns)]
        taken = []
        for dose in protocol.doses():
            column = (dose.product, dose.route)
            if column in columns:
                amount = scheduled_amount(dose, self.evidence)
                scheduled[columns.index(column)].append((dose.hours, amount))
                taken.append((dose.product, dose.route, dose.hours))
        fine = [AT_START, *after_doses(self.model, taken)]
        if self.behaviour:
            fine.append(after_use(self.disorder, protocol.days))
        asked = [
            one.hours if mine else ()
            for one, mine in zip(self.model.decisions, self._enabled(protocol), strict=True)
        ]
        mesh = build_mesh(
            hours=24.0 * protocol.days,
            start_clock_hour=START_CLOCK_HOUR,
            decision_hours=asked,
            doses=scheduled,
            sample_hours=(),
            refinements=fine,
            longest=longest_step(self.model),
        )
        return sampled(mesh, protocol.hours)


def sampled(mesh: Mesh, hours: Sequence[float]) -> tuple[Mesh, tuple[NDArray[Any], NDArray[Any]]]:
    """Return a mesh that is sampled at the given hours, and the (day, slot) of each.

    Where an hour falls inside a step, the step is cut.

    Args:
        mesh: a mesh without samples.
        hours: sampling times, h, rising, inside the mesh.

    >>> mesh = build_mesh(hours=24.0, start_clock_hour=8.0, decision_hours=[], doses=[],
    ...                   sample_hours=())
    >>> finer, (day, slot) = sampled(mesh, (0.0, 0.1, 23.0))
    >>> finer.step.size - mesh.step.size, day.tolist(), slot.tolist()
    (1, [0, 0, 0], [0, 1, 2])
    """
    wanted = np.asarray(hours, dtype=float)
    near = mesh.hours[np.abs(mesh.hours[:, None] - wanted).argmin(axis=0)]
    wanted = np.where(np.abs(near - wanted) < 1e-6, near, wanted)
    starts = np.union1d(mesh.hours, wanted)
    old = np.searchsorted(mesh.hours, starts, side="right") - 1
    first = mesh.hours[old] == starts
    day = np.floor(wanted / 24.0 + 1e-9).astype(int)
    slot = np.arange(wanted.size) - np.searchsorted(day, day)
    sample_at = np.full(starts.size, -1, dtype=np.int32)
    sample_at[np.searchsorted(starts, wanted)] = slot
    end = mesh.hours[-1] + mesh.step[-1]
    finer = Mesh(
        hours=starts,
        step=np.diff(np.append(starts, end)),
        asked=mesh.asked[old] & first[:, None],
        doses=np.where(first[:, None], mesh.doses[old], 0.0),
        sample=sample_at,
        event=(mesh.event[old] & first) | (sample_at >= 0),
    )
    return finer, (day, slot)


def _steps(mesh: Mesh) -> int:
    return most_steps([mesh], multiple=8)


def _two_sizes(days: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Return the steps per day that do for most days and those that do for all.

    Every size is compiled once, and a day is padded to its size.

    >>> _two_sizes([(112, 300), (104, 50), (160, 7)])
    (112, 160)
    """
    total, seen, sizes = sum(count for _, count in days), 0, set()
    for size, count in sorted(days):
        seen += count
        if seen >= 0.8 * total:
            sizes |= {size, max(days)[0]}
            break
    return tuple(sorted(sizes))


def _columns(protocol: Protocol) -> list[tuple[Product, str]]:
    pairs = ((dose.product, dose.route) for dose in protocol.doses())
    return [pair for pair in dict.fromkeys(pairs) if pair[0].entries(pair[1])]
