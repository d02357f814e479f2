"""Drug-metabolising enzymes under kratom: how much CYP3A is left, and how active each enzyme is.

Two stages. ``TURNOVER`` holds the slow part: CYP3A is made and broken down at a constant rate
and is destroyed, while it works, by the alkaloids. ``ACTIVITY`` adds what is instantaneous:
reversible inhibition by what is at the enzyme now. Where other drugs inhibit too
(:mod:`speciosa.exposure.perpetrators`), they compete for the same site: they add to reversible
inhibition and shield the enzyme from inactivation.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Equations, Parameter, Row, Rows, Stage, State

CYP3A_INHIBITION = {"cyp3a_gut_inhibition": "1", "cyp3a_liver_inhibition": "1"}
KRATOM_INHIBITORS = {"gut_inhibitor": "nM", "liver_inhibitor": "nM"}
ENZYMES = {"cyp3a_gut_enzyme": "1", "cyp3a_liver_enzyme": "1"}
ACTIVITIES = {
    "cyp3a_gut_activity": "1",
    "cyp3a_liver_activity": "1",
    "cyp2d6_activity": "1",
    "cyp1a2_activity": "1",
}


def turnover(*, inhibited: bool = False) -> Stage:
    """Return the turnover of CYP3A in gut wall and liver.

    Args:
        inhibited: whether other drugs compete at CYP3A.

    >>> sorted(set(turnover(inhibited=True).needs) - set(TURNOVER.needs))
    ['cyp3a_gut_inhibition', 'cyp3a_liver_inhibition']
    """
    return Stage(
        name="enzyme_turnover",
        needs=KRATOM_INHIBITORS | (CYP3A_INHIBITION if inhibited else {}),
        gives=ENZYMES,
        outputs=turnover_outputs,
        rates=_turnover_rates(inhibited),
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


def turnover_outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Return the enzyme amounts, 1 without any inhibitor."""
    return {
        "cyp3a_gut_enzyme": x["cyp3a_gut_amount"],
        "cyp3a_liver_enzyme": x["cyp3a_liver_amount"],
    }


def _turnover_rates(inhibited: bool) -> Equations:
    def rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        """Synthesis, breakdown and mechanism-based inactivation, 1/h."""
        gut, liver = s["gut_inhibitor"], s["liver_inhibitor"]
        half_gut, half_liver = p["KI_gut"], p["KI_liver"]
        if inhibited:
            half_gut = half_gut * (1 + s["cyp3a_gut_inhibition"])
            half_liver = half_liver * (1 + s["cyp3a_liver_inhibition"])
        return {
            "cyp3a_gut_amount": p["kdeg_gut"] * (1 - x["cyp3a_gut_amount"])
            - p["kinact_gut"] * gut / (half_gut + gut) * x["cyp3a_gut_amount"],
            "cyp3a_liver_amount": p["kdeg_liver"] * (1 - x["cyp3a_liver_amount"])
            - p["kinact_liver"] * liver / (half_liver + liver) * x["cyp3a_liver_amount"],
        }

    return rates


def activity(*, kratom: bool = True, inhibited: bool = False) -> Stage:
    """Return each enzyme's activity relative to a body that was given nothing.

    Args:
        kratom: whether the kratom alkaloids are there.
        inhibited: whether other drugs inhibit reversibly; each needs its ``..._inhibition``, the
            sum of concentrations over constants.

    >>> import numpy as np
    >>> given = {"cyp3a_gut_inhibition": 1.0, "cyp3a_liver_inhibition": 3.0, "cyp1a2_inhibition": 0}
    >>> found = activity(kratom=False, inhibited=True).outputs(np, {}, given, {})
    >>> found["cyp3a_gut_activity"], found["cyp3a_liver_activity"]
    (0.5, 0.25)
    """
    needs = {**KRATOM_INHIBITORS, **ENZYMES} if kratom else {}
    needs |= {**CYP3A_INHIBITION, "cyp1a2_inhibition": "1"} if inhibited else {}

    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        free = dict.fromkeys(("gut", "liver", "cyp1a2"), 1.0)
        if inhibited:
            free = {
                "gut": 1 + s["cyp3a_gut_inhibition"],
                "liver": 1 + s["cyp3a_liver_inhibition"],
                "cyp1a2": 1 + s["cyp1a2_inhibition"],
            }
        if not kratom:
            return {
                "cyp3a_gut_activity": 1 / free["gut"],
                "cyp3a_liver_activity": 1 / free["liver"],
                "cyp2d6_activity": 1.0,
                "cyp1a2_activity": 1 / free["cyp1a2"],
            }
        gut, liver = s["gut_inhibitor"], s["liver_inhibitor"]
        return {
            "cyp3a_gut_activity": s["cyp3a_gut_enzyme"] / (free["gut"] + gut / p["Ki_3A"]),
            "cyp3a_liver_activity": s["cyp3a_liver_enzyme"] / (free["liver"] + liver / p["Ki_3A"]),
            "cyp2d6_activity": 1 / (1 + liver / p["Ki_2D6"]),
            "cyp1a2_activity": 1 / (free["cyp1a2"] + liver / p["Ki_1A2"]),
        }

    constants = {
        "Ki_3A": Parameter("mitragynine.cyp3a_inhibition_constant", "nM"),
        "Ki_2D6": Parameter("mitragynine.cyp2d6_inhibition_constant", "nM"),
        "Ki_1A2": Parameter("mitragynine.cyp1a2_inhibition_constant", "nM"),
    }
    return Stage(
        name="enzyme_activity",
        needs=needs,
        gives=ACTIVITIES,
        outputs=outputs,
        direct=tuple(needs),
        parameters=constants if kratom else {},
    )


TURNOVER = turnover()
ACTIVITY = activity()
