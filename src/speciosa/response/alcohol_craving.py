"""Craving for alcohol: a log-odds on the 0-10 scale, eased by abstinence and raised by withdrawal.

    logit(Q/10) = b - step min(1, d) - fade d/7 + rw g/g_ref + rc cue + ri (PSQI - usual)/5
    craving = Q (1 - claimed relief)

``d`` is days without drinking. ``craving_expected`` is what the abstinence of a typical person
alone leaves: the hazard of relapse already falls with abstinence, so only what differs from it is
counted there.

Covariates: none; ``b`` differs between people.

Sources: the step and the fade are measured as odds of an urge to drink; the rest is assumed.
Records ``care.urge_*`` and ``alcohol_craving.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    days = s["days_abstinent"]
    rested = p["step"] * xp.minimum(days / p["step_time"], 1.0) + days * p["fade"]
    felt = p["per_withdrawal"] * s["hyperexcitability"] * p["points"] / p["reference"]
    slept = p["per_insomnia"] * (s["psqi"] - p["psqi_usual"]) / p["psqi_apart"]
    odds = p["base"] - rested + felt + p["per_cue"] * s["cue"] + slept
    typical = p["base_usual"] - rested
    return {
        "craving": p["top"] / (1 + xp.exp(-odds)) * (1 - s["claimed_craving_relief"]),
        "craving_expected": p["top"] / (1 + xp.exp(-typical)),
    }


ALCOHOL_CRAVING = Stage(
    name="alcohol_craving",
    needs={
        "days_abstinent": "d",
        "hyperexcitability": "1",
        "cue": "1",
        "psqi": "1",
        "claimed_craving_relief": "1",
    },
    gives={"craving": "1", "craving_expected": "1"},
    outputs=_outputs,
    direct=(
        "days_abstinent",
        "hyperexcitability",
        "cue",
        "psqi",
        "claimed_craving_relief",
    ),
    parameters={
        "base": Parameter("alcohol_craving.base", "1"),
        "base_usual": Parameter("alcohol_craving.base_usual", "1"),
        "step": Parameter("care.urge_step", "1"),
        "step_time": Parameter("alcohol_craving.step_time", "d"),
        "fade": Parameter("care.urge_trend", "1/d"),
        "per_withdrawal": Parameter("alcohol_craving.per_withdrawal", "1"),
        "points": Parameter("ciwa.points", "1"),
        "reference": Parameter("ciwa.reference_peak", "1"),
        "per_cue": Parameter("alcohol_craving.per_cue", "1"),
        "per_insomnia": Parameter("alcohol_craving.per_insomnia", "1"),
        "psqi_usual": Parameter("drinking.psqi_usual", "1"),
        "psqi_apart": Parameter("drinking.psqi_apart", "1"),
        "top": Parameter("craving.scale_maximum", "1"),
    },
)
