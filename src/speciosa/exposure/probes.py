"""Probe drugs: midazolam for CYP3A, dextromethorphan for CYP2D6, caffeine for CYP1A2.

One compartment after first-order absorption, a well-stirred liver and, for midazolam, a gut wall
whose loss is all CYP3A. With ``a`` the activity of the drug's enzyme, ``u`` the person's own level
of it and ``fm`` its share of the clearance,

    CLu = CLu0 (fm u a + 1 - fm),  Fh = Qh / (Qh + CLu),  Fg = 1 / (1 + g a_gut)

and ``CLu0`` and ``g`` are what the baseline clearance and availabilities say. The liver sees blood:
where a drug's blood holds less of it than plasma, its clearance of blood is that much larger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from speciosa.core.stage import Mode, Parameter, Row, Rows, Stage, State

MOST_EXTRACTION = 0.98  # a clearance cannot exceed the flow through the liver
Derived = Callable[[Rows], Row]


def intrinsic_clearance(flow: Row, extraction: Row) -> Row:
    """Return what a well-stirred liver would clear if flow did not limit it, in the flow's unit.

    >>> round(intrinsic_clearance(90.0, 0.25), 9)
    30.0
    """
    return flow * extraction / (1 - extraction)


def probe(
    name: str,
    enzyme: str,
    *,
    parameters: Mapping[str, Parameter],
    extraction: Derived,
    volume: Derived,
    level: Derived | None = None,
    blood: Derived | None = None,
    covariates: Mapping[str, str] | None = None,
    gut: bool = False,
) -> Stage:
    """Return the stage of an oral probe drug.

    Args:
        name: of the drug; its dose entry is ``<name>_oral``.
        enzyme: activity that clears it: cyp3a_liver, cyp2d6 or cyp1a2.
        parameters: what ``extraction``, ``volume`` and ``level`` read.
        extraction: share of the drug that the liver takes from the blood at baseline.
        volume: of distribution, L.
        level: the person's own level of the enzyme, 1 where left out.
        blood: concentration in blood over that in plasma, 1 where left out.
        covariates: symbol -> unit, read by those functions.
        gut: whether the gut wall's CYP3A takes some of it first.
    """
    depot, central = f"{name}_depot", f"{name}_central"
    needs = {f"{enzyme}_activity": "1"} | ({"cyp3a_gut_activity": "1"} if gut else {})

    def derive(p: Rows) -> dict[str, Row]:
        taken = np.minimum(extraction(p), MOST_EXTRACTION)
        found = {
            "volume": volume(p) + 0.0 * taken,
            "CLu0": intrinsic_clearance(p["Qh"], taken),
            "level": 1.0 + 0.0 * taken if level is None else level(p) + 0.0 * taken,
            "blood": 1.0 + 0.0 * taken if blood is None else blood(p) + 0.0 * taken,
        }
        return found | ({"gut_loss": (1 - p["Fg"]) / p["Fg"]} if gut else {})

    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        return {f"{name}_plasma": x[central] / p["volume"]}

    def rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        share = p["fm"] * p["level"] * s[f"{enzyme}_activity"] + 1 - p["fm"]
        intrinsic = p["CLu0"] * share
        escapes = p["Qh"] / (p["Qh"] + intrinsic)
        arriving = p["ka"] * x[depot] * escapes
        if gut:
            arriving = arriving / (1 + p["gut_loss"] * s["cyp3a_gut_activity"])
        leaving = intrinsic * escapes * p["blood"] / p["volume"] * x[central]
        return {central: arriving - leaving}

    return Stage(
        name=name,
        needs=needs,
        gives={f"{name}_plasma": "nM"},
        outputs=outputs,
        rates=rates,
        states={central: State("nmol", scale=10_000)},
        modes={depot: Mode("nmol", rate="ka", scale=10_000)},
        parameters={
            **parameters,
            "ka": Parameter(f"{name}.absorption_rate", "1/h"),
            "fm": Parameter(f"{name}.{enzyme.split('_')[0]}_share", "1"),
            "Qh": Parameter("physiology.liver_flow", "L/h"),
        },
        covariates=covariates or {},
        derive=derive,
        derived={"volume": "L", "CLu0": "L/h", "level": "1", "blood": "1"}
        | ({"gut_loss": "1"} if gut else {}),
        entries={f"{name}_oral": {depot: "whole"}},
    )


MIDAZOLAM = probe(
    "midazolam",
    "cyp3a_liver",
    parameters={
        "CL": Parameter("midazolam.clearance", "L/h"),
        "V": Parameter("midazolam.volume", "L"),
        "Fg": Parameter("midazolam.gut_availability", "1"),
        "in_blood": Parameter("midazolam.blood_to_plasma", "1"),
        "whole": Parameter("midazolam.fraction_absorbed", "1"),
    },
    extraction=lambda p: p["CL"] / (p["in_blood"] * p["Qh"]),
    volume=lambda p: p["V"],
    blood=lambda p: p["in_blood"],
    gut=True,
)
DEXTROMETHORPHAN = probe(
    "dextromethorphan",
    "cyp2d6",
    parameters={
        "F": Parameter("dextromethorphan.bioavailability", "1"),
        "V": Parameter("dextromethorphan.volume", "L"),
        "whole": Parameter("dextromethorphan.fraction_absorbed", "1"),
    },
    extraction=lambda p: 1 - p["F"] / p["whole"],
    volume=lambda p: p["V"],
    level=lambda p: p["cyp2d6_activity_score"],
    covariates={"cyp2d6_activity_score": "1"},
)
CAFFEINE = probe(
    "caffeine",
    "cyp1a2",
    parameters={
        "CL": Parameter("caffeine.clearance", "L/h/kg"),
        "V": Parameter("caffeine.volume", "L/kg"),
        "whole": Parameter("caffeine.fraction_absorbed", "1"),
        "induction": Parameter("caffeine.smoker_induction", "1"),
    },
    extraction=lambda p: p["CL"] * p["weight"] / p["Qh"],
    volume=lambda p: p["V"] * p["weight"],
    level=lambda p: 1 + p["smoker"] * (p["induction"] - 1),
    covariates={"weight": "kg", "smoker": "1"},
)
PROBES = {"midazolam": MIDAZOLAM, "dextromethorphan": DEXTROMETHORPHAN, "caffeine": CAFFEINE}
