"""Mood after use stops: a fast monoamine tone, a slow reward tone and the scales that read them.

    fast share m of the deficit:  m' = -m/tau_m without use,  (1 - m)/return with use
    anxious share a:              a' likewise with tau_a
    slow share r (reward tone):   r' likewise with tau_r and its own return
    HDRS   = plateau + span m + per_symptom symptom - claimed lift
    PHQ-9  = ratio HDRS,   GAD-7 = base + span a - claimed lift
    dopamine tone = 1 - depth r,   anhedonia = 1 - dopamine tone

Time since the last use is therefore no clock but a state: use pulls the tones back, and a single
lapse does so only in part. ``serotonin_tone`` follows ``m``; people have no measure of either
apart from mood, so its depth is an assumption that no score rests on. The slow tone is held to D2
receptor binding and carries the share of evoked dopamine release.

Kratom enters three ways, all of them 0 until an evidence set says otherwise: a claimed lift of mood
while it is in the body, with a rebound of the same size when it leaves (``claimed.kratom_mood``);
5-HT1A activation by a metabolite of speciogynine; and dopamine.

Covariates: ``hours_since_last_use`` and ``habit_start`` (0 for people who used nothing).

Sources: the course of 100 men in alcohol treatment (mood2015), Brown & Schuckit 1988, Martinez
2005, Volkow 2002 and Rominger 2012; opioid use disorder borrows the course. Records ``mood.*``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from speciosa.core.stage import Derivation, Equations, Parameter, Row, Rows, Stage, State

PARAMETERS = {
    "mood_time": Parameter("mood.recovery_time", "h"),
    "anxiety_time": Parameter("mood.anxiety_recovery_time", "h"),
    "reward_time": Parameter("mood.reward_recovery_time", "h"),
    "mood_return": Parameter("mood.return_time", "h"),
    "reward_return": Parameter("mood.reward_return_time", "h"),
    "serotonin_depth": Parameter("mood.serotonin_depth", "1"),
    "reward_depth": Parameter("mood.reward_depth", "1"),
    "evoked_release": Parameter("mood.evoked_release", "1"),
    "hdrs_plateau": Parameter("mood.hdrs_plateau", "1"),
    "hdrs_span": Parameter("mood.hdrs_span", "1"),
    "hdrs_top": Parameter("mood.hdrs_top", "1"),
    "phq9_ratio": Parameter("mood.phq9_per_hdrs", "1"),
    "phq9_top": Parameter("mood.phq9_top", "1"),
    "gad7_base": Parameter("mood.gad7_base", "1"),
    "gad7_span": Parameter("mood.gad7_span", "1"),
    "gad7_top": Parameter("mood.gad7_top", "1"),
    "hdrs_sd": Parameter("mood.hdrs_sd", "1"),
    "gad7_sd": Parameter("mood.gad7_sd", "1"),
    "kratom_mood": Parameter("claimed.kratom_mood", "1"),
    "kratom_dopamine": Parameter("mood.kratom_dopamine", "1"),
    "C50_kratom": Parameter("kratom.claimed_half_effect", "nM"),
    "rebound_time": Parameter("mood.rebound_time", "h"),
}
SYMPTOM = {"withdrawal": "mood.hdrs_per_withdrawal", "ciwa": "mood.hdrs_per_ciwa"}
STATES = {
    "mood_deficit": State("1", 1.0, "mood_start"),
    "anxious_deficit": State("1", 1.0, "anxiety_start"),
    "reward_deficit": State("1", 1.0, "reward_start"),
    "kratom_memory": State("1", 1.0, 0.0),
}
GIVES = ("monoamine_deficit", "serotonin_tone", "dopamine_tone", "dopamine_release",
         "hdrs", "phq9", "gad7", "anhedonia")  # fmt: skip


def deficit_left(p: Rows) -> dict[str, Row]:
    """Return the shares of each deficit that are left at time zero.

    Args:
        p: ``hours_since_last_use`` (h), ``habit_start`` (above 0 for people with a history) and the
            recovery times (h).

    Example:
        >>> times = {"mood_time": 700.0, "anxiety_time": 700.0, "reward_time": 7000.0}
        >>> p = {"hours_since_last_use": 700.0, "habit_start": 0.9, **times}
        >>> round(float(deficit_left(p)["mood_start"]), 3)
        0.368
    """
    used = np.where(np.asarray(p["habit_start"]) > 0, 1.0, 0.0)
    since = np.asarray(p["hours_since_last_use"], dtype=float)
    return {f"{name}_start": used * np.exp(-since / p[f"{name}_time"]) for name in TIMES}


TIMES = ("mood", "anxiety", "reward")


def claimed_lift(xp: Any, present: Row, memory: Row) -> Row:
    """Return the claimed lift, 1 while dosed and as far below 0 just after stopping.

    Args:
        xp: array module.
        present: saturation of the claimed effect by kratom now, 0 to 1.
        memory: what slowly follows it, 0 to 1.

    Example:
        >>> import numpy as np
        >>> claimed_lift(np, 1.0, 1.0), claimed_lift(np, 0.0, 1.0), claimed_lift(np, 0.0, 0.0)
        (1.0, -1.0, 0.0)
    """
    return present - (1 - present) * memory


def _present(s: Rows, p: Rows) -> Row:
    return s["mitragynine_plasma"] / (s["mitragynine_plasma"] + p["C50_kratom"])


def _within(xp: Any, score: Row, top: Row) -> Row:
    return xp.minimum(xp.maximum(score, 0.0), top)


def _outputs(symptom: str, serotonin: str | None) -> Equations:
    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        present = _present(s, p)
        lift = p["kratom_mood"] * claimed_lift(xp, present, x["kratom_memory"])
        deficit = x["mood_deficit"]
        if serotonin is not None:
            deficit = deficit - p["serotonin_edge"] * s[serotonin]
        felt = p["hdrs_plateau"] + p["hdrs_span"] * deficit + p["per_symptom"] * s[symptom]
        hdrs = _within(xp, felt - lift * p["hdrs_sd"], p["hdrs_top"])
        anxious = p["gad7_base"] + p["gad7_span"] * x["anxious_deficit"] - lift * p["gad7_sd"]
        reward = 1 - p["reward_depth"] * x["reward_deficit"] + p["kratom_dopamine"] * present
        return {
            "monoamine_deficit": deficit,
            "serotonin_tone": 1 - p["serotonin_depth"] * deficit,
            "dopamine_tone": reward,
            "dopamine_release": 1 - (1 - p["evoked_release"]) * x["reward_deficit"],
            "hdrs": hdrs,
            "phq9": xp.minimum(p["phq9_ratio"] * hdrs, p["phq9_top"]),
            "gad7": _within(xp, anxious, p["gad7_top"]),
            "anhedonia": xp.maximum(1 - reward, 0.0),
        }

    return outputs


def _rates(using: str) -> Equations:
    def rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        use = xp.minimum(s[using], 1.0)

        def follow(share: Row, recovery: Row, back: Row) -> Row:
            return use * (1 - share) / back - (1 - use) * share / recovery

        return {
            "mood_deficit": follow(x["mood_deficit"], p["mood_time"], p["mood_return"]),
            "anxious_deficit": follow(x["anxious_deficit"], p["anxiety_time"], p["mood_return"]),
            "reward_deficit": follow(x["reward_deficit"], p["reward_time"], p["reward_return"]),
            "kratom_memory": (_present(s, p) - x["kratom_memory"]) / p["rebound_time"],
        }

    return rates


def mood(
    symptom: str = "withdrawal", using: str = "using_today", serotonin: str | None = None
) -> Stage:
    """Return the mood stage of a disorder.

    Args:
        symptom: ``withdrawal`` (opioid) or ``ciwa`` (alcohol): what adds to the HDRS.
        using: the quantity that is above 0 on a day of use (``using_today``, ``drinking_today``).
        serotonin: name of the 5-HT1A activation; None where no such alkaloid is given.

    Example:
        >>> stage = mood("ciwa", "drinking_today")
        >>> "hdrs" in stage.gives, stage.parameters["per_symptom"].record
        (True, 'mood.hdrs_per_ciwa')
    """
    needs = {symptom: "1", "mitragynine_plasma": "nM", using: "1"}
    direct: tuple[str, ...] = (symptom, "mitragynine_plasma")
    parameters = PARAMETERS | {"per_symptom": Parameter(SYMPTOM[symptom], "1")}
    if serotonin is not None:
        needs[serotonin] = "1"
        direct = (*direct, serotonin)
        parameters["serotonin_edge"] = Parameter("mood.speciogynine_serotonin", "1")
    derive: Derivation = deficit_left
    return Stage(
        name="mood",
        needs=needs,
        gives=dict.fromkeys(GIVES, "1"),
        outputs=_outputs(symptom, serotonin),
        direct=direct,
        rates=_rates(using),
        states=STATES,
        parameters=parameters,
        covariates={"hours_since_last_use": "h", "habit_start": "1"},
        derive=derive,
        derived={f"{name}_start": "1" for name in TIMES},
    )


MOOD = mood()
