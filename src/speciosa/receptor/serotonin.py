"""5-HT1A: what a metabolite of speciogynine could do there.

The alkaloids of the leaf bind the receptor without activating it; a metabolite of speciogynine
activates it in vitro. How much of it people make and how much reaches the brain is not known, so
its unbound concentration is a share of speciogynine in plasma over a wide range:

    C = share speciogynine,   activation = efficacy C/(C + EC50)

What activation does to mood is an edge of :mod:`speciosa.response.mood`, 0 by default.

Covariates: none. Records ``serotonin.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Share of the receptor's full response."""
    unbound = p["metabolite_share"] * xp.maximum(s["speciogynine_plasma"], 0.0)
    return {"serotonin_1a_activation": p["efficacy"] * unbound / (unbound + p["EC50"])}


SEROTONIN = Stage(
    name="serotonin",
    needs={"speciogynine_plasma": "nM"},
    gives={"serotonin_1a_activation": "1"},
    outputs=_outputs,
    direct=("speciogynine_plasma",),
    parameters={
        "metabolite_share": Parameter("serotonin.speciogynine_metabolite_share", "1"),
        "efficacy": Parameter("serotonin.speciogynine_metabolite_efficacy", "1"),
        "EC50": Parameter("serotonin.speciogynine_metabolite_half_effect", "nM"),
    },
)
