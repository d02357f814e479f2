"""The two-process model of sleep timing: pressure that builds awake, fades asleep, under a rhythm.

A unit of its own for checks against published figures; the recipes set bedtime by a decision
(:mod:`speciosa.response.bedtime`). Between switches the pressure is an exponential, so only the
crossing of a threshold is searched.

Source: Borbely's model with the parameter set of npj Biological Timing and Sleep 2025.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from speciosa.core.stage import Parameter, Rows

PARAMETERS = {
    "wake_time": Parameter("sleep.pressure_wake_time", "h"),
    "sleep_time": Parameter("sleep.pressure_sleep_time", "h"),
    "ceiling": Parameter("sleep.pressure_ceiling", "1"),
    "upper": Parameter("sleep.pressure_upper", "1"),
    "lower": Parameter("sleep.pressure_lower", "1"),
    "rhythm": Parameter("sleep.pressure_rhythm", "1"),
}


@dataclass(frozen=True)
class Bout:
    """One sleep: onset and wake, hours of model time."""

    onset: float
    wake: float


def rhythm(hours: float, p: Rows) -> float:
    """Return the circadian shift of both thresholds at ``hours``; highest at 6 h of model time."""
    return float(p["rhythm"] * math.sin(2 * math.pi * hours / 24))


def sleep_bouts(p: Rows, cycles: int, *, start: float = 0.0, pressure: float = 0.3) -> list[Bout]:
    """Return successive sleep bouts, starting awake.

    Args:
        p: the symbols of :data:`PARAMETERS`.
        cycles: how many bouts.
        start: model time at which the run begins, h.
        pressure: sleep pressure then.

    Example:
        >>> p = {"wake_time": 18.2, "sleep_time": 4.2, "ceiling": 1.0, "upper": 0.67,
        ...      "lower": 0.17, "rhythm": 0.12}
        >>> last = sleep_bouts(p, 10)[-1]
        >>> round(last.wake - last.onset, 1)
        7.9
    """
    bouts, now, level = [], start, pressure
    for _ in range(cycles):
        onset = _crossing(now, level, p, awake=True)
        level = p["upper"] + rhythm(onset, p)
        wake = _crossing(onset, level, p, awake=False)
        level = p["lower"] + rhythm(wake, p)
        bouts.append(Bout(onset, wake))
        now = wake
    return bouts


def _gap(now: float, begin: float, level: float, p: Rows, awake: bool) -> float:
    """Return how far the pressure has passed its threshold at ``now``; positive once past."""
    target = p["ceiling"] if awake else 0.0
    time = p["wake_time"] if awake else p["sleep_time"]
    pressure = target + (level - target) * math.exp(-(now - begin) / time)
    threshold = (p["upper"] if awake else p["lower"]) + rhythm(now, p)
    return float(pressure - threshold if awake else threshold - pressure)


def _crossing(begin: float, level: float, p: Rows, *, awake: bool) -> float:
    step, now = 0.05, begin
    while _gap(now + step, begin, level, p, awake) <= 0:
        now += step
        if now - begin > 96:
            raise ValueError("sleep_bouts: the pressure never meets its threshold in four days")
    low, high = now, now + step
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if _gap(middle, begin, level, p, awake) > 0 else (middle, high)
    return 0.5 * (low + high)
