"""Harms of the remedies that no symptom shows, read off every run after it: heart, liver, nuisance.

They stand beside the rest in every study that gives kratom or melatonin, whatever its file asks.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from speciosa.evidence.load import Evidence
from speciosa.people.cohort import Cohort
from speciosa.people.parameters import sample, value
from speciosa.response.side_effects import CARDIAC, LIVER, MELATONIN_ADVERSE, SIDE_EFFECTS
from speciosa.trial.outcomes import Course
from speciosa.trial.study import Arm, Endpoint, Study

KRATOM_DAY = "liver.kratom_day"
PLASMA = "mitragynine_plasma"


def side_effect_endpoints(study: Study) -> tuple[Endpoint, ...]:
    """Return the harms that a study's remedies bring beside what it measures."""
    found = []
    if _gives(study.arms, "mitragynine"):
        found += [
            _harm(study, "liver_injury", "Liver injury by kratom", "per 1000 people", 1.0, 1.0),
            _harm(study, "herg_block", "Heart: hERG channels blocked at most", "%", 100.0, 5.0),
        ]
    if _gives(study.arms, "melatonin"):
        label = "Drowsiness, headache or dizziness (melatonin)"
        found += [_harm(study, "melatonin_adverse", label, "per 1000 people", 1000.0, 50.0)]
    return tuple(found)


def side_effect_columns(
    study: Study, arm: Arm, evidence: Evidence, cohort: Cohort, course: Course
) -> dict[str, Any]:
    """Return a column for each of :func:`side_effect_endpoints`, (N,).

    Args:
        study, arm: what is run and which arm this is.
        evidence: the numbers.
        cohort: the people.
        course: their trajectories in this arm.
    """
    wanted = {each.id for each in side_effect_endpoints(study)}
    if not wanted:
        return {}
    p = sample(SIDE_EFFECTS, evidence, cohort)
    people = cohort.draw.size
    found: dict[str, Any] = {}
    if "liver_injury" in wanted and PLASMA in course.recorded:
        plasma = course.samples(PLASMA)
        peak = plasma.max(axis=(0, 1))
        days = (plasma.max(axis=1) > value(evidence, KRATOM_DAY, cohort)).sum(axis=0)
        found |= LIVER.outputs(np, {}, {"kratom_days": days.astype(float)}, p["liver"])
        heart = CARDIAC.outputs(np, {}, {PLASMA: peak}, p["cardiac"])
        found["herg_block"] = heart["herg_block"]
    if "melatonin_adverse" in wanted:
        given = np.full(people, float(_gives((arm,), "melatonin")))
        found |= MELATONIN_ADVERSE.outputs(
            np, {}, {"melatonin_given": given}, p["melatonin_adverse"]
        )
    failed = course.outcome.failed
    return {name: np.where(failed, np.nan, row) for name, row in found.items() if name in wanted}


def side_effect_records(study: Study) -> set[str]:
    """Return the records that the rows rest on."""
    if not side_effect_endpoints(study):
        return set()
    return {q.record for stage in SIDE_EFFECTS for q in stage.parameters.values()} | {KRATOM_DAY}


def _harm(study: Study, name: str, label: str, unit: str, per: float, limit: float) -> Endpoint:
    last = study.length
    return Endpoint(
        id=name,
        scale=name,
        statistic="share",
        days=(1, last),
        better="lower",
        smallest_meaningful_difference=limit,
        unit=unit,
        label=label,
        harm=True,
        per=per,
        limit=limit,
    )


def _gives(arms: tuple[Arm, ...], molecule: str) -> bool:
    return any(
        entry.startswith(molecule)
        for arm in arms
        for regimen in arm.regimens
        for phase in regimen.phases
        for entry in regimen.product.entries(phase.route)
    )
