"""Buprenorphine begun at some hour after the last use, beside methadone and nothing, on twins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from opioid_trials import in_order, run, study
from speciosa.people.cohort import Habit, Population, Range

ARMS = {
    "nothing": (),
    "8 mg": ("buprenorphine 8 mg once",),
    "16 mg": ("buprenorphine 16 mg once",),
    "methadone": ("methadone 30 mg once",),
}
HALF_HOURS = tuple((8.0 + 0.5 * place) % 24.0 for place in range(48))
WITHIN = 9  # readings from the dose to four hours after it
RISE = 5.0  # COWS points
USUAL = Population().habits
FENTANYL = (Habit("fentanyl", 1.0, (1.0, 4.0), (4, 8)),)


@dataclass(frozen=True)
class Begun:
    """COWS of everybody every half hour from the dose on, and their hours since the last use."""

    cows: dict[str, np.ndarray]
    since: np.ndarray

    def before(self) -> np.ndarray:
        return self.cows["nothing"][0]

    def after(self, arm: str) -> np.ndarray:
        """COWS three and a half hours after the dose."""
        return self.cows[arm][WITHIN - 2]

    def risen(self, arm: str) -> np.ndarray:
        """Who has risen by five points or more within four hours."""
        cows = self.cows[arm]
        return cows[:WITHIN].max(axis=0) - cows[0] >= RISE

    def worse_than_nothing(self, arm: str, points: float) -> np.ndarray:
        """Who was, at some time in four hours, so many points above their twin without a drug."""
        return np.max((self.cows[arm] - self.cows["nothing"])[:WITHIN], axis=0) >= points


@cache
def begun(habits: tuple[Habit, ...], hours: Range) -> Begun:
    """Everybody takes it at time zero, whatever their COWS."""
    people = Population(habits=habits, hours_since_last_use=hours, residential_days=7)
    seen = run(
        study(ARMS, 1, people, people=600), behaviour=False, sample_hours=HALF_HOURS,
        quantities=lambda model: ("cows",),
    )  # fmt: skip
    cows = {arm: in_order(one, "cows") for arm, one in seen.items()}
    return Begun(cows, seen["nothing"].people.cohort.covariates["hours_since_last_use"])
