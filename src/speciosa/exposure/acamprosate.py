"""Acamprosate: slowly absorbed, little of it, gone within days, as a share of usual.

Absorption is slower than elimination, so one decaying store describes the course. ``level`` is 1
where the usual daily amount has become steady and grows no further: nothing is known of more. What
the level does to drinking is a hazard ratio (:mod:`speciosa.response.drinking`).

Covariates: none.

Sources: records under ``acamprosate.*``, from memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from speciosa.core.stage import Mode, Parameter, Row, Rows, Stage


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {"acamprosate_level": xp.minimum(xp.maximum(x["acamprosate_store"], 0.0), 1.0)}


def _derive(p: Rows) -> dict[str, Row]:
    """Loss (1/h) and what a nmol adds to the level."""
    loss = np.log(2.0) / p["half_life"]
    return {"loss": loss, "gain": p["molar_mass"] * loss / p["usual"]}


ACAMPROSATE = Stage(
    name="acamprosate",
    needs={},
    gives={"acamprosate_level": "1"},
    outputs=_outputs,
    modes={"acamprosate_store": Mode("1", "loss", 1.0)},
    parameters={
        "half_life": Parameter("acamprosate.half_life", "h"),
        "usual": Parameter("acamprosate.usual_amount", "mg/h"),
        "molar_mass": Parameter("molecule.acamprosate.molar_mass", "mg/nmol"),
    },
    derive=_derive,
    derived={"loss": "1/h", "gain": "1/nmol"},
    entries={"acamprosate_oral": {"acamprosate_store": "gain"}},
)
