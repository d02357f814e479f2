"""What is read off each simulated person for a published result, (N,) values of one arm."""

from __future__ import annotations

import operator
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from speciosa.core.nca import ProfileReading, read_profile
from speciosa.core.random import uniform
from speciosa.evidence.results import hours_of
from speciosa.symptom.scales import SCALES, cows_category, measure
from speciosa.trial.insomnia import NEEDED, insomnia_needs, of_insomnia
from speciosa.trial.lab import Samples
from speciosa.trial.observed import HORIZON, VISIT, Observation, Reading
from speciosa.trial.outcomes import (
    ABSTINENT,
    ATTENDANCE,
    COWS,
    NOISE,
    RUN,
    URINE,
    first_week,
    written,
)
from speciosa.trial.quantity import EVENTS, OUTCOME, Quantity

Array = NDArray[np.float64]
FLOOR = 1e-6  # of a person's peak: below it the solver's own error would be read
ENTRY_COWS = 13.0  # COWS with which people entered where readings below 12 are counted
BANDS = {"none": (0,), "mild": (1,), "moderate": (2,), "severe": (3, 4)}
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def read(
    made: Observation,
    reading: Reading,
    samples: Samples,
    *,
    limits: Mapping[str, float],
    constants: Mapping[str, float],
    counts: tuple[str, ...] = (),
) -> Array:
    """Return what is read off each person of one arm.

    Args:
        made: the observation.
        reading: when this arm is read.
        samples: what the laboratory read.
        limits: quantity -> its limit of quantification, in its unit.
        constants: record id -> value, for what is written down of a score.
        counts: quantities that count doses which were waited for.
    """
    first, *second = (
        _one(made, quantity, reading, samples, limits, constants, counts)
        for quantity in made.quantities
    )
    with np.errstate(all="ignore"):
        return first / second[0] if second else first


def _one(
    made: Observation,
    quantity: Quantity,
    reading: Reading,
    samples: Samples,
    limits: Mapping[str, float],
    constants: Mapping[str, float],
    counts: tuple[str, ...],
) -> Array:
    if quantity.kind == OUTCOME:
        share = _outcome(quantity.name, reading, samples, made.result.population, constants)
        share = 1.0 - share if quantity.complement else share
        if not quantity.since_day:
            return share
        began = samples.at("in_treatment", reading.hours)[0]
        return np.where(began > 0.5, share, np.nan)
    values = samples.at(quantity.name, reading.hours)
    if insomnia_needs(made.result.setting, [quantity.name]):
        night = {name: samples.at(name, reading.hours) for name in NEEDED}
        values = of_insomnia(quantity.name, night, constants)
    if reading.own:
        values = np.maximum(values - samples.at(reading.own, reading.hours), 0.0)
    if made.profile:
        times = np.asarray(reading.hours) - reading.base
        return _profile(made.metric, values, times, limits.get(quantity.name, 0.0))
    if reading.waits:
        values = _around(made, values, samples, reading, counts)
    elif made.trial:
        values = _carried(values, samples.at("in_treatment", reading.hours))
        values = values[reading.lead :]
    if quantity.compare:
        seen = _measured(quantity.name, values, samples, constants)
        true = COMPARE[quantity.compare](seen, quantity.threshold)
        return _mean(np.where(np.isnan(seen), np.nan, true))
    if made.metric.startswith("fraction_"):
        return _banded(made.metric, _measured(quantity.name, values, samples, constants))
    return _reduced(made.metric, values, np.asarray(reading.hours)[reading.lead :], reading.base)


def _profile(metric: str, values: Array, times: Array, limit: float) -> Array:
    found = []
    for column in values.T:
        if not np.isfinite(column).all():
            found.append(np.nan)
            continue
        floor = max(limit, FLOOR * float(column.max()))
        if times.size < 2:
            one = ProfileReading(float(column.max()), float(times[0]), *(np.nan,) * 3, 1, None)
        else:
            one = read_profile(times, column, quantification_limit=floor)
        found.append(getattr(one, metric))
    return np.asarray(found, dtype=float)


def _reduced(metric: str, values: Array, hours: Array, last_dose: float) -> Array:
    if metric == "peak":
        return values.max(axis=0)
    if metric == "lowest":
        return values.min(axis=0)
    if metric == "peak_day":
        at = hours[np.argmax(values, axis=0)]
        return np.where(np.isnan(values[0]), np.nan, (at - last_dose) / 24.0)
    return _mean(values)


