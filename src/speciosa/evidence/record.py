"""One number of the evidence and the source it comes from, as values that are checked when made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from speciosa.core.errors import InputError, nearest

GRADES = {
    "A": "human, clinical",
    "B": "human, small or ex vivo",
    "C": "in vitro",
    "D": "animal",
    "E": "assumed",
}
SPREAD_SHAPES = ("lognormal", "normal", "uniform", "loguniform", "logitnormal")
BETWEEN_SHAPES = ("lognormal", "normal", "logitnormal")
VERIFIED = ("yes", "derived", "memory", "assumption")
SOURCE_KINDS = ("primary", "secondary", "label", "dataset")
ASSUMED = "assumed"


@dataclass(frozen=True)
class Spread:
    """What nobody knows: the range in which the truth lies, sampled once per draw.

    Args:
        shape: ``lognormal``, ``normal`` or ``logitnormal`` (``low`` and ``high`` are the 5 and
            95 % points), ``uniform`` or ``loguniform`` (they are the ends).
        low: lower point, in the unit of the number.
        high: upper point, in the unit of the number.
    """

    shape: str
    low: float
    high: float


@dataclass(frozen=True)
class Between:
    """How people differ: the standard deviation about the value of the draw.

    Args:
        shape: ``lognormal`` (sd of the logarithm), ``normal`` (sd in the unit of the number) or
            ``logitnormal`` (sd of the logit).
        sd: the standard deviation on that scale.
    """

    shape: str
    sd: float


@dataclass(frozen=True)
class Number:
    """A number with its unit, uncertainty, population, source and grade.

    Checked when it is made; :func:`number_from` makes one from a TOML table.

    Args:
        id: dotted id, unique in the evidence.
        value: the central value, in ``unit``.
        unit: a unit, ``"1"`` for a pure number.
        source: id of a source, or ``"assumed"``, which asks for grade E.
        grade: A human clinical, B human small or ex vivo, C in vitro, D animal, E assumed.
        spread: what nobody knows; ``None`` means fixed.
        between: how people differ; ``None`` means not at all.
        bounds: hard limits in ``unit``.
        population: in whom it was measured.
        locator: where in the source.
        verified: ``yes``, ``derived``, ``memory`` or ``assumption``.
        stage: the stage or topic it serves.
        note: anything a reader must know.
        place: the file it stands in.

    >>> Number("a.rate", 2.0, "1/h", "assumed", "E", Spread("lognormal", 1.0, 4.0)).value
    2.0
    """

    id: str
    value: float
    unit: str
    source: str
    grade: str
    spread: Spread | None = None
    between: Between | None = None
    bounds: tuple[float, float] | None = None
    population: str = ""
    locator: str = ""
    verified: str = "assumption"
    stage: str = ""
    note: str = ""
    place: str = ""

    def __post_init__(self) -> None:
        _check_text(self)
        _check_grade(self)
        _check_finite(self, "value", self.value)
        if self.spread is not None:
            _check_spread(self, self.spread)
        if self.between is not None:
            _check_between(self, self.between)
        if self.bounds is not None:
            _check_bounds(self, self.bounds)


@dataclass(frozen=True)
class Source:
    """A publication, label or data set that numbers come from."""

    id: str
    citation: str
    kind: str
    doi: str = ""
    note: str = ""
    place: str = ""

    def __post_init__(self) -> None:
        where = _place(self.place, self.id)
        if not self.citation:
            raise InputError("no citation", where, "Say who, where and when.")
        if self.kind not in SOURCE_KINDS:
            raise InputError(
                f'kind "{self.kind}" is unknown', where, nearest(self.kind, SOURCE_KINDS)
            )


NUMBER_KEYS = tuple(f.name for f in fields(Number) if f.name not in ("id", "place"))
SOURCE_KEYS = tuple(f.name for f in fields(Source) if f.name not in ("id", "place"))
REQUIRED = {
    "value": "Give the number itself.",
    "unit": 'Give its unit, "1" for a pure number.',
    "source": 'Name a source, or "assumed" with grade "E".',
    "grade": "Grade: A human clinical, B human small or ex vivo, C in vitro, D animal, E assumed.",
}


def number_from(name: str, table: Mapping[str, Any], place: str = "") -> Number:
    """Make a :class:`Number` from a TOML table; every fault names the file, the id and the field.

    >>> number_from("a.rate", {"value": 1, "unit": "1/h", "source": "assumed", "grade": "E"}).value
    1.0
    """
    where = _place(place, name)
    refuse_unknown(table, NUMBER_KEYS, where)
    for key, cure in REQUIRED.items():
        if key not in table or table[key] == "":
            raise InputError(f'"{key}" is missing', where, cure)
    if table["source"] != ASSUMED and "verified" not in table:
        raise InputError('"verified" is missing', where, f"Say one of: {', '.join(VERIFIED)}.")
    given: dict[str, Any] = dict(table)
    given["value"] = as_float(table["value"], "value", where)
    given["spread"] = _spread_from(table.get("spread"), where)
    given["between"] = _between_from(table.get("between"), where)
    given["bounds"] = _bounds_from(table.get("bounds"), where)
    return Number(id=name, place=place, **given)


def source_from(name: str, table: Mapping[str, Any], place: str = "") -> Source:
    """Make a :class:`Source` from a TOML table."""
    where = _place(place, name)
    refuse_unknown(table, SOURCE_KEYS, where)
    for key in ("citation", "kind"):
        if key not in table:
            raise InputError(f'"{key}" is missing', where, f"Keys: {', '.join(SOURCE_KEYS)}.")
    return Source(id=name, place=place, **table)


def with_value(number: Number, given: float | Mapping[str, Any] | Number) -> Number:
    """Return ``number`` with another value.

    Args:
        number: the record to replace.
        given: a bare number (then it is fixed: its spread goes, people still differ as before), a
            table of fields, or a whole :class:`Number` in the same unit.

    >>> a = Number("a", 2.0, "1", "assumed", "E", Spread("lognormal", 1.0, 4.0))
    >>> with_value(a, 9.0).spread is None
    True
    """
    where = _place(number.place, number.id)
    if isinstance(given, Number):
        if given.unit != number.unit:
            raise InputError(
                f'unit "{given.unit}" replaces "{number.unit}"', where, "Keep the unit."
            )
        return replace(given, id=number.id)
    if isinstance(given, Mapping):
        return _with_fields(number, given, where)
    return replace(number, value=as_float(given, "value", where), spread=None)


def _with_fields(number: Number, table: Mapping[str, Any], where: str) -> Number:
    refuse_unknown(table, NUMBER_KEYS, where)
    if "unit" in table and table["unit"] != number.unit:
        raise InputError(
            f'unit "{table["unit"]}" replaces "{number.unit}"', where, "Keep the unit."
        )
    given: dict[str, Any] = dict(table)
    if "value" in table:
        given["value"] = as_float(table["value"], "value", where)
        given["spread"] = _spread_from(table.get("spread"), where)
    elif "spread" in table:
        given["spread"] = _spread_from(table["spread"], where)
    if "between" in table:
        given["between"] = _between_from(table["between"], where)
    if "bounds" in table:
        given["bounds"] = _bounds_from(table["bounds"], where)
    return replace(number, **given)


def refuse_unknown(table: Mapping[str, Any], valid: Iterable[str], where: str) -> None:
    """Raise :class:`InputError` for the first key of ``table`` that is not in ``valid``."""
    valid = tuple(valid)
    for key in table:
        if key not in valid:
            raise InputError(f'unknown key "{key}"', where, nearest(key, valid))


def as_float(value: Any, field: str, where: str) -> float:
    """Return ``value`` as a float, refusing text, truth values and what is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(
            f'"{field}" is {value!r}, not a number', where, "Write a plain finite number."
        )
    return float(value)


