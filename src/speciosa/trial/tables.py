"""The tables of a run, made chunk by chunk: subjects, daily values, events and courses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from speciosa.core.quantile import quantiles
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
    names = course.recorded
    steps = _steps({name: course.samples(name) for name in names}, seen)
    found = [_quantiles(values, np.sort(first)[1:]) for values in steps.values()]
    each = [rows.reshape(*rows.shape[:2], -1) for rows in found]
    low, middle, high = np.concatenate(each, axis=2).reshape(len(QUANTILES), -1)
    one = pl.concat(_moments(step, draws, rows.shape[1]) for step, rows in steps.items())
    return pl.DataFrame(
        {
            "arm": pl.Series([arm.name]).new_from_index(0, low.size),
            "quantity": pl.Series(names).gather(np.repeat(np.arange(len(names)), one.height)),
            **pl.concat([one] * len(names), rechunk=True).to_dict(),
            "low": low,
            "median": middle,
            "high": high,
        }
    )


def _steps(samples: Mapping[str, np.ndarray], seen: np.ndarray) -> dict[str, np.ndarray]:
    """Return the values of some people by day and every three hours, (Q, T, people)."""
    daily = [rows[:, AFTER_NOON if name in SLEEP else VISIT] for name, rows in samples.items()]
    fine = [np.delete(rows[:FINE_DAYS], VISIT, axis=1) for rows in samples.values()]
    return {
        "day": np.stack([rows[:, seen] for rows in daily]),
        "three_hours": np.stack([rows.reshape(-1, seen.size)[:, seen] for rows in fine]),
    }


def _moments(step: str, draws: np.ndarray, times: int) -> pl.DataFrame:
    """Return the rows of one quantity in every draw, without its values."""
    return pl.DataFrame(
        {
            "step": pl.Series([step]).new_from_index(0, draws.size * times),
            "index": np.tile(np.arange(times), draws.size),
            "draw": np.repeat(draws, times),
        }
    )


def _quantiles(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Return the quantiles over the people of each draw, (3, Q, draws, T), of values (Q, T, N)."""
    if not values.shape[2]:  # nobody is inside
        return np.empty((len(QUANTILES), len(values), 0, values.shape[1]))
    each = np.split(values, bounds, axis=2)
    return np.stack([quantiles(inside, QUANTILES) for inside in each], axis=2)


def _days(happened: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    day, who = np.nonzero(happened)
    return day + 1, who
