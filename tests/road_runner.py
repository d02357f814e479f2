"""An exported model run in libRoadRunner: an integrator and a compiler that are not ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Change = tuple[str, float, str]


class RoadRunner:
    """A loaded SBML document that people's records can be replayed on.

    Args:
        document: the SBML text.
        names: what to read out, states and quantities.
        scales: state -> its typical size; the absolute tolerance is the relative one times it.
        relative: tolerance of CVODE.
    """

    def __init__(
        self, document: str, names: Sequence[str], scales: Mapping[str, float],
        *, relative: float = 1e-8,
    ) -> None:  # fmt: skip
        import roadrunner

        backend = roadrunner.Config
        backend.setValue(backend.LLVM_BACKEND, backend.LLJIT)
        self.model = roadrunner.RoadRunner(document)
        self.names = list(names)
        self.model.timeCourseSelections = ["time", *self.names]
        solver = self.model.getIntegrator()
        solver.setValue("relative_tolerance", relative)
        for name, scale in scales.items():
            solver.setIndividualTolerance(name, relative * scale)
        solver.setValue("maximum_num_steps", 200_000)
        known = self.model.model.getGlobalParameterIds()
        self.place = {name: i for i, name in enumerate(known)}

    def replay(
        self,
        values: Mapping[str, float],
        changes: Sequence[tuple[float, Sequence[Change]]],
        hours: Sequence[float],
        switches: Sequence[float] = (),
    ) -> np.ndarray:
        """Return what the names are at each of ``hours``, before what happens there: (T, names).

        Args:
            values: parameters, inputs and, by their own names, states at time zero.
            changes: (hours, changes) as the export gives them.
            hours: when to read out, rising.
            switches: further moments at which the solver starts anew.
        """
        known = {name: value for name, value in values.items() if name in self.place}
        self._set(known)
        happening = {round(at, 9): now for at, now in changes}
        wanted = {round(at, 9) for at in hours}
        stops = sorted({*happening, *wanted, *(round(at, 9) for at in switches)})
        now, rows = 0.0, {}
        row = np.full(len(self.names), np.nan)
        for stop in stops:
            if stop > now:
                row = np.asarray(self.model.simulate(now, stop, 2))[-1, 1:]
                now = stop
            elif stop in wanted:
                row = np.array([self.model.getValue(name) for name in self.names])
            if stop in wanted:
                rows[stop] = row
            if stop in happening:
                self._apply(happening[stop], values)
        return np.stack([rows[round(at, 9)] for at in hours])

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
