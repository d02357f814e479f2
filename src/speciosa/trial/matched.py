"""Two arms at equal effect: the runs behind a study's ``[matched]`` table.

:func:`equalised` finds, for every draw at once, the factor on one arm's amounts at which a mean
endpoint equals that of the other arm. :func:`matched_runs` then runs the two arms as they are, with
other product batches, and with each edge that sets them apart switched off; every variant is
matched anew, and people and draws are the same in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.evidence.load import Evidence, load_evidence
from speciosa.trial.chunks import chunks
from speciosa.trial.design import Design, Given, design
from speciosa.trial.matching import Matching
from speciosa.trial.run import Runner
from speciosa.trial.study import Arm, Study

Array = NDArray[np.float64]
MOST = np.log(64.0)  # amounts are scaled by at most this much either way
STRIDE = np.log(4.0)  # first step of the search
ROUNDS = 10
FINER = 10.0  # how much closer the search goes than what is asked for
AS_IS, OTHER_BATCH, NO_EDGE = "as it is", "other batches", "no edge"


@dataclass(frozen=True)
class Equality:
    """How equal the two arms were made.

    Args:
        factor: what the arm's amounts were multiplied by, one per draw.
        left: difference in the mean endpoint that is left, one per draw.
        within: what was asked for.
    """

    factor: Array
    left: Array
    within: float

    @property
    def unmatched(self) -> int:
        """Draws in which no amount makes the two equal."""
        return int((np.abs(self.left) > self.within).sum())


@dataclass(frozen=True)
class MatchedRun:
    """One variant: its name, the subjects of both arms and how equal they were made.

    ``off`` names the edges that were switched off.
    """

    name: str
    subjects: pl.DataFrame
    equality: Equality
    off: tuple[str, ...] = ()


class Matcher:
    """The short study in which two arms are made equal, compiled once.

    Args:
        study: a study that holds both arms and the endpoint.
        evidence: the numbers.
        matching: what is made equal.
    """

    def __init__(self, study: Study, evidence: Evidence, matching: Matching) -> None:
        arms = {arm.name: arm for arm in study.arms}
        endpoint = next(one for one in study.endpoints if one.id == matching.endpoint)
        short = replace(
            study,
            arms=(arms[matching.against], arms[matching.arm]),
            endpoints=(endpoint,),
            days=endpoint.days[1],
            follow_up_days=0,
            matching=None,
        )
        self.matching, self.columns = matching, _columns(short.arms[1])
        self.runner = Runner(design(short, evidence, whole=matching.whole_products), evidence)

    def equality(self, evidence: Evidence) -> Equality:
        """Return the factors, one per draw, at which both arms have one mean effect."""
        runner, matching = self.runner, self.matching
        runner.evidence = evidence
        against, arm = runner.plan.study.arms
        target = _means(runner, against, matching.endpoint)

        def less(logs: Array) -> Array:
            """The arm's mean less the other's, at these factors."""
            runner.plan = replace(runner.plan, scaled=self.scaled(np.exp(logs)))
            return _means(runner, arm, matching.endpoint) - target

        logs, left = _search(less, runner.plan.study.draws, matching.within)
        return Equality(np.exp(logs), left, matching.within)

    def scaled(self, factor: Array) -> dict[str, Array]:
        """Return the columns of the schedule that hold the arm's products, with their factor."""
        return dict.fromkeys(self.columns, factor)


def equalised(plan: Design, evidence: Evidence, matching: Matching) -> tuple[Design, Equality]:
    """Return the design with one arm's amounts scaled so that two arms have one mean effect.

    Args:
        plan: a design that holds both arms.
        evidence: the numbers.
        matching: what is made equal.
    """
    matcher = Matcher(plan.study, evidence, matching)
    equality = matcher.equality(evidence)
    return replace(plan, scaled=matcher.scaled(equality.factor)), equality


