"""What a verdict hangs on: its load-bearing numbers, the weakest of them, and what to measure next.

A number is load-bearing when the claim is about it, or when the answer would be another one in the
third of simulated worlds where the number is low, or high. A number that moves the size of an
effect and leaves the answer as it is carries nothing. What to measure next is the number of which
the probability of a meaningful benefit depends most, beyond what chance among so many worlds does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.evidence.load import Evidence
from speciosa.evidence.record import Number
from speciosa.verdict.decide import DecisionRule, decide, standing, word_of
from speciosa.verdict.effect import Effect, EndpointSpec, is_better, share_better
from speciosa.verdict.shuffle import orders

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
PARTS = 3  # worlds are split into thirds by a number
FEWEST = 5  # worlds in a third, below which it says nothing
STRONG = "A"  # grade under which words are compared: only the effect decides
BEYOND_CHANCE = 2.0  # standard deviations


@dataclass(frozen=True)
class Measurement:
    """The number whose measurement would change an answer most.

    Args:
        record: its id.
        change: mean absolute change of the probability of a meaningful benefit between a third of
            worlds by this number and all of them, less what chance gives.
        low, high: that probability where the number is in its lowest and in its highest third.
    """

    record: str
    change: float
    low: float
    high: float


def load_bearing(
    deltas: Sequence[float],
    ids: Iterable[int],
    draws: pl.DataFrame,
    endpoint: EndpointSpec,
    rule: DecisionRule,
) -> list[str]:
    """Return the sampled records on which the answer hangs.

    Args:
        deltas: the effect in each draw.
        ids: the number of each draw.
        draws: one row per draw, a column per sampled record.
        endpoint: gives the direction and the smallest meaningful difference.
        rule: thresholds of the verdict.

    >>> table = pl.DataFrame({"draw": range(30), "a": range(30), "b": [i % 2 for i in range(30)]})
    >>> found = [-5.0 if i < 15 else 0.0 for i in range(30)]
    >>> spec = EndpointSpec("x", "X", "points", "lower", 2.0)
    >>> load_bearing(found, range(30), table, spec, DecisionRule())
    ['a']
    """
    values = np.asarray(deltas, float)
    smallest, better = endpoint.smallest_meaningful, endpoint.better
    whole = decide(values, smallest, better=better, weakest_grade=STRONG, rule=rule).word
    names, table = _numbers(draws, ids)
    thirds, count = _thirds(table)
    shares = [_shares(each, thirds, count) for each in standing(values, smallest, better)]
    chances = np.stack(shares, axis=-1)  # of each third: better, worse, no difference
    bearing = []
    for name, parts, enough in zip(names, chances, count >= FEWEST, strict=True):
        told = parts[enough].tolist()
        if any(word_of(p, q, none, STRONG, rule) != whole for p, q, none in told):
            bearing.append(name)
    return bearing


def what_to_measure(
    deltas: Sequence[float], ids: Iterable[int], draws: pl.DataFrame, endpoint: EndpointSpec
) -> Measurement | None:
    """Return the number whose measurement would change the answer most; None if none stands out.

    >>> other = [7 * i % 60 for i in range(60)]
    >>> table = pl.DataFrame({"draw": range(60), "a": range(60), "b": other})
    >>> found = [-5.0 if i < 20 else 0.0 for i in range(60)]
    >>> spec = EndpointSpec("x", "X", "points", "lower", 2.0)
    >>> what_to_measure(found, range(60), table, spec).record
    'a'
    """
    values = np.asarray(deltas, float)
    if values.size < PARTS * FEWEST:
        return None
    better = is_better(endpoint, values)
    names, table = _numbers(draws, ids)
    thirds, count = _thirds(table)
    seen = _change(better, thirds, count)
    chance = np.stack([_change(better[order], thirds, count) for order in orders(values.size)])
    gain = seen - chance.mean(axis=0)
    stands_out = (gain > BEYOND_CHANCE * chance.std(axis=0)) & (gain > 0)
    stands_out &= (count >= FEWEST).all(axis=1)
    if not stands_out.any():
        return None
    best = int(np.argmax(np.where(stands_out, gain, 0.0)))
    low, high = (share_better(endpoint, values[thirds[best, k]])[0] for k in (0, -1))
    return Measurement(names[best], float(gain[best]), low, high)


def weakest_of(names: Iterable[str], grades: Mapping[str, str], pull: Mapping[str, float]) -> str:
    """Return the number of worst grade; among equals the one that moves the effect most.

    >>> weakest_of(["a", "b", "c"], {"a": "B", "b": "E", "c": "E"}, {"c": 0.4})
    'c'
    """
    return max(names, key=lambda name: (grades[name], pull.get(name, 0.0), name))


def hanging(
    edges: Iterable[str],
    found: Effect,
    draws: pl.DataFrame,
    endpoint: EndpointSpec,
    rule: DecisionRule,
    evidence: Evidence,
) -> tuple[Number, dict[str, str]]:
    """Return the weakest number that an answer hangs on, and record -> grade of all of those.

    Args:
        edges: records that the claim is about.
        found: the effect, draw by draw.
        draws: one row per draw, a column per sampled record.
        endpoint: gives the direction and the smallest meaningful difference.
        rule: thresholds of the verdict.
        evidence: the numbers.
    """
    bearing = load_bearing(found.deltas, found.draw_ids, draws, endpoint, rule)
    names = [name for name in {*edges, *bearing} if name in evidence.numbers]
    grades = {name: evidence.number(name).grade for name in names}
    moved = pull(draws, found.draw_ids, np.asarray(found.deltas))
    moved |= {name: 1.0 + moved.get(name, 0.0) for name in edges}  # its own edges come first
    return evidence.number(weakest_of(sorted(names), grades, moved)), grades


def pull(draws: pl.DataFrame, ids: Iterable[int], deltas: Array) -> dict[str, float]:
    """Return record -> absolute rank correlation of its draws with the effect."""
    names, table = _numbers(draws, ids)
    rank, ranks = _ranks(deltas[:, None]), _ranks(table)
    spread = rank.std(axis=0) * ranks.std(axis=0)
    together = np.abs((ranks * rank).mean(axis=0)) / np.where(spread > 0, spread, np.inf)
    return dict(zip(names, together.tolist(), strict=True))


def _ranks(columns: Array) -> Array:
    """The ranks of each column's values, (N, K), centred."""
    place = np.argsort(np.argsort(columns, axis=0, kind="stable"), axis=0)
    return np.asarray(place - place.mean(axis=0))


