"""Trostheim 2023 (Neuropsychopharmacology), Table 1: mu receptors blocked by naloxone, naltrexone.

The two binding constants were set by hand to this table: agreement is calibration.
"""

from __future__ import annotations

import numpy as np
import pytest

from opioid_chain import central, course, nmol
from speciosa.exposure.naloxone import NALOXONE
from speciosa.exposure.naltrexone import NALTREXONE
from speciosa.receptor.mu import mu

WEIGHT = 70.0
MINUTES_35_TO_65 = np.linspace(35.0, 65.0, 31) / 60.0


def blocked(drug, entry, milligrams, hours):
    stage = mu((drug.name,), kratom=False)
    s = course(drug, [(0.0, entry, nmol(milligrams, drug.name))], hours)
    return 100 * stage.outputs(np, {}, s, central(stage))["mu_blockade"]


@pytest.mark.parametrize(
    ("per_kilogram", "low", "high"), [(0.001, 19, 40), (0.01, 65, 100), (0.1, 97, 100)]
)
def test_intravenous_naloxone(per_kilogram, low, high):
    scan = blocked(NALOXONE, "naloxone_intravenous", per_kilogram * WEIGHT, MINUTES_35_TO_65)
    assert low <= scan.mean() <= high


@pytest.mark.parametrize(("per_kilogram", "seen"), [(0.0005, 20), (0.002, 43), (0.005, 75)])
def test_intravenous_naloxone_between_those_doses(per_kilogram, seen):
    """Single studies, not used to set the constant."""
    scan = blocked(NALOXONE, "naloxone_intravenous", per_kilogram * WEIGHT, MINUTES_35_TO_65)
    assert scan.mean() == pytest.approx(seen, abs=12)


def test_oral_naltrexone_50_mg_for_eight_hours():
    scan = blocked(NALTREXONE, "naltrexone_oral", 50.0, np.linspace(1.0, 8.0, 71))
    assert scan.min() >= 92
    assert scan.max() <= 98.5
