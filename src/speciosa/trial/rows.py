"""A run's long tables: held whole where they are short, else read a few people at a time.

A table of a million people does not fit beside a solver. What is asked of it are means by draw and
counts by arm, so that some columns of some chunks at a time are enough, whatever the run's size.
The files of a chunk hold the same people in every arm: a contrast within people needs one batch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

MANY = 100_000  # rows above which a table is not held whole
TOGETHER = 32_000  # people read at once, of every arm that is asked for


@dataclass(frozen=True)
class Rows:
    """A table in the files of a run folder, by chunk and, within a chunk, by arm.

    Args:
        arms: names of the arms, in order.
        files: one file per chunk and arm, chunk after chunk.
        height: rows in all.
    """

    arms: tuple[str, ...]
    files: tuple[Path, ...]
    height: int

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(pl.read_parquet_schema(self.files[0]))

    def __len__(self) -> int:
        """Rows in all."""
        return self.height

    def batches(
        self, columns: Sequence[str] | None = None, arms: Collection[str] | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield some columns of some arms, whole people at a time, in the order of the run."""
        many = len(self.arms)
        places = [i for i, arm in enumerate(self.arms) if arms is None or arm in arms]
        chunks = len(self.files) // many
        each = max(1, TOGETHER * len(self.files) // max(self.height, 1))
        asked = None if columns is None else list(columns)
        for begin in range(0, chunks, each):
            mine = range(begin, min(begin + each, chunks))
            files = [self.files[n * many + i] for n in mine for i in places]
            if files:
                yield pl.read_parquet(files, columns=asked)


Table = pl.DataFrame | Rows


def batches(
    table: Table, columns: Sequence[str], arms: Collection[str] | None = None
) -> Iterator[pl.DataFrame]:
    """Yield some columns of a table; a table that is held comes in one piece.

    >>> rows = pl.DataFrame({"arm": ["a", "b"], "cows": [9.0, 7.0]})
    >>> [len(batch) for batch in batches(rows, ["cows"], ["a"])]
    [1]
    """
    if isinstance(table, Rows):
        yield from table.batches(columns, arms)
        return
    kept = table if arms is None else table.filter(pl.col("arm").is_in(list(arms)))
    yield kept.select(columns)


def collected(
    table: Table, columns: Sequence[str] | None = None, arms: Collection[str] | None = None
) -> pl.DataFrame:
    """Return some columns of a table as one frame; with all columns that can be large.

    >>> rows = pl.DataFrame({"arm": ["a", "b"], "cows": [9.0, 7.0]})
    >>> collected(rows, ["cows"], ["b"])["cows"].to_list()
    [7.0]
    """
    names = list(table.columns) if columns is None else list(columns)
    parts = list(batches(table, names, arms))
    return parts[0] if len(parts) == 1 else pl.concat(parts)


def means_by_draw(
    table: Table, columns: Sequence[str], arms: Collection[str] | None = None
) -> pl.DataFrame:
    """Return ``arm``, ``draw`` and the means of columns over those who have a value, else null.

    >>> rows = pl.DataFrame({"arm": ["a", "a"], "draw": [0, 0], "cows": [9.0, float("nan")]})
    >>> means_by_draw(rows, ["cows"]).rows()
    [('a', 0, 9.0)]
    """
    names = list(dict.fromkeys(columns))
    value = {name: pl.col(name).cast(pl.Float64).fill_nan(None) for name in names}
    parts = [
        rows.group_by("arm", "draw", maintain_order=True).agg(
            *(value[name].mean() for name in names),
            *(value[name].count().alias(_seen(name)) for name in names),
        )
        for rows in batches(table, ["arm", "draw", *names], arms)
    ]
    joined = parts[0] if len(parts) == 1 else pl.concat(parts)
    if joined.select("arm", "draw").n_unique() == joined.height:
        return joined.select("arm", "draw", *names)
    return joined.group_by("arm", "draw", maintain_order=True).agg(map(_weighted, names))


def _seen(name: str) -> str:
    return f"{name} seen"


def _weighted(name: str) -> pl.Expr:
    """The mean over a draw that stands in several batches; null where nobody has a value."""
    mean, seen = pl.col(name), pl.col(_seen(name))
    return pl.when(seen.sum() > 0).then((mean * seen).sum() / seen.sum()).alias(name)
