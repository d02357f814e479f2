"""Parameters of the alcohol stages at their central values, and the people who drink."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from opioid_trials import central
from speciosa.core.stage import Decision, Stage
from speciosa.models.alcohol import alcohol
from speciosa.models.drinking_history import come
from speciosa.people.cohort import DRINKERS, Cohort, recruit
from speciosa.people.parameters import propensities, sample, use_doses
from speciosa.trial.disorder import ALCOHOL
from withdrawal_chain import values

Rows = dict[str, Any]


def at_record(part: Stage | Decision, changed: dict[str, Any] | None = None, **person: Any) -> Rows:
    """Return a part's parameters at their records, with covariates, and what it derives of them.

    Args:
        part: a stage or decision.
        changed: record id -> value in the record's unit.
        person: covariates.
    """
    bare = replace(part, covariates={})
    if isinstance(bare, Stage):
        bare = replace(bare, derive=None)
    p = values(bare, changed) | person
    derive = getattr(part, "derive", None)
    return p | (derive(p) if derive else {})


def drinkers(people: int, **changed: Any) -> tuple[Cohort, dict[str, Rows], Rows, dict[str, Rows]]:
    """Return people with alcohol dependence: cohort, parameters, usual amounts, start."""
    evidence, population = central(), replace(DRINKERS, **changed)
    who = np.arange(people)
    cohort = recruit(population, 3, np.zeros_like(who), who)
    cohort = cohort.with_covariates(propensities(evidence, population, cohort))
    cohort = cohort.with_covariates(use_doses(evidence, cohort))
    cohort = cohort.with_covariates(dict.fromkeys(ALCOHOL.unmoved, 0.0))
    model = alcohol(())
    table = sample((*model.stages, *model.decisions), evidence, cohort)
    usual, start = come(model, table, cohort.covariates)
    return cohort, table, usual, start
