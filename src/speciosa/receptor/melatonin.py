"""Melatonin receptor MT1: the share occupied by all melatonin and by the gland's own alone."""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage


def occupancy(concentration: Row, affinity: Row) -> Row:
    """Return the occupied share of a single class of sites; both arguments in nM.

    Example:
        >>> occupancy(0.081, 0.081)
        0.5
    """
    return concentration / (concentration + affinity)


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    total = xp.maximum(s["melatonin_plasma"], 0)
    gland = xp.maximum(s["melatonin_endogenous"], 0)
    return {
        "mt1_occupancy": occupancy(total, p["affinity"]),
        "mt1_occupancy_endogenous": occupancy(gland, p["affinity"]),
    }


MT1 = Stage(
    name="mt1",
    needs={"melatonin_plasma": "nM", "melatonin_endogenous": "nM"},
    gives={"mt1_occupancy": "1", "mt1_occupancy_endogenous": "1"},
    outputs=_outputs,
    direct=("melatonin_plasma", "melatonin_endogenous"),
    parameters={"affinity": Parameter("melatonin.mt1_affinity", "nM")},
)
