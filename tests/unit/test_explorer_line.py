"""The line of runs: in order, one at a time, ended at once, and every end is shown."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from speciosa.view.explorer.line import Line
from speciosa.view.explorer.store import Run, Store

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.close()


@pytest.fixture
def line(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    made = Line(store, ahead=False, module="fake_worker")
    made.start()
    yield made
    made.close()


def queued(store: Store, wish: str) -> Run:
    return store.add("me", "mine", title=wish, study=f'[study]\nquestion = "{wish}"')


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.02)


def state(store: Store, run: Run) -> str:
    found = store.get(run.id)
    assert found is not None
    return found.state


def test_ten_runs_at_once_all_end_and_say_how(store: Store, line: Line) -> None:
    wishes = ["fine", "crash", "fine", "fail", "fine"] * 2
    runs = [queued(store, wish) for wish in wishes]
    line.wake()
    until(lambda: not any(run.open for run in store.runs()), 60)
    ends = {"fine": "finished", "crash": "stopped", "fail": "failed"}
    assert [state(store, run) for run in runs] == [ends[wish] for wish in wishes]
    began = [store.get(run.id).began for run in runs]  # type: ignore[union-attr]
    assert began == sorted(began)
    assert [run.id for run in runs] == [f"mine-{n}" for n in range(1, 11)]


def test_a_crash_is_told_with_its_last_words_and_can_be_resumed(store: Store, line: Line) -> None:
    run = queued(store, "crash")
    line.wake()
    until(lambda: state(store, run) == "stopped")
    found = store.get(run.id)
    assert found is not None
    assert found.resumable
    assert "code 7" in found.message
    assert "the memory ran out" in found.message
    assert "resume" in found.message
    store.change(run.id, state="queued")
    line.wake()
    until(lambda: state(store, run) == "finished")


def test_cancelling_ends_a_run_at_once_and_the_next_one_begins(store: Store, line: Line) -> None:
    first, second = queued(store, "wait"), queued(store, "fine")
    line.wake()
    until(lambda: (run := store.get(first.id)) is not None and run.done == 10)
    assert state(store, second) == "queued"
    asked = time.monotonic()
    line.cancel(first.id)
    assert state(store, first) == "cancelled"
    until(lambda: state(store, second) != "queued")
    assert time.monotonic() - asked < 5.0
    until(lambda: state(store, second) == "finished")
    assert state(store, first) == "cancelled"


def test_a_waiting_run_is_taken_out_of_the_line(store: Store, line: Line) -> None:
    first, second = queued(store, "wait"), queued(store, "fine")
    line.wake()
    until(lambda: state(store, first) == "running")
    line.cancel(second.id)
    assert state(store, second) == "cancelled"
    line.cancel(first.id)
    time.sleep(0.3)
    assert state(store, second) == "cancelled"


def test_a_killed_run_is_shown_as_such(store: Store, line: Line) -> None:
    run = queued(store, "wait")
    line.wake()
    until(lambda: state(store, run) == "running" and line._running is not None)
    assert line._running is not None
    os.kill(line._running[1].process.pid, signal.SIGKILL)
    until(lambda: state(store, run) == "stopped")
    found = store.get(run.id)
    assert found is not None
    assert "killed (signal 9)" in found.message


def test_what_ran_when_the_explorer_ended_is_stopped_and_what_waited_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    first = Store(tmp_path)
    run, waits = queued(first, "wait"), queued(first, "fine")
    first.change(run.id, state="running", done=10)
    first.keep("me", "study", "unfinished")
    first.close()
    again = Store(tmp_path)
    assert again.kept("me", "study") == "unfinished"
    line = Line(again, ahead=False, module="fake_worker")
    line.start()
    until(lambda: state(again, waits) == "finished")
    assert state(again, run) == "stopped"
    line.close()
    again.close()


def test_closing_ends_every_process(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    line = Line(store, ahead=False, module="fake_worker")
    line.start()
    run = queued(store, "wait")
    line.wake()
    until(lambda: line._running is not None and state(store, run) == "running")
    assert line._running is not None
    process = line._running[1].process
    line.close()
    assert process.poll() is not None
    assert state(store, run) == "stopped"


def test_the_time_left_counts_down_at_the_pace_so_far() -> None:
    run = Run("a-1", "me", "?", "", state="running", began=0.0, asked=100, done=60, first_done=20,
              first_at=10.0, last_at=30.0)  # fmt: skip
    assert run.seconds_left(30.0) == pytest.approx(20.0)
    assert run.seconds_left(35.0) == pytest.approx(15.0)
    assert Run("a-1", "me", "?", "", state="running", asked=100).seconds_left(5.0) is None
