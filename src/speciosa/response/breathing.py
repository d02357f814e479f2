"""Breathing over days and weeks: the share of resting ventilation that opioids leave.

The long-run form of the receptor models of ventilation, without the minutes-scale carbon dioxide
loop: ``VE = V0 (1 - alpha R)``, with ``R`` the occupancy at the respiratory centre. The centre
has its own reserve and its own tolerance: with ``o = E/(1 - E)``, the summed agonist drive in
units of the half-saturating concentration,

    T = 1 + k A,   R = o/(o + o50 T) = E/(E + (1 - E) o50 T)

A shift of every agonist's EC50 by ``T`` under competition by an antagonist is exactly this
expression when all agonists are full ones; a partial agonist keeps its ceiling.
``low_ventilation`` is 1 while ventilation is under the stated threshold: the reports call such an
episode an overdose. An acute overdose in full (oxygen, arrest, rescue) is another recipe.

Alcohol and sedatives, where a recipe has them, multiply what is left.

Covariates: none.

Sources: Bouillon 2003, Olofsen 2010 and Yang 2024 (form), Algera 2021 (EC50 with and without
tolerance), van der Schrier 2017 (alcohol); records under ``breathing.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage

_PARAMETERS = {
    "depression_maximum": Parameter("breathing.depression_maximum", "1"),
    "half_odds": Parameter("breathing.half_odds", "1"),
    "tolerance_gain": Parameter("breathing.tolerance_gain", "1"),
    "low": Parameter("breathing.low_ventilation", "1"),
}
_ETHANOL = {
    "ethanol_factor": Parameter("breathing.ethanol_factor", "1"),
    "ethanol_reference": Parameter("breathing.ethanol_reference", "mg/L"),
}
_BENZODIAZEPINE = {"benzodiazepine_factor": Parameter("breathing.benzodiazepine_factor", "1")}


def breathing(
    *,
    ethanol: str | None = None,
    benzodiazepine: str | None = None,
    drive: str = "mu_agonist_drive",
) -> Stage:
    """Return the breathing stage, with or without alcohol and a benzodiazepine.

    Args:
        ethanol: name of the quantity that holds blood ethanol, in mg/L; None leaves it out.
        benzodiazepine: name of the quantity that holds the benzodiazepine effect as a share of a
            full usual dose (0 to 1); None leaves it out.
        drive: quantity that depresses it; ``mu_breathing_drive`` where kratom is there.

    Returns:
        A stage without states; gives ``ventilation`` (share of rest), ``respiratory_tolerance``
        (fold shift of EC50) and ``low_ventilation`` (1 or 0).

    Example:
        >>> import numpy as np
        >>> stage = breathing()
        >>> p = {"depression_maximum": 1.0, "half_odds": 0.368, "tolerance_gain": 3.3, "low": 0.13}
        >>> drive = 0.42 / (0.42 + 1.14)  # fentanyl 0.42 ng/mL, half-saturation 1.14 ng/mL
        >>> y = stage.outputs(np, {}, {"mu_agonist_drive": drive, "adaptation": 0.0}, p)
        >>> round(float(y["ventilation"]), 2)
        0.5
    """

    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        tolerance = 1 + p["tolerance_gain"] * s["adaptation"]
        driven = xp.minimum(xp.maximum(s[drive], 0.0), 1.0)
        occupied = driven / (driven + (1 - driven) * p["half_odds"] * tolerance)
        left = 1 - p["depression_maximum"] * occupied
        if ethanol is not None:
            doses = s[ethanol] / p["ethanol_reference"]
            left = left * xp.exp(xp.log(p["ethanol_factor"]) * doses)
        if benzodiazepine is not None:
            left = left * xp.exp(xp.log(p["benzodiazepine_factor"]) * s[benzodiazepine])
        return {
            "ventilation": left,
            "respiratory_tolerance": tolerance,
            "low_ventilation": xp.where(left < p["low"], 1.0, 0.0),
        }

    needs = {drive: "1", "adaptation": "1"}
    parameters = dict(_PARAMETERS)
    if ethanol is not None:
        needs[ethanol] = "mg/L"
        parameters |= _ETHANOL
    if benzodiazepine is not None:
        needs[benzodiazepine] = "1"
        parameters |= _BENZODIAZEPINE
    return Stage(
        name="breathing",
        needs=needs,
        gives={"ventilation": "1", "respiratory_tolerance": "1", "low_ventilation": "1"},
        outputs=outputs,
        direct=tuple(needs),
        parameters=parameters,
    )


BREATHING = breathing()
