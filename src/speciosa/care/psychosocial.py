"""The care that stands beside every product: who is seen, how often and what is offered."""

from __future__ import annotations

from dataclasses import dataclass

from speciosa.core.errors import InputError


@dataclass(frozen=True)
class OrdinaryCare:
    """Visits and advice that every arm of a study gets.

    It describes; its effect on retention and relapse is a matter of the stages that read it.

    Args:
        name: as printed in a protocol.
        visit_days: study days on which people are seen; day 1 is the first.
        parts: what is offered, in plain words.

    >>> OrdinaryCare(visit_days=(1, 8, 15)).visits_by(10)
    2
    """

    name: str = "ordinary care"
    visit_days: tuple[int, ...] = ()
    parts: tuple[str, ...] = ("visits", "advice")

    def __post_init__(self) -> None:
        if list(self.visit_days) != sorted(set(self.visit_days)) or any(
            d < 1 for d in self.visit_days
        ):
            raise InputError(
                f"visit days {self.visit_days} are not in order",
                self.name,
                "Write 1, 2, 3 ... once each.",
            )

    def visits_by(self, day: int) -> int:
        """Return how many visits there are up to and including a study day."""
        return sum(one <= day for one in self.visit_days)
