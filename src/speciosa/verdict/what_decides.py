"""What decides a verdict: screened, then shared out, then put to the test by runs of their own.

First the claim's two arms are run as usual. Then every sampled number is moved alone to its 5 and
95 % points, everything else held and everybody the same: that is the tornado, it names the numbers
that do nothing, and it is the sensitivity matrix by which numbers can be told apart. The strongest
are screened after Morris; the strongest of those get Sobol indices beside one more input, the
people. Last, the smallest change that should turn the verdict is made, and the verdict run again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.claim import Claim
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.evidence.sample import TAIL, draw_value
from speciosa.trial.run import Progress
from speciosa.trial.sensitivity import Bench, worlds
from speciosa.trial.study import FEWEST_PEOPLE, Endpoint, Study, load_study, shipped
from speciosa.verdict.appraise import endpoint_spec
from speciosa.verdict.decide import DecisionRule
from speciosa.verdict.document import plain
from speciosa.verdict.effect import Effect, EndpointSpec, effect, share_better
from speciosa.verdict.information import (
    decides,
    judged_by,
    smallest_flip,
    steadiness,
)
from speciosa.verdict.sensitivity import (
    identifiability,
    morris_design,
    morris_indices,
    scores,
    sobol_design,
    sobol_indices,
)
from speciosa.verdict.shuffle import normal_scores
from speciosa.verdict.weakest import load_bearing, weakest_of

Array = NDArray[np.float64]
PEOPLE = "people"
DEFAULT = {"opioid": "combination-opioid", "alcohol": "combination-alcohol"}
CROWDS = 4096  # different sets of people that the input "people" chooses from
LOST = 0.02  # singular value, as a share of the largest, under which a direction counts as lost


@dataclass(frozen=True)
class Effort:
    """How much is simulated.

    Args:
        draws: worlds of the ordinary run.
        people: people of a world.
        screened: numbers that are screened after Morris; 0 leaves screening out.
        trajectories: of the screening.
        shared: numbers that the variance is shared out over; 0 leaves Sobol indices out.
        base: points of the Saltelli sample, a power of 2.
        confirming: changes that should turn the verdict and are made, at most; each runs the
            worlds of the ordinary run again.
    """

    draws: int = 100
    people: int = FEWEST_PEOPLE
    screened: int = 12
    trajectories: int = 8
    shared: int = 5
    base: int = 64
    confirming: int = 3

    def worlds(self, numbers: int) -> int:
        """Return how many worlds are simulated at most, of so many numbers."""
        screening = self.trajectories * (self.screened + 1) if self.screened else 0
        sharing = self.base * (self.shared + 3) if self.shared else 0
        return self.draws * (1 + self.confirming) + 1 + 2 * numbers + screening + sharing


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
    studies = [file.stem for file in shipped().glob("*.toml")]
    cure = nearest(target, [*known, *studies])
    a_name = not Path(target).suffix and target not in studies and not Path(target).exists()
    if a_name and cure.startswith("Did you mean"):
        raise InputError(f'no study or claim "{target}"', "sensitivity", cure)
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
        self.bench = Bench(self.study, evidence, (asked.arm, asked.versus), asked.endpoint)
        self.courses = self.failed = self.total = 0
        self.parts: dict[str, int] = {}

    def rows(
        self, part: str, moved: dict[str, Array], people_of: Any, *, centred: bool = True
    ) -> pl.DataFrame:
        """Run a design and return its people."""
        rows = self.bench.run(moved, people_of, centred=centred, on_progress=self._follow)
        self.courses += len(rows)
        self.failed += int(rows["failed"].sum())
        self.parts[part] = self.parts.get(part, 0) + len(people_of)
        return rows

    def effect(self, rows: pl.DataFrame) -> Effect:
        """Return the effect in each world of a design."""
        return effect(rows, self.asked.spec, self.asked.arm, self.asked.versus)

    def answers(self, part: str, names: Sequence[str], uniforms: Array) -> Array:
        """Return the effect for each row of a design; the column "people" chooses who they are."""
        z = {n: scores(uniforms[:, k]) for k, n in enumerate(names) if n != PEOPLE}
        crowd = np.zeros(len(uniforms), dtype=np.int64)
        if PEOPLE in names:
            crowd = (uniforms[:, list(names).index(PEOPLE)] * CROWDS).astype(np.int64)
        return self.deltas(self.rows(part, z, crowd), len(uniforms))

    def deltas(self, rows: pl.DataFrame, size: int) -> Array:
        """Return the effect of every one of so many worlds."""
        found = self.effect(rows)
        if found.draws != size:
            raise InputError(
                f"{size - found.draws} worlds have no effect", "sensitivity", "Ask for more people."
            )
        return np.asarray(found.deltas, float)

    def people(self, rows: pl.DataFrame, size: int) -> Array:
        """Return every person's endpoint in both arms, (worlds, people x 2), as they differ."""
        column = self.asked.endpoint.id
        wide = rows.sort("draw", "arm", "person")[column].cast(pl.Float64).to_numpy()
        wide = wide.reshape(size, -1)
        kept = wide[:, np.isfinite(wide).all(axis=0)]
        return np.asarray(kept / max(float(kept.std()), 1e-12), float)

    def _follow(self, now: Progress) -> None:
        done = self.courses + now.solved + now.failed
        self.on_progress(replace(now, asked=max(self.total, done), solved=done - self.failed,
                                 failed=self.failed))  # fmt: skip


