"""Drugs that inhibit CYP3A or CYP1A2: their concentrations, and how much each enzyme is inhibited.

Fluvoxamine, ketoconazole and itraconazole are one compartment after first-order absorption, with
apparent (oral) clearance and volume. Inhibition counts unbound concentrations over constants:
plasma at the liver, plasma and what is being absorbed at the gut wall. Itraconazole stands for
itself and its inhibiting metabolites together.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.linear_drug import Link, linear_drug
from speciosa.core.stage import Parameter, Row, Rows, Stage

INHIBITS = {"fluvoxamine": "cyp1a2", "ketoconazole": "cyp3a", "itraconazole": "cyp3a"}


def constants(p: Rows) -> dict[str, Row]:
    """Return the elimination rate (1/h) and the volumes (L) that unbound drug is read out with."""
    return {
        "k10": p["CL"] / p["V"],
        "V_unbound": p["V"] / p["fu"],
        "V_absorbing": p["Qv"] / (p["ka"] * p["fu"]),
    }


def perpetrator(name: str) -> Stage:
    """Return the exposure stage of an inhibitor.

    Args:
        name: one of ``INHIBITS``.

    >>> sorted(perpetrator("ketoconazole").gives)
    ['ketoconazole_gut_unbound', 'ketoconazole_liver_unbound', 'ketoconazole_plasma']
    """
    return linear_drug(
        name,
        compartments=("gut", "central"),
        links=(Link("gut", "ka", "central"), Link("central", "k10")),
        entries={f"{name}_oral": {"gut": None}},
        outputs={
            f"{name}_plasma": {"central": "V"},
            f"{name}_liver_unbound": {"central": "V_unbound"},
            f"{name}_gut_unbound": {"central": "V_unbound", "gut": "V_absorbing"},
        },
        parameters={
            "CL": Parameter(f"{name}.apparent_clearance", "L/h"),
            "V": Parameter(f"{name}.apparent_volume", "L"),
            "ka": Parameter(f"{name}.absorption_rate", "1/h"),
            "fu": Parameter(f"{name}.unbound_fraction", "1"),
            "Qv": Parameter("physiology.villous_flow", "L/h"),
        },
        constants=constants,
        scale=1e5,
    )


PERPETRATORS = {name: perpetrator(name) for name in INHIBITS}


def inhibition(names: tuple[str, ...]) -> Stage:
    """Return the stage that adds up what several inhibitors do to each enzyme.

    It gives, for CYP3A in gut and liver and for CYP1A2, the sum of unbound concentrations over
    inhibition constants; 0 where nobody inhibits.

    Args:
        names: of ``INHIBITS``.

    >>> sorted(inhibition(("fluvoxamine",)).needs)
    ['fluvoxamine_liver_unbound']
    """
    cyp3a = tuple(name for name in names if INHIBITS[name] == "cyp3a")
    cyp1a2 = tuple(name for name in names if INHIBITS[name] == "cyp1a2")
    needs = {f"{name}_liver_unbound": "nM" for name in names}
    needs |= {f"{name}_gut_unbound": "nM" for name in cyp3a}

    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        def total(present: tuple[str, ...], site: str) -> Row:
            return sum((s[f"{n}_{site}_unbound"] / p[f"Ki_{n}"] for n in present), 0.0)

        return {
            "cyp3a_gut_inhibition": total(cyp3a, "gut"),
            "cyp3a_liver_inhibition": total(cyp3a, "liver"),
            "cyp1a2_inhibition": total(cyp1a2, "liver"),
        }

    return Stage(
        name="inhibition",
        needs=needs,
        gives={
            "cyp3a_gut_inhibition": "1",
            "cyp3a_liver_inhibition": "1",
            "cyp1a2_inhibition": "1",
        },
        outputs=outputs,
        direct=tuple(needs),
        parameters={
            f"Ki_{name}": Parameter(f"{name}.{INHIBITS[name]}_inhibition_constant", "nM")
            for name in names
        },
    )
