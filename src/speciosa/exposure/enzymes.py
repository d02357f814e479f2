"""Drug-metabolising enzymes under kratom: how much CYP3A is left, and how active each enzyme is.

Two stages. ``TURNOVER`` holds the slow part: CYP3A is made and broken down at a constant rate
and is destroyed, while it works, by the alkaloids. ``ACTIVITY`` adds what is instantaneous:
reversible inhibition by what is at the enzyme now.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage, State


def turnover_outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Return the enzyme amounts, 1 without any inhibitor."""
    return {
        "cyp3a_gut_enzyme": x["cyp3a_gut_amount"],
        "cyp3a_liver_enzyme": x["cyp3a_liver_amount"],
    }


def turnover_rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Return the rates of synthesis, breakdown and mechanism-based inactivation, 1/h."""
    gut, liver = s["gut_inhibitor"], s["liver_inhibitor"]
    return {
        "cyp3a_gut_amount": p["kdeg_gut"] * (1 - x["cyp3a_gut_amount"])
        - p["kinact_gut"] * gut / (p["KI_gut"] + gut) * x["cyp3a_gut_amount"],
        "cyp3a_liver_amount": p["kdeg_liver"] * (1 - x["cyp3a_liver_amount"])
        - p["kinact_liver"] * liver / (p["KI_liver"] + liver) * x["cyp3a_liver_amount"],
    }


TURNOVER = Stage(
    name="enzyme_turnover",
    needs={"gut_inhibitor": "nM", "liver_inhibitor": "nM"},
    gives={"cyp3a_gut_enzyme": "1", "cyp3a_liver_enzyme": "1"},
    outputs=turnover_outputs,
    direct=(),
    rates=turnover_rates,
    states={
        "cyp3a_gut_amount": State("1", scale=1.0, start=1.0),
        "cyp3a_liver_amount": State("1", scale=1.0, start=1.0),
    },
    parameters={
        "kdeg_gut": Parameter("cyp3a.gut_degradation", "1/h"),
        "kdeg_liver": Parameter("cyp3a.liver_degradation", "1/h"),
        "kinact_gut": Parameter("mitragynine.cyp3a_gut_inactivation_rate", "1/h"),
        "KI_gut": Parameter("mitragynine.cyp3a_gut_inactivation_constant", "nM"),
        "kinact_liver": Parameter("mitragynine.cyp3a_liver_inactivation_rate", "1/h"),
        "KI_liver": Parameter("mitragynine.cyp3a_liver_inactivation_constant", "nM"),
    },
)


def activity_outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Return each enzyme's activity relative to a body without kratom."""
    gut, liver = s["gut_inhibitor"], s["liver_inhibitor"]
    return {
        "cyp3a_gut_activity": s["cyp3a_gut_enzyme"] / (1 + gut / p["Ki_3A"]),
        "cyp3a_liver_activity": s["cyp3a_liver_enzyme"] / (1 + liver / p["Ki_3A"]),
        "cyp2d6_activity": 1 / (1 + liver / p["Ki_2D6"]),
        "cyp1a2_activity": 1 / (1 + liver / p["Ki_1A2"]),
    }


ACTIVITY = Stage(
    name="enzyme_activity",
    needs={
        "gut_inhibitor": "nM",
        "liver_inhibitor": "nM",
        "cyp3a_gut_enzyme": "1",
        "cyp3a_liver_enzyme": "1",
    },
    gives={
        "cyp3a_gut_activity": "1",
        "cyp3a_liver_activity": "1",
        "cyp2d6_activity": "1",
        "cyp1a2_activity": "1",
    },
    outputs=activity_outputs,
    direct=("gut_inhibitor", "liver_inhibitor", "cyp3a_gut_enzyme", "cyp3a_liver_enzyme"),
    parameters={
        "Ki_3A": Parameter("mitragynine.cyp3a_inhibition_constant", "nM"),
        "Ki_2D6": Parameter("mitragynine.cyp2d6_inhibition_constant", "nM"),
        "Ki_1A2": Parameter("mitragynine.cyp1a2_inhibition_constant", "nM"),
    },
)
