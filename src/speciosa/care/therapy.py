"""A course of psychosocial treatment as a decision: each morning, what it is worth today.

A treatment grows towards its size while it lasts, so that it has it at the end, and fades after:

    grown = (1 - exp(-t/onset))/(1 - exp(-length/onset)),   left = exp(-(t - t_end)/decay)

with ``t_end`` the end of the course or the day on which somebody leaves treatment. What acts on use
is a change of the log odds of using on a day: -(pi/sqrt 3) d for a standardised difference d, or
the logarithm of a hazard ratio. What acts on sleep is the share of sleep disturbance that it takes
away. :mod:`speciosa.response.therapy` adds the arms up and lets drugs interact.
"""

from __future__ import annotations

import math
import re
from typing import Any

from speciosa.care.psychosocial import DIFFERENCE, HAZARD_RATIO, USE, Care, Part
from speciosa.core.stage import Decision, Moment, Parameter, Row, Rows

LOG_ODDS_PER_DIFFERENCE = math.pi / math.sqrt(3)  # a logistic variable of standard deviation 1
MORNING = 8.0
LOG_ODDS, SLEEP_SHARE = "care_log_odds", "care_sleep_share"


def worth(
    xp: Any, hours: Row, left: Row, *, length: float, onset: Row, decay: Row, gone: Row | None
) -> Row:
    """Return the share of a treatment's size that is there.

    Args:
        xp: array module.
        hours: since it began.
        left: hours at which the person left treatment; negative if they have not.
        length: of the course, h.
        onset, decay: time constants of growing and fading, h.
        gone: hours after the end at which nothing is left, or None.

    Example:
        >>> import numpy as np
        >>> year = dict(length=672.0, onset=100.0, decay=1000.0, gone=None)
        >>> float(worth(np, 672.0, -1.0, **year))
        1.0
        >>> round(float(worth(np, 1672.0, -1.0, **year)), 3)
        0.368
    """
    stayed = xp.where(left < 0, length, xp.minimum(left, length))
    attended = xp.minimum(hours, stayed)
    since = xp.maximum(hours - stayed, 0.0)
    grown = (1 - xp.exp(-attended / onset)) / (1 - xp.exp(-length / onset))
    kept = grown * xp.exp(-since / decay)
    return kept if gone is None else xp.where(since < gone, kept, 0.0)


def care_decision(care: Care, name: str, days: int) -> Decision | None:
    """Return the morning decision that holds what an arm's care is worth, or None for ordinary.

    Args:
        care: the arm's care.
        name: of the arm.
        days: length of the study's treatment, for parts without a length of their own.

    Example:
        >>> from speciosa.care.psychosocial import parse_care
        >>> care_decision(parse_care("ordinary care"), "placebo", 28) is None
        True
        >>> sorted(care_decision(parse_care("CBT-I"), "sleep", 28).gives)
        ['care_log_odds_sleep', 'care_sleep_share_sleep']
    """
    if not care.parts:
        return None
    arm = re.sub(r"\W", "_", name)
    use, sleep = f"{LOG_ODDS}_{arm}", f"{SLEEP_SHARE}_{arm}"
    left_at = f"care_left_{arm}"

    def decide(
        xp: Any, moment: Moment, s: Rows, memory: Rows, u: tuple[Row, ...], p: Rows
    ) -> tuple[dict[str, Row], dict[str, Row]]:
        here = xp.where(s["in_treatment"] > 0, memory[left_at], moment.hours)
        left = xp.where(memory[left_at] < 0, here, memory[left_at])
        totals: dict[str, Row] = {use: 0.0 * left, sleep: 0.0 * left}
        for part in care.parts:
            share = _worth_of(xp, part, moment.hours, left, p, 24.0 * days)
            row = use if part.therapy.acts_on == USE else sleep
            totals[row] = totals[row] + share * _size(xp, part, p)
        return {left_at: left, **totals}, {}

    return Decision(
        name=f"care_{arm}",
        watches={"in_treatment": "1"},
        memory={use: 0.0, sleep: 0.0, left_at: -1.0},
        gives={use: "1", sleep: "1"},
        hours=(MORNING,),
        decide=decide,
        parameters=_parameters(care),
    )


def _worth_of(xp: Any, part: Part, hours: Row, left: Row, p: Rows, length: float) -> Row:
    key = part.therapy.key
    return worth(
        xp,
        hours,
        left,
        length=length if part.hours is None else part.hours,
        onset=p["onset"],
        decay=p[f"{key}_decay"],
        gone=p[f"{key}_gone"] if part.therapy.gone else None,
    )


def _size(xp: Any, part: Part, p: Rows) -> Row:
    """Log odds of use (negative helps), or the share of disturbance removed."""
    size = p[f"{part.therapy.key}_size"]
    if part.therapy.kind == DIFFERENCE:
        return -LOG_ODDS_PER_DIFFERENCE * size
    return xp.log(size) if part.therapy.kind == HAZARD_RATIO else size


def _parameters(care: Care) -> dict[str, Parameter]:
    found = {"onset": Parameter("care.onset", "h")}
    for part in care.parts:
        one = part.therapy
        found[f"{one.key}_size"] = Parameter(one.size, "1")
        found[f"{one.key}_decay"] = Parameter(one.decay, "h")
        if one.gone:
            found[f"{one.key}_gone"] = Parameter(one.gone, "h")
    return found
