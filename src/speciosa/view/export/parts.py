"""What every text format needs of a reading: names, values, sources and a warning at the top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.core.wiring import CLOCK
from speciosa.evidence.load import Evidence
from speciosa.view.export.clock import DAY, HOURS_PER_DAY, START
from speciosa.view.export.reading import Reading, StateLine
from speciosa.view.export.source import told


@dataclass(frozen=True)
class Parts:
    """A reading with one person's values and the evidence, ready to be written.

    Args:
        reading: the equations.
        values: of one person; what is missing is 0.
        evidence: where numbers come from; sources are left out without it.
        name: of the model.
        start_clock_hour: clock hour of time zero.
    """

    reading: Reading
    values: Mapping[str, float]
    evidence: Evidence | None = None
    name: str = "speciosa"
    start_clock_hour: float = 8.0

    def head(self, mark: str) -> list[str]:
        """Return the first lines of a file, each after a comment mark."""
        return [
            f"{mark} {self.name}: {SIMULATED}. Time is in hours from {self.start_clock_hour:g}:00.",
            f"{mark} {INTENDED_USE}",
        ]

    def constants(self) -> list[tuple[str, float, str, str]]:
        """Return (name, value, unit, source) of parameters, starts, inputs and the clock."""
        value = lambda name: float(self.values.get(name, 0.0))  # noqa: E731
        rows = [
            (p.name, value(p.name), p.unit, told(p, self.evidence).line)
            for p in self.reading.parameters
        ]
        rows += [(s.start, value(s.start), s.unit, f"{s.name} at time zero") for s in self.states]
        rows += [
            (i.name, value(i.name), i.unit, f'held by the decision "{i.decision}"')
            for i in self.reading.inputs
        ]
        return rows + [(n, v, CLOCK["hours"], "of the clock") for n, v in self.clock_constants()]

    def clock_constants(self) -> list[tuple[str, float]]:
        """Return the constants of the clock, where the equations read it."""
        known = [(START, self.start_clock_hour), (DAY, HOURS_PER_DAY)]
        return known if self.reading.clock else []

    @property
    def states(self) -> tuple[StateLine, ...]:
        """The states, in the order of the compartments."""
        return self.reading.states


def plain(text: str) -> str:
    """Return text without what would end a comment or a field."""
    return " ".join(text.replace(":", ";").replace('"', "'").split())
