"""libRoadRunner: CVODE on the exported SBML, compiled by its own LLVM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from given import Given, stretches

LABEL = "libRoadRunner (CVODE)"
NEEDS = "roadrunner"
# BDF and, where the tolerance is tight enough for stability to matter less, Adams
SETTINGS = [{"stiff": True, "relative": 10.0**-k} for k in (5, 6, 7, 8, 9, 10)] + [
    {"stiff": False, "relative": 10.0**-k} for k in (7, 8, 9, 10)
]
TIGHT = {"stiff": True, "relative": 1e-12}
STEPS = 500_000


class Solver:
    """A loaded document, on which one person after the other is run."""

    def __init__(self, given: Given) -> None:
        import roadrunner

        backend = roadrunner.Config
        backend.setValue(backend.LLVM_BACKEND, backend.LLJIT)
        self.given = given
        self.model = roadrunner.RoadRunner(given.text["sbml"])
        self.model.timeCourseSelections = ["time", *given.states]
        self.place = {n: i for i, n in enumerate(self.model.model.getGlobalParameterIds())}

    def solve(
        self, jobs: Sequence[Mapping[str, Any]], setting: Mapping[str, Any], hours: Sequence[float]
    ) -> Any:
        """Return the states of the people when they are read, (N, T, S)."""
        solver = self.model.getIntegrator()
        solver.setValue("stiff", setting["stiff"])
        solver.setValue("relative_tolerance", setting["relative"])
        for name, scale in zip(self.given.states, self.given.scales, strict=True):
            solver.setIndividualTolerance(name, setting["relative"] * scale)
        solver.setValue("maximum_num_steps", STEPS)
        return np.array([self._one(job, hours) for job in jobs])

    def _one(self, job: Mapping[str, Any], hours: Sequence[float]) -> list[Any]:
        values = job["values"]
        self._set({n: v for n, v in values.items() if n in self.place})
        rows = []
        for piece in stretches(job, hours):
            new: dict[str, float] = {}
            for name, amount, gain in piece.changes:
                before = 0.0 if not gain else new.get(name, self._get(name))
                new[name] = before + amount * (values[gain] if gain else 1.0)
            if new:
                self._set(new)
            times = [piece.begin, *piece.read]
            if times[-1] < piece.end:
                times.append(piece.end)
            if len(times) > 2:
                found = self.model.simulate(times=times)
            else:
                found = self.model.simulate(piece.begin, piece.end, 2)
            rows += list(np.asarray(found)[1 : 1 + len(piece.read), 1:])
        return rows

    def _get(self, name: str) -> float:
        return float(self.model.model.getGlobalParameterValues([self.place[name]])[0])

    def _set(self, new: Mapping[str, float]) -> None:
        self.model.model.setGlobalParameterValues(
            [self.place[name] for name in new], list(new.values())
        )
