"""Nothing is lost: a killed run, a killed worker, a full disk, two runs in one folder."""

from __future__ import annotations

import os
import random
import shutil
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
from speciosa.trial.chunks import CHUNK
from speciosa.trial.folder import opened
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


def surroundings() -> dict[str, str]:
    """The environment of a process that imports the package and the tests' helpers."""
    here = Path(__file__).resolve().parents[2]
    path = os.pathsep.join(str(here / part) for part in ("src", "tests"))
    return {**os.environ, "PYTHONPATH": path}


def begun(study: Path, folder: Path, how: str = "", **environment: str) -> subprocess.Popen[str]:
    """Begin a run in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(study), str(folder), how],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**surroundings(), **environment},
    )  # fmt: skip


def tables(folder: Path) -> dict[str, bytes]:
    """The bytes of every table in a run folder, by relative path."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*.parquet"))}


def finished(run: subprocess.Popen[str]) -> None:
    """Wait for a run that must end well."""
    _, said = run.communicate(timeout=300)
    assert run.returncode == 0, said


def killed_at_random(study: Path, whole: Path, moments: int, seconds: float) -> None:
    """Kill a run with no warning at random moments, resuming it each time, until it has been
    killed that often; whenever it comes to its end in between, it begins afresh."""
    chance, folder, kills = random.Random(1), whole.with_name("killed"), 0
    for _ in range(4 * moments):
        run = begun(study, folder)
        try:
            run.communicate(timeout=chance.uniform(0.3, seconds))
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.communicate()
            kills += 1
        else:
            assert tables(folder) == tables(whole)
            shutil.rmtree(folder)
        if kills == moments:
            break
    assert kills == moments
    finished(begun(study, folder))
    assert tables(folder) == tables(whole)


def whole(study: Path, folder: Path) -> float:
    """Run without any disturbance and return the seconds it took."""
    began = time.monotonic()
    finished(begun(study, folder))
    return time.monotonic() - began


def test_a_run_killed_at_random_moments_ends_with_the_same_bytes(
    study: Path, tmp_path: Path
) -> None:
    seconds = whole(study, tmp_path / "whole")
    killed_at_random(study, tmp_path / "whole", 2, seconds)


@pytest.mark.slow
def test_twenty_kills_end_with_the_same_bytes(study: Path, tmp_path: Path) -> None:
    seconds = whole(study, tmp_path / "whole")
    killed_at_random(study, tmp_path / "whole", 20, seconds)


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
@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_dies_costs_only_its_chunk(
    tmp_path: Path, workers: int, many: Path, many_whole: Path
) -> None:
    pytest.importorskip("distributed")
    at, begun_tasks = tmp_path / "cluster", tmp_path / "begun"
    assert clustered(many, at, f"local[{workers}]", begun_tasks) == (0, 1)
    assert tables(at) == tables(many_whole)
    tasks = begun_tasks.read_text().splitlines()
    assert len(set(tasks)) == 9  # three chunks of three arms
    assert len(tasks) <= 9 + 2  # what the worker was at, and what it had not handed over yet


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study with people for three chunks, as a file."""
    file = tmp_path_factory.mktemp("many") / "many.toml"
    file.write_text(TEXT.replace("draws = 3", f"draws = {3 * CHUNK // 20}"))
    return file


@pytest.fixture(scope="module")
def many_whole(many: Path) -> Path:
    """The run of it in one process."""
    at = many.parent / "whole"
    assert clustered(many, at, "", many.parent / "begun") == (0, 0)
    return at


def clustered(study: Path, folder: Path, address: str, begun_tasks: Path) -> tuple[int, int]:
    """Run a study on a cluster, one worker of which is killed when the first chunk is done.

    Returns:
        the exit code, and how many workers were killed.
    """
    script = study.parent / "clustered.py"
    script.write_text(CLUSTERED)
    ended = subprocess.run(
        [sys.executable, str(script), str(study), str(folder), address, str(begun_tasks)],
        capture_output=True, text=True, timeout=900, check=False, env=surroundings(),
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.returncode, int(ended.stdout.split()[-1])


CLUSTERED = """
import os, signal, sys
from speciosa.trial import cluster
from speciosa.trial.run import run_trial
from speciosa.trial.study import load_study

study, folder, address, begun = sys.argv[1:]
killed, solve = [], cluster.tables_of

def counted(given, number, draw, person, arm):
    with open(begun, "a") as file:
        file.write(f"{number} {arm}\\n")
    return solve(given, number, draw, person, arm)

def tell(progress):
    if not killed and address:
        from distributed import get_client
        killed.append(sorted(get_client().run(os.getpid).values())[0])
        os.kill(killed[0], signal.SIGKILL)

if __name__ == "__main__":
    cluster.tables_of = counted
    run_trial(load_study(study), out=folder, cluster=address or None, on_progress=tell)
    print(len(killed))
"""
