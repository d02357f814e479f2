"""Gendy 2020: melatonin 5 mg for four weeks in alcohol use disorder changes sleep as placebo does.

Sixty people; PSQI fell in both groups and did not differ. A negative control: the model's
difference at four weeks must stay within 1.5 points.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from opioid_trials import run, study
from speciosa.people.cohort import DRINKERS

NOON = (14.0,)
WEEKS = 4


def test_psqi_falls_alike_with_melatonin_and_placebo() -> None:
    arms = {"placebo": (), "melatonin": ("melatonin 5 mg at 22:00 daily for 28 d",)}
    asked = replace(study(arms, 7 * WEEKS, DRINKERS, people=40), disorder="alcohol")
    seen = run(asked, behaviour=False, sample_hours=NOON, quantities=lambda model: ("psqi",))
    psqi = {name: arm.course.samples("psqi")[:, 0].mean(axis=1) for name, arm in seen.items()}
    assert np.all(psqi["placebo"][-1] < psqi["placebo"][2] - 1)  # both fall
    assert psqi["melatonin"][-1] < psqi["melatonin"][2] - 1
    difference = psqi["melatonin"][-1] - psqi["placebo"][-1]
    assert -1.5 < difference < 1.5
    assert difference != 0  # the two arms are not one
