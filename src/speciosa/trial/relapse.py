"""Overdose at one return to use after a trial, for every opioid study, as harms beside the rest.

The rows do not hang on what a study file asks for: whoever is studied with an opioid habit has
them. They are chances given that the usual dose is taken once more: at the end of the study, and
after four more weeks without any opioid, when tolerance is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from speciosa.care.schedule import START_CLOCK_HOUR
from speciosa.core.outcome import Outcome
from speciosa.core.random import uniform
from speciosa.core.wiring import Model
from speciosa.evidence.load import Evidence
from speciosa.models.opioid import HABITUAL
from speciosa.models.relapse import CIRCUMSTANCES, EXTRA, MINUTES, Before, return_to_use
from speciosa.people.cohort import DRUGS, Cohort
from speciosa.people.parameters import sample
from speciosa.trial.study import Endpoint, Study

PREFIX = "return_overdose_"
LIMIT = 20.0  # per 1000 returns: the excess that a bar counts as more harm
LABELS = {
    "as_they_are": "Life-threatening overdose at one return to use after the study, nobody there",
    "tolerance_kept": "The same, with tolerance as on arrival",
    "tolerance_lost": "The same, with tolerance lost: after 4 weeks without any opioid",
    "lost_with_naloxone": "Tolerance lost, with somebody there who gives naloxone",
    "lost_with_alcohol": "Tolerance lost, after drinking alcohol, nobody there",
    "lost_with_alcohol_and_naloxone": "Tolerance lost, after alcohol, with naloxone given",
}


def returns(study: Study) -> bool:
    """Say whether a study's people have an opioid habit to return to."""
    return study.disorder == "opioid" and bool(study.population.habits)


def return_endpoints(study: Study) -> tuple[Endpoint, ...]:
    """Return the harms of one return to use; none where nobody has an opioid habit."""
    if not returns(study):
        return ()
    last = study.length
    return tuple(
        Endpoint(
            id=PREFIX + each.name,
            scale=PREFIX + each.name,
            statistic="share",
            days=(last, last),
            better="lower",
            smallest_meaningful_difference=LIMIT,
            unit="per 1000 returns",
            label=LABELS[each.name],
            harm=True,
            per=1000.0,
            limit=LIMIT,
        )
        for each in CIRCUMSTANCES
    )


def return_columns(
    study: Study,
    model: Model,
    evidence: Evidence,
    cohort: Cohort,
    parameters: Mapping[str, Mapping[str, Any]],
    start: Mapping[str, Mapping[str, Any]],
    outcome: Outcome,
) -> dict[str, Any]:
    """Return the chance of each person in each circumstance, a column for each.

    Args:
        study, model, evidence: what is run, on what.
        cohort: the people.
        parameters: stage -> symbol -> value, as the engine had it.
        start: what they arrived with.
        outcome: the run of one arm.
    """
    if not returns(study):
        return {}
    integrated = [s for s in HABITUAL if not _wired(model, s.name).modes]
    steps = np.array([MINUTES.get(drug, 1.0) for drug in DRUGS])
    found = return_to_use(
        Before(
            model=model,
            parameters=parameters,
            extra=sample((*EXTRA, *integrated), evidence, cohort),
            covariates=cohort.covariates,
            arrived=start["adaptation"],
            final=outcome.final,
            memory=outcome.memory,
            hours=24.0 * study.length - 1e-6,
            start_clock_hour=START_CLOCK_HOUR,
            share=uniform(np, cohort.streams, "return to use", np.uint32(0)),
            minutes=steps[np.asarray(cohort.covariates["drug"], dtype=int)],
        )
    )
    return {PREFIX + n: np.where(outcome.failed, np.nan, row) for n, row in found.items()}


def return_records(study: Study) -> set[str]:
    """Return the records that the rows rest on beside the model's own."""
    if not returns(study):
        return set()
    return {p.record for stage in EXTRA for p in stage.parameters.values()}


def _wired(model: Model, name: str) -> Any:
    return next(stage for stage in model.stages if stage.name == name)
