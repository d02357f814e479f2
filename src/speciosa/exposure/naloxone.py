"""Naloxone into a vein, a muscle or the nose, with one effect site for all three.

Each route keeps the disposition it was measured with (three compartments after a vein dose, two
after the others), because the published sets do not share one clearance; what is in the body is
their sum. The values are those of the Mann 2022 model and its intranasal extension; the absorption
chain keeps its mean time.

A muscle dose has the autoinjector's disposition: its half-life of 1.4 h agrees with 48 adults
given 0.4 to 10 mg (Yang 2024). The set for 2 mg in 2 mL, made for the first hour, ends with 2.8 h
and would block receptors for a day.
"""

from __future__ import annotations

from speciosa.core.linear_drug import Link, chain_rates, effect_site, exchange, linear_drug
from speciosa.core.stage import Parameter, Row, Rows

ROUTES = {"intramuscular": "autoinjector", "intranasal": "intranasal"}  # -> set of records
STEPS = 2  # of the absorption chain: one fewer than published, with the same mean time


def constants(p: Rows) -> dict[str, Row]:
    """Return rate constants (1/h) of the vein disposition and of each absorbed route."""
    found = {
        "k10": p["CL"] / p["V1"],
        "k12": p["Q2"] / p["V1"],
        "k21": p["Q2"] / p["V2"],
        "k13": p["Q3"] / p["V1"],
        "k31": p["Q3"] / p["V3"],
    }
    for route in ROUTES:
        volume, exchanged = p[f"V_{route}"], p[f"Q_{route}"]
        found[f"k10_{route}"] = p[f"CL_{route}"] / volume
        found[f"k12_{route}"] = exchanged / volume
        found[f"k21_{route}"] = exchanged / p[f"V2_{route}"]
        # The effect site counts amounts in the volume of the vein disposition.
        found[f"ke0_{route}"] = p["ke0"] * p["V1"] / volume
        mean_time = 2 / p[f"ktr_{route}"] + 1 / p[f"ka_{route}"]
        for step, rate in enumerate(chain_rates(mean_time, STEPS)):
            found[f"k_{route}_{step}"] = rate
    return found


def _route(route: str) -> tuple[Link, ...]:
    steps = [f"{route}_{step}" for step in range(STEPS)] + [route]
    return (
        *(Link(steps[i], f"k_{route}_{i}", steps[i + 1]) for i in range(STEPS)),
        Link(route, f"k10_{route}"),
        *exchange(route, f"{route}_peripheral", f"k12_{route}", f"k21_{route}"),
        Link(route, f"ke0_{route}", "effect", copies=True),
    )


def _compartments(route: str) -> tuple[str, ...]:
    return (*(f"{route}_{step}" for step in range(STEPS)), route, f"{route}_peripheral")


def _parameters(route: str) -> dict[str, Parameter]:
    units = {
        "F": ("bioavailability", "1"),
        "ktr": ("transit_rate", "1/h"),
        "ka": ("absorption_rate", "1/h"),
        "CL": ("clearance", "L/h"),
        "V": ("central_volume", "L"),
        "Q": ("exchange_clearance", "L/h"),
        "V2": ("peripheral_volume", "L"),
    }
    return {
        f"{symbol}_{route}": Parameter(f"naloxone.{ROUTES[route]}_{name}", unit)
        for symbol, (name, unit) in units.items()
    }


NALOXONE = linear_drug(
    "naloxone",
    compartments=(
        "central",
        "shallow",
        "deep",
        *_compartments("intramuscular"),
        *_compartments("intranasal"),
        "effect",
    ),
    links=(
        Link("central", "k10"),
        *exchange("central", "shallow", "k12", "k21"),
        *exchange("central", "deep", "k13", "k31"),
        *_route("intramuscular"),
        *_route("intranasal"),
        *effect_site("central", "ke0"),
    ),
    entries={
        "naloxone_intravenous": {"central": None},
        "naloxone_intramuscular": {"intramuscular_0": "F_intramuscular"},
        "naloxone_intranasal": {"intranasal_0": "F_intranasal"},
    },
    outputs={
        "naloxone_plasma": {
            "central": "V1",
            "intramuscular": "V_intramuscular",
            "intranasal": "V_intranasal",
        },
        "naloxone_effect": {"effect": "V1"},
    },
    parameters={
        "CL": Parameter("naloxone.clearance", "L/h"),
        "V1": Parameter("naloxone.central_volume", "L"),
        "V2": Parameter("naloxone.shallow_volume", "L"),
        "V3": Parameter("naloxone.deep_volume", "L"),
        "Q2": Parameter("naloxone.shallow_clearance", "L/h"),
        "Q3": Parameter("naloxone.deep_clearance", "L/h"),
        "ke0": Parameter("naloxone.effect_site_rate", "1/h"),
        **_parameters("intramuscular"),
        **_parameters("intranasal"),
    },
    constants=constants,
    scale=6e3,
)
