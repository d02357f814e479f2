"""Which numbers the endpoints of a trial could tell apart, from a run's own draws.

The mean of every endpoint in both arms is regressed on the numbers, all at once. Directions of the
numbers that move the endpoints no more than numbers in the order of other worlds do are lost: what
stands in them cannot be learnt from such a trial (parallel analysis, Horn JL. Psychometrika
1965;30:179, on the rank of the sensitivity matrix).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.verdict.record import TrialRecord
from speciosa.verdict.shuffle import normal_scores, orders

Array = NDArray[np.float64]
CHANCE = 0.95  # of other orders of the worlds in which a direction moves the endpoints less
LOST = 0.4  # share of a number that lies in lost directions from which it is not learnt
JOINED = 0.3  # of a lost direction that two numbers share from which they are lost together
SMALL = 1e-9  # of the largest direction, under which one is rounding
WORLDS_EACH = 4  # worlds for each number, at least


def told_apart(
    record: TrialRecord, arm: str, versus: str, names: Sequence[str]
) -> dict[str, Any] | None:
    """Return how many of some numbers two arms could tell apart, and which they could not.

    Args:
        record: a run.
        arm, versus: the two arms; what is no arm of the run is left out.
        names: sampled numbers.

    Returns:
        ``names``, ``rank``, ``observations`` and ``lost`` (groups of names); None where there are
        too few worlds.
    """
    arms = [each for each in (arm, versus) if each in record.arms]
    if record.draws is None or not names or not arms:
        return None
    seen = _means(record, arms)
    both = seen.join(record.draws.select("draw", *names), on="draw").drop_nulls()
    if both.height < WORLDS_EACH * len(names):
        return None
    outcomes = both.select(c for c in seen.columns if c != "draw").to_numpy().astype(float)
    outcomes = outcomes[:, np.isfinite(outcomes).all(axis=0)]
    outcomes = outcomes[:, outcomes.std(axis=0) > 0]
    scores = np.stack(
        [normal_scores(both[name].to_numpy().astype(float)) for name in names], axis=1
    )
    outcomes = (outcomes - outcomes.mean(axis=0)) / outcomes.std(axis=0)
    return {
        "names": list(names),
        "observations": int(outcomes.shape[1]),
        **dict(zip(("rank", "lost"), ranked(scores, outcomes, names), strict=True)),
    }


def ranked(
    scores: Array, outcomes: Array, names: Sequence[str]
) -> tuple[int, list[tuple[str, ...]]]:
    """Return how many directions of the numbers the outcomes fix, and which numbers are lost.

    Args:
        scores: standard scores of the numbers in each world (worlds, numbers).
        outcomes: what is observed, standardised (worlds, observations).
        names: of the numbers.

    >>> k = np.arange(1, 401)
    >>> a, b, c = (normal_scores(k * np.sqrt(p) % 1.0) for p in (2, 3, 5))
    >>> ranked(np.stack([a, b, c], axis=1), np.stack([a + b, 2 * (a + b)], axis=1), "abc")
    (1, [('a', 'b'), ('c',)])
    """
    slopes, chance = _slopes(scores, outcomes), []
    _, sizes, directions = np.linalg.svd(slopes.T, full_matrices=True)
    for order in orders(len(scores)):
        chance.append(np.linalg.svd(_slopes(scores[order], outcomes), compute_uv=False))
    most = np.quantile(np.stack(chance), CHANCE, axis=0)
    above = sizes > np.maximum(most, SMALL * sizes[0])
    rank = int(above.argmin()) if not above.all() else int(above.size)
    lost = directions[rank:]
    shared = np.abs(lost.T @ lost)
    gone = [k for k in range(len(names)) if shared[k, k] >= LOST]
    groups: list[tuple[str, ...]] = []
    while gone:
        first = gone[0]
        group = [k for k in gone if k == first or shared[first, k] >= JOINED]
        groups.append(tuple(names[k] for k in group))
        gone = [k for k in gone if k not in group]
    return rank, groups


def _slopes(scores: Array, outcomes: Array) -> Array:
    centred = scores - scores.mean(axis=0)
    return np.asarray(np.linalg.lstsq(centred, outcomes, rcond=None)[0], float)


def _means(record: TrialRecord, arms: Sequence[str]) -> pl.DataFrame:
    """One row per draw: the mean of each endpoint in each arm."""
    endpoints = [each.id for each in (*record.endpoints, *record.shown)]
    tables = [
        record.means.filter(pl.col("arm") == arm)
        .drop("arm")
        .rename({name: f"{name} {arm}" for name in endpoints})
        for arm in dict.fromkeys(arms)
    ]
    whole = tables[0]
    for other in tables[1:]:
        whole = whole.join(other, on="draw")
    kept = [c for c in whole.columns if whole[c].null_count() == 0]
    return whole.select(kept).sort("draw")
