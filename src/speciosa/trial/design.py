"""A study made ready to run: its model, its mesh per arm, its products and its decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import numpy as np

from speciosa.care.decision import decision
from speciosa.care.product import (
    BATCH_DAYS,
    Product,
    composition_factors,
    taken_up,
    unit_covariate,
)
from speciosa.care.psychosocial import parse_care
from speciosa.care.schedule import START_CLOCK_HOUR, Dose, doses, triggers
from speciosa.care.therapy import care_decision
from speciosa.core.engine import TOLERANCE, Engine, Supply
from speciosa.core.errors import InputError
from speciosa.core.mesh import Mesh, build_mesh, most_steps
from speciosa.core.random import normal
from speciosa.core.stage import Decision
from speciosa.core.wiring import Model
from speciosa.evidence.load import Evidence
from speciosa.models.interaction import longest_step
from speciosa.models.opioid import cut_down
from speciosa.people.cohort import Cohort
from speciosa.people.parameters import value
from speciosa.trial.disorder import Disorder, disorder_named
from speciosa.trial.outcomes import SAMPLE_HOURS
from speciosa.trial.steps import AT_START, after_doses, after_use
from speciosa.trial.study import Arm, Study, rescue_of

MANY_BATCHES = 1000  # more than any study opens: where other batches begin


@dataclass(frozen=True)
class Given:
    """A product by a route: one column of the schedule."""

    product: Product
    route: str

    @property
    def name(self) -> str:
        """Name of the column and of its adherence stream."""
        return f"{self.product} {self.route}"


@dataclass(frozen=True)
class Design:
    """Everything about a study that does not depend on who takes part.

    ``scaled`` multiplies what a column of the schedule brings, one factor per draw; other batches
    of every product are taken where ``first_batch`` is not 0. ``people_of`` gives the number of the
    draw whose people each draw has; without it every draw has people of its own.
    """

    study: Study
    model: Model
    given: tuple[Given, ...]
    meshes: dict[str, Mesh]
    enabled: dict[str, tuple[bool, ...]]
    recorded: tuple[str, ...]
    steps: int
    days_per_batch: int
    sample_hours: tuple[float, ...] = SAMPLE_HOURS
    lowest: tuple[str, ...] = ()
    highest: tuple[str, ...] = ()
    scaled: Mapping[str, Any] = field(default_factory=dict)
    first_batch: int = 0
    people_of: Any = None

    @property
    def disorder(self) -> Disorder:
        """What the study's disorder brings with it."""
        return disorder_named(self.study.disorder)

    def engine(
        self,
        *,
        width: int = 512,
        trace: bool = False,
        tolerance: float = TOLERANCE,
        double: bool = True,
    ) -> Engine:
        """Return the compiled engine of the study; ``double`` as the engine has it."""
        return Engine(
            self.model,
            products=[given.name for given in self.given],
            recorded=self.recorded,
            lowest=self.lowest,
            highest=self.highest,
            samples=len(self.sample_hours),
            steps=self.steps,
            width=width,
            start_clock_hour=START_CLOCK_HOUR,
            days_per_batch=self.days_per_batch,
            trace=trace,
            tolerance=tolerance,
            double=double,
        )

    def served_by(self, engine: Engine) -> bool:
        """Whether an engine was compiled for this design, whatever the numbers."""
        return (
            engine.model.units == self.model.units
            and [stage.name for stage in engine.model.stages]
            == [stage.name for stage in self.model.stages]
            and engine.products == tuple(given.name for given in self.given)
            and engine.recorded == self.recorded
            and (engine.lowest, engine.highest) == (self.lowest, self.highest)
            and (engine.samples, engine.steps) == (len(self.sample_hours), self.steps)
        )

    def supplies(self, evidence: Evidence, cohort: Cohort) -> list[Supply]:
        """Return what each product brings to each person, batch by batch."""
        batches = ceil(self.study.length / self.days_per_batch)
        supplies = []
        for given in self.given:
            values = {r: value(evidence, r, cohort) for r in given.product.records()}
            first = self.first_batch * MANY_BATCHES
            strengths = [
                composition_factors(
                    given.product,
                    batch_scores(cohort, given.product, number),
                    values,
                    given.route,
                    own_scores(cohort, given.product, number),
                )
                for number in range(first, first + batches)
            ]
            content = {e: np.stack([s[e] for s in strengths]) for e in strengths[0]}
            if given.name in self.scaled:
                factor = np.asarray(self.scaled[given.name])[cohort.draw]
                content = {e: factor * rows for e, rows in content.items()}
            supplies.append(
                Supply(
                    given.name,
                    content,
                    adherence=cohort.covariates["adherence"],
                    supervised_days=self.study.population.residential_days,
                )
            )
        return supplies

    def unit_covariates(self, evidence: Evidence, cohort: Cohort) -> dict[str, Any]:
        """Return nmol per unit of every product that waits for something (its first batch)."""
        found: dict[str, Any] = {}
        for arm in self.study.arms:
            for trigger in _triggers(arm, self.study.length):
                product = trigger.product
                values = {r: value(evidence, r, cohort) for r in product.records()}
                strength = composition_factors(
                    product, batch_scores(cohort, product, 0), values, trigger.route
                )
                share = taken_up(product, trigger.amount, values) / trigger.amount
                found |= {
                    unit_covariate(product, entry, trigger.amount): share * row
                    for entry, row in strength.items()
                }
        return found

    def ligands(self, arm: Arm) -> tuple[str, ...]:
        """Return the mu ligands that an arm assigns, by the name of their occupancy."""
        entries = {
            e
            for regimen in arm.regimens
            for route in regimen.product.routes
            for e in regimen.product.entries(route)
        }
        names = {entry.rsplit("_", 1)[0] for entry in entries}
        return tuple(sorted(n for n in names if f"mu_occupancy_{n}" in self.recorded))


