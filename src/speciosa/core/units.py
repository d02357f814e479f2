"""Units, computed with pint at the edges and stripped before the kernel.

The pint registry takes about a second to load and build, so it is made on first use, once, and the
conversions that the shipped recipes ask for are read from a table (``units.json``, written by
``benchmarks/units.py`` and compared with pint in a test).
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from speciosa.core.errors import InputError

PURE = "1"
FILE = Path(__file__).with_name("units.json")  # conversion -> slope and value at zero
_POINT = re.compile(r"\bpoints?\b")


@lru_cache(maxsize=1)
def registry() -> Any:
    """Return the one unit registry of the process (a ``pint.UnitRegistry``).

    A point of a scale is a count and so is dimensionless; so are radians and percent.
    """
    import pint

    made: Any = pint.UnitRegistry(preprocessors=[_spelled])
    made.define("scale_point = [] = _")
    return made


def _spelled(text: str) -> str:
    return _POINT.sub("scale_point", text)


@lru_cache(maxsize=4096)
def _unit(text: str) -> Any:
    if not isinstance(text, str) or not text.strip():
        raise InputError("a unit is missing", cure='Write "nM", "1/h", or "1" for none.')
    try:
        return registry().parse_units(text)
    except Exception as error:  # pint raises many kinds, some not its own
        raise InputError(
            f'unit "{text}" is not understood', cure='Write it as in "L/h", "ng/mL", "1/d" or "1".'
        ) from error


def dimension(unit: str) -> str:
    """Return the dimension of ``unit`` as text; two units convert when their texts are equal.

    Args:
        unit: any unit, ``"1"`` for a pure number.

    >>> dimension("ng/mL") == dimension("ug/L")
    True
    >>> dimension("point") == dimension("1") == "1"
    True
    """
    parts = sorted(_unit(unit).dimensionality.items())
    return " ".join(f"{name}^{power:g}" for name, power in parts) or PURE


@lru_cache(maxsize=4096)
def _line(from_unit: str, to_unit: str) -> tuple[float, float]:
    if from_unit == to_unit:
        return 1.0, 0.0
    known = _shipped().get(f"{from_unit} -> {to_unit}")
    return (known[0], known[1]) if known else line(from_unit, to_unit)


@lru_cache(maxsize=1)
def _shipped() -> dict[str, list[float]]:
    table: dict[str, list[float]] = json.loads(FILE.read_text(encoding="utf-8"))
    return table


def line(from_unit: str, to_unit: str) -> tuple[float, float]:
    """Return slope and offset of a conversion, computed by pint.

    Raises:
        InputError: the two have different dimensions.

    >>> line("h", "min")
    (60.0, 0.0)
    """
    if dimension(from_unit) != dimension(to_unit):
        raise InputError(
            f"{from_unit} [{dimension(from_unit)}] does not convert to {to_unit} "
            f"[{dimension(to_unit)}]",
            cure="Use units of one dimension; mass to amount needs molar_mass.",
        )
    quantity = registry().Quantity
    at_zero, at_one = (
        float(quantity(x, _unit(from_unit)).to(_unit(to_unit)).magnitude) for x in (0.0, 1.0)
    )
    return at_one - at_zero, at_zero


def conversion_factor(from_unit: str, to_unit: str) -> float:
    """Return what a number in ``from_unit`` is multiplied by to be in ``to_unit``.

    >>> conversion_factor("1/d", "1/h") == 1 / 24
    True
    """
    slope, offset = _line(from_unit, to_unit)
    if offset:
        raise InputError(f"{from_unit} to {to_unit} is not a mere factor", cure="Use convert.")
    # The factor as a fraction of the larger side keeps 1/24 and 24 both exact.
    inverse = _line(to_unit, from_unit)[0]
    return 1.0 / round(inverse) if abs(slope) < 1 and _whole(inverse) else slope


def _whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-12 * abs(number) and abs(number) < 1e15


def convert(value: Any, from_unit: str, to_unit: str, *, molar_mass: float | None = None) -> Any:
    """Return ``value`` in another unit.

    Args:
        value: a number or array, in ``from_unit``.
        from_unit: its unit; ``"1"`` for a pure number.
        to_unit: the unit wanted.
        molar_mass: g/mol, needed only between mass and amount of substance.

    >>> convert(2.0, "h", "min")
    120.0
    >>> round(convert(1.0, "ng/mL", "nM", molar_mass=398.5), 4)
    2.5094
    """
    if molar_mass is not None and dimension(from_unit) != dimension(to_unit):
        return _convert_mass(value, from_unit, to_unit, molar_mass)
    slope, offset = _line(from_unit, to_unit)
    if offset:
        return value * slope + offset
    return value * conversion_factor(from_unit, to_unit)


def _convert_mass(value: Any, from_unit: str, to_unit: str, molar_mass: float) -> Any:
    for power in (-1, 1):
        bridged = f"({from_unit}) * g**{power} * mol**{-power}"
        if dimension(bridged) == dimension(to_unit):
            factor = conversion_factor(bridged, to_unit) * molar_mass**power
            return value * factor
    raise InputError(
        f"{from_unit} does not convert to {to_unit}, not even through a molar mass",
        cure="Use units of one dimension.",
    )
