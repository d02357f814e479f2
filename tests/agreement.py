"""The engine beside the SciPy reference of the same wired model: what must agree, for any study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from default_trial import Clinic
from speciosa.core.outcome import Outcome
from speciosa.core.reference import Reference
from speciosa.trial.outcomes import endpoint_values
from speciosa.trial.recruited import Recruited

ROWS = ("samples", "minima", "maxima")


@dataclass(frozen=True)
class Agreement:
    """The arms of a study solved by both.

    Args:
        clinic: the study made ready.
        people: who was solved, the same in every arm.
        solved: arm -> what the engine gave.
        reference: what SciPy gave, arm after arm, people within it.
    """

    clinic: Clinic
    people: Recruited
    solved: Mapping[str, Outcome]
    reference: Reference

    def beside(self) -> Iterator[tuple[str, Outcome, Outcome]]:
        """Yield each arm with the engine's outcome and the reference in the same form."""
        count = self.people.cohort.draw.size
        for place, (name, outcome) in enumerate(self.solved.items()):
            mine = slice(place * count, (place + 1) * count)
            rows = {row: getattr(self.reference, row)[..., mine] for row in ROWS}
            yield name, outcome, replace(outcome, **rows)

    def endpoints(self, moving: int) -> None:
        """Every unrounded endpoint within 1e-3 relative or 0.05 points; some differ by person.

        Args:
            moving: the fewest endpoints that differ between people, so that agreeing means
                something.
        """
        clinic, moved = self.clinic, 0
        assert not any(outcome.failed.any() for outcome in self.solved.values())
        constants, streams = clinic.runner.constants, self.people.cohort.streams
        for name, *both in self.beside():
            courses = [clinic.runner.course(clinic.arm(name), self.people, one) for one in both]
            for endpoint in clinic.study.endpoints:
                values = (endpoint_values(endpoint, one, constants, streams) for one in courses)
                truth, wanted = (endpoint.per * value for value, _ in values)
                allowed = np.maximum(1e-3 * np.abs(wanted), 0.05)
                if endpoint.scale == "ventilation":
                    allowed = np.maximum(allowed, 1.0)  # % of rest: a trough between mesh points
                assert np.all(np.abs(truth - wanted) <= allowed), (name, endpoint.id)
                moved += int(np.ptp(wanted) > 0)
        assert moved >= moving

    def samples(self, within: Mapping[str, float]) -> None:
        """Every sampled quantity within 1e-4 of its range, or what ``within`` says of it."""
        for name, *both in self.beside():
            for quantity in self.clinic.plan.recorded:
                found, wanted = (self.clinic.sample(one, quantity) for one in both)
                apart = np.max(np.abs(found - wanted))
                bound = within.get(quantity, 1e-4)
                assert apart <= bound * np.max(np.abs(wanted)), (name, quantity)

    def decisions(self) -> None:
        """Decisions agree in 999 of 1000 person-days."""
        count = self.people.cohort.draw.size
        days = self.clinic.study.length
        assert self.reference.differing.shape == (days, len(self.solved) * count)
        assert self.reference.differing.mean() <= 1e-3
