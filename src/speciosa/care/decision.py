"""Doses that answer to a person's state, as decisions that the engine asks.

A dose as needed, a dose once a score is met and a dose after an event are each one
:class:`~speciosa.core.stage.Decision`: it watches the quantity, remembers what was given and
returns nmol for the product's entries while the person is in treatment.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from speciosa.care.phase import QUARTER, After, AsNeeded
from speciosa.care.product import unit_covariate
from speciosa.care.regimen import Regimen
from speciosa.care.schedule import Trigger, triggers
from speciosa.core.stage import Decision, Moment, Parameter, Row, Rows

HOURLY = tuple(float(hour) for hour in range(24))
QUARTERLY = tuple(hour * QUARTER for hour in range(96))
IN_TREATMENT = "in_treatment"
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_Answer = tuple[dict[str, Row], Row]  # memory and 1 or 0: whether a dose is given
_HALF_A_QUARTER = QUARTER / 2.0  # so that equal times compare as equal


def decisions(regimen: Regimen, *, days: float, place: int = 0) -> tuple[Decision, ...]:
    """Return the decisions of a regimen: one for each phase that waits for something.

    Where "once when COWS >= 8 on day 1 then 16 mg daily" waits, the daily doses are scheduled
    from the next day at 08:00, whether or not the score was met on day 1.

    Args:
        regimen: what is given.
        days: length of the study, d.
        place: of the regimen in its arm, so that two of one product keep apart.

    >>> regimen = Regimen.parse("7-OH tablet 20 mg as needed when craving > 6 up to 3 per day")
    >>> one, = decisions(regimen, days=28)
    >>> one.name, sorted(one.watches)
    ('hydroxymitragynine_tablet_0_0', ['craving', 'in_treatment'])
    >>> one.doses
    ('hydroxymitragynine_oral', 'mitragynine_oral')
    """
    found = triggers(regimen, days=days)
    return tuple(decision(one, f"{regimen.product.key}_{place}_{k}") for k, one in enumerate(found))


def decision(trigger: Trigger, name: str) -> Decision:
    """Return the decision that gives a waiting dose.

    Doses as needed and once a score is met are asked for on every whole hour, doses after an
    event on every quarter. The held quantities ``unit_covariate(product, entry)`` carry nmol per
    unit of product; the amount counts units.

    Args:
        trigger: what is waited for and what is given.
        name: name of the decision.
    """
    answer, memory = _rule(trigger, name)
    entries = trigger.product.entries(trigger.route)
    amount = trigger.amount
    per_unit = {entry: unit_covariate(trigger.product, entry, amount) for entry in entries}

    def decide(
        xp: Any, moment: Moment, s: Rows, memory: Rows, u: tuple[Row, ...], p: Rows
    ) -> tuple[dict[str, Row], dict[str, Row]]:
        remembered, given = answer(xp, moment, s, memory, p)
        return remembered, {entry: given * amount * p[per_unit[entry]] for entry in entries}

    limit = trigger.threshold
    return Decision(
        name=name,
        watches={trigger.quantity: "1", IN_TREATMENT: "1"},
        memory=memory,
        gives={_count(name): "1"},
        hours=QUARTERLY if isinstance(trigger.timing, After) else HOURLY,
        decide=decide,
        doses=entries,
        parameters={"limit": Parameter(limit, "1")} if isinstance(limit, str) else {},
        covariates=dict.fromkeys(per_unit.values(), "nmol"),
    )


def _rule(trigger: Trigger, name: str) -> tuple[Callable[..., _Answer], dict[str, float | str]]:
    if isinstance(trigger.timing, AsNeeded):
        return _as_needed(trigger, trigger.timing, _count(name))
    if isinstance(trigger.timing, After):
        return _after(trigger, trigger.timing, _count(name))
    return _once(trigger, _count(name))


def _count(name: str) -> str:
    """The memory row that counts doses: of the day where they are limited by day, else of all."""
    return f"{name}_doses"


def _as_needed(
    trigger: Trigger, timing: AsNeeded, count: str
) -> tuple[Callable[..., _Answer], dict[str, float | str]]:
    def answer(xp: Any, moment: Moment, s: Rows, memory: Rows, p: Rows) -> _Answer:
        today = xp.where(moment.day > memory["day"], 0.0, memory[count])
        rested = xp.where(moment.hours - memory["hour"] > timing.apart - _HALF_A_QUARTER, 1.0, 0.0)
        left = xp.where(today < timing.per_day, 1.0, 0.0)
        given = _wanted(trigger, xp, moment, s, p) * rested * left
        remembered = {
            count: today + given,
            "day": xp.where(moment.day > memory["day"], moment.day, memory["day"]),
            "hour": xp.where(given > 0.5, moment.hours, memory["hour"]),
        }
        return remembered, given

    return answer, {count: 0.0, "day": 0.0, "hour": trigger.first_hour - timing.apart}


def _once(trigger: Trigger, count: str) -> tuple[Callable[..., _Answer], dict[str, float | str]]:
    def answer(xp: Any, moment: Moment, s: Rows, memory: Rows, p: Rows) -> _Answer:
        given = _wanted(trigger, xp, moment, s, p) * (1.0 - memory[count])
        return {count: memory[count] + given}, given

    return answer, {count: 0.0}


def _after(
    trigger: Trigger, timing: After, count: str
) -> tuple[Callable[..., _Answer], dict[str, float | str]]:
    """The clock of the delay starts when the event begins and runs on if it ends."""

    def answer(xp: Any, moment: Moment, s: Rows, memory: Rows, p: Rows) -> _Answer:
        present = _present(trigger, xp, s, p)
        begins = present * (1.0 - memory["present"]) * _open(trigger, xp, moment, s)
        since = xp.where(begins * (1.0 - memory["waiting"]) > 0.5, moment.hours, memory["since"])
        waiting = xp.maximum(memory["waiting"], begins)
        due = waiting * xp.where(moment.hours - since > timing.delay - _HALF_A_QUARTER, 1.0, 0.0)
        given = due * _open(trigger, xp, moment, s)
        remembered = {
            count: memory[count] + given,
            "present": present,
            "since": since,
            "waiting": waiting * (1.0 - due),
        }
        return remembered, given

    return answer, {count: 0.0, "present": 0.0, "since": 0.0, "waiting": 0.0}


def _wanted(trigger: Trigger, xp: Any, moment: Moment, s: Rows, p: Rows) -> Row:
    return _present(trigger, xp, s, p) * _open(trigger, xp, moment, s)


def _present(trigger: Trigger, xp: Any, s: Rows, p: Rows) -> Row:
    """1 where the condition holds or the event is there, else 0."""
    limit = p["limit"] if isinstance(trigger.threshold, str) else trigger.threshold
    return xp.where(_COMPARE[trigger.comparator](s[trigger.quantity], limit), 1.0, 0.0)


def _open(trigger: Trigger, xp: Any, moment: Moment, s: Rows) -> Row:
    """1 within the days of the phase and in treatment, else 0."""
    begun = xp.where(moment.hours > trigger.first_hour - _HALF_A_QUARTER, 1.0, 0.0)
    ended = xp.where(moment.hours > trigger.last_hour - _HALF_A_QUARTER, 1.0, 0.0)
    return begun * (1.0 - ended) * xp.where(s[IN_TREATMENT] > 0.5, 1.0, 0.0)
