"""A place that cannot be written to is refused before the work begins, and nothing stays behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from speciosa import cli
from speciosa.core.errors import InputError
from speciosa.view.place import must_take


def test_a_place_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    must_take(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "kept").mkdir()
    must_take(tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in ("file", "file/below"):
        with pytest.raises(InputError, match="cannot be written: "):
            must_take(tmp_path / place)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("words", [
    ["power", "combination-opioid", "--out", "file"],
    ["sensitivity", "combination-opioid", "--out", "file/below"],
    ["fit", "data.csv", "--parameters", "lofexidine.clearance", "--out", "file/set.toml"],
])  # fmt: skip
def test_long_work_asks_first(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as left:
        cli.main(words)
    said = capsys.readouterr()
    assert (left.value.code, said.out) == (2, "")
    assert "cannot be written" in said.err and "with --out" in said.err
