"""What decides a verdict: screened, then shared out, then put to the test by runs of their own.

First the claim's two arms are run as usual and every sampled number is ranked by what it explains
(:mod:`speciosa.verdict.information`); the strongest are screened after Morris with everything else
held; the strongest of those get Sobol indices beside one more input, the people. Then the change of
one number that should turn the verdict is made, and the verdict is run again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.claim import Claim
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.evidence.sample import draw_value
from speciosa.trial.run import Progress
from speciosa.trial.sensitivity import run_design, worlds
from speciosa.trial.study import FEWEST_PEOPLE, Endpoint, Study, load_study
from speciosa.verdict.appraise import endpoint_spec
from speciosa.verdict.decide import DecisionRule, decide
from speciosa.verdict.document import plain
from speciosa.verdict.effect import Effect, EndpointSpec, effect
from speciosa.verdict.information import Information, decides, information
from speciosa.verdict.sensitivity import (
    identifiability,
    morris_design,
    morris_indices,
    scores,
    sensitivity_matrix,
    sobol_design,
    sobol_indices,
)
from speciosa.verdict.weakest import load_bearing, weakest_of

Array = NDArray[np.float64]
PEOPLE = "people"
DEFAULT = {"opioid": "combination-opioid", "alcohol": "combination-alcohol"}
CROWDS = 4096  # different sets of people that the input "people" chooses from
STEP = 0.5  # standard deviations: wide, because decisions make answers step
LOST = 0.02  # singular value, as a share of the largest, under which a direction counts as lost


@dataclass(frozen=True)
class Effort:
    """How much is simulated.

    Args:
        draws: worlds of the ordinary run.
        people: people of a world.
        screened: numbers that are screened; 0 leaves screening out.
        trajectories: of the screening.
        shared: numbers that the variance is shared out over; 0 leaves Sobol indices out.
        base: points of the Saltelli sample, a power of 2.
        confirming: worlds in which the change that should turn the verdict is made.
    """

    draws: int = 100
    people: int = FEWEST_PEOPLE
    screened: int = 10
    trajectories: int = 6
    shared: int = 5
    base: int = 32
    confirming: int = 40

    def worlds(self) -> int:
        """Return how many worlds are simulated at most."""
        screening = self.trajectories * (self.screened + 1) if self.screened else 0
        sharing = self.base * (self.shared + 3) if self.shared else 0
        return self.draws + screening + sharing + 2 * self.screened + self.confirming


@dataclass(frozen=True)
class Comparison:
    """What is asked: two arms, the endpoint with its threshold, and the claim's own numbers."""

    arm: str
    versus: str
    endpoint: Endpoint
    spec: EndpointSpec
    edges: tuple[str, ...] = ()
    claim: str = ""


def asked_of(target: str, claim: str | None = None) -> tuple[Study, str | None]:
    """Return the study and the claim that a user named by one word.

    Args:
        target: a study file, a shipped study, or the id of a claim.
        claim: a claim of the study.

    >>> asked_of("combination-opioid")[0].id
    'combination-opioid'
    """
    known = load_evidence().claims
    if target in known:
        return load_study(DEFAULT[known[target].disorder]), target
    return load_study(target), claim


def comparison(study: Study, evidence: Evidence, claim: str | None = None) -> Comparison:
    """Return what a study's verdict compares: that of a claim, or of its headline.

    Raises:
        InputError: a claim that is not known, or that the study cannot settle by two arms.
    """
    known = [c for c in evidence.claims.values() if c.disorder == study.disorder]
    if claim is not None and claim not in evidence.claims:
        raise InputError(f'no claim "{claim}"', "sensitivity", nearest(claim, evidence.claims))
    wanted = [c for c in known if c.id == claim] if claim else [*known]
    wanted.sort(key=lambda c: not c.headline)
    for one in wanted:
        found = _of(one, study)
        if found is not None:
            return found
    if claim is not None:
        raise InputError(
            f'"{claim}" is not settled by two arms of "{study.id}" on one endpoint',
            "sensitivity", "Name a study that has its arms and its endpoint.",
        )  # fmt: skip
    primary = next(e for e in study.endpoints if e.id == study.primary)
    remedy = next((a for a in study.arms if a.role not in ("placebo", "standard")), study.arms[-1])
    return Comparison(remedy.name, study.arm("placebo").name, primary, endpoint_spec(primary))