def matched_runs(
    study: Study,
    *,
    evidence: Evidence | None = None,
    only: Collection[str] = (),
    on_run: Callable[[str], None] = lambda name: None,
) -> Iterator[MatchedRun]:
    """Run every variant of a study's matched arms and yield it.

    Args:
        study: a study with a ``[matched]`` table.
        evidence: the numbers; by default those that the study names.
        only: names of the variants that are wanted; all of them where it is empty.
        on_run: called with the name of a variant before it is run.
    """
    matching = study.matching
    if matching is None:
        raise ValueError(f"study {study.id!r} has no [matched] table")
    evidence = evidence or load_evidence(overlay=study.evidence_set)
    names = (matching.against, matching.arm)
    outcomes = {matching.endpoint, *matching.outcomes}
    pair = replace(
        study,
        arms=tuple(arm for arm in study.arms if arm.name in names),
        endpoints=tuple(one for one in study.endpoints if one.id in outcomes),
    )
    variants: list[tuple[str, tuple[str, ...], int]] = [(AS_IS, (), 0), (OTHER_BATCH, (), 1)]
    variants += [(f"without {edge}", (edge,), 0) for edge in matching.edges]
    variants += [(NO_EDGE, matching.edges, 0)] if len(matching.edges) > 1 else []
    runner = Runner(design(pair, evidence, whole=matching.whole_products), evidence)
    matcher = Matcher(pair, evidence, matching)
    for name, off, batch in variants:
        if only and name not in only:
            continue
        on_run(name)
        changed = evidence.replace(dict.fromkeys(off, 0.0)) if off else evidence
        runner.evidence = changed
        if not batch:  # other batches are taken in the amounts that were found for these
            equality = matcher.equality(changed)
        scaled = matcher.scaled(equality.factor)
        runner.plan = replace(runner.plan, scaled=scaled, first_batch=batch)
        yield MatchedRun(name, _subjects(runner), equality, off)


def _columns(arm: Arm) -> tuple[str, ...]:
    """Names of the schedule's columns that hold an arm's products."""
    return tuple(
        Given(regimen.product, phase.route or regimen.product.routes[0]).name
        for regimen in arm.regimens
        for phase in regimen.phases
    )


def _subjects(runner: Runner) -> pl.DataFrame:
    study = runner.plan.study
    parts = []
    for number, chunk in enumerate(chunks(study)):
        people = {number: runner.recruit(*chunk)}
        parts += [runner.tables(arm, people)[number]["subjects"] for arm in study.arms]
    return pl.concat(parts)


def _means(runner: Runner, arm: Arm, endpoint: str) -> Array:
    """Return the true mean of an endpoint in each draw of one arm."""
    study = runner.plan.study
    total, count = np.zeros(study.draws), np.zeros(study.draws)
    for number, chunk in enumerate(chunks(study)):
        table = runner.tables(arm, {number: runner.recruit(*chunk)})[number]["subjects"]
        values = table[f"true_{endpoint}"].to_numpy()
        seen = np.isfinite(values)
        draw = table["draw"].to_numpy()[seen]
        total += np.bincount(draw, values[seen], study.draws)
        count += np.bincount(draw, minlength=study.draws)
    return np.asarray(total / count)


def _search(less: Callable[[Array], Array], draws: int, within: float) -> tuple[Array, Array]:
    """Return the logs at which a falling function is 0, for every draw at once, and what is left.

    Steps outwards until the sign changes, then along the chord, kept away from the ends. It ends
    when every draw is ten times as equal as asked for: where relief is small, amounts that differ
    much give nearly the same of it.

    >>> logs, left = _search(lambda x: np.array([1.0, -2.0]) - np.tanh(x) * 3, 2, 0.05)
    >>> np.round(logs, 1).tolist(), bool((np.abs(left) <= 0.05).all())
    ([0.3, -0.8], True)
    """
    low, high = np.full(draws, -MOST), np.full(draws, MOST)  # too little and too much relief
    over, under = np.full(draws, np.nan), np.full(draws, np.nan)  # the function there
    at, best, left = np.zeros(draws), np.zeros(draws), np.full(draws, np.inf)
    for _ in range(ROUNDS):
        value = less(at)
        better = np.abs(value) < np.abs(left)
        best, left = np.where(better, at, best), np.where(better, value, left)
        if (np.abs(left) <= within / FINER).all():
            break
        little = value > 0
        low, over = np.where(little, at, low), np.where(little, value, over)
        high, under = np.where(little, high, at), np.where(little, under, value)
        share = np.clip(over / (over - under), 0.1, 0.9)
        outward = np.clip(at + np.where(little, STRIDE, -STRIDE), -MOST, MOST)
        both = np.isfinite(over) & np.isfinite(under)
        step = np.where(both, low + share * (high - low), outward)
        at = np.where(np.abs(left) <= within / FINER, best, step)
    return best, left


def plain(equality: Equality) -> dict[str, Any]:
    """Return how equal two arms were made, as plain values."""
    low, middle, high = np.quantile(equality.factor, (0.05, 0.5, 0.95))
    return {
        "within": equality.within,
        "largest_difference_left": float(np.abs(equality.left).max()),
        "mean_difference_left": float(equality.left.mean()),
        "unmatched_draws": equality.unmatched,
        "draws": int(equality.left.size),
        "amount_factor": {"median": float(middle), "low": float(low), "high": float(high)},
    }
