"""The clock of the exported models: hours since the start, and the hour of the day."""

from __future__ import annotations

from speciosa.core.symbol import Expression, symbol

START, DAY = "start_clock_hour", "hours_per_day"
HOURS_PER_DAY = 24.0


def floor(node: Expression) -> Expression:
    """Return the largest whole number not above an expression; only the clock needs it."""
    return Expression("floor", (node,))


def clock(name: str, time: str) -> Expression:
    """Return ``hours`` or ``clock_hour`` as a function of a format's own name of time.

    >>> clock("hours", "SOLVERTIME").args
    ('SOLVERTIME',)
    """
    now = symbol(time, "h")
    if name == "hours":
        return now
    since = symbol(START, "h") + now
    day = symbol(DAY, "h")
    return since - day * floor(since / day)
