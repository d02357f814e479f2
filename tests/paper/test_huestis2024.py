"""Huestis 2024 (Molecules 29:984): capsules of leaf, 6.65 to 53.2 mg mitragynine, one dose.

Only what the abstract gives was seen: times of the peak, half-lives, the ratio of the two
alkaloids, and that the peak is proportional to dose and the area slightly more than that. The
doses between the ends, and the sampling times, are assumed.
"""

from __future__ import annotations

import numpy as np
import pytest

from kratom_chain import Run, recorded, run, tea

PARENT, PRODUCT = "mitragynine_plasma", "hydroxymitragynine_plasma"
DOSES = (6.65, 13.3, 26.6, 53.2)
TIMES = np.concatenate((np.arange(0, 3, 0.25), [3, 4, 6, 8, 12, 24, 48, 72, 96, 120]))
FOLD = 1.25


@pytest.fixture(scope="module")
def groups() -> dict[float, Run]:
    return {dose: run([tea(dose)], TIMES) for dose in DOSES}


@pytest.fixture(scope="module")
def limit() -> float:
    return recorded("kratom.quantification_limit")


@pytest.mark.parametrize("quantity, low, high", [(PARENT, 1.0, 1.3), (PRODUCT, 1.2, 1.8)])
def test_time_of_the_peak(
    groups: dict[float, Run], limit: float, quantity: str, low: float, high: float
) -> None:
    for group in groups.values():
        assert low / FOLD <= group.reading(quantity, limit).tmax <= high * FOLD


@pytest.mark.parametrize("quantity, published", [(PARENT, 43.4), (PRODUCT, 4.7)])
def test_longest_half_life_of_a_dose_group(
    groups: dict[float, Run], limit: float, quantity: str, published: float
) -> None:
    longest = max(group.reading(quantity, limit).half_life for group in groups.values())
    assert published / FOLD <= longest <= published * FOLD


def test_ratio_of_the_alkaloids(groups: dict[float, Run], limit: float) -> None:
    """Where the assay follows the parent for days; at the lowest dose it does not."""
    for dose in DOSES[1:]:
        reading = groups[dose].reading
        ratio = reading(PRODUCT, limit).auc_inf / reading(PARENT, limit).auc_inf
        assert 0.20 <= ratio <= 0.31


def slope(groups: dict[float, Run], metric: str) -> float:
    """Power of the dose, from profiles without an assay limit."""
    size = [getattr(groups[dose].reading(PARENT, 0.0), metric) for dose in DOSES]
    return float(np.polyfit(np.log(DOSES), np.log(size), 1)[0])


def test_peak_is_proportional_to_dose(groups: dict[float, Run]) -> None:
    assert 0.85 <= slope(groups, "cmax") <= 1.15


def test_area_is_slightly_more_than_proportional(groups: dict[float, Run]) -> None:
    assert 1.0 < slope(groups, "auc_inf") <= 1.2
