"""Oxycodone by mouth: one compartment after Franke 2015, with an assumed effect site."""

from __future__ import annotations

from speciosa.core.linear_drug import Link, effect_site, linear_drug
from speciosa.core.stage import Parameter, Row, Rows


def constants(p: Rows) -> dict[str, Row]:
    """Return the apparent volume (L) and the elimination rate (1/h) at the person's weight."""
    size = p["weight"] / p["weight_reference"]
    clearance = p["CL"] * size ** p["weight_exponent"]
    volume = p["V"] * size
    return {"volume": volume, "k10": clearance / volume}


OXYCODONE = linear_drug(
    "oxycodone",
    compartments=("gut", "central", "effect"),
    links=(Link("gut", "ka", "central"), Link("central", "k10"), *effect_site("central", "ke0")),
    entries={"oxycodone_oral": {"gut": None}},
    outputs={
        "oxycodone_plasma": {"central": "volume"},
        "oxycodone_effect": {"effect": "volume"},
    },
    parameters={
        "CL": Parameter("oxycodone.apparent_clearance", "L/h"),
        "V": Parameter("oxycodone.apparent_volume", "L"),
        "ka": Parameter("oxycodone.absorption_rate", "1/h"),
        "ke0": Parameter("oxycodone.effect_site_rate", "1/h"),
        "weight_reference": Parameter("oxycodone.weight_reference", "kg"),
        "weight_exponent": Parameter("oxycodone.weight_exponent", "1"),
    },
    covariates={"weight": "kg"},
    constants=constants,
    scale=6e4,
)
