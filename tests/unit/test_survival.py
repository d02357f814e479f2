"""Time to an event, competing events and odds: hand-worked cases and what cannot be estimated."""

from __future__ import annotations

import numpy as np
import pytest

from speciosa.core.errors import InputError, SpeciosaError
from speciosa.verdict.competing import cumulative_incidence, incidence_difference
from speciosa.verdict.hazard import cox
from speciosa.verdict.multiplicity import fixed_sequence, holm
from speciosa.verdict.ordinal import logistic, proportional_odds
from speciosa.verdict.survival import (
    kaplan_meier,
    log_rank,
    restricted_mean,
    restricted_mean_difference,
)


def test_a_curve_worked_by_hand():
    curve = kaplan_meier([6, 6, 6, 6, 7, 9, 10], [1, 1, 1, 0, 1, 0, 1])
    assert curve.survival.tolist() == pytest.approx([4 / 7, 4 / 7 * 2 / 3, 0.0])
    assert curve.at(6.5) == pytest.approx(4 / 7) and curve.at(1.0) == 1.0
    assert curve.median == 7.0


def test_without_competing_events_incidence_is_one_minus_survival():
    rng = np.random.default_rng(1)
    time, event = rng.exponential(5, 80).round(1) + 0.1, rng.random(80) < 0.7
    curve, incidence = kaplan_meier(time, event), cumulative_incidence(time, event.astype(int))
    np.testing.assert_allclose(incidence.share, 1 - curve.survival)
    np.testing.assert_allclose(incidence.error, curve.error, atol=1e-7)


def test_competing_incidences_and_survival_add_up_to_one():
    rng = np.random.default_rng(2)
    time, cause = rng.exponential(5, 90), rng.integers(0, 3, 90)
    one, two = (cumulative_incidence(time, cause, of) for of in (1, 2))
    free = kaplan_meier(time, cause > 0).survival
    np.testing.assert_allclose(one.share + two.share + free, 1.0)
    naive = 1 - kaplan_meier(time, cause == 1).survival[-1]
    assert one.share[-1] < naive


def test_arms_that_are_alike_do_not_differ():
    time, event = np.tile([1.0, 3, 4, 8], 2), np.ones(8)
    arm = np.repeat([0, 1], 4)
    assert log_rank(time, event, arm).statistic == pytest.approx(0.0)
    assert cox(time, event, arm).coefficient().value == pytest.approx(0.0, abs=1e-8)
    assert restricted_mean_difference(time, event, arm, 8.0).value == 0.0
    assert incidence_difference(time, event.astype(int), arm, 4.0).value == 0.0


def test_the_restricted_mean_of_complete_data_is_the_mean():
    time = np.array([1.0, 2, 5, 9])
    assert restricted_mean(time, np.ones(4), 9.0).value == pytest.approx(time.mean())
    with pytest.raises(InputError, match="nobody was followed to 12"):
        restricted_mean(time, np.ones(4), 12.0)


def test_what_has_no_finite_estimate_says_so():
    with pytest.raises(SpeciosaError, match="no finite estimate"):
        cox([1.0, 2, 3, 4], [1, 1, 0, 0], [1, 1, 0, 0])
    with pytest.raises(SpeciosaError, match="no finite estimate"):
        logistic([1, 1, 0, 0], [1, 1, 0, 0])
    with pytest.raises(SpeciosaError, match="neither 0 nor 1"):
        logistic([0, 1, 2], [0, 1, 1])
    with pytest.raises(InputError, match="do not go together"):
        kaplan_meier([1, np.nan], [1, 1])


def test_the_odds_ratio_of_a_two_by_two_table():
    y, x = np.repeat([1, 0, 1, 0], [30, 10, 15, 25]), np.repeat([1, 1, 0, 0], [30, 10, 15, 25])
    found = logistic(y, x).coefficient()
    assert found.value == pytest.approx(np.log(30 * 25 / (10 * 15)))
    assert found.error == pytest.approx(np.sqrt(1 / 30 + 1 / 10 + 1 / 15 + 1 / 25))


def test_reversed_levels_turn_the_odds_around():
    rng = np.random.default_rng(4)
    x = rng.integers(0, 2, 200)
    y = np.digitize(rng.logistic(0.9 * x), [-0.5, 0.8, 2.0])
    up, down = proportional_odds(y, x).coefficient(), proportional_odds(-y, x).coefficient()
    assert up.value == pytest.approx(-down.value, rel=1e-6)
    assert up.covers(0.9)


def test_families_of_hypotheses():
    assert holm([0.5]) == [0.5]
    assert holm([0.04, 0.04]) == pytest.approx([0.08, 0.08])
    assert fixed_sequence([0.2, 0.001, 0.5]) == [0.2, 0.2, 0.5]
    with pytest.raises(InputError, match="between 0 and 1"):
        holm([1.2])
