"""The engine's side: speed at each mesh, error, compile and cached start, memory, what it scales
with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from problem import STUDY, Problem, first, part

from speciosa.core.engine import Engine

HERE = Path(__file__).resolve().parent
PRECISIONS: dict[str, dict[str, Any]] = {"double": {}, "single": {"double": False}}
WIDTH = 500  # people on each core: a thousand on two
TIMES = 3  # of which the middle one counts
SMALLER = {  # model -> quantities that it is cut down to
    "kratom alone": ("mitragynine_plasma",),
    "kratom, melatonin, clock and sleep": ("mitragynine_plasma", "total_sleep_time"),
    "all stages": None,
}


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def engine_of(problem: Problem, precision: str = "double", **options: Any) -> Engine:
    """Return a compiled engine of a problem."""
    options = {"width": WIDTH} | options | PRECISIONS[precision]
    made: Engine = problem.plan.engine(**options)
    return made


def rate(
    problem: Problem, engine: Engine, people: Any, count: int, *, halvings: int = 0,
    times: int = TIMES,
) -> tuple[float, float]:  # fmt: skip
    """Return people a second on both cores, and a second of processor time: the middle of several.

    They are solved in chunks as a trial does; whoever fails the check of the error is counted in
    the time of those who do not, and not solved again here.
    """
    chunks = [part(people, i, engine.people) for i in range(0, count, engine.people)]

    def work() -> None:
        for chunk in chunks:
            problem.solve(engine, chunk, halvings=halvings)

    wall, busy = middle(work, times)
    return count / wall, count / busy


def middle(work: Callable[[], Any], times: int = TIMES) -> tuple[float, float]:
    """Return the middle of several times that something takes, and of its processor time, s."""
    spent = []
    for _ in range(times):
        began, busy = time.perf_counter(), time.process_time()
        work()
        spent.append((time.perf_counter() - began, time.process_time() - busy))
    wall, processor = np.median(spent, axis=0)
    return float(wall), float(processor)


def refined(problem: Problem, engine: Engine, people: Any, count: int) -> float:
    """Return the share of people who exceed the bound on the trial's mesh."""
    failed = [
        problem.solve(engine, part(people, i, engine.people)).failed
        for i in range(0, count, engine.people)
    ]
    return float(np.concatenate(failed).mean())


def starts(recipe: str, precision: str) -> dict[str, float]:
    """Return seconds from an empty process to the first simulated day, without and with a cache,
    and the peak memory of the second in MiB."""
    found = {}
    with tempfile.TemporaryDirectory() as cache:
        for name in ("cold", "cached"):
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, str(HERE / "ours.py"), recipe, precision],
                capture_output=True, text=True, check=True,
                env={**os.environ, "SPECIOSA_CACHE": cache},
            )  # fmt: skip
            found[name] = time.perf_counter() - began
            found["memory"] = json.loads(done.stdout.splitlines()[-1])["memory"]
    return found


def by_people(problem: Problem, engine: Engine, people: Any, counts: tuple[int, ...]) -> Any:
    """Return people -> people a second."""
    problem.solve(engine, part(people, 0, engine.people))  # compiles
    return {n: rate(problem, engine, first(people, n), n, times=1)[0] for n in counts}


def by_days(problem: Problem, engine: Engine, people: Any, days: tuple[int, ...]) -> Any:
    """Return days -> people a second."""
    size = engine.people
    return {d: rate(replace(problem, days=d), engine, first(people, size), size)[0] for d in days}


def by_states(days: int, count: int) -> list[dict[str, Any]]:
    """Return the speed of models cut down to what some quantities rest on."""
    from speciosa.evidence.load import load_evidence
    from speciosa.trial.design import design
    from speciosa.trial.study import load_study

    rows = []
    for label, wanted in SMALLER.items():
        asked = None if wanted is None else (lambda model, w=wanted: w)
        evidence, study = load_evidence(), load_study(STUDY)
        plan = design(study, evidence, behaviour=False, quantities=asked)
        problem = Problem("default", evidence, plan, days, decisions=False)
        engine, people = engine_of(problem), problem.recruit(count)
        problem.solve(engine, part(people, 0, engine.people))  # compiles
        states = sum(len(s.states) for s in plan.model.stages)
        modes = sum(len(s.modes) for s in plan.model.stages)
        rows.append({"model": label, "integrated": states, "exact": modes,
                     "people_per_second": rate(problem, engine, people, count)[0]})  # fmt: skip
    return rows


def _begin(recipe: str, precision: str) -> None:
    """Solve the first day of a full chunk in this process and say how much memory it took."""
    import resource

    problem = Problem.of(recipe, 1)
    engine = engine_of(problem, precision)
    problem.solve(engine, problem.recruit(engine.people))
    print(json.dumps({"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    _begin(sys.argv[1], sys.argv[2])
