"""Looking early without fooling oneself: boundaries of group-sequential trials.

The statistic at look k is a standard normal score whose correlation with the score at look j is
sqrt(t_j / t_k), t the share of the information. The chance to cross is integrated look by look
(Armitage, McPherson and Rowe, J R Stat Soc A 1969;132:235-44). Classic boundaries: Pocock,
constant; O'Brien-Fleming, C sqrt(1 / t). Spending (Lan and DeMets, Biometrika 1983;70:659-63):
alpha(t) is spent as the information comes in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from speciosa.core.errors import InputError, nearest

Array = NDArray[np.float64]
KINDS = ("obrien-fleming", "pocock", "obrien-fleming spending", "pocock spending")
_NODES, _FAR = 240, 9.0
_X, _WEIGHT = np.polynomial.legendre.leggauss(_NODES)


@dataclass(frozen=True)
class Boundaries:
    """Critical values of a group-sequential test.

    Args:
        kind: one of :data:`KINDS`.
        information: share of the information at each look, the last one 1.
        critical: the test stops where the score (its size, if two-sided) exceeds it.
        spent: type I error spent up to each look.
        sides: 1 or 2.
    """

    kind: str
    information: tuple[float, ...]
    critical: tuple[float, ...]
    spent: tuple[float, ...]
    sides: int

    def crossing(self, drift: float = 0.0) -> list[float]:
        """Return the chance to stop for benefit at each look.

        Args:
            drift: expected score at the end of the trial; 0 under no effect.
        """
        return _crossing(self.information, self.critical, self.sides, drift)

    def power(self, drift: float) -> float:
        """Return the chance to stop for benefit at any look."""
        return float(sum(self.crossing(drift)))

    def inflation(self, power: float = 0.8) -> float:
        """Return the largest size over that of a trial without early looks, at equal power."""
        alpha = self.spent[-1]
        fixed = stats.norm.ppf(1 - alpha / self.sides) + stats.norm.ppf(power)
        found = optimize.brentq(lambda drift: self.power(drift) - power, 0.5, 12.0, xtol=1e-10)
        return float((found / fixed) ** 2)

    def nominal(self, look: int) -> float:
        """Return the p value (of as many sides) below which the trial stops at a look, from 0."""
        return float(self.sides * stats.norm.sf(self.critical[look]))


def boundaries(
    kind: str,
    looks: int | Sequence[float],
    *,
    alpha: float = 0.05,
    sides: int = 2,
) -> Boundaries:
    """Return the boundaries of a group-sequential test.

    Args:
        kind: one of :data:`KINDS`.
        looks: how many, equally spaced, or the share of information at each, the last one 1.
        alpha: type I error over all looks and sides.
        sides: 1 (stop for benefit only) or 2.

    >>> [round(c, 3) for c in boundaries("pocock", 5).critical]
    [2.413, 2.413, 2.413, 2.413, 2.413]
    >>> round(boundaries("obrien-fleming", 5).critical[-1], 3)
    2.04
    """
    if kind not in KINDS:
        raise InputError(f'boundary "{kind}" is unknown', "", nearest(kind, KINDS))
    times = tuple(
        (np.arange(1, looks + 1) / looks).tolist() if isinstance(looks, int) else map(float, looks)
    )
    rising = all(a < b for a, b in zip((0.0, *times), times, strict=False))
    if not times or not rising or abs(times[-1] - 1) > 1e-12 or sides not in (1, 2):
        raise InputError(
            f"looks at {looks!r}", "group-sequential design",
            "Name rising shares of the information that end with 1, and one or two sides.",
        )  # fmt: skip
    if not 0 < alpha < 0.5:
        raise InputError(f"alpha = {alpha:g}", "group-sequential design", "0 < alpha < 0.5.")
    if kind.endswith("spending"):
        critical = _by_spending(kind, times, alpha, sides)
    else:
        power = 0.5 if kind == "obrien-fleming" else 0.0
        shape = np.array([(1 / t) ** power for t in times])

        def excess(constant: float) -> float:
            return sum(_crossing(times, tuple(constant * shape), sides, 0.0)) - alpha

        critical = tuple((optimize.brentq(excess, 0.5, 6.0, xtol=1e-11) * shape).tolist())
    spent = tuple(np.cumsum(_crossing(times, critical, sides, 0.0)).tolist())
    return Boundaries(kind, times, critical, spent, sides)


def spending(kind: str, share: float, alpha: float, sides: int = 2) -> float:
    """Return the type I error spent when a share of the information is there.

    >>> round(spending("pocock spending", 1.0, 0.05), 3)
    0.05
    """
    one = alpha / sides
    if kind.startswith("pocock"):
        return sides * one * math.log(1 + (math.e - 1) * share)
    return float(sides * 2 * stats.norm.sf(stats.norm.ppf(1 - one / 2) / math.sqrt(share)))


def _by_spending(
    kind: str, times: tuple[float, ...], alpha: float, sides: int
) -> tuple[float, ...]:
    critical: tuple[float, ...] = ()
    before = 0.0
    for number, time in enumerate(times):
        target = spending(kind, time, alpha, sides)

        def excess(
            limit: float, upto: tuple[float, ...] = times[: number + 1],
            known: tuple[float, ...] = critical, spend: float = target - before,
        ) -> float:  # fmt: skip
            return _crossing(upto, (*known, limit), sides, 0.0)[-1] - spend

        critical = (*critical, float(optimize.brentq(excess, 0.0, 12.0, xtol=1e-11)))
        before = target
    return critical


def _crossing(
    times: Sequence[float], critical: Sequence[float], sides: int, drift: float
) -> list[float]:
    """Return the chance to cross first at each look; both sides count without a drift."""
    found: list[float] = []
    score = np.zeros(1)  # Brownian value at the last look, with its density times weight
    mass = np.ones(1)
    last = 0.0
    for time, limit in zip(times, critical, strict=True):
        spread = math.sqrt(time - last)
        upper = limit * math.sqrt(time)
        lower = -upper if sides == 2 else min(-_FAR * math.sqrt(time), upper - 1e-9)
        middle = score + drift * (time - last)
        chance = float(mass @ stats.norm.sf((upper - middle) / spread))
        if sides == 2 and drift == 0:
            chance += float(mass @ stats.norm.cdf((lower - middle) / spread))
        found.append(chance)
        half = (upper - lower) / 2
        nodes = lower + half * (_X + 1)
        density = stats.norm.pdf((nodes[:, None] - middle) / spread) / spread
        mass = half * _WEIGHT * (density @ mass)
        score, last = nodes, time
    return found
