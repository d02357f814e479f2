"""Anyone's table of published results: a CSV file in the documented columns."""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass, field
from pathlib import Path

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.results import REQUIRED, RESULT_KEYS, PublishedResult, metric_named

COLUMNS = (
    "id", "population", "regimen", "reference_regimen", "quantity", "metric", "at", "value",
    "low", "high", "unit", "n", "role", "times", "lloq", "margin",
)  # fmt: skip
WORDS: dict[str, dict[str, tuple[str, ...]]] = {  # what is meant, and how else it is written
    "population": {
        "healthy": ("healthy volunteers", "healthy adults", "volunteers", "healthy people"),
        "opioid": ("oud", "opioid use disorder", "opioid dependence", "opioids"),
        "alcohol": ("aud", "alcohol use disorder", "alcohol dependence"),
    },
    "role": {"calibration": ("fit", "fitted"), "validation": ("test", "external")},
}  # fmt: skip
EXTRA = tuple(k for k in RESULT_KEYS if k not in COLUMNS)


@dataclass(frozen=True)
class Refusal:
    """A row that could not be used: its line in the file, its id, the reason, and its place."""

    line: int
    id: str
    reason: str
    place: int = field(default=0, compare=False)


def read_result_table(path: str | Path) -> tuple[tuple[PublishedResult, ...], tuple[Refusal, ...]]:
    """Read a CSV table of published results.

    A wrong header is an error; a wrong row is refused with its reason and the others go on. Case
    and blanks do not matter. A column that is none of ours is left out
    (:func:`ignored_columns`), unless it looks like a slip of the pen.

    Args:
        path: a CSV file with the columns ``COLUMNS``; only ``id, regimen, quantity, metric,
            value, unit`` are compulsory, and ``EXTRA`` may stand beside them.

    Returns:
        the results, and the rows refused.
    """
    path = Path(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            reader = csv.reader(handle, delimiter=_delimiter(handle.readline()))
            handle.seek(0)
            header = [_column(name) for name in next(reader, [])]
            rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except FileNotFoundError:
        raise InputError("no such file", str(path), "Check the path.") from None
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", path.name, "Save it as UTF-8 CSV.") from error
    except csv.Error as error:
        raise InputError(f"not a CSV file: {error}", path.name, "Save it as UTF-8 CSV.") from error
    if not header and not rows:
        raise InputError("the file is empty", path.name, f"Columns: {', '.join(COLUMNS)}.")
    _check_header(header, path.name)
    return _read_rows(header, rows, path.name)


def ignored_columns(path: str | Path) -> tuple[str, ...]:
    """Return the columns of a table that :func:`read_result_table` does not read."""
    with Path(path).open(newline="", encoding="utf-8-sig") as handle:
        first = handle.readline()
    names = next(csv.reader([first], delimiter=_delimiter(first)), [])
    return tuple(n.strip() for n in names if n.strip() and _column(n) not in (*COLUMNS, *EXTRA))


def _delimiter(first: str) -> str:
    """Return what stands between the cells: a comma, or what a spreadsheet wrote instead.

    >>> _delimiter("id;regimen;quantity")
    ';'
    """
    return max(",;\t", key=first.count)


def _check_header(header: list[str], file: str) -> None:
    where = f"{file}, header"
    valid = (*COLUMNS, *EXTRA)
    for name in header:
        if name not in valid and difflib.get_close_matches(name, valid, n=1, cutoff=0.75):
            raise InputError(f'unknown column "{name}"', where, nearest(name, valid))
        if name in valid and header.count(name) > 1:
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
    for place, (line, row) in enumerate(rows):
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
            refused.append(Refusal(line, cells.get("id", ""), reason, place))
    return tuple(results.values()), tuple(refused)


def _from_cells(cells: dict[str, str], file: str) -> PublishedResult:
    for name in REQUIRED:
        if not cells[name] and name != "unit":
            raise InputError(f'"{name}" is empty')
    given: dict[str, object] = {k: v for k, v in cells.items() if v and k in RESULT_KEYS}
    given["unit"] = cells["unit"] or "1"
    given["metric"] = metric_named(cells["metric"])
    for name, words in WORDS.items():
        if name in given:
            given[name] = _meant(cells[name], words)
    for name in ("value", "low", "high"):
        if name in given:
            given[name] = _float(name, cells[name])
    if "n" in given:
        count = _float("n", cells["n"])
        if count != int(count):
            raise InputError(f'"n" is "{cells["n"]}", not a whole number')
        given["n"] = int(count)
    if "times" in given:
        parts = cells["times"].strip("[]").replace(";", " ").replace(",", " ").split()
        given["times"] = tuple(_float("times", part) for part in parts)
    return PublishedResult(file=file, **given)  # type: ignore[arg-type]


def _column(name: str) -> str:
    plain = "_".join(name.strip().lower().replace("-", " ").split())
    return {"notes": "note"}.get(plain, plain)


def _meant(text: str, words: dict[str, tuple[str, ...]]) -> str:
    plain = " ".join(text.lower().replace("_", " ").split())
    return next((name for name, also in words.items() if plain in (name, *also)), text)


def _float(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f'"{name}" is "{text}", not a number') from None
    if value != value or value in (float("inf"), float("-inf")):
        raise InputError(f'"{name}" is "{text}", not finite')
    return value
