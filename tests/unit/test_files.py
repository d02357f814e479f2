"""Files that appear only when they are whole: an interruption leaves the old one."""

from __future__ import annotations

from pathlib import Path

import pytest

from speciosa.core import files
from speciosa.core.errors import InputError
from speciosa.core.files import write_whole
from speciosa.evidence.load import load_evidence
from speciosa.trial.folder import opened
from speciosa.trial.study import load_study


def test_an_interrupted_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    page = write_whole(tmp_path / "report.html", "old")
    monkeypatch.setattr(files.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(page, "new")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]
    assert page.read_text() == "old"


def test_a_folder_in_the_way_is_an_error_and_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OSError, match=r"report\.html"):
        write_whole(tmp_path / "report.html", "text")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def failing_run(folder: Path, finished: str = "") -> None:
    """A run that is refused inside its folder, after some part was finished or none was."""
    evidence = load_evidence()
    with opened(folder, load_study("combination-opioid"), evidence, 1, resume=True):
        if finished:
            (folder / "subjects" / finished).touch()
        evidence.number("no.such")


def test_a_refused_run_leaves_no_folder_unless_something_was_finished(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no record"):
        failing_run(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
    for finished in ("part-00000.parquet", ""):  # the second goes on in the folder of the first
        with pytest.raises(InputError, match="no record"):
            failing_run(tmp_path / "run", finished)
    assert (tmp_path / "run" / "subjects" / "part-00000.parquet").exists()