def _place(place: str, name: str) -> str:
    return f"{place}, {name}" if place else name


def _part(table: Any, field: str, keys: tuple[str, ...], where: str) -> list[Any]:
    inner = f"{where}, {field}"
    if not isinstance(table, Mapping):
        raise InputError(f'"{field}" is {table!r}, not a table', where, f"Keys: {', '.join(keys)}.")
    refuse_unknown(table, keys, inner)
    for key in keys:
        if key not in table:
            raise InputError(f'"{key}" is missing', inner, f"Keys: {', '.join(keys)}.")
    return [table[keys[0]], *(as_float(table[key], key, inner) for key in keys[1:])]


def _spread_from(table: Any, where: str) -> Spread | None:
    return (
        None if table is None else Spread(*_part(table, "spread", ("shape", "low", "high"), where))
    )


def _between_from(table: Any, where: str) -> Between | None:
    return None if table is None else Between(*_part(table, "between", ("shape", "sd"), where))


def _bounds_from(pair: Any, where: str) -> tuple[float, float] | None:
    if pair is None:
        return None
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise InputError(f'"bounds" is {pair!r}', where, "Write two numbers: bounds = [0, 1].")
    return as_float(pair[0], "bounds", where), as_float(pair[1], "bounds", where)


def _check_text(number: Number) -> None:
    where = _place(number.place, number.id)
    for key in ("unit", "source", "grade", "population", "locator", "verified", "stage", "note"):
        if not isinstance(getattr(number, key), str):
            raise InputError(f'"{key}" is {getattr(number, key)!r}, not text', where, "Quote it.")
    for key in ("unit", "source", "grade"):
        if not getattr(number, key):
            raise InputError(f'"{key}" is missing', where, REQUIRED[key])


