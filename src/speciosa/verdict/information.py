"""What knowing a number would be worth, and how little of a change turns a verdict, from draws.

A run already holds, for each simulated world, every sampled number and the effect. Regressing the
effect on one number gives what the answer would be if that number were known (Strong M, Oakley JE,
Brennan A. Med Decis Making 2014;34:311). Nothing is simulated again, so all of this is free; and
because a run samples all numbers at once, interactions are averaged over, not looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.verdict.claim import Claim
from speciosa.verdict.decide import DecisionRule, Word, decide
from speciosa.verdict.document import plain
from speciosa.verdict.effect import Effect, EndpointSpec, effect
from speciosa.verdict.record import TrialRecord
from speciosa.verdict.sensitivity import people_share
from speciosa.verdict.shuffle import normal_scores, orders
from speciosa.verdict.told_apart import told_apart

Array = NDArray[np.float64]
Judge = Callable[[Array], Word]
FEWEST = 20  # worlds below which nothing is said
KNOTS = (0.1, 0.35, 0.65, 0.9)  # quantiles of a natural cubic spline's knots
ONE_IN_TWENTY = 0.95  # of such orders, those in which no number explains as much
FARTHEST = 3.0  # standard deviations a number may be moved
GRID = 61
STEADY = 0.8  # of halves of the worlds in which another word must come out, too, to count as one
LEARNT = 21  # equally likely values that a measurement may find
SHOWN = 10  # numbers in a report


@dataclass(frozen=True)
class Bearing:
    """How one number bears on one effect.

    Args:
        record: its id.
        low, high: the mean effect in the third of worlds where it is low, and high.
        correlation: its rank correlation with the effect.
        share: share of the effect's variance that it explains alone, less what chance explains.
        worth: expected gain from knowing it before deciding, in the endpoint's unit per person,
            less what chance gives (EVPPI): acting only where the mean effect reaches the smallest
            meaningful difference.
        beyond_chance: whether it explains more than the best of all numbers does in nineteen of
            twenty orders of the worlds that have nothing to do with any.
        flips_at: standard deviations from its centre at which the verdict would be another one, in
            most halves of the worlds too; None where none is within three.
        flips_to: the word it would then be.
        turns: chance that the verdict would be another one once the number was known.
    """

    record: str
    low: float
    high: float
    correlation: float
    share: float
    worth: float
    beyond_chance: bool
    flips_at: float | None = None
    flips_to: str = ""
    turns: float = 0.0


@dataclass(frozen=True)
class Information:
    """What decides one effect: every number that was sampled, the largest first.

    ``perfect`` is what knowing everything would be worth (EVPI), in the endpoint's unit.
    ``best`` is the one number most worth measuring; empty if none stands out from chance.
    ``steady`` is the share of halves of the worlds that give the same word as all of them.
    """

    bearings: tuple[Bearing, ...]
    perfect: float
    best: str
    word: str
    steady: float


def information(
    deltas: Sequence[float],
    ids: Iterable[int],
    draws: pl.DataFrame,
    endpoint: EndpointSpec,
    rule: DecisionRule,
    grade: str,
) -> Information | None:
    """Return what decides an effect; None where too few worlds were run.

    Args:
        deltas: the effect in each draw.
        ids: the number of each draw.
        draws: one row per draw, a column per sampled record.
        endpoint: gives the direction and the smallest meaningful difference.
        rule: thresholds of the verdict.
        grade: grade of the weakest number that the claim rests on.

    >>> z = np.linspace(-2, 2, 80)
    >>> table = pl.DataFrame({"draw": range(80), "a": np.exp(z), "b": np.sin(37 * z)})
    >>> found = information(-3 * z, range(80), table, EndpointSpec("x", "X", "", "lower", 1.0),
    ...                     DecisionRule(), "B")
    >>> found.best, found.bearings[0].share > 0.9, found.bearings[0].flips_to
    ('a', True, 'contradicted')
    """
    values = np.asarray(deltas, float)
    if values.size < FEWEST:
        return None
    gain = endpoint.improvement(values) - endpoint.smallest_meaningful
    judge = judged_by(endpoint, rule, grade)
    word = judge(values)
    columns = [(n, c) for n, c in columns_of(draws, ids) if np.ptp(c) > 0]
    found = []
    for bearing, column, expected in _bearings(columns, values, gain):
        if bearing.beyond_chance:
            shift = response(column, expected)
            rest = values - expected
            at, to = smallest_flip(shift, rest, judge, word)
            turns = chance_to_turn(shift, rest, judge, word)
            bearing = replace(bearing, flips_at=at, flips_to=to, turns=turns)
        found.append(bearing)
    found.sort(key=lambda each: (-each.share, each.record))
    worthy = [each for each in found if each.beyond_chance and (each.worth > 0 or each.turns > 0)]
    best = max(worthy, key=lambda each: (each.worth, each.turns)).record if worthy else ""
    perfect = float(np.maximum(gain, 0.0).mean() - max(0.0, gain.mean()))
    return Information(tuple(found), perfect, best, str(word), steadiness(values, judge, word))


def splines(columns: Array) -> Array:
    """Return natural cubic spline bases of the ranks of numbers (N, K), centred, (K, N, 3)."""
    x = normal_scores(columns)
    knots = np.quantile(x, KNOTS, axis=0)

    def bent(k: Array) -> Array:
        cubes = np.maximum(x - k, 0.0) ** 3 - np.maximum(x - knots[-1], 0.0) ** 3
        return cubes / np.maximum(knots[-1] - k, 1e-12)

    base = np.stack([x, *(bent(k) - bent(knots[-2]) for k in knots[:-2])], axis=-1)
    return np.asarray(np.swapaxes(base - base.mean(axis=0), 0, 1), float)


def worth_of_knowing(column: Array, gain: Array) -> float:
    """Return the expected gain from knowing a number before deciding, uncorrected for chance."""
    return float(_worth(_orthonormal(column[:, None]), gain[:, None])[0, 0])


def _projected(bases: Array, values: Array) -> Array:
    """Project values (N, M) on bases (K, N, 3) with orthonormal columns of mean 0: (K, N, M)."""
    return np.asarray(values.mean(axis=0) + bases @ (np.swapaxes(bases, 1, 2) @ values), float)


def _orthonormal(columns: Array) -> Array:
    left, sizes, _ = np.linalg.svd(splines(columns), full_matrices=False)
    spans = sizes > 1e-9 * np.maximum(sizes[:, :1], 1e-300)
    return np.asarray(left * spans[:, None, :], float)


def _worth(bases: Array, gain: Array) -> Array:
    """The expected gain from knowing each number, of gains (N, M): (K, M)."""
    known = np.maximum(_projected(bases, gain), 0.0).mean(axis=1)
    return np.asarray(known - np.maximum(gain.mean(axis=0), 0.0), float)


def _explained(bases: Array, values: Array) -> Array:
    """The share of the variance of values (N, M) that each number explains: (K, M)."""
    whole = float(values[:, 0].var()) or 1.0
    return np.asarray(_projected(bases, values).var(axis=1) / whole, float)


def _bearings(
    columns: Sequence[tuple[str, Array]], values: Array, gain: Array
) -> list[tuple[Bearing, Array, Array]]:
    """Return how each number bears on the effect, its values, and the effect it lets expect."""
    if not columns:
        return []
    table = np.stack([column for _, column in columns], axis=1)
    bases = _orthonormal(table)
    others = np.array(orders(values.size)).T  # worlds in orders that have nothing to do with any
    by_chance = _explained(bases, values[others])
    most = float(np.quantile(by_chance.max(axis=0), ONE_IN_TWENTY))
    share = _explained(bases, values[:, None])[:, 0]
    worth = _worth(bases, gain[:, None])[:, 0] - _worth(bases, gain[others]).mean(axis=1)
    thirds = np.quantile(table, [1 / 3, 2 / 3], axis=0)
    outer = (table <= thirds[0], table >= thirds[1])
    lowest, highest = (values @ third / third.sum(axis=0) for third in outer)
    chance = by_chance.mean(axis=1)
    together = _correlation(normal_scores(table), normal_scores(values))
    return [
        (
            Bearing(
                name,
                float(lowest[k]),
                float(highest[k]),
                float(together[k]),
                max(0.0, float(share[k] - chance[k])),
                max(0.0, float(worth[k])),
                bool(share[k] > most),
            ),
            column,
            expected,
        )
        for k, ((name, column), expected) in enumerate(
            zip(columns, _projected(bases, values[:, None])[..., 0], strict=True)
        )
    ]


def _correlation(x: Array, y: Array) -> Array:
    """The correlation of each column of x with y; 0 where y does not vary."""
    x, y = x - x.mean(axis=0), y - y.mean()
    size = np.sqrt((x**2).sum(axis=0) * (y**2).sum())
    return np.asarray(y @ x / np.where(size > 0, size, 1.0), float)


def judged_by(endpoint: EndpointSpec, rule: DecisionRule, grade: str) -> Judge:
    """Return what turns effects, one per world, into a verdict's word."""

    def judge(values: Array) -> Word:
        return decide(
            values, endpoint.smallest_meaningful, better=endpoint.better, weakest_grade=grade,
            rule=rule,
        ).word  # fmt: skip

    return judge


