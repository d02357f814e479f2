"""Stratified permuted-block randomisation: people come to arms in random blocks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speciosa.core.random import streams, uniform


def allocate(
    strata: ArrayLike, arms: int, *, seed: int, trial: int = 0, block: int = 2
) -> NDArray[np.intp]:
    """Allocate people, in the order in which they come, to arms 0, 1, ...

    Args:
        strata: label of each person's stratum, (n,).
        arms: how many.
        seed: of the study.
        trial: number of the trial; each has its own list.
        block: people of each arm in one block.

    Within a stratum every whole block holds ``block`` people of each arm, in random order.

    >>> found = allocate(np.zeros(12), 3, seed=1)
    >>> sorted(found[:6].tolist()), sorted(found[6:].tolist())
    ([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 2])
    """
    label = np.asarray(strata)
    own = np.repeat(np.arange(arms), block)
    found = np.empty(label.size, dtype=np.intp)
    for number, stratum in enumerate(np.unique(label)):
        mine = np.flatnonzero(label == stratum)
        blocks = -(-mine.size // own.size)
        slots = np.arange(blocks * own.size)
        u = uniform(np, streams(seed, np.full(slots.size, trial), slots), "allocation", number)
        order = np.lexsort((u, slots // own.size))
        found[mine] = own[order % own.size][: mine.size]
    return found


def stratum_of(columns: Sequence[ArrayLike], people: int) -> NDArray[np.intp]:
    """Return one label per person of what they share in every column.

    >>> stratum_of([[True, True, False], ["a", "b", "a"]], 3).tolist()
    [1, 2, 0]
    """
    label = np.zeros(people, dtype=np.intp)
    for column in columns:
        _, code = np.unique(np.asarray(column), return_inverse=True)
        label = label * (int(code.max(initial=0)) + 1) + code.ravel()
    return np.unique(label, return_inverse=True)[1].ravel()
