"""From trajectories to endpoints: what a trial would have written down about each person.

Every endpoint has two values: the truth (unrounded, without measurement noise, follow-up complete)
and what was observed (with the noise of the scale; COWS item by item). What counts after somebody
has left or relapsed is the estimand's to say, for both (:mod:`speciosa.trial.estimand`). Noise has
its own stream, so twins share it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.errors import InputError, nearest
from speciosa.core.outcome import Outcome
from speciosa.core.random import Streams, normal, uniform
from speciosa.symptom.scales import COWS_ITEMS, cows_items
from speciosa.trial.disorder import SLEEP, disorder_named
from speciosa.trial.estimand import window
from speciosa.trial.study import Endpoint

Array = NDArray[np.float64]
# clock hours, in order of the day
SAMPLE_HOURS = (8.0, 11.0, 11.5, 14.0, 17.0, 20.0, 23.0, 2.0, 5.0)
VISIT = 2  # 11:30, three and a half hours after the first dose of the day
AFTER_NOON = 3  # 14:00, when last night has been scored
HAPPENED = {  # event -> quantity with the day of its first time, -1 before it
    "relapsed": "relapsed_day",
    "seizure": "seizure_day",
    "delirium": "delirium_day",
}
EVENTS = (  # of every disorder
    "retained",
    "abstinent",
    "retained_and_abstinent",
    "relapsed_or_lost",
    "overdose",
    "precipitated_withdrawal",
    *HAPPENED,
)
WEEK = 7  # days
NOISE = {  # scale -> record of its measurement noise (sd, points of the scale)
    "ciwa": "scales.ciwa_noise",
    "sows_gossop": "scales.gossop_noise",
    "oows": "scales.oows_noise",
    "craving": "scales.craving_noise",
    "psqi": "scales.psqi_noise",
    "hdrs": "scales.hdrs_noise",
    "phq9": "scales.phq9_noise",
    "gad7": "scales.gad7_noise",
    "pss10": "scales.pss10_noise",
    "pain_tolerance": "scales.pain_tolerance_noise",
    "working_days": "scales.working_days_noise",
    "total_sleep_time": "scales.total_sleep_time_noise",
    "sleep_onset_latency": "scales.sleep_onset_latency_noise",
}
COWS = "cows"  # rated item by item
COWS_SPREAD, COWS_OFFSET = "scales.cows_item_spread", "scales.cows_offset_"
RISE = "scales.precipitated_rise"
WITHIN = "scales.precipitated_occupancy"
ATTENDANCE = "behaviour.attendance"
URINE = "behaviour.urine_window"  # days after a use on which urine is positive
ABSTINENT = "behaviour.abstinent_days"  # days without use that count as abstinent
RUN, RUN_FROM = "behaviour.relapse_weeks", "behaviour.relapse_from"  # X:BOT
DEFINITIONS = (URINE, ABSTINENT, RUN, RUN_FROM)
RECORDS = (RISE, WITHIN, ATTENDANCE, *DEFINITIONS)


@dataclass(frozen=True)
class Course:
    """Trajectories of one chunk of one arm, by name.

    Args:
        outcome: what the engine returned.
        recorded: names of the sampled quantities, in order.
        lowest, highest: names of the quantities with daily minima and maxima.
        low_ventilation: ventilation below which an episode counts as an overdose, (N,).
        ligands: occupancies by drugs that the arm assigns.
        rescue: quantities that count doses of the rescue.
    """

    outcome: Outcome
    recorded: tuple[str, ...]
    lowest: tuple[str, ...]
    highest: tuple[str, ...]
    low_ventilation: Array
    ligands: tuple[str, ...] = ()
    rescue: tuple[str, ...] = ()

    def samples(self, quantity: str) -> Array:
        """Return a sampled quantity, shape (days, samples, N)."""
        if quantity not in self.recorded:
            raise InputError(
                f'"{quantity}" is not recorded', "endpoint", nearest(quantity, self.recorded)
            )
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


def scales(disorder: str = "opioid") -> tuple[str, ...]:
    """Return every scale or event that an endpoint of a disorder may name."""
    return disorder_named(disorder).scales()


def noise_records(recorded: Iterable[str]) -> tuple[str, ...]:
    """Return the records of the measurement noise of some quantities."""
    found = [NOISE[quantity] for quantity in recorded if quantity in NOISE]
    items = [COWS_SPREAD, *(COWS_OFFSET + item.name for item in COWS_ITEMS)]
    return (*found, *(items if COWS in recorded else ()))


def endpoint_values(
    endpoint: Endpoint,
    course: Course,
    constants: Mapping[str, Any],
    stream: Streams,
    estimand: Mapping[str, str] | None = None,
) -> tuple[Array, Array]:
    """Return the true and the observed value of an endpoint, each (N,).

    Args:
        endpoint: what is measured.
        course: the trajectories.
        constants: record id -> number, for noise and definitions.
        stream: the people's random streams.
        estimand: intercurrent event -> strategy (:mod:`speciosa.trial.estimand`); by default, and
            for harms always, everything counts.
    """
    strategies = {} if endpoint.harm or estimand is None else estimand
    counted = window(strategies, endpoint.days, endpoint.better, _intercurrent(endpoint, course))
    if endpoint.scale in EVENTS:
        if endpoint.scale == "relapsed_or_lost":
            return tuple(
                _lost(course, endpoint.days[1], constants, missed)
                for missed in (None, _missed(course, constants, stream))
            )  # type: ignore[return-value]
        truth = counted.by_day(_event(endpoint.scale, course, counted.first, constants))
        return truth, truth
    if endpoint.scale in course.lowest:
        truth = counted.over_days(course.minimum(endpoint.scale), "lowest")
        return truth, truth
    if endpoint.statistic == "highest" and endpoint.scale in course.highest:
        truth = counted.over_days(course.maximum(endpoint.scale), "highest")
        return truth, written(endpoint.scale, truth, constants, stream, counted.last)
    daily = course.daily(endpoint.scale)
    noisy = np.stack(
        [written(endpoint.scale, row, constants, stream, day) for day, row in enumerate(daily)]
    )
    return (
        counted.over_days(daily, endpoint.statistic),
        counted.over_days(noisy, endpoint.statistic),
    )


def _intercurrent(endpoint: Endpoint, course: Course) -> dict[str, Array]:
    """The day of each intercurrent event; relapse is none where it is what is measured."""
    quantities = {"dropout": "dropout_day", "relapse": "relapsed_day"}
    if endpoint.scale in EVENTS:
        del quantities["relapse"]
    found = {name: course.samples(quantity)[-1, -1] for name, quantity in quantities.items()}
    if course.rescue:
        found["rescue"] = first_rescue(course)
    return found


def first_rescue(course: Course) -> Array:
    """Return the day of the first rescue dose, counted from 0, -1 where there was none, (N,)."""
    counts = np.stack([course.samples(name) for name in course.rescue])
    taken = (counts > 0).any(axis=(0, 2))
    return np.where(taken.any(axis=0), taken.argmax(axis=0), -1).astype(float)


def written(
    scale: str, score: Array, constants: Mapping[str, Any], stream: Streams, day: int
) -> Array:
    """Return what is written down of a noise-free score on a day (counted from 0), points, (N,).

    COWS is rated item by item, so its total is a whole number from 0 to 48; other scores carry a
    noise of their own.
    """
    if scale != COWS:
        return score + noise(scale, constants, stream, day)
    items = range(len(COWS_ITEMS))
    normals = np.stack([normal(stream, "noise: cows", day, which) for which in items])
    offsets = {item.name: float(constants[COWS_OFFSET + item.name]) for item in COWS_ITEMS}
    spread = float(constants[COWS_SPREAD])
    return cows_items(score, normals, offsets=offsets, spread=spread).sum(axis=0).astype(float)


def noise(scale: str, constants: Mapping[str, Any], stream: Streams, day: int) -> Array:
    """Return the measurement noise of a scale on a day (counted from 0), points, (N,)."""
    if scale not in NOISE:
        return np.zeros(stream.person.shape)
    return np.asarray(constants[NOISE[scale]] * normal(stream, f"noise: {scale}", day))


def _event(
    scale: str, course: Course, first: int, constants: Mapping[str, Any]
) -> NDArray[np.bool_]:
    """Whether an event is true if read at the end of each day, (days, N)."""
    retained = course.samples("in_treatment")[:, -1] > 0.5
    if scale == "retained":
        return retained
    abstinent = course.samples("days_abstinent")[:, -1] >= constants[ABSTINENT]
    if scale == "abstinent":
        return abstinent
    if scale == "retained_and_abstinent":
        return retained & abstinent
    if scale in HAPPENED:
        day = course.samples(HAPPENED[scale])[:, -1]
        return (day >= 0) & (day <= np.arange(len(day))[:, None])
    if scale == "overdose":
        today = course.minimum("ventilation") < course.low_ventilation
    else:
        today = _precipitated(course, constants)
    inside = today & (np.arange(len(today)) >= first)[:, None]
    return np.asarray(np.logical_or.accumulate(inside, axis=0))


def _missed(course: Course, constants: Mapping[str, Any], stream: Streams) -> NDArray[np.bool_]:
    """Which weekly visits somebody who is still in treatment misses, (weeks, N)."""
    weeks = range(course.outcome.samples.shape[0] // WEEK)
    u = np.stack([uniform(np, stream, "attendance", np.uint32(week)) for week in weeks])
    return np.asarray(u >= constants[ATTENDANCE])


def _lost(
    course: Course, days: int, constants: Mapping[str, Any], missed: NDArray[np.bool_] | None
) -> Array:
    """Relapsed as the urines of X:BOT have it: four weekly visits running, from week 3 on, each
    with a positive urine or missed, or else as the model's own record has it."""
    window = int(constants[URINE])
    run, first = int(constants[RUN]), first_week(constants)
    using = course.samples("using_today")[:days, VISIT] > 0
    left = course.samples("in_treatment")[:days, -1] < 0.5
    weeks = days // WEEK
    by_week = using[: weeks * WEEK].reshape(weeks, WEEK, -1)
    used = by_week[:, WEEK - window :].any(axis=1)
    positive = used | left[WEEK - 1 : weeks * WEEK : WEEK]
    if missed is not None:
        positive |= missed[:weeks]
    late = positive[first:]
    runs = [late[week : week + run].all(axis=0) for week in range(len(late) - run + 1)]
    day = course.samples("relapsed_day")[days - 1, -1]
    return np.asarray(np.any(runs, axis=0) | (day >= 0)).astype(float)


def first_week(constants: Mapping[str, Any]) -> int:
    """Return the first week, counted from 0, of which a visit may begin a run towards relapse.

    >>> first_week({RUN_FROM: 21.0})
    2
    """
    return int(constants[RUN_FROM]) // WEEK - 1


def _precipitated(course: Course, constants: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Days on which COWS rises by the stated points within three hours while an assigned drug
    takes receptors, (days, N)."""
    cows = _in_order(course.samples("cows"))
    days = course.outcome.samples.shape[0]
    if not course.ligands:
        return np.zeros((days, cows.shape[-1]), dtype=bool)
    held = sum(_in_order(course.samples(f"mu_occupancy_{name}")) for name in course.ligands)
    rise = np.diff(cows, axis=0, prepend=cows[:1]) >= constants[RISE]
    taken = np.diff(np.asarray(held), axis=0, prepend=np.asarray(held)[:1]) >= constants[WITHIN]
    return np.asarray((rise & taken).reshape(days, -1, cows.shape[-1]).any(axis=1))


def _in_order(samples: Array) -> Array:
    """Join the days' three-hourly samples into one course, (times, N)."""
    three_hourly = np.delete(samples, VISIT, axis=1)
    return three_hourly.reshape(-1, samples.shape[-1])
