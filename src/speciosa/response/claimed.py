"""The article's claims that no receptor in the model carries, each behind a switch that is off.

Kratom raising melatonin synthesis, either remedy relieving withdrawal or craving beyond its
receptors, and synergy between the two: every one is a record whose value is 0 until an evidence
set says otherwise, so that what the claim is worth can be read off by comparing the two.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage


def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Return the factor on melatonin synthesis and the claimed shares of relief, at most all."""
    kratom = s["mitragynine_plasma"] / (s["mitragynine_plasma"] + p["C50_kratom"])
    melatonin = s["melatonin_plasma"] / (s["melatonin_plasma"] + p["C50_melatonin"])
    both = p["synergy"] * kratom * melatonin
    return {
        "melatonin_synthesis_factor": 1 + p["synthesis"] * kratom,
        "claimed_withdrawal_relief": xp.minimum(
            p["kratom_withdrawal"] * kratom + p["melatonin_withdrawal"] * melatonin + both, 1
        ),
        "claimed_craving_relief": xp.minimum(
            p["kratom_craving"] * kratom + p["melatonin_craving"] * melatonin + both, 1
        ),
    }


CLAIMED = Stage(
    name="claimed",
    needs={"mitragynine_plasma": "nM", "melatonin_plasma": "nM"},
    gives={
        "melatonin_synthesis_factor": "1",
        "claimed_withdrawal_relief": "1",
        "claimed_craving_relief": "1",
    },
    outputs=outputs,
    direct=("mitragynine_plasma", "melatonin_plasma"),
    parameters={
        "synthesis": Parameter("claimed.kratom_melatonin_synthesis", "1"),
        "kratom_withdrawal": Parameter("claimed.kratom_withdrawal", "1"),
        "melatonin_withdrawal": Parameter("claimed.melatonin_withdrawal", "1"),
        "kratom_craving": Parameter("claimed.kratom_craving", "1"),
        "melatonin_craving": Parameter("claimed.melatonin_craving", "1"),
        "synergy": Parameter("claimed.synergy", "1"),
        "C50_kratom": Parameter("kratom.claimed_half_effect", "nM"),
        "C50_melatonin": Parameter("kratom.claimed_melatonin_half_effect", "nM"),
    },
)
