"""People who are ready to be solved: what was drawn for them, in the form that the engine takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from speciosa.evidence.load import Evidence
from speciosa.people.cohort import Cohort, recruit
from speciosa.people.parameters import propensities, sample, use_doses
from speciosa.trial.design import Design


@dataclass(frozen=True)
class Recruited:
    """A cohort ready to be solved: its parameters, products and start values."""

    cohort: Cohort
    parameters: dict[str, dict[str, Any]]
    supplies: list[Any]
    start: dict[str, dict[str, Any]]


def recruited(plan: Design, evidence: Evidence, draw: np.ndarray, person: np.ndarray) -> Recruited:
    """Return the people of a study with the given draw and person numbers, ready to be solved."""
    study = plan.study
    whose = draw if plan.people_of is None else np.asarray(plan.people_of)[draw]
    cohort = replace(recruit(study.population, study.seed, whose, person), draw=draw)
    cohort = cohort.with_covariates(propensities(evidence, study.population, cohort))
    cohort = cohort.with_covariates(use_doses(evidence, cohort))
    cohort = cohort.with_covariates(plan.unit_covariates(evidence, cohort))
    disorder = plan.disorder
    cohort = cohort.with_covariates(dict.fromkeys(disorder.unmoved, 0.0))
    parameters = sample((*plan.model.stages, *plan.model.decisions), evidence, cohort)
    start: dict[str, dict[str, Any]] = {}
    if study.population.habits:
        usual, start = disorder.come(plan.model, parameters, cohort.covariates)
        cohort = cohort.with_covariates(usual)
        if disorder.taking in parameters:
            parameters[disorder.taking].update(usual)
    return Recruited(cohort, parameters, plan.supplies(evidence, cohort), start)
