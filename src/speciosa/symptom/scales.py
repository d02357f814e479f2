"""From a noise-free score to what a rater writes down: items, noise, rounding, bands.

Pure NumPy functions; chance comes in as standard normal scores. The eleven items of the COWS
follow a graded-response model (normal ogive): each item crosses its thresholds as one latent
severity rises, with its own error, and takes only the integers that the form allows. The latent
severity is chosen so that the expected total is the noise-free COWS, so the total of the items is
unbiased, an integer and within 0 to 48.

Sources: Wesson and Ling 2003 (items, allowed scores, bands), Gossop 1990 (SOWS-Gossop);
item order of appearance and noise are records under ``scales.*``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Item:
    """One item of a scale: its name and the integers that may be written."""

    name: str
    scores: tuple[int, ...]


@dataclass(frozen=True)
class Scale:
    """The range of a scale and the record of its measurement noise (sd, points)."""

    low: float
    high: float
    noise: str


COWS_ITEMS = (
    Item("pulse", (0, 1, 2, 4)),
    Item("sweating", (0, 1, 2, 3, 4)),
    Item("restlessness", (0, 1, 3, 5)),
    Item("pupil", (0, 1, 2, 5)),
    Item("aches", (0, 1, 2, 4)),
    Item("nose", (0, 1, 2, 4)),
    Item("gut", (0, 1, 2, 3, 5)),
    Item("tremor", (0, 1, 2, 4)),
    Item("yawning", (0, 1, 2, 4)),
    Item("anxiety", (0, 1, 2, 4)),
    Item("gooseflesh", (0, 3, 5)),
)
COWS_BANDS = ("none", "mild", "moderate", "moderately severe", "severe")
COWS_BAND_STARTS = (5, 13, 25, 37)

SCALES: Mapping[str, Scale] = {
    "cows": Scale(0, 48, "scales.cows_noise"),
    "sows_gossop": Scale(0, 30, "scales.gossop_noise"),
    "oows": Scale(0, 13, "scales.oows_noise"),
    "craving": Scale(0, 10, "scales.craving_noise"),
}


def measure(score: ArrayLike, normal: ArrayLike, *, sd: float, low: float, high: float) -> Array:
    """Return what is written down: the score with noise, rounded and kept within the scale.

    Args:
        score: noise-free score, points.
        normal: standard normal score of each measurement.
        sd: measurement noise, points.
        low: lowest value of the scale, points.
        high: highest value of the scale, points.

    Example:
        >>> measure([12.2, 0.4], [1.0, -2.0], sd=1.5, low=0, high=48)
        array([14.,  0.])
    """
    noisy = np.asarray(score, dtype=float) + sd * np.asarray(normal, dtype=float)
    return np.clip(np.rint(noisy), low, high)


def cows_category(total: ArrayLike) -> NDArray[np.int64]:
    """Return the severity band of a COWS total, as an index into :data:`COWS_BANDS`.

    Args:
        total: COWS as written down, 0-48.

    Example:
        >>> [COWS_BANDS[i] for i in cows_category([4, 5, 13, 25, 40])]
        ['none', 'mild', 'moderate', 'moderately severe', 'severe']
    """
    return np.searchsorted(COWS_BAND_STARTS, np.asarray(total, dtype=float), side="right")


def cows_items(
    cows: ArrayLike, normals: ArrayLike, *, offsets: Mapping[str, float], spread: float
) -> NDArray[np.int64]:
    """Return the eleven items behind a noise-free COWS.

    Args:
        cows: noise-free COWS, 0-48, shape (N,).
        normals: one standard normal score per item and person, shape (11, N).
        offsets: item -> how much later (positive) or earlier than the others it shows, as a share
            of the whole severity range.
        spread: error of an item, as a share of the whole severity range.

    Returns:
        Items in the order of :data:`COWS_ITEMS`, shape (11, N); their sum is the COWS total.

    Example:
        >>> flat = {item.name: 0.0 for item in COWS_ITEMS}
        >>> items = cows_items([0.0, 48.0], np.zeros((11, 2)), offsets=flat, spread=0.1)
        >>> items.sum(axis=0)
        array([ 0, 48])
    """
    order = tuple(float(offsets[item.name]) for item in COWS_ITEMS)
    latent = latent_severity(cows, order, float(spread))
    felt = latent + spread * np.asarray(normals, dtype=float)
    return np.stack(
        [
            np.asarray(item.scores)[np.searchsorted(_thresholds(item, shift), row)]
            for item, shift, row in zip(COWS_ITEMS, order, felt, strict=True)
        ]
    )


def latent_severity(cows: ArrayLike, offsets: tuple[float, ...], spread: float) -> Array:
    """Return the latent severity at which the expected COWS total is the given one.

    Args:
        cows: noise-free COWS, 0-48.
        offsets: offset of each item, in the order of :data:`COWS_ITEMS`.
        spread: error of an item.

    Example:
        >>> float(latent_severity(48.0, (0.0,) * 11, 0.1)) > 1
        True
    """
    severity, expected = _expected_total(offsets, spread)
    return np.interp(np.asarray(cows, dtype=float), expected, severity)


def _thresholds(item: Item, offset: float) -> Array:
    """Severity at which each next score of an item becomes more likely than not."""
    scores = np.asarray(item.scores, dtype=float)
    return 0.5 * (scores[1:] + scores[:-1]) / scores[-1] + offset


@lru_cache(maxsize=64)
def _expected_total(offsets: Sequence[float], spread: float) -> tuple[Array, Array]:
    """The expected total over latent severity, from certainly 0 to certainly 48."""
    margin = 6 * spread + max(abs(offset) for offset in offsets)
    severity = np.linspace(-margin, 1 + margin, 2001)
    expected = np.zeros_like(severity)
    for item, offset in zip(COWS_ITEMS, offsets, strict=True):
        steps = np.diff(item.scores)
        for step, threshold in zip(steps, _thresholds(item, offset), strict=True):
            expected += step * _ogive((severity - threshold) / spread)
    expected[0], expected[-1] = 0.0, 48.0
    return severity, expected


def _ogive(z: Array) -> Array:
    """The standard normal distribution function."""
    return 0.5 * (1 + np.array([math.erf(value / math.sqrt(2)) for value in z]))