def response(column: Array, expected: Array) -> Callable[[float], float]:
    """Return the effect to expect at any standard score of a number, from its regression.

    Beyond the worlds that were run the regression goes on straight.
    """
    x = normal_scores(column)
    order = np.argsort(x, kind="stable")
    ends = x[order][[0, -1]]
    slopes = []
    for rows in (order[: max(5, x.size // 5)], order[-max(5, x.size // 5) :]):
        apart = float(np.ptp(x[rows])) or 1.0
        slopes.append((expected[rows][-1] - expected[rows][0]) / apart)

    def at(score: float) -> float:
        inside = float(np.interp(score, x[order], expected[order]))
        return float(
            inside + min(0.0, score - ends[0]) * slopes[0] + max(0.0, score - ends[1]) * slopes[1]
        )

    return at


def smallest_flip(
    shift: Callable[[float], float], rest: Array, judge: Judge, word: Word
) -> tuple[float | None, str]:
    """Return the smallest move of a number, in standard deviations, that gives another word.

    If the number were known to stand there, the effect would be what it lets expect plus what the
    other numbers and the people add. Where the verdict stands at a threshold, chance alone gives
    another word; so it must come out in most halves of the worlds as well.

    Args:
        shift: the effect to expect at a standard score of the number.
        rest: what the others add in each world.
        judge: gives the word.
        word: the verdict as it is.
    """
    for size in np.linspace(0.0, FARTHEST, GRID):
        for at in (size, -size):
            there = shift(float(at)) + rest
            found = judge(there)
            if found != word and 1.0 - steadiness(there, judge, word) >= STEADY:
                return float(at), str(found)
    return None, ""


def chance_to_turn(shift: Callable[[float], float], rest: Array, judge: Judge, word: Word) -> float:
    """Return the chance that learning a number exactly would give another word."""
    from scipy.special import ndtri

    scores = ndtri((np.arange(LEARNT) + 0.5) / LEARNT)
    return float(np.mean([judge(shift(float(z)) + rest) != word for z in scores]))


def steadiness(values: Array, judge: Judge, word: Word) -> float:
    """Return the share of halves of the worlds that give a word."""
    half = max(1, values.size // 2)
    return float(np.mean([judge(values[order[:half]]) == word for order in orders(values.size)]))


def columns_of(draws: pl.DataFrame, ids: Iterable[int]) -> list[tuple[str, Array]]:
    """Return every sampled number with its value in each of some draws."""
    wanted = pl.DataFrame({"draw": list(ids)}, schema={"draw": draws.schema["draw"]})
    rows = draws.join(wanted, on="draw", how="right", maintain_order="right")
    return [(name, rows[name].to_numpy().astype(float)) for name in rows.columns if name != "draw"]


def decides(
    found: Effect,
    error: float,
    draws: pl.DataFrame,
    endpoint: EndpointSpec,
    rule: DecisionRule,
    grade: str,
    record: TrialRecord | None = None,
) -> dict[str, Any] | None:
    """Return the document entry of what decides an effect, from a run's own draws.

    Args:
        found: the effect.
        error: typical standard error of one draw's effect, from its finite cohort; nan if unknown.
        draws: one row per draw, a column per sampled record.
        endpoint: the endpoint, with the threshold that it is judged by.
        rule: thresholds of the verdict.
        grade: grade of the weakest number that the effect rests on.
        record: the run, from which it is told which of the first numbers it could tell apart.
    """
    told = information(found.deltas, found.draw_ids, draws, endpoint, rule, grade)
    if told is None:
        return None
    flips = [each for each in told.bearings if each.flips_at is not None]
    nearest_flip = min(flips, key=lambda each: abs(each.flips_at or 0.0), default=None)
    best = next((each for each in told.bearings if each.record == told.best), None)
    delta = np.asarray(found.deltas, float)
    people = people_share({"delta": delta, "error": np.broadcast_to(error, delta.shape)})
    return {
        "endpoint": endpoint.id,
        "label": endpoint.label,
        "unit": endpoint.unit,
        "better": endpoint.better,
        "smallest_meaningful": endpoint.smallest_meaningful,
        "arm": found.arm,
        "versus": found.versus,
        "estimate": found.estimate,
        "draws": found.draws,
        "word": told.word,
        "steady": told.steady,
        "people_share": people,
        "perfect_information": told.perfect,
        "measure": told.best,
        "worth": best.worth if best else 0.0,
        "turns": best.turns if best else 0.0,
        "flip": {"record": nearest_flip.record, "at": nearest_flip.flips_at,
                 "to": nearest_flip.flips_to} if nearest_flip else None,
        "numbers": [asdict(each) for each in told.bearings[:SHOWN]],
        "identifiable": told_apart(
            record, found.arm, found.versus, [each.record for each in told.bearings[:SHOWN]]
        ) if record is not None else None,
        "more": max(0, len(told.bearings) - SHOWN),
    }  # fmt: skip


def with_decides(
    document: Mapping[str, Any], record: TrialRecord, claims: Iterable[Claim]
) -> dict[str, Any]:
    """Return a verdict document in which each claim says what decides it.

    Args:
        document: the document of a run.
        record: the same run as the judge took it.
        claims: the claims that were judged on it.
    """
    rule = DecisionRule.from_table(document["study"]["decision"])
    told: dict[str, Any] = {}
    for claim in claims:
        spec = record.endpoint(claim.endpoint)
        if claim.threshold is not None:
            spec = replace(spec, smallest_meaningful=claim.threshold)
        found = effect(record.twins, spec, claim.arm, claim.versus)
        if record.draws is None:
            continue
        told[claim.id] = plain(decides(
            found, found.monte_carlo_error, record.draws, spec, rule, claim.weakest.grade, record
        ))  # fmt: skip
    entries = [{**each, "decides": told.get(each["id"])} for each in document["claims"]]
    return {**document, "claims": entries}
