"""Twin differences, their two kinds of error, harms, flow and the 2x2 contrast."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from speciosa.core.errors import InputError
from speciosa.verdict.effect import EndpointSpec, contrast_by_draw, effect, effects, level
from speciosa.verdict.flow import flow, retention
from speciosa.verdict.harm import above_limit, harms
from speciosa.verdict.hypothesis import difference_test
from speciosa.verdict.interaction import Factorial, interaction
from speciosa.verdict.record import TrialRecord

COWS = EndpointSpec("cows", "COWS", "points", "lower", 4.0)
OVERDOSE = EndpointSpec("overdose", "Overdose", "per 1000", "lower", 5, "event", False, 1000)


def synthetic(draws=40, people=30, shift=-3.0, spread=1.0, noise=2.0, seed=1):
    """A synthetic pool: arm "b" is a twin of "a" moved by a shift that differs between draws."""
    rng = np.random.default_rng(seed)
    base = rng.normal(15, 5, (draws, people))
    moved = base + rng.normal(shift, spread, (draws, 1)) + rng.normal(0, noise, (draws, people))
    index = np.indices((draws, people)).reshape(2, -1)
    frames = [
        pl.DataFrame({"draw": index[0], "person": index[1], "arm": arm, "cows": values.ravel()})
        for arm, values in (("a", base), ("b", moved))
    ]
    return pl.concat(frames)


def test_twins_cancel_what_they_share():
    rows = synthetic(spread=0.0, noise=0.0)
    found = effect(rows, COWS, "b", "a")
    assert found.estimate == pytest.approx(-3.0)
    assert found.low == pytest.approx(found.high)
    assert found.monte_carlo_error == pytest.approx(0.0, abs=1e-9)


def test_the_two_errors_are_told_apart():
    few, many = (effect(synthetic(400, n, spread=1.0), COWS, "b", "a") for n in (10, 160))
    assert few.monte_carlo_error == pytest.approx(2 / np.sqrt(10), rel=0.1)
    assert many.monte_carlo_error == pytest.approx(2 / np.sqrt(160), rel=0.1)
    expected = 2 * 1.645 * np.hypot(1, many.monte_carlo_error)
    assert many.high - many.low == pytest.approx(expected, rel=0.1)
    assert few.high - few.low > many.high - many.low


def test_probabilities_count_draws_not_people():
    rows = pl.DataFrame(
        {
            "draw": [0, 0, 1, 1, 2, 2],
            "person": [0] * 6,
            "arm": ["a", "b"] * 3,
            "cows": [10.0, 5.0, 10.0, 10.0, 10.0, 14.0],
        }
    )
    found = effect(rows, COWS, "b", "a")
    assert (found.probability, found.probability_worse) == (1 / 3, 1 / 3)


@pytest.mark.parametrize(("better", "expected"), [("lower", (1.0, 0.0)), ("higher", (0.0, 1.0))])
def test_the_better_direction_decides(better, expected):
    spec = EndpointSpec("cows", "COWS", "points", better, 1.0)
    found = effect(synthetic(spread=0, noise=0), spec, "b", "a")
    assert (found.probability, found.probability_worse) == expected


@pytest.mark.parametrize("missing", [float("nan"), None])
def test_a_missing_twin_is_counted_and_left_out(missing):
    rows = pl.DataFrame(
        {
            "draw": [0] * 4,
            "person": [0, 0, 1, 1],
            "arm": ["a", "b"] * 2,
            "cows": [10.0, 8.0, 10.0, missing],
        }
    )
    found = effect(rows, COWS, "b", "a")
    assert (found.estimate, found.pairs, found.pairs_missing) == (-2.0, 1, 1)


def test_an_absent_row_is_a_missing_twin():
    rows = synthetic(2, 5).filter(~((pl.col("arm") == "b") & (pl.col("person") == 0)))
    found = effect(rows, COWS, "b", "a")
    assert (found.pairs, found.pairs_missing) == (8, 2)


def test_the_order_of_rows_does_not_matter():
    rows = synthetic(5, 7)
    first = effect(rows, COWS, "b", "a")
    second = effect(rows.sample(fraction=1, shuffle=True, seed=3), COWS, "b", "a")
    assert first.deltas == pytest.approx(second.deltas, rel=1e-12)
    assert first.draw_ids == second.draw_ids


def test_effects_cover_every_arm_but_the_control():
    found = effects(synthetic(3, 4), [COWS], ["a", "b"], "a")
    assert [(each.arm, each.versus) for each in found] == [("b", "a")]


def test_events_are_counted_per_thousand():
    rows = pl.DataFrame(
        {
            "draw": [0] * 8,
            "person": [0, 1, 2, 3] * 2,
            "arm": ["a"] * 4 + ["b"] * 4,
            "overdose": [0, 0, 0, 1, 0, 1, 1, 0],
        }
    )
    assert level(rows, OVERDOSE, "b").estimate == 500
    assert effect(rows, OVERDOSE, "b", "a").estimate == 250


def test_the_interaction_is_zero_when_effects_add():
    rng = np.random.default_rng(4)
    base = rng.normal(15, 5, 50)
    moved = {"0": 0, "k": -3, "m": -1, "km": -4}
    rows = pl.concat(
        [
            pl.DataFrame({"draw": [0] * 50, "person": range(50), "arm": arm, "cows": base + move})
            for arm, move in moved.items()
        ]
    )
    found = interaction(rows, COWS, Factorial("km", "k", "m", "0"))
    assert found.estimate == pytest.approx(0, abs=1e-9)
    synergy = rows.with_columns(cows=pl.col("cows") - 4.0 * (pl.col("arm") == "km"))
    found = interaction(synergy, COWS, Factorial("km", "k", "m", "0"))
    assert found.estimate == pytest.approx(-4)
    assert (found.probability, found.probability_worse) == (1.0, 0.0)


def test_the_contrast_has_four_times_the_variance_of_one_arm():
    """Var(I) = 4 sigma^2 / n for unrelated people, the standard 2x2 formula."""
    rng = np.random.default_rng(5)
    rows = pl.concat(
        [
            pl.DataFrame(
                {
                    "draw": np.repeat(np.arange(400), 25),
                    "person": np.tile(np.arange(25), 400),
                    "arm": arm,
                    "cows": rng.normal(0, 2, 10_000),
                }
            )
            for arm in ("0", "k", "m", "km")
        ]
    )
    means = contrast_by_draw(rows, "cows", {"km": 1, "k": -1, "m": -1, "0": 1})
    assert means.monte_carlo_error == pytest.approx(np.sqrt(4 * 4 / 25), rel=0.03)
    assert means.delta.std() == pytest.approx(means.monte_carlo_error, rel=0.15)


def test_a_harm_is_judged_by_its_excess_over_the_limit():
    stated = EndpointSpec("v", "Ventilation", "%", "higher", 5, benefit=False, limit=10)
    assert above_limit(stated, np.array([-11.0, -9.0, 3.0, -20.0])) == 0.5


def test_every_harm_stands_in_every_arm_beside_placebo_and_standard_care():
    rows = pl.concat(
        [
            pl.DataFrame({"draw": [0] * 4, "person": range(4), "arm": arm, "overdose": events})
            for arm, events in (("p", [0, 0, 0, 1]), ("k", [1, 1, 0, 1]), ("s", [0, 0, 0, 0]))
        ]
    )
    record = TrialRecord(rows, (OVERDOSE,), ("p", "k", "s"), "p", ("s",))
    found = {each.arm: each for each in harms(record, record.arms)}
    assert found["k"].estimate == 750
    assert (found["k"].placebo_estimate, found["k"].standard_estimate) == (250, 0)
    assert (found["k"].excess, found["k"].probability_above_limit) == (500, 1.0)
    assert found["p"].probability_above_limit == 0


def test_the_flow_conserves_people():
    rows = pl.DataFrame(
        {
            "arm": ["a"] * 5,
            "dropout_day": [float("nan"), 2.0, 9.5, 40.0, float("nan")],
            "started": [True, True, True, True, False],
        }
    )
    (found,) = flow(rows, ["a"], 28)
    assert (found.randomised, found.started, found.dropped, found.completed) == (5, 4, 2, 2)
    (curve,) = retention(rows, ["a"], 28)
    assert curve.at_risk[0] == 4
    assert curve.share[-1] == found.completed / found.started
    assert np.all(np.diff(curve.share) <= 0)


def test_a_record_names_the_column_it_lacks_and_the_nearest():
    with pytest.raises(InputError, match=r'no column "cows".*"cow"'):
        TrialRecord(synthetic(1, 2).rename({"cows": "cow"}), (COWS,), ("a", "b"), "a")


def test_a_record_refuses_a_person_twice_and_an_unknown_arm():
    rows = synthetic(1, 2)
    with pytest.raises(InputError, match="two rows"):
        TrialRecord(pl.concat([rows, rows]), (COWS,), ("a", "b"), "a")
    with pytest.raises(InputError, match="not in the protocol"):
        TrialRecord(rows, (COWS,), ("a",), "a")


def test_welch_agrees_with_its_textbook_form():
    """Degrees of freedom and p against scipy's own unequal-variance test."""
    from scipy import stats

    rng = np.random.default_rng(6)
    first, second = rng.normal(0, 1, 12), rng.normal(1, 3, 40)
    ours = difference_test(first, second)
    theirs = stats.ttest_ind(first, second, equal_var=False)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
