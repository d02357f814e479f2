"""Function: how much of their usual life people manage, from symptoms, sleep, mood and use.

    function     = exp(-(a symptom/reference + b (PSQI - good)+ + c (HDRS - well)+ + d use))
    working days = full week x function
    judgement    = exp(-(e craving/10 + f (PSQI - good)+ + g use))

Everything here is an assumption (grade E): no study was found that ties these scores to days
worked or to decisions in people in withdrawal. It says which way an endpoint moves and no more,
and every report that shows it says so. A day of use and sleeplessness strain judgement; feeling
well does not raise function above usual.

Covariates: none. Records ``function.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Equations, Parameter, Row, Rows, Stage

SYMPTOM = {
    "withdrawal": "withdrawal.half",
    "ciwa": "function.reference_ciwa",
}
PARAMETERS = {
    "per_symptom": Parameter("function.per_symptom", "1"),
    "per_psqi": Parameter("function.per_psqi", "1"),
    "good_psqi": Parameter("behaviour.psqi_good", "1"),
    "per_hdrs": Parameter("function.per_hdrs", "1"),
    "well_hdrs": Parameter("function.well_hdrs", "1"),
    "per_use": Parameter("function.per_use", "1"),
    "week": Parameter("function.working_week", "d"),
    "judgement_per_craving": Parameter("function.judgement_per_craving", "1"),
    "full_craving": Parameter("craving.scale_maximum", "1"),
    "judgement_per_psqi": Parameter("function.judgement_per_psqi", "1"),
    "judgement_per_use": Parameter("function.judgement_per_use", "1"),
}


def _outputs(symptom: str, using: str, craving: str) -> Equations:
    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        sleepless = xp.maximum(s["psqi"] - p["good_psqi"], 0.0)
        use = xp.minimum(s[using], 1.0)
        lost = (
            p["per_symptom"] * xp.maximum(s[symptom], 0.0) / p["reference"]
            + p["per_psqi"] * sleepless
            + p["per_hdrs"] * xp.maximum(s["hdrs"] - p["well_hdrs"], 0.0)
            + p["per_use"] * use
        )
        strain = (
            p["judgement_per_craving"] * xp.maximum(s[craving], 0.0) / p["full_craving"]
            + p["judgement_per_psqi"] * sleepless
            + p["judgement_per_use"] * use
        )
        able = xp.exp(-lost)
        return {
            "function": able,
            "working_days": p["week"] * able,
            "judgement": xp.exp(-strain),
        }

    return outputs


def function(
    symptom: str = "withdrawal", using: str = "using_today", craving: str = "craving"
) -> Stage:
    """Return the function stage of a disorder.

    Args:
        symptom: ``withdrawal`` (opioid) or ``ciwa`` (alcohol).
        using: the quantity that is above 0 on a day of use.
        craving: the quantity that holds craving, 0 to 10.

    Example:
        >>> sorted(function("ciwa", "drinking_today").gives)
        ['function', 'judgement', 'working_days']
    """
    needs = {symptom: "1", "psqi": "1", "hdrs": "1", using: "1", craving: "1"}
    return Stage(
        name="function",
        needs=needs,
        gives={"function": "1", "working_days": "d", "judgement": "1"},
        outputs=_outputs(symptom, using, craving),
        direct=tuple(needs),
        parameters=PARAMETERS | {"reference": Parameter(SYMPTOM[symptom], "1")},
    )


FUNCTION = function()
