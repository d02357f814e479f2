"""The same command on the same machine rebuilds the same bytes, apart from how long it took."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from small_trial import make_small, small_study
from speciosa.trial.run import run_trial
from speciosa.verdict.appraise import judge_run


def hashes(folder: Path) -> dict[str, str]:
    """File -> sha256 of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_two_runs_leave_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)
    found = []
    for name in ("first", "second"):
        folder = tmp_path / name
        run = run_trial(small_study(draws=2), out=folder)
        judge_run(run).save(folder / "verdict.json")
        assert "seconds" in json.loads((folder / "run.json").read_text())
        found.append(hashes(folder))
    timed = {file for file in found[0] if found[0][file] != found[1][file]}
    assert found[0].keys() == found[1].keys()
    assert {"verdict.json", "draws.parquet", "run.json"} <= found[0].keys()
    assert timed <= {"run.json"}


def test_another_seed_leaves_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)
    found = []
    for seed in (7, 8):
        run = run_trial(small_study(draws=1, seed=seed), out=tmp_path / str(seed))
        judge_run(run).save(tmp_path / str(seed) / "verdict.json")
        found.append(hashes(tmp_path / str(seed)))
    assert found[0]["verdict.json"] != found[1]["verdict.json"]
    assert found[0]["draws.parquet"] != found[1]["draws.parquet"]
