"""Lofexidine by mouth: one compartment in plasma."""

from __future__ import annotations

from speciosa.core.linear_drug import Link, linear_drug
from speciosa.core.stage import Parameter, Row, Rows


def constants(p: Rows) -> dict[str, Row]:
    """Return the elimination rate (1/h)."""
    return {"k10": p["CL"] / p["V"]}


LOFEXIDINE = linear_drug(
    "lofexidine",
    compartments=("gut", "central"),
    links=(Link("gut", "ka", "central"), Link("central", "k10")),
    entries={"lofexidine_oral": {"gut": "F"}},
    outputs={"lofexidine_plasma": {"central": "V"}},
    parameters={
        "CL": Parameter("lofexidine.clearance", "L/h"),
        "V": Parameter("lofexidine.volume", "L"),
        "F": Parameter("lofexidine.oral_bioavailability", "1"),
        "ka": Parameter("lofexidine.absorption_rate", "1/h"),
    },
    constants=constants,
    scale=3e3,
)
