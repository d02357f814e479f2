"""An exported model run in libRoadRunner: an integrator and a compiler that are not ours.

libRoadRunner brings its own LLVM, which does not share a process with JAX's. Every run is therefore
a program of its own (this file), which imports nothing but libRoadRunner and NumPy.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

Change = tuple[str, float, str]
STEPS = 200_000
HERE = Path(__file__).resolve()


@dataclass(frozen=True)
class Job:
    """One person's run.

    Args:
        values: parameters, inputs and, by their own names, states at time zero.
        changes: (hours, changes) as the export gives them.
        switches: further moments at which the solver starts anew.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    changes: Sequence[tuple[float, Sequence[Change]]] = ()
    switches: Sequence[float] = ()


def here() -> bool:
    """Whether libRoadRunner is installed; it is not loaded to find out."""
    return find_spec("roadrunner") is not None


def replayed(
    document: str,
    names: Sequence[str],
    jobs: Sequence[Job],
    hours: Sequence[float],
    *,
    scales: Mapping[str, float] | None = None,
    relative: float = 1e-8,
) -> np.ndarray:
    """Return what the names are at each of ``hours``, before what happens there: (jobs, T, names).

    Args:
        document: the SBML text.
        names: what to read out, states and quantities.
        jobs: runs of the document, one after the other.
        hours: when to read out, rising.
        scales: state -> its typical size; the absolute tolerance is the relative one times it.
        relative: tolerance of CVODE.

    Raises:
        RuntimeError: the program failed; its last words are in the message.
    """
    asked = {
        "names": list(names), "hours": [float(at) for at in hours], "scales": dict(scales or {}),
        "relative": relative, "jobs": [asdict(job) for job in jobs],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.xml").write_text(document, encoding="utf-8")
        (folder / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, str(HERE), name], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"libRoadRunner ended with {done.returncode}: {done.stderr[-2000:]}")
        with np.load(folder / "found.npz") as found:
            return np.asarray(found["rows"])


class _Model:
    """A loaded SBML document that people's records can be replayed on."""

    def __init__(self, document: str, asked: Mapping[str, Any]) -> None:
        import roadrunner

        backend = roadrunner.Config
        backend.setValue(backend.LLVM_BACKEND, backend.LLJIT)
        self.model = roadrunner.RoadRunner(document)
        self.names = asked["names"]
        self.model.timeCourseSelections = ["time", *self.names]
        solver = self.model.getIntegrator()
        solver.setValue("relative_tolerance", asked["relative"])
        for name, scale in asked["scales"].items():
            solver.setIndividualTolerance(name, asked["relative"] * scale)
        solver.setValue("maximum_num_steps", STEPS)
        known = self.model.model.getGlobalParameterIds()
        self.place = {name: i for i, name in enumerate(known)}
        self.wanted = {round(at, 9) for at in asked["hours"]}

    def replay(self, job: Mapping[str, Any]) -> list[np.ndarray]:
        values = job["values"]
        self._set({name: value for name, value in values.items() if name in self.place})
        happening = {round(at, 9): now for at, now in job["changes"]}
        stops = {*happening, *self.wanted, *(round(at, 9) for at in job["switches"])}
        now, rows = 0.0, {}
        row = np.full(len(self.names), np.nan)
        for stop in sorted(at for at in stops if at <= max(self.wanted)):
            if stop > now:
                row = np.asarray(self.model.simulate(now, stop, 2))[-1, 1:]
                now = stop
            elif stop in self.wanted:
                row = np.array([self.model.getValue(name) for name in self.names])
            if stop in self.wanted:
                rows[stop] = row
            if stop in happening:
                self._apply(happening[stop], values)
        return [rows[at] for at in sorted(rows)]

    def _apply(self, changes: Sequence[Change], values: Mapping[str, float]) -> None:
        new: dict[str, Any] = {}
        for name, amount, gain in changes:
            if not gain:
                new[name] = amount
                continue
            before = new.get(name)
            if before is None:
                before = self.model.model.getGlobalParameterValues([self.place[name]])[0]
            new[name] = before + amount * values[gain]
        self._set(new)

    def _set(self, new: Mapping[str, float]) -> None:
        self.model.model.setGlobalParameterValues(
            [self.place[name] for name in new], list(new.values())
        )


def _run(folder: Path) -> None:
    asked = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    model = _Model((folder / "model.xml").read_text(encoding="utf-8"), asked)
    rows = np.array([model.replay(job) for job in asked["jobs"]])
    np.savez(folder / "found.npz", rows=rows)


if __name__ == "__main__":
    _run(Path(sys.argv[1]))
