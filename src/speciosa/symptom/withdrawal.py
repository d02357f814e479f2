"""How opioid withdrawal scores: COWS, SOWS-Gossop and OOWS, unrounded and without noise.

    score = maximum Wtot^h/(W50^h + Wtot^h)          (the Hill term alone, COWS points)
    COWS  = floor + score
    SOWS-G = ratio (score + floor/2)
    OOWS  = ratio_o SOWS-G

Items, measurement noise, rounding and severity bands are in :mod:`speciosa.symptom.scales`.

Covariates: none; ``W50`` and the SOWS-Gossop ratio differ between people (records).

Sources: Tompkins 2009 (floor: dependent people given placebo); the rest are records under
``withdrawal.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.power import raised
from speciosa.core.stage import Parameter, Row, Rows, Stage


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """The four scores, in points of their scales."""
    powered = raised(xp, s["withdrawal"] / p["half"], p["slope"])
    score = p["maximum"] * powered / (1 + powered)
    gossop = p["gossop_ratio"] * (score + 0.5 * p["floor"])
    return {
        "withdrawal_score": score,
        "cows": p["floor"] + score,
        "sows_gossop": gossop,
        "oows": p["oows_ratio"] * gossop,
    }


WITHDRAWAL = Stage(
    name="withdrawal_scales",
    needs={"withdrawal": "1"},
    gives={"withdrawal_score": "1", "cows": "1", "sows_gossop": "1", "oows": "1"},
    outputs=_outputs,
    direct=("withdrawal",),
    parameters={
        "maximum": Parameter("withdrawal.score_maximum", "1"),
        "half": Parameter("withdrawal.half", "1"),
        "slope": Parameter("withdrawal.slope", "1"),
        "floor": Parameter("withdrawal.cows_floor", "1"),
        "gossop_ratio": Parameter("withdrawal.gossop_ratio", "1"),
        "oows_ratio": Parameter("withdrawal.oows_ratio", "1"),
    },
)
