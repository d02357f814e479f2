"""The tables of a run, made chunk by chunk: subjects, daily values, events and courses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from speciosa.people.cohort import DRUGS, Cohort
from speciosa.trial.outcomes import AFTER_NOON, SLEEP, VISIT, Course, endpoint_values
from speciosa.trial.study import Arm, Study

DAILY = (
    "cows",
    "sows_gossop",
    "craving",
    "total_sleep_time",
    "sleep_onset_latency",
    "psqi",
    "ventilation",
    "using_today",
    "in_treatment",
)
FINE_DAYS = 4  # the first days are also kept every three hours
QUANTILES = (0.05, 0.5, 0.95)


def subject_rows(
    study: Study, arm: Arm, cohort: Cohort, course: Course, constants: Mapping[str, Any]
) -> pl.DataFrame:
    """Return one row per person: who they are, when they left, and every endpoint.

    A column ``x`` is what was observed, ``true_x`` the unrounded, noise-free value.
    """
    covariates, outcome = cohort.covariates, course.outcome
    left = course.samples("dropout_day")[-1, -1]
    columns: dict[str, Any] = {
        "draw": cohort.draw,
        "person": cohort.person,
        "arm": [arm.name] * cohort.draw.size,
        "age": covariates["age"],
        "male": covariates["male"].astype(bool),
        "weight": covariates["weight"],
        "smoker": covariates["smoker"].astype(bool),
        "cyp2d6_activity_score": covariates["cyp2d6_activity_score"],
        "drug": [DRUGS[int(i)] for i in covariates["drug"]],
        "hours_since_last_use": covariates["hours_since_last_use"],
        "dropout_day": np.where((left < 0) | (left >= study.days), np.nan, left + 1),
        "error": outcome.worst,
        "refined": outcome.refined,
        "failed": outcome.failed,
    }
    for endpoint in study.endpoints:
        truth, observed = endpoint_values(
            endpoint, course, constants, cohort.streams, study.estimand
        )
        columns[endpoint.id] = np.where(outcome.failed, np.nan, observed)
        columns[f"true_{endpoint.id}"] = np.where(outcome.failed, np.nan, truth)
    return pl.DataFrame(columns)


def daily_rows(arm: Arm, cohort: Cohort, course: Course) -> pl.DataFrame:
    """Return one row per person and day: what a visit would have found, without noise."""
    days, people = course.outcome.samples.shape[0], cohort.draw.size
    repeat = lambda row: np.tile(row, days)  # noqa: E731
    columns: dict[str, Any] = {
        "draw": repeat(cohort.draw),
        "person": repeat(cohort.person),
        "arm": [arm.name] * (days * people),
        "day": np.repeat(np.arange(1, days + 1), people),
    }
    for quantity in DAILY:
        columns[quantity] = course.daily(quantity).ravel().astype(np.float32)
    columns["lowest_ventilation"] = course.minimum("ventilation").ravel().astype(np.float32)
    columns["highest_cows"] = course.maximum("cows").ravel().astype(np.float32)
    return pl.DataFrame(columns)


def event_rows(arm: Arm, cohort: Cohort, course: Course) -> pl.DataFrame:
    """Return one row per event: day (from 1) of use, leaving, relapse and overdose."""
    found = {
        "use": _days(course.daily("using_today") > 0),
        "overdose": _days(course.minimum("ventilation") < course.low_ventilation),
    }
    for event, quantity in (("dropout", "dropout_day"), ("relapse", "relapsed_day")):
        day = course.samples(quantity)[-1, -1]
        found[event] = (day[day >= 0].astype(np.int64) + 1, np.flatnonzero(day >= 0))
    tables = [
        pl.DataFrame(
            {
                "draw": cohort.draw[who],
                "person": cohort.person[who],
                "arm": [arm.name] * len(who),
                "day": day,
                "event": [event] * len(who),
            }
        )
        for event, (day, who) in found.items()
    ]
    return pl.concat(tables)


def courses(arm: Arm, cohort: Cohort, course: Course) -> pl.DataFrame:
    """Return quantiles over the people of each draw: by day, and every three hours at first."""
    tables = []
    for quantity in course.recorded:
        samples = course.samples(quantity)
        place = AFTER_NOON if quantity in SLEEP else VISIT
        daily = samples[:, place]
        tables.append(_quantiles(arm, cohort, quantity, "day", daily))
        fine = np.delete(samples[:FINE_DAYS], VISIT, axis=1).reshape(-1, cohort.draw.size)
        tables.append(_quantiles(arm, cohort, quantity, "three_hours", fine))
    return pl.concat(tables)


def _quantiles(
    arm: Arm, cohort: Cohort, quantity: str, step: str, values: np.ndarray
) -> pl.DataFrame:
    """Return the quantiles over the people of each draw at every time, for values (T, N)."""
    rows: list[pl.DataFrame] = []
    for draw in np.unique(cohort.draw):
        inside = values[:, cohort.draw == draw]
        # a failed person has no values; quantiles that skip them are slow, so only where needed
        find = np.nanquantile if np.isnan(inside).any() else np.quantile
        low, middle, high = find(inside, QUANTILES, axis=1)
        rows.append(
            pl.DataFrame(
                {
                    "index": np.arange(len(middle)),
                    "draw": np.full(len(middle), draw),
                    "low": low,
                    "median": middle,
                    "high": high,
                }
            )
        )
    named = [pl.lit(arm.name).alias("arm"), pl.lit(quantity).alias("quantity")]
    return pl.concat(rows).select(*named, pl.lit(step).alias("step"), pl.all())


def _days(happened: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    day, who = np.nonzero(happened)
    return day + 1, who
