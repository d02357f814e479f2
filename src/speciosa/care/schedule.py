"""A regimen on the clock of a study: the doses that are known, and those that wait for something.

Time zero is the start of study day 1; day k covers the 24 hours from ``24 (k - 1)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from speciosa.care.phase import (
    WAITING,
    After,
    AsNeeded,
    Daily,
    Every,
    Once,
    OnceWhen,
    Phase,
    on_quarter,
)
from speciosa.care.product import Product
from speciosa.care.regimen import Regimen
from speciosa.care.watched import event_named, scale_named

START_CLOCK_HOUR = 8.0
DAY = 24.0


@dataclass(frozen=True)
class Dose:
    """An amount given at a time that is known before the study runs.

    Args:
        hours: since the study's start.
        product: what is given.
        amount: in the unit of the product.
        route: how.
    """

    hours: float
    product: Product
    amount: float
    route: str


@dataclass(frozen=True)
class Trigger:
    """A dose that waits for a score or an event.

    Args:
        product: what is given.
        amount: in the unit of the product.
        route: how.
        timing: what it waits for and how often it may be given.
        first_hour: hours since the study's start from which it may be given.
        last_hour: hours from which it may no longer be given.
    """

    product: Product
    amount: float
    route: str
    timing: AsNeeded | OnceWhen | After
    first_hour: float
    last_hour: float

    @property
    def quantity(self) -> str:
        """The quantity that is watched."""
        if isinstance(self.timing, After):
            return event_named(self.timing.event).quantity
        return scale_named(self.timing.condition.scale).quantity

    @property
    def comparator(self) -> str:
        """How the quantity is compared with the threshold."""
        if isinstance(self.timing, After):
            return event_named(self.timing.event).comparator
        return self.timing.condition.comparator

    @property
    def threshold(self) -> float | str:
        """A score, or the id of the record that holds the value."""
        if isinstance(self.timing, After):
            return event_named(self.timing.event).record
        return self.timing.condition.threshold


def doses(
    regimen: Regimen, *, days: float, start_clock_hour: float = START_CLOCK_HOUR
) -> tuple[Dose, ...]:
    """Return every scheduled dose of a regimen, in order.

    "Every 6 h" counts from the start of its phase; "daily" means 08:00, twice a day 08:00 and
    20:00, three times 08:00, 14:00 and 20:00, four times 08:00, 12:00, 16:00 and 20:00; a clock
    time means the next one. A taper of n days gives n/(n + 1) of the amount on its first day and
    1/(n + 1) on its last. Phases that wait for something are in :func:`triggers`; what follows
    them is given whether or not they came to a dose.

    Args:
        regimen: what is given.
        days: length of the study, d.
        start_clock_hour: clock hour of time zero.

    >>> given = doses(Regimen.parse("melatonin 5 mg at 21:00 daily for 28 d"), days=35)
    >>> len(given), given[0].hours, given[-1].hours
    (28, 13.0, 661.0)
    """
    start_clock_hour = on_quarter(start_clock_hour, "the start")
    given: list[Dose] = []
    for phase, begin, _ in regimen.spans():
        route = phase.route or regimen.product.routes[0]
        for hours, share in _times(phase, begin * DAY, days * DAY, start_clock_hour):
            if phase.amount > 0.0:
                given.append(Dose(hours, regimen.product, phase.amount * share, route))
    return tuple(sorted(given, key=lambda dose: dose.hours))


def triggers(regimen: Regimen, *, days: float) -> tuple[Trigger, ...]:
    """Return the doses of a regimen that wait for a score or an event.

    Args:
        regimen: what is given.
        days: length of the study, d.

    >>> one, = triggers(Regimen.parse("buprenorphine 8 mg once when COWS >= 8 on day 1"), days=28)
    >>> one.quantity, one.comparator, one.threshold, one.last_hour
    ('cows', '>=', 8.0, 24.0)
    """
    found: list[Trigger] = []
    for phase, begin, end in regimen.spans():
        if isinstance(phase.timing, WAITING) and phase.amount > 0.0 and begin < days:
            last = DAY * (days if end is None else min(end, days))
            route = phase.route or regimen.product.routes[0]
            found.append(
                Trigger(regimen.product, phase.amount, route, phase.timing, begin * DAY, last)
            )
    return tuple(found)


def _times(
    phase: Phase, begin: float, study_end: float, start: float
) -> Iterator[tuple[float, float]]:
    """Yield (hours, share of the amount) of the doses of one phase."""
    timing = phase.timing
    lasts = phase.lasts()
    full_end = study_end if phase.days is None else begin + phase.days * DAY
    end = study_end if lasts is None else min(study_end, begin + lasts * DAY)
    if isinstance(timing, Once):
        hours = begin + _wait(timing.clock, start)
        times: Iterator[float] = iter([hours] if hours < study_end else [])
        full_end = study_end
    elif isinstance(timing, Every):
        times = _steps(begin + _wait(timing.clock, start), end, timing.hours)
    elif isinstance(timing, Daily):
        offsets = sorted(_wait(clock, start) for clock in timing.clocks)
        times = (day + o for day in _steps(begin, end, DAY) for o in offsets if day + o < end)
    else:
        return
    for hours in times:
        day_of_taper = 0 if hours < full_end else int((hours - full_end) // DAY) + 1
        yield hours, 1.0 - day_of_taper / (phase.taper_days + 1.0)


def _wait(clock: float | None, start: float) -> float:
    return 0.0 if clock is None else (clock - start) % DAY


def _steps(begin: float, end: float, step: float) -> Iterator[float]:
    count = 0
    while begin + count * step < end:
        yield begin + count * step
        count += 1
