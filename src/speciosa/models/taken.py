"""A drug of habit in those who take it: most people take one, and nobody else has any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.linear_drug import decayed
from speciosa.core.stage import Stage
from speciosa.models.opioid import HABITUAL_LIGANDS
from speciosa.receptor.mu import mu

Array = NDArray[np.float64]
ALONE = mu(HABITUAL_LIGANDS, kratom=False)  # the receptor with no other ligand in the body


@dataclass(frozen=True)
class Taken:
    """A linear drug at some moment, worked out only for those in whom there is any.

    Args:
        stage: the drug.
        who: places of those people among everybody.
        modes: its modes in them, nmol, modes first and people last.
        rates: their decay rates, 1/h, alike.
        p: symbol -> value of those people.
        shape: of a row over everybody, people last.
    """

    stage: Stage
    who: NDArray[np.int64]
    modes: Array
    rates: Array
    p: Mapping[str, Any]
    shape: tuple[int, ...]

    @staticmethod
    def of(stage: Stage, p: Mapping[str, Any], modes: Array, rates: Array) -> Taken:
        """Return a drug in those who have any.

        Args:
            stage: the drug.
            p: symbol -> value, of everybody.
            modes: in everybody, nmol, modes first and people last.
            rates: 1/h, modes first; people last, or one for all.
        """
        who = np.flatnonzero((modes != 0).any(axis=tuple(range(modes.ndim - 1))))
        theirs = {name: row[who] if np.ndim(row) else row for name, row in p.items()}
        between = rates.reshape(len(rates), *[1] * (modes.ndim - 2), -1)
        every = np.broadcast_to(between, (*between.shape[:-1], modes.shape[-1]))
        return Taken(stage, who, modes[..., who], every[..., who], theirs, modes.shape[1:])

    def after(self, hours: Array) -> dict[str, Array]:
        """Return everybody's concentrations, nM, so many hours later, without another dose."""
        modes = decayed(self.modes, self.rates, hours[self.who])
        x = dict(zip(self.stage.modes, modes, strict=True))
        found = {}
        for quantity, theirs in self.stage.outputs(np, x, {}, self.p).items():
            found[quantity] = np.zeros(self.shape)
            found[quantity][..., self.who] = theirs
        return found
