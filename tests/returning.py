"""People on arrival, as if a trial had just ended: what one return to use is computed from."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from speciosa.core.reference import beginning
from speciosa.evidence.load import load_evidence
from speciosa.trial.design import design
from speciosa.trial.recruited import recruited
from speciosa.trial.relapse import PREFIX, return_columns
from speciosa.trial.simulate import central
from speciosa.trial.study import load_study


@cache
def arrived(people: int = 200) -> SimpleNamespace:
    """The default study's people with everything that a return needs."""
    evidence = central(load_evidence())
    study = load_study("combination-opioid").resized(people=people, draws=1)
    plan = design(study, evidence)
    who = np.arange(people)
    group = recruited(plan, evidence, np.zeros_like(who), who)
    stages = beginning(plan.model.stages, group.parameters, people, group.start)
    memory = beginning(plan.model.decisions, group.parameters, people)
    return SimpleNamespace(
        evidence=evidence, study=study, plan=plan, group=group, final=stages, memory=memory
    )


def risks(final: dict[str, Any] | None = None, people: int = 200) -> dict[str, Any]:
    """Circumstance -> chances, with some states replaced."""
    here = arrived(people)
    outcome = SimpleNamespace(
        final={**here.final, **(final or {})},
        memory=here.memory,
        failed=np.zeros(people, dtype=bool),
    )
    found = return_columns(
        here.study, here.plan.model, here.evidence, here.group.cohort, here.group.parameters,
        here.group.start, outcome,  # type: ignore[arg-type]
    )  # fmt: skip
    return {name.removeprefix(PREFIX): row for name, row in found.items()}


def without_tolerance(people: int = 200) -> dict[str, Any]:
    """Adaptation gone."""
    nothing = np.zeros(people)
    return {"adaptation": dict.fromkeys(arrived(people).final["adaptation"], nothing)}
