"""The phase-response recipe: clock and melatonin in the published three-dose laboratory protocol.

Ten days at home, then five under one roof: a day in dim light, three days of short light and dark
spells with a dose each day at a stated delay after the person's own melatonin onset, and a day in
dim light again (Burgess 2008 and 2010, as simulated by Stowe 2025). What is fixed here is the
protocol; every number of the model is a record. Enzymes and the gland are as in somebody who takes
nothing else.
"""

from __future__ import annotations

import math
from typing import Any

from speciosa.core.stage import Decision, Moment, Parameter, Row, Rows
from speciosa.core.wiring import Model, wire
from speciosa.exposure.melatonin import MELATONIN
from speciosa.response.clock import CLOCK, DLMO_PHASE, RETINA

START_CLOCK, DAY = 8.0, 24.0
LABORATORY = 10 * DAY + 16.0  # h after the start: midnight after the days at home
DOSES = 3
READ = LABORATORY + 4 * DAY + 16.0  # the afternoon of the last day
DIM, LIT, SPELL, LIT_SPELL = 5.0, 40.0, 4.0, 2.5  # lux, lux, h, h of each spell
SOON = 1e-9


def _home(xp: Any, clock: Row, p: Rows) -> Row:
    """Return the light at home, lux: dark in bed, room light, and daylight."""
    in_bed = (clock - p["habitual_bedtime"]) % DAY < p["time_in_bed"]
    by_day = (clock >= p["day_begins"]) & (clock < p["day_ends"])
    return xp.where(in_bed, 0.0, xp.where(by_day, p["day_light"], p["room_light"]))


def _decide(
    xp: Any, moment: Moment, s: Rows, memory: Rows, u: Any, p: Rows
) -> tuple[dict[str, Row], dict[str, Row]]:
    now, phase = moment.hours, s["circadian_phase"]
    turns = xp.floor((phase - DLMO_PHASE) / (2 * math.pi))
    crossed = (now >= LABORATORY) & (turns > memory["turns"]) & (memory["onset"] < 0)
    onset = xp.where(crossed, now, memory["onset"])
    due = onset + p["dose_delay"] + DAY * memory["given"]
    gives = xp.where((onset >= 0) & (memory["given"] < DOSES) & (now >= due - SOON), 1.0, 0.0)
    spell = xp.where((now - onset - p["dose_delay"]) % SPELL < LIT_SPELL, LIT, 0.0)
    busy = (now >= LABORATORY + DAY) & (now < LABORATORY + (1 + DOSES) * DAY) & (onset >= 0)
    within = xp.where(busy, spell, DIM)
    lux = xp.where(now < LABORATORY, _home(xp, (START_CLOCK + now) % DAY, p), within)
    kept = {name: memory[name] for name in ("cyp1a2_activity", "melatonin_synthesis_factor")}
    return {
        **kept, "lux": lux, "turns": turns, "onset": onset, "given": memory["given"] + gives
    }, {"melatonin_oral": gives * p["dose_amount"]}  # fmt: skip


PROTOCOL = Decision(
    name="phase_laboratory",
    watches={"circadian_phase": "rad"},
    memory={
        "lux": 0.0,
        "cyp1a2_activity": 1.0,
        "melatonin_synthesis_factor": 1.0,
        "turns": 0.0,
        "onset": -1.0,
        "given": 0.0,
    },
    gives={"lux": "lux", "cyp1a2_activity": "1", "melatonin_synthesis_factor": "1"},
    hours=(),
    decide=_decide,
    doses=("melatonin_oral",),
    parameters={
        "habitual_bedtime": Parameter("sleep.habitual_bedtime", "h"),
        "time_in_bed": Parameter("sleep.time_in_bed", "h"),
        "day_begins": Parameter("sleep.day_begins", "h"),
        "day_ends": Parameter("sleep.day_ends", "h"),
        "day_light": Parameter("sleep.day_light", "lux"),
        "room_light": Parameter("sleep.room_light", "lux"),
    },
    covariates={"dose_delay": "h", "dose_amount": "nmol"},
)


def phase_response() -> Model:
    """Return the wired model of the protocol; the covariates say which dose and when.

    Example:
        >>> [stage.name for stage in phase_response().stages]
        ['retina', 'clock', 'melatonin']
    """
    return wire([RETINA, CLOCK, MELATONIN], (PROTOCOL,))
