"""Counter-based random numbers: a value depends on what it is for, never on when it is asked.

Every person, purpose and draw has its own stream: ``threefry_2x32((seed ^ hash(draw), purpose),
(person, index))`` (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). The same
function runs in NumPy and in JAX, so a twin in another arm, another chunk or another process sees
the same numbers.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = 0x1BD11BDA
PER_INDEX = 16  # uniforms reserved for one index


@dataclass(frozen=True)
class Streams:
    """The stream keys of N people, uint32 (N,): ``key`` (seed and draw mixed) and ``person``."""

    key: Any
    person: Any


def streams(seed: int, draw: Any, person: Any) -> Streams:
    """Return the stream keys of people given their draw and their number within it.

    Args:
        seed: the study's seed.
        draw: draw number of each person, integers (N,).
        person: number of each person within a draw, integers (N,).

    Example:
        >>> s = streams(7, [0, 0, 1], [0, 1, 0])
        >>> u = uniform(np, s, "lapse", 3)
        >>> bool(((u > 0) & (u < 1)).all()), len(set(u.tolist()))
        (True, 3)
    """
    draws = np.asarray(draw, dtype=np.uint32)
    mixed, _ = threefry(
        np.full_like(draws, seed & 0xFFFFFFFF),
        np.full_like(draws, (seed >> 32) & 0xFFFFFFFF),
        draws,
        np.zeros_like(draws),
    )
    return Streams(key=mixed, person=np.asarray(person, dtype=np.uint32))


def uniform(xp: Any, stream: Streams, purpose: str, index: Any, which: int = 0) -> Any:
    """Return one uniform in (0, 1) per person for a purpose and an index.

    Args:
        xp: array module, NumPy or ``jax.numpy``.
        stream: keys of the people.
        purpose: what the number decides; names the stream.
        index: which occasion, an integer below 2**28 (a scalar, possibly traced).
        which: which of the occasion's numbers, 0 to 15.
    """
    if not 0 <= which < PER_INDEX:
        raise ValueError(f"uniform: an occasion has {PER_INDEX} numbers, asked for number {which}")
    purposes = xp.full_like(stream.key, zlib.crc32(purpose.encode()))
    counter = xp.asarray(index).astype(xp.uint32) * np.uint32(PER_INDEX) + np.uint32(which)
    high, low = threefry(
        stream.key, purposes, stream.person, xp.broadcast_to(counter, stream.person.shape)
    )
    fine = (high >> np.uint32(5)).astype(xp.float64) * 67108864.0
    return (fine + (low >> np.uint32(6)).astype(xp.float64) + 0.5) / 9007199254740992.0


def normal(stream: Streams, purpose: str, index: int = 0, which: int = 0) -> Any:
    """Return one standard normal score per person (NumPy only), by inversion of :func:`uniform`."""
    from scipy.special import ndtri

    return ndtri(uniform(np, stream, purpose, np.uint32(index), which))


def threefry(key0: Any, key1: Any, count0: Any, count1: Any) -> tuple[Any, Any]:
    """Return the Threefry-2x32 block (20 rounds) of a key and a counter, uint32 arrays alike."""
    keys = (key0, key1, key0 ^ key1 ^ np.uint32(PARITY))
    x0, x1 = count0 + keys[0], count1 + keys[1]
    for block in range(5):
        for rotation in ROTATIONS[block % 2]:
            x0 = x0 + x1
            x1 = (x1 << np.uint32(rotation)) | (x1 >> np.uint32(32 - rotation))
            x1 = x1 ^ x0
        x0 = x0 + keys[(block + 1) % 3]
        x1 = x1 + keys[(block + 2) % 3] + np.uint32(block + 1)
    return x0, x1
