"""Buprenorphine under the tongue, after Bjornsson 2023.

The published fast route (lag, then a short constant input, then first order) is a transit step of
the same mean delay followed by first order. The central volume is larger in people with opioid use
disorder. A dose entry is linear, with the bioavailability at 16 mg: that it falls with the dose is
told by the product (:func:`speciosa.care.product.taken_up`).
"""

from __future__ import annotations

from typing import Any

from speciosa.core.linear_drug import Link, effect_site, exchange, linear_drug
from speciosa.core.stage import Parameter, Row, Rows
from speciosa.core.varying_drug import Cleared, varying_drug


def constants(p: Rows) -> dict[str, Row]:
    """Return the central volume (L), rate constants (1/h) and the shares that take each route."""
    clearance = (
        p["CL"]
        * (p["age"] / p["age_reference"]) ** p["age_exponent"]
        * (p["weight"] / p["weight_reference"]) ** p["weight_exponent"]
    )
    central = p["V1"] * (1 + p["larger"] * p["opioid_dependent"])
    return {
        "volume": central,
        "ktr": 1 / (p["lag"] + p["input_time"] / 2),
        "F_fast": p["F"] * p["fast_share"],
        "F_slow": p["F"] * (1 - p["fast_share"]),
        "k10": clearance / central,
        "k12": p["Q2"] / central,
        "k21": p["Q2"] / p["V2"],
        "k13": p["Q3"] / central,
        "k31": p["Q3"] / p["V3"],
    }


_DECLARED: dict[str, Any] = dict(
    compartments=("mouth", "fast_depot", "slow_depot", "central", "shallow", "deep", "effect"),
    links=(
        Link("mouth", "ktr", "fast_depot"),
        Link("fast_depot", "ka_fast", "central"),
        Link("slow_depot", "ka_slow", "central"),
        Link("central", "k10"),
        *exchange("central", "shallow", "k12", "k21"),
        *exchange("central", "deep", "k13", "k31"),
        *effect_site("central", "ke0"),
    ),
    entries={"buprenorphine_sublingual": {"mouth": "F_fast", "slow_depot": "F_slow"}},
    outputs={
        "buprenorphine_plasma": {"central": "volume"},
        "buprenorphine_effect": {"effect": "volume"},
    },
    parameters={
        "CL": Parameter("buprenorphine.clearance", "L/h"),
        "V1": Parameter("buprenorphine.central_volume", "L"),
        "larger": Parameter("buprenorphine.central_volume_dependent", "1"),
        "V2": Parameter("buprenorphine.shallow_volume", "L"),
        "V3": Parameter("buprenorphine.deep_volume", "L"),
        "Q2": Parameter("buprenorphine.shallow_clearance", "L/h"),
        "Q3": Parameter("buprenorphine.deep_clearance", "L/h"),
        "F": Parameter("buprenorphine.sublingual_bioavailability", "1"),
        "fast_share": Parameter("buprenorphine.fast_share", "1"),
        "lag": Parameter("buprenorphine.absorption_lag", "h"),
        "input_time": Parameter("buprenorphine.input_time", "h"),
        "ka_fast": Parameter("buprenorphine.fast_absorption_rate", "1/h"),
        "ka_slow": Parameter("buprenorphine.slow_absorption_rate", "1/h"),
        "ke0": Parameter("buprenorphine.effect_site_rate", "1/h"),
        "age_reference": Parameter("buprenorphine.age_reference", "year"),
        "age_exponent": Parameter("buprenorphine.age_exponent", "1"),
        "weight_reference": Parameter("buprenorphine.weight_reference", "kg"),
        "weight_exponent": Parameter("buprenorphine.weight_exponent", "1"),
    },
    covariates={"age": "year", "weight": "kg", "opioid_dependent": "1"},
    constants=constants,
    scale=3e4,
)
BUPRENORPHINE = linear_drug("buprenorphine", **_DECLARED)
BUPRENORPHINE_VARYING = varying_drug(
    "buprenorphine",
    cleared=Cleared(
        "k10",
        "cyp3a_liver_activity",
        share="buprenorphine.cyp3a_share",
        extraction="buprenorphine.hepatic_extraction",
    ),
    **_DECLARED,
)
