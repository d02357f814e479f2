"""One solver of another library in a process of its own: ``peer.py NAME FOLDER NUMBER OF``.

It takes its part of the people, waits until every process of the same solver is ready, and solves
them at each setting; what it found and how long it took goes into the folder.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from given import load

WAIT = 300.0  # s until the others must be ready


def main(name: str, folder: Path, number: int, of: int) -> None:
    """Solve this process's part of the people and write what came of it."""
    os.environ["OMP_NUM_THREADS"] = "1"
    given = load(folder)
    asked = json.loads((folder / f"{name}.asked.json").read_text(encoding="utf-8"))
    jobs = list(given.jobs)[number::of][: -(-asked["people"] // of)]
    began = time.monotonic()
    module: Any = import_module(name)
    in_r = hasattr(module, "there")  # R starts anew for every setting and tells its own time
    solver = module.Solver(given, folder) if in_r else module.Solver(given)
    if not in_r:
        solver.solve(jobs, asked["settings"][0], given.hours[:2])  # whatever is compiled late
    built = time.monotonic() - began
    told: dict[str, Any] = {"built": built, "people": len(jobs), "seconds": [], "cpu": []}
    for place, setting in enumerate(asked["settings"]):
        _meet(folder, name, number, of, place)
        began, busy = time.monotonic(), time.process_time()
        rows = solver.solve(jobs, setting, given.hours)
        own = getattr(solver, "seconds", None)
        told["seconds"].append(time.monotonic() - began if own is None else own)
        told["cpu"].append(time.process_time() - busy if own is None else own)
        np.save(folder / f"{name}-{place}-{number}.npy", rows[:, given.kept])
    told["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (folder / f"{name}.told-{number}.json").write_text(json.dumps(told), encoding="utf-8")


def _meet(folder: Path, name: str, number: int, of: int, place: int) -> None:
    """Wait for the other processes, so that all work at the same time."""
    (folder / f"{name}.ready-{place}-{number}").touch()
    until = time.monotonic() + WAIT
    while len(list(folder.glob(f"{name}.ready-{place}-*"))) < of:
        if time.monotonic() > until:
            raise TimeoutError(f"another process of {name} did not come")
        time.sleep(0.005)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
