"""The run folder: a manifest, chunk files written atomically, and nothing lost.

Each finished chunk of an arm is a set of Parquet files that appear under their final names only
when they are whole. ``manifest.json`` holds the hashes of the inputs; a run with other inputs is
refused, with the difference named.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from speciosa.core.errors import InputError
from speciosa.core.version import __version__
from speciosa.evidence.load import Evidence
from speciosa.trial.rows import MANY, Rows, Table
from speciosa.trial.study import Study

TABLES = ("subjects", "daily", "visits", "events", "decisions", "courses")
LONG = ("subjects", "visits")  # of those that are read back: as long as the run has people


@dataclass(frozen=True)
class Folder:
    """A run folder that is open for one study."""

    path: Path
    arms: tuple[str, ...]

    @staticmethod
    def open(
        path: str | Path, study: Study, evidence: Evidence, chunk: int, *, resume: bool
    ) -> Folder:
        """Make a run folder, or go on with the one that is there.

        Raises:
            InputError: the folder cannot be written, already holds a run, or holds another one.
        """
        at = Path(path)
        mine = {
            "study": study.digest,
            "evidence": evidence.digest,
            "version": __version__,
            "chunk": chunk,
        }
        manifest = at / "manifest.json"
        try:
            if manifest.exists():
                _agree(manifest, mine, resume)
            elif at.exists() and any(at.iterdir()):
                cure = "Name an empty or a new folder."
                raise InputError("holds files but no run", str(at), cure)
            at.mkdir(parents=True, exist_ok=True)
            _write(manifest, json.dumps(mine, indent=2).encode())
            for table in TABLES:
                (at / table).mkdir(exist_ok=True)
            if study.text:
                _write(at / "study.toml", study.text.encode())
        except OSError as error:
            what = f"cannot be written: {error.strerror or error}"
            raise InputError(what, str(at), "Name another folder with --out.") from error
        return Folder(at, tuple(arm.name for arm in study.arms))

    def read(self, chunk: int, arm: str) -> dict[str, pl.DataFrame] | None:
        """Return the tables of a finished chunk, or None; a damaged file counts as unfinished."""
        found = {}
        for table in TABLES:
            try:
                found[table] = pl.read_parquet(self._file(table, chunk, arm))
            except (OSError, pl.exceptions.PolarsError):
                return None
        return found

    def write(self, chunk: int, arm: str, tables: dict[str, pl.DataFrame]) -> None:
        """Write the tables of a chunk; each appears only when it is whole."""
        for table, frame in tables.items():
            self._write_table(frame, self._file(table, chunk, arm))

    def table(self, name: str) -> Table:
        """Return a table of the whole run, by chunk and arm; a long one stays in its files."""
        return table_in(self.path, name, self.arms)

    def finish(self, draws: pl.DataFrame, info: dict[str, Any]) -> None:
        """Write the draws and the account of the run."""
        self._write_table(draws, self.path / "draws.parquet")
        _write(self.path / "run.json", json.dumps(info, indent=2).encode())

    def forget(self) -> None:
        """Remove a folder in which nothing has been finished."""
        if not any(self.path.glob("*/part-*.parquet")):
            shutil.rmtree(self.path, ignore_errors=True)

    def _write_table(self, frame: pl.DataFrame, file: Path) -> None:
        part = file.with_suffix(".part")
        try:
            frame.write_parquet(part, compression="zstd", statistics=False)
            os.replace(part, file)
        except (OSError, pl.exceptions.PolarsError) as error:
            part.unlink(missing_ok=True)
            raise InputError(
                f"cannot be written: {error}", str(file),
                "What is done is kept. Make room, then go on with --resume.",
            ) from error  # fmt: skip

    def _file(self, table: str, chunk: int, arm: str) -> Path:
        number = chunk * len(self.arms) + self.arms.index(arm)
        return self.path / table / f"part-{number:05d}.parquet"


def parts(folder: Path, name: str) -> list[Path]:
    """Return the files of a table in a run folder, by chunk and arm."""
    return sorted((folder / name).glob("part-*.parquet"), key=lambda part: int(part.stem[5:]))


def table_in(folder: Path, name: str, arms: tuple[str, ...]) -> Table:
    """Return a table of a finished run.

    Args:
        folder: the run folder.
        name: of the table.
        arms: names of the arms, in the study's order.
    """
    files = parts(folder, name)
    height = int(pl.scan_parquet(files).select(pl.len()).collect().item())
    if height > MANY and name in LONG:
        return Rows(arms, tuple(files), height)
    return pl.read_parquet(files)


@contextmanager
def opened(
    path: str | Path | None, study: Study, evidence: Evidence, chunk: int, *, resume: bool
) -> Iterator[Folder | None]:
    """Hold a run folder while a run writes to it; None where the run writes nothing.

    Raises:
        InputError: as :meth:`Folder.open`, or another run is writing there now.
    """
    if path is None:
        yield None
        return
    fresh = not Path(path).exists()
    folder = Folder.open(path, study, evidence, chunk, resume=resume)
    from filelock import FileLock, Timeout

    try:
        # the system lets go of it when the process ends, however it ends
        with FileLock(folder.path / ".lock", blocking=False):
            try:
                yield folder
            except InputError:
                if fresh:
                    folder.forget()
                raise
    except Timeout as error:
        cure = "Wait for it, or name another folder with --out."
        raise InputError("another run is writing there now", str(path), cure) from error


def _agree(manifest: Path, mine: dict[str, Any], resume: bool) -> None:
    place = str(manifest.parent)
    try:
        theirs = json.loads(manifest.read_text())
    except (OSError, ValueError) as error:
        raise InputError("its manifest cannot be read", place, "Name a new folder.") from error
    differing = [key for key in mine if theirs.get(key) != mine[key]]
    if differing:
        raise InputError(
            f"holds a run with another {' and '.join(differing)}",
            place,
            "Name a new folder with --out.",
        )
    if not resume:
        raise InputError("already holds this run", place, "Add --resume to go on with it.")


def _write(path: Path, content: bytes) -> None:
    part = path.with_suffix(path.suffix + ".part")
    part.write_bytes(content)
    os.replace(part, path)


def folder_for(study: Study, resume: bool = False, under: str | Path = "runs") -> Path:
    """Return the folder of a run that was given none: ``runs/<study>-<number>``.

    Args:
        study: what is run.
        resume: the latest folder of the study, where there is one; else a fresh one.
        under: where runs are kept.
    """
    begun = {
        int(found.group(1)): path
        for path in (Path(under).iterdir() if Path(under).is_dir() else ())
        if (found := re.fullmatch(rf"{re.escape(study.id)}-(\d+)", path.name))
    }
    if resume and begun:
        return begun[max(begun)]
    return Path(under) / f"{study.id}-{max(begun, default=0) + 1}"
