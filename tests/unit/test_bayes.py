"""The sampler re-obtains a closed form, and its ranks are uniform (simulation-based calibration).

Talts S et al. arXiv:1804.06788: if parameters come from the prior and data from the model, the rank
of the truth among posterior draws is uniform.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from speciosa.core.bayes import Learner, Settings, Unknown

TIMES = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 12.0])
ERROR = 0.2
UNKNOWNS = (Unknown("V", "lognormal", 10.0, (0.5,)), Unknown("k", "lognormal", 0.2, (0.5,)))
DRAWS, EVERY, BINS = 300, 6, 5


def decay(values: Any) -> Any:
    """A dose of 100 into one compartment: 100 / V exp(-k t), for one person."""
    return 100.0 / values["V"] * 2.718281828459045 ** (-values["k"] * TIMES)


def learner() -> Learner:
    """One sampler, compiled once for every set."""
    settings = Settings(chains=1, warmup=200, samples=DRAWS)
    return Learner(decay, UNKNOWNS, 1, settings, errors=np.full(TIMES.size, ERROR))


def ranks(sets: int) -> dict[str, np.ndarray]:
    """Ranks of planted truths among thinned posterior draws, 0 to 50."""
    made, rng = learner(), np.random.default_rng(3)
    found: dict[str, list[int]] = {u.name: [] for u in UNKNOWNS}
    for number in range(sets):
        truth = {u.name: u.value * np.exp(u.scale[0] * rng.standard_normal()) for u in UNKNOWNS}
        seen = decay(truth) * np.exp(ERROR * rng.standard_normal(TIMES.size))
        posterior = made.learn(seen, seed=number, check=False)
        for name, draws in posterior.draws.items():
            found[name].append(int((draws[0, ::EVERY] < truth[name]).sum()))
    return {name: np.array(rows) for name, rows in found.items()}


def uniform(rows: np.ndarray) -> float:
    """p value of chi-square against equal bins; 51 ranks go into 5 bins as evenly as they can."""
    edges = np.linspace(0, DRAWS // EVERY + 1, BINS + 1).round()
    seen, _ = np.histogram(rows, bins=edges - 0.5)
    expected = np.diff(edges) / (DRAWS // EVERY + 1) * rows.size
    return float(stats.chisquare(seen, expected).pvalue)


def test_normal_on_normal_is_the_closed_form() -> None:
    """Prior N(0, 1) on ln V, eight observations of error s: precision 1 + 8 / s^2."""
    one = (Unknown("V", "lognormal", 1.0, (1.0,)),)
    errors = np.full(8, 0.5)
    made = Learner(
        lambda v: v["V"] * np.ones(8), one, 1, Settings(warmup=200, samples=600), errors=errors
    )
    logs = np.linspace(0.1, 0.8, 8)
    found = made.learn(np.exp(logs))
    precision = 1.0 + 8.0 / 0.25
    draws = np.log(found.draws["V"])
    assert draws.mean() == pytest.approx(logs.sum() / 0.25 / precision, abs=0.03)
    assert draws.std() == pytest.approx(precision**-0.5, rel=0.1)
    assert found.rhat["V"] < 1.02
    assert found.predicted.shape == (3, 8)


def test_a_censored_observation_pulls_down() -> None:
    one = (Unknown("V", "lognormal", 1.0, (1.0,)),)
    below = np.array([True])
    made = Learner(
        lambda v: v["V"] * np.ones(1), one, 1, Settings(warmup=200, samples=600),
        errors=np.array([0.1]), censored=below,
    )  # fmt: skip
    draws = np.log(made.learn(np.array([1.0]), check=False).draws["V"])
    # ln V is then a standard normal cut at 0: its mean is -sqrt(2 / pi)
    assert draws.mean() == pytest.approx(-np.sqrt(2 / np.pi), abs=0.1)


def test_ranks_of_a_few_sets_cover_their_range() -> None:
    for rows in ranks(12).values():
        assert rows.min() < 25 < rows.max()
        assert uniform(rows) > 1e-4


@pytest.mark.slow
def test_ranks_of_two_hundred_sets_are_uniform() -> None:
    for name, rows in ranks(200).items():
        assert rows.size == 200
        assert uniform(rows) > 0.01, name
