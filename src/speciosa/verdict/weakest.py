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
from speciosa.verdict.decide import DecisionRule, decide
from speciosa.verdict.effect import Effect, EndpointSpec, is_better, share_better
from speciosa.verdict.shuffle import orders

Array = NDArray[np.float64]
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
    whole = _word(values, endpoint, rule)
    bearing = []
    for name, column in _columns(draws, ids):
        for part in _parts(column):
            if part.sum() >= FEWEST and _word(values[part], endpoint, rule) != whole:
                bearing.append(name)
                break
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
    best: Measurement | None = None
    better = is_better(endpoint, values)
    other = better[np.array(orders(values.size))]
    for name, column in _columns(draws, ids):
        parts = _parts(column)
        if any(part.sum() < FEWEST for part in parts):
            continue
        seen = float(_change(better, parts))
        chance = _change(other, parts)
        gain = seen - float(chance.mean())
        if gain <= BEYOND_CHANCE * float(chance.std()) or gain <= 0:
            continue
        if best is None or gain > best.change:
            low, high = (share_better(endpoint, values[parts[k]])[0] for k in (0, -1))
            best = Measurement(name, gain, low, high)
    return best


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
    rows = draws.join(
        pl.DataFrame({"draw": list(ids)}), on="draw", how="right", maintain_order="right"
    )
    rank = _ranks(deltas)
    pulls = {}
    for name in rows.columns:
        values = _ranks(rows[name].to_numpy()) if name != "draw" else rank * 0
        spread = float(np.std(values) * np.std(rank))
        pulls[name] = abs(float(np.mean(values * rank)) / spread) if spread > 0 else 0.0
    del pulls["draw"]
    return pulls


def _ranks(values: Array) -> Array:
    place = np.empty(len(values))
    place[np.argsort(values, kind="stable")] = np.arange(len(values))
    return np.asarray(place - place.mean())


def _word(values: Array, endpoint: EndpointSpec, rule: DecisionRule) -> str:
    smallest, better = endpoint.smallest_meaningful, endpoint.better
    return decide(values, smallest, better=better, weakest_grade=STRONG, rule=rule).word


def _change(better: NDArray[np.bool_], parts: Sequence[NDArray[np.bool_]]) -> Array:
    """How far the share of worlds that are better, (..., N), differs between parts of them."""
    belongs = np.array(parts, float)
    count = belongs.sum(axis=1)
    apart = np.abs(better @ belongs.T / count - better.mean(axis=-1, keepdims=True))
    return np.asarray((apart * (count / belongs.shape[1])).sum(axis=-1), float)


def _columns(draws: pl.DataFrame, ids: Iterable[int]) -> Iterable[tuple[str, Array]]:
    wanted = pl.DataFrame({"draw": list(ids)}, schema={"draw": draws.schema["draw"]})
    rows = draws.join(wanted, on="draw", how="right", maintain_order="right")
    for name in rows.columns:
        if name != "draw":
            yield name, rows[name].to_numpy().astype(float)


def _parts(column: Array) -> list[NDArray[np.bool_]]:
    """Split worlds into thirds by a number; ties share a third."""
    edges = np.quantile(column, [k / PARTS for k in range(1, PARTS)])
    place = np.searchsorted(edges, column, side="left")
    return [place == k for k in range(PARTS)]
