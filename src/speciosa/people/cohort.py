"""A cohort: people with covariates and history, each with their own random streams.

The same person number in the same draw is the same person in every arm (a twin).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.random import Streams, normal, streams, uniform

TRUTH = 0xFFFFFFFF  # the person number under which a draw's own values are kept
DRUGS = ("fentanyl", "heroin", "oxycodone", "alcohol")


@dataclass(frozen=True)
class Range:
    """A normal range cut at its ends: mean, sd, low, high, in the unit of the covariate."""

    mean: float
    sd: float
    low: float
    high: float


@dataclass(frozen=True)
class Habit:
    """A drug that a share of the people used daily: mg a day (log-uniform) and uses a day.

    Args:
        drug: fentanyl, heroin, oxycodone or alcohol.
        share: share of the people.
        daily_amount: lowest and highest amount, mg a day.
        uses: lowest and highest number of uses a day.
    """

    drug: str
    share: float
    daily_amount: tuple[float, float]
    uses: tuple[int, int]


@dataclass(frozen=True)
class Population:
    """Who takes part, as the study file says; every default is assumed unless the file cites more.

    Args:
        age: years.
        men: share of men.
        weight_men, weight_women: median weight, kg; ``weight_cv`` its coefficient of variation.
        smokers: share.
        cyp2d6: activity score -> share (0 poor, 0.5 intermediate, 1 normal, 2 ultrarapid).
        habits: what people used; empty for people who use no opioid.
        hours_since_last_use: hours from the last use to the start.
        years_of_use: years of daily use, lowest and highest.
        use_level: record of b0, the level of the daily use decision in this setting.
        dropout_rate: record of the hazard of leaving per day, outpatients.
        residential_days: first days under one roof with the staff.
        adherence: record of the chance that an outpatient takes a scheduled dose.
    """

    age: Range = Range(35.0, 10.0, 18.0, 65.0)
    men: float = 0.71
    weight_men: float = 78.0
    weight_women: float = 68.0
    weight_cv: float = 0.2
    smokers: float = 0.8
    cyp2d6: Mapping[float, float] = field(
        default_factory=lambda: {0.0: 0.07, 0.5: 0.30, 1.0: 0.60, 2.0: 0.03}
    )
    habits: tuple[Habit, ...] = (
        Habit("fentanyl", 0.6, (1.0, 4.0), (4, 8)),
        Habit("heroin", 0.2, (100.0, 400.0), (3, 4)),
        Habit("oxycodone", 0.2, (80.0, 240.0), (4, 4)),
    )
    hours_since_last_use: Range = Range(14.0, 6.0, 4.0, 36.0)
    years_of_use: tuple[float, float] = (1.0, 10.0)
    use_level: str = "behaviour.use_level_placebo"
    dropout_rate: str = "behaviour.dropout_rate_buprenorphine"
    adherence: str = "care.adherence"
    residential_days: int = 3


OPIOID_USERS = Population()
DRINKERS = Population(
    age=Range(45.0, 11.0, 18.0, 70.0),
    smokers=0.6,
    habits=(Habit("alcohol", 1.0, (160_000.0, 300_000.0), (7, 7)),),
    hours_since_last_use=Range(14.0, 5.0, 6.0, 30.0),
    years_of_use=(3.0, 25.0),
    use_level="drinking.level",
    dropout_rate="drinking.dropout_rate",
    residential_days=5,
)
USUAL = {"opioid": OPIOID_USERS, "alcohol": DRINKERS}  # who takes part where a file does not say


@dataclass(frozen=True)
class Cohort:
    """N people: draw and person numbers (N,), random streams and covariates (rows (N,))."""

    seed: int
    draw: NDArray[np.int64]
    person: NDArray[np.int64]
    streams: Streams
    covariates: Mapping[str, Any]

    @cached_property
    def worlds(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Streams]:
        """The draws that these people are of, each person's place among them, and the streams of
        what is true in each."""
        draws, place = np.unique(self.draw, return_inverse=True)
        return draws, place, truths(self.seed, draws)

    def with_covariates(self, more: Mapping[str, Any]) -> Cohort:
        """Return the cohort with more covariates."""
        return replace(self, covariates={**self.covariates, **more})


def truths(seed: int, draws: NDArray[np.int64]) -> Streams:
    """Return the streams of what is true in some draws, which is nobody's own."""
    return streams(seed, draws, np.full(draws.shape, TRUTH, dtype=np.uint32))


