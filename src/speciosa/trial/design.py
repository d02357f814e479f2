"""A study made ready to run: its model, its mesh per arm, its products and its decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from speciosa.care.decision import decision
from speciosa.care.product import BATCH_DAYS, Product, composition_factors, unit_covariate
from speciosa.care.schedule import START_CLOCK_HOUR, doses, triggers
from speciosa.core.engine import TOLERANCE, Engine, Supply
from speciosa.core.mesh import Mesh, Refinement, build_mesh, most_steps
from speciosa.core.random import normal
from speciosa.core.stage import Decision
from speciosa.core.wiring import Model
from speciosa.evidence.load import Evidence
from speciosa.models.opioid import cut_down, opioid
from speciosa.people.cohort import Cohort
from speciosa.people.parameters import value
from speciosa.response.behaviour import SLOTS
from speciosa.trial.outcomes import SAMPLE_HOURS
from speciosa.trial.study import Arm, Study

AFTER_USE = 0.01  # h, first step after an opioid may have been injected
AFTER_DOSE = 0.02  # h, first step after any other dose
ALWAYS = (
    "cows",
    "sows_gossop",
    "oows",
    "craving",
    "withdrawal",
    "adaptation",
    "mu_occupancy",
    "mu_signal",
    "ventilation",
    "melatonin_plasma",
    "total_sleep_time",
    "sleep_onset_latency",
    "sleep_efficiency",
    "psqi",
)
BEHAVING = (
    "in_treatment",
    "using_today",
    "days_abstinent",
    "relapsed_day",
    "dropout_day",
    "use_days_7",
)
IF_THERE = (
    "mitragynine_plasma",
    "hydroxymitragynine_plasma",
    "mu_occupancy_mitragynine",
    "mu_occupancy_hydroxymitragynine",
    "buprenorphine_plasma",
    "mu_occupancy_buprenorphine",
    "mu_occupancy_methadone",
    "mu_occupancy_naltrexone",
    "mu_occupancy_naloxone",
    "methadone_plasma",
    "lofexidine_plasma",
    "clonidine_plasma",
    "alpha2_relief",
)
LOWEST = ("ventilation",)
HIGHEST = ("cows",)


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
    """Everything about a study that does not depend on who takes part."""

    study: Study
    model: Model
    given: tuple[Given, ...]
    meshes: dict[str, Mesh]
    enabled: dict[str, tuple[bool, ...]]
    recorded: tuple[str, ...]
    steps: int
    days_per_batch: int
    sample_hours: tuple[float, ...] = SAMPLE_HOURS
    lowest: tuple[str, ...] = LOWEST
    highest: tuple[str, ...] = HIGHEST

    def engine(
        self, *, width: int = 512, trace: bool = False, tolerance: float = TOLERANCE
    ) -> Engine:
        """Return the compiled engine of the study."""
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
        )

    def supplies(self, evidence: Evidence, cohort: Cohort) -> list[Supply]:
        """Return what each product brings to each person, batch by batch."""
        batches = ceil(self.study.length / self.days_per_batch)
        supplies = []
        for given in self.given:
            values = {r: value(evidence, r, cohort) for r in given.product.records()}
            scores = [batch_scores(cohort, given.product, number) for number in range(batches)]
            strengths = [composition_factors(given.product, z, values, given.route) for z in scores]
            content = {e: np.stack([s[e] for s in strengths]) for e in strengths[0]}
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
                found |= {unit_covariate(product, e): row for e, row in strength.items()}
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


def design(
    study: Study,
    evidence: Evidence,
    *,
    behaviour: bool = True,
    sample_hours: tuple[float, ...] = SAMPLE_HOURS,
    quantities: Callable[[Model], Iterable[str]] | None = None,
) -> Design:
    """Return the design of a study.

    Args:
        study: the study.
        evidence: the numbers; only the days per batch are read here.
        behaviour: False leaves out cues, use and leaving.
        sample_hours: clock hours at which quantities are sampled, every day.
        quantities: names what to record of a model, which is then cut down to what that needs;
            by default the whole model is kept and everything that a trial reports is recorded.
    """
    given = _given(study)
    waiting = {arm.name: _decisions(arm, study.length) for arm in study.arms}
    every = tuple(one for decisions in waiting.values() for one in decisions)
    entries = {e for one in given for e in one.product.entries(one.route)}
    entries |= {e for one in every for e in one.doses}
    model = opioid(entries, every, behaviour=behaviour)
    recorded = _recorded(model, behaviour) if quantities is None else tuple(quantities(model))
    if quantities is not None:
        model = cut_down(model, recorded, every)
    own = len(model.decisions) - len(every)
    enabled = {
        arm.name: (True,) * own + tuple(one in waiting[arm.name] for one in every)
        for arm in study.arms
    }
    meshes = {
        arm.name: _mesh(study, arm, model, given, behaviour, sample_hours) for arm in study.arms
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
        lowest=tuple(q for q in LOWEST if q in model.units),
        highest=tuple(q for q in HIGHEST if q in model.units),
    )


def _recorded(model: Model, behaviour: bool) -> tuple[str, ...]:
    wanted = [*ALWAYS, *(BEHAVING if behaviour else ())]
    return (*wanted, *(quantity for quantity in IF_THERE if quantity in model.units))


def _given(study: Study) -> tuple[Given, ...]:
    found: dict[str, Given] = {}
    for arm in study.arms:
        for regimen in arm.regimens:
            for dose in doses(regimen, days=study.length):
                given = Given(dose.product, dose.route)
                if dose.product.entries(dose.route):
                    found.setdefault(given.name, given)
    return tuple(found.values())


def _triggers(arm: Arm, days: int) -> list[Any]:
    return [one for regimen in arm.regimens for one in triggers(regimen, days=days)]


def _decisions(arm: Arm, days: int) -> tuple[Decision, ...]:
    return tuple(
        decision(trigger, f"{arm.name}_{trigger.product.key}_{number}")
        for number, trigger in enumerate(_triggers(arm, days))
    )


def _mesh(
    study: Study,
    arm: Arm,
    model: Model,
    given: tuple[Given, ...],
    behaviour: bool,
    sample_hours: tuple[float, ...],
) -> Mesh:
    scheduled: dict[str, list[tuple[float, float]]] = {one.name: [] for one in given}
    for regimen in arm.regimens:
        for dose in doses(regimen, days=study.length):
            column = Given(dose.product, dose.route).name
            if column in scheduled:
                scheduled[column].append((dose.hours, dose.amount))
    dose_hours = sorted({hours for rows in scheduled.values() for hours, _ in rows})
    refinements = [Refinement(tuple(dose_hours), AFTER_DOSE)]
    if behaviour:
        use = [
            24.0 * day + (slot - START_CLOCK_HOUR) % 24.0
            for day in range(study.length)
            for slot in SLOTS
        ]
        refinements.append(Refinement(tuple(use), AFTER_USE))
    return build_mesh(
        hours=24.0 * study.length,
        start_clock_hour=START_CLOCK_HOUR,
        decision_hours=[one.hours for one in model.decisions],
        doses=[scheduled[one.name] for one in given],
        sample_hours=sample_hours,
        refinements=refinements,
    )
