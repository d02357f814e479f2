"""Vicknasingam 2020: men who drank kratom daily kept their hand in ice water for 11.2 s before a
decoction and for 24.9 s an hour after it; placebo changed nothing.

The gain of the pain stage is calibrated to this pair. The people come without an opioid habit and
take leaf three times a day for 20 d; the test dose follows 16 h after the last.
"""

from __future__ import annotations

import numpy as np
import pytest

from opioid_trials import run, study
from speciosa.people.cohort import Population

PEOPLE = Population(habits=(), men=1.0, residential_days=100)
HABIT = "kratom leaf 5 g every 8 h for 20 d"
DAY = 20  # counted from 0
HOURS = (8.0, 9.0)


def test_tolerance_doubles_an_hour_after_the_dose_and_not_after_placebo():
    arms = {"kratom": (HABIT, "kratom leaf 5 g once at 08:00 on day 21"), "placebo": (HABIT,)}
    asked = study(arms, DAY + 2, PEOPLE, people=150)
    seen = run(
        asked, behaviour=False, sample_hours=HOURS,
        quantities=lambda model: ("pain_tolerance", "mu_signal"),
    )  # fmt: skip
    before, after = (seen["kratom"].course.samples("pain_tolerance")[DAY, k] for k in (0, 1))
    assert before.mean() == pytest.approx(11.2, rel=0.30)
    assert after.mean() / before.mean() == pytest.approx(24.9 / 11.2, rel=0.25)
    none = seen["placebo"].course.samples("pain_tolerance")[DAY]
    assert none[1].mean() / none[0].mean() == pytest.approx(1.0, abs=0.15)
    assert np.array_equal(none[0], before)  # twins until the dose
