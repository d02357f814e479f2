"""What counts once somebody has left or relapsed: the strategies of a study's estimand.

An intercurrent event (leaving treatment, relapse, a first rescue dose) happens on a day; what is
read on that day still counts, because people leave in the evening. From then on

    treatment policy    everything counts, whatever happens
    while on treatment  only the days up to the event count; where the whole window lies after it,
                        the last day that counts stands in, so that every person has a value and
                        twins can be compared
    composite           the event itself is a bad outcome: every later day counts as the worst day
                        up to the event, and something that is true or false counts as bad
    hypothetical        what would have been had nobody left, or taken the rescue: the same people
                        are simulated again with it switched off, and everything counts

The strategies are those of ICH E9(R1). Harms are always read under treatment policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
WHILE, COMPOSITE = "while on treatment", "composite"
NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Window:
    """Which days count for each person.

    Args:
        first, last: the endpoint's days, counted from 0; the last is included.
        until: last day that counts while on treatment, (N,).
        event: day of the event that counts as a bad outcome, (N,).
        better: lower or higher.
    """

    first: int
    last: int
    until: NDArray[np.int64]
    event: NDArray[np.int64]
    better: str

    def over_days(self, daily: Array, statistic: str) -> Array:
        """Return a statistic of daily values over the days that count, (N,).

        Args:
            daily: every day from the study's start, (days, N).
            statistic: mean, share, last, lowest or highest.

        Example:
            >>> left, never = np.array([0, NEVER]), np.array([NEVER, NEVER])
            >>> daily = np.array([[8.0, 8.0], [2.0, 2.0], [2.0, 2.0]])
            >>> Window(0, 2, left, never, "lower").over_days(daily, "mean")
            array([8., 4.])
        """
        values = self._scored(daily)
        days = np.arange(self.first, self.last + 1)
        until = np.minimum(self.until, self.last)
        stand_in = np.take_along_axis(values, until[None].astype(np.intp), axis=0)
        if statistic == "last":
            return stand_in[0]
        counted = days[:, None] <= until
        # a day that does not count repeats the last one that does where no other is left
        inside = values[self.first : self.last + 1]
        if statistic in ("lowest", "highest"):
            extreme = np.minimum if statistic == "lowest" else np.maximum
            return np.asarray(extreme.reduce(np.where(counted, inside, stand_in), axis=0))
        total = np.where(counted, inside, 0.0).sum(axis=0)
        count = counted.sum(axis=0)
        return np.where(count > 0, total / np.maximum(count, 1), stand_in[0])

    def by_day(self, happened: NDArray[np.bool_]) -> Array:
        """Return 1 or 0 as it stands at the end of the days that count, (N,).

        Args:
            happened: whether it is true if read at the end of each day, (days, N).
        """
        until = np.minimum(self.until, self.last)
        true = np.take_along_axis(happened, until[None].astype(np.intp), axis=0)[0]
        bad = 1.0 if self.better == "lower" else 0.0
        return np.where(self.event <= self.last, bad, true.astype(float))

    def _scored(self, daily: Array) -> Array:
        if (self.event > self.last).all():
            return daily
        worse = np.maximum if self.better == "lower" else np.minimum
        day = np.arange(daily.shape[0])[:, None]
        worst = worse.accumulate(daily, axis=0)
        at_event = np.minimum(self.event, daily.shape[0] - 1)[None].astype(np.intp)
        return np.where(day > self.event, np.take_along_axis(worst, at_event, axis=0), daily)


def window(
    estimand: Mapping[str, str],
    days: tuple[int, int],
    better: str,
    events: Mapping[str, Array],
) -> Window:
    """Return which days count.

    Args:
        estimand: event -> strategy; what is not named is under treatment policy.
        days: first and last day of the endpoint, counted from 1.
        better: lower or higher.
        events: event -> day on which it happened, counted from 0, negative if it did not, (N,).

    Example:
        >>> found = window({"dropout": WHILE}, (1, 7), "lower", {"dropout": np.array([2.0, -1.0])})
        >>> found.until.tolist() == [2, NEVER]
        True
    """
    people = next(iter(events.values())).shape
    reached = {WHILE: np.full(people, NEVER), COMPOSITE: np.full(people, NEVER)}
    for name, day in events.items():
        strategy = estimand.get(name, "")
        if strategy in reached:
            when = np.where(day < 0, NEVER, day).astype(np.int64)
            reached[strategy] = np.minimum(reached[strategy], when)
    return Window(days[0] - 1, days[1] - 1, reached[WHILE], reached[COMPOSITE], better)
