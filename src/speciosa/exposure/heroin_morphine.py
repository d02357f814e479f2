"""Heroin, 6-monoacetylmorphine and morphine as one chain of linear compartments.

Heroin is a pro-drug with minutes of life (Rook 2006, Inturrisi 1984): every molecule becomes
6-monoacetylmorphine and then morphine. Morphine follows Olofsen 2010, with Hoskin 1989 for the
oral route. Morphine-6-glucuronide is left out; after oral doses that understates the effect.
"""

from __future__ import annotations

from speciosa.core.linear_drug import Link, chain_rates, effect_site, exchange, linear_drug
from speciosa.core.stage import Parameter, Row, Rows


def constants(p: Rows) -> dict[str, Row]:
    """Return the rate constants (1/h) of morphine from clearances (L/h) and volumes (L)."""
    k_gut, k_bowel = chain_rates(p["absorption_time"], 2)
    return {
        "k_gut": k_gut,
        "k_bowel": k_bowel,
        "k10": p["CL"] / p["V1"],
        "k12": p["Q2"] / p["V1"],
        "k21": p["Q2"] / p["V2"],
        "k13": p["Q3"] / p["V1"],
        "k31": p["Q3"] / p["V3"],
    }


HEROIN_MORPHINE = linear_drug(
    "heroin_morphine",
    compartments=(
        "heroin",
        "monoacetylmorphine",
        "monoacetylmorphine_effect",
        "gut",
        "bowel",
        "morphine",
        "shallow",
        "deep",
        "morphine_effect",
    ),
    links=(
        Link("heroin", "k_heroin", "monoacetylmorphine"),
        Link("monoacetylmorphine", "k_monoacetylmorphine", "morphine"),
        *effect_site("monoacetylmorphine", "ke0_monoacetylmorphine", "monoacetylmorphine_effect"),
        Link("gut", "k_gut", "bowel"),
        Link("bowel", "k_bowel", "morphine"),
        Link("morphine", "k10"),
        *exchange("morphine", "shallow", "k12", "k21"),
        *exchange("morphine", "deep", "k13", "k31"),
        *effect_site("morphine", "ke0", "morphine_effect"),
    ),
    entries={
        "heroin_intravenous": {"heroin": None},
        "morphine_intravenous": {"morphine": None},
        "morphine_oral": {"gut": "F"},
    },
    outputs={
        "monoacetylmorphine_plasma": {"monoacetylmorphine": "V_monoacetylmorphine"},
        "monoacetylmorphine_effect": {"monoacetylmorphine_effect": "V_monoacetylmorphine"},
        "morphine_plasma": {"morphine": "V1"},
        "morphine_effect": {"morphine_effect": "V1"},
    },
    parameters={
        "k_heroin": Parameter("heroin.conversion_rate", "1/h"),
        "k_monoacetylmorphine": Parameter("monoacetylmorphine.conversion_rate", "1/h"),
        "V_monoacetylmorphine": Parameter("monoacetylmorphine.volume", "L"),
        "ke0_monoacetylmorphine": Parameter("monoacetylmorphine.effect_site_rate", "1/h"),
        "F": Parameter("morphine.oral_bioavailability", "1"),
        "absorption_time": Parameter("morphine.absorption_time", "h"),
        "CL": Parameter("morphine.clearance", "L/h"),
        "V1": Parameter("morphine.central_volume", "L"),
        "V2": Parameter("morphine.shallow_volume", "L"),
        "V3": Parameter("morphine.deep_volume", "L"),
        "Q2": Parameter("morphine.shallow_clearance", "L/h"),
        "Q3": Parameter("morphine.deep_clearance", "L/h"),
        "ke0": Parameter("morphine.effect_site_rate", "1/h"),
    },
    constants=constants,
    scale=3e5,
)