@dataclass(frozen=True)
class Alone:
    """Every number moved alone to its 5 and 95 % points, on the same people.

    Args:
        names: the numbers.
        low, high: the effect there, a value for each.
        middle: the effect with nothing moved.
        slopes: change of each person's endpoint per standard deviation (observations, numbers).
    """

    names: tuple[str, ...]
    low: Array
    high: Array
    middle: float
    slopes: Array

    @property
    def swing(self) -> Array:
        """How far each number moves the effect from where it is, at most."""
        return np.maximum(np.abs(self.low - self.middle), np.abs(self.high - self.middle))

    @property
    def idle(self) -> NDArray[np.bool_]:
        """Which numbers move nobody's endpoint in either arm."""
        return np.asarray(np.abs(self.slopes).max(axis=0, initial=0.0) == 0.0)

    def shift(self, name: str) -> Callable[[float], float]:
        """Return how far a number moves the effect at a standard score, straight on beyond."""
        k = self.names.index(name)
        below, above = ((self.middle - self.low[k]) / TAIL, (self.high[k] - self.middle) / TAIL)
        return lambda z: float(z * (below if z < 0 else above))


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
    table = worlds(ask.study, evidence, effort.draws)
    numbers = [name for name in table.columns if name != "draw" and table[name].n_unique() > 1]
    ask.total = effort.worlds(len(numbers)) * effort.people * 2

    found = ask.effect(ask.rows("as drawn", {}, np.arange(effort.draws), centred=False))
    alone = _alone(numbers, ask)
    screened = _strongest(alone, asked.edges, effort.screened or len(numbers))
    grade = _weakest(found, table, asked, rule, evidence)
    kept = table.select("draw", *screened)
    entry = decides(found, found.monte_carlo_error, kept, asked.spec, rule, grade)
    if entry is None:
        raise InputError(f"{found.draws} worlds", "sensitivity", "Ask for at least 20 draws.")
    document: dict[str, Any] = {
        "study": study.id, "question": study.question, "claim": asked.claim,
        "weakest_grade": grade, "decides": entry, "tornado": _tornado(alone, evidence),
        "numbers": len(numbers), "idle": int(alone.idle.sum()), "middle": alone.middle,
        "identifiable": _identifiable(screened, alone), "morris": [], "sobol": [],
    }  # fmt: skip
    if effort.screened:
        design = morris_design(screened, effort.trajectories, study.seed)
        answers = ask.answers("Morris", screened, design)
        effects = morris_indices(screened, design, answers, study.seed)
        document["morris"] = [asdict(each) for each in effects]
        if effort.shared:
            names = [*(each.name for each in effects[: effort.shared]), PEOPLE]
            uniforms = sobol_design(names, effort.base, study.seed)
            shares = sobol_indices(names, ask.answers("Sobol", names, uniforms), study.seed)
            document["sobol"] = [asdict(each) for each in shares]
    document["flip"] = _turned(found, table, alone, screened, ask, rule, grade, effort)
    document["cost"] = {
        "person_courses": ask.courses, "failed": ask.failed, "people": effort.people,
        "days": study.length, "worlds": ask.parts,
        **{f"effort_{k}": v for k, v in asdict(effort).items()},
    }  # fmt: skip
    return dict(plain(document))


def _weakest(
    found: Effect, table: pl.DataFrame, asked: Comparison, rule: DecisionRule, evidence: Evidence
) -> str:
    """The grade of the weakest number that the answer hangs on."""
    bearing = load_bearing(found.deltas, found.draw_ids, table, asked.spec, rule)
    names = sorted(name for name in {*asked.edges, *bearing} if name in evidence.numbers)
    grades = {name: evidence.number(name).grade for name in names}
    return grades[weakest_of(names, grades, {})] if names else "A"


