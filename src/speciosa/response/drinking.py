"""What people with alcohol dependence decide: to drink again, how much, to leave treatment.

Three decisions. ``drinking`` is asked each morning, ``drink`` at the slots of the day and
``alcohol_dropout`` in the evening. Uniforms and memory are those of any decision.

    drinking  abstinent: chance 1 - exp(-(H(t + 1) - H(t)) HR), H(t) = (t/lam)^k,
              t days at liberty since the last drink;
              ln HR = b + ln 0.77 R_naltrexone + ln 0.73 cover + ln 1.31 (Q - Q expected)
                      + ln 1.5 (PSQI - usual)/5
              drinking: an episode ends with a chance a day; on its days people drink with another
    drink     gives the day's alcohol in equal parts at its slots; a first day is a smaller one
    alcohol_dropout   h0 z exp(per_use (any drinking in 7 d)), in hospital h_r z exp(per_ciwa
              (CIWA-Ar - usual)); for good

The Weibull clock starts at discharge: people living in have no drink within reach. Days are
counted from 0; -1 means not yet. ``relapsed_day`` is the first day of drinking.

Covariates (name, unit):

============================  ====  ===================================================
``residential_days``          d     length of the residential stay, 0 for outpatients
``use_propensity``            1     b: deviation of the person's log hazard, level included
``use_dose_alcohol``          nmol  alcohol of one slot on a usual day of drinking
``dropout_rate``              1/d   h0 of the setting
``frailty``                   1     z, log-normal around 1
============================  ====  ===================================================

Sources: Rosner 2010 (levels; acamprosate, naltrexone), McHugh 2016 (craving), Brower 2001 and
Kolla 2015 (sleep); records under ``drinking.*``.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from speciosa.core.stage import Decision, Moment, Parameter, Row, Rows, Stage

Uniforms = tuple[Row, ...]
Answer = tuple[dict[str, Row], dict[str, Row]]

MORNING = 10.0
SLOTS = (10.25, 12.25, 14.25, 16.25, 18.25, 20.25, 22.25)
LEAVING = 20.0
_RECENT = tuple(f"drank_{days}_ago" for days in range(7))


def hazard_ratio(xp: Any, s: Rows, p: Rows) -> Row:
    """Return the hazard of relapse over that of the typical untreated person.

    Args:
        xp: array module.
        s: ``craving``, ``craving_expected``, ``psqi``, ``naltrexone_cover`` and
            ``acamprosate_cover`` (0-1) and, where an arm has psychosocial treatment,
            ``care_log_odds``.
        p: the parameters and covariates of the drinking decision.
    """
    log = (
        p["use_propensity"]
        + s.get("care_log_odds", 0.0)
        + xp.log(p["naltrexone_ratio"]) * s["naltrexone_cover"]
        + xp.log(p["acamprosate_ratio"]) * s["acamprosate_cover"]
        + xp.log(p["craving_ratio"]) * (s["craving"] - s["craving_expected"])
        + xp.log(p["insomnia_ratio"]) * (s["psqi"] - p["psqi_usual"]) / p["psqi_apart"]
    )
    return xp.exp(log)


def chance_of_relapse(xp: Any, days: Row, ratio: Row, p: Rows) -> Row:
    """Return the chance of drinking within the next day.

    Args:
        xp: array module.
        days: days at liberty since the last drink.
        ratio: hazard ratio of the person today.
        p: ``shape`` and ``scale`` (d) of the Weibull hazard.

    Example:
        >>> import numpy as np
        >>> p = {"shape": 0.6, "scale": 87.5}
        >>> left = 1.0
        >>> for day in range(30):
        ...     left *= 1 - float(chance_of_relapse(np, day, 1.0, p))
        >>> round(left, 2)
        0.59
    """
    until, since = (days + 1) / p["scale"], days / p["scale"]
    gained = until ** p["shape"] - xp.maximum(since, 0.0) ** p["shape"]
    return 1 - xp.exp(-gained * ratio)


def _living_in(xp: Any, moment: Moment, in_treatment: Row, days: Row) -> Row:
    return xp.where(moment.day < days, in_treatment, 0.0)


def _decide(xp: Any, moment: Moment, s: Rows, memory: Rows, u: Uniforms, p: Rows) -> Answer:
    """Drink today or not; keep the episode, the counts and the day of relapse."""
    inside = _living_in(xp, moment, s["in_treatment"], p["residential_days"])
    free = 1 - inside
    relapse = chance_of_relapse(xp, memory["days_at_liberty"], hazard_ratio(xp, s, p), p)
    starts = (1 - memory["episode"]) * xp.where(u[0] < relapse, free, 0.0)
    goes_on = memory["episode"] * xp.where(u[0] < p["episode_end"], 0.0, free)
    usual = xp.where(u[1] < p["episode_days"], goes_on, 0.0)
    drinks = starts + usual
    share = starts * p["first_day_share"] + usual
    abstinent = xp.where(drinks > 0, 0.0, memory["days_abstinent"] + 1)
    waited = memory["days_at_liberty"] + free
    new = {
        "episode": starts + goes_on,
        "days_at_liberty": xp.where(starts + goes_on > 0, 0.0, waited),
        "using_today": drinks,
        "drinking_today": share,
        "days_abstinent": abstinent,
        "relapsed_day": xp.where(
            memory["relapsed_day"] < 0,
            xp.where(drinks > 0, moment.day, memory["relapsed_day"]),
            memory["relapsed_day"],
        ),
    }
    recent = (drinks, *(memory[name] for name in _RECENT[:-1]))
    new |= dict(zip(_RECENT, recent, strict=True))
    return new | {"use_days_7": sum(recent[1:], recent[0])}, {}


DRINKING = Decision(
    name="drinking",
    watches={
        "craving": "1",
        "craving_expected": "1",
        "psqi": "1",
        "naltrexone_cover": "1",
        "acamprosate_cover": "1",
        "in_treatment": "1",
    },
    memory={
        "episode": 0.0,
        "days_at_liberty": 0.0,
        "using_today": 0.0,
        "drinking_today": 0.0,
        "days_abstinent": 0.0,
        "relapsed_day": -1.0,
        **dict.fromkeys(_RECENT, 0.0),
        "use_days_7": 0.0,
    },
    gives={
        "using_today": "1",
        "drinking_today": "1",
        "days_abstinent": "d",
        "relapsed_day": "d",
        "use_days_7": "d",
    },
    hours=(MORNING,),
    uniforms=2,
    decide=_decide,
    parameters={
        "shape": Parameter("drinking.relapse_shape", "1"),
        "scale": Parameter("drinking.relapse_scale", "d"),
        "naltrexone_ratio": Parameter("drinking.naltrexone_hazard_ratio", "1"),
        "acamprosate_ratio": Parameter("drinking.acamprosate_hazard_ratio", "1"),
        "craving_ratio": Parameter("drinking.craving_hazard_ratio", "1"),
        "insomnia_ratio": Parameter("drinking.insomnia_hazard_ratio", "1"),
        "psqi_usual": Parameter("drinking.psqi_usual", "1"),
        "psqi_apart": Parameter("drinking.psqi_apart", "1"),
        "episode_end": Parameter("drinking.episode_end", "1"),
        "episode_days": Parameter("drinking.episode_days", "1"),
        "first_day_share": Parameter("drinking.first_day_share", "1"),
    },
    covariates={"use_propensity": "1", "residential_days": "d"},
)


def _drink(xp: Any, moment: Moment, s: Rows, memory: Rows, u: Uniforms, p: Rows) -> Answer:
    """Give a slot's alcohol on a day of drinking; amounts vary around the person's own."""
    normal = xp.sqrt(-2 * xp.log(u[0])) * xp.cos(2 * math.pi * u[1])
    amount = s["drinking_today"] * p["use_dose_alcohol"] * xp.exp(p["spread"] * normal)
    return {"slots_drunk": memory["slots_drunk"] + s["using_today"]}, {"alcohol_oral": amount}


DRINK = Decision(
    name="drink",
    watches={"drinking_today": "1", "using_today": "1"},
    memory={"slots_drunk": 0.0},
    gives={"slots_drunk": "1"},
    hours=SLOTS,
    uniforms=2,
    doses=("alcohol_oral",),
    decide=_drink,
    parameters={"spread": Parameter("drinking.amount_spread", "1")},
    covariates={"use_dose_alcohol": "nmol"},
)


def leaving_hazard(xp: Any, s: Rows, inside: Row, p: Rows) -> Row:
    """Return the hazard of leaving treatment today, 1/d.

    Args:
        xp: array module.
        s: ``ciwa`` and ``use_days_7``.
        inside: 1 during the residential stay, else 0.
        p: the parameters and covariates of the dropout decision.
    """
    any_use = xp.where(s["use_days_7"] > 0, 1.0, 0.0)
    outside = p["dropout_rate"] * xp.exp(p["per_use"] * any_use)
    badly = xp.exp(p["per_ciwa"] * (s["ciwa"] - p["reference_ciwa"]))
    return p["frailty"] * xp.where(inside > 0, p["dropout_rate_residential"] * badly, outside)


def _leave(xp: Any, moment: Moment, s: Rows, memory: Rows, u: Uniforms, p: Rows) -> Answer:
    inside = _living_in(xp, moment, memory["in_treatment"], p["residential_days"])
    chance = 1 - xp.exp(-leaving_hazard(xp, s, inside, p))
    leaves = memory["in_treatment"] * xp.where(u[0] < chance, 1.0, 0.0)
    return {
        "in_treatment": memory["in_treatment"] - leaves,
        "dropout_day": xp.where(leaves > 0, moment.day, memory["dropout_day"]),
    }, {}


ALCOHOL_DROPOUT = Decision(
    name="alcohol_dropout",
    watches={"ciwa": "1", "use_days_7": "d"},
    memory={"in_treatment": 1.0, "dropout_day": -1.0},
    gives={"in_treatment": "1", "dropout_day": "d"},
    hours=(LEAVING,),
    uniforms=1,
    decide=_leave,
    parameters={
        "dropout_rate_residential": Parameter("drinking.dropout_rate_residential", "1/d"),
        "per_use": Parameter("drinking.dropout_per_use", "1"),
        "per_ciwa": Parameter("drinking.dropout_per_ciwa", "1"),
        "reference_ciwa": Parameter("drinking.dropout_reference_ciwa", "1"),
    },
    covariates={
        "residential_days": "d",
        "dropout_rate": "1/d",
        "frailty": "1",
    },
)

DRINKING_BEHAVIOUR = (DRINKING, DRINK, ALCOHOL_DROPOUT)
# As above where an arm has psychosocial treatment (:mod:`speciosa.response.therapy`).
DRINKING_WITH_CARE = replace(DRINKING, watches={**DRINKING.watches, "care_log_odds": "1"})
DRINKING_BEHAVIOUR_WITH_CARE = (DRINKING_WITH_CARE, DRINK, ALCOHOL_DROPOUT)


def relapse_drugs(*, naltrexone: bool, acamprosate: bool) -> Stage:
    """Return the stage that says how far drugs against relapse are in force, 0 to 1 each.

    Args:
        naltrexone: whether the model has it; its cover is its occupancy of mu receptors.
        acamprosate: whether the model has it; its cover is its level.

    Example:
        >>> relapse_drugs(naltrexone=True, acamprosate=False).direct
        ('mu_occupancy_naltrexone',)
    """
    needs: tuple[str, ...] = ("mu_occupancy_naltrexone",) if naltrexone else ()
    needs += ("acamprosate_level",) if acamprosate else ()

    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        blocked = s["mu_occupancy_naltrexone"] if naltrexone else 0.0
        covered = s["acamprosate_level"] if acamprosate else 0.0
        return {
            "naltrexone_cover": blocked,
            "acamprosate_cover": covered,
            "relapse_drug_cover": xp.maximum(blocked, covered),
        }

    return Stage(
        name="relapse_drugs",
        needs=dict.fromkeys(needs, "1"),
        gives=dict.fromkeys(("naltrexone_cover", "acamprosate_cover", "relapse_drug_cover"), "1"),
        outputs=outputs,
        direct=needs,
    )
