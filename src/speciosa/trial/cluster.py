"""Chunks of a study on the workers of a Dask cluster.

One task is one chunk of people through one arm. Each worker compiles the study's engine once and
keeps it; a worker that dies costs the tasks it was at, which the scheduler gives to another. A
person's result does not depend on who computes it, so the tables are those of one process.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import numpy as np
import polars as pl

from speciosa.core.engine import CORES
from speciosa.core.errors import InputError
from speciosa.evidence.load import Evidence
from speciosa.trial.study import Study

LOCAL = re.compile(r"local\[(\d+)\]")
RETRIES = 3  # times that a task may be tried again after its worker has died
AHEAD = 3  # tasks handed out for each thread of the cluster, so that none waits for the next
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
        given = client.submit(_given, study, evidence, key=f"{run}-given", retries=RETRIES)
        waiting, places, done = iter(tasks), {}, as_completed(with_results=True)

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
    given: tuple[Study, Evidence], number: int, draw: np.ndarray, person: np.ndarray, arm: str
) -> dict[str, pl.DataFrame]:
    """Solve one chunk of people through one arm in this process and return its tables."""
    os.environ.setdefault(CORES, "1")  # other workers have the other cores
    from speciosa.trial.run import Runner, prepared

    study, evidence = given
    key = (study.digest, evidence.digest)
    if key not in _runners:
        _runners[key] = Runner(prepared(study, evidence), evidence)
    runner = _runners[key]
    if (*key, number) not in _people:  # the same for every arm
        _people.clear()
        _people[*key, number] = runner.recruit(draw, person)
    one = next(each for each in study.arms if each.name == arm)
    return dict(runner.tables(one, {number: _people[*key, number]})[number])


def _given(study: Study, evidence: Evidence) -> tuple[Study, Evidence]:
    return study, evidence


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
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=None,
            memory_limit=0,
            silence_logs=logging.ERROR,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client
