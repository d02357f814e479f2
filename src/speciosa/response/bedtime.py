"""Bedtime and light: when the coming night begins, and the light that reaches the eye.

At noon a person settles the coming night: from the habitual hour, part of the way towards two
hours after the expected melatonin onset. Going all the way would let bed, morning light and clock
pull each other ever earlier. Light is a function of the clock hour and of that choice. Everything
is constant between quarter hours, so no jump falls inside a step.
"""

from __future__ import annotations

import math
from typing import Any

from speciosa.core.stage import Decision, Moment, Parameter, Row, Rows, Stage

DLMO_PHASE = 5 * math.pi / 12
NOON = 12.0
DAY = 24.0
QUARTERS = 4.0  # the clock's grid, per hour
LAST_NIGHT = -9.0  # 23:00 before the study's first morning, hours since its start


def hours_to_onset(xp: Any, phase: Row, period: Row) -> Row:
    """Return the hours until the next melatonin onset (DLMO).

    Args:
        xp: array module.
        phase: circadian phase now, rad (unwrapped is fine).
        period: expected length of one cycle, h.

    Example:
        >>> import math, numpy as np
        >>> round(float(hours_to_onset(np, 5 * math.pi / 12 - math.pi / 2, 24.2)), 2)
        6.05
    """
    turns = (DLMO_PHASE - phase) / (2 * math.pi)
    return (turns - xp.floor(turns)) * period


def _decide(
    xp: Any, moment: Moment, s: Rows, memory: Rows, u: tuple[Row, ...], p: Rows
) -> tuple[dict[str, Row], dict[str, Row]]:
    habit = p["habitual_bedtime"] - moment.clock_hour
    wanted = hours_to_onset(xp, s["circadian_phase"], p["predicted_period"]) + p["after_onset"]
    away = wanted - habit
    away = away - DAY * xp.floor(away / DAY + 0.5)  # the nearest onset, before or after the habit
    away = xp.minimum(xp.maximum(p["pull"] * away, -p["latitude"]), p["latitude"])
    ahead = xp.floor((habit + away) * QUARTERS + 0.5) / QUARTERS
    lights_out = moment.hours + ahead
    # nobody is still in bed when the next noon asks again
    lights_on = xp.minimum(
        lights_out + xp.floor(p["time_in_bed"] * QUARTERS + 0.5) / QUARTERS, moment.hours + DAY
    )
    return {"lights_out": lights_out, "lights_on": lights_on}, {}


BEDTIME = Decision(
    name="bedtime",
    watches={"circadian_phase": "rad"},
    memory={"lights_out": LAST_NIGHT, "lights_on": LAST_NIGHT + 8.0},
    gives={"lights_out": "h", "lights_on": "h"},
    hours=(NOON,),
    decide=_decide,
    parameters={
        "habitual_bedtime": Parameter("sleep.habitual_bedtime", "h"),
        "after_onset": Parameter("sleep.bedtime_after_onset", "h"),
        "pull": Parameter("sleep.bedtime_pull", "1"),
        "latitude": Parameter("sleep.bedtime_latitude", "h"),
        "time_in_bed": Parameter("sleep.time_in_bed", "h"),
        "predicted_period": Parameter("clock.predicted_period", "h"),
    },
)


def _light(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    hours, clock = s["hours"], s["clock_hour"]
    asleep = xp.where((hours >= s["lights_out"]) & (hours < s["lights_on"]), 1.0, 0.0)
    by_day = (clock >= p["day_begins"]) & (clock < p["day_ends"])
    lux = p["light_factor"] * xp.where(by_day, p["day_light"], p["room_light"])
    return {"asleep": asleep, "lux": (1 - asleep) * lux}


LIGHT = Stage(
    name="light",
    needs={"lights_out": "h", "lights_on": "h"},
    gives={"asleep": "1", "lux": "lux"},
    outputs=_light,
    direct=("lights_out", "lights_on"),
    parameters={
        "day_begins": Parameter("sleep.day_begins", "h"),
        "day_ends": Parameter("sleep.day_ends", "h"),
        "day_light": Parameter("sleep.day_light", "lux"),
        "room_light": Parameter("sleep.room_light", "lux"),
        "light_factor": Parameter("sleep.light_factor", "1"),
    },
)
