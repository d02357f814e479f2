"""ADPC and ADPP: concentrations of a run's people, and what non-compartmental analysis says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.core.errors import InputError
from speciosa.core.nca import ProfileReading, read_profile
from speciosa.view.export.profiles import DAY, EVERY, PLASMA, Profiles

Array = NDArray[np.float64]
FLOOR = 1e-6  # of a person's peak: below it the solver's own error would be read
SHORT = 8  # characters of a parameter code
HALF = 4  # of them for the analyte where the rest names what is read off
UNITS = {"CMAX": "{c}", "TMAX": "h", "AUCL": "{c}*h", "LAMZ": "1/h", "THLF": "h"}
TITLES = {
    "CMAX": "highest concentration",
    "TMAX": "hours to it",
    "AUCL": "area under the curve, first day",
    "LAMZ": "terminal rate",
    "THLF": "terminal half-life",
}


def codes(quantities: Mapping[str, str]) -> dict[str, str]:
    """Return quantity -> parameter code, up to eight capitals.

    Raises:
        InputError: two quantities would have one code.

    Example:
        >>> codes({"melatonin_plasma": "nM"})
        {'melatonin_plasma': 'MELATONI'}
    """
    found = {
        name: name.removesuffix(PLASMA).replace("_", "")[:SHORT].upper() for name in quantities
    }
    if len(set(found.values())) < len(found):
        raise InputError("two analytes have one code", "ADPC", f"Rename one of {sorted(found)}.")
    return found


def beginnings(quantities: Mapping[str, str]) -> dict[str, str]:
    """Return quantity -> four capitals that begin its parameters' codes, each once.

    Example:
        >>> beginnings({"speciogynine_plasma": "nM", "speciociliatine_plasma": "nM"})
        {'speciogynine_plasma': 'SPEC', 'speciociliatine_plasma': 'SPE2'}
    """
    found: dict[str, str] = {}
    for name, code in codes(quantities).items():
        wanted, number = code[:HALF], 1
        while wanted in found.values():
            number += 1
            wanted = f"{code[: HALF - 1]}{number}"
        found[name] = wanted
    return found


def concentrations(made: Profiles) -> pl.DataFrame:
    """Return one row per person, arm, analyte and sample of the first day."""
    named, parts = codes(made.units), []
    for arm, taken in made.arms.items():
        first = taken.hours < DAY - EVERY / 2
        hours = taken.hours[first]
        for name, values in taken.concentrations.items():
            people = values.shape[1]
            parts.append(
                pl.DataFrame(
                    {
                        "draw": np.repeat(made.draw, hours.size),
                        "person": np.repeat(made.person, hours.size),
                        "arm": [arm] * (people * hours.size),
                        "PARAMCD": [named[name]] * (people * hours.size),
                        "PARAM": [_title(name, made.units[name])] * (people * hours.size),
                        "AVAL": values[first].T.ravel(),
                        "AVALU": [made.units[name]] * (people * hours.size),
                        "ADY": np.ones(people * hours.size),
                        "ATPTN": np.tile(hours, people),
                        "ATPT": [f"{at:g} h" for at in hours] * people,
                    }
                )
            )
    return pl.concat(parts)


def readings(made: Profiles) -> pl.DataFrame:
    """Return one row per person, arm, analyte and parameter, from the first day's samples.

    Who has none of an analyte has no row; where no slope can be fitted its parameters are missing.
    """
    named, begins, rows = codes(made.units), beginnings(made.units), []
    for arm, taken in made.arms.items():
        first = taken.hours < DAY - EVERY / 2
        for name, values in taken.concentrations.items():
            analyte = name.removesuffix(PLASMA).replace("_", " ").capitalize()
            for place, column in enumerate(values[first].T):
                if not column.max() > 0 or not np.isfinite(column).all():
                    continue
                one = read_profile(
                    taken.hours[first], column, quantification_limit=FLOOR * column.max()
                )
                rows += [
                    (
                        int(made.draw[place]), int(made.person[place]), arm, named[name],
                        begins[name] + short,
                        f"{analyte}: {TITLES[short]}, {UNITS[short].format(c=made.units[name])}",
                        value, UNITS[short].format(c=made.units[name]), 1.0,
                    )
                    for short, value in _values(one).items()
                ]  # fmt: skip
    head = ("draw", "person", "arm", "PPCAT", "PARAMCD", "PARAM", "AVAL", "AVALU", "ADY")
    kinds: dict[str, type[pl.DataType]] = {name: pl.String for name in head}
    kinds |= {"draw": pl.Int64, "person": pl.Int64, "AVAL": pl.Float64, "ADY": pl.Float64}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _values(one: ProfileReading) -> dict[str, float | None]:
    slope = one.terminal
    return {
        "CMAX": one.cmax,
        "TMAX": one.tmax,
        "AUCL": one.auc_last,
        "LAMZ": slope.rate if slope else None,
        "THLF": slope.half_life if slope else None,
    }


def _title(quantity: str, unit: str) -> str:
    return f"{quantity.removesuffix(PLASMA).replace('_', ' ').capitalize()} in plasma, {unit}"
