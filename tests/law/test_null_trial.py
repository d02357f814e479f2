"""A null trial rejects at its stated rate.

Both arms of each trial are resampled from one synthetic pool of outcomes (skewed, with people who
have no symptoms left), so that every rejection is false. The count must lie inside the 99.9 %
binomial interval around the stated rate, and far outside it when one arm is truly different.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from speciosa.verdict.decide import Word, decide
from speciosa.verdict.effect import EndpointSpec, contrast_by_draw, effect
from speciosa.verdict.hypothesis import difference_test

TRIALS, PEOPLE = 3000, 40
SCORE = EndpointSpec("score", "A synthetic score", "points", "lower", 2.0)


def pool(rng: np.random.Generator) -> np.ndarray:
    """A synthetic pool: skewed scores, a fifth of the people without symptoms."""
    scores = rng.gamma(2.0, 4.0, 5000)
    return np.where(rng.random(5000) < 0.2, 0.0, scores)


def inside(count: int, trials: int, rate: float, level: float = 0.999) -> bool:
    """Whether a count lies inside the binomial interval of the level."""
    low, high = stats.binom.interval(level, trials, rate)
    return bool(low <= count <= high)


def rejections(rng: np.random.Generator, alpha: float, shift: float = 0.0) -> int:
    people = pool(rng)
    return sum(
        difference_test(
            rng.choice(people, PEOPLE) + shift, rng.choice(people, PEOPLE), alpha
        ).rejects
        for _ in range(TRIALS)
    )


@pytest.mark.parametrize("alpha", [0.05, 0.1])
def test_the_test_between_arms_rejects_at_its_level(alpha):
    assert inside(rejections(np.random.default_rng(11), alpha), TRIALS, alpha)


def test_the_same_count_tells_a_true_difference():
    assert not inside(rejections(np.random.default_rng(12), 0.05, shift=-1.5), TRIALS, 0.05)


def twin_trials(rng: np.random.Generator, shift: float = 0.0) -> pl.DataFrame:
    """Null twin trials, one per draw: twins share a person and differ by exchangeable noise."""
    people = rng.choice(pool(rng), (TRIALS, PEOPLE))
    index = np.indices(people.shape).reshape(2, -1)
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "draw": index[0],
                    "person": index[1],
                    "arm": arm,
                    "score": (people + rng.gamma(2.0, 1.0, people.shape) + move).ravel(),
                }
            )
            for arm, move in (("control", 0.0), ("remedy", shift))
        ]
    )


@pytest.mark.parametrize(("shift", "null"), [(0.0, True), (-0.3, False)])
def test_the_error_of_a_draw_covers_zero_at_its_rate(shift, null):
    rows = twin_trials(np.random.default_rng(13), shift)
    means = contrast_by_draw(rows, "score", {"remedy": 1.0, "control": -1.0})
    critical = stats.t.ppf(0.975, PEOPLE - 1)
    count = int(np.sum(np.abs(means.delta / means.error) > critical))
    assert inside(count, TRIALS, 0.05) is null


def test_a_null_trial_is_as_often_better_as_worse():
    found = effect(twin_trials(np.random.default_rng(14)), SCORE, "remedy", "control")
    gains = int(np.sum(np.asarray(found.deltas) < 0))
    assert inside(gains, TRIALS, 0.5)
    assert abs(found.estimate) < 4 * found.monte_carlo_error / np.sqrt(TRIALS)


def test_the_verdict_on_a_null_trial_never_supports():
    found = effect(twin_trials(np.random.default_rng(15)), SCORE, "remedy", "control")
    words = {
        decide(part, SCORE.smallest_meaningful, better="lower", weakest_grade="A").word
        for part in np.asarray(found.deltas).reshape(-1, 100)
    }
    assert words == {Word.CONTRADICTED}
