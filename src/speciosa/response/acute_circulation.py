"""Blood flow to the brain and the rest in an acute overdose, and its collapse.

    QB = QB0 (1 + xC + xO) fB,  QT = QT0 (1 + rho xO) fT,  Q = QB + QT
    20 s xC' = 0.02 (-30 + 60/(1 + exp(-(PaC - 40)/4.5))) - xC
    10 s xO' = min(2, 17 (exp(-PaO/11) - exp(-95/11))) - xO
    fB' = -c fB,  fT' = -c fT  once flow collapses,  c = 0.024 (0.15 + 0.85 PaC/52) per s

When flow collapses is decided in :mod:`speciosa.response.acute_rescue`; it does not come back.

Covariates: none.

Sources: Magosso and Ursino 2001, Mann 2022; records under ``acute.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage, State


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Flows, L/h."""
    both = 1 + x["flow_co2"] + x["flow_oxygen"]
    brain = p["brain_flow_rest"] * both * x["brain_left"]
    tissue = p["tissue_flow_rest"] * (1 + p["oxygen_share"] * x["flow_oxygen"]) * x["tissue_left"]
    return {"brain_flow": brain, "tissue_flow": tissue, "blood_flow": brain + tissue}


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Regulation by carbon dioxide and oxygen, and collapse."""
    co2, oxygen = s["arterial_co2"], s["arterial_oxygen"]
    raised = 1 / (1 + xp.exp((p["co2_centre"] - co2) / p["co2_width"]))
    by_co2 = p["co2_gain"] * (p["co2_low"] + p["co2_span"] * raised)
    lacking = xp.exp(-oxygen / p["oxygen_width"]) - xp.exp(
        -p["oxygen_reference"] / p["oxygen_width"]
    )
    by_oxygen = xp.minimum(p["oxygen_gain"] * lacking, p["oxygen_ceiling"])
    fall = p["collapse_rate"] * (p["collapse_least"] + p["collapse_gain"] * co2 / p["collapse_co2"])
    return {
        "flow_co2": (by_co2 - x["flow_co2"]) / p["co2_time"],
        "flow_oxygen": (by_oxygen - x["flow_oxygen"]) / p["oxygen_time"],
        "brain_left": -s["collapsed"] * fall * x["brain_left"],
        "tissue_left": -s["collapsed"] * fall * x["tissue_left"],
    }


ACUTE_CIRCULATION = Stage(
    name="acute_circulation",
    needs={"arterial_co2": "mmHg", "arterial_oxygen": "mmHg", "collapsed": "1"},
    gives={"brain_flow": "L/h", "tissue_flow": "L/h", "blood_flow": "L/h"},
    outputs=_outputs,
    rates=_rates,
    states={
        "flow_co2": State("1", scale=1.0, start="start_flow_co2"),
        "flow_oxygen": State("1", scale=1.0, start="start_flow_oxygen"),
        "brain_left": State("1", scale=1.0, start=1.0),
        "tissue_left": State("1", scale=1.0, start=1.0),
    },
    parameters={
        "brain_flow_rest": Parameter("acute.brain_flow", "L/h"),
        "tissue_flow_rest": Parameter("acute.tissue_flow", "L/h"),
        "oxygen_share": Parameter("acute.tissue_flow_oxygen_gain", "1"),
        "co2_time": Parameter("acute.flow_co2_time", "h"),
        "oxygen_time": Parameter("acute.flow_oxygen_time", "h"),
        "co2_gain": Parameter("acute.flow_co2_gain", "1"),
        "co2_low": Parameter("acute.flow_co2_low", "1"),
        "co2_span": Parameter("acute.flow_co2_span", "1"),
        "co2_centre": Parameter("acute.flow_co2_centre", "mmHg"),
        "co2_width": Parameter("acute.flow_co2_width", "mmHg"),
        "oxygen_gain": Parameter("acute.flow_oxygen_gain", "1"),
        "oxygen_width": Parameter("acute.flow_oxygen_width", "mmHg"),
        "oxygen_reference": Parameter("acute.flow_oxygen_reference", "mmHg"),
        "oxygen_ceiling": Parameter("acute.flow_oxygen_ceiling", "1"),
        "collapse_rate": Parameter("acute.collapse_rate", "1/h"),
        "collapse_least": Parameter("acute.collapse_least", "1"),
        "collapse_gain": Parameter("acute.collapse_co2_gain", "1"),
        "collapse_co2": Parameter("acute.collapse_co2", "mmHg"),
        "start_flow_co2": Parameter("acute.start_flow_co2", "1"),
        "start_flow_oxygen": Parameter("acute.start_flow_oxygen", "1"),
    },
)
