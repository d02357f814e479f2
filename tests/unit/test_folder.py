"""The run folder: a killed run goes on and ends with the same bytes; nothing is mixed up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from small_trial import CHUNK, make_small, small_study
from speciosa.core.errors import InputError
from speciosa.evidence.load import Evidence
from speciosa.trial import folder as folder_module
from speciosa.trial import run
from speciosa.trial.cluster import tables_of
from speciosa.trial.folder import TABLES, Folder, folder_for
from speciosa.trial.run import Progress, TrialRun, run_trial

PARTS = [f"part-{n:05d}.parquet" for n in range(9)]  # three chunks of three arms


class KilledError(Exception):
    """What ends a run in the middle."""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)
    monkeypatch.setattr(run, "GROUP", 2)  # so that a kill leaves finished and unfinished chunks


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrialRun]:
    """A run that was never disturbed."""
    with pytest.MonkeyPatch.context() as patch:
        make_small(patch)
        patch.setattr(run, "GROUP", 2)
        at = tmp_path_factory.mktemp("runs") / "whole"
        return at, run_trial(small_study(), out=at)


def tables(at: Path) -> dict[str, bytes]:
    """The bytes of every table in a run folder, by relative path."""
    return {str(file.relative_to(at)): file.read_bytes() for file in sorted(at.rglob("*.parquet"))}


def killed_after(steps: int) -> Any:
    """A progress callback that ends the run after some reports."""
    told: list[Progress] = []

    def on_progress(progress: Progress) -> None:
        told.append(progress)
        if len(told) == steps:
            raise KilledError

    return on_progress


def test_the_folder_holds_every_chunk_of_every_table(whole: tuple[Path, TrialRun]) -> None:
    at, trial = whole
    assert sorted(path.name for path in at.iterdir()) == sorted(
        [".lock", *TABLES, "draws.parquet", "manifest.json", "run.json", "study.toml"]
    )
    for table in TABLES:
        assert sorted(file.name for file in (at / table).iterdir()) == PARTS
    written = pl.concat([pl.read_parquet(at / "subjects" / part) for part in PARTS])
    keys = ["draw", "person", "arm"]
    assert written.sort(keys).equals(trial.subjects.sort(keys))
    assert pl.read_parquet(at / "draws.parquet").equals(trial.draws)
    assert json.loads((at / "run.json").read_text()) == trial.info
    assert (at / "study.toml").read_text() == trial.study.text


@pytest.mark.parametrize("steps", [1, 4])
def test_a_killed_run_goes_on_to_the_same_bytes(
    whole: tuple[Path, TrialRun], tmp_path: Path, steps: int
) -> None:
    at = tmp_path / "killed"
    with pytest.raises(KilledError):
        run_trial(small_study(), out=at, on_progress=killed_after(steps))
    left = tables(at)
    assert 0 < len(left) < len(tables(whole[0]))
    resumed = run_trial(small_study(), out=at, resume=True)
    assert tables(at) == tables(whole[0])
    assert resumed.subjects.equals(whole[1].subjects)
    assert resumed.courses.equals(whole[1].courses)
    before, after = (json.loads((path / "run.json").read_text()) for path in (whole[0], at))
    assert {**before, "seconds": 0} == {**after, "seconds": 0}


@pytest.mark.parametrize("damage", ["cut short", "emptied", "removed", "overwritten"])
def test_a_damaged_chunk_is_made_again(
    whole: tuple[Path, TrialRun], tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = tmp_path / "damaged"
    copied(whole[0], at)
    victim = at / "daily" / PARTS[4]
    content = victim.read_bytes()
    if damage == "removed":
        victim.unlink()
    else:
        victim.write_bytes(
            {"cut short": content[: len(content) // 2], "emptied": b"",
             "overwritten": b"x" * len(content)}[damage]
        )  # fmt: skip
    made: list[Any] = []
    solved_of = run.Runner.solved

    def counted(self: Any, arm: Any, people: Any) -> Any:
        made.extend((arm.name, n) for n in people)
        return solved_of(self, arm, people)

    monkeypatch.setattr(run.Runner, "solved", counted)
    run_trial(small_study(), out=at, resume=True)
    assert made == [("melatonin", 1)]
    assert tables(at) == tables(whole[0])


def copied(source: Path, to: Path) -> None:
    for file in sorted(source.rglob("*")):
        if file.is_file():
            target = to / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())


def test_a_half_written_file_is_no_chunk(whole: tuple[Path, TrialRun], tmp_path: Path) -> None:
    at = tmp_path / "half"
    copied(whole[0], at)
    victim = at / "subjects" / PARTS[0]
    victim.rename(victim.with_suffix(".part"))
    run_trial(small_study(), out=at, resume=True)
    assert tables(at) == tables(whole[0])


# ---- refusals -----------------------------------------------------------------------------------


@pytest.fixture
def held(tmp_path: Path, evidence: Evidence) -> Path:
    """A folder that a run has begun."""
    at = tmp_path / "held"
    Folder.open(at, small_study(), evidence, CHUNK, resume=False)
    return at


def test_what_is_there_is_not_overwritten_unasked(held: Path, evidence: Evidence) -> None:
    with pytest.raises(InputError, match=r"already holds this run\. Add --resume"):
        Folder.open(held, small_study(), evidence, CHUNK, resume=False)


@pytest.mark.parametrize("resume", [False, True])
def test_another_run_is_refused_with_the_difference(
    held: Path, evidence: Evidence, resume: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_evidence = evidence.replace({"claimed.synergy": 0.5})
    for study, numbers, chunk, told in (
        (small_study(seed=8), evidence, CHUNK, "another study"),
        (small_study(people=21), evidence, CHUNK, "another study"),
        (small_study(), other_evidence, CHUNK, "another evidence"),
        (small_study(), evidence, 2 * CHUNK, "another chunk"),
        (small_study(seed=8), other_evidence, CHUNK, "another study and evidence"),
    ):
        with pytest.raises(InputError, match=f"holds a run with {told}") as error:
            Folder.open(held, study, numbers, chunk, resume=resume)
        assert str(held) in str(error.value)
    monkeypatch.setattr(folder_module, "__version__", "0.0.0")
    with pytest.raises(InputError, match="another version"):
        Folder.open(held, small_study(), evidence, CHUNK, resume=resume)


def test_a_study_with_other_words_only_is_the_same_study(held: Path, evidence: Evidence) -> None:
    Folder.open(held, replace(small_study(), text="# a note"), evidence, CHUNK, resume=True)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, evidence: Evidence) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(InputError, match="holds files but no run"):
        Folder.open(tmp_path, small_study(), evidence, CHUNK, resume=False)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_an_empty_folder_will_do(tmp_path: Path, evidence: Evidence) -> None:
    opened = Folder.open(tmp_path, small_study(), evidence, CHUNK, resume=True)
    assert opened.read(0, "placebo") is None


def test_a_place_that_cannot_be_written_is_told_before_anything_is_solved(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot be written: .* Name another folder") as error:
        run_trial(small_study(), out=tmp_path / "file" / "run")
    assert str(tmp_path / "file" / "run") in str(error.value)


def test_a_broken_manifest_is_told(held: Path, evidence: Evidence) -> None:
    (held / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="its manifest cannot be read"):
        Folder.open(held, small_study(), evidence, CHUNK, resume=True)


# ---- folders that nobody named ------------------------------------------------------------------


def test_folders_are_numbered_by_study(tmp_path: Path) -> None:
    study = small_study()
    under = tmp_path / "runs"
    assert folder_for(study, under=under) == under / "small-1"
    assert folder_for(study, resume=True, under=under) == under / "small-1"
    for name in ("small-1", "small-3", "smaller-9", "small-x"):
        (under / name).mkdir(parents=True)
    assert folder_for(study, under=under) == under / "small-4"
    assert folder_for(study, resume=True, under=under) == under / "small-3"


def test_a_worker_of_another_version_refuses() -> None:
    with pytest.raises(InputError, match=r"a worker runs Speciosa .* and 0\.0\.0 asks it"):
        tables_of((small_study(), None, "0.0.0"), 0, np.arange(1), np.arange(1), "placebo")  # type: ignore[arg-type]
