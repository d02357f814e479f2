"""The other alkaloids of leaf: swallowed with it, cleared slowly, in plasma beyond mitragynine's.

Five molecules of one declaration: release and absorption as for mitragynine, a central and a
peripheral space, constant clearance; all exact. Nothing is known of their brain concentrations.
They are simulated only where somebody asks for them: the default recipe counts them as a fixed
multiple of mitragynine.

Sources: Tanna 2022 (medians of five adults after one cup of tea).
"""

from __future__ import annotations

from speciosa.core.linear_drug import Link, exchange, linear_drug
from speciosa.core.stage import Parameter, Row, Rows, Stage

NAMES = (
    "speciociliatine",
    "speciogynine",
    "paynantheine",
    "mitraciliatine",
    "isopaynantheine",
)
LIGANDS = ("speciociliatine", "speciogynine", "paynantheine")  # those that mu binding is known of


def constants(p: Rows) -> dict[str, Row]:
    """Return rate constants (1/h) and the volume (L) that the unbound brain is read out with."""
    return {
        "k10": p["CL"] / p["V"],
        "k12": p["Q"] / p["V"],
        "k21": p["Q"] / p["V2"],
        "V_brain": p["V"] / (p["fu"] * p["Kpuu"]),
    }


def alkaloid(name: str) -> Stage:
    """Return the exposure stage of one of the other alkaloids.

    Args:
        name: one of ``NAMES``.

    >>> sorted(alkaloid("paynantheine").gives)
    ['paynantheine_brain', 'paynantheine_plasma']
    """
    return linear_drug(
        name,
        compartments=("stomach", "lumen", "central", "peripheral"),
        links=(
            Link("stomach", "kge", "lumen"),
            Link("lumen", "ka", "central"),
            Link("lumen", "kt"),
            Link("central", "k10"),
            *exchange("central", "peripheral", "k12", "k21"),
        ),
        entries={f"{name}_oral": {"stomach": "Fst"}},
        outputs={
            f"{name}_plasma": {"central": "V"},
            f"{name}_brain": {"central": "V_brain"},
        },
        parameters={
            "kge": Parameter("kratom.gastric_emptying", "1/h"),
            "kt": Parameter("kratom.lumen_loss", "1/h"),
            "Fst": Parameter("mitragynine.gastric_survival", "1"),
            "ka": Parameter(f"{name}.absorption_rate", "1/h"),
            "CL": Parameter(f"{name}.apparent_clearance", "L/h"),
            "V": Parameter(f"{name}.apparent_volume", "L"),
            "Q": Parameter(f"{name}.apparent_exchange", "L/h"),
            "V2": Parameter(f"{name}.apparent_peripheral_volume", "L"),
            "fu": Parameter("other_alkaloids.unbound_fraction", "1"),
            "Kpuu": Parameter("other_alkaloids.brain_unbound_ratio", "1"),
        },
        constants=constants,
        scale=3e4,
    )


OTHERS = {name: alkaloid(name) for name in NAMES}
