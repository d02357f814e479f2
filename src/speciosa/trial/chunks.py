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
    """Return how many people of a study are in one call of the engine."""
    return WIDE if study.draws * study.people >= MANY else CHUNK


def chunks(study: Study) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (draw, person) numbers: whole draws together where a draw fits into a chunk."""
    most = chunk_size(study)
    size = most - most % study.people if study.people <= most else most
    every = np.arange(study.draws * study.people)
    for begin in range(0, every.size, size):
        rows = every[begin : begin + size]
        yield rows // study.people, rows % study.people


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield the items in lists of at most ``size``.

    >>> [list(batch) for batch in batched(range(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
