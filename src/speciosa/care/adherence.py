"""Which scheduled doses are taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from speciosa.core.errors import InputError

RECORD = "care.adherence"  # the usual probability outside a residential setting


@dataclass(frozen=True)
class Adherence:
    """Each scheduled dose is taken or not, independently; all are taken on residential days.

    Args:
        probability: that an outpatient takes a dose, 0 to 1.
        residential_days: days at the study's start on which doses are handed out.
    """

    probability: float
    residential_days: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.probability <= 1.0:
            raise InputError(
                f"adherence of {self.probability} cannot be", cure="Give a probability, 0 to 1."
            )
        if not self.residential_days >= 0.0:
            raise InputError(
                f"{self.residential_days} residential days cannot be", cure="Give 0 or more."
            )

    def taken(self, hours: ArrayLike, uniforms: ArrayLike) -> Any:
        """Return whether each dose is taken.

        Args:
            hours: hours since the study's start of each dose, shape (D,).
            uniforms: one uniform in (0, 1) for each dose, or for each dose and person, (D, N).

        >>> Adherence(0.5, residential_days=1).taken([0.0, 24.0, 48.0], [0.9, 0.9, 0.1]).tolist()
        [True, False, True]
        """
        uniforms = np.asarray(uniforms, dtype=float)
        hours = np.asarray(hours, dtype=float)
        residential = hours < 24.0 * self.residential_days
        return (uniforms < self.probability) | residential.reshape(
            hours.shape + (1,) * (uniforms.ndim - hours.ndim)
        )
