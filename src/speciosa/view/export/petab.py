"""A calibration problem in PEtab's format, version 1: model, parameters, measurements.

Parameters are estimated on a logarithmic scale within the 5 to 95 % range that their records state
of the truth, or a tenfold range about the value where a record states none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from speciosa.care.schedule import START_CLOCK_HOUR
from speciosa.core.errors import InputError, nearest
from speciosa.core.notice import SIMULATED
from speciosa.core.units import conversion_factor
from speciosa.view.export.folder import Source
from speciosa.view.export.people import one
from speciosa.view.export.reading import ParameterLine, read
from speciosa.view.export.sbml import Change, sbml

CONDITION = "baseline"
TENFOLD = 10.0
PROBLEM = f"""# {SIMULATED}: the model; the measurements are the user's
format_version: 1
parameter_file: parameters.tsv
problems:
  - sbml_files: [model.xml]
    condition_files: [conditions.tsv]
    observable_files: [observables.tsv]
    measurement_files: [measurements.tsv]
"""


@dataclass(frozen=True)
class Measurement:
    """What was measured of a quantity, ``hours`` after the model's time zero, in its unit."""

    quantity: str
    hours: float
    value: float


@dataclass(frozen=True)
class Person:
    """Somebody's values by the names of the reading, and (hours, changes) of their run."""

    values: Mapping[str, float]
    events: Sequence[tuple[float, Sequence[Change]]] = ()


def petab(
    source: Source,
    *,
    estimated: Sequence[str],
    measurements: Sequence[Measurement],
    noise: Mapping[str, float],
    person: Person | None = None,
) -> dict[str, str]:
    """Return file name -> text of a calibration problem.

    Args:
        source: the model (:func:`speciosa.view.export.folder.source_of`).
        estimated: records whose values are to be found.
        measurements: the data.
        noise: quantity -> standard deviation of its measurements, in its unit.
        person: whose values the model has, and what happened to them; by default the study's first
            person, to whom nothing is given.

    Raises:
        InputError: a record or quantity that the model does not have, or one without noise.
    """
    reading = read(source.model)
    whose = person or Person(one(source.people(reading, 1), 0))
    document = sbml(
        reading,
        whose.values,
        evidence=source.evidence,
        start_clock_hour=START_CLOCK_HOUR,
        events=whose.events,
    )
    by_record: dict[str, list[ParameterLine]] = {}
    for parameter in reading.parameters:
        by_record.setdefault(parameter.record, []).append(parameter)
    rows, known = [], {line.name for line in reading.quantities}
    for record in estimated:
        if record not in by_record or not record:
            cure = nearest(record, [name for name in by_record if name])
            raise InputError(f'no equation reads the record "{record}"', "petab", cure)
        rows += [_parameter(source, parameter) for parameter in by_record[record]]
    for seen in measurements:
        if seen.quantity not in known:
            cure = nearest(seen.quantity, known)
            raise InputError(f'the model gives no "{seen.quantity}"', "petab", cure)
        if seen.quantity not in noise:
            raise InputError(f'no noise for "{seen.quantity}"', "petab", "Add its deviation.")
    names = dict.fromkeys(seen.quantity for seen in measurements)
    head = ("parameterId", "parameterScale", "lowerBound", "upperBound", "nominalValue", "estimate")
    return {
        "problem.yaml": PROBLEM,
        "model.xml": document,
        "conditions.tsv": _tsv(("conditionId",), [(CONDITION,)]),
        "parameters.tsv": _tsv(head, rows),
        "observables.tsv": _tsv(
            ("observableId", "observableFormula", "noiseFormula", "noiseDistribution"),
            [(f"seen_{n}", n, repr(noise[n]), "normal") for n in names],
        ),
        "measurements.tsv": _tsv(
            ("observableId", "simulationConditionId", "measurement", "time"),
            [(f"seen_{m.quantity}", CONDITION, repr(m.value), repr(m.hours)) for m in measurements],
        ),
    }


def _parameter(source: Source, parameter: ParameterLine) -> tuple[str, ...]:
    number = source.evidence.number(parameter.record)
    factor = conversion_factor(number.unit, parameter.unit)
    low, high = number.value / TENFOLD, number.value * TENFOLD
    if number.spread is not None:
        low, high = number.spread.low, number.spread.high
    if low <= 0:
        cure = "Estimate a positive one."
        raise InputError(f"{number.id} may be {low:g}, which has no logarithm", "petab", cure)
    bounds = (repr(low * factor), repr(high * factor), repr(number.value * factor))
    return (parameter.name, "log10", *bounds, "1")


def _tsv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "".join("\t".join(row) + "\n" for row in (head, *rows))
