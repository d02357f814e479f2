"""Tanna 2022 (Pharmaceutics 14:620): one cup of tea with 39 mg mitragynine, five healthy adults.

Medians and ranges as tabulated in Tanna 2023. These eight numbers calibrated the model, so that
agreement shows that the equations and records still say what they said, and no more.
"""

from __future__ import annotations

import numpy as np
import pytest

from kratom_chain import TANNA_TIMES, Run, recorded, run, tea

PARENT, PRODUCT = "mitragynine_plasma", "hydroxymitragynine_plasma"
# quantity, metric, median, lowest, highest (nM, h)
TARGETS = [
    (PARENT, "cmax", 81.9, 50.1, 177),
    (PARENT, "tmax", 1.0, 0.75, 1.5),
    (PARENT, "auc_inf", 420, 324, 1360),
    (PARENT, "half_life", 45.3, 31.9, 50.2),
    (PRODUCT, "cmax", 16.1, 11.9, 22.2),
    (PRODUCT, "tmax", 1.0, 0.75, 2.5),
    (PRODUCT, "auc_inf", 106, 60.8, 126),
    (PRODUCT, "half_life", 5.67, 5.03, 6.52),
]
FOLD = 1.25


@pytest.fixture(scope="module")
def cup() -> Run:
    return run([tea(39)], TANNA_TIMES)


@pytest.fixture(scope="module")
def limit() -> float:
    return recorded("kratom.quantification_limit")


@pytest.mark.parametrize("quantity, metric, median, low, high", TARGETS)
def test_single_dose(
    cup: Run, limit: float, quantity: str, metric: str, median: float, low: float, high: float
) -> None:
    found = getattr(cup.reading(quantity, limit), metric)
    assert min(median / FOLD, low) <= found <= max(median * FOLD, high)


@pytest.mark.parametrize("quantity, metric, median", [t[:3] for t in TARGETS if t[1] != "tmax"])
def test_amounts_and_half_lives_are_close_to_the_medians(
    cup: Run, limit: float, quantity: str, metric: str, median: float
) -> None:
    found = getattr(cup.reading(quantity, limit), metric)
    assert found == pytest.approx(median, rel=0.1)


def test_the_half_life_of_7_oh_is_a_window(limit: float) -> None:
    """Below the assay's limit it follows the parent, which keeps forming it."""
    late = run([tea(39)], np.array([1.0, 96, 120, 144, 168]))
    true = late.reading(PRODUCT, 0.0).half_life
    assert true == pytest.approx(late.reading(PARENT, 0.0).half_life, rel=0.05)
    assert late.quantities[PRODUCT][1] < limit
