"""The flow of participants: who started, who left and when, who stayed, in each arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from speciosa.trial.rows import Table, collected


@dataclass(frozen=True)
class Flow:
    """People in one arm, counted over all draws; randomised = not started + dropped + completed."""

    arm: str
    randomised: int
    started: int
    dropped: int
    completed: int


@dataclass(frozen=True)
class Retention:
    """The share still in one arm on each day, and how many people that share rests on."""

    arm: str
    days: tuple[float, ...]
    share: tuple[float, ...]
    at_risk: tuple[int, ...]


def _dropout_days(subjects: Table, arm: str) -> np.ndarray:
    """Days of dropout of those who started, NaN where the person stayed."""
    started = "started" in subjects.columns
    rows = collected(subjects, ["dropout_day", *(["started"] if started else [])], [arm])
    if started:
        rows = rows.filter(pl.col("started").cast(pl.Boolean))
    return rows["dropout_day"].cast(pl.Float64).fill_null(float("nan")).to_numpy()


def flow(subjects: Table, arms: Sequence[str], days: float) -> list[Flow]:
    """Count the flow of participants.

    Args:
        subjects: one row per draw, person and arm with ``dropout_day`` (NaN = stayed) and, where
            starting can fail, ``started``.
        arms: arm ids in the order of the protocol.
        days: length of treatment in days; who left on or after it has completed.

    >>> rows = pl.DataFrame({"arm": ["a", "a", "a"], "dropout_day": [3.0, float("nan"), 28.0]})
    >>> flow(rows, ["a"], 28)
    [Flow(arm='a', randomised=3, started=3, dropped=1, completed=2)]
    """
    counted = []
    for arm in arms:
        left = _dropout_days(subjects, arm)
        dropped = int(np.sum(left < days))
        randomised = collected(subjects, ["dropout_day"], [arm]).height
        counted.append(Flow(arm, randomised, left.size, dropped, left.size - dropped))
    return counted


def retention(subjects: Table, arms: Sequence[str], days: int) -> list[Retention]:
    """Share of those who started that is still in treatment at the end of each day.

    Nobody is censored before the study ends, so the share is the survival curve itself.

    >>> rows = pl.DataFrame({"arm": ["a", "a"], "dropout_day": [1.5, float("nan")]})
    >>> retention(rows, ["a"], 2)[0].share
    (1.0, 1.0, 0.5)
    """
    grid = np.arange(0, days + 1)
    curves = []
    for arm in arms:
        left = np.nan_to_num(_dropout_days(subjects, arm), nan=np.inf)
        at_risk = np.array([int(np.sum(left > day)) for day in grid])
        share = at_risk / max(left.size, 1)
        curves.append(
            Retention(
                arm,
                tuple(grid.astype(float).tolist()),
                tuple(share.tolist()),
                tuple(at_risk.tolist()),
            )
        )
    return curves
