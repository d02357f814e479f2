"""Ekman 1993 (10.1210/jcem.77.3.8370699): alcohol in the evening keeps the gland from melatonin.

Nine healthy people, 1 g/kg of ethanol; melatonin in blood was 41, 33 and 18 % lower at 24:00, 01:00
and 02:00. Begun at 19:00 here, which is assumed. The constant was set to these figures. Rupp 2007
(10.1080/07420520701420675): 15 and 19 % lower 140 and 190 min after 0.49 to 0.54 g/kg, in saliva.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from opioid_chain import numbers
from speciosa.exposure.alcohol import ALCOHOL
from speciosa.exposure.melatonin import MELATONIN, melatonin, under_alcohol
from speciosa.models.alcohol import alcohol
from withdrawal_chain import values

WEIGHT = 70.0
HALF = numbers()["melatonin.alcohol_half"].value


def lower(gram_per_kg: float, hours: list[float]) -> np.ndarray:
    """By how much synthesis is lower, %, so long after drinking."""
    bare = replace(ALCOHOL, derive=None, covariates={})
    p = values(bare) | {"weight": WEIGHT, "male": 1.0, "alcohol_dependent": 0.0}
    p |= ALCOHOL.derive(p)
    gut = 1e6 * gram_per_kg * WEIGHT / 1000 * p["swallowed"] / p["molar_mass"]

    def rates(t: float, y: np.ndarray) -> list[float]:
        x = {"blood": y[0], "tissue": y[1], "gut": gut * np.exp(-p["absorption"] * t)}
        change = ALCOHOL.rates(np, x, ALCOHOL.outputs(np, x, {}, p), p)
        return [change["blood"], change["tissue"]]

    found = solve_ivp(rates, (0, 12), [0.0, 0.0], t_eval=hours, rtol=1e-8, atol=1e-8)
    return 100 * (1 - under_alcohol(found.y[0] / p["central"], HALF))


def test_one_gram_per_kg() -> None:
    assert lower(1.0, [5.0, 6.0, 7.0]) == pytest.approx([41, 33, 18], abs=10)


def test_half_a_gram_does_less() -> None:
    found = lower(0.515, [140 / 60, 190 / 60])
    assert found == pytest.approx([15, 19], abs=10)
    assert np.all(found < lower(1.0, [140 / 60, 190 / 60]))


def test_it_is_wired_where_people_drink_and_nowhere_else() -> None:
    stage = next(one for one in alcohol(()).stages if one.name == "melatonin")
    assert "alcohol_plasma" in stage.needs and "alcohol_plasma" not in MELATONIN.needs
    p = {**dict.fromkeys(stage.parameters, 1.0), **dict.fromkeys(stage.derived, 1.0), "smoker": 0.0}
    x = dict.fromkeys((*stage.states, *stage.modes), 0.0)
    s = {**dict.fromkeys(stage.needs, 1.0), "light_drive": 0.0, "melatonin_window": 1.0}
    sober = stage.rates(np, x, {**s, "alcohol_plasma": 0.0}, p)
    drunk = stage.rates(np, x, {**s, "alcohol_plasma": 1.0}, p)
    assert drunk["made"] == pytest.approx(0.5 * sober["made"])
    assert drunk["swallowed"] == sober["swallowed"]
    assert melatonin().needs == MELATONIN.needs
