"""Strategies of an estimand: what counts once somebody has left."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speciosa.core.outcome import Outcome
from speciosa.core.random import streams
from speciosa.evidence.load import load_evidence
from speciosa.trial.estimand import window
from speciosa.trial.outcomes import (
    DEFINITIONS,
    NOISE,
    RECORDS,
    SAMPLE_HOURS,
    Course,
    endpoint_values,
)
from speciosa.trial.study import STRATEGIES, Endpoint

DAYS, PEOPLE = 10, 3
LEFT = np.array([-1.0, 2.0, 0.0])  # nobody; on day 3; on day 1
SCORES = np.array([9.0, 8.0, 7.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
RECORDED = ("sows_gossop", "in_treatment", "days_abstinent", "relapsed_day", "dropout_day",
            "using_today", "cows")  # fmt: skip
CONSTANTS = {name: 0.0 for name in (*NOISE.values(), *RECORDS)} | {"behaviour.attendance": 1.0}
CONSTANTS |= {name: load_evidence().number(name).value for name in DEFINITIONS}


def a_course() -> Course:
    """Three people with the same scores; one stays, one leaves on day 3, one on day 1."""
    day = np.arange(DAYS)[:, None]
    present = np.where((LEFT < 0) | (day < LEFT), 1.0, 0.0)
    rows = {
        "sows_gossop": np.repeat(SCORES[:, None], PEOPLE, axis=1),
        "in_treatment": present,
        "days_abstinent": np.repeat(day, PEOPLE, axis=1),
        "relapsed_day": np.full((DAYS, PEOPLE), -1.0),
        "dropout_day": np.where(day >= LEFT, LEFT, -1.0),
        "using_today": np.zeros((DAYS, PEOPLE)),
        "cows": np.ones((DAYS, PEOPLE)),
    }
    daily = np.stack([rows[name] for name in RECORDED], axis=1).astype(float)
    samples = np.repeat(daily[:, None], len(SAMPLE_HOURS), axis=1)
    low = np.full((DAYS, 1, PEOPLE), 0.5)
    low[5:, 0] = 0.05  # everybody overdoses on day 6
    none = np.zeros(PEOPLE)
    outcome = Outcome(samples, low, low, {}, {}, none, none.astype(int), none.astype(bool))
    return Course(outcome, RECORDED, ("ventilation",), (), np.full(PEOPLE, 0.13))


def an_endpoint(scale: str, statistic: str, days: tuple[int, int], better: str, harm=False):
    return Endpoint("asked", scale, statistic, days, better, 1.0, "", "", harm=harm)


def values(strategy: str, asked: Endpoint) -> list[float]:
    people = streams(1, np.zeros(PEOPLE, int), np.arange(PEOPLE))
    true, seen = endpoint_values(asked, a_course(), CONSTANTS, people, {"dropout": strategy})
    assert seen.tolist() == true.tolist()  # without noise
    return true.tolist()


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("treatment policy", [27 / 7, 27 / 7, 27 / 7]),
        ("while on treatment", [27 / 7, 8.0, 9.0]),
        ("composite", [27 / 7, (24 + 4 * 9) / 7, 9.0]),
    ],
)
def test_mean_score_of_a_week(strategy, expected):
    asked = an_endpoint("sows_gossop", "mean", (1, 7), "lower")
    assert values(strategy, asked) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("treatment policy", [0.0, 0.0, 0.0]),
        ("while on treatment", [0.0, 7.0, 9.0]),  # the last day in treatment stands in
        ("composite", [0.0, 9.0, 9.0]),
    ],
)
@pytest.mark.parametrize("statistic", ["mean", "last", "lowest", "highest"])
def test_a_window_after_leaving(strategy, expected, statistic):
    asked = an_endpoint("sows_gossop", statistic, (8, 10), "lower")
    assert values(strategy, asked) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("treatment policy", [1.0, 1.0, 1.0]),
        ("while on treatment", [1.0, 0.0, 0.0]),  # two days without use are not abstinence
        ("composite", [1.0, 0.0, 0.0]),
    ],
)
def test_abstinence_after_leaving(strategy, expected):
    assert values(strategy, an_endpoint("abstinent", "share", (1, 10), "higher")) == expected


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_harm_is_never_forgotten_because_somebody_left(strategy):
    asked = an_endpoint("overdose", "share", (1, 10), "lower", harm=True)
    assert values(strategy, asked) == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [("while on treatment", [1.0, 0.0, 0.0]), ("composite", [1.0, 1.0, 1.0])],
)
def test_an_event_that_is_no_harm(strategy, expected):
    assert values(strategy, an_endpoint("overdose", "share", (1, 10), "lower")) == expected


def test_relapse_counts_four_missing_weeks_from_the_third_on():
    course = a_course()
    longer = np.repeat(course.outcome.samples[-1:], 42 - DAYS, axis=0)
    samples = np.concatenate([course.outcome.samples, longer])
    outcome = Outcome(**{**course.outcome.__dict__, "samples": samples})
    course = Course(outcome, RECORDED, (), (), np.full(PEOPLE, 0.13))
    people = streams(1, np.zeros(PEOPLE, int), np.arange(PEOPLE))
    for last, expected in ((41, [0, 0, 0]), (42, [0, 1, 1])):
        asked = an_endpoint("relapsed_or_lost", "share", (1, last), "lower")
        assert endpoint_values(asked, course, CONSTANTS, people)[0].tolist() == expected
    nobody_comes = CONSTANTS | {"behaviour.attendance": 0.0}
    true, seen = endpoint_values(asked, course, nobody_comes, people)
    assert (true.tolist(), seen.tolist()) == ([0, 1, 1], [1, 1, 1])


@given(
    st.lists(st.floats(0, 30), min_size=4, max_size=12),
    st.integers(-1, 11), st.sampled_from(["lower", "higher"]),
)  # fmt: skip
def test_composite_is_never_better_than_while_on_treatment(scores, left, better):
    daily = np.asarray(scores)[:, None]
    events = {"dropout": np.array([float(min(left, len(scores) - 1))])}
    made = {
        strategy: window({"dropout": strategy}, (1, len(scores)), better, events).over_days(
            daily, "mean"
        )[0]
        for strategy in STRATEGIES
    }
    assert np.isfinite(list(made.values())).all()
    worse = made["composite"] - made["while on treatment"]
    assert worse >= -1e-9 if better == "lower" else worse <= 1e-9
    if left < 0:
        assert len(set(made.values())) == 1
