"""Receptors that full agonists uncouple from their signal, and that couple again within hours.

Agonists that recruit arrestin leave receptors uncoupled for a while: ``U`` follows what they
recruit, ``dU/dt = (recruitment - U)/tau``. A full agonist has receptors to spare and hardly feels
it; a partial agonist has none. In the operational model of agonism the transducer ratio
``eps/(1 - eps)`` is divided by ``1 + k U``, so that the efficacy of a ligand becomes

    eps / (1 + (1 - eps) k U)

which leaves ``eps = 1`` alone. So buprenorphine that takes the place of fentanyl soon after its use
precipitates withdrawal, and the same dose a day later eases it. Breathing has its own reserve and
its own tolerance, and does not read this.

Covariates: none; people arrive with what their habit left (:mod:`speciosa.models.arrival`).

Sources: Black and Leff 1983 (form); McPherson 2010 (who recruits); the size and the time are
assumed, set to how often and how long after fentanyl withdrawal is precipitated (Thakrar 2024,
D'Onofrio 2023); records under ``mu.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage, State


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {"mu_uncoupled": x["uncoupled"]}


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {"uncoupled": (s["mu_recruitment"] - x["uncoupled"]) / p["time"]}


UNCOUPLING = Stage(
    name="uncoupling",
    needs={"mu_recruitment": "1"},
    gives={"mu_uncoupled": "1"},
    outputs=_outputs,
    rates=_rates,
    states={"uncoupled": State("1", scale=1.0, start=0.0)},
    parameters={"time": Parameter("mu.uncoupling_time", "h")},
)
