"""Sleep disturbance: how withdrawal breaks sleep, quickly at first and for months after.

Two processes follow withdrawal relative to an untreated peak; each rises quickly and fades slowly.
People on a prescribed agonist keep the lasting disturbance that methadone programmes record.
The structure is this project's assumption, set so that untreated abstinence keeps to
W(d) = 0.72 exp(-d/10) + 0.28 exp(-d/120) within 0.1 on days 2, 7 and 30.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Equations, Parameter, Row, Rows, Stage, State


def follow(xp: Any, level: Row, target: Row, rise: Row, fade: Row) -> Row:
    """Return the rate of a level that approaches ``target``: time ``rise`` upwards, ``fade`` down.

    Args:
        xp: array module.
        level, target: dimensionless.
        rise, fade: time constants, h.

    Example:
        >>> import numpy as np
        >>> float(follow(np, 0.0, 1.0, 2.0, 10.0)), float(follow(np, 1.0, 0.0, 2.0, 10.0))
        (0.5, -0.1)
    """
    gap = target - level
    return gap / xp.where(gap > 0, rise, fade)


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    quick = p["quick_share"]
    return {"sleep_disturbance": quick * x["quick"] + (1 - quick) * x["lasting"]}


def _rates_of(symptom: str) -> Equations:
    def rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        return _follow_both(xp, x, p, s[symptom] / p["withdrawal_peak"])

    return rates


def _maintained_rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    lasting = p["maintained"] * s["mu_signal_prescribed"]
    return _follow_both(xp, x, p, xp.maximum(s["withdrawal"] / p["withdrawal_peak"], lasting))


def _follow_both(xp: Any, x: Rows, p: Rows, target: Row) -> dict[str, Row]:
    return {
        "quick": follow(xp, x["quick"], target, p["quick_rise"], p["quick_fade"]),
        "lasting": follow(xp, x["lasting"], target, p["lasting_rise"], p["lasting_fade"]),
    }


def _cared_outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    left = 1 - s["care_sleep_share"]
    return {"sleep_disturbance": left * _outputs(xp, x, s, p)["sleep_disturbance"]}


def sleep_disturbance(
    disorder: str,
    maintained: bool = False,
    care: bool = False,
    symptom: str = "withdrawal",
) -> Stage:
    """Return the sleep stage of a disorder.

    Args:
        disorder: ``"opioid"`` or ``"alcohol"``; names the records.
        maintained: also read the signal of prescribed agonists, which sustains a disturbance.
        care: also read the share of the disturbance that treatment for insomnia takes away.
        symptom: what disturbs sleep; ``withdrawal`` for opioids.

    Example:
        >>> sleep_disturbance("opioid").name
        'sleep'
    """
    needs = {symptom: "1"} | ({"mu_signal_prescribed": "1"} if maintained else {})
    needs |= {"care_sleep_share": "1"} if care else {}
    own = {
        "quick_share": "1",
        "quick_rise": "h",
        "quick_fade": "h",
        "lasting_rise": "h",
        "lasting_fade": "h",
        "withdrawal_peak": "1",
    }
    begins = "maintained"  # years of heavy drinking leave more than that
    if disorder == "alcohol":
        begins = "lasting_start"
        own |= {begins: "1"}
    return Stage(
        name="sleep",
        needs=needs,
        gives={"sleep_disturbance": "1"},
        outputs=_cared_outputs if care else _outputs,
        direct=("care_sleep_share",) if care else (),
        rates=_maintained_rates if maintained else _rates_of(symptom),
        states={
            "quick": State("1", 1.0, "maintained"),
            "lasting": State("1", 1.0, begins),
        },
        parameters={
            "maintained": Parameter(f"sleep.{disorder}_maintained", "1"),
            **{key: Parameter(f"sleep.{disorder}_{key}", unit) for key, unit in own.items()},
        },
    )


SLEEP = sleep_disturbance("opioid")
SLEEP_MAINTAINED = sleep_disturbance("opioid", maintained=True)
