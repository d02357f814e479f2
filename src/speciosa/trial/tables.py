"""The tables of a run, made chunk by chunk: subjects, daily values, events and courses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from speciosa.people.cohort import DRUGS, Cohort
from speciosa.trial.disorder import SLEEP
from speciosa.trial.outcomes import AFTER_NOON, HAPPENED, VISIT, Course
from speciosa.trial.study import Arm, Study
from speciosa.trial.visits import judged_values, trial_columns

DAILY = (  # as far as the disorder records them
    "ciwa",
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
COURSE_DRAWS = 200  # draws whose courses are kept,
COURSE_PEOPLE = 800  # and of how many people of each


def subject_rows(
    study: Study,
    arm: Arm,
    cohort: Cohort,
    course: Course,
    constants: Mapping[str, Any],
    stayed: Course | None = None,
) -> pl.DataFrame:
    """Return one row per person: who they are, when they left, and every endpoint.

    A column ``x`` is what was observed, ``true_x`` the unrounded, noise-free value. ``stayed`` is
    the arm's course had nobody left, for what is hypothetical.
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
        truth, observed = judged_values(endpoint, course, stayed, constants, cohort, study.estimand)
        columns[endpoint.id] = np.where(outcome.failed, np.nan, observed)
        columns[f"true_{endpoint.id}"] = np.where(outcome.failed, np.nan, truth)
    columns |= trial_columns(study, cohort, course, stayed, constants)
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
    for quantity in (one for one in DAILY if one in course.recorded):
        columns[quantity] = course.daily(quantity).ravel().astype(np.float32)
    for quantity in course.lowest:
        columns[f"lowest_{quantity}"] = course.minimum(quantity).ravel().astype(np.float32)
    for quantity in course.highest:
        columns[f"highest_{quantity}"] = course.maximum(quantity).ravel().astype(np.float32)
    return pl.DataFrame(columns)


def event_rows(arm: Arm, cohort: Cohort, course: Course) -> pl.DataFrame:
    """Return one row per event: day (from 1) of use, leaving, relapse, overdose and the like."""
    found = {
        "use": _days(course.daily("using_today") > 0),
        "overdose": _days(course.minimum("ventilation") < course.low_ventilation),
    }
    firsts = {"dropout": "dropout_day", "relapse": HAPPENED["relapsed"]}
    firsts |= {e: q for e, q in HAPPENED.items() if e != "relapsed" and q in course.recorded}
    for event, quantity in firsts.items():
        day = course.samples(quantity)[-1, -1]
        found[event] = (day[day >= 0].astype(np.int64) + 1, np.flatnonzero(day >= 0))
    tables = [
        pl.DataFrame(
            {
                "draw": cohort.draw[who],
                "person": cohort.person[who],
                "arm": pl.Series([arm.name] * len(who), dtype=pl.String),
                "day": day,
                "event": pl.Series([event] * len(who), dtype=pl.String),
            }
        )
        for event, (day, who) in found.items()
    ]
    return pl.concat(tables)


def decision_rows(arm: Arm, cohort: Cohort, course: Course) -> pl.DataFrame:
    """Return one row per person, day and decision that did something.

    ``use``: uses of the day; ``leave``: 1 on the day of leaving; a rescue: its doses of the day.
    """
    days = np.arange(course.outcome.samples.shape[0])[:, None]
    done = {name.removesuffix("_doses"): course.samples(name).max(axis=1) for name in course.rescue}
    done["use"] = course.samples("using_today").max(axis=1)
    done["leave"] = (days == course.samples("dropout_day")[-1, -1]).astype(float)
    tables = []
    for decision, value in done.items():
        day, who = np.nonzero(value > 0)
        tables.append(
            pl.DataFrame(
                {
                    "draw": cohort.draw[who],
                    "person": cohort.person[who],
                    "arm": pl.Series([arm.name] * len(who), dtype=pl.String),
                    "day": day + 1,
                    "decision": pl.Series([decision] * len(who), dtype=pl.String),
                    "value": value[day, who].astype(np.float32),
                }
            )
        )
    return pl.concat(tables)


def courses(arm: Arm, cohort: Cohort, course: Course) -> pl.DataFrame:
    """Return quantiles over the people of each draw: by day, and every three hours at first.

    Of the first people of the first draws only: they are enough for a band, and the table does not
    grow without end.
    """
    seen = (cohort.draw < COURSE_DRAWS) & (cohort.person < COURSE_PEOPLE)
    draws, first = np.unique(cohort.draw[seen], return_index=True)
    samples = np.stack([course.samples(quantity)[..., seen] for quantity in course.recorded])
    place = np.array([AFTER_NOON if one in SLEEP else VISIT for one in course.recorded])
    daily = samples[np.arange(len(place)), :, place]
    fine = np.delete(samples[:, :FINE_DAYS], VISIT, axis=2)
    moments = fine.shape[1] * fine.shape[2]
    steps = {"day": daily, "three_hours": fine.reshape(len(place), moments, fine.shape[3])}
    found = {step: _quantiles(values, np.sort(first)[1:]) for step, values in steps.items()}
    return pl.concat(
        _course(arm, quantity, step, draws, rows[:, number])
        for number, quantity in enumerate(course.recorded)
        for step, rows in found.items()
    )


def _quantiles(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Return the quantiles over the people of each draw, (3, Q, draws, T), of values (Q, T, N)."""
    found = []
    for inside in np.split(values, bounds, axis=2) if values.shape[2] else []:  # or nobody inside
        # a failed person has no values; quantiles that skip them are slow, so only where needed
        find = np.nanquantile if np.isnan(inside).any() else np.quantile
        found.append(find(inside, QUANTILES, axis=2))
    shape = (len(QUANTILES), values.shape[0], 0, values.shape[1])
    return np.stack(found, axis=2) if found else np.empty(shape)


def _course(
    arm: Arm, quantity: str, step: str, draws: np.ndarray, rows: np.ndarray
) -> pl.DataFrame:
    _, count, times = rows.shape
    low, middle, high = (row.ravel() for row in rows)
    return pl.DataFrame(
        {
            "arm": pl.repeat(arm.name, count * times, eager=True),
            "quantity": pl.repeat(quantity, count * times, eager=True),
            "step": pl.repeat(step, count * times, eager=True),
            "index": np.tile(np.arange(times), count),
            "draw": np.repeat(draws, times),
            "low": low,
            "median": middle,
            "high": high,
        }
    )


def _days(happened: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    day, who = np.nonzero(happened)
    return day + 1, who
