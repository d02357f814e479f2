"""The tables that every trial report has: flow, baseline, disposition, outcomes, adverse events.

Counted over all worlds. Arms hold twins, so that the baseline is the same in all of them and stands
once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from speciosa.trial.rows import Table, batches, collected
from speciosa.verdict.effect import EndpointSpec, effect, level
from speciosa.verdict.record import TrialRecord

CONTINUOUS = {  # column -> words and unit
    "age": ("Age", "years"),
    "weight": ("Weight", "kg"),
    "hours_since_last_use": ("Time since last use", "h"),
    "baseline": ("Score before treatment", "points"),
}
SHARES = {"male": "Men", "smoker": "Smokers"}
WEEK = 7


def standard_tables(record: TrialRecord, days: int, primary: str = "") -> dict[str, Any]:
    """Return the standard tables of a trial's record.

    Args:
        record: the record.
        days: length of treatment, days.
        primary: id of the primary endpoint; the first benefit where it is not named.
    """
    first = record.endpoint(primary) if primary else record.benefits[0]
    secondary = [endpoint for endpoint in record.benefits if endpoint.id != first.id]
    return {
        "flow": flow_of_people(record, days),
        "baseline": [
            row
            for column in (*CONTINUOUS, *SHARES, "drug")
            if column in record.subjects.columns
            for row in baseline(collected(record.subjects, [column], [record.control]))
        ],
        "disposition": [disposition(record.subjects, arm, days) for arm in record.arms]
        if "dropout_day" in record.subjects.columns
        else [],
        "primary": levels(record, [first]),
        "secondary": levels(record, secondary),
        "adverse": levels(record, record.harms),
    }


def flow_of_people(record: TrialRecord, days: int) -> dict[str, Any]:
    """Return the CONSORT flow: simulated, failed, allocated, left, followed up, analysed.

    Everybody is simulated in every arm; whose simulation failed has no values and is counted.
    """
    arms = []
    for arm in record.arms:
        wanted = [c for c in ("arm", "failed", "dropout_day") if c in record.subjects.columns]
        rows = collected(record.subjects, wanted, [arm])
        failed = int(rows["failed"].sum()) if "failed" in rows.columns else 0
        left = 0
        if "dropout_day" in rows.columns:
            day = rows["dropout_day"].cast(pl.Float64).fill_null(np.nan).to_numpy()
            left = int(np.sum(day < days))
        arms.append(
            {
                "arm": arm, "allocated": rows.height, "left": left, "failed": failed,
                "completed": rows.height - left, "analysed": rows.height - failed,
            }
        )  # fmt: skip
    people = sum(rows.unique().height for rows in batches(record.subjects, ["draw", "person"]))
    return {"people": people, "arms": arms}


def baseline(people: pl.DataFrame) -> list[dict[str, Any]]:
    """Return one row per characteristic: mean and SD, or count and share.

    >>> rows = pl.DataFrame({"age": [30.0, 40.0], "male": [True, False]})
    >>> [(row["label"], row.get("mean"), row.get("share")) for row in baseline(rows)]
    [('Age', 35.0, None), ('Men', None, 0.5)]
    """
    found: list[dict[str, Any]] = []
    for column, (label, unit) in CONTINUOUS.items():
        if column in people.columns:
            values = people[column].cast(pl.Float64).fill_nan(None).drop_nulls()
            if values.len():
                found.append(
                    {"label": label, "unit": unit, "mean": values.mean(), "sd": values.std()}
                )
    for column, label in SHARES.items():
        if column in people.columns:
            found.append(_counted(label, people[column].cast(pl.Boolean)))
    if "drug" in people.columns:
        for drug in sorted(people["drug"].unique()):
            found.append(_counted(f"Uses {drug}", people["drug"] == drug))
    return found


def _counted(label: str, true: pl.Series) -> dict[str, Any]:
    count = int(true.sum())
    return {"label": label, "unit": "%", "count": count, "share": count / max(true.len(), 1)}


def disposition(subjects: Table, arm: str, days: int) -> dict[str, Any]:
    """Return how many of an arm completed and how many left in each week.

    >>> rows = pl.DataFrame({"arm": ["a"] * 3, "dropout_day": [3.0, 9.0, float("nan")]})
    >>> disposition(rows, "a", 14)
    {'arm': 'a', 'people': 3, 'completed': 1, 'left_by_week': [1, 1]}
    """
    day = collected(subjects, ["dropout_day"], [arm])["dropout_day"].cast(pl.Float64)
    left = day.fill_null(np.nan).to_numpy()
    left = left[left < days]
    weeks = -(-days // WEEK)
    by_week = np.bincount(((left - 1) // WEEK).astype(int), minlength=weeks)[:weeks]
    return {
        "arm": arm, "people": day.len(), "completed": day.len() - left.size,
        "left_by_week": by_week.tolist(),
    }  # fmt: skip


def levels(record: TrialRecord, endpoints: Sequence[EndpointSpec]) -> list[dict[str, Any]]:
    """Return each arm's mean of each endpoint with its range over worlds."""
    return [
        {
            "endpoint": endpoint.id, "label": endpoint.label, "unit": endpoint.unit,
            "arms": {arm: level(record.twins, endpoint, arm) for arm in record.arms},
        }
        for endpoint in endpoints
    ]  # fmt: skip


def by_estimand(
    record: TrialRecord, primary: EndpointSpec, columns: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the effect of every arm on the primary under each strategy that was laid down.

    Args:
        record: the record.
        primary: the primary endpoint.
        columns: strategy for leaving treatment -> column of the subjects.
    """
    arms = [arm for arm in record.arms if arm != record.control]
    found = []
    for arm in arms:
        under = {}
        for strategy, column in columns.items():
            spec = EndpointSpec(
                column, primary.label, primary.unit, primary.better, primary.smallest_meaningful,
                primary.kind, per=primary.per,
            )  # fmt: skip
            one = effect(record.twins, spec, arm, record.control)
            under[strategy] = {
                "estimate": one.estimate, "low": one.low, "high": one.high,
                "probability": one.probability, "probability_worse": one.probability_worse,
            }  # fmt: skip
        found.append({"arm": arm, "versus": record.control, "unit": primary.unit, "under": under})
    return found
