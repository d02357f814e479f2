"""The article's claims that no receptor in the model carries, each behind a switch that is off.

Kratom raising melatonin synthesis, either remedy relieving withdrawal or craving beyond its
receptors, and synergy between the two: every one is a record whose value is 0 until an evidence
set says otherwise, so that what the claim is worth can be read off by comparing the two.

A claim speaks of days, not of the hour after a dose: melatonin taken at night is said to ease the
withdrawal of the next day. So each remedy has a presence that rises with C/(C + C50) while it is
in the body and fades over days: P' = rise g^3/(g^2 + s^2) - fade P with g = (C/(C + C50) - P)+.
Where g is well above s that is g; below, the rise ends gently: a kink would be felt by any solver.
Of melatonin only what was given counts, not the gland's own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage, State


def rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Return how fast the presence of each remedy rises and fades."""
    given = {
        "kratom": s["mitragynine_plasma"],
        "melatonin": xp.maximum(s["melatonin_plasma"] - s["melatonin_endogenous"], 0),
    }
    found = {}
    for remedy, level in given.items():
        presence = f"{remedy}_presence"
        gap = xp.maximum(level / (level + p[f"C50_{remedy}"]) - x[presence], 0)
        square = gap * gap
        rising = gap * square / (square + p["softness"] * p["softness"])
        found[presence] = p["rise"] * rising - p["fade"] * x[presence]
    return found


def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Return the factor on melatonin synthesis and the claimed shares of relief, at most all."""
    kratom, melatonin = x["kratom_presence"], x["melatonin_presence"]
    both = p["synergy"] * kratom * melatonin
    return {
        "melatonin_synthesis_factor": 1 + p["synthesis"] * kratom,
        "claimed_withdrawal_relief": xp.minimum(
            p["kratom_withdrawal"] * kratom + p["melatonin_withdrawal"] * melatonin + both, 1
        ),
        "claimed_craving_relief": xp.minimum(
            p["kratom_craving"] * kratom + p["melatonin_craving"] * melatonin + both, 1
        ),
        "kratom_present": kratom,
        "melatonin_present": melatonin,
    }


REMEDIES = ("kratom", "melatonin")
_EDGES = ("kratom_withdrawal", "melatonin_withdrawal", "kratom_craving", "melatonin_craving")


def claimed(disorder: str) -> Stage:
    """Return the claims of a disorder; each has its own records.

    Args:
        disorder: ``opioid`` or ``alcohol``.

    Example:
        >>> claimed("alcohol").parameters["kratom_withdrawal"].record
        'claimed.alcohol_kratom_withdrawal'
    """
    own = "" if disorder == "opioid" else f"{disorder}_"
    edges = {edge: Parameter(f"claimed.{own}{edge}", "1") for edge in (*_EDGES, "synergy")}
    return replace(CLAIMED, parameters={**CLAIMED.parameters, **edges})


CLAIMED = Stage(
    name="claimed",
    needs={
        "mitragynine_plasma": "nM",
        "melatonin_plasma": "nM",
        "melatonin_endogenous": "nM",
    },
    gives={
        "melatonin_synthesis_factor": "1",
        "claimed_withdrawal_relief": "1",
        "claimed_craving_relief": "1",
        "kratom_present": "1",
        "melatonin_present": "1",
    },
    states={f"{remedy}_presence": State("1", 1.0) for remedy in REMEDIES},
    rates=rates,
    outputs=outputs,
    parameters={
        "synthesis": Parameter("claimed.kratom_melatonin_synthesis", "1"),
        "kratom_withdrawal": Parameter("claimed.kratom_withdrawal", "1"),
        "melatonin_withdrawal": Parameter("claimed.melatonin_withdrawal", "1"),
        "kratom_craving": Parameter("claimed.kratom_craving", "1"),
        "melatonin_craving": Parameter("claimed.melatonin_craving", "1"),
        "synergy": Parameter("claimed.synergy", "1"),
        "C50_kratom": Parameter("kratom.claimed_half_effect", "nM"),
        "C50_melatonin": Parameter("kratom.claimed_melatonin_half_effect", "nM"),
        "rise": Parameter("claimed.rise_rate", "1/h"),
        "fade": Parameter("claimed.fade_rate", "1/h"),
        "softness": Parameter("claimed.softness", "1"),
    },
)
