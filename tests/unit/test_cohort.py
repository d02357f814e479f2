"""Who takes part: shares and ranges as asked, and a person is the same whoever stands beside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from speciosa.people.cohort import DRUGS, Cohort, Habit, Population, Range, recruit

MANY = 20_000


def people(population: Population | None = None, count: int = MANY, seed: int = 1) -> Cohort:
    number = np.arange(count)
    return recruit(population or Population(), seed, number // 40, number % 40)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return people()


def within(count: float, share: float, of: int) -> bool:
    """Whether a count lies inside the 99.99 % binomial interval around a share."""
    low, high = stats.binom.interval(0.9999, of, share)
    return bool(low <= count <= high)


def test_shares_are_as_asked(cohort: Cohort) -> None:
    c = cohort.covariates
    asked = Population()
    assert within(c["male"].sum(), asked.men, MANY)
    assert within(c["smoker"].sum(), asked.smokers, MANY)
    for score, share in asked.cyp2d6.items():
        assert within((c["cyp2d6_activity_score"] == score).sum(), share, MANY)
    for habit in asked.habits:
        assert within((c["drug"] == DRUGS.index(habit.drug)).sum(), habit.share, MANY)


def test_ages_and_times_stay_in_their_ranges(cohort: Cohort) -> None:
    for name, asked in (
        ("age", Population().age),
        ("hours_since_last_use", Population().hours_since_last_use),
    ):
        found = cohort.covariates[name]
        assert asked.low == found.min() and found.max() <= asked.high
        inside = found[(found > asked.low) & (found < asked.high)]
        middle = np.abs(found - asked.mean) < asked.sd
        assert within(middle.sum(), stats.norm.cdf(1) - stats.norm.cdf(-1), MANY)
        assert inside.size > 0.9 * MANY
    years = cohort.covariates["years_of_use"]
    assert 1.0 <= years.min() < 1.1 and 9.9 < years.max() <= 10.0


def test_weight_is_log_normal_about_its_median_by_sex(cohort: Cohort) -> None:
    c = cohort.covariates
    for male, median in ((1.0, 78.0), (0.0, 68.0)):
        scores = np.log(c["weight"][c["male"] == male] / median) / np.sqrt(np.log(1.04))
        assert np.max(np.abs(scores)) <= 2.5 + 1e-9
        assert abs(np.median(scores)) < 0.05
        assert scores.std() == pytest.approx(0.98, abs=0.03)  # cut at 2.5


def test_a_habit_is_one_drug_in_its_amounts(cohort: Cohort) -> None:
    c = cohort.covariates
    for habit in Population().habits:
        mine = c["drug"] == DRUGS.index(habit.drug)
        daily = c[f"use_amount_{habit.drug}"][mine] * c["uses_per_day"][mine]
        low, high = habit.daily_amount
        assert low <= daily.min() and daily.max() <= high
        assert np.median(daily) == pytest.approx(np.sqrt(low * high), rel=0.1)  # log-uniform
        assert set(c["uses_per_day"][mine]) == set(range(habit.uses[0], habit.uses[1] + 1))
        assert not np.any(c[f"use_amount_{habit.drug}"][~mine])


def test_people_without_a_habit_use_nothing() -> None:
    c = people(replace(Population(), habits=()), 200).covariates
    for drug in DRUGS:
        assert not np.any(c[f"use_amount_{drug}"])
    assert np.all(c["uses_per_day"] == 1.0)  # a number to divide by


def test_one_habit_for_all() -> None:
    only = replace(Population(), habits=(Habit("heroin", 0.5, (10.0, 10.0), (4, 4)),))
    c = people(only, 50).covariates
    np.testing.assert_allclose(c["use_amount_heroin"], 2.5)


def test_covariates_are_unrelated_where_nothing_links_them(cohort: Cohort) -> None:
    names = ["age", "male", "smoker", "cyp2d6_activity_score", "drug", "hours_since_last_use"]
    related = np.corrcoef(np.stack([cohort.covariates[name] for name in names]))
    assert np.max(np.abs(related - np.eye(len(names)))) < 5 / np.sqrt(MANY)


def test_the_same_person_wherever_and_beside_whomever(cohort: Cohort) -> None:
    some = np.array([19_999, 7, 4_000])
    few = recruit(Population(), 1, some // 40, some % 40)
    assert few.covariates.keys() == cohort.covariates.keys()
    for name, row in few.covariates.items():
        assert np.array_equal(row, cohort.covariates[name][some])
    alone = recruit(Population(), 1, np.array([0]), np.array([7])).covariates
    assert all(row[0] == cohort.covariates[name][7] for name, row in alone.items())


@pytest.mark.parametrize(
    "other",
    [
        lambda: recruit(Population(), 2, np.array([3]), np.array([5])),
        lambda: recruit(Population(), 1, np.array([4]), np.array([5])),
        lambda: recruit(Population(), 1, np.array([3]), np.array([6])),
    ],
    ids=["seed", "draw", "person"],
)
def test_another_seed_draw_or_number_is_somebody_else(other: Any) -> None:
    one = recruit(Population(), 1, np.array([3]), np.array([5]))
    assert one.covariates["weight"][0] != other().covariates["weight"][0]


def test_a_changed_share_leaves_everything_else_of_a_person_alone() -> None:
    one, other = people(count=300), people(replace(Population(), smokers=0.1), 300)
    for name, row in one.covariates.items():
        assert np.array_equal(row, other.covariates[name]) is (name != "smoker")


def test_more_covariates_make_another_cohort(cohort: Cohort) -> None:
    more = cohort.with_covariates({"adherence": np.ones(MANY)})
    assert "adherence" in more.covariates
    assert "adherence" not in cohort.covariates
    assert more.streams is cohort.streams


def test_a_range_of_one_value_is_that_value() -> None:
    fixed = replace(Population(), hours_since_last_use=Range(12.0, 0.0, 12.0, 12.0))
    assert set(people(fixed, 30).covariates["hours_since_last_use"]) == {12.0}
