"""How alcohol withdrawal scores: CIWA-Ar, unrounded and without noise.

    CIWA-Ar = min(67, S g)

``S`` turns hyperexcitability into points; it differs between people, and with it how bad their
withdrawal becomes.

Covariates: none.

Sources: Sullivan 1989 (the scale); ``S`` is set so that the reference person peaks at 22 points;
records under ``ciwa.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    points = p["points"] * xp.maximum(s["hyperexcitability"], 0.0)
    return {"ciwa": xp.minimum(points, p["top"])}


CIWA = Stage(
    name="ciwa",
    needs={"hyperexcitability": "1"},
    gives={"ciwa": "1"},
    outputs=_outputs,
    direct=("hyperexcitability",),
    parameters={
        "points": Parameter("ciwa.points", "1"),
        "top": Parameter("ciwa.top", "1"),
    },
)
