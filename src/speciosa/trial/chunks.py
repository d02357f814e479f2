"""The chunks that a study's people are solved in.

A person's result does not depend on the chunk they are in: the size is a matter of speed. Each call
of the processor costs a little whatever its size, so many people are solved in wide chunks; a small
study would only fill them with padding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

import numpy as np

from speciosa.trial.study import Study

CHUNK = 400  # people in one call of the engine, whatever the machine: 10 draws of 40 people
WIDE = 1000  # the same in a study of many people
MANY = 1000  # people of one arm, over all draws, from which a study has wide chunks
Item = TypeVar("Item")


def chunk_size(study: Study) -> int:
    """Return how many people of a study are in one call of the engine.

    In a study of many people they are whole draws, so that no place is left empty; small studies of
    any size share one compiled program.
    """
    many = study.draws * study.people >= MANY
    return _whole_draws(WIDE, study.people) if many else CHUNK


def chunks(study: Study, most: int | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (draw, person) numbers: whole draws together where a draw fits into a chunk.

    Args:
        study: whose people.
        most: people of a chunk at most, where an engine is there already; else as is best.
    """
    size = _whole_draws(most or chunk_size(study), study.people)
    every = np.arange(study.draws * study.people)
    for begin in range(0, every.size, size):
        rows = every[begin : begin + size]
        yield rows // study.people, rows % study.people


def _whole_draws(most: int, people: int) -> int:
    return most - most % people if people <= most else most


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield the items in lists of at most ``size``.

    >>> [list(batch) for batch in batched(range(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
