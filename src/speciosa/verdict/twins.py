"""The same person in every arm: contrasts within people, averaged in each draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.trial.rows import Table

Array = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class DrawMeans:
    """Per draw: the mean of a contrast, its standard error, and how many people it rests on."""

    draw: np.ndarray
    delta: np.ndarray
    error: np.ndarray
    people: np.ndarray
    asked: int

    @property
    def monte_carlo_error(self) -> float:
        """Typical (root mean square) standard error of one draw's mean; NaN if never estimable."""
        known = self.error[np.isfinite(self.error)]
        return float(np.sqrt(np.mean(known**2))) if known.size else float("nan")


@dataclass(frozen=True)
class Twins:
    """The people of a table that is held, each with their rows in its arms.

    Args:
        rows: one row per draw, person and arm.
        draw: the draw of each person, in order.
        place: arm -> row of each person in it, -1 where there is none.

    >>> rows = pl.DataFrame({"draw": [0] * 4, "person": [0, 0, 1, 1], "arm": ["a", "b"] * 2,
    ...                      "cows": [9.0, 7.0, 12.0, 8.0]})
    >>> Twins.of(rows).contrast("cows", {"b": 1, "a": -1}).delta.tolist()
    [-3.0]
    """

    rows: pl.DataFrame
    draw: Places
    place: Mapping[str, Places]

    @staticmethod
    def of(rows: pl.DataFrame) -> Twins:
        """Return the people of a table."""
        draw, person = (rows[name].to_numpy().astype(np.int64) for name in ("draw", "person"))
        each = draw * (person.max(initial=0) + 1) + person
        _, first, who = np.unique(each, return_index=True, return_inverse=True)
        place = {}
        for arm in rows["arm"].unique(maintain_order=True):
            mine = np.flatnonzero((rows["arm"] == arm).to_numpy())
            place[arm] = np.full(len(first), -1)
            place[arm][who[mine]] = mine
        return Twins(rows, draw[first], place)

    def among(self, arms: Iterable[str]) -> Twins:
        """Return the people of those draws in which all of some arms were run."""
        kept = np.ones(self.draw.size, dtype=bool)
        for arm in arms:
            kept &= np.isin(self.draw, self.draw[self.place[arm] >= 0])
        return replace(
            self,
            draw=self.draw[kept],
            place={arm: place[kept] for arm, place in self.place.items()},
        )

    def contrast(self, column: str, weights: Mapping[str, float], per: float = 1) -> DrawMeans:
        """Average a contrast of arms within people in each draw.

        Args:
            column: what is compared.
            weights: arm -> weight; a person counts only where every arm was observed.
            per: factor on the column.
        """
        values = self.rows[column].cast(pl.Float64).to_numpy()
        run = {arm: place for arm, place in self.place.items() if arm in weights}
        total = np.full(self.draw.size, 0.0 if len(run) == len(weights) else np.nan)
        there = np.zeros(self.draw.size, dtype=bool)
        for arm, place in run.items():
            there |= place >= 0
            total += np.where(place >= 0, values[place], np.nan) * (weights[arm] * per)
        seen = ~np.isnan(total)
        return _averaged(self.draw[seen], total[seen], int(there.sum()))


People = Table | Twins


def _averaged(draw: Places, contrast: Array, asked: int) -> DrawMeans:
    """Average over the people of each draw."""
    draws, place = np.unique(draw, return_inverse=True)
    people = np.bincount(place, minlength=draws.size)
    mean = np.bincount(place, contrast, draws.size) / people
    squares = np.bincount(place, (contrast - mean[place]) ** 2, draws.size)
    return DrawMeans(draws, mean, _error(squares, people), people, asked)


def together(parts: Sequence[DrawMeans]) -> DrawMeans:
    """Put the means of several groups of people together; a draw may stand in more than one."""
    if len(parts) == 1:
        return parts[0]
    draw, mean, error, people = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("draw", "delta", "error", "people")
    )
    draws, place = np.unique(draw, return_inverse=True)

    def summed(values: NDArray[Any]) -> Array:
        return np.asarray(np.bincount(place, values, draws.size), float)

    count = summed(people).astype(np.int64)
    middle = summed(people * mean) / count
    within = np.where(people > 1, people * (people - 1) * error**2, 0.0)
    squares = summed(within + people * (mean - middle[place]) ** 2)
    asked = sum(part.asked for part in parts)
    return DrawMeans(draws, middle, _error(squares, count), count, asked)


def _error(squares: NDArray[Any], people: NDArray[Any]) -> Array:
    """The standard error of each draw's mean; NaN of one person."""
    more = people > 1
    variance = np.divide(squares, people - 1, out=np.full(people.size, np.nan), where=more)
    return np.asarray(np.sqrt(variance / people))
