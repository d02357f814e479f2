"""The solvers beside ours: which are here, what each costs at which error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from problem import worst

HERE = Path(__file__).resolve().parent
ALL = ("cvode", "scipy_lsoda", "compiled_lsoda", "numba_lsoda", "tsit5", "mrg", "rxode")
PROCESSES = 2


@dataclass(frozen=True)
class Cost:
    """A solver at one setting: people a second of both processes together, people a second of
    processor time, and its worst error."""

    solver: str
    setting: Mapping[str, Any]
    rate: float
    cpu: float
    error: float
    state: str


@dataclass(frozen=True)
class Peer:
    """What a solver came to; ``missing`` says why it did not run."""

    name: str
    label: str
    costs: tuple[Cost, ...] = ()
    built: float = float("nan")
    memory: float = float("nan")
    missing: str = ""


def missing(name: str) -> str:
    """Return why a solver cannot run here; nothing if it can."""
    module: Any = import_module(name)
    here = module.there(module.NEEDS) if hasattr(module, "there") else find_spec(module.NEEDS)
    return "" if here else f"{module.NEEDS} is not installed"


def solved(
    folder: Path, name: str, people: int, settings: Sequence[Mapping[str, Any]] | None = None
) -> tuple[list[Any], list[tuple[float, float]], dict[str, float]]:
    """Solve people with another solver in two processes at once.

    Returns:
        states at the moments for each setting, (T, S, N); people a second, and a second of
        processor time; seconds to build and the largest process in MiB.
    """
    settings = import_module(name).SETTINGS if settings is None else settings
    asked = {"people": people, "settings": list(settings)}
    (folder / f"{name}.asked.json").write_text(json.dumps(asked), encoding="utf-8")
    for old in folder.glob(f"{name}.ready-*"):
        old.unlink()
    running = [
        subprocess.Popen(
            [sys.executable, str(HERE / "peer.py"), name, str(folder), str(k), str(PROCESSES)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        for k in range(PROCESSES)
    ]  # fmt: skip
    said = [one.communicate() for one in running]
    for one, (_, err) in zip(running, said, strict=True):
        if one.returncode:
            raise RuntimeError(" ".join(err.split()[-40:]) or f"ended with {one.returncode}")
    told = [
        json.loads((folder / f"{name}.told-{k}.json").read_text(encoding="utf-8"))
        for k in range(PROCESSES)
    ]
    found, rates = [], []
    for place in range(len(settings)):
        parts = [np.load(folder / f"{name}-{place}-{k}.npy") for k in range(PROCESSES)]
        count = sum(len(part) for part in parts)
        whole = np.empty((count, *parts[0].shape[1:]))
        for k, part in enumerate(parts):
            whole[k::PROCESSES] = part
        found.append(np.moveaxis(whole, 0, -1))
        wall, busy = ([one[key][place] for one in told] for key in ("seconds", "cpu"))
        rates.append((count / max(wall), count / sum(busy)))
    about = {key: max(one[key] for one in told) for key in ("built", "memory")}
    return found, rates, about


def measured(folder: Path, name: str, people: int, reference: Any, states: Sequence[str]) -> Peer:
    """Measure a solver at each of its settings; one that is not here, or fails, says so."""
    module: Any = import_module(name)
    why = missing(name)
    if why:
        return Peer(name, module.LABEL, missing=why)
    try:
        found, rates, about = solved(folder, name, people)
    except (RuntimeError, OSError) as error:
        return Peer(name, module.LABEL, missing=f"failed: {error}")
    costs = []
    for setting, rows, rate in zip(module.SETTINGS, found, rates, strict=True):
        error, state = worst(rows, reference)
        costs.append(Cost(module.LABEL, setting, *rate, error, states[state]))
    return Peer(name, module.LABEL, tuple(costs), about["built"], about["memory"])


def matched(peer: Peer, error: float) -> Cost | None:
    """Return the fastest setting of a solver that errs no more than ``error``; its most exact one
    where none does."""
    if not peer.costs:
        return None
    good = [cost for cost in peer.costs if cost.error <= error]
    return max(good, key=lambda cost: cost.rate) if good else min(
        peer.costs, key=lambda cost: cost.error
    )  # fmt: skip