def _change(better: NDArray[np.bool_], thirds: NDArray[np.bool_], count: Counts) -> Array:
    """How far the share of worlds that are better differs between thirds by each number, (K,)."""
    apart = np.abs(_shares(better, thirds, count) - better.mean())
    return np.asarray((apart * (count / better.size)).sum(axis=-1), float)


def _shares(true: NDArray[np.bool_], thirds: NDArray[np.bool_], count: Counts) -> Array:
    """The share of each third of the worlds by each number in which something is true, (K, 3)."""
    return np.asarray(thirds @ true.astype(float) / np.maximum(count, 1), float)


def _numbers(draws: pl.DataFrame, ids: Iterable[int]) -> tuple[list[str], Array]:
    """Every sampled number's name, and its value in each of some draws, (N, K)."""
    wanted = pl.DataFrame({"draw": list(ids)}, schema={"draw": draws.schema["draw"]})
    rows = draws.join(wanted, on="draw", how="right", maintain_order="right").drop("draw")
    return rows.columns, rows.to_numpy().astype(float).reshape(wanted.height, rows.width)


def _thirds(table: Array) -> tuple[NDArray[np.bool_], Counts]:
    """Split the worlds into thirds by each number, (K, 3, N), and count them; ties share one."""
    edges = np.quantile(table, [k / PARTS for k in range(1, PARTS)], axis=0)
    place = (table > edges[:, None]).sum(axis=0)
    thirds = place.T[:, None] == np.arange(PARTS)[:, None]
    return thirds, thirds.sum(axis=-1)