def batch_scores(cohort: Cohort, product: Product, number: int) -> Any:
    """Return the standard-normal score of each person's ``number``-th batch of a product."""
    return normal(cohort.streams, f"batch: {product.key}", number)


def own_scores(cohort: Cohort, product: Product, number: int) -> dict[str, Any]:
    """Return each constituent's own score of a batch, for those that only partly share one."""
    return {
        one.name: normal(cohort.streams, f"batch: {product.key}: {one.name}", number)
        for one in product.constituents
        if one.batch_cv and one.shared
    }


def design(
    study: Study,
    evidence: Evidence,
    *,
    behaviour: bool = True,
    sample_hours: tuple[float, ...] = SAMPLE_HOURS,
    quantities: Callable[[Model], Iterable[str]] | None = None,
    recipe: Callable[..., Model] | None = None,
    whole: bool = False,
) -> Design:
    """Return the design of a study.

    Args:
        study: the study.
        evidence: the numbers; the days per batch and how doses are taken up are read here.
        behaviour: False leaves out cues, use and leaving.
        sample_hours: clock hours at which quantities are sampled, every day.
        quantities: names what to record of a model; by default everything that a trial of the
            disorder reports and the study's endpoints ask for.
        recipe: another recipe than the disorder's.
        whole: products bring all their alkaloids, each with its own variation between batches.

    The recipe is cut down to what its decisions, its extremes and what is recorded rest on.
    """
    given = _given(study, whole)
    waiting = {arm.name: _decisions(arm, study) for arm in study.arms}
    every = tuple(one for decisions in waiting.values() for one in decisions)
    entries = {e for one in given for e in one.product.entries(one.route)}
    entries |= {e for one in every for e in one.doses}
    disorder = disorder_named(study.disorder)
    model = (recipe or disorder.recipe)(entries, every, behaviour=behaviour)
    if quantities is None:
        asked = [endpoint.scale for endpoint in study.endpoints]
        recorded = disorder.recorded(model, asked, behaviour)
        recorded += tuple(name for arm in study.arms for name in rescue_counts(study, arm))
        extremes = [*disorder.lowest, *disorder.highest]
        model = cut_down(model, [*recorded, *extremes, *takers(model, entries)], model.decisions)
    else:
        recorded = tuple(quantities(model))
        moved = disorder.arriving if study.population.habits else ()
        model = cut_down(model, [*recorded, *moved, *takers(model, entries)], every)
    own = len(model.decisions) - len(every)
    enabled = {
        arm.name: (True,) * own + tuple(one in waiting[arm.name] for one in every)
        for arm in study.arms
    }
    meshes = {
        arm.name: _mesh(study, arm, model, given, behaviour, sample_hours, evidence)
        for arm in study.arms
    }
    return Design(
        study,
        model,
        given,
        meshes,
        enabled,
        recorded,
        most_steps(list(meshes.values())),
        round(evidence.number(BATCH_DAYS).value),
        sample_hours,
        lowest=tuple(q for q in disorder.lowest if q in model.units),
        highest=tuple(q for q in disorder.highest if q in model.units),
    )