def _mean(values: Array) -> Array:
    return np.asarray(values, dtype=float).mean(axis=0)


def _carried(values: Array, present: Array) -> Array:
    """Carry the last score of somebody who has left forward."""
    kept = values.copy()
    for row in range(1, len(kept)):
        kept[row] = np.where(present[row] > 0.5, kept[row], kept[row - 1])
    return kept


def _around(
    made: Observation, values: Array, samples: Samples, reading: Reading, counts: tuple[str, ...]
) -> Array:
    """Before the dose that each person waited for, or a visit after it; arrival if none came."""
    given = np.sum([samples.at(name, reading.hours) for name in counts], axis=0) > 0.5
    rows, people = values.shape[0], np.arange(values.shape[1])
    ever = given.any(axis=0)
    taken = np.where(ever, np.argmax(given, axis=0), rows)  # first reading with the dose inside
    at = hours_of(made.result.at)
    if at is not None and at.dose == "before":
        place = np.where(ever, taken - 1, 0)
        return values[np.maximum(place, 0), people][None]
    step = round(VISIT / 0.5) - 1
    place = np.minimum(taken + step, rows - 1)
    return np.where(ever, values[place, people], np.nan)[None]


def _measured(name: str, values: Array, samples: Samples, constants: Mapping[str, float]) -> Array:
    """The score as written down in a trial, a whole number; what is no score stays as it is."""
    if name != COWS and name not in NOISE:
        return values
    visits = enumerate(values)
    seen = np.stack([written(name, row, constants, samples.streams, k) for k, row in visits])
    scale = SCALES.get(name)
    low, high = (scale.low, scale.high) if scale else (0.0, np.inf)
    whole = measure(seen, 0.0, sd=0.0, low=low, high=high)
    return np.where(np.isnan(values), np.nan, whole)


def _banded(metric: str, seen: Array) -> Array:
    if metric == "fraction_below_12":
        below = seen[1:] < 12.0
        runs = [below[row : row + 4].all(axis=0) for row in range(len(below) - 3)]
        entered = seen[0] >= ENTRY_COWS
        return np.where(entered, np.any(runs, axis=0), np.nan)
    band = BANDS[metric.removeprefix("fraction_")]
    return _mean(np.where(np.isnan(seen), np.nan, np.isin(cows_category(seen), band)))


def _outcome(
    name: str, reading: Reading, samples: Samples, population: str, constants: Mapping[str, float]
) -> Array:
    hours = reading.hours
    present = samples.at("in_treatment", hours)
    if name == "in_treatment":
        return present[-1]
    if name in EVENTS or (name == "relapsed" and population == "alcohol"):
        day = samples.at(EVENTS.get(name, "relapsed_day"), hours)[-1]
        return np.where(np.isnan(day), np.nan, day >= 0)
    if name == "relapsed":
        return _relapsed(present, hours, samples, constants)
    free = samples.at("days_abstinent", hours)
    if name == "abstinent":
        true = (free >= constants[ABSTINENT]) & (present > 0.5)
        return _mean(np.where(np.isnan(present), np.nan, true))
    positive = (free < constants[URINE]).astype(float)
    if name == "opioid_free":
        return np.where(np.isnan(present), np.nan, (1.0 - positive) * (present > 0.5))[-1]
    return np.where(present > 0.5, positive, np.nan)[-1]


def _relapsed(
    present: Array,
    hours: tuple[float, ...],
    samples: Samples,
    constants: Mapping[str, float],
) -> Array:
    """Four weekly visits running with a positive urine, missed or after leaving, from week 3, or as
    the model's own record says: what a trial of ours counts as relapsed or lost."""
    ends = [row for row, hour in enumerate(hours) if (hour - VISIT + 24.0) % 168.0 < 0.1]
    positive = (samples.at("days_abstinent", hours) < constants[URINE]) | (present < 0.5)
    for week, row in enumerate(ends):
        came = uniform(np, samples.streams, "attendance", np.uint32(week)) < constants[ATTENDANCE]
        positive[row] |= ~came
    late, run = positive[ends[first_week(constants) :]], int(constants[RUN])
    runs = [late[row : row + run].all(axis=0) for row in range(len(late) - run + 1)]
    missing = np.any(runs, axis=0) if runs else np.zeros(present.shape[1], dtype=bool)
    day = samples.at("relapsed_day", hours)[-1]
    told = (day >= 0.0) & (day < HORIZON)
    return np.where(np.isnan(day), np.nan, missing | told)
