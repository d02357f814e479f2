"""Published summaries as observations of a fit: peaks, areas and concentrations of typical people.

Each line of a table in the columns of ``speciosa validate`` becomes one observation on the
logarithmic scale. Its error is the half width of its interval, or of its margin where it has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.care.product import composition_factors, taken_up
from speciosa.care.regimen import parse_regimens
from speciosa.care.schedule import doses
from speciosa.core.differentiable import Schedule
from speciosa.core.errors import InputError
from speciosa.core.units import convert
from speciosa.evidence.load import Evidence
from speciosa.evidence.result_table import read_result_table
from speciosa.evidence.results import DEFAULT_TIMES, PublishedResult, accepted
from speciosa.models.interaction import interaction
from speciosa.trial.individual import USUAL

Array = NDArray[np.float64]
METRICS = ("cmax", "auc_last", "concentration")
INTERVAL_95 = 2 * 1.959963984540054  # a 95 % interval in standard deviations
AT = re.compile(r"^\s*([0-9.]+)\s*(h|min)\s*$")


@dataclass(frozen=True)
class Published:
    """Published summaries with what must be simulated for them.

    Args:
        ids: of the results.
        schedule: one typical person per regimen.
        covariates: name -> row.
        values, errors: what was published, and the sd of its logarithm.
        summaries: simulated readings -> what corresponds to the values.
    """

    ids: tuple[str, ...]
    schedule: Schedule
    covariates: Mapping[str, Array]
    values: Array
    errors: Array
    summaries: Callable[[Any], Any]


def read_published(path: str | Path, evidence: Evidence) -> Published:
    """Read published summaries.

    Raises:
        InputError: a line that cannot be an observation of a fit, with its id and the reason.
    """
    results, refused = read_result_table(path)
    if refused:
        first = refused[0]
        raise InputError(first.reason, f"{Path(path).name}, line {first.line}", "Correct it.")
    if not results:
        raise InputError("no result", str(path), "Write at least one line.")
    regimens = tuple(dict.fromkeys(result.regimen for result in results))
    given: dict[str, list[tuple[float, int, float]]] = {}
    for person, line in enumerate(regimens):
        for regimen in parse_regimens(line):
            for dose in doses(regimen, days=_days(results)):
                for entry, factor in composition_factors(
                    dose.product, 0.0, route=dose.route
                ).items():
                    amount = float(factor) * float(taken_up(dose.product, dose.amount))
                    given.setdefault(entry, []).append((dose.hours, person, amount))
    units = interaction(given, behaviour=False, habits=False).units
    reads: list[tuple[float, int, str]] = []
    slices, values, errors = [], [], []
    for result in results:
        times = _times(result, Path(path).name)
        person = regimens.index(result.regimen)
        slices.append((len(reads), times, result.metric))
        reads += [(t, person, result.quantity) for t in times]
        value, error = _observed(result, evidence, units)
        values.append(value)
        errors.append(error)
    schedule = Schedule({e: tuple(rows) for e, rows in given.items()}, tuple(reads), len(regimens))
    rows = {name: np.full(len(regimens), value) for name, value in USUAL.items()}
    return Published(tuple(r.id for r in results), schedule, rows, np.array(values),
                     np.array(errors), lambda read: _summed(read, slices))  # fmt: skip


def _days(results: tuple[PublishedResult, ...]) -> int:
    return int(max(max(_times(result, "")) for result in results) // 24.0) + 1


def _times(result: PublishedResult, file: str) -> tuple[float, ...]:
    where = f"{file}, {result.id}"
    if result.metric not in METRICS or result.reference_regimen:
        raise InputError(
            f'metric "{result.metric}" is not fitted', where,
            f"Use one of {', '.join(METRICS)} without a reference regimen.",
        )  # fmt: skip
    if result.metric == "concentration":
        found = AT.match(result.at)
        if found is None:
            raise InputError(f'at "{result.at}"', where, "Write hours after the first dose: 4 h.")
        return (float(found[1]) / (60.0 if found[2] == "min" else 1.0),)
    return result.times or DEFAULT_TIMES


def _observed(
    result: PublishedResult, evidence: Evidence, units: Mapping[str, str]
) -> tuple[float, float]:
    if result.quantity not in units:
        raise InputError(f'no quantity "{result.quantity}"', result.id, "Name one of the model's.")
    name = f"molecule.{result.quantity.rsplit('_', 1)[0]}.molar_mass"
    mass = evidence.number(name).value if name in evidence.numbers else None
    unit = units[result.quantity] + ("*h" if result.metric == "auc_last" else "")
    low, high = result.low, result.high
    if low is None or high is None or not 0.0 < low < high:
        low, high = accepted(result)
    if not 0.0 < low < high:
        raise InputError("its interval has no logarithm", result.id, "Give low and high above 0.")
    value = convert(result.value, result.unit, unit, molar_mass=mass)
    return float(value), float(np.log(high / low) / INTERVAL_95)


def _summed(read: Any, slices: list[tuple[int, tuple[float, ...], str]]) -> Any:
    """Turn simulated readings into peaks, areas and concentrations, in the order of the results."""
    ones = np.eye(len(slices))
    whole: Any = 0.0
    for k, (begin, times, metric) in enumerate(slices):
        part = read[begin : begin + len(times)]
        if metric == "auc_last":
            made = ((part[1:] + part[:-1]) * (0.5 * np.diff(times))).sum()
        else:
            made = part.max()
        whole = whole + ones[k] * made
    return whole
