"""Depression of 100 men in alcohol treatment (Vojnosanit Pregl 2015): HDRS at 0, 4 and 8 weeks.

The course is a fit to these very means, and how differently people recover to their spread at 4 and
8 weeks. What is not fitted: how many were depressed, and what Brown & Schuckit (1988) saw.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from alone import centre, follow
from opioid_chain import numbers
from speciosa.response.mood import MOOD, mood

WEEKS = np.array([0.0, 1.0, 2.0, 4.0, 8.0])
ALCOHOL = mood("ciwa", "drinking_today")
PERSON = {"hours_since_last_use": 0.0, "habit_start": 1.0}


def course(stage=ALCOHOL, symptom=lambda t: 0.0, weeks=WEEKS, **given):
    p = centre(stage, **PERSON, **given)
    needs = [q for q in stage.needs if q not in ("mitragynine_plasma",)]
    return follow(
        stage, p,
        lambda t: {**dict.fromkeys(needs, 0.0), "mitragynine_plasma": 0.0,
                   needs[0]: symptom(t)},
        168.0 * np.asarray(weeks),
    )  # fmt: skip


def test_hdrs_over_eight_weeks_without_the_term_for_withdrawal():
    found = course()["hdrs"]
    assert found == pytest.approx([15.2, 12.5, 10.4, 7.4, 4.2], abs=0.06)
    assert found[[0, 3, 4]] == pytest.approx([15.16, 7.35, 4.23], abs=0.05)


def test_opioid_use_disorder_borrows_the_same_course():
    assert course(MOOD)["hdrs"] == pytest.approx(course()["hdrs"], rel=1e-9)


def test_withdrawal_adds_a_twentieth_of_the_ciwa():
    felt = course(symptom=lambda t: 22.0)["hdrs"]
    assert felt - course()["hdrs"] == pytest.approx(1.1, abs=1e-9)


def test_anxiety_falls_with_a_month_and_reward_hardly_in_four():
    found = course(weeks=[0.0, 3.5, 17.0, 52.0])
    left = (found["gad7"] - 3.0) / 6.0
    assert found["gad7"][0] == pytest.approx(9.0)
    assert left[1] == pytest.approx(10 / 22, abs=0.02)  # shares with an anxiety disorder
    assert found["anhedonia"][0] == pytest.approx(0.20)
    assert found["anhedonia"][2] > 0.12  # no change seen in 1 to 4 months
    assert 0.03 < found["anhedonia"][3] < 0.10  # partly back in a year
    assert found["dopamine_release"][0] == pytest.approx(5.2 / 13.0)


def written(weeks, people=100_000):
    """HDRS as it would be written down for people without symptoms who do not drink, (weeks, N)."""
    draw = np.random.default_rng(2).normal(size=(4, people))
    number = numbers()
    time, plateau, span = (
        number[f"mood.{name}"] for name in ("recovery_time", "hdrs_plateau", "hdrs_span")
    )
    own = time.value * np.exp(time.between.sd * draw[0])
    rest = np.maximum(plateau.value + plateau.between.sd * draw[1], 0.0)
    depth = np.maximum(span.value + span.between.sd * draw[2], 0.0)
    score = rest + depth * np.exp(-np.asarray(weeks)[:, None] / own)
    return np.round(np.maximum(score + number["scales.hdrs_noise"].value * draw[3], 0.0))


def test_the_spread_between_people_narrows_as_it_was_seen_to():
    found = written([0.0, 4.0, 8.0])
    assert found.std(axis=1) == pytest.approx([6.34, 4.18, 2.93], abs=0.5)
    assert found.mean(axis=1) == pytest.approx([15.16, 7.35, 4.23], abs=0.5)


def test_so_many_are_depressed_as_were_seen_to_be():
    """HDRS 8 or more: 90.7, 39.5 and 17.4 %. Nothing was set to these."""
    shares = (written([0.0, 4.0, 8.0]) >= 8).mean(axis=1)
    assert shares == pytest.approx([0.907, 0.395, 0.174], abs=0.08)


@pytest.mark.parametrize("plateau", [0.0, 1.0, 2.15, 3.0])
def test_a_second_quicker_rate_has_at_most_a_sixth_of_the_fall(plateau):
    """A quick part that is gone by week 4 leaves the slow rate to weeks 4 and 8."""
    rate = np.log((7.35 - plateau) / (4.23 - plateau)) / 4.0
    slow = (7.35 - plateau) * np.exp(4.0 * rate)
    quick = 1 - slow / (15.16 - plateau)
    assert quick < 0.165
    if plateau == 2.15:
        assert quick == pytest.approx(0.0, abs=0.005)
        assert 1 / rate == pytest.approx(4.36, abs=0.02)


def test_what_brown_and_schuckit_saw_is_missed_at_admission_and_met_at_four_weeks():
    """42 % and 6 % at HDRS 20 or more. These men were as ill on average and varied less."""
    span, plateau = numbers()["mood.hdrs_span"].between, numbers()["mood.hdrs_plateau"].between
    noise = numbers()["scales.hdrs_noise"].value
    found = course(symptom=lambda t: 10.0 if t < 72 else 0.0)
    sd = np.sqrt((span.sd * found["monoamine_deficit"]) ** 2 + plateau.sd**2 + noise**2)
    share = norm.sf((19.5 - found["hdrs"]) / sd)
    assert share[3] == pytest.approx(0.06, abs=0.06)
    assert 0.15 < share[0] < 0.42  # a miss of about 0.17: their men had higher scores
