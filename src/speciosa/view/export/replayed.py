"""A study's people, run once, so that what was decided and given can be exported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speciosa.core.errors import InputError
from speciosa.evidence.load import Evidence
from speciosa.trial.design import Design
from speciosa.trial.recruited import Recruited, recruited
from speciosa.trial.study import FEWEST_PEOPLE
from speciosa.view.export.people import values
from speciosa.view.export.reading import Reading
from speciosa.view.export.record import Record, record

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Replay:
    """Who took part and what happened to them, arm by arm.

    Args:
        table: name -> row (N,) of every parameter, start and input.
        records: arm -> what was decided and given.
    """

    table: Mapping[str, Array]
    records: Mapping[str, Record]


def replay(plan: Design, reading: Reading, evidence: Evidence, people: int) -> Replay:
    """Run the first people of a study through every arm and return the record of each.

    Args:
        plan: the study's design.
        reading: its model, read.
        evidence: the numbers.
        people: how many, at least 20; they are the study's own people, draw after draw.

    Raises:
        InputError: fewer people than a cohort has.
    """
    if people < FEWEST_PEOPLE:
        raise InputError(
            f"{people} people",
            "--people",
            f"A cohort has at least {FEWEST_PEOPLE}: this tool speaks of populations.",
        )
    cohort, table = group(plan, reading, evidence, people)
    engine = plan.engine(width=-(-people // 2), trace=True)
    records = {}
    for arm in plan.study.arms:
        outcome = engine.solve(
            plan.meshes[arm.name],
            cohort.parameters,
            cohort.cohort.streams,
            cohort.supplies,
            enabled=plan.enabled[arm.name],
            start=cohort.start,
        )
        records[arm.name] = record(reading, outcome.trace, people, engine.start_clock_hour)
    return Replay(table, records)


def group(
    plan: Design, reading: Reading, evidence: Evidence, people: int
) -> tuple[Recruited, dict[str, Array]]:
    """Return the first people of a study, and their values by the names of a reading."""
    number = np.arange(people)
    cohort = recruited(plan, evidence, number // plan.study.people, number % plan.study.people)
    return cohort, values(reading, plan.model, cohort.parameters, people, cohort.start)
