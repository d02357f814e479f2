"""Reading the TOML files of a folder, with one clear error for each way they can be broken."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from speciosa.core.errors import InputError

INLINE = ("spread", "between")  # tables that belong to a record and hold no records


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of one TOML file.

    Raises:
        InputError: names the file and, where the text is broken, the line and column.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("no such file", str(path), "Check the path.") from None
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", path.name, "Save the file as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not valid TOML: {error}", path.name, "Mend that line.") from error


def toml_files(folder: Path) -> list[Path]:
    """Return the TOML files of ``folder``, by name; none if there is no such folder."""
    return sorted(folder.glob("*.toml"))


def flat_tables(
    tree: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield ``(dotted id, table)`` for every table that holds values of its own.

    >>> dict(flat_tables({"a": {"b": {"value": 1}}}))
    {'a.b': {'value': 1}}
    """
    for key, table in tree.items():
        name = f"{prefix}{key}"
        if not isinstance(table, Mapping):
            raise InputError(f'"{name}" stands outside any table', "", "Put it under a [heading].")
        if not table or any(not isinstance(v, Mapping) or k in INLINE for k, v in table.items()):
            yield name, table
        else:
            yield from flat_tables(table, f"{name}.")
