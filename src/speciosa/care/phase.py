"""One phase of a regimen: an amount, how often, and for how long."""

from __future__ import annotations

import math
from dataclasses import dataclass

from speciosa.care.tokens import clock_text, plain
from speciosa.care.watched import Condition, event_named
from speciosa.core.errors import InputError

QUARTER = 0.25  # h, the clock of everything that is decided
LONGEST_DAYS = 3650
DAILY_CLOCKS = {  # times a day -> clock hours where none are written
    1: (8.0,),
    2: (8.0, 20.0),
    3: (8.0, 14.0, 20.0),
    4: (8.0, 12.0, 16.0, 20.0),
}
DAILY_WORDS = {1: "daily", 2: "twice daily", 3: "three times daily", 4: "four times daily"}


def on_quarter(hours: float, what: str) -> float:
    """Return ``hours`` if it is a whole number of quarters, else refuse it with the nearest one."""
    if not math.isfinite(hours) or hours < 0.0 or hours > 24.0 * LONGEST_DAYS:
        raise InputError(f"{what} of {hours:g} h cannot be", cure="Write hours or days, as in 6 h.")
    if hours / QUARTER != round(hours / QUARTER):
        near = max(QUARTER, round(hours / QUARTER) * QUARTER)
        raise InputError(
            f"{what} of {hours:g} h is not on the quarter of an hour",
            cure=f"Write {plain(near)} h.",
        )
    return float(hours)


def _checked_clock(hour: float) -> float:
    if not 0.0 <= hour < 24.0:
        raise InputError(f"{hour:g} is not a clock hour", cure="Write 00:00 to 23:45.")
    return on_quarter(hour, "a clock time")


@dataclass(frozen=True)
class Every:
    """Every ``hours`` from the start of the phase, or from the first ``clock`` hour after it."""

    hours: float
    clock: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "hours", on_quarter(self.hours, "an interval"))
        if self.hours == 0.0:
            raise InputError("an interval of 0 h cannot be", cure='Write "every 6 h" or "once".')
        if self.clock is not None:
            object.__setattr__(self, "clock", _checked_clock(self.clock))
            if self.hours % 24.0:
                raise InputError(
                    f"every {plain(self.hours)} h has no fixed clock time",
                    cure="Leave the clock time out, or write a whole number of days.",
                )

    def __str__(self) -> str:
        days = self.hours / 24.0
        often = (
            f"every {plain(days)} d"
            if days >= 2 and days == int(days)
            else f"every {plain(self.hours)} h"
        )
        return often if self.clock is None else f"at {clock_text(self.clock)} {often}"


@dataclass(frozen=True)
class Daily:
    """Every day at these clock hours."""

    clocks: tuple[float, ...] = (8.0,)

    def __post_init__(self) -> None:
        clocks = tuple(sorted(_checked_clock(hour) for hour in self.clocks))
        if not clocks or len(set(clocks)) < len(clocks):
            raise InputError(
                "clock times are missing or repeated", cure='Write "at 09:00 and 21:00 daily".'
            )
        object.__setattr__(self, "clocks", clocks)

    def __str__(self) -> str:
        if self.clocks == DAILY_CLOCKS.get(len(self.clocks)):
            return DAILY_WORDS[len(self.clocks)]
        return f"at {' and '.join(clock_text(hour) for hour in self.clocks)} daily"


@dataclass(frozen=True)
class Once:
    """Once, at the start of the phase or at the first ``clock`` hour after it."""

    clock: float | None = None

    def __post_init__(self) -> None:
        if self.clock is not None:
            object.__setattr__(self, "clock", _checked_clock(self.clock))

    def __str__(self) -> str:
        return "once" if self.clock is None else f"once at {clock_text(self.clock)}"


@dataclass(frozen=True)
class AsNeeded:
    """Whenever a condition holds, at most ``per_day`` times a day and ``apart`` hours apart."""

    condition: Condition
    per_day: int
    apart: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "apart", on_quarter(self.apart, "a distance"))
        if not isinstance(self.per_day, int) or not 1 <= self.per_day <= 24:
            raise InputError(
                f"up to {self.per_day} per day cannot be", cure="Write a whole number, 1 to 24."
            )
        if self.apart < 1.0 or self.apart > 24.0:
            raise InputError(
                f"{plain(self.apart)} h apart cannot be kept",
                cure="As-needed doses are asked for hourly: 1 to 24 h.",
            )

    def __str__(self) -> str:
        return f"as needed when {self.condition}"