def takers(model: Model, entries: Iterable[str]) -> tuple[str, ...]:
    """Return a quantity of each stage that takes a dose, so that none is cut away.

    Args:
        model: the whole recipe.
        entries: dose entries of what is given.

    Raises:
        InputError: the recipe has nothing that takes one of them.
    """
    known = model.entries()
    for entry in sorted(entries):
        if entry not in known:
            raise InputError(
                f'people of this disorder are not simulated on "{entry.split("_")[0]}"',
                "regimens",
                "Alcohol and what treats it belong to the disorder or population alcohol.",
            )
    taking = {stage for entry in entries for stage, _, _ in known[entry]}
    return tuple(next(iter(s.gives)) for s in model.stages if s.name in taking and s.gives)


def _given(study: Study, whole: bool = False) -> tuple[Given, ...]:
    found: dict[str, Given] = {}
    for arm in study.arms:
        for regimen in arm.regimens:
            for dose in doses(regimen, days=study.length):
                product = dose.product.whole() if whole else dose.product
                given = Given(product, dose.route)
                if dose.product.entries(dose.route):
                    found.setdefault(given.name, given)
    return tuple(found.values())


def _triggers(arm: Arm, days: int) -> list[Any]:
    return [one for regimen in arm.regimens for one in triggers(regimen, days=days)]


def _decisions(arm: Arm, study: Study) -> tuple[Decision, ...]:
    waited = tuple(
        decision(trigger, f"{arm.name}_{trigger.product.key}_{number}")
        for number, trigger in enumerate(_triggers(arm, study.length))
    )
    care = care_decision(parse_care(arm.care), arm.name, study.days)
    return waited if care is None else (*waited, care)


def rescue_counts(study: Study, arm: Arm) -> tuple[str, ...]:
    """Return the quantities that count an arm's rescue doses."""
    saved = rescue_of(study.protocol)
    own = len(arm.regimens) - len(saved)
    first = sum(len(triggers(r, days=study.length)) for r in arm.regimens[:own])
    waiting = _triggers(arm, study.length)[first:]
    return tuple(
        f"{arm.name}_{trigger.product.key}_{number}_doses"
        for number, trigger in enumerate(waiting, first)
    )


def scheduled_amount(dose: Dose, evidence: Evidence) -> float:
    """Return the amount of a scheduled dose as the engine counts it (:func:`taken_up`)."""
    if dose.product.uptake is None:
        return dose.amount
    values = {record: evidence.number(record).value for record in dose.product.records()}
    return float(taken_up(dose.product, dose.amount, values))


def _mesh(
    study: Study,
    arm: Arm,
    model: Model,
    given: tuple[Given, ...],
    behaviour: bool,
    sample_hours: tuple[float, ...],
    evidence: Evidence,
) -> Mesh:
    scheduled: dict[str, list[tuple[float, float]]] = {one.name: [] for one in given}
    taken: list[tuple[Product, str, float]] = []
    for regimen in arm.regimens:
        for dose in doses(regimen, days=study.length):
            column = Given(dose.product, dose.route).name
            if column in scheduled:
                scheduled[column].append((dose.hours, scheduled_amount(dose, evidence)))
                taken.append((dose.product, dose.route, dose.hours))
    refinements = [AT_START, *after_doses(model, taken)]
    if behaviour:
        refinements.append(after_use(disorder_named(study.disorder), study.length))
    return build_mesh(
        hours=24.0 * study.length,
        start_clock_hour=START_CLOCK_HOUR,
        decision_hours=[one.hours for one in model.decisions],
        doses=[scheduled[one.name] for one in given],
        sample_hours=sample_hours,
        refinements=refinements,
        longest=longest_step(model),
    )
