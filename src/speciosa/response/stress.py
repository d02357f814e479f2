"""The stress axis: hormones that settle within the hour, glands that take weeks to shrink.

The gland-mass model of Karin 2020 in normalised form, u the stress input:

    x1' = g1 (u/x3 GR(x3) - x1),   x2' = g2 (x1 P GR(x3) - x2),   x3' = g3 (x2 A - x3)
    P' = gP P (x1 - 1),   A' = gA A (x2 - 1),   GR(x) = 1/(1 + (x/K)^n)

CRH (x1, half-life 4 min) and ACTH (x2, 20 min) follow cortisol (x3, 80 min) within a quarter of an
hour, so both are put at their quasi-steady values and cortisol and the two gland masses are
integrated. Against the full form the course of weeks differs by less than 0.001 of baseline; the
first hour after a sudden change of u, which no scale here reads, is not kept.

    u       = 1 + gain min(1, withdrawal/reference)(1 - claimed relief)      opioids
    u       = 1 + gain CIWA/reference (1 - claimed relief)                   alcohol
    cortisol = mean x3 (1 + amplitude cos(2 pi (clock - acrophase)/24))
    PSS-10   = base + rise ln(u)/ln(reference input)

The daily rhythm is imposed from outside; pulses are left out. People come with the gland masses of
years under the input of active use (``history``); people without a habit with those of rest. The
relief by melatonin is a claimed edge, 0 until an evidence set says otherwise.

Covariates: ``habit_start`` (0 for people who used nothing).

Sources: Karin 2020; the links to withdrawal and to PSS-10 are assumptions. Records ``stress.*``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from speciosa.core.power import raised
from speciosa.core.stage import Equations, Parameter, Row, Rows, Stage, State

HALVINGS = 60  # bisections of the steady state
PARAMETERS = {
    "reference": Parameter("withdrawal.half", "1"),
    "gain": Parameter("stress.gain_withdrawal", "1"),
    "cortisol_half_life": Parameter("stress.cortisol_half_life", "h"),
    "pituitary_half_life": Parameter("stress.pituitary_half_life", "h"),
    "adrenal_half_life": Parameter("stress.adrenal_half_life", "h"),
    "receptor_half": Parameter("stress.receptor_half", "1"),
    "receptor_slope": Parameter("stress.receptor_slope", "1"),
    "history": Parameter("stress.history_input", "1"),
    "cortisol_mean": Parameter("stress.cortisol_mean", "nM"),
    "amplitude": Parameter("stress.cortisol_amplitude", "1"),
    "acrophase": Parameter("stress.cortisol_acrophase", "h"),
    "day": Parameter("stress.cortisol_cycle", "h"),
    "pss10_base": Parameter("stress.pss10_base", "1"),
    "pss10_rise": Parameter("stress.pss10_rise", "1"),
    "pss10_input": Parameter("stress.pss10_reference_input", "1"),
    "pss10_top": Parameter("stress.pss10_top", "1"),
    "melatonin_stress": Parameter("claimed.melatonin_stress", "1"),
}
ALCOHOL = {
    "reference": Parameter("stress.reference_ciwa", "1"),
    "gain": Parameter("stress.gain_ciwa", "1"),
}


def feedback(xp: Any, cortisol: Row, half: Row, slope: Row) -> Row:
    """Return the glucocorticoid receptor's brake, 1 without cortisol.

    Args:
        xp: array module.
        cortisol: relative to its set point.
        half: level that halves the signal; ``slope`` its Hill coefficient.

    Example:
        >>> import numpy as np
        >>> float(feedback(np, 4.0, 4.0, 3.0))
        0.5
    """
    return 1 / (1 + raised(xp, cortisol / half, slope))


def steady(p: Rows, stress_input: Row) -> tuple[Any, Any, Any]:
    """Return cortisol and the masses of pituitary and adrenal after years of one stress input.

    Args:
        p: ``receptor_half`` and ``receptor_slope``.
        stress_input: u, 1 at rest.

    Example:
        >>> x3, pituitary, adrenal = steady({"receptor_half": 4.0, "receptor_slope": 3.0}, 1.0)
        >>> round(float(x3), 3), round(float(pituitary), 3), round(float(adrenal), 3)
        (0.985, 1.015, 0.985)
    """
    u = np.asarray(stress_input, dtype=float)
    low, high = np.zeros_like(u + p["receptor_half"]), u + 0.0 * p["receptor_half"]
    for _ in range(HALVINGS):  # the root of x3 = u GR(x3) lies between 0 and u
        middle = (low + high) / 2
        brake = feedback(np, middle, p["receptor_half"], p["receptor_slope"])
        below = middle < u * brake
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return high, 1 / feedback(np, high, p["receptor_half"], p["receptor_slope"]), high


def _derive(p: Rows) -> dict[str, Row]:
    used = np.where(np.asarray(p["habit_start"]) > 0, 1.0, 0.0)
    cortisol, pituitary, adrenal = steady(p, 1 + used * (p["history"] - 1))
    return {
        "cortisol_start": cortisol,
        "pituitary_start": pituitary,
        "adrenal_start": adrenal,
    }


def _hormones(xp: Any, x: Rows, u: Row, p: Rows) -> tuple[Row, Row]:
    """CRH and ACTH, relative to their set points, at the cortisol of the moment."""
    brake = feedback(xp, x["cortisol_level"], p["receptor_half"], p["receptor_slope"])
    crh = u / x["cortisol_level"] * brake
    return crh, crh * x["pituitary_mass"] * brake


def _outputs(symptom: str, capped: bool) -> Equations:
    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        share = xp.maximum(s[symptom], 0.0) / p["reference"]
        if capped:
            share = xp.minimum(share, 1.0)
        relief = xp.minimum(p["melatonin_stress"] * s["melatonin_present"], 1.0)
        u = 1 + p["gain"] * share * (1 - relief)
        rhythm = xp.cos(2 * math.pi * (s["clock_hour"] - p["acrophase"]) / p["day"])
        felt = p["pss10_base"] + p["pss10_rise"] * xp.log(u) / xp.log(p["pss10_input"])
        return {
            "stress_input": u,
            "cortisol": p["cortisol_mean"] * x["cortisol_level"] * (1 + p["amplitude"] * rhythm),
            "cortisol_relative": x["cortisol_level"],
            "acth_relative": _hormones(xp, x, u, p)[1],
            "pss10": xp.minimum(xp.maximum(felt, 0.0), p["pss10_top"]),
        }

    return outputs


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    crh, acth = _hormones(xp, x, s["stress_input"], p)
    half = math.log(2)
    return {
        "cortisol_level": half
        / p["cortisol_half_life"]
        * (acth * x["adrenal_mass"] - x["cortisol_level"]),
        "pituitary_mass": half / p["pituitary_half_life"] * x["pituitary_mass"] * (crh - 1),
        "adrenal_mass": half / p["adrenal_half_life"] * x["adrenal_mass"] * (acth - 1),
    }


def stress(symptom: str = "withdrawal") -> Stage:
    """Return the stress stage of a disorder.

    Args:
        symptom: ``withdrawal`` (opioid) or ``ciwa`` (alcohol): what drives the axis.

    Example:
        >>> sorted(stress("ciwa").gives)
        ['acth_relative', 'cortisol', 'cortisol_relative', 'pss10', 'stress_input']
    """
    alcohol = symptom == "ciwa"
    return Stage(
        name="stress",
        needs={symptom: "1", "melatonin_present": "1"},
        gives={
            "stress_input": "1",
            "cortisol": "nM",
            "cortisol_relative": "1",
            "acth_relative": "1",
            "pss10": "1",
        },
        outputs=_outputs(symptom, capped=not alcohol),
        direct=(symptom, "melatonin_present"),
        rates=_rates,
        states={
            "cortisol_level": State("1", 2.0, "cortisol_start"),
            "pituitary_mass": State("1", 1.0, "pituitary_start"),
            "adrenal_mass": State("1", 2.0, "adrenal_start"),
        },
        parameters=PARAMETERS | (ALCOHOL if alcohol else {}),
        covariates={"habit_start": "1"},
        derive=_derive,
        derived={"cortisol_start": "1", "pituitary_start": "1", "adrenal_start": "1"},
    )


STRESS = stress()
