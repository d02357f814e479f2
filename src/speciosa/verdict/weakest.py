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

from speciosa.verdict.decide import DecisionRule, decide
from speciosa.verdict.effect import EndpointSpec, share_better

Array = NDArray[np.float64]
PARTS = 3  # worlds are split into thirds by a number
FEWEST = 5  # worlds in a third, below which it says nothing
STRONG = "A"  # grade under which words are compared: only the effect decides
ORDERS = 16  # orders of the worlds that stand for chance
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
    columns = list(_columns(draws, ids))
    for name, column in columns:
        parts = _parts(column)
        if any(part.sum() < FEWEST for part in parts):
            continue
        seen = _change(values, parts, endpoint)
        chance = np.array([
            _change(values[order], parts, endpoint) for order in _orders(values.size)
        ])  # fmt: skip
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


def _word(values: Array, endpoint: EndpointSpec, rule: DecisionRule) -> str:
    smallest, better = endpoint.smallest_meaningful, endpoint.better
    return decide(values, smallest, better=better, weakest_grade=STRONG, rule=rule).word


def _change(values: Array, parts: Sequence[NDArray[np.bool_]], endpoint: EndpointSpec) -> float:
    whole = share_better(endpoint, values)[0]
    each = [abs(share_better(endpoint, values[part])[0] - whole) * part.mean() for part in parts]
    return float(sum(each))


def _orders(size: int) -> list[NDArray[np.int64]]:
    """Return orders of the worlds that have nothing to do with any number, always the same."""
    golden = (np.sqrt(5) - 1) / 2
    return [np.argsort((np.arange(size) + k) * golden * (k + 1) % 1.0) for k in range(ORDERS)]


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
