"""What people decide from day to day: meeting a cue, using, taking the drug, leaving treatment.

Four decisions, asked once a day (``cue``, ``use``, ``dropout``) or at four slots (``take``). Each
is a pure function of rows: what it watches, its memory, uniforms in; new memory and doses out.
Its uniforms are a tuple of rows, one row per uniform.

    cue      with the setting's daily chance the cue is 1, else it fades by exp(-1 d/fade)
    use      logit p = b + 0.157 Q + 0.12 score + 3.5 L + 0.05 (PSQI - 5)+, then
             p (1 - 0.92 B^1.5); habit L: a day of use adds 0.25 (1 - L)(1 - B), and L fades
             with 10 d; 1, 2 or 4 doses as L rises
    take     gives the doses of a day of use: one at 18:15; two at 14:15 and 22:15; four at all
             slots. The size of a street dose varies log-normally around the person's dose.
    dropout  in the evening: outpatients h0 z exp(1.83 (any use in 7 d)(1 - 0.72 B) + 0.06 score),
             on residential days h_r z exp(0.2 (SOWS-G - 8.8)) (1 - 0.72 B)

A person is residential on the first ``residential_days`` days while in treatment; leaving ends
it. ``use_days_7`` is exact over the last seven days (today and six before), counted from the
study's start: use before it is not in it. ``relapsed_day`` follows the definition of the X:BOT
trial: four consecutive weeks (of the study) each with any use, or seven consecutive days of use,
where only use from day 21 on counts. Days are counted from 0; -1 means not yet.

Covariates (name, unit):

==========================  =====  ==================================================
``residential_days``        d      length of the residential stay, 0 for outpatients
``use_propensity``          1      b: level of the setting plus the person's deviation
                                   (``behaviour.use_level_*``)
``habit_start``             1      habit at the start: it fades from the last use on
``use_dose_fentanyl``       nmol   dose per use of the person's drug; 0 for the others
``use_dose_heroin``         nmol   the same
``use_dose_oxycodone``      nmol   the same
``dropout_rate``            1/d    h0 of the setting and arm (``behaviour.dropout_rate_*``)
``dropout_rate_residential``  1/d  h_r (``behaviour.dropout_rate_residential``)
``frailty``                 1      z, log-normal around 1 (``behaviour.frailty``)
==========================  =====  ==================================================

Sources: McHugh 2014 (craving and use), the X:BOT and START individual data (levels, relapse),
the pivotal lofexidine trials (residential dropout); records under ``behaviour.*``.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from speciosa.core.stage import Decision, Moment, Parameter, Row, Rows

Uniforms = tuple[Row, ...]
Answer = tuple[dict[str, Row], dict[str, Row]]

MORNING = 10.0
SLOTS = (10.25, 14.25, 18.25, 22.25)
LEAVING = 20.0  # in the evening, after the day's doses, use and visit
_RECENT = tuple(f"used_{days}_ago" for days in range(7))


def _residential(xp: Any, moment: Moment, in_treatment: Row, days: Row) -> Row:
    """1 while the residential stay lasts and the person has not left, else 0."""
    return xp.where(moment.day < days, in_treatment, 0.0)


def _decide_cue(xp: Any, moment: Moment, s: Rows, memory: Rows, u: Uniforms, p: Rows) -> Answer:
    """Meet a cue with the chance of the setting; what is left of the last one fades."""
    residential = _residential(xp, moment, s["in_treatment"], p["residential_days"])
    chance = xp.where(residential > 0, p["chance_residential"], p["chance_outpatient"])
    faded = memory["cue"] * xp.exp(-1.0 / p["fade"])
    return {"cue": xp.where(u[0] < chance, 1.0, faded)}, {}


CUE = Decision(
    name="cue",
    watches={"in_treatment": "1"},
    memory={"cue": 0.0},
    gives={"cue": "1"},
    hours=(MORNING,),
    uniforms=1,
    decide=_decide_cue,
    parameters={
        "chance_outpatient": Parameter("behaviour.cue_chance_outpatient", "1"),
        "chance_residential": Parameter("behaviour.cue_chance_residential", "1"),
        "fade": Parameter("behaviour.cue_fade", "d"),
    },
    covariates={"residential_days": "d"},
)


def chance_of_use(xp: Any, s: Rows, habit: Row, p: Rows) -> Row:
    """Return the chance that an outpatient uses today.

    Args:
        xp: array module.
        s: ``craving`` (0-10), ``withdrawal_score`` (COWS points), ``psqi``, ``mu_blockade`` (0-1)
            and, where an arm has psychosocial treatment, ``care_log_odds``.
        habit: strength of the habit, 0-1.
        p: the parameters and covariates of the use decision.
    """
    logit = (
        p["use_propensity"]
        + s.get("care_log_odds", 0.0)
        + p["per_craving"] * s["craving"]
        + p["per_score"] * s["withdrawal_score"]
        + p["per_habit"] * habit
        + p["per_psqi"] * xp.maximum(s["psqi"] - p["psqi_good"], 0.0)
    )
    blocked = p["block_maximum"] * xp.maximum(s["mu_blockade"], 0.0) ** p["block_shape"]
    return (1 - blocked) / (1 + xp.exp(-logit))


def _decide_use(xp: Any, moment: Moment, s: Rows, memory: Rows, u: Uniforms, p: Rows) -> Answer:
    """Use today or not, and how many times; keep the habit and the counts."""
    residential = _residential(xp, moment, s["in_treatment"], p["residential_days"])
    setting = xp.where(residential > 0, p["residential_use_factor"], 1.0)
    habit = memory["habit"]
    used = xp.where(u[0] < chance_of_use(xp, s, habit, p) * setting, 1.0, 0.0)
    several = xp.where(habit >= p["habit_two"], 2.0, 1.0)
    times = xp.where(habit >= p["habit_four"], 4.0, several)
    gain = used * p["habit_gain"] * (1 - habit) * (1 - s["mu_blockade"])
    new = {
        "habit": (habit + gain) * xp.exp(-1.0 / p["habit_fade"]),
        "using_today": used * times,
    }
    return new | _counts(xp, moment, used, memory) | _relapse(xp, moment, used, memory, p), {}


def _counts(xp: Any, moment: Moment, used: Row, memory: Rows) -> dict[str, Row]:
    """Days of use in the last seven, days since the last use, all days of use, the first."""
    recent = (used, *(memory[name] for name in _RECENT[:-1]))
    new = dict(zip(_RECENT, recent, strict=True))
    new["use_days_7"] = sum(recent[1:], recent[0])
    new["days_abstinent"] = xp.where(used > 0, 0.0, memory["days_abstinent"] + 1)
    new["days_used_total"] = memory["days_used_total"] + used
    first = xp.where(memory["first_use_day"] < 0, moment.day, memory["first_use_day"])
    new["first_use_day"] = xp.where(used > 0, first, memory["first_use_day"])
    return new


def _relapse(xp: Any, moment: Moment, used: Row, memory: Rows, p: Rows) -> dict[str, Row]:
    """Consecutive days and weeks of use, and the day on which they first count as relapse."""
    counts = xp.where(moment.day >= p["relapse_from"], used, 0.0)
    days = xp.where(counts > 0, memory["consecutive_days"] + 1, 0.0)
    day_of_week = memory["day_of_week"] + 1
    week_used = xp.maximum(memory["week_used"], counts)
    streak = xp.where(week_used > 0, memory["weeks_with_use_streak"] + 1, 0.0)
    weeks = xp.where(day_of_week >= 7, streak, memory["weeks_with_use_streak"])
    met = xp.where(days >= p["relapse_days"], 1.0, xp.where(weeks >= p["relapse_weeks"], 1.0, 0.0))
    fresh = xp.where(memory["relapsed_day"] < 0, met, 0.0)
    return {
        "consecutive_days": days,
        "day_of_week": xp.where(day_of_week >= 7, 0.0, day_of_week),
        "week_used": xp.where(day_of_week >= 7, 0.0, week_used),
        "weeks_with_use_streak": weeks,
        "relapsed_day": xp.where(fresh > 0, moment.day, memory["relapsed_day"]),
    }


USE = Decision(
    name="use",
    watches={
        "craving": "1",
        "withdrawal_score": "1",
        "mu_blockade": "1",
        "psqi": "1",
        "in_treatment": "1",
    },
    memory={
        "habit": "habit_start",
        "using_today": 0.0,
        **dict.fromkeys(_RECENT, 0.0),
        "use_days_7": 0.0,
        "days_abstinent": 0.0,
        "days_used_total": 0.0,
        "first_use_day": -1.0,
        "consecutive_days": 0.0,
        "day_of_week": 0.0,
        "week_used": 0.0,
        "weeks_with_use_streak": 0.0,
        "relapsed_day": -1.0,
    },
    gives={
        "habit": "1",
        "using_today": "1",
        "use_days_7": "d",
        "days_abstinent": "d",
        "days_used_total": "d",
        "first_use_day": "d",
        "relapsed_day": "d",
    },
    hours=(MORNING,),
    uniforms=1,
    decide=_decide_use,
    parameters={
        "per_craving": Parameter("behaviour.use_per_craving", "1"),
        "per_score": Parameter("behaviour.use_per_score", "1"),
        "per_habit": Parameter("behaviour.use_per_habit", "1"),
        "per_psqi": Parameter("behaviour.use_per_psqi", "1"),
        "psqi_good": Parameter("behaviour.psqi_good", "1"),
        "block_maximum": Parameter("behaviour.block_maximum", "1"),
        "block_shape": Parameter("behaviour.block_shape", "1"),
        "residential_use_factor": Parameter("behaviour.residential_use_factor", "1"),
        "habit_gain": Parameter("behaviour.habit_gain", "1"),
        "habit_fade": Parameter("behaviour.habit_fade", "d"),
        "habit_two": Parameter("behaviour.habit_two", "1"),
        "habit_four": Parameter("behaviour.habit_four", "1"),
        "relapse_days": Parameter("behaviour.relapse_days", "d"),
        "relapse_weeks": Parameter("behaviour.relapse_weeks", "1"),
        "relapse_from": Parameter("behaviour.relapse_from", "d"),
    },
    covariates={"use_propensity": "1", "habit_start": "1", "residential_days": "d"},
)


def _decide_take(xp: Any, moment: Moment, s: Rows, memory: Rows, u: Uniforms, p: Rows) -> Answer:
    """Give the doses of a day of use at their slots; street doses vary, tablets do not."""
    hour, times = moment.clock_hour, s["using_today"]
    morning, afternoon, evening, night = SLOTS
    before_night = xp.where(hour < (evening + night) / 2, 1.0, 0.0)
    single = xp.where(hour > (afternoon + evening) / 2, before_night, 0.0)
    pair = xp.where(hour < (morning + afternoon) / 2, 0.0, 1 - single)
    once_or_none = xp.where(times >= 1, single, 0.0)
    uses = xp.where(times >= 4, 1.0, xp.where(times >= 2, pair, once_or_none))
    normal = xp.sqrt(-2 * xp.log(u[0])) * xp.cos(2 * math.pi * u[1])
    taken = uses * (p["lapse_dose_share"] + (1 - p["lapse_dose_share"]) * s["habit"])
    street = taken * xp.exp(p["street_dose_spread"] * normal)
    doses = {
        "fentanyl_intravenous": street * p["use_dose_fentanyl"],
        "heroin_intravenous": street * p["use_dose_heroin"],
        "oxycodone_oral": taken * p["use_dose_oxycodone"],
    }
    return {"uses_total": memory["uses_total"] + uses}, doses


TAKE = Decision(
    name="take",
    watches={"using_today": "1", "habit": "1"},
    memory={"uses_total": 0.0},
    gives={"uses_total": "1"},
    hours=SLOTS,
    uniforms=2,
    doses=("fentanyl_intravenous", "heroin_intravenous", "oxycodone_oral"),
    decide=_decide_take,
    parameters={
        "street_dose_spread": Parameter("behaviour.street_dose_spread", "1"),
        "lapse_dose_share": Parameter("behaviour.lapse_dose_share", "1"),
    },
    covariates={
        "use_dose_fentanyl": "nmol",
        "use_dose_heroin": "nmol",
        "use_dose_oxycodone": "nmol",
    },
)


def dropout_hazard(xp: Any, s: Rows, residential: Row, p: Rows) -> Row:
    """Return the hazard of leaving treatment today, 1/d.

    Args:
        xp: array module.
        s: ``withdrawal_score``, ``sows_gossop``, ``mu_blockade`` and ``use_days_7``.
        residential: 1 during the residential stay, else 0.
        p: the parameters and covariates of the dropout decision.
    """
    any_use = xp.where(s["use_days_7"] > 0, 1.0, 0.0)
    use = p["per_use"] * any_use * (1 - p["blockade_protects"] * s["mu_blockade"])
    outpatient = p["dropout_rate"] * xp.exp(use + p["per_score"] * s["withdrawal_score"])
    distance = s["sows_gossop"] - p["reference_gossop"]
    inside = p["dropout_rate_residential"] * xp.exp(p["per_gossop"] * distance)
    inside = inside * (1 - p["blockade_protects"] * s["mu_blockade"])
    return p["frailty"] * xp.where(residential > 0, inside, outpatient)


def _decide_dropout(xp: Any, moment: Moment, s: Rows, memory: Rows, u: Uniforms, p: Rows) -> Answer:
    """Leave treatment, for good, with the day's hazard."""
    residential = _residential(xp, moment, memory["in_treatment"], p["residential_days"])
    chance = 1 - xp.exp(-dropout_hazard(xp, s, residential, p))
    leaves = memory["in_treatment"] * xp.where(u[0] < chance, 1.0, 0.0)
    return {
        "in_treatment": memory["in_treatment"] - leaves,
        "dropout_day": xp.where(leaves > 0, moment.day, memory["dropout_day"]),
    }, {}


