"""Alcohol: two compartments, elimination that saturates, and drinks that pass through the gut.

    dG/dt = drinks - ka G
    dA/dt = ka G - Vmax C/(Km + C) - CLr C - CLd (C - Ct),   C = A/Vc
    dP/dt = CLd (C - Ct),                                     Ct = P/Vt

People who drink heavily for long eliminate faster: their Vmax follows from their own slope of
elimination and the volume, while Km stays. Volumes and flows grow with body weight and are smaller
in women. Km has no spread: it acts below 50 mg/L, where nothing else in the model answers, and its
published lower range would mean a clearance above the blood flow of the liver.

Covariates (name, unit): ``weight`` (kg), ``male`` (1), ``alcohol_dependent`` (1 for people with
years of heavy daily drinking, else 0).

Sources: Norberg 2000 (constants of light drinkers), Winek and Murphy 1984 (slope in dependence);
records under ``alcohol.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Mode, Parameter, Row, Rows, Stage, State


def elimination(xp: Any, concentration: Row, p: Rows) -> Row:
    """Return how much leaves the blood, mg/h: by metabolism, which saturates, and by the kidney.

    Args:
        xp: array module.
        concentration: in blood, mg/L.
        p: ``capacity`` (mg/h), ``half`` (mg/L) and ``renal`` (L/h).

    Example:
        >>> import numpy as np
        >>> p = {"capacity": 5700.0, "half": 27.0, "renal": 0.0}
        >>> float(elimination(np, 27.0, p))
        2850.0
    """
    level = xp.maximum(concentration, 0.0)
    return p["capacity"] * level / (p["half"] + level) + p["renal"] * concentration


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {"alcohol_plasma": x["blood"] / p["central"]}


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    blood = s["alcohol_plasma"]
    exchange = p["exchange"] * (blood - x["tissue"] / p["peripheral"])
    absorbed = p["absorption"] * x["gut"]
    return {"blood": absorbed - elimination(xp, blood, p) - exchange, "tissue": exchange}


def derive(p: Rows) -> dict[str, Row]:
    """Return the person's volumes (L), flows (L/h), capacity (mg/h) and gains of a dose (mg/nmol).

    Args:
        p: the parameters and covariates of the stage.
    """
    water = p["male"] + (1 - p["male"]) * p["women_volume_ratio"]
    size = water * p["weight"] / p["reference_weight"]
    central, peripheral = p["central_volume"] * size, p["peripheral_volume"] * size
    dependent = p["alcohol_dependent"]
    light = p["light_capacity"] * size
    heavy = p["dependent_slope"] * (central + peripheral)
    available = dependent + (1 - dependent) * p["availability"]
    return {
        "central": central,
        "peripheral": peripheral,
        "exchange": p["distribution_clearance"] * size,
        "renal": p["renal_clearance"] * size,
        "capacity": dependent * heavy + (1 - dependent) * light,
        "swallowed": p["molar_mass"] * available,
    }


ALCOHOL = Stage(
    name="alcohol",
    needs={},
    gives={"alcohol_plasma": "mg/L"},
    outputs=_outputs,
    rates=_rates,
    states={"blood": State("mg", 3e4), "tissue": State("mg", 4e4)},
    modes={"gut": Mode("mg", "absorption", 3e4)},
    parameters={
        "light_capacity": Parameter("alcohol.maximum_rate", "mg/h"),
        "half": Parameter("alcohol.half_concentration", "mg/L"),
        "dependent_slope": Parameter("alcohol.dependent_slope", "mg/L/h"),
        "distribution_clearance": Parameter("alcohol.distribution_clearance", "L/h"),
        "renal_clearance": Parameter("alcohol.renal_clearance", "L/h"),
        "central_volume": Parameter("alcohol.central_volume", "L"),
        "peripheral_volume": Parameter("alcohol.peripheral_volume", "L"),
        "reference_weight": Parameter("alcohol.reference_weight", "kg"),
        "women_volume_ratio": Parameter("alcohol.women_volume_ratio", "1"),
        "absorption": Parameter("alcohol.absorption_rate", "1/h"),
        "availability": Parameter("alcohol.bioavailability", "1"),
        "molar_mass": Parameter("molecule.ethanol.molar_mass", "mg/nmol"),
    },
    covariates={"weight": "kg", "male": "1", "alcohol_dependent": "1"},
    derive=derive,
    derived={
        "central": "L",
        "peripheral": "L",
        "exchange": "L/h",
        "renal": "L/h",
        "capacity": "mg/h",
        "swallowed": "mg/nmol",
    },
    entries={
        "alcohol_oral": {"gut": "swallowed"},
        "alcohol_intravenous": {"blood": "molar_mass"},
    },
)
