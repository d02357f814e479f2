"""The verdict across the in-vitro-to-in-vivo offset, never pooled only.

The offset turns a receptor constant measured in a dish into the one at work in a person. For known
opioids it runs from about 0.3 to 90 (SCIENCE, section 1), and for the kratom alkaloids it has not
been measured, so that one number can set the headline. The edges lie half-way, in logarithms,
between offsets of 0.3, 1, 3 and 10.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from speciosa.verdict.decide import DecisionRule, decide
from speciosa.verdict.effect import EndpointSpec, interval, share_better

EDGES = (0.3, 0.55, 1.7, 5.5, 10.0)
TOO_FEW = "too few draws"


@dataclass(frozen=True)
class OffsetBin:
    """What the draws with an offset in one range say."""

    low: float
    high: float
    draws: int
    estimate: float
    low_effect: float
    high_effect: float
    probability: float
    verdict: str


def bins_of(offsets: np.ndarray, edges: Sequence[float] = EDGES) -> np.ndarray:
    """Number the bin of each offset; values beyond the outer edges go to the outer bins.

    >>> bins_of(np.array([0.1, 0.4, 1.0, 3.0, 8.0, 30.0])).tolist()
    [0, 0, 1, 2, 3, 3]
    """
    return np.searchsorted(np.asarray(edges[1:-1], dtype=float), offsets, side="right")


def by_offset(
    deltas: np.ndarray,
    offsets: np.ndarray,
    endpoint: EndpointSpec,
    *,
    weakest_grade: str,
    harms_in: Callable[[np.ndarray], dict[str, float]],
    rule: DecisionRule,
    edges: Sequence[float] = EDGES,
) -> tuple[OffsetBin, ...]:
    """Judge a claim apart in each range of the offset.

    Args:
        deltas: the effect in each draw.
        offsets: the offset of the same draws.
        endpoint: the endpoint of the claim.
        weakest_grade: as for :func:`speciosa.verdict.decide.decide`.
        harms_in: given a mask of draws, harm -> probability above its limit among them.
        rule: thresholds; below ``rule.fewest_draws`` no word is given.
        edges: edges of the ranges. The outer ranges are widened to hold every draw.
    """
    place = bins_of(offsets, edges)
    found = []
    for index, (low, high) in enumerate(pairwise(edges)):
        inside = place == index
        if index == 0 and inside.any():
            low = min(low, float(offsets[inside].min()))
        if index == len(edges) - 2 and inside.any():
            high = max(high, float(offsets[inside].max()))
        part = deltas[inside]
        bottom, top = interval(part)
        verdict: str = TOO_FEW
        if part.size >= rule.fewest_draws:
            verdict = decide(
                part,
                endpoint.smallest_meaningful,
                better=endpoint.better,
                weakest_grade=weakest_grade,
                harms=harms_in(inside),
                rule=rule,
            ).word
        found.append(
            OffsetBin(
                low,
                high,
                int(part.size),
                float(part.mean()) if part.size else float("nan"),
                bottom,
                top,
                share_better(endpoint, part)[0],
                str(verdict),
            )
        )
    return tuple(found)


def depends_on_offset(bins: Sequence[OffsetBin]) -> bool:
    """Whether the verdict changes with the offset.

    >>> same = OffsetBin(0.3, 0.55, 20, -3.0, -4.0, -2.0, 0.9, "supported")
    >>> depends_on_offset([same, same])
    False
    """
    return len({each.verdict for each in bins if each.verdict != TOO_FEW}) > 1
