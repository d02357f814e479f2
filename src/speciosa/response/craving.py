"""Craving for opioids: a slow answer to withdrawal, cues and the signal of prescribed agonists.

    dQ/dt = ((q0 + qW Wtot/W_ref + qc cue - qS S_med)(1 - claimed relief) - Q)/tau_q

The output is clipped to the scale's range (0-10); the state is not. The structure and every size
are assumptions; what is seen is that cue craving does not fade over months and that craving
settles about two weeks after buprenorphine starts.

Covariates: none. Craving starts at its base ``q0``.

Sources: records under ``craving.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage, State


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Craving on the 0-10 scale, unrounded and without measurement noise."""
    return {"craving": xp.minimum(xp.maximum(x["urge"], 0.0), p["scale_maximum"])}


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """The urge relaxes towards the level that the moment calls for."""
    level = (
        p["base"]
        + p["per_withdrawal"] * s["withdrawal"] / p["reference_withdrawal"]
        + p["per_cue"] * s["cue"]
        - p["per_prescribed_signal"] * s["mu_signal_prescribed"]
    )
    aim = level * (1 - s["claimed_craving_relief"])
    return {"urge": (aim - x["urge"]) / p["time"]}


CRAVING = Stage(
    name="craving",
    needs={
        "withdrawal": "1",
        "cue": "1",
        "mu_signal_prescribed": "1",
        "claimed_craving_relief": "1",
    },
    gives={"craving": "1"},
    outputs=_outputs,
    rates=_rates,
    states={"urge": State("1", scale=10.0, start="base")},
    parameters={
        "base": Parameter("craving.base", "1"),
        "per_withdrawal": Parameter("craving.per_withdrawal", "1"),
        "reference_withdrawal": Parameter("craving.reference_withdrawal", "1"),
        "per_cue": Parameter("craving.per_cue", "1"),
        "per_prescribed_signal": Parameter("craving.per_prescribed_signal", "1"),
        "time": Parameter("craving.time", "h"),
        "scale_maximum": Parameter("craving.scale_maximum", "1"),
    },
)
