"""Chunks of a study on the workers of a Dask cluster.

One task is one chunk of people through one arm. Each worker compiles the study's engine once and
keeps it; a worker that dies costs the tasks it was at, which the scheduler gives to another. A
person's result does not depend on who computes it, so the tables are those of one process.
"""

from __future__ import annotations

import logging
import os
import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any

import numpy as np
import polars as pl

from speciosa.core.engine import CORES
from speciosa.core.errors import InputError
from speciosa.core.version import __version__
from speciosa.evidence.load import Evidence
from speciosa.trial.study import Study

LOCAL = re.compile(r"local\[(\d+)\]")
RETRIES = 3  # times that a task may be tried again after its worker has died
AHEAD = 3  # tasks handed out for each thread of the cluster, so that none waits for the next
Given = tuple[Study, Evidence, str]  # what every worker needs, and the version that asks
Task = tuple[int, np.ndarray, np.ndarray, str]  # chunk, draws, persons, arm
_runners: dict[tuple[str, str], Any] = {}  # of this worker process: its compiled studies
_people: dict[tuple[str, str, int], Any] = {}  # of this worker process: the chunk it was last at


def solved(
    address: str, study: Study, evidence: Evidence, tasks: Iterable[Task]
) -> Iterator[tuple[int, str, dict[str, pl.DataFrame]]]:
    """Yield (chunk, arm, tables) as the workers finish them, in no order.

    Args:
        address: of a Dask scheduler, such as ``tcp://10.0.0.1:8786``, or ``local[N]`` for N worker
            processes on this machine.
        study, evidence: what every worker needs.
        tasks: what is to be solved.

    Raises:
        InputError: Dask is not installed, or nothing answers at the address.
    """
    try:
        from distributed import as_completed
    except ImportError as error:
        cure = 'Install it: pip install "speciosa[cluster]".'
        raise InputError("Dask distributed is not installed", "--cluster", cure) from error
    with _client(address) as client:
        run = f"{study.digest[:12]}-{evidence.digest[:12]}"
        # a task, not scattered data: if the worker that holds it dies, it is made again
        given = client.submit(
            _given, study, evidence, __version__, key=f"{run}-given", retries=RETRIES
        )
        waiting, done = iter(tasks), as_completed(with_results=True)
        places: dict[Any, tuple[int, str]] = {}

        def hand_out() -> None:
            """Keep some tasks ahead of the workers, however many tasks there are."""
            ahead = AHEAD * max(1, sum(client.nthreads().values()))
            for number, draw, person, arm in islice(waiting, max(0, ahead - len(places))):
                future = client.submit(
                    tables_of, given, number, draw, person, arm,
                    key=f"{run}-{number}-{arm}", retries=RETRIES,
                )  # fmt: skip
                places[future] = (number, arm)
                done.add(future)

        hand_out()
        for future, tables in done:
            number, arm = places.pop(future)
            future.release()
            hand_out()
            yield number, arm, tables


def tables_of(
    given: Given, number: int, draw: np.ndarray, person: np.ndarray, arm: str
) -> dict[str, pl.DataFrame]:
    """Solve one chunk of people through one arm in this process and return its tables.

    Raises:
        InputError: this worker has another version than whoever asks.
    """
    os.environ.setdefault(CORES, "1")  # other workers have the other cores
    from speciosa.trial.run import Runner, prepared

    study, evidence, version = given
    if version != __version__:
        what = f"a worker runs Speciosa {__version__}, and {version} asks it"
        raise InputError(what, "--cluster", "Install the same version everywhere.")
    key = (study.digest, evidence.digest)
    if key not in _runners:
        _runners[key] = Runner(prepared(study, evidence), evidence)
    runner = _runners[key]
    if (*key, number) not in _people:  # the same for every arm
        _people.clear()
        _people[*key, number] = runner.recruit(draw, person)
    one = next(each for each in study.arms if each.name == arm)
    return dict(runner.tables(one, {number: _people[*key, number]})[number])


def _given(study: Study, evidence: Evidence, version: str) -> Given:
    return study, evidence, version


@contextmanager
def _client(address: str) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    local = LOCAL.fullmatch(address)
    if not local:
        try:
            client = Client(address, timeout="10s")
        except (OSError, TimeoutError, ValueError) as error:
            cure = "Start a scheduler there (dask scheduler), or write local[2] for this machine."
            raise InputError(f'nothing answers at "{address}"', "--cluster", cure) from error
        with client:
            yield client
        return
    workers = int(local[1])
    if workers < 1:
        raise InputError("no worker", "--cluster", "Write local[2] for two workers.")
    with ExitStack() as opened:
        with _uninterrupted():  # which the workers take over: Ctrl-C is for this process
            cluster = opened.enter_context(LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address=None,
                memory_limit=0,
                silence_logs=logging.CRITICAL,
            ))  # fmt: skip
        yield opened.enter_context(Client(cluster))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back; processes that are begun meanwhile, and their successors, never see it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
