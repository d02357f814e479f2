"""The data sets that R was given: made here, written to tests/data, analysed by statistics.R.

Run ``python tests/r_data.py`` to write them again; a test holds the files to what is made here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

FOLDER = Path(__file__).parent / "data"


def repeated() -> pl.DataFrame:
    """Scores of 80 people at a baseline and four visits; who scores high leaves sooner."""
    rng = np.random.default_rng(20261122)
    people, visits = 80, 4
    baseline = np.round(rng.normal(20, 5, people), 3)
    arm = np.arange(people) % 2
    lag = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    spread = np.array([4.0, 4.5, 5.5, 6.0])
    root = np.linalg.cholesky(np.outer(spread, spread) * 0.6**lag)
    scores = 0.5 * baseline[:, None] - 1.5 * np.arange(visits) - 0.7 * arm[:, None] * np.arange(4)
    scores = np.round(scores + rng.normal(size=(people, visits)) @ root.T, 3)
    for k in range(1, visits):
        leaves = rng.random(people) < 1 / (1 + np.exp(3 - 0.15 * scores[:, k - 1]))
        scores[leaves | np.isnan(scores[:, k - 1]), k] = np.nan
    stayed = np.flatnonzero(~np.isnan(scores[:, 3]))
    scores[stayed[[3, 17]], 1] = np.nan  # a missed visit
    columns = {f"visit_{k + 1}": scores[:, k] for k in range(visits)}
    return pl.DataFrame(
        {"person": np.arange(people), "arm": arm, "baseline": baseline, **columns}
    ).with_columns(pl.selectors.float().fill_nan(None))


def survival() -> pl.DataFrame:
    """Days to one of two events or to censoring, with ties, of 120 people in two strata."""
    rng = np.random.default_rng(28)
    people = 120
    arm, stratum = np.arange(people) % 2, np.arange(people) // 2 % 2
    age = np.round(rng.normal(35, 10, people), 1)
    rate = 0.05 * np.exp(-0.6 * arm + 0.02 * (age - 35) + 0.3 * stratum)
    first, second = rng.exponential(1 / rate), rng.exponential(1 / 0.03, people)
    censored = np.minimum(rng.uniform(3, 60, people), 28.0)
    end = np.minimum(np.minimum(first, second), censored)
    cause = np.where(end == censored, 0, np.where(first <= second, 1, 2))
    level = np.digitize(rng.logistic(0.8 * arm + 0.03 * (age - 35)), [-1, 0.5, 1.5])
    return pl.DataFrame(
        {
            "time": np.ceil(end), "cause": cause, "event": (cause == 1).astype(int), "arm": arm,
            "age": age, "stratum": stratum, "level": level,
        }
    )  # fmt: skip


if __name__ == "__main__":
    repeated().write_csv(FOLDER / "repeated.csv", null_value="NA")
    survival().write_csv(FOLDER / "survival.csv")
