"""What an analysis returns: an estimate with its error, its degrees of freedom and what follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """An estimate of a contrast.

    Args:
        value: the estimate, in the unit of the outcome (or on the log scale of a ratio).
        error: its standard error.
        freedom: degrees of freedom of the t distribution; infinite for the normal one.

    >>> found = Estimate(-2.0, 0.8, 40.0)
    >>> round(found.p_value, 4), [round(end, 2) for end in found.interval()]
    (0.0166, [-3.62, -0.38])
    """

    value: float
    error: float
    freedom: float = float("inf")

    @property
    def statistic(self) -> float:
        """The estimate over its standard error; 0 / 0 is no evidence."""
        if self.error == 0:
            return 0.0 if self.value == 0 else float(np.sign(self.value) * np.inf)
        return self.value / self.error

    @property
    def p_value(self) -> float:
        """Two-sided p value of no effect."""
        return float(2 * self._beyond(abs(self.statistic)))

    def one_sided(self, better: str) -> float:
        """One-sided p value against no effect.

        Args:
            better: the direction of benefit, ``lower`` or ``higher``.
        """
        return self._beyond(-self.statistic if better == "lower" else self.statistic)

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the two-sided confidence interval of a level."""
        tail = (1 + level) / 2
        known = np.isfinite(self.freedom)
        reach = float(stats.t.ppf(tail, self.freedom) if known else stats.norm.ppf(tail))
        return self.value - reach * self.error, self.value + reach * self.error

    def covers(self, truth: float, level: float = LEVEL) -> bool:
        """Whether the confidence interval holds a value."""
        low, high = self.interval(level)
        return low <= truth <= high

    def _beyond(self, statistic: float) -> float:
        if np.isfinite(self.freedom):
            return float(stats.t.sf(statistic, self.freedom))
        return float(stats.norm.sf(statistic))
