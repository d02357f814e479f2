"""The line of runs: one at a time, in the order asked, each in a process of its own.

The next process is started ahead and makes itself ready while nothing runs, so that a first answer
does not wait for imports and compilation.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from speciosa.view.explorer.store import (
    CANCELLED,
    FAILED,
    FINISHED,
    OPEN,
    QUEUED,
    RUNNING,
    STOPPED,
    Run,
    Store,
)

MODULE = "speciosa.view.explorer.worker"
WORDS_KEPT = 2000  # characters of a crashed process's last words
PATIENCE = 2.0  # seconds between asking a process to end and ending it


class Worker:
    """A process that does one run.

    Args:
        cold: do not make ready for the default study first.
        module: what the process runs.
    """

    def __init__(self, *, cold: bool, module: str = MODULE) -> None:
        self.words: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        command = [sys.executable, "-m", module, *(["--cold"] if cold else [])]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.words,
            text=True, encoding="utf-8", start_new_session=True, env=_environment(),
        )  # fmt: skip

    def give(self, run: Run, store: Store) -> None:
        """Hand it its run."""
        assert self.process.stdin is not None
        job = {
            "study": run.study,
            "folder": str(store.folder / run.id),
            "answer": str(store.answer(run.id)),
        }
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """End it now."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def release(self) -> None:
        """Close what connected it, once it has ended."""
        for pipe in (self.process.stdin, self.process.stdout, self.words):
            if pipe is not None:
                with suppress(OSError):  # unsent words to a process that is gone
                    pipe.close()

    def last_words(self) -> str:
        """Return the fault that a crashed process named, or the last line that it wrote."""
        self.words.seek(0, os.SEEK_END)
        self.words.seek(max(0, self.words.tell() - WORDS_KEPT))
        lines = self.words.read().decode("utf-8", "replace").strip().splitlines()
        named = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
        return (named or lines or [""])[-1].strip()


def _environment() -> dict[str, str]:
    """The environment of a worker: this package is found wherever it was started from."""
    source = str(Path(__file__).resolve().parents[3])
    paths = [source, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


class Line:
    """Takes queued runs one after the other.

    Args:
        store: where the runs are kept.
        ahead: start the next process before it is needed.
        module: what the processes run.
    """

    def __init__(self, store: Store, *, ahead: bool = True, module: str = MODULE) -> None:
        self.store, self.ahead, self.module = store, ahead, module
        self._change = threading.Condition()
        self._closed = False
        self._standing: Worker | None = None
        self._running: tuple[str, Worker] | None = None
        self._thread = threading.Thread(target=self._work, name="line", daemon=True)

    def start(self) -> None:
        """Begin; what ran when the explorer last ended is marked as stopped."""
        self.store.recover()
        if self.ahead:
            self._standing = Worker(cold=False, module=self.module)
        self._thread.start()

    def close(self) -> None:
        """End every process; what waits keeps waiting until the next start."""
        with self._change:
            self._closed = True
            running, standing = self._running, self._standing
            self._change.notify_all()
        for worker in (running[1] if running else None, standing):
            if worker is not None:
                worker.end()
        if standing is not None:
            standing.release()
        if self._thread.is_alive():
            self._thread.join(PATIENCE + 1)

    def wake(self) -> None:
        """Look for queued runs."""
        with self._change:
            self._change.notify_all()

    def cancel(self, run: str) -> None:
        """Take a run out of the line, or end it."""
        given = {"state": CANCELLED, "message": "Cancelled.", "ended": time.time()}
        if self.store.change_from(run, OPEN, **given):
            with self._change:
                worker = self._running[1] if self._running and self._running[0] == run else None
            if worker is not None:
                worker.end()

    # ---- the thread ------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._change:
                while not self._closed and (run := self.store.next_queued()) is None:
                    self._change.wait(1.0)
                if self._closed:
                    return
                assert run is not None
                worker = self._standing or Worker(cold=True, module=self.module)
                self._standing, self._running = None, (run.id, worker)
            self._follow(run, worker)
            worker.release()
            with self._change:
                self._running = None
                if self.ahead and not self._closed and self.store.next_queued() is None:
                    self._standing = Worker(cold=False, module=self.module)

    def _follow(self, run: Run, worker: Worker) -> None:
        """Give a run to its process and write down what it tells until it ends."""
        given = {"state": RUNNING, "began": time.time(), "phase": "starting", "message": ""}
        if not self.store.change_from(run.id, (QUEUED,), **given):
            worker.end()
            return
        told: dict[str, Any] = {}
        try:
            worker.give(run, self.store)
            assert worker.process.stdout is not None
            for line in worker.process.stdout:
                told = _read(line)
                self._note(run.id, told)
        except OSError:
            pass  # it is gone: its exit code says so below
        code = worker.process.wait()
        if told.get("state") == FINISHED and code == 0:
            known = self.store.get(run.id)
            answer = known.answer + 1 if known else 1
            self.store.change_from(
                run.id, (RUNNING,), state=FINISHED, ended=time.time(), phase="", answer=answer
            )
        elif told.get("state") == FAILED:
            words = str(told.get("message", ""))
            self.store.change_from(
                run.id, (RUNNING,), state=FAILED, message=words, ended=time.time()
            )
        else:
            words = "The explorer ended." if self._closed else _why(code, worker.last_words())
            words += " What was done is kept: resume it."
            self.store.change_from(
                run.id, (RUNNING,), state=STOPPED, message=words, ended=time.time()
            )

    def _note(self, run: str, told: dict[str, Any]) -> None:
        known = self.store.get(run)
        if known is None or known.state != RUNNING or told.get("state") == "ready":
            return
        keys = ("asked", "done", "failed", "phase")
        given: dict[str, Any] = {key: told[key] for key in keys if key in told}
        if "done" in told and told["done"] > known.done:
            given["last_at"] = time.time()
            if not known.first_at:
                given |= {"first_at": given["last_at"], "first_done": told["done"]}
        if told.get("answer"):
            given["answer"] = known.answer + 1
        if given:
            self.store.change(run, **given)


def _read(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _why(code: int, words: str) -> str:
    ended = f"It was killed (signal {-code})." if code < 0 else f"It ended with code {code}."
    return f"{ended} {words}".strip()
