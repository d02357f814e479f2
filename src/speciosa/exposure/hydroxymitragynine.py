"""7-hydroxymitragynine: formed from mitragynine by CYP3A, or swallowed as such.

A share of what CYP3A oxidises in the gut wall and in the liver becomes 7-OH-mitragynine there,
so that part of it is lost before it reaches the blood. Its half-life after leaf is the window in
which it can be measured: the slow parent keeps forming it for days.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from speciosa.core.stage import Mode, Parameter, Row, Rows, Stage, State
from speciosa.exposure.first_pass import release_chain


def derive(p: Rows) -> dict[str, Row]:
    """Return the release chain and the disposition that goes with what is formed.

    After leaf only clearance over the share formed shows, and volume and flow over about its root.
    """
    formed = p["f7"] * p["fm3_parent"]
    clearance = p["CLf"] * formed
    root = np.sqrt(formed)
    return {
        **release_chain(p),
        "CLh": clearance,
        "CLu": clearance / p["fu"],
        "V": p["Vf"] * root,
        "Qp": p["Qf"] * root,
    }


def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Return plasma, brain and liver concentrations of 7-OH-mitragynine."""
    plasma = x["hydroxymitragynine_central"] / p["V"]
    lumen = p["chain"] * x["hydroxymitragynine_stomach"] + x["hydroxymitragynine_lumen"]
    absorbed = p["ka"] * xp.maximum(lumen, 0)

    to_blood = p["CLp"] * p["Qv"] / (p["Qv"] + p["CLp"] * p["fu"])
    gut_loss = p["CLu"] * p["fm3"] * p["rg"] * s["cyp3a_gut_activity"]
    gut = (absorbed + p["f7"] * s["mitragynine_gut_cyp3a_flux"]) / (to_blood + gut_loss)

    liver_loss = p["CLh"] * (p["fm3"] * s["cyp3a_liver_activity"] + 1 - p["fm3"])
    inflow = to_blood * gut + p["f7"] * s["mitragynine_liver_cyp3a_flux"] + p["Qh"] * plasma
    liver = inflow / (p["Qh"] + liver_loss)
    return {
        "hydroxymitragynine_plasma": plasma,
        "hydroxymitragynine_brain": p["Kpuu"] * p["fu"] * plasma,
        "hydroxymitragynine_gut_unbound": gut,
        "hydroxymitragynine_liver_unbound": p["fu"] * liver,
    }


def rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Return the rates of the central and peripheral amounts, nmol/h."""
    plasma = s["hydroxymitragynine_plasma"]
    liver = s["hydroxymitragynine_liver_unbound"] / p["fu"]
    to_peripheral = p["Qp"] * (plasma - x["hydroxymitragynine_peripheral"] / p["V"])
    return {
        "hydroxymitragynine_central": p["Qh"] * (liver - plasma) - to_peripheral,
        "hydroxymitragynine_peripheral": to_peripheral,
    }


HYDROXYMITRAGYNINE = Stage(
    name="hydroxymitragynine",
    needs={
        "cyp3a_gut_activity": "1",
        "cyp3a_liver_activity": "1",
        "mitragynine_gut_cyp3a_flux": "nmol/h",
        "mitragynine_liver_cyp3a_flux": "nmol/h",
    },
    gives={
        "hydroxymitragynine_plasma": "nM",
        "hydroxymitragynine_brain": "nM",
        "hydroxymitragynine_gut_unbound": "nM",
        "hydroxymitragynine_liver_unbound": "nM",
    },
    outputs=outputs,
    direct=(
        "cyp3a_gut_activity",
        "cyp3a_liver_activity",
        "mitragynine_gut_cyp3a_flux",
        "mitragynine_liver_cyp3a_flux",
    ),
    rates=rates,
    states={
        "hydroxymitragynine_central": State("nmol", scale=2_000),
        "hydroxymitragynine_peripheral": State("nmol", scale=2_000),
    },
    modes={
        "hydroxymitragynine_stomach": Mode("nmol", rate="kge", scale=50_000),
        "hydroxymitragynine_lumen": Mode("nmol", rate="k_lumen", scale=50_000),
    },
    parameters={
        "kge": Parameter("kratom.gastric_emptying", "1/h"),
        "ka": Parameter("mitragynine.absorption_rate", "1/h"),
        "kt": Parameter("kratom.lumen_loss", "1/h"),
        "Fst": Parameter("hydroxymitragynine.gastric_survival", "1"),
        "CLp": Parameter("hydroxymitragynine.gut_permeability", "L/h"),
        "Qv": Parameter("physiology.villous_flow", "L/h"),
        "Qh": Parameter("physiology.liver_flow", "L/h"),
        "f7": Parameter("hydroxymitragynine.yield", "1"),
        "fm3_parent": Parameter("mitragynine.cyp3a_share", "1"),
        "CLf": Parameter("hydroxymitragynine.clearance_over_formation", "L/h"),
        "Vf": Parameter("hydroxymitragynine.volume_over_root_formation", "L"),
        "Qf": Parameter("hydroxymitragynine.flow_over_root_formation", "L/h"),
        "fm3": Parameter("hydroxymitragynine.cyp3a_share", "1"),
        "rg": Parameter("physiology.gut_to_liver_cyp3a", "1"),
        "fu": Parameter("hydroxymitragynine.unbound_fraction", "1"),
        "Kpuu": Parameter("hydroxymitragynine.brain_unbound_ratio", "1"),
    },
    derive=derive,
    derived={
        "k_lumen": "1/h",
        "chain": "1",
        "gain_stomach": "1",
        "gain_lumen": "1",
        "CLh": "L/h",
        "CLu": "L/h",
        "V": "L",
        "Qp": "L/h",
    },
    entries={
        "hydroxymitragynine_oral": {
            "hydroxymitragynine_stomach": "gain_stomach",
            "hydroxymitragynine_lumen": "gain_lumen",
        }
    },
)
