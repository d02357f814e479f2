"""Anyone's table of published results: a CSV file in the documented columns."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.results import REQUIRED, RESULT_KEYS, PublishedResult

COLUMNS = (
    "id", "population", "regimen", "reference_regimen", "quantity", "metric", "at", "value",
    "low", "high", "unit", "n", "role", "times", "lloq", "margin",
)  # fmt: skip
EXTRA = tuple(k for k in RESULT_KEYS if k not in COLUMNS)


@dataclass(frozen=True)
class Refusal:
    """A row that could not be used: its line in the file, its id and the reason."""

    line: int
    id: str
    reason: str


def read_result_table(path: str | Path) -> tuple[tuple[PublishedResult, ...], tuple[Refusal, ...]]:
    """Read a CSV table of published results.

    A wrong header is an error; a wrong row is refused with its reason and the others go on.

    Args:
        path: a CSV file with the columns ``COLUMNS``; only ``id, regimen, quantity, metric,
            value, unit`` are compulsory, and ``EXTRA`` may stand beside them.

    Returns:
        the results, and the rows refused.
    """
    path = Path(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            reader = csv.reader(handle)
            header = [name.strip() for name in next(reader, [])]
            rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except FileNotFoundError:
        raise InputError("no such file", str(path), "Check the path.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"not a CSV file: {error}", path.name, "Save it as UTF-8 CSV.") from error
    _check_header(header, path.name)
    return _read_rows(header, rows, path.name)


def _check_header(header: list[str], file: str) -> None:
    where = f"{file}, header"
    valid = (*COLUMNS, *EXTRA)
    for name in header:
        if name not in valid:
            raise InputError(f'unknown column "{name}"', where, nearest(name, valid))
        if header.count(name) > 1:
            raise InputError(f'column "{name}" stands twice', where, "Keep one.")
    for name in REQUIRED:
        if name not in header:
            raise InputError(
                f'column "{name}" is missing', where, f"Columns: {', '.join(COLUMNS)}."
            )


def _read_rows(
    header: list[str], rows: list[tuple[int, list[str]]], file: str
) -> tuple[tuple[PublishedResult, ...], tuple[Refusal, ...]]:
    results: dict[str, PublishedResult] = {}
    refused: list[Refusal] = []
    for line, row in rows:
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        try:
            if len(row) != len(header):
                raise InputError(f"{len(row)} cells under {len(header)} columns")
            result = _from_cells(cells, file)
            if result.id in results:
                raise InputError(f'"{result.id}" stands twice')
            results[result.id] = result
        except InputError as error:
            reason = " ".join(part for part in (f"{error.what}.", error.cure) if part)
            refused.append(Refusal(line, cells.get("id", ""), reason))
    return tuple(results.values()), tuple(refused)


def _from_cells(cells: dict[str, str], file: str) -> PublishedResult:
    for name in REQUIRED:
        if not cells[name]:
            raise InputError(f'"{name}" is empty')
    given: dict[str, object] = {k: v for k, v in cells.items() if v}
    for name in ("value", "low", "high"):
        if name in given:
            given[name] = _float(name, cells[name])
    if "n" in given:
        count = _float("n", cells["n"])
        if count != int(count):
            raise InputError(f'"n" is "{cells["n"]}", not a whole number')
        given["n"] = int(count)
    if "times" in given:
        parts = cells["times"].replace(";", " ").split()
        given["times"] = tuple(_float("times", part) for part in parts)
    return PublishedResult(file=file, **given)  # type: ignore[arg-type]


def _float(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f'"{name}" is "{text}", not a number') from None
    if value != value or value in (float("inf"), float("-inf")):
        raise InputError(f'"{name}" is "{text}", not finite')
    return value
