"""The test that a real trial would make, for operating characteristics.

A real trial has no twins: two arms hold different people. Welch's t test compares them without
assuming equal variances (Welch BL. Biometrika 1947;34:28-35).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class TestResult:
    """A two-sided test of no difference: estimate, standard error, p value, and the decision."""

    __test__ = False  # not a test case, whatever its name suggests to a test collector

    estimate: float
    error: float
    p_value: float
    rejects: bool


def difference_test(
    arm: Sequence[float] | np.ndarray, versus: Sequence[float] | np.ndarray, alpha: float = 0.05
) -> TestResult:
    """Test whether two arms of different people differ in their mean.

    Args:
        arm, versus: observed endpoints, NaN where missing (left out).
        alpha: two-sided level of the test.

    >>> difference_test([1.0, 2.0, 3.0, 4.0], [11.0, 12.0, 13.0, 14.0]).rejects
    True
    >>> difference_test([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]).rejects
    False
    """
    first, second = (np.asarray(x, float)[np.isfinite(np.asarray(x, float))] for x in (arm, versus))
    estimate = float(first.mean() - second.mean()) if first.size and second.size else float("nan")
    if min(first.size, second.size) < 2:
        return TestResult(estimate, float("nan"), float("nan"), False)
    parts = np.array([first.var(ddof=1) / first.size, second.var(ddof=1) / second.size])
    error = float(np.sqrt(parts.sum()))
    if error == 0:
        p_value = 1.0 if estimate == 0 else 0.0
    else:
        freedom = parts.sum() ** 2 / (
            parts[0] ** 2 / (first.size - 1) + parts[1] ** 2 / (second.size - 1)
        )
        p_value = float(2 * stats.t.sf(abs(estimate) / error, freedom))
    return TestResult(estimate, error, p_value, p_value < alpha)
