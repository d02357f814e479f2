"""From trajectories to endpoints: what a trial would have written down about each person.

Every endpoint has two values: the truth (unrounded, without measurement noise, follow-up complete)
and what was observed (with the noise of the scale; missing after somebody has left, where the
estimand says so). Noise has its own stream, so twins share it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.engine import Outcome
from speciosa.core.errors import InputError, nearest
from speciosa.core.random import Streams, normal
from speciosa.trial.study import Endpoint

Array = NDArray[np.float64]
SAMPLE_HOURS = (8.0, 11.0, 11.5, 14.0, 17.0, 20.0, 23.0, 2.0, 5.0)  # clock hours, in order of the day
VISIT = 2  # 11:30, three and a half hours after the first dose of the day
AFTER_NOON = 3  # 14:00, when last night has been scored
SCORES = ("cows", "sows_gossop", "oows", "craving")
SLEEP = ("total_sleep_time", "sleep_onset_latency", "sleep_efficiency", "psqi")
EVENTS = (
    "retained", "abstinent", "retained_and_abstinent", "relapsed", "overdose",
    "precipitated_withdrawal",
)
NOISE = {  # scale -> record of its measurement noise (sd, points of the scale)
    "cows": "scales.cows_noise",
    "sows_gossop": "scales.gossop_noise",
    "oows": "scales.oows_noise",
    "craving": "scales.craving_noise",
    "psqi": "scales.psqi_noise",
    "total_sleep_time": "scales.total_sleep_time_noise",
    "sleep_onset_latency": "scales.sleep_onset_latency_noise",
}
RISE = "scales.precipitated_rise"
WITHIN = "scales.precipitated_occupancy"
RECORDS = (RISE, WITHIN)


@dataclass(frozen=True)
class Course:
    """Trajectories of one chunk of one arm, by name.

    Args:
        outcome: what the engine returned.
        recorded: names of the sampled quantities, in order.
        lowest, highest: names of the quantities with daily minima and maxima.
        low_ventilation: ventilation below which an episode counts as an overdose, (N,).
        ligands: occupancies by drugs that the arm assigns.
    """

    outcome: Outcome
    recorded: tuple[str, ...]
    lowest: tuple[str, ...]
    highest: tuple[str, ...]
    low_ventilation: Array
    ligands: tuple[str, ...] = ()

    def samples(self, quantity: str) -> Array:
        """Return a sampled quantity, shape (days, samples, N)."""
        if quantity not in self.recorded:
            raise InputError(f'"{quantity}" is not recorded', "endpoint", nearest(quantity, self.recorded))
        return self.outcome.samples[:, :, self.recorded.index(quantity)]

    def daily(self, quantity: str) -> Array:
        """Return the value that a visit writes down each day, shape (days, N)."""
        return self.samples(quantity)[:, AFTER_NOON if quantity in SLEEP else VISIT]

    def minimum(self, quantity: str) -> Array:
        """Return the daily minimum, shape (days, N)."""
        return self.outcome.minima[:, self.lowest.index(quantity)]

    def maximum(self, quantity: str) -> Array:
        """Return the daily maximum, shape (days, N)."""
        return self.outcome.maxima[:, self.highest.index(quantity)]


def scales() -> tuple[str, ...]:
    """Return every scale or event that an endpoint may name."""
    return (*SCORES, *SLEEP, *EVENTS, "ventilation")


def endpoint_values(
    endpoint: Endpoint, course: Course, constants: Mapping[str, Any], stream: Streams
) -> tuple[Array, Array]:
    """Return the true and the observed value of an endpoint, each (N,).

    Args:
        endpoint: what is measured.
        course: the trajectories.
        constants: record id -> number, for noise and definitions.
        stream: the people's random streams.
    """
    first, last = endpoint.days[0] - 1, endpoint.days[1]
    if endpoint.scale in EVENTS:
        truth = _event(endpoint.scale, course, first, last, constants)
        return truth, truth
    if endpoint.scale == "ventilation":
        truth = course.minimum("ventilation")[first:last].min(axis=0)
        return truth, truth
    if endpoint.statistic == "highest" and endpoint.scale in course.highest:
        truth = course.maximum(endpoint.scale)[first:last].max(axis=0)
        return truth, truth + noise(endpoint.scale, constants, stream, last - 1)
    daily = course.daily(endpoint.scale)[first:last]
    noisy = daily + np.stack(
        [noise(endpoint.scale, constants, stream, day) for day in range(first, last)]
    )
    return _over_days(daily, endpoint.statistic), _over_days(noisy, endpoint.statistic)


def noise(scale: str, constants: Mapping[str, Any], stream: Streams, day: int) -> Array:
    """Return the measurement noise of a scale on a day (counted from 0), points, (N,)."""
    if scale not in NOISE:
        return np.zeros(stream.person.shape)
    return np.asarray(constants[NOISE[scale]] * normal(stream, f"noise: {scale}", day))


def _over_days(daily: Array, statistic: str) -> Array:
    if statistic == "last":
        return daily[-1]
    reduce = {"mean": np.mean, "lowest": np.min, "highest": np.max, "share": np.mean}[statistic]
    return np.asarray(reduce(daily, axis=0))


def _event(scale: str, course: Course, first: int, last: int, constants: Mapping[str, Any]) -> Array:
    retained = course.samples("in_treatment")[last - 1, -1]
    if scale == "retained":
        return retained
    abstinent = (course.samples("days_abstinent")[last - 1, -1] >= 7.0).astype(float)
    if scale == "abstinent":
        return abstinent
    if scale == "retained_and_abstinent":
        return retained * abstinent
    if scale == "relapsed":
        day = course.samples("relapsed_day")[last - 1, -1]
        return ((day >= 0) & (day < last)).astype(float)
    if scale == "overdose":
        low = course.minimum("ventilation")[first:last] < course.low_ventilation
        return low.any(axis=0).astype(float)
    return _precipitated(course, first, last, constants)


def _precipitated(course: Course, first: int, last: int, constants: Mapping[str, Any]) -> Array:
    """COWS rises by the stated points within three hours while an assigned drug takes receptors."""
    cows = _in_order(course.samples("cows")[first:last])
    if not course.ligands:
        return np.zeros(cows.shape[-1])
    held = sum(_in_order(course.samples(f"mu_occupancy_{name}")[first:last]) for name in course.ligands)
    rise = np.diff(cows, axis=0) >= constants[RISE]
    taken = np.diff(np.asarray(held), axis=0) >= constants[WITHIN]
    return (rise & taken).any(axis=0).astype(float)


def _in_order(samples: Array) -> Array:
    """Join the days' three-hourly samples into one course, (times, N)."""
    three_hourly = np.delete(samples, VISIT, axis=1)
    return three_hourly.reshape(-1, samples.shape[-1])
