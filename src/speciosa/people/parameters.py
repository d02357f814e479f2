"""The two kinds of uncertainty, sampled apart: what nobody knows, per draw; how people differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.errors import InputError
from speciosa.core.random import Streams, normal
from speciosa.core.stage import Decision, Stage
from speciosa.core.units import conversion_factor
from speciosa.evidence.load import Evidence
from speciosa.evidence.sample import draw_value, person_value
from speciosa.people.cohort import DRUGS, Cohort, Population, truths

MOLECULE = {"alcohol": "ethanol"}  # where it has another name than the drug
NMOL_PER_MG = 1e6  # nmol in a mg of a molecule of 1 g/mol: pure conversion


def truth(
    evidence: Evidence, record: str, seed: int, draws: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return what a record is in each of several draws, in the record's unit, shape (draws,)."""
    return _true(evidence, record, draws, truths(seed, draws))


def _true(
    evidence: Evidence, record: str, draws: NDArray[np.int64], stream: Streams
) -> NDArray[np.float64]:
    if record in evidence.scores:
        return draw_value(evidence.number(record), np.asarray(evidence.scores[record])[draws])
    return draw_value(evidence.number(record), normal(stream, f"truth: {record}"))


def value(evidence: Evidence, record: str, cohort: Cohort) -> Any:
    """Return a record's value for everybody: a number if all have the same, else a row (N,)."""
    number = evidence.number(record)
    if number.spread is None and number.between is None:
        return number.value
    draws, place, stream = cohort.worlds
    found = _true(evidence, record, draws, stream)[place]
    if number.between is None:
        return found
    return person_value(number, found, normal(cohort.streams, f"person: {record}"))


def propensities(evidence: Evidence, population: Population, cohort: Cohort) -> dict[str, Any]:
    """Return the covariates that a setting's records give: use, habit, leaving and adherence."""
    everyone = np.ones(cohort.draw.shape)
    records = {
        "use_propensity": population.use_level,
        "dropout_rate": population.dropout_rate,
        "dropout_rate_residential": "behaviour.dropout_rate_residential",
        "frailty": "behaviour.frailty",
        "adherence": population.adherence,
        "usual_dose_margin": "behaviour.usual_dose_margin",
        "street_dose_spread": "behaviour.street_dose_spread",
        "most_of_capacity": "drinking.most_of_capacity",
    }
    units = {"dropout_rate": "1/d", "dropout_rate_residential": "1/d"}
    found = {
        name: value(evidence, record, cohort)
        * conversion_factor(evidence.number(record).unit, units.get(name, "1"))
        * everyone
        for name, record in records.items()
    }
    return found | {"habit_start": _habit(evidence, population, cohort)}


def _habit(evidence: Evidence, population: Population, cohort: Cohort) -> Any:
    """Habit at the start, 0 to 1: full at the last use, then fading; none without a history."""
    since = cohort.covariates["hours_since_last_use"]
    number = evidence.number("behaviour.habit_fade")
    fade = value(evidence, "behaviour.habit_fade", cohort) * conversion_factor(number.unit, "h")
    full = evidence.number("behaviour.habit_start").value if population.habits else 0.0
    return full * np.exp(-since / fade)


def use_doses(evidence: Evidence, cohort: Cohort) -> dict[str, Any]:
    """Return the dose per use of each drug of habit, nmol, from the amounts in mg."""
    return {
        f"use_dose_{drug}": cohort.covariates[f"use_amount_{drug}"]
        * (NMOL_PER_MG / evidence.number(f"molecule.{MOLECULE.get(drug, drug)}.molar_mass").value)
        for drug in DRUGS
    }


def sample(
    parts: Iterable[Stage | Decision], evidence: Evidence, cohort: Cohort
) -> dict[str, dict[str, Any]]:
    """Return stage or decision -> symbol -> value for a cohort, with everything derived.

    Args:
        parts: the stages and decisions of a model.
        evidence: the numbers.
        cohort: the people, with their covariates.

    Returns:
        A number where all people are alike, else a row (N,), in the unit that the part declares.

    Raises:
        InputError: a covariate that the cohort does not have, or a record that is missing.
    """
    known: dict[str, Any] = {}
    table: dict[str, dict[str, Any]] = {}
    for part in parts:
        rows: dict[str, Any] = {}
        for symbol, parameter in part.parameters.items():
            if parameter.record not in known:
                known[parameter.record] = value(evidence, parameter.record, cohort)
            unit = evidence.number(parameter.record).unit
            rows[symbol] = known[parameter.record] * conversion_factor(unit, parameter.unit)
        rows.update(_covariates(part, cohort.covariates))
        if isinstance(part, Stage) and part.derive is not None:
            rows.update(part.derive(rows))
        table[part.name] = rows
    return table


def _covariates(part: Stage | Decision, known: Mapping[str, Any]) -> dict[str, Any]:
    for name in part.covariates:
        if name not in known:
            raise InputError(
                what=f'"{part.name}" wants the covariate "{name}" of a person, which is not there',
                where="cohort",
                cure=f"A cohort here has: {', '.join(sorted(known))}.",
            )
    return {name: known[name] for name in part.covariates}
