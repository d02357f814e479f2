"""Fentanyl in the minutes after a vein dose, for the acute overdose chain only.

Three compartments as in the long-run stage, but the central volume shrinks while blood flow is
high, and the effect site has the rate that belongs to this chain's binding set:

    dX1/dt = -(k10 + k12 + k13) X1 + k21 X2 + k31 X3,   plasma = X1 s/V
    dCe/dt = ke (plasma - Ce),   s = 1 + 1/(1 + exp((ratio - Q/Q_ref)/width))

Covariates: none.

Sources: Mann 2022; disposition Algera 2021; records under ``fentanyl.*`` and ``acute.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage, State


def shrink(xp: Any, flow: Row, p: Rows) -> Row:
    """Return by what factor distribution volumes shrink, 1 at rest and 2 in high flow.

    Args:
        xp: array module.
        flow: blood flow, L/h.
        p: ``flow_reference`` (L/h), ``flow_ratio`` and ``flow_width``.
    """
    return 1 + 1 / (1 + xp.exp((p["flow_ratio"] - flow / p["flow_reference"]) / p["flow_width"]))


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Plasma on the volume of the moment; the effect site as it is."""
    return {
        "acute_fentanyl_plasma": x["central"] * shrink(xp, s["blood_flow"], p) / p["V1"],
        "acute_fentanyl_effect": x["effect"],
    }


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """First-order exchange between three compartments and an effect site that takes no drug."""
    leaving = (p["CL"] + p["Q2"] + p["Q3"]) / p["V1"] * x["central"]
    from_shallow = p["Q2"] / p["V2"] * x["shallow"]
    from_deep = p["Q3"] / p["V3"] * x["deep"]
    return {
        "central": from_shallow + from_deep - leaving,
        "shallow": p["Q2"] / p["V1"] * x["central"] - from_shallow,
        "deep": p["Q3"] / p["V1"] * x["central"] - from_deep,
        "effect": p["ke0"] * (s["acute_fentanyl_plasma"] - x["effect"]),
    }


ACUTE_FENTANYL = Stage(
    name="acute_fentanyl",
    needs={"blood_flow": "L/h"},
    gives={"acute_fentanyl_plasma": "nM", "acute_fentanyl_effect": "nM"},
    outputs=_outputs,
    direct=("blood_flow",),
    rates=_rates,
    states={
        "central": State("nmol", scale=3e3),
        "shallow": State("nmol", scale=3e3),
        "deep": State("nmol", scale=3e3),
        "effect": State("nM", scale=100.0),
    },
    parameters={
        "CL": Parameter("fentanyl.clearance", "L/h"),
        "V1": Parameter("fentanyl.central_volume", "L"),
        "V2": Parameter("fentanyl.shallow_volume", "L"),
        "V3": Parameter("fentanyl.deep_volume", "L"),
        "Q2": Parameter("fentanyl.shallow_clearance", "L/h"),
        "Q3": Parameter("fentanyl.deep_clearance", "L/h"),
        "ke0": Parameter("acute.fentanyl_effect_site_rate", "1/h"),
        "flow_reference": Parameter("acute.volume_flow_reference", "L/h"),
        "flow_ratio": Parameter("acute.volume_flow_ratio", "1"),
        "flow_width": Parameter("acute.volume_flow_width", "1"),
    },
    derive=lambda p: {"all_of_it": 1.0},
    derived={"all_of_it": "1"},
    entries={"fentanyl_intravenous": {"central": "all_of_it"}},
)
