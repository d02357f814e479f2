"""Published trials in people with opioid use disorder, run with the engine on the central values.

Everybody differs (people, habits, batches); what nobody knows stands at its central value, so a
trial is one draw and its result is the same on every run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

import numpy as np

from speciosa.care.regimen import parse_regimens
from speciosa.core.wiring import Model
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.people.cohort import Population
from speciosa.trial.design import design
from speciosa.trial.outcomes import SAMPLE_HOURS, Course, endpoint_values
from speciosa.trial.recruited import Recruited
from speciosa.trial.run import Runner
from speciosa.trial.study import Arm, Endpoint, Rule, Study


@cache
def central() -> Evidence:
    """Return the evidence with every number at its central value; people still differ."""
    evidence = load_evidence()
    fixed = {name: replace(number, spread=None) for name, number in evidence.numbers.items()}
    return replace(evidence, numbers=MappingProxyType(fixed))


def study(
    arms: Mapping[str, Sequence[str]],
    days: int,
    population: Population,
    *,
    people: int = 200,
    estimand: Mapping[str, str] | None = None,
) -> Study:
    """Return a study with these arms: name -> lines of the regimen language."""
    made = tuple(
        Arm(name, tuple(r for line in lines for r in parse_regimens(line)), "standard")
        for name, lines in arms.items()
    )
    return Study(
        id="published", question="", context_of_use="tests", disorder="opioid", days=days,
        follow_up_days=0, seed=20261122, people=people, draws=1, population=population, arms=made,
        endpoints=(), estimand=estimand or {}, evidence_set="evidence", decision=Rule(), primary="",
    )  # fmt: skip


def endpoint(scale: str, statistic: str, first: int, last: int, better: str = "lower") -> Endpoint:
    """Return an endpoint over days counted from 1."""
    return Endpoint("asked", scale, statistic, (first, last), better, 1.0, "", "")


@dataclass(frozen=True)
class Seen:
    """What a trial saw in one arm."""

    study: Study
    course: Course
    people: Recruited
    constants: Mapping[str, float]

    def values(self, asked: Endpoint, which: int = 0) -> np.ndarray:
        """Return the true (0) or observed (1) value of an endpoint in each person."""
        streams = self.people.cohort.streams
        return endpoint_values(asked, self.course, self.constants, streams, self.study.estimand)[
            which
        ]


def run(
    asked: Study,
    *,
    behaviour: bool = True,
    sample_hours: tuple[float, ...] = SAMPLE_HOURS,
    quantities: Callable[[Model], tuple[str, ...]] | None = None,
    evidence: Evidence | None = None,
) -> dict[str, Seen]:
    """Run every arm of a study and return what was seen, arm by arm; nobody may fail."""
    evidence = evidence or central()
    plan = design(
        asked, evidence, behaviour=behaviour, sample_hours=sample_hours, quantities=quantities
    )
    everybody = np.arange(asked.draws * asked.people)
    runner = Runner(plan, evidence, width=-(-everybody.size // 2))
    people = runner.recruit(everybody // asked.people, everybody % asked.people)
    found = {}
    for arm in asked.arms:
        outcome = runner.outcomes(arm, {0: people})[0]
        assert not outcome.failed.any()
        limit = evidence.number("breathing.low_ventilation").value
        course = Course(
            outcome, plan.recorded, plan.lowest, plan.highest, np.full(everybody.size, limit),
            plan.ligands(arm),
        )  # fmt: skip
        found[arm.name] = Seen(asked, course, people, runner.constants)
    return found


def in_order(seen: Seen, quantity: str) -> np.ndarray:
    """Return a quantity at every sample from the study's start on, (times, N)."""
    samples = seen.course.samples(quantity)
    return samples.reshape(-1, samples.shape[-1])
