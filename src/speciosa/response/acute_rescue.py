"""What is decided in an acute overdose: whether flow collapses, and what somebody present does.

    arrest    the first time arterial oxygen is at or under 15 mmHg starts a watch; if it is there
              again 220 s later, flow collapses for good, else the watch starts anew
    helper    notices when ventilation is under 0.4 of rest, gives naloxone after a delay and again
              every 150 s until the doses at hand are used
    spell     first and last moment with low oxygen in the brain and in arterial blood

All are asked at every step of an acute run.

Covariates (name, unit): ``rescue_delay`` (h), ``rescue_amount`` (nmol), ``rescue_doses`` (1; 0 is
nobody there or no naloxone).

Sources: Mann 2022; records under ``acute.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Decision, Moment, Parameter, Row, Rows

Answer = tuple[dict[str, Row], dict[str, Row]]
SOON = 1e-9  # h: a moment that is reached up to rounding


def _arrest(xp: Any, moment: Moment, s: Rows, memory: Rows, u: Any, p: Rows) -> Answer:
    """Watch arterial oxygen; decide at the second look."""
    now, since, collapsed = moment.hours, memory["low_since"], memory["collapsed"]
    low = xp.where(s["arterial_oxygen"] <= p["oxygen"], 1.0, 0.0)
    watching = xp.where(since >= 0, 1.0, 0.0)
    second = watching * xp.where(now - since >= p["wait"] - SOON, 1.0, 0.0) * (1 - collapsed)
    begun = second * low
    begins = (1 - watching) * low
    since = xp.where(second > 0, xp.where(begun > 0, since, -1.0), since)
    return {
        "low_since": xp.where(begins > 0, now, since),
        "collapsed": collapsed + begun,
        "arrest_at": xp.where(begun > 0, now, memory["arrest_at"]),
        "first_low": xp.where(
            memory["first_low"] < 0, xp.where(low > 0, now, -1.0), memory["first_low"]
        ),
        "second_oxygen": xp.where(second > 0, s["arterial_oxygen"], memory["second_oxygen"]),
    }, {}


ARREST = Decision(
    name="arrest",
    watches={"arterial_oxygen": "mmHg"},
    memory={
        "low_since": -1.0,
        "collapsed": 0.0,
        "arrest_at": -1.0,
        "first_low": -1.0,
        "second_oxygen": -1.0,
    },
    gives={"collapsed": "1"},
    hours=(),
    decide=_arrest,
    parameters={
        "oxygen": Parameter("acute.arrest_oxygen", "mmHg"),
        "wait": Parameter("acute.arrest_wait", "h"),
    },
)


def helper(entry: str) -> Decision:
    """Return the decision of somebody present who has naloxone.

    Args:
        entry: dose entry of the product, ``naloxone_intramuscular`` or ``naloxone_intranasal``.

    Example:
        >>> helper("naloxone_intranasal").doses
        ('naloxone_intranasal',)
    """

    def decide(xp: Any, moment: Moment, s: Rows, memory: Rows, u: Any, p: Rows) -> Answer:
        now, seen = moment.hours, memory["noticed"]
        low = s["minute_ventilation"] < p["share"] * p["rest"]
        seen = xp.where(seen < 0, xp.where(low, now, -1.0), seen)
        due = seen + p["rescue_delay"] + memory["given"] * p["interval"]
        ready = xp.where(seen >= 0, 1.0, 0.0) * xp.where(now >= due - SOON, 1.0, 0.0)
        gives = ready * xp.where(memory["given"] < p["rescue_doses"], 1.0, 0.0)
        return {"noticed": seen, "given": memory["given"] + gives}, {
            entry: gives * p["rescue_amount"]
        }

    return Decision(
        name="helper",
        watches={"minute_ventilation": "L/h"},
        memory={"noticed": -1.0, "given": 0.0},
        gives={},
        hours=(),
        decide=decide,
        doses=(entry,),
        parameters={
            "share": Parameter("acute.notice_share", "1"),
            "rest": Parameter("acute.rest_ventilation", "L/h"),
            "interval": Parameter("acute.naloxone_interval", "h"),
        },
        covariates={"rescue_delay": "h", "rescue_amount": "nmol", "rescue_doses": "1"},
    )


def _spell(xp: Any, moment: Moment, s: Rows, memory: Rows, u: Any, p: Rows) -> Answer:
    """Keep the first and the last moment of low oxygen."""
    found = {}
    for place in ("arterial", "brain"):
        low = s[f"{place}_oxygen"] <= p[f"{place}_low"]
        first, last = memory[f"{place}_first"], memory[f"{place}_last"]
        found[f"{place}_first"] = xp.where(first < 0, xp.where(low, moment.hours, -1.0), first)
        found[f"{place}_last"] = xp.where(low, moment.hours, last)
    return found, {}


SPELL = Decision(
    name="spell",
    watches={"arterial_oxygen": "mmHg", "brain_oxygen": "mmHg"},
    memory={f"{place}_{end}": -1.0 for place in ("arterial", "brain") for end in ("first", "last")},
    gives={},
    hours=(),
    decide=_spell,
    parameters={
        "arterial_low": Parameter("acute.spell_arterial_oxygen", "mmHg"),
        "brain_low": Parameter("acute.spell_brain_oxygen", "mmHg"),
    },
)
