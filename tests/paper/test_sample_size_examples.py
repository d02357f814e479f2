"""Worked examples of sample sizes, as their sources publish them.

Sources by test; each number was published with its inputs. Means and proportions: Regression and
Other Stories notes; Cohen 1988; Rosner (powerandsamplesize.com). Events: MRC CBU statistics FAQ;
Trials 2015;16 (10.1186/s13063-015-0727-9), Table 1. Interaction: powerrules vignette
(Robbins 2024). Covariates: Borm 2007. Lofexidine: Gorodetzky 2017.
"""

from __future__ import annotations

import math

import pytest

from speciosa.verdict.sample_size import (
    events,
    interaction,
    main_effect,
    means,
    means_by_t,
    power_of_means,
    power_of_proportions,
    proportions,
    whole,
    with_covariate,
    with_dropout,
)


def test_two_means_by_the_normal_formula():
    assert means(0.5, 1.0) == pytest.approx(62.8, abs=0.05)
    assert 2 * means(0.5, 1.0) == pytest.approx(125.6, abs=0.1)


@pytest.mark.parametrize(("power", "published"), [(0.8, (394, 64, 26)), (0.9, (527, 86, 34))])
def test_two_means_by_the_t_test(power, published):
    assert tuple(means_by_t(d, 1.0, power=power) for d in (0.2, 0.5, 0.8)) == published


def test_unequal_arms_and_spreads():
    difference = 132.86 - 127.44
    first = {"sd_versus": 18.23, "ratio": 2.0, "power": 0.8}
    assert whole(means(difference, 15.34, sides=1, **first)) == 85
    assert whole(means(difference, 15.34, **first)) == 108


def test_two_proportions():
    assert proportions(0.3, 0.5) == pytest.approx(93.0, abs=0.01)
    assert power_of_proportions(94, 0.3, 0.5) == pytest.approx(0.804, abs=0.002)
    assert power_of_proportions(100, 0.5, 0.7) == pytest.approx(0.828, abs=0.005)


@pytest.mark.parametrize(("power", "per_arm"), [(0.8, 483), (0.9, 646)])
def test_a_naltrexone_sized_effect(power, per_arm):
    assert whole(proportions(0.53, 0.44, power=power)) == pytest.approx(per_arm, abs=1)


def test_events_of_the_worked_example():
    ratio = math.log(0.75) / math.log(0.37)
    assert ratio == pytest.approx(0.289, abs=0.0005)
    found = events(ratio)
    assert found == pytest.approx(20.39, abs=0.05)
    assert whole(found / (1 - (0.75 + 0.37) / 2)) == 47


def test_events_and_people_with_dropout():
    needed = whole(events(math.exp(0.357)))
    assert needed == 247
    assert whole(with_dropout(needed / 0.35, 0.10)) == pytest.approx(785, abs=1)


@pytest.mark.parametrize(
    ("ratio", "published"), [(1.25, 1264), (1.5, 384), (1.75, 204), (2.0, 132)]
)
def test_people_with_half_censored(ratio, published):
    events_per_arm = whole(events(ratio) / 2)
    assert 2 * events_per_arm / 0.5 == published


def test_the_interaction_of_a_factorial_trial():
    assert interaction(0.67, 2.0, sides=1) == pytest.approx(220.4, abs=0.1)
    assert 4 * whole(interaction(0.67, 2.0, sides=1)) == 884
    assert whole(interaction(0.67, 2.0)) == 280
    assert 4 * whole(interaction(0.67, 2.0)) == 1120


def test_an_interaction_needs_four_times_the_people_and_half_of_it_sixteen_times():
    assert whole(4 * main_effect(0.5, 1.0)) == 126
    assert whole(4 * interaction(0.5, 1.0)) == 503
    assert whole(4 * interaction(0.25, 1.0)) == 2010


def test_covariates_save_people():
    assert with_covariate(64, 0.5) == 48


def test_the_lofexidine_trial():
    per_arm = whole(means(2.35, 5.5, power=0.9))
    assert per_arm == pytest.approx(116, abs=1)
    assert power_of_means(per_arm, 2.35, 5.5) == pytest.approx(0.9, abs=0.005)


def test_a_main_effect_of_a_factorial_trial_costs_what_two_arms_do():
    assert 4 * main_effect(0.5, 1.0) == pytest.approx(2 * means(0.5, 1.0), abs=0)


def test_people_who_leave_are_added():
    assert with_dropout(100, 0.2) == pytest.approx(125)
