"""Virtual people as tables: every parameter and start value of each, by the names of a reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.reference import beginning
from speciosa.core.wiring import Model
from speciosa.view.export.reading import Reading

Array = NDArray[np.float64]
GONE = 1e-20  # share of a state's range


def values(
    reading: Reading,
    model: Model,
    parameters: Mapping[str, Mapping[str, Any]],
    people: int,
    start: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Array]:
    """Return name -> row (N,) of every parameter, state's start and held input at time zero.

    Args:
        reading: the equations.
        model: the model that was read.
        parameters: stage or decision -> symbol -> number or row (N,).
        people: N.
        start: stage -> state -> row, where people do not start as declared.
    """
    found = {
        one.name: _row(parameters[one.stage][one.symbol], people) for one in reading.parameters
    }
    states = beginning(model.stages, parameters, people, start)
    found |= {
        state.start: _settled(states[state.stage][state.own], state.scale)
        for state in reading.states
    }
    memory = beginning(model.decisions, parameters, people)
    held = {q: memory[d.name][q] for d in model.decisions for q in d.gives}
    return found | {one.name: held[one.quantity] for one in reading.inputs}


def _settled(row: Array, scale: float) -> Array:
    """Return starts, with what has long left the body as nothing: solvers scale errors by them."""
    return np.where(np.abs(row) < GONE * scale, 0.0, row)


def one(table: Mapping[str, Array], person: int) -> dict[str, float]:
    """Return the values of one person of a table."""
    return {name: float(row[person]) for name, row in table.items()}


def _row(value: Any, people: int) -> Array:
    return np.array(np.broadcast_to(np.asarray(value, dtype=float), (people,)))
