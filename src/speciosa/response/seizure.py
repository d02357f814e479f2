"""Seizure and delirium in alcohol withdrawal: two hazards, and the decisions that draw them.

Severity is the withdrawal of the person in points over that of the reference person, without any
relief that is only claimed. Seizures follow it at once, delirium follows its slow trace:

    y = S g_unrelieved/22,  dz/dt = (y - z)/tau
    h_seizure = k_s y^n (1 - B) K,  h_delirium = k_d z^m,  dH/dt = h
    K = 1 + (HR - 1) M/(M + M50),  HR >= 1

A benzodiazepine acts on withdrawal and, once more, on the threshold itself: together that gives the
risk ratio seen. ``K`` lets kratom lower the threshold and never raise it. Four times a day what
the cumulative hazards gained since the last time is drawn against a uniform; the first event is
kept, as a day.

Covariates: none.

Sources: the shares of untreated people and the windows are published, the shapes are this
project's; records under ``seizure.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Decision, Moment, Parameter, Row, Rows, Stage, State

HOURS = (1.0, 7.0, 13.0, 19.0)


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    reference = p["points"] / p["reference"]
    severity = reference * xp.maximum(s["hyperexcitability_unrelieved"], 0.0)
    kratom = s["mitragynine_plasma"] / (s["mitragynine_plasma"] + p["kratom_half"])
    threshold = 1 + (p["kratom_hazard_ratio"] - 1) * kratom
    calmed = 1 - s["benzodiazepine_block"]
    strain = xp.maximum(x["strain"], 0.0)
    return {
        "withdrawal_severity": severity,
        "seizure_hazard": p["seizure_rate"] * severity ** p["seizure_power"] * threshold * calmed,
        "delirium_hazard": p["delirium_rate"] * strain ** p["delirium_power"],
        "seizure_exposure": x["seizure_sum"],
        "delirium_exposure": x["delirium_sum"],
    }


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {
        "strain": (s["withdrawal_severity"] - x["strain"]) / p["strain_time"],
        "seizure_sum": s["seizure_hazard"],
        "delirium_sum": s["delirium_hazard"],
    }


COMPLICATIONS = Stage(
    name="complications",
    needs={
        "hyperexcitability_unrelieved": "1",
        "benzodiazepine_block": "1",
        "mitragynine_plasma": "nM",
    },
    gives={
        "withdrawal_severity": "1",
        "seizure_hazard": "1/h",
        "delirium_hazard": "1/h",
        "seizure_exposure": "1",
        "delirium_exposure": "1",
    },
    outputs=_outputs,
    direct=("hyperexcitability_unrelieved", "benzodiazepine_block", "mitragynine_plasma"),
    rates=_rates,
    states={
        "strain": State("1", 1.0),
        "seizure_sum": State("1", 0.1),
        "delirium_sum": State("1", 0.1),
    },
    parameters={
        "points": Parameter("ciwa.points", "1"),
        "reference": Parameter("ciwa.reference_peak", "1"),
        "seizure_rate": Parameter("seizure.rate", "1/h"),
        "seizure_power": Parameter("seizure.power", "1"),
        "delirium_rate": Parameter("seizure.delirium_rate", "1/h"),
        "delirium_power": Parameter("seizure.delirium_power", "1"),
        "strain_time": Parameter("seizure.delirium_lag", "h"),
        "kratom_hazard_ratio": Parameter("seizure.kratom_hazard_ratio", "1"),
        "kratom_half": Parameter("seizure.kratom_half_effect", "nM"),
    },
)


def _drawn(name: str) -> Decision:
    """Return the decision that draws one complication."""
    exposure, day, before = f"{name}_exposure", f"{name}_day", f"{name}_before"

    def decide(
        xp: Any, moment: Moment, s: Rows, memory: Rows, u: tuple[Row, ...], p: Rows
    ) -> tuple[dict[str, Row], dict[str, Row]]:
        chance = 1 - xp.exp(-xp.maximum(s[exposure] - memory[before], 0.0))
        first = xp.where(memory[day] < 0, moment.day, memory[day])
        return {day: xp.where(u[0] < chance, first, memory[day]), before: s[exposure]}, {}

    return Decision(
        name=name,
        watches={exposure: "1"},
        memory={day: -1.0, before: 0.0},
        gives={day: "d"},
        hours=HOURS,
        uniforms=1,
        decide=decide,
    )


SEIZURE, DELIRIUM = _drawn("seizure"), _drawn("delirium")
