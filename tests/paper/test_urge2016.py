"""The urge to drink, day by day (PMC4826789): its odds fall at abstinence, then week by week.

Log odds -0.701 (women) and -0.628 (men) at abstinence, then -0.118 and -0.141 per unit of time,
taken to be a week.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from alone import centre
from speciosa.response.alcohol_craving import ALCOHOL_CRAVING

P = centre(ALCOHOL_CRAVING)
WEEKS = np.array([0.0, 1 / 7, 1.0, 4.0, 12.0])


def log_odds(weeks):
    s = {"days_abstinent": 7.0 * np.asarray(weeks), "hyperexcitability": 0.0, "cue": 0.0,
         "psqi": P["psqi_usual"], "claimed_craving_relief": 0.0}  # fmt: skip
    share = ALCOHOL_CRAVING.outputs(np, {}, s, P)["craving"] / P["top"]
    return np.log(share / (1 - share))


def test_the_odds_step_down_at_abstinence_and_fall_by_the_week():
    found = log_odds(WEEKS) - log_odds(0.0)
    assert found == pytest.approx(-np.where(WEEKS > 0, 0.70 + 0.12 * WEEKS, 0.0), abs=1e-6)


def test_the_fall_lies_between_womens_and_mens_and_halves_the_odds_in_six_weeks():
    step, trend = log_odds(1.0) - log_odds(0.0), log_odds(5.0) - log_odds(4.0)
    assert -0.701 - 0.118 - 0.03 < step < -0.628 - 0.118 + 0.03
    assert -0.141 - 0.001 < trend < -0.118 + 0.001
    assert math.log(2) / -trend == pytest.approx(5.9, abs=0.2)
