"""Labelled tables as SAS transport files (version 5) and Parquet; what would be cut is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from speciosa.core.errors import InputError, SpeciosaError

LONGEST_NAME, LONGEST_LABEL, LONGEST_TEXT = 8, 40, 200
EXTRA = "Install it with: pip install speciosa[exchange]"


@dataclass(frozen=True)
class Dataset:
    """A table as the standard has it.

    Args:
        name: up to 8 characters, as in ADSL.
        label: up to 40 bytes.
        rows: the values.
        labels: column -> label, up to 40 bytes.
        keys: the columns that tell its rows apart.
    """

    name: str
    label: str
    rows: pl.DataFrame
    labels: dict[str, str]
    keys: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what the format would cut, and rows that are there twice."""
        for name in (self.name, *self.rows.columns):
            if not re.fullmatch(rf"[A-Z][A-Z0-9_]{{0,{LONGEST_NAME - 1}}}", name):
                cure = f"Use up to {LONGEST_NAME} capitals, digits and underscores."
                raise InputError(f'name "{name}" does not fit', self.name, cure)
        if set(self.labels) != set(self.rows.columns):
            missing = sorted(set(self.labels) ^ set(self.rows.columns))
            raise InputError(f"labels and columns differ: {missing}", self.name, "Label each.")
        for name, label in {self.name: self.label, **self.labels}.items():
            if len(label.encode()) > LONGEST_LABEL:
                raise InputError(
                    f'label of {name} has {len(label.encode())} bytes: "{label}"',
                    self.name,
                    f"Shorten it to {LONGEST_LABEL} bytes.",
                )
        for column in self.rows.select(pl.col(pl.String)).columns:
            longest: Any = self.rows[column].str.len_bytes().max() or 0
            if longest > LONGEST_TEXT:
                cure = f"Shorten them to {LONGEST_TEXT} bytes."
                raise InputError(f"{column} holds texts of {longest} bytes", self.name, cure)
        if self.rows.select(self.keys).is_duplicated().any():
            cure = f"Give one row for each {', '.join(self.keys)}."
            raise InputError("two rows have the same keys", self.name, cure)


def write_xpt(data: Dataset, folder: Path) -> Path:
    """Write a table as ``NAME.xpt``, SAS transport version 5."""
    try:
        import pyreadstat
    except ImportError as error:
        raise SpeciosaError('the package "pyreadstat" is missing', "export", EXTRA) from error
    path = folder / f"{data.name.lower()}.xpt"
    pyreadstat.write_xport(
        data.rows.to_pandas(),
        str(path),
        file_label=data.label,
        column_labels={**data.labels},
        table_name=data.name,
        file_format_version=5,
    )
    return path


def write_parquet(data: Dataset, folder: Path) -> Path:
    """Write a table as ``NAME.parquet`` with labels in each column's metadata."""
    import pyarrow as arrow
    import pyarrow.parquet

    table = data.rows.to_arrow()
    fields = [field.with_metadata({"label": data.labels[field.name]}) for field in table.schema]
    schema = arrow.schema(fields, metadata={"label": data.label})
    path = folder / f"{data.name.lower()}.parquet"
    pyarrow.parquet.write_table(table.cast(schema), path, compression="zstd")
    return path
