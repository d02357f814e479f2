"""A null trial of simulated people rejects at its stated rate.

People of one draw are simulated once, on placebo; both arms of each trial are resampled from them,
so every rejection is false. The count must lie inside the 99.9 % binomial interval around the
stated rate, and the same count must tell a true difference.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from default_trial import FILLED, Clinic
from speciosa.trial.outcomes import endpoint_values
from speciosa.verdict.hypothesis import difference_test

DAYS, TRIALS, PEOPLE = 8, 3000, 40  # 40 a group, as the default study has
CALLS = 4
SCALES = {"sows_gossop": "mean", "craving": "mean", "total_sleep_time": "mean"}
Pool = dict[str, np.ndarray]


def simulated(clinic: Clinic, name: str) -> Pool:
    """Observed endpoints of the first week of an arm, for 256 people of one draw."""
    found: dict[str, list[np.ndarray]] = {scale: [] for scale in SCALES}
    for call in range(CALLS):
        person = np.arange(call * FILLED, (call + 1) * FILLED)
        people = clinic.runner.recruit(np.zeros(FILLED, int), person)
        outcome = clinic.solve(name, people, days=DAYS)
        assert not outcome.failed.any()
        course = clinic.runner.course(clinic.arm(name), people, outcome)
        for scale, statistic in SCALES.items():
            endpoint = replace(
                clinic.study.endpoints[0], scale=scale, statistic=statistic, days=(2, DAYS)
            )
            constants, stream = clinic.runner.constants, people.cohort.streams
            found[scale].append(endpoint_values(endpoint, course, constants, stream)[1])
    return {scale: np.concatenate(rows) for scale, rows in found.items()}


@pytest.fixture(scope="module")
def placebo(clinic: Clinic) -> Pool:
    return simulated(clinic, "placebo")


def rejections(arm: np.ndarray, versus: np.ndarray, alpha: float, seed: int) -> int:
    rng = np.random.default_rng(seed)
    return sum(
        difference_test(rng.choice(arm, PEOPLE), rng.choice(versus, PEOPLE), alpha).rejects
        for _ in range(TRIALS)
    )


def inside(count: int, rate: float) -> bool:
    low, high = stats.binom.interval(0.999, TRIALS, rate)
    return bool(low <= count <= high)


@pytest.mark.parametrize("alpha", [0.05, 0.1])
@pytest.mark.parametrize("scale", SCALES)
def test_a_null_trial_rejects_at_its_rate(placebo: Pool, scale: str, alpha: float) -> None:
    pool = placebo[scale]
    assert np.unique(pool).size == CALLS * FILLED
    assert inside(rejections(pool, pool, alpha, seed=1), alpha)


def test_the_same_count_tells_a_treatment_that_works(clinic: Clinic, placebo: Pool) -> None:
    treated = simulated(clinic, "buprenorphine")["sows_gossop"]
    assert treated.mean() < placebo["sows_gossop"].mean()
    assert not inside(rejections(treated, placebo["sows_gossop"], 0.05, seed=2), 0.05)
