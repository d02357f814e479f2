"""Concentrations of a study's people, sampled as a trial would take blood, with the doses given.

The study's own people are solved once more by its own model, cut down to what the concentrations
rest on: doses, use and leaving are those of the trial.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.care.schedule import START_CLOCK_HOUR
from speciosa.core.errors import InputError
from speciosa.core.mesh import Mesh
from speciosa.core.wiring import Model
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.trial.design import Design, design
from speciosa.trial.recruited import Recruited, recruited
from speciosa.trial.study import FEWEST_PEOPLE, Study

Array = NDArray[np.float64]
PLASMA = "_plasma"
BEHAVIOUR = ("in_treatment", "using_today")
EVERY = 0.5  # h between samples
DAY = 24.0
CLOCK_HOURS = tuple((START_CLOCK_HOUR + EVERY * k) % DAY for k in range(round(DAY / EVERY)))


@dataclass(frozen=True)
class Taken:
    """What one arm's people were given and what was found in their plasma.

    Args:
        hours: sampling times, h, (T,).
        concentrations: quantity -> (T, N).
        given: (hours, dose entry, nmol of each person (N,)), in time.
        trace: the engine's trace, from which an export replays the run.
    """

    hours: Array
    concentrations: Mapping[str, Array]
    given: tuple[tuple[float, str, Array], ...]
    trace: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Profiles:
    """Concentrations of people, arm by arm.

    Args:
        draw, person: who they are, (N,).
        units: quantity -> unit.
        entries: the dose entries of the model.
        arms: name -> what was given and found.
        plan: the design that was solved.
        people: its people.
    """

    draw: NDArray[np.int64]
    person: NDArray[np.int64]
    units: Mapping[str, str]
    entries: tuple[str, ...]
    arms: Mapping[str, Taken]
    plan: Design | None = None
    people: Recruited | None = None


def profiles(
    study: Study, people: int, *, days: int = 1, evidence: Evidence | None = None
) -> Profiles:
    """Solve the first people of a study and return their concentrations every half hour.

    Args:
        study: the study; everything that its arms give is followed, with metabolites.
        people: how many, at least 20, draw after draw.
        days: how many of its days.
        evidence: the numbers; the study's own by default.

    Raises:
        InputError: fewer people than a cohort has, or a study that gives nothing.
    """
    if people < FEWEST_PEOPLE:
        cure = f"A cohort has at least {FEWEST_PEOPLE}: this tool speaks of populations."
        raise InputError(f"{people} people", "--people", cure)
    numbers = evidence or load_evidence(overlay=study.evidence_set)
    plan = design(
        study,
        numbers,
        sample_hours=CLOCK_HOURS,
        quantities=lambda model: (*analytes(model, study), *_behaviour(model)),
    )
    found = analytes(plan.model, study)
    if not found:
        raise InputError("gives nothing that is followed in plasma", study.id, "Add a regimen.")
    number = np.arange(people)
    cohort = recruited(plan, numbers, number // study.people, number % study.people)
    engine = plan.engine(width=-(-people // 2), trace=True)
    arms = {}
    for arm in study.arms:
        outcome = engine.solve(
            first_days(plan.meshes[arm.name], days),
            cohort.parameters,
            cohort.cohort.streams,
            cohort.supplies,
            enabled=plan.enabled[arm.name],
            start=cohort.start,
        )
        arms[arm.name] = taken(found, plan.recorded, outcome.samples, outcome.trace, people)
    units = {name: plan.model.units[name] for name in found}
    entries = tuple(plan.model.entries())
    return Profiles(cohort.cohort.draw, cohort.cohort.person, units, entries, arms, plan, cohort)


def _behaviour(model: Model) -> tuple[str, ...]:
    return tuple(name for name in BEHAVIOUR if name in model.units)


def analytes(model: Model, study: Study) -> tuple[str, ...]:
    """Return the plasma concentrations of everything that the arms of a study give."""
    used = {
        entry
        for arm in study.arms
        for regimen in arm.regimens
        for phase in regimen.phases
        for entry in regimen.product.entries(phase.route)
    }
    return tuple(
        quantity
        for stage in model.stages
        if used & set(stage.entries)
        for quantity in stage.gives
        if quantity.endswith(PLASMA)
    )


def taken(
    names: Iterable[str],
    recorded: tuple[str, ...],
    samples: Array,
    trace: Iterable[Mapping[str, Any]],
    people: int,
) -> Taken:
    """Return an arm's concentrations and doses from what its engine returned.

    Args:
        names: quantities that are followed.
        recorded: names of the engine's samples.
        samples: (days, S, R, N).
        trace: one entry per day, with the doses at every mesh point.
        people: how many of its people.
    """
    days, moments = samples.shape[:2]
    flat = samples.reshape(days * moments, samples.shape[2], -1)
    given = [
        (float(hours), entry, np.asarray(rows[k])[:people])
        for day in trace
        for k, hours in enumerate(day["mesh"].hours)
        for entry, rows in day["given"].items()
        if np.any(np.asarray(rows[k])[:people])
    ]
    return Taken(
        EVERY * np.arange(days * moments),
        {name: flat[:, recorded.index(name), :people] for name in names},
        tuple(given),
        tuple(trace),
    )


def first_days(mesh: Mesh, days: int) -> Mesh:
    """Return the part of a mesh that covers its first days."""
    kept = mesh.hours < DAY * days - 1e-9
    rows = {name: getattr(mesh, name)[kept] for name in mesh.__dataclass_fields__}
    return replace(mesh, **rows)
