"""Naltrexone by mouth and as a monthly depot.

The depot has an early first-order part and a late part through a chain of three steps, chosen so
that plasma stays at 1-2 ng/mL for 28 days and then falls. The active metabolite 6-beta-naltrexol
is left out; the binding constant stands for both.
"""

from __future__ import annotations

from speciosa.core.linear_drug import Link, chain_rates, effect_site, linear_drug
from speciosa.core.stage import Parameter, Row, Rows


def constants(p: Rows) -> dict[str, Row]:
    """Return rates (1/h) of elimination and release and the shares of a depot dose."""
    found = {
        "k10": p["CL"] / p["V"],
        "F_early": p["F_depot"] * p["early_share"],
        "F_late": p["F_depot"] * (1 - p["early_share"]),
    }
    for step, rate in enumerate(chain_rates(p["late_time"], 3)):
        found[f"k_late_{step}"] = rate
    return found


NALTREXONE = linear_drug(
    "naltrexone",
    compartments=("gut", "early", "late_0", "late_1", "late_2", "central", "effect"),
    links=(
        Link("gut", "ka", "central"),
        Link("early", "k_early", "central"),
        Link("late_0", "k_late_0", "late_1"),
        Link("late_1", "k_late_1", "late_2"),
        Link("late_2", "k_late_2", "central"),
        Link("central", "k10"),
        *effect_site("central", "ke0"),
    ),
    entries={
        "naltrexone_oral": {"gut": "F"},
        "naltrexone_injection": {"early": "F_early", "late_0": "F_late"},
    },
    outputs={"naltrexone_plasma": {"central": "V"}, "naltrexone_effect": {"effect": "V"}},
    parameters={
        "CL": Parameter("naltrexone.clearance", "L/h"),
        "V": Parameter("naltrexone.volume", "L"),
        "F": Parameter("naltrexone.oral_bioavailability", "1"),
        "ka": Parameter("naltrexone.absorption_rate", "1/h"),
        "F_depot": Parameter("naltrexone.depot_share_available", "1"),
        "early_share": Parameter("naltrexone.depot_early_share", "1"),
        "k_early": Parameter("naltrexone.depot_early_rate", "1/h"),
        "late_time": Parameter("naltrexone.depot_late_time", "h"),
        "ke0": Parameter("naltrexone.effect_site_rate", "1/h"),
    },
    constants=constants,
    scale=1e6,
)
