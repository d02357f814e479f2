"""How a published result would have been seen: when it is read, and what is made of the readings.

Concentrations pass through the observation model: blood at the trial's times after the dose, what
is below the limit of quantification dropped, then non-compartmental analysis. Scores that are
counted in bands carry the noise of the scale and are whole numbers; means and extremes are of the
noise-free score. In a trial, somebody who has left keeps the last score (carried forward), counts
as missing for urine, and as positive towards relapse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.care.regimen import Regimen
from speciosa.care.schedule import doses, triggers
from speciosa.core.errors import InputError
from speciosa.evidence.results import DEFAULT_TIMES, LAST, At, PublishedResult, hours_of
from speciosa.trial.insomnia import insomnia_needs
from speciosa.trial.quantity import CONCENTRATION, OUTCOME, SCORE, SHARE, SLEEP, Quantity

Array = NDArray[np.float64]
PROFILE = ("cmax", "tmax", "auc_last", "auc_inf", "half_life")
OWN = {"melatonin_plasma": "melatonin_endogenous"}  # what a gland makes of it
HORIZON = 800  # days; no published result is read later
VISIT = 3.5  # h after the first dose of a day, or after 08:00
AFTER_NOON = 6.0  # h after 08:00, when last night has been scored
MOST = 96  # readings in a window that is not one of days


@dataclass(frozen=True)
class Reading:
    """When one arm of a result is read.

    Args:
        hours: since the start, rising.
        base: hour of the dose that times count from.
        waits: whether the dose is waited for, so that its hour differs between people.
        lead: how many of the first hours serve only to know the last score of those who left.
        own: quantity that the body makes itself of what is given and read; empty for none.
        notes: what was assumed.
    """

    hours: tuple[float, ...]
    base: float = 0.0
    waits: bool = False
    lead: int = 0
    own: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Observation:
    """A published result, understood.

    Args:
        result: as published, with its unit spelled as ours.
        quantities: one, or two for a ratio ``a / b``.
        metric: what is read off one arm.
        trial: whether people use and leave while it is read.
        readings: of the regimen and, if there is one, of the reference.
    """

    result: PublishedResult
    quantities: tuple[Quantity, ...]
    metric: str
    trial: bool
    readings: tuple[Reading, ...] = field(default=())

    @property
    def profile(self) -> bool:
        """Whether it is read off a concentration profile."""
        return self.metric in PROFILE

    @property
    def over_people(self) -> str:
        """``median`` or ``mean``."""
        middle = self.profile or self.metric in ("median", "peak_day", "concentration")
        peak = self.metric in ("peak", "lowest") and self.quantities[0].kind == CONCENTRATION
        return "median" if middle or peak else "mean"

    @property
    def unit(self) -> str:
        """The unit in which it is predicted."""
        if len(self.quantities) == 2 or self.result.compared == "ratio":
            return "1"
        units = {"tmax": "h", "half_life": "h", "peak_day": "d"}
        areas = dict.fromkeys(("auc_last", "auc_inf"), f"{self.quantities[0].unit}*h")
        if self.quantities[0].compare:
            return "1"
        return (units | areas).get(self.metric, self.quantities[0].unit)

    @property
    def judged(self) -> PublishedResult:
        """The result with the metric that sets its default margin."""
        if self.result.compared == "ratio" or len(self.quantities) == 2 or self.profile:
            return self.result
        one = self.quantities[0]
        if self.metric == "peak_day":
            return self.result
        if one.kind == CONCENTRATION:
            return replace(self.result, metric="concentration")
        if one.compare or _is_share(one):
            less = self.result.compared == "difference"
            return replace(self.result, metric="fraction_difference" if less else "share")
        return self.result


def observation(
    result: PublishedResult, quantities: tuple[Quantity, ...], arms: Sequence[tuple[Regimen, ...]]
) -> Observation:
    """Return how a published result is read.

    Args:
        result: the published result.
        quantities: what it speaks of.
        arms: the regimens, and those of the reference if there is one.

    Raises:
        InputError: what it asks for makes no sense or cannot be read.
    """
    metric = result.metric.removesuffix("_ratio").removesuffix("_difference")
    if metric == "ratio":
        if len(quantities) == 1 and not result.reference_regimen:
            raise InputError('metric "ratio" needs "a / b" or a reference_regimen')
        metric = "auc_last" if quantities[0].kind == CONCENTRATION else "mean"
    _check(result, quantities, metric)
    at = hours_of(result.at, result.id)
    by_day = at is not None and not at.clock and not at.nth and not at.dose
    counted = metric in ("peak_day", "fraction_below_12")
    scored = quantities[0].kind == SCORE and by_day and not counted
    trial = result.population != "healthy" and (quantities[0].kind == OUTCOME or scored)
    made = Observation(result, quantities, metric, trial)
    readings = [
        _less_own(made, _reading(made, at, regimens, reference=place > 0), regimens)
        for place, regimens in enumerate(arms)
    ]
    return replace(made, readings=tuple(readings))


def _less_own(made: Observation, reading: Reading, regimens: tuple[Regimen, ...]) -> Reading:
    """Areas and half-lives of what the body makes too are of what was given."""
    name = made.quantities[0].name
    given = made.quantities[0].molecule in _molecules(regimens)
    if name not in OWN or made.metric not in PROFILE[2:] or not given:
        return reading
    return replace(reading, own=OWN[name], notes=(*reading.notes, "less what the body makes"))


def _molecules(regimens: tuple[Regimen, ...]) -> set[str]:
    every = (one for regimen in regimens for one in regimen.product.constituents if one.entries)
    return {one.molecule or one.name for one in every}


def _check(result: PublishedResult, quantities: tuple[Quantity, ...], metric: str) -> None:
    kinds = {quantity.kind for quantity in quantities}
    if metric in PROFILE and kinds != {CONCENTRATION} and metric not in ("cmax", "tmax"):
        raise InputError(f"{metric} of {quantities[0].name} has no meaning here")
    banded = metric.startswith("fraction_")
    if banded and [q.name for q in quantities] != ["cows"]:
        raise InputError(f"{metric} is a band of the COWS, not of {result.quantity}")
    truth = any(q.compare or q.kind == OUTCOME for q in quantities)
    if metric == "fraction" and not truth and not _is_share(quantities[0]):
        raise InputError(f'a fraction needs a yes or no, as in "{result.quantity} below 5"')
    if truth and metric not in ("fraction", "mean", "share"):
        raise InputError(f"{metric} of a yes or no has no meaning", cure='Write "fraction".')
    if result.population == "healthy" and OUTCOME in kinds:
        raise InputError("healthy people have no treatment to stay in and no use to stop")


def _is_share(quantity: Quantity) -> bool:
    named = quantity.kind in (SHARE, OUTCOME) or quantity.name == "sleep_efficiency"
    return named or (quantity.kind not in (SCORE, SLEEP) and quantity.unit == "1")


# ---- when ----------------------------------------------------------------------------------


def _reading(
    made: Observation, at: At | None, regimens: tuple[Regimen, ...], *, reference: bool
) -> Reading:
    given = _dose_hours(made.quantities[0], regimens)
    if reference and at and given and at.nth > len(given):
        found = _reading(made, replace(at, nth=LAST), regimens, reference=False)
        note = f"the reference has {len(given)} dose(s): read after the last"
        return replace(found, notes=(*found.notes, note))
    waiting = any(triggers(regimen, days=HORIZON) for regimen in regimens)
    if made.quantities[0].kind == OUTCOME:
        return _of_outcome(made, at)
    if waiting and not given and (made.profile or (at and at.nth)):
        raise InputError("each person takes this dose at another time, so it has no profile")
    if at and at.dose and not at.nth and not at.clock:
        return _around_dose(at, given, waiting)
    whole = made.quantities[0].kind in (CONCENTRATION, SHARE) and made.metric != "peak_day"
    if made.profile or at is None or at.nth or (made.result.times and whole):
        if at is None and not (made.profile or whole):
            raise InputError('"at" is empty', cure='Say when, as in "day 3" or "days 1-7".')
        return _after_dose(made, at, given)
    if at.clock:
        base = given[0] if given else 0.0
        return Reading(_grid(base + at.start, base + at.end), base)
    return _on_days(made, at, given)


def _dose_hours(quantity: Quantity, regimens: tuple[Regimen, ...]) -> list[float]:
    """Hours of the scheduled doses of whatever brings the quantity, else of everything."""
    word = quantity.molecule or quantity.name.removeprefix("mu_occupancy_")
    every: dict[str, list[float]] = {"mine": [], "all": []}
    for regimen in regimens:
        if not regimen.product.constituents:
            continue
        held = {one.molecule or one.name for one in regimen.product.constituents if one.entries}
        hours = [dose.hours for dose in doses(regimen, days=HORIZON)]
        every["all"] += hours
        every["mine"] += hours if word in held else []
    return sorted(set(every["mine"] or every["all"]))


def _after_dose(made: Observation, at: At | None, given: list[float]) -> Reading:
    """Sampling times after one dose; the default ones end with the next dose."""
    base = _base(at, given)
    notes: list[str] = []
    score = made.quantities[0].kind not in (CONCENTRATION, SHARE)
    if at and (at.clock or at.nth) and not made.profile:
        if at.dose == "before":
            return Reading((base,), base)
        if at.end > 0.0 or score:
            start, end = (at.start, at.end) if at.end > 0.0 else (VISIT, VISIT)
            return Reading(_grid(base + start, base + end), base)
    times = made.result.times or DEFAULT_TIMES
    if not made.result.times:
        notes.append("times not stated: the default sampling times")
        later = [hour for hour in given if hour > base + 1e-6]
        if later:
            times = tuple(t for t in times if base + t <= later[0] + 1e-6)
            if len(times) < len(DEFAULT_TIMES):
                notes.append("up to the next dose")
    if at and at.clock and at.end > at.start:
        inside = [t for t in times if at.start < t < at.end]
        times = (at.start, *inside, at.end)
    return Reading(tuple(base + t for t in times), base, notes=tuple(notes))


def _base(at: At | None, given: list[float]) -> float:
    if not given:
        if at and at.nth:
            raise InputError("there is no scheduled dose to count from")
        return 0.0 if at is None or at.clock else at.start
    if at is None or (at.clock and not at.nth):
        return given[0]
    if at.nth == LAST:
        if given[-1] > 24.0 * (HORIZON - 60):
            raise InputError("the regimen has no last dose", cure='Add "for 28 d".')
        return given[-1]
    if at.nth:
        if at.nth > len(given):
            raise InputError(f"there is no dose {at.nth}: the regimen has {len(given)}")
        return given[at.nth - 1]
    inside = [hour for hour in given if at.start - 1e-6 <= hour < at.end - 1e-6]
    if not inside:
        raise InputError(f"no dose is given from {at.start:g} to {at.end:g} h")
    return inside[0]


def _around_dose(at: At, given: list[float], waiting: bool) -> Reading:
    if waiting:
        hours = np.arange(at.start, at.end + 2 * VISIT, 0.5)
        return Reading(tuple(hours.tolist()), at.start, waits=True)
    base = _base(replace(at, dose=""), given)
    after = at.dose == "after"
    notes = (f"after the dose: {VISIT:g} h",) if after else ()
    return Reading((base + VISIT if after else base,), base, notes=notes)


def _on_days(made: Observation, at: At, given: list[float]) -> Reading:
    days = np.arange(at.start, max(at.end, at.start + 24.0) - 1e-6, 24.0)
    one, metric = made.quantities[0], made.metric
    if metric == "peak_day":
        before = [hour for hour in given if hour < at.end]
        hours = np.arange(at.start, max(at.end, at.start + 24.0), 3.0)
        return Reading(tuple(hours.tolist()), before[-1] if before else 0.0)
    if metric == "fraction_below_12":
        return Reading(
            tuple(np.arange(at.start, at.end + 0.1, 4.0).tolist()), notes=("a reading every 4 h",)
        )
    if one.kind == SLEEP:
        return Reading(tuple((days + AFTER_NOON).tolist()))
    if one.kind == SCORE and (made.trial or metric not in ("peak", "lowest")):
        lead = np.arange(0.0, days[0], 24.0) if made.trial else days[:0]
        visits = np.concatenate([lead, days]) + VISIT
        return Reading(tuple(visits.tolist()), lead=lead.size)
    if at.end <= at.start:  # "14 d" is a moment
        return Reading((at.start,))
    step = 1.0 if at.end - at.start <= 24.0 * 2 else 3.0
    return Reading(tuple(np.arange(at.start, at.end, step).tolist()))


def _of_outcome(made: Observation, at: At | None) -> Reading:
    if at is None or at.clock or at.dose or at.nth:
        raise InputError("an outcome of people is read on days", cure='Write "at" as in "week 12".')
    last = at.end - 24.0 + VISIT
    one = made.quantities[0]
    if one.since_day:
        first = 24.0 * (one.since_day - 1) + VISIT
        if first >= last:
            raise InputError(f"day {one.since_day} is not before {made.result.at}")
        return Reading((first, last), notes=(f"of those in treatment on day {one.since_day}",))
    if one.name == "relapsed":
        weeks = np.arange(6 * 24.0 + VISIT, last, 168.0)
        drinking = made.result.population == "alcohol"
        note = "the first day of drinking" if drinking else "missing counts as positive"
        return Reading((*weeks.tolist(), last), notes=(note,))
    if made.quantities[0].name == "abstinent" and at.end - at.start > 168.0:
        weeks = np.arange(at.start + 144.0 + VISIT, at.end, 168.0)
        return Reading(tuple(weeks.tolist()), notes=("mean share of weeks",))
    return Reading((last,))


def _grid(start: float, end: float) -> tuple[float, ...]:
    if end <= start:
        return (start,)
    step = max(0.25, 0.25 * np.ceil((end - start) / 0.25 / MOST))
    return (*np.arange(start, end - 1e-6, step).tolist(), end)


def needs(made: Observation) -> set[str]:
    """Return the model's quantities that an observation is read from."""
    found = {name for quantity in made.quantities for name in quantity.needs}
    found |= insomnia_needs(made.result.setting, found)
    found |= {reading.own for reading in made.readings if reading.own}
    return found | ({"in_treatment"} if made.trial else set())


def statistic(made: Observation, arms: Sequence[Array], draw: Mapping[int, Any]) -> Array:
    """Return the statistic over people in each draw.

    Args:
        made: the observation.
        arms: what was read off each person, (N,), of the regimen and of the reference.
        draw: draw -> the rows of its people.
    """
    over = np.nanmedian if made.over_people == "median" else np.nanmean
    found = []
    with np.errstate(all="ignore"):
        for rows in draw.values():
            main, *other = (arm[rows] for arm in arms)
            if not other:
                found.append(_over(over, main))
            elif made.result.compared == "difference":
                found.append(_over(over, main) - _over(over, other[0]))
            elif made.over_people == "median":  # twins: each person is compared with themselves
                found.append(_over(over, main / other[0]))
            else:
                found.append(_over(over, main) / _over(over, other[0]))
    return np.asarray(found, dtype=float)


def _over(reduce: Any, values: Array) -> Any:
    kept = values[np.isfinite(values)]
    return np.float64(reduce(kept) if kept.size else np.nan)