def recruit(
    population: Population, seed: int, draw: NDArray[np.int64], person: NDArray[np.int64]
) -> Cohort:
    """Return the people with the given draw and person numbers.

    Example:
        >>> import numpy as np
        >>> cohort = recruit(Population(), 1, np.zeros(50, int), np.arange(50))
        >>> bool((cohort.covariates["age"] >= 18).all())
        True
    """
    stream = streams(seed, draw, person)
    male = (uniform(np, stream, "male", 0) < population.men).astype(float)
    median = np.where(male == 1.0, population.weight_men, population.weight_women)
    sd = np.sqrt(np.log1p(population.weight_cv**2))
    covariates = {
        "age": _within(population.age, stream, "age"),
        "male": male,
        "weight": median * np.exp(sd * np.clip(normal(stream, "weight"), -2.5, 2.5)),
        "smoker": (uniform(np, stream, "smoker", 0) < population.smokers).astype(float),
        "cyp2d6_activity_score": _chosen(population.cyp2d6, uniform(np, stream, "cyp2d6", 0)),
        **_habits(population, stream),
        "residential_days": population.residential_days * np.ones(draw.shape),
    }
    return Cohort(seed, draw, person, stream, covariates)


def _within(span: Range, stream: Streams, purpose: str) -> NDArray[np.float64]:
    return np.clip(span.mean + span.sd * normal(stream, purpose), span.low, span.high)


def _chosen(shares: Mapping[float, float], u: NDArray[np.float64]) -> NDArray[np.float64]:
    values, weights = np.array(list(shares)), np.cumsum(list(shares.values()))
    return values[np.minimum(np.searchsorted(weights / weights[-1], u), values.size - 1)]


def _habits(population: Population, stream: Streams) -> dict[str, NDArray[np.float64]]:
    shares = {float(i): habit.share for i, habit in enumerate(population.habits)}
    u = uniform(np, stream, "drug", 0)
    which = _chosen(shares, u) if shares else np.zeros(u.shape)
    amount, uses = uniform(np, stream, "daily amount", 0), uniform(np, stream, "uses", 0)
    rows: dict[str, NDArray[np.float64]] = {"drug": np.zeros(which.shape)}
    rows["uses_per_day"] = np.ones(which.shape)
    for name in DRUGS:
        rows[f"use_amount_{name}"] = np.zeros(which.shape)
    for i, habit in enumerate(population.habits):
        mine = which == i
        low, high = np.log(habit.daily_amount[0]), np.log(habit.daily_amount[1])
        first, last = habit.uses
        times = first + np.floor(uses * (last - first + 1))
        rows["drug"] = np.where(mine, DRUGS.index(habit.drug), rows["drug"])
        rows["uses_per_day"] = np.where(mine, times, rows["uses_per_day"])
        rows[f"use_amount_{habit.drug}"] = np.where(
            mine, np.exp(low + amount * (high - low)) / times, rows[f"use_amount_{habit.drug}"]
        )
    rows["alcohol_dependent"] = (rows["use_amount_alcohol"] > 0).astype(float)
    opioids = np.stack([rows[f"use_amount_{name}"] for name in DRUGS if name != "alcohol"])
    rows["opioid_dependent"] = (opioids > 0).any(axis=0).astype(float)
    rows["hours_since_last_use"] = _within(
        population.hours_since_last_use, stream, "hours since last use"
    )
    low, high = population.years_of_use
    rows["years_of_use"] = low + (high - low) * uniform(np, stream, "years of use", 0)
    return rows
