"""Haertter 2000 and von Bahr 2000: fluvoxamine 50 mg and melatonin; Culm-Merdek 2005: caffeine.

The oral area ratio of 17 calibrates the inhibition constant of fluvoxamine; the ratio for the
body's own melatonin (2.8, seven people, 0-20 h) and that for caffeine (105 over 9.1 mL/min) are
predictions.
"""

from __future__ import annotations

import numpy as np
import pytest

from interaction_chain import Dose, melatonin_body, ratio, run

QUANTITY = "melatonin_plasma"


def test_oral_melatonin_seventeen_times():
    """Calibration. Fluvoxamine was given three hours before (assumed)."""
    found = ratio(
        Dose(3, "melatonin_oral", 5), [Dose(0, "fluvoxamine_oral", 50)], QUANTITY,
        hours=np.arange(0, 24.01, 0.1), whole=melatonin_body(gland=False),
    )  # fmt: skip
    assert found["auc_inf"] == pytest.approx(17, rel=0.03)
    assert 12 / 2 < found["cmax"] < 12 * 2  # published 12, predicted 7


def test_own_melatonin_within_1_3_fold():
    """Published 2.8; the closed form of complete inhibition gives 3.4. Fluvoxamine at 16:00."""
    hours = np.arange(8.0, 28.01, 0.1)
    areas = []
    for doses in ([], [Dose(8, "fluvoxamine_oral", 50)]):
        read = run(doses, [0.0, *hours], [QUANTITY], whole=melatonin_body(gland=True))[QUANTITY]
        areas.append(np.trapezoid(read[1:], hours))
    found = areas[1] / areas[0]
    assert 2.8 / 1.3 < found < 2.8 * 1.3
    assert found < 17 / 3  # a drug that is not swallowed has no first pass to lose


def test_caffeine_within_twofold():
    """Published 11.5; predicted about 17.6, because nothing but 5 % escapes CYP1A2 here."""
    fluvoxamine = [Dose(12.0 * n, "fluvoxamine_oral", 100) for n in range(4)]
    found = ratio(
        Dose(36, "caffeine_oral", 250), fluvoxamine, "caffeine_plasma",
        hours=np.arange(0, 24.01, 0.25),
    )  # fmt: skip
    assert 11.5 / 2 < found["auc_inf"] < 11.5 * 2
