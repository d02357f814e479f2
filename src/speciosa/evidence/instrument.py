"""Scales and other endpoints: unit, range, smallest meaningful difference, better direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.record import GRADES, as_float, refuse_unknown

BETTER = ("lower", "higher")


@dataclass(frozen=True)
class Instrument:
    """An endpoint and how to judge a change in it.

    Args:
        id: snake_case id, the name of the quantity that it scores.
        title: its name in full.
        unit: its unit.
        low: lowest possible value; ``None`` if there is none.
        high: highest possible value; ``None`` if there is none.
        better: ``lower`` or ``higher``.
        difference: smallest meaningful difference, in the unit.
        source: id of the source of that difference, or ``assumed``.
        grade: grade of that difference.
        bands: severity bands as ``(name, from this value on)``, from mild to severe.
        harm: it counts harm, not benefit.
        note: anything a reader must know.
        file: the file it stands in.
    """

    id: str
    title: str
    unit: str
    better: str
    difference: float
    source: str
    grade: str
    low: float | None = None
    high: float | None = None
    bands: tuple[tuple[str, float], ...] = ()
    harm: bool = False
    note: str = ""
    file: str = ""

    def __post_init__(self) -> None:
        where = f"{self.file}, {self.id}" if self.file else self.id
        if self.better not in BETTER:
            raise InputError(
                f'better "{self.better}" is unknown', where, nearest(self.better, BETTER)
            )
        if self.grade not in GRADES:
            raise InputError(f'grade "{self.grade}" is unknown', where, nearest(self.grade, GRADES))
        if self.source == "assumed" and self.grade != "E":
            raise InputError('source is "assumed"', where, 'Grade it "E", or name the source.')
        if self.difference <= 0:
            raise InputError(
                "the smallest meaningful difference is not positive", where, "Give one."
            )
        starts = [start for _, start in self.bands]
        if starts != sorted(starts):
            raise InputError("bands are out of order", where, "Order them from mild to severe.")

    def band(self, value: float) -> str:
        """Return the severity band of ``value``; ``"none"`` below the first.

        >>> cows = Instrument("cows", "COWS", "point", "lower", 4, "assumed", "E",
        ...                   bands=(("mild", 5), ("moderate", 13)))
        >>> cows.band(4), cows.band(13)
        ('none', 'moderate')
        """
        return next((name for name, start in reversed(self.bands) if value >= start), "none")


INSTRUMENT_KEYS = tuple(f.name for f in fields(Instrument) if f.name not in ("id", "file"))
REQUIRED = ("title", "unit", "better", "difference", "source", "grade")


def instrument_from(name: str, table: Mapping[str, Any], file: str = "") -> Instrument:
    """Make an :class:`Instrument` from a TOML table; faults name the file, the id and the key."""
    where = f"{file}, {name}"
    refuse_unknown(table, INSTRUMENT_KEYS, where)
    for key in REQUIRED:
        if key not in table:
            raise InputError(f'"{key}" is missing', where, f"Keys: {', '.join(REQUIRED)}.")
    given = dict(table)
    for key in ("difference", "low", "high"):
        if key in table:
            given[key] = as_float(table[key], key, where)
    bands = table.get("bands", {})
    if not isinstance(bands, Mapping):
        raise InputError(
            '"bands" is not a table', where, "Write bands = { mild = 5, severe = 25 }."
        )
    given["bands"] = tuple((k, as_float(v, "bands", where)) for k, v in bands.items())
    return Instrument(id=name, file=file, **given)
