"""Nothing is lost: a killed run, a killed worker, a full disk, two runs in one folder."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from small_trial import TEXT
from speciosa.core.engine import CORES
from speciosa.core.errors import InputError
from speciosa.evidence.load import load_evidence
from speciosa.trial.folder import opened
from speciosa.trial.run import CHUNK
from speciosa.trial.study import load_study

RUN = """
import resource, sys
import small_trial, pytest
from speciosa.trial import run
from speciosa.trial.study import load_study
patch = pytest.MonkeyPatch()
small_trial.make_small(patch)
if sys.argv[3] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
def tell(progress):
    print("done", progress.solved, flush=True)
run.run_trial(load_study(sys.argv[1]), out=sys.argv[2], resume=True, group=1, on_progress=tell)
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The small study, as a file."""
    file = tmp_path / "small.toml"
    file.write_text(TEXT)
    return file


def begun(study: Path, folder: Path, how: str = "", **environment: str) -> subprocess.Popen[str]:
    """Begin a run in a process of its own."""
    here = Path(__file__).resolve().parents[2]
    path = os.pathsep.join(str(here / part) for part in ("src", "tests"))
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(study), str(folder), how],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": path, **environment},
    )  # fmt: skip


def tables(folder: Path) -> dict[str, bytes]:
    """The bytes of every table in a run folder, by relative path."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*.parquet"))}


def finished(run: subprocess.Popen[str]) -> None:
    """Wait for a run that must end well."""
    _, said = run.communicate(timeout=300)
    assert run.returncode == 0, said


def killed_at_random(study: Path, folder: Path, moments: int, seconds: float) -> int:
    """Kill a run with no warning at random moments, resuming it each time; count the kills."""
    chance, kills = random.Random(1), 0
    for _ in range(moments):
        run = begun(study, folder)
        try:
            run.wait(chance.uniform(0.5, seconds))
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            kills += 1
        run.communicate()
    finished(begun(study, folder))
    return kills


def whole(study: Path, folder: Path) -> float:
    """Run without any disturbance and return the seconds it took."""
    began = time.monotonic()
    finished(begun(study, folder))
    return time.monotonic() - began


def test_a_run_killed_at_random_moments_ends_with_the_same_bytes(
    study: Path, tmp_path: Path
) -> None:
    seconds = whole(study, tmp_path / "whole")
    assert killed_at_random(study, tmp_path / "killed", 2, seconds) > 0
    assert tables(tmp_path / "killed") == tables(tmp_path / "whole")


@pytest.mark.slow
def test_twenty_kills_end_with_the_same_bytes(study: Path, tmp_path: Path) -> None:
    seconds = whole(study, tmp_path / "whole")
    assert killed_at_random(study, tmp_path / "killed", 20, seconds) >= 10
    assert tables(tmp_path / "killed") == tables(tmp_path / "whole")


def test_one_core_gives_the_bytes_of_two(study: Path, tmp_path: Path) -> None:
    finished(begun(study, tmp_path / "two"))
    finished(begun(study, tmp_path / "one", **{CORES: "1"}))
    assert tables(tmp_path / "one") == tables(tmp_path / "two")


def test_a_full_disk_is_named_and_costs_nothing_finished(study: Path, tmp_path: Path) -> None:
    run = begun(study, tmp_path / "full", "full")
    _, said = run.communicate(timeout=300)
    assert run.returncode != 0
    assert "cannot be written" in said and "--resume" in said
    assert not list((tmp_path / "full").rglob("*.part"))
    finished(begun(study, tmp_path / "full"))
    finished(begun(study, tmp_path / "whole"))
    assert tables(tmp_path / "full") == tables(tmp_path / "whole")


def test_two_runs_cannot_write_to_one_folder(study: Path, tmp_path: Path) -> None:
    read, evidence = load_study(study), load_evidence()

    def enter() -> None:
        with opened(tmp_path / "run", read, evidence, CHUNK, resume=True):
            refused(enter_again)

    def enter_again() -> None:
        with opened(tmp_path / "run", read, evidence, CHUNK, resume=True):
            pytest.fail("two runs hold one folder")

    enter()
    with opened(tmp_path / "run", read, evidence, CHUNK, resume=True) as held:
        assert held is not None  # let go of when the first has ended


def refused(verb: Callable[[], None]) -> None:
    """The verb is refused because another run is at work."""
    with pytest.raises(InputError, match="another run is writing there now"):
        verb()


@pytest.mark.slow
def test_a_worker_that_dies_costs_nothing(study: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    script = tmp_path / "clustered.py"
    script.write_text(CLUSTERED)
    for folder in ("cluster", "here"):
        ended = subprocess.run(
            [sys.executable, str(script), str(study), str(tmp_path / folder)],
            capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr[-3000:]
    assert tables(tmp_path / "cluster") == tables(tmp_path / "here")


CLUSTERED = """
import os, pathlib, signal, sys
from speciosa.trial.run import run_trial
from speciosa.trial.study import load_study

def tell(progress):
    if killed == [] and sys.argv[2].endswith("cluster"):
        from distributed import get_client
        killed.append(get_client().run(os.getpid))
        os.kill(sorted(killed[0].values())[0], signal.SIGKILL)

if __name__ == "__main__":
    killed = []
    cluster = "local[2]" if sys.argv[2].endswith("cluster") else None
    run_trial(load_study(sys.argv[1]), out=sys.argv[2], cluster=cluster, on_progress=tell)
    assert killed or cluster is None
"""