DROPOUT = Decision(
    name="dropout",
    watches={
        "withdrawal_score": "1",
        "sows_gossop": "1",
        "mu_blockade": "1",
        "use_days_7": "d",
    },
    memory={"in_treatment": 1.0, "dropout_day": -1.0},
    gives={"in_treatment": "1", "dropout_day": "d"},
    hours=(LEAVING,),
    uniforms=1,
    decide=_decide_dropout,
    parameters={
        "per_use": Parameter("behaviour.dropout_per_use", "1"),
        "blockade_protects": Parameter("behaviour.dropout_blockade_protects", "1"),
        "per_score": Parameter("behaviour.dropout_per_score", "1"),
        "per_gossop": Parameter("behaviour.dropout_per_gossop", "1"),
        "reference_gossop": Parameter("behaviour.dropout_reference_gossop", "1"),
    },
    covariates={
        "residential_days": "d",
        "dropout_rate": "1/d",
        "dropout_rate_residential": "1/d",
        "frailty": "1",
    },
)

BEHAVIOUR = (CUE, USE, TAKE, DROPOUT)
# As above where an arm has psychosocial treatment (:mod:`speciosa.response.therapy`).
USE_WITH_CARE = replace(USE, watches={**USE.watches, "care_log_odds": "1"})
BEHAVIOUR_WITH_CARE = (CUE, USE_WITH_CARE, TAKE, DROPOUT)
