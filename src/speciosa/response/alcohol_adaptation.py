"""The brain's answer to steady drinking, and what remains of it when drinking stops.

The brain adapts slowly to the effect of alcohol and unlearns faster. Where the effect falls below
what it is adapted to there is a deficit of inhibition, and hyperexcitability follows it with a lag
of hours:

    da/dt = (E - a)/tau,  tau = tau_on where E > a, else tau_off
    w = max(0, a - E)
    dg/dt = (w (1 - B)(1 - attended E_sup)(1 - claimed relief) - g)/tau_g

``unrelieved`` is the same without the claimed relief: seizures follow that one, so that nothing
that is merely claimed is ever credited against them. ``E_sup`` is what attended care itself does.

Covariates (name, unit): ``alcohol_adaptation_start`` (1) and ``hyperexcitability_start`` (1), from
the person's drinking; 0 for people who do not drink daily.

Sources: the structure and its time constants are this project's; that inhibition is back within
four weeks and glutamate high on day 1 bounds them. Records under ``alcohol_withdrawal.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage, State


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {
        "gaba_adaptation": x["adapted"],
        "alcohol_deficit": xp.maximum(x["adapted"] - s["alcohol_effect"], 0.0),
        "hyperexcitability": x["excitability"],
        "hyperexcitability_unrelieved": x["unrelieved"],
    }


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    gap = s["alcohol_effect"] - x["adapted"]
    attended = 1 - p["attended_relief"] * s["in_treatment"]
    drive = s["alcohol_deficit"] * (1 - s["benzodiazepine_block"]) * attended
    felt = drive * (1 - s["claimed_withdrawal_relief"])
    return {
        "adapted": gap / xp.where(gap > 0, p["gain_time"], p["loss_time"]),
        "excitability": (felt - x["excitability"]) / p["lag"],
        "unrelieved": (drive - x["unrelieved"]) / p["lag"],
    }


ALCOHOL_ADAPTATION = Stage(
    name="alcohol_adaptation",
    needs={
        "alcohol_effect": "1",
        "benzodiazepine_block": "1",
        "in_treatment": "1",
        "claimed_withdrawal_relief": "1",
    },
    gives={
        "gaba_adaptation": "1",
        "alcohol_deficit": "1",
        "hyperexcitability": "1",
        "hyperexcitability_unrelieved": "1",
    },
    outputs=_outputs,
    direct=("alcohol_effect",),
    rates=_rates,
    states={
        "adapted": State("1", 0.5, "alcohol_adaptation_start"),
        "excitability": State("1", 0.2, "hyperexcitability_start"),
        "unrelieved": State("1", 0.2, "hyperexcitability_start"),
    },
    parameters={
        "gain_time": Parameter("alcohol_withdrawal.adaptation_gain_time", "h"),
        "loss_time": Parameter("alcohol_withdrawal.adaptation_loss_time", "h"),
        "lag": Parameter("alcohol_withdrawal.excitability_lag", "h"),
        "attended_relief": Parameter("alcohol_withdrawal.attended_relief", "1"),
    },
    covariates={"alcohol_adaptation_start": "1", "hyperexcitability_start": "1"},
)
