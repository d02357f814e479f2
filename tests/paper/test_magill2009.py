"""Psychosocial treatment: sizes and their fading (Magill 2009, Benishek 2014, Kelly 2020)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from alone import centre
from opioid_chain import numbers
from speciosa.care.psychosocial import parse_care
from speciosa.care.therapy import LOG_ODDS_PER_DIFFERENCE, care_decision
from speciosa.core.stage import Moment
from speciosa.response.therapy import therapy, treatments

MONTH = 365.25 / 12  # d
LENGTH = 84  # d


def log_odds(line: str, days_after_the_end: float, signal: float = 0.0) -> float:
    """The change of the log odds of use, that long after twelve weeks of treatment."""
    decision = care_decision(parse_care(line), "arm", LENGTH)
    hours = 24.0 * (LENGTH + days_after_the_end)
    moment = Moment(hours, 8.0, hours / 24.0)
    memory, doses = decision.decide(
        np, moment, {"in_treatment": 1.0}, dict(decision.memory), (), centre(decision)
    )
    assert doses == {}
    stage = therapy(treatments([decision]))
    s = {**memory, "mu_signal_prescribed": signal}
    return float(stage.outputs(np, {}, s, centre(stage))["care_log_odds"])


def difference(line: str, months: float) -> float:
    return -log_odds(line, months * MONTH) / LOG_ODDS_PER_DIFFERENCE


def test_a_standard_deviation_is_1_814_log_odds():
    assert pytest.approx(1.814, abs=5e-4) == LOG_ODDS_PER_DIFFERENCE


@pytest.mark.parametrize("days", [0.0, 30.0, 90.0, 365.0])
@pytest.mark.parametrize(
    "line, size, decay", [("CBT", 0.154, 25.0), ("contingency management", 0.46, 3.0)]
)
def test_log_odds_are_minus_1_814_d_that_fade_with_their_time_constant(line, size, decay, days):
    wanted = -1.814 * size * math.exp(-days / (decay * MONTH))
    if line == "contingency management" and days > 6 * MONTH:
        wanted = 0.0
    assert log_odds(line, days) == pytest.approx(wanted, rel=1e-3, abs=1e-12)


def test_magill_cbt_at_the_end_at_6_to_9_and_at_12_months():
    assert difference("CBT", 0.0) == pytest.approx(0.154, abs=1e-3)
    assert difference("CBT", 7.5) == pytest.approx(0.115, abs=0.005)
    assert difference("CBT", 12.0) == pytest.approx(0.096, abs=0.005)


def test_benishek_prizes_work_at_the_end_and_not_at_six_months():
    assert difference("contingency management", 0.0) == pytest.approx(0.46, abs=1e-3)
    to_three = np.mean([difference("contingency management", m) for m in np.linspace(0, 3, 31)])
    assert to_three == pytest.approx(0.33, abs=0.06)
    assert difference("contingency management", 6.01) == 0.0


def test_kelly_mutual_help_raises_continuous_abstinence_by_a_fifth():
    """From 35 % at a year, as a hazard ratio all year long."""
    ratio = numbers()["care.mutual_help_ratio"].value
    assert 0.35**ratio / 0.35 == pytest.approx(1.21, abs=0.02)
    assert math.exp(log_odds("mutual help", 0.0)) == pytest.approx(ratio, rel=1e-9)


def test_amato_nothing_is_added_to_an_agonist():
    """Retention RR 1.03 (0.98-1.07), abstinence RR 1.12 (0.92-1.37): hazard ratio 1 by default."""
    assert log_odds("CBT + counselling", 0.0, signal=0.8) == 0.0
    assert log_odds("CBT + counselling", 0.0, signal=0.15) == pytest.approx(
        0.5 * log_odds("CBT", 0.0), rel=1e-9
    )
    assert log_odds("counselling", 0.0) == 0.0  # Weiss 2011: no difference