def _of(claim: Claim, study: Study) -> Comparison | None:
    from speciosa.verdict.claim_test import endpoint_for, why_not

    endpoint = endpoint_for(claim, study)
    if claim.test != "difference" or why_not(claim, study) or endpoint is None:
        return None
    spec = endpoint_spec(endpoint)
    share = claim.threshold < 1 and spec.per > 1
    spec = replace(spec, smallest_meaningful=claim.threshold * (spec.per if share else 1.0))
    return Comparison(claim.arm, claim.versus, endpoint, spec, claim.edges, claim.id)


class Asker:
    """Asks one comparison over designs and counts what that costs."""

    def __init__(
        self, study: Study, evidence: Evidence, asked: Comparison, effort: Effort,
        on_progress: Callable[[Progress], None],
    ) -> None:  # fmt: skip
        self.study = study.resized(people=effort.people)
        self.evidence, self.asked, self.on_progress = evidence, asked, on_progress
        self.courses = self.failed = 0
        self.total = effort.worlds() * effort.people * 2

    def __call__(self, moved: dict[str, Array], people_of: Any, *, centred: bool = True) -> Effect:
        """Return the effect in each world of a design."""
        rows = self._rows(moved, people_of, centred)
        return effect(rows, self.asked.spec, self.asked.arm, self.asked.versus)

    def _rows(self, moved: dict[str, Array], people_of: Any, centred: bool = True) -> pl.DataFrame:
        rows = run_design(
            self.study, self.evidence, moved, people_of, arms=(self.asked.arm, self.asked.versus),
            endpoint=self.asked.endpoint, centred=centred, on_progress=self._follow,
        )  # fmt: skip
        self.courses += len(rows)
        self.failed += int(rows["failed"].sum())
        return rows

    def answers(self, names: Sequence[str], uniforms: Array) -> Array:
        """Return the effect for each row of a design; the column "people" chooses who they are."""
        z = {n: scores(uniforms[:, k]) for k, n in enumerate(names) if n != PEOPLE}
        crowd = np.zeros(len(uniforms), dtype=np.int64)
        if PEOPLE in names:
            crowd = (uniforms[:, list(names).index(PEOPLE)] * CROWDS).astype(np.int64)
        found = self(z, crowd)
        if found.draws != len(uniforms):
            raise InputError(
                f"{len(uniforms) - found.draws} worlds have no effect", "sensitivity",
                "Ask for more people.",
            )  # fmt: skip
        return np.asarray(found.deltas, float)

    def observed(self, names: Sequence[str], z: Array) -> Array:
        """Return every person's endpoint in both arms for each row of scores, (rows, people x 2).

        Each is divided by how much people differ in it, so that all count alike.
        """
        rows = self._rows({n: z[:, k] for k, n in enumerate(names)}, np.zeros(len(z), np.int64))
        column = self.asked.endpoint.id
        wide = rows.sort("draw", "arm", "person")[column].to_numpy().reshape(len(z), -1)
        kept = wide[:, np.isfinite(wide).all(axis=0)]
        return np.asarray(kept / max(float(kept.std()), 1e-12), float)

    def _follow(self, now: Progress) -> None:
        done = self.courses + now.solved + now.failed
        self.on_progress(replace(now, asked=max(self.total, done), solved=done - self.failed,
                                 failed=self.failed))  # fmt: skip


