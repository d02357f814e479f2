"""NONMEM-style data: one line per dose or observation of one person, read and checked.

Columns: ``ID TIME AMT EVID DV CMT`` (hours; ``EVID`` 1 is a dose, 0 an observation; ``CMT`` names
the dose entry or the quantity), and where wanted ``UNIT`` (of the amount or of the observation; mg
and nM without it), ``CENS`` (1: only known to lie below ``DV``), ``MDV`` (1: not observed) and the
covariates ``WT`` kg, ``AGE`` years, ``MALE`` and ``SMOKER`` (0 or 1).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.errors import InputError, nearest
from speciosa.core.units import convert
from speciosa.evidence.load import Evidence

Array = NDArray[np.float64]
REQUIRED = ("ID", "TIME", "AMT", "EVID", "DV", "CMT")
COVARIATES = {"WT": "weight", "AGE": "age", "MALE": "male", "SMOKER": "smoker"}
COLUMNS = (*REQUIRED, "UNIT", "CENS", "MDV", *COVARIATES)
USUAL = {
    "weight": 75.0, "age": 35.0, "male": 1.0, "smoker": 0.0, "cyp2d6_activity_score": 1.0,
    "opioid_dependent": 0.0,
}  # fmt: skip
MOLECULE = {"alcohol": "ethanol"}
FEWEST = 3  # observations


@dataclass(frozen=True)
class Observations:
    """Doses and observations of N people.

    Args:
        ids: what the file calls them.
        doses: dose entry -> (time in h, person, nmol).
        reads: (time in h, person, quantity) of every observation.
        values: what was observed, in the model's unit.
        censored: which are only known to lie below their value.
        covariates: name -> row (N,).
    """

    ids: tuple[str, ...]
    doses: Mapping[str, tuple[tuple[float, int, float], ...]]
    reads: tuple[tuple[float, int, str], ...]
    values: Array
    censored: NDArray[np.bool_]
    covariates: Mapping[str, Array]


def is_individual(path: str | Path) -> bool:
    """Say whether a file has the columns of individual data."""
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as handle:
            header = next(csv.reader(_lines(handle)), [])
    except (OSError, UnicodeDecodeError):
        return False
    return {"ID", "TIME", "DV"} <= {name.strip().upper() for name in header}


def read_individual(path: str | Path, evidence: Evidence, units: Mapping[str, str]) -> Observations:
    """Read individual data.

    Args:
        path: a CSV file; lines that begin with ``#`` are left out.
        evidence: gives molar masses.
        units: quantity -> the model's unit.

    Raises:
        InputError: a column that is missing or unknown, or a line that cannot be, with its number.
    """
    return _collected(_rows(Path(path)), Path(path).name, evidence, units)


def dose_entries(path: str | Path) -> set[str]:
    """Return the dose entries that a file of individual data names.

    Raises:
        InputError: the file cannot be read, or nothing on the shelf has such an entry.
    """
    from speciosa.care.shelf import SHELF

    known = sorted({e for one in SHELF for route in one.routes for e in one.entries(route)})
    found = set()
    for line, row in _rows(Path(path)):
        if row["EVID"] == "1":
            if row["CMT"] not in known:
                where = f"{Path(path).name}, record {line}"
                raise InputError(f'no dose entry "{row["CMT"]}"', where, nearest(row["CMT"], known))
            found.add(row["CMT"])
    return found


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return every record with its number, its columns by their names in capitals."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            reader = csv.DictReader(_lines(handle), skipinitialspace=True)
            header = [name.strip().upper() for name in reader.fieldnames or ()]
            reader.fieldnames = header
            _check_header(header, path.name)
            rows = []
            for number, row in enumerate(reader, 1):
                if None in row:
                    raise InputError(
                        f"{len(row[None])} more fields than columns",
                        f"{path.name}, record {number}", "Write one field for each column.",
                    )  # fmt: skip
                rows.append((number, {c: (v or "").strip() for c, v in row.items()}))
            return rows
    except FileNotFoundError:
        raise InputError("no such file", str(path), "Check the path.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"not a CSV file: {error}", path.name, "Save it as UTF-8 CSV.") from error


def _lines(handle: Any) -> Any:
    return (line for line in handle if line.strip() and not line.startswith("#"))


def _check_header(header: list[str], file: str) -> None:
    for name in REQUIRED:
        if name not in header:
            cure = f"Columns: {' '.join(COLUMNS)}."
            raise InputError(f'column "{name}" is missing', f"{file}, header", cure)
    for name in header:
        if header.count(name) > 1:
            cure = "Name each once."
            raise InputError(f'column "{name}" stands twice', f"{file}, header", cure)
        if name not in COLUMNS:
            raise InputError(f'unknown column "{name}"', f"{file}, header", nearest(name, COLUMNS))


def _collected(
    rows: list[tuple[int, dict[str, str]]], file: str, evidence: Evidence, units: Mapping[str, str]
) -> Observations:
    ids = tuple(dict.fromkeys(row["ID"] for _, row in rows))
    covariates = {name: np.full(len(ids), value) for name, value in USUAL.items()}
    doses: dict[str, list[tuple[float, int, float]]] = {}
    reads, values, censored = [], [], []
    for line, row in rows:
        where = f"{file}, record {line}"
        person, at = ids.index(row["ID"]), _number(row["TIME"], "TIME", where, low=0.0)
        for column, name in COVARIATES.items():
            if row.get(column):
                covariates[name][person] = _number(row[column], column, where, low=0.0)
        name, event = row["CMT"], row["EVID"]
        if event == "1":
            amount = _number(row["AMT"], "AMT", where, low=0.0)
            mass = _molar_mass(name, evidence)
            nmol = _converted(amount, row.get("UNIT") or "mg", "nmol", mass, where)
            doses.setdefault(name, []).append((at, person, nmol))
        elif event == "0":
            if row.get("MDV") == "1" or row["DV"] in ("", "."):
                continue
            if name not in units:
                raise InputError(f'no quantity "{name}"', where, nearest(name, units))
            seen = _number(row["DV"], "DV", where, low=0.0)
            unit = row.get("UNIT") or units[name]
            seen = _converted(seen, unit, units[name], _molar_mass(name, evidence), where)
            if seen <= 0.0:
                raise InputError("an observation of 0 has no logarithm", where,
                                 "Write the limit of quantification and CENS 1.")  # fmt: skip
            reads.append((at, person, name))
            values.append(seen)
            censored.append(row.get("CENS") == "1")
        else:
            raise InputError(f'EVID "{event}" is unknown', where, "Write 0 or 1.")
    if len(reads) < FEWEST or not doses:
        raise InputError(f"{len(reads)} observations, {len(doses)} dose entries", file,
                         f"Give at least {FEWEST} observations and a dose.")  # fmt: skip
    return Observations(
        ids, {entry: tuple(given) for entry, given in doses.items()}, tuple(reads),
        np.array(values), np.array(censored, dtype=bool), covariates,
    )  # fmt: skip


def _converted(value: float, unit: str, to: str, mass: float | None, where: str) -> float:
    try:
        return convert(value, unit, to, molar_mass=mass)
    except InputError as error:
        raise InputError(error.what, f"{where}, UNIT", error.cure) from None


def _number(text: str, column: str, where: str, low: float = -math.inf) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < low:
        raise InputError(f'{column} is "{text}"', where, f"Write a number of at least {low:g}.")
    return value


def _molar_mass(name: str, evidence: Evidence) -> float | None:
    drug = name.rsplit("_", 1)[0]
    record = f"molecule.{MOLECULE.get(drug, drug)}.molar_mass"
    return evidence.number(record).value if record in evidence.numbers else None