def _check_grade(number: Number) -> None:
    where = _place(number.place, number.id)
    if number.grade not in GRADES:
        raise InputError(f'grade "{number.grade}" is unknown', where, REQUIRED["grade"])
    if number.verified not in VERIFIED:
        raise InputError(
            f'verified "{number.verified}" is unknown', where, nearest(number.verified, VERIFIED)
        )
    if number.source == ASSUMED and number.grade != "E":
        raise InputError(
            f'source is "assumed" but grade is "{number.grade}"',
            where,
            'Grade it "E", or name the source.',
        )


def _check_finite(number: Number, field: str, value: float) -> None:
    as_float(value, field, _place(number.place, number.id))


def _check_spread(number: Number, spread: Spread) -> None:
    where = f"{_place(number.place, number.id)}, spread"
    if spread.shape not in SPREAD_SHAPES:
        raise InputError(
            f'shape "{spread.shape}" is unknown', where, nearest(spread.shape, SPREAD_SHAPES)
        )
    if not spread.low <= number.value <= spread.high:
        raise InputError(
            f"value {number.value:g} is not between low {spread.low:g} and high {spread.high:g}",
            where,
            "Order them low <= value <= high.",
        )
    if spread.shape in ("lognormal", "loguniform") and spread.low <= 0:
        raise InputError(f"low {spread.low:g} has no logarithm", where, "Use normal or uniform.")
    if spread.shape == "logitnormal" and (spread.low <= 0 or spread.high >= 1):
        raise InputError("a logit needs 0 < low and high < 1", where, "Use normal with bounds.")


def _check_between(number: Number, between: Between) -> None:
    where = f"{_place(number.place, number.id)}, between"
    if between.shape not in BETWEEN_SHAPES:
        raise InputError(
            f'shape "{between.shape}" is unknown', where, nearest(between.shape, BETWEEN_SHAPES)
        )
    if between.sd < 0:
        raise InputError(f"sd {between.sd:g} is negative", where, "Give a standard deviation.")
    if between.shape == "lognormal" and number.value < 0:
        raise InputError(f"value {number.value:g} has no logarithm", where, "Use normal.")
    if between.shape == "logitnormal" and not 0 < number.value < 1:
        raise InputError(f"value {number.value:g} has no logit", where, "Use normal with bounds.")


def _check_bounds(number: Number, bounds: tuple[float, float]) -> None:
    where = f"{_place(number.place, number.id)}, bounds"
    low, high = bounds
    if not low <= number.value <= high:
        raise InputError(
            f"value {number.value:g} is outside {low:g} to {high:g}",
            where,
            "Correct the value or the bounds.",
        )
