"""Methadone by mouth: one compartment scaled with body weight, and an assumed effect site."""

from __future__ import annotations

from typing import Any

from speciosa.core.linear_drug import Link, effect_site, linear_drug
from speciosa.core.stage import Parameter, Row, Rows
from speciosa.core.varying_drug import Cleared, varying_drug


def constants(p: Rows) -> dict[str, Row]:
    """Return the volume (L) and the elimination rate (1/h) at the person's weight."""
    size = p["weight"] / p["weight_reference"]
    clearance = p["CL"] * size ** p["weight_exponent"]
    volume = p["V"] * size
    return {"volume": volume, "k10": clearance / volume}


_DECLARED: dict[str, Any] = dict(
    compartments=("gut", "central", "effect"),
    links=(Link("gut", "ka", "central"), Link("central", "k10"), *effect_site("central", "ke0")),
    entries={"methadone_oral": {"gut": "F"}},
    outputs={
        "methadone_plasma": {"central": "volume"},
        "methadone_effect": {"effect": "volume"},
    },
    parameters={
        "CL": Parameter("methadone.clearance", "L/h"),
        "V": Parameter("methadone.volume", "L"),
        "F": Parameter("methadone.oral_bioavailability", "1"),
        "ka": Parameter("methadone.absorption_rate", "1/h"),
        "ke0": Parameter("methadone.effect_site_rate", "1/h"),
        "weight_reference": Parameter("methadone.weight_reference", "kg"),
        "weight_exponent": Parameter("methadone.weight_exponent", "1"),
    },
    covariates={"weight": "kg"},
    constants=constants,
    scale=2e5,
)
METHADONE = linear_drug("methadone", **_DECLARED)
METHADONE_VARYING = varying_drug(
    "methadone",
    cleared=Cleared(
        "k10",
        "cyp3a_liver_activity",
        share="methadone.cyp3a_share",
        extraction="methadone.hepatic_extraction",
        first_pass=("gut",),
    ),
    **_DECLARED,
)