def what_decides(
    study: Study,
    claim: str | None = None,
    *,
    evidence: Evidence | None = None,
    effort: Effort | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Return what decides a study's verdict, as one plain document.

    Args:
        study: the study.
        claim: a claim that it can settle; by default the headline.
        evidence: the numbers; by default the set that the study names.
        effort: how much is simulated; ``cost`` tells what it was.
        on_progress: called whenever some people are done.
    """
    evidence = evidence or load_evidence(overlay=study.evidence_set)
    effort = effort or Effort()
    asked = comparison(study, evidence, claim)
    ask = Asker(study, evidence, asked, effort, on_progress)
    rule = DecisionRule(**vars(study.decision))

    table, found = _ordinary(ask, effort)
    grade = _weakest(found, table, asked, rule, evidence)
    entry = decides(found, found.monte_carlo_error, table, asked.spec, rule, grade)
    told = information(found.deltas, found.draw_ids, table, asked.spec, rule, grade)
    if entry is None or told is None:
        raise InputError(f"{found.draws} worlds", "sensitivity", "Ask for at least 20 draws.")
    numbers = [each.record for each in told.bearings]
    screened = list(dict.fromkeys([
        *(edge for edge in asked.edges if edge in numbers), *numbers
    ]))[: effort.screened]  # fmt: skip
    document: dict[str, Any] = {
        "study": study.id, "question": study.question, "claim": asked.claim,
        "weakest_grade": grade, "decides": entry, "morris": [], "sobol": [],
        "identifiable": None, "flip": None,
    }  # fmt: skip
    if screened:
        design = morris_design(screened, effort.trajectories, study.seed)
        effects = morris_indices(screened, design, ask.answers(screened, design), study.seed)
        document["morris"] = [asdict(each) for each in effects]
        document["identifiable"] = _identifiable(screened, ask)
        strongest = [each.name for each in effects][: effort.shared]
        if effort.shared:
            names = [*strongest, PEOPLE]
            uniforms = sobol_design(names, effort.base, study.seed)
            shares = sobol_indices(names, ask.answers(names, uniforms), study.seed)
            document["sobol"] = [asdict(each) for each in shares]
    document["flip"] = _confirmed(told, ask, rule, grade, effort)
    document["cost"] = {
        "person_courses": ask.courses, "failed": ask.failed, "people": effort.people,
        "days": study.length, **{f"effort_{k}": v for k, v in asdict(effort).items()},
    }  # fmt: skip
    return dict(plain(document))


def _ordinary(ask: Asker, effort: Effort) -> tuple[pl.DataFrame, Effect]:
    """Run the comparison as a trial does; return what was drawn, and the effect."""
    found = ask({}, np.arange(effort.draws), centred=False)
    return worlds(ask.study, ask.evidence, effort.draws), found


def _weakest(
    found: Effect, table: pl.DataFrame, asked: Comparison, rule: DecisionRule, evidence: Evidence
) -> str:
    """The grade of the weakest number that the answer hangs on."""
    bearing = load_bearing(found.deltas, found.draw_ids, table, asked.spec, rule)
    names = sorted(name for name in {*asked.edges, *bearing} if name in evidence.numbers)
    grades = {name: evidence.number(name).grade for name in names}
    return grades[weakest_of(names, grades, {})] if names else "A"


def _identifiable(names: Sequence[str], ask: Asker) -> dict[str, Any]:
    """Which of the numbers this comparison could tell apart, from everybody's endpoint.

    The observations are every person's endpoint under both arms; a number that none of them
    answers to, or only together with another, cannot be learnt from such a trial.
    """
    matrix = sensitivity_matrix(lambda z: ask.observed(names, z), len(names), STEP)
    found = identifiability(names, matrix, negligible=LOST)
    return asdict(found)


def _confirmed(
    told: Information, ask: Asker, rule: DecisionRule, grade: str, effort: Effort
) -> dict[str, Any] | None:
    """Make the smallest change that should turn the verdict, and run the verdict again."""
    flips = [each for each in told.bearings if each.flips_at is not None]
    if not flips:
        return None
    first = min(flips, key=lambda each: abs(each.flips_at or 0.0))
    number = ask.evidence.number(first.record)
    at = float(first.flips_at or 0.0)
    entry: dict[str, Any] = {
        "record": first.record, "from": number.value, "to": float(draw_value(number, at)),
        "unit": number.unit, "standard_deviations": at, "word": told.word,
        "expected": first.flips_to, "confirmed": None,
    }  # fmt: skip
    if effort.confirming:
        size = effort.confirming
        found = ask({first.record: np.full(size, at)}, np.arange(size), centred=False)
        again = decide(
            np.asarray(found.deltas), ask.asked.spec.smallest_meaningful,
            better=ask.asked.spec.better, weakest_grade=grade, rule=rule,
        )  # fmt: skip
        entry |= {"found": str(again.word), "probability": again.probability, "worlds": size,
                  "confirmed": str(again.word) != told.word}  # fmt: skip
    return entry
