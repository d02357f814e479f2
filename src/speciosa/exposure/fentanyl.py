"""Fentanyl given into a vein: three compartments and an effect site.

Disposition after Algera 2021 (the typical values and between-person spreads in the files of Mann
2022), effect-site rate after Yassen 2007. Illicit fentanyl used many times a day for years leaves
the body more slowly than this (deep stores are not in it).
"""

from __future__ import annotations

from typing import Any

from speciosa.core.linear_drug import Link, effect_site, exchange, linear_drug
from speciosa.core.stage import Parameter, Row, Rows
from speciosa.core.varying_drug import Cleared, varying_drug


def constants(p: Rows) -> dict[str, Row]:
    """Return the rate constants (1/h) from clearances (L/h) and volumes (L)."""
    return {
        "k10": p["CL"] / p["V1"],
        "k12": p["Q2"] / p["V1"],
        "k21": p["Q2"] / p["V2"],
        "k13": p["Q3"] / p["V1"],
        "k31": p["Q3"] / p["V3"],
    }


_DECLARED: dict[str, Any] = dict(
    compartments=("central", "shallow", "deep", "effect"),
    links=(
        Link("central", "k10"),
        *exchange("central", "shallow", "k12", "k21"),
        *exchange("central", "deep", "k13", "k31"),
        *effect_site("central", "ke0"),
    ),
    entries={"fentanyl_intravenous": {"central": None}},
    outputs={"fentanyl_plasma": {"central": "V1"}, "fentanyl_effect": {"effect": "V1"}},
    parameters={
        "CL": Parameter("fentanyl.clearance", "L/h"),
        "V1": Parameter("fentanyl.central_volume", "L"),
        "V2": Parameter("fentanyl.shallow_volume", "L"),
        "V3": Parameter("fentanyl.deep_volume", "L"),
        "Q2": Parameter("fentanyl.shallow_clearance", "L/h"),
        "Q3": Parameter("fentanyl.deep_clearance", "L/h"),
        "ke0": Parameter("fentanyl.effect_site_rate", "1/h"),
    },
    constants=constants,
    scale=3e3,
)
FENTANYL = linear_drug("fentanyl", **_DECLARED)
FENTANYL_VARYING = varying_drug(
    "fentanyl",
    cleared=Cleared(
        "k10",
        "cyp3a_liver_activity",
        share="fentanyl.cyp3a_share",
        extraction="fentanyl.hepatic_extraction",
    ),
    **_DECLARED,
)
