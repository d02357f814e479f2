"""Opioid and alpha-2 stages at their central values, evaluated without the engine.

Between doses every mode only decays, so a concentration is a sum of exponentials and a regimen is
the sum over its doses.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from speciosa.core.linear_drug import mode_arrays
from speciosa.core.stage import Stage
from speciosa.core.units import conversion_factor
from speciosa.evidence.load import load_evidence
from speciosa.evidence.record import Number
from speciosa.exposure.buprenorphine import BUPRENORPHINE
from speciosa.exposure.clonidine import CLONIDINE
from speciosa.exposure.fentanyl import FENTANYL
from speciosa.exposure.heroin_morphine import HEROIN_MORPHINE
from speciosa.exposure.lofexidine import LOFEXIDINE
from speciosa.exposure.methadone import METHADONE
from speciosa.exposure.naloxone import NALOXONE
from speciosa.exposure.naltrexone import NALTREXONE
from speciosa.exposure.oxycodone import OXYCODONE

DRUGS = (
    BUPRENORPHINE,
    CLONIDINE,
    FENTANYL,
    HEROIN_MORPHINE,
    LOFEXIDINE,
    METHADONE,
    NALOXONE,
    NALTREXONE,
    OXYCODONE,
)
PERSON = {"age": 35.0, "weight": 72.4, "male": 1.0, "opioid_dependent": 1.0}


@lru_cache(maxsize=1)
def numbers() -> Mapping[str, Number]:
    return load_evidence().numbers


def central(stage: Stage, **covariates: float) -> dict[str, Any]:
    """Return the parameters, covariates and derived values of a stage at the central values."""
    p: dict[str, Any] = {}
    for symbol, parameter in stage.parameters.items():
        number = numbers()[parameter.record]
        p[symbol] = number.value * conversion_factor(number.unit, parameter.unit)
    p |= {name: {**PERSON, **covariates}[name] for name in stage.covariates}
    return p | (stage.derive(p) if stage.derive else {})


def nmol(milligrams: float, molecule: str) -> float:
    return 1e6 * milligrams / numbers()[f"molecule.{molecule}.molar_mass"].value


def nanograms(nanomolar: Any, molecule: str) -> Any:
    """Return ng/mL from nM."""
    return nanomolar * numbers()[f"molecule.{molecule}.molar_mass"].value / 1000.0


def course(
    stage: Stage,
    doses: list[tuple[float, str, float]],
    hours: Any,
    **covariates: float,
) -> dict[str, Any]:
    """Return every output of a drug at ``hours`` after doses given as (hour, entry, nmol)."""
    p = central(stage, **covariates)
    hours = np.asarray(hours, dtype=float)
    x = {name: np.zeros_like(hours) for name in stage.modes}
    for at, entry, amount in doses:
        names, rates, gains = mode_arrays(stage, p, entry)
        since = np.maximum(hours - at, 0.0)
        for name, rate, gain in zip(names, rates, gains, strict=True):
            x[name] = x[name] + np.where(hours >= at, gain * amount * np.exp(-rate * since), 0.0)
    return stage.outputs(np, x, {}, p)


def daily(
    entry: str, amount: float, days: int, every: float = 24.0
) -> list[tuple[float, str, float]]:
    return [(every * k, entry, amount) for k in range(days)]
