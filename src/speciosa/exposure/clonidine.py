"""Clonidine by mouth: one compartment in plasma."""

from __future__ import annotations

from speciosa.core.linear_drug import Link, linear_drug
from speciosa.core.stage import Parameter, Row, Rows


def constants(p: Rows) -> dict[str, Row]:
    """Return the elimination rate (1/h)."""
    return {"k10": p["CL"] / p["V"]}


CLONIDINE = linear_drug(
    "clonidine",
    compartments=("gut", "central"),
    links=(Link("gut", "ka", "central"), Link("central", "k10")),
    entries={"clonidine_oral": {"gut": "F"}},
    outputs={"clonidine_plasma": {"central": "V"}},
    parameters={
        "CL": Parameter("clonidine.clearance", "L/h"),
        "V": Parameter("clonidine.volume", "L"),
        "F": Parameter("clonidine.oral_bioavailability", "1"),
        "ka": Parameter("clonidine.absorption_rate", "1/h"),
    },
    constants=constants,
    scale=3e3,
)