def _alone(names: Sequence[str], ask: Asker) -> Alone:
    """Move every number alone to its 5 and 95 % points and run the same people."""
    count = len(names)
    size = 1 + 2 * count
    moved = {name: np.zeros(size) for name in names}
    for k, name in enumerate(names):
        moved[name][1 + k], moved[name][1 + count + k] = -TAIL, TAIL
    rows = ask.rows("one at a time", moved, np.zeros(size, dtype=np.int64))
    effects, people = ask.deltas(rows, size), ask.people(rows, size)
    slopes = (people[1 + count :] - people[1 : 1 + count]).T / (2.0 * TAIL)
    return Alone(
        tuple(names), effects[1 : 1 + count], effects[1 + count :], float(effects[0]), slopes
    )


def _strongest(alone: Alone, edges: Sequence[str], most: int) -> list[str]:
    """Return the claim's own edges and the numbers that move the effect most alone."""
    order = np.argsort(-alone.swing, kind="stable")
    names = [alone.names[k] for k in order if not alone.idle[k]]
    own = [edge for edge in edges if edge in alone.names]
    return list(dict.fromkeys([*own, *names]))[: max(most, 1)]


def _tornado(alone: Alone, evidence: Evidence) -> list[dict[str, Any]]:
    """Return every number that does something, the one that moves the effect most on top."""
    rows = []
    for k in np.argsort(-alone.swing, kind="stable"):
        if alone.idle[k]:
            continue
        number = evidence.number(alone.names[k])
        rows.append({
            "record": number.id, "unit": number.unit, "grade": number.grade,
            "low": float(alone.low[k]), "high": float(alone.high[k]),
            "at_low": float(draw_value(number, -TAIL)), "at_high": float(draw_value(number, TAIL)),
        })  # fmt: skip
    return rows


def _identifiable(names: Sequence[str], alone: Alone) -> dict[str, Any]:
    """Which of the numbers this comparison could tell apart, from everybody's endpoint.

    The observations are every person's endpoint under both arms; a number that none of them
    answers to, or only together with another, cannot be learnt from such a trial.
    """
    columns = [alone.names.index(name) for name in names]
    return asdict(identifiability(names, alone.slopes[:, columns], negligible=LOST))


def _turned(
    found: Effect, table: pl.DataFrame, alone: Alone, screened: Sequence[str], ask: Asker,
    rule: DecisionRule, grade: str, effort: Effort,
) -> dict[str, Any] | None:  # fmt: skip
    """Make the smallest change that should turn the verdict; go on while it does not.

    What a number does is taken from where it was moved alone, so that it is free of chance.
    """
    spec, values = ask.asked.spec, np.asarray(found.deltas, float)
    judge = judged_by(spec, rule, grade)
    word = judge(values)
    drawn = table.filter(pl.col("draw").is_in(list(found.draw_ids)))
    changes = []
    for name in screened:
        shift = alone.shift(name)
        rest = values - np.array([shift(z) for z in normal_scores(drawn[name].to_numpy())])
        at, to = smallest_flip(shift, rest, judge, word)
        if at is not None:
            changes.append((abs(at), at, name, to))
    tried: list[dict[str, Any]] = []
    for _, at, name, to in sorted(changes)[: max(effort.confirming, 1)]:
        number = ask.evidence.number(name)
        entry: dict[str, Any] = {
            "record": name, "from": number.value, "to": float(draw_value(number, at)),
            "unit": number.unit, "standard_deviations": at, "word": str(word), "expected": to,
            "confirmed": None,
        }  # fmt: skip
        tried.append(entry)
        if not effort.confirming:
            break
        size = effort.draws
        moved = {name: np.full(size, at)}
        again = ask.effect(ask.rows("confirming", moved, np.arange(size), centred=False))
        there = np.asarray(again.deltas, float)
        turned = judge(there)
        entry |= {
            "found": str(turned), "worlds": size, "estimate": again.estimate,
            "probability": share_better(spec, there)[0], "confirmed": turned != word,
            "steady": steadiness(there, judge, turned),
        }  # fmt: skip
        if turned != word:
            break
    if not tried:
        return None
    best = next((each for each in tried if each["confirmed"]), tried[0])
    return {**best, "tried": len(tried)}