@dataclass(frozen=True)
class OnceWhen:
    """Once, the first hour at which a condition holds."""

    condition: Condition

    def __str__(self) -> str:
        return f"once when {self.condition}"


@dataclass(frozen=True)
class After:
    """``delay`` hours after an event begins, once for each time that it happens."""

    event: str
    delay: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "event", event_named(self.event).word)
        object.__setattr__(self, "delay", on_quarter(self.delay, "a delay"))

    def __str__(self) -> str:
        short = self.delay < 2.0
        wait = f"{plain(self.delay * 60.0)} min" if short else f"{plain(self.delay)} h"
        return f"at {wait} after {self.event}" if self.delay else f"after {self.event}"


Timing = Every | Daily | Once | AsNeeded | OnceWhen | After
WAITING = (AsNeeded, OnceWhen, After)


@dataclass(frozen=True)
class Phase:
    """An amount given in one way for some days.

    Args:
        amount: in the unit of the product; 0 means that nothing is given.
        timing: how often; ``None`` only with an amount of 0.
        route: how, where it is not the usual route of the product.
        first_day: study day on which it starts (day 1 is the first); default when the phase
            before it ends.
        days: how many days it lasts; default to the end of the study, and one day for
            :class:`Once`.
        taper_days: days, after ``days``, over which the amount falls in equal steps towards 0.
    """

    amount: float
    timing: Timing | None = None
    route: str = ""
    first_day: int | None = None
    days: int | None = None
    taper_days: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", float(self.amount))
        if not math.isfinite(self.amount) or self.amount < 0.0:
            raise InputError(
                f"an amount of {self.amount:g} cannot be",
                cure="Write a positive amount, or 0 for none.",
            )
        if self.timing is None and self.amount:
            raise InputError("how often is not said", cure='Add "once", "daily" or "every 6 h".')
        for name in ("first_day", "days", "taper_days"):
            _check_days(name, getattr(self, name))
        if self.taper_days and (self.days is None or not isinstance(self.timing, Every | Daily)):
            raise InputError(
                "a taper needs regular doses for a stated time",
                cure='Write "every 6 h for 7 d tapered over 3 d".',
            )
        if isinstance(self.timing, Once):
            if self.days is not None and self.days != 1:
                raise InputError(
                    "once is one dose", cure='Write "once on day 1", or "daily for 3 d".'
                )
            object.__setattr__(self, "days", None)

    def lasts(self) -> int | None:
        """Return its length in days, taper included; ``None`` to the end of the study."""
        if isinstance(self.timing, Once):
            return 1
        return None if self.days is None else self.days + self.taper_days

    def __str__(self) -> str:
        words = [str(self.timing)] if self.timing is not None else []
        one_day = isinstance(self.timing, Once) or (self.days == 1 and not self.taper_days)
        if self.first_day is not None and one_day:
            words.append(f"on day {self.first_day}")
        else:
            words += [f"from day {self.first_day}"] if self.first_day is not None else []
            words += [f"for {self.days} d"] if self.days is not None else []
        words += [f"tapered over {self.taper_days} d"] if self.taper_days else []
        if isinstance(self.timing, AsNeeded):
            words.append(f"up to {self.timing.per_day} per day")
            words += (
                [f"at least {plain(self.timing.apart)} h apart"] if self.timing.apart != 1.0 else []
            )
        return " ".join(words)


def _check_days(name: str, days: int | None) -> None:
    least = 0 if name == "taper_days" else 1
    if days is None:
        return
    if isinstance(days, bool) or not isinstance(days, int) or not least <= days <= LONGEST_DAYS:
        raise InputError(
            f"{name.replace('_', ' ')} of {days} cannot be",
            cure=f"Write a whole number, 1 to {LONGEST_DAYS}.",
        )
