"""The night's sleep: latency, time asleep, efficiency and PSQI, read at noon.

Over the night a stage sums what the read-out needs: hours in bed, MT1 occupancy gained beyond the
gland's own, the gland's own, hours outside the biological night and the sleep disturbance. At
noon a decision turns the sums into scores. The read-out is an assumption anchored to forced
desynchrony (Wyatt 2006), a meta-analysis (Ferracioli-Oda 2013) and sleep laboratories in methadone
programmes; with no gain per occupancy it is the null of Choi (2022).
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Decision, Moment, Parameter, Row, Rows, Stage, State

NOON = 12.0
MINUTES = 60.0
SUMS = {
    "in_bed": "night_in_bed",
    "gained": "night_gain",
    "gland": "night_gland",
    "outside": "night_outside",
    "disturbed": "night_disturbance",
    "settling": "night_settling",
}


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {quantity: x[state] for state, quantity in SUMS.items()}


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    bed, gland = s["asleep"], s["mt1_occupancy_endogenous"]
    gain = s["mt1_occupancy"] - gland
    settling = xp.where(s["hours"] < s["lights_out"] + p["settling_time"], bed, 0.0)
    return {
        "in_bed": bed,
        "gained": bed * gain,
        "gland": bed * gland,
        "outside": bed * (1 - s["melatonin_window"]),
        "disturbed": bed * s["sleep_disturbance"],
        "settling": settling * gain,
    }


NIGHT = Stage(
    name="night",
    needs={
        "asleep": "1",
        "lights_out": "h",
        "mt1_occupancy": "1",
        "mt1_occupancy_endogenous": "1",
        "melatonin_window": "1",
        "sleep_disturbance": "1",
    },
    gives={quantity: "h" for quantity in SUMS.values()},
    outputs=_outputs,
    rates=_rates,
    states={state: State("h", 8.0) for state in SUMS},
    parameters={"settling_time": Parameter("sleep.settling_time", "h")},
)


def sleep_efficiency(xp: Any, p: Rows, *, disturbance: Row, gain: Row, misplaced: Row = 0.0) -> Row:
    """Return the share of the time in bed that is slept.

    Args:
        xp: array module.
        p: ``usual_efficiency``, ``efficiency_slope``, ``gain_slope`` (all dimensionless).
        disturbance: sleep disturbance, 0 to about 1.
        gain: mean MT1 occupancy in bed beyond the gland's own.
        misplaced: logits lost to sleeping outside the biological night.

    Example:
        >>> import numpy as np
        >>> p = {"usual_efficiency": 0.88, "efficiency_slope": 2.0, "gain_slope": 0.405}
        >>> round(float(sleep_efficiency(np, p, disturbance=1.0, gain=0.0)), 2)
        0.5
    """
    odds = p["usual_efficiency"] / (1 - p["usual_efficiency"])
    logit = p["gain_slope"] * gain - p["efficiency_slope"] * disturbance - misplaced
    return 1 / (1 + xp.exp(-logit) / odds)


def misplaced_sleep(xp: Any, p: Rows, *, gland: Row, outside: Row) -> Row:
    """Return the logits lost to sleep outside the biological night; zero on an ordinary night.

    Args:
        xp: array module.
        p: ``usual_outside``, ``gain_slope``, ``usual_occupancy``, ``outside_slope``.
        gland: mean MT1 occupancy in bed by the gland's own melatonin.
        outside: share of the time in bed outside the melatonin window.
    """
    weight = xp.maximum(outside - p["usual_outside"], 0) / (1 - p["usual_outside"])
    lost = p["gain_slope"] * (p["usual_occupancy"] - gland) + p["outside_slope"] * outside
    return weight * lost


def sleep_latency(xp: Any, p: Rows, *, disturbance: Row, gain: Row) -> Row:
    """Return the minutes from lights-out to sleep; ``gain`` is the MT1 gain at lights-out.

    Example:
        >>> import numpy as np
        >>> p = {"usual_latency": 15.0, "latency_slope": 1.2, "latency_gain": 0.5,
        ...      "longest_latency": 180.0}
        >>> round(float(sleep_latency(np, p, disturbance=0.0, gain=0.3)), 1)
        12.9
    """
    minutes = p["usual_latency"] * xp.exp(
        p["latency_slope"] * disturbance - p["latency_gain"] * gain
    )
    return xp.minimum(minutes, p["longest_latency"])


def pittsburgh_index(xp: Any, p: Rows, *, asleep: Row, latency: Row) -> Row:
    """Return the PSQI (0 to 21, unrounded) of minutes ``asleep`` and minutes of ``latency``.

    Example:
        >>> import numpy as np
        >>> p = {"psqi_base": 5.0, "psqi_per_sleep": 0.044, "psqi_per_latency": 0.06,
        ...      "psqi_sleep": 430.0, "psqi_latency": 15.0, "psqi_top": 21.0}
        >>> round(float(pittsburgh_index(np, p, asleep=330.0, latency=25.0)), 1)
        10.0
    """
    score = (
        p["psqi_base"]
        + p["psqi_per_sleep"] * (p["psqi_sleep"] - asleep)
        + p["psqi_per_latency"] * (latency - p["psqi_latency"])
    )
    return xp.minimum(xp.maximum(score, 0), p["psqi_top"])


def _read(
    xp: Any, moment: Moment, s: Rows, memory: Rows, u: tuple[Row, ...], p: Rows
) -> tuple[dict[str, Row], dict[str, Row]]:
    night = {state: s[quantity] - memory[f"{state}_before"] for state, quantity in SUMS.items()}
    slept = night["in_bed"] > 0
    bed = xp.where(slept, night["in_bed"], 1.0)
    disturbance = night["disturbed"] / bed
    misplaced = misplaced_sleep(xp, p, gland=night["gland"] / bed, outside=night["outside"] / bed)
    efficiency = sleep_efficiency(
        xp, p, disturbance=disturbance, gain=night["gained"] / bed, misplaced=misplaced
    )
    latency = sleep_latency(
        xp, p, disturbance=disturbance, gain=night["settling"] / p["settling_time"]
    )
    asleep = efficiency * night["in_bed"] * MINUTES
    scores = {
        "sleep_efficiency": efficiency,
        "sleep_onset_latency": latency,
        "total_sleep_time": asleep,
        "psqi": pittsburgh_index(xp, p, asleep=asleep, latency=latency),
    }
    rows = {name: xp.where(slept, value, memory[name]) for name, value in scores.items()}
    return rows | {f"{state}_before": s[quantity] for state, quantity in SUMS.items()}, {}


def night_readout(disorder: str) -> Decision:
    """Return the noon decision that scores the night before, for a disorder's records.

    Before the first night the scores are those of usual, undisturbed sleep.

    Example:
        >>> night_readout("opioid").hours
        (12.0,)
    """
    own = {
        "usual_efficiency": "1",
        "gain_slope": "1",
        "usual_occupancy": "1",
        "outside_slope": "1",
        "usual_outside": "1",
        "usual_latency": "min",
        "latency_slope": "1",
        "latency_gain": "1",
        "longest_latency": "min",
        "psqi_base": "1",
        "psqi_per_sleep": "1/min",
        "psqi_per_latency": "1/min",
        "psqi_sleep": "min",
        "psqi_latency": "min",
        "psqi_top": "1",
        "settling_time": "h",
    }
    return Decision(
        name="morning",
        watches={quantity: "h" for quantity in SUMS.values()},
        memory={
            "sleep_onset_latency": "usual_latency",
            "total_sleep_time": "psqi_sleep",
            "sleep_efficiency": "usual_efficiency",
            "psqi": "psqi_base",
            **{f"{state}_before": 0.0 for state in SUMS},
        },
        gives={
            "sleep_onset_latency": "min",
            "total_sleep_time": "min",
            "sleep_efficiency": "1",
            "psqi": "1",
        },
        hours=(NOON,),
        decide=_read,
        parameters={
            "efficiency_slope": Parameter(f"sleep.{disorder}_efficiency_slope", "1"),
            **{symbol: Parameter(f"sleep.{symbol}", unit) for symbol, unit in own.items()},
        },
    )


MORNING = night_readout("opioid")
