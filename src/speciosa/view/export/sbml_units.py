"""Units as SBML has them: products of a few base kinds, each with a multiplier."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as Xml

from speciosa.core.units import registry
from speciosa.view.export.units import parsed, plain_text

BASE = frozenset(
    [
        "ampere",
        "becquerel",
        "candela",
        "coulomb",
        "dimensionless",
        "farad",
        "gram",
        "gray",
        "henry",
        "hertz",
        "item",
        "joule",
        "katal",
        "kelvin",
        "kilogram",
        "litre",
        "lumen",
        "lux",
        "metre",
        "mole",
        "newton",
        "ohm",
        "pascal",
        "radian",
        "second",
        "siemens",
        "sievert",
        "steradian",
        "tesla",
        "volt",
        "watt",
        "weber",
    ]
)
# dimension -> (kind, exponent, size of one kind in SI base units) of the kinds that read best
KINDS: dict[str, tuple[tuple[str, int, float], ...]] = {
    "[time]": (("second", 1, 1.0),),
    "[length]": (("metre", 1, 1.0),),
    "[mass]": (("gram", 1, 1e-3),),
    "[substance]": (("mole", 1, 1.0),),
    "[luminosity]": (("candela", 1, 1.0),),
    "[temperature]": (("kelvin", 1, 1.0),),
    "[current]": (("ampere", 1, 1.0),),
    "[length] ** 3": (("litre", 1, 1e-3),),
    "[substance] / [length] ** 3": (("mole", 1, 1.0), ("litre", -1, 1e3)),
    "[mass] / [length] ** 3": (("gram", 1, 1e-3), ("litre", -1, 1e3)),
    "[luminosity] / [length] ** 2": (("lux", 1, 1.0),),
}


@dataclass
class UnitDefinitions:
    """Collects every unit that a document uses, under an id made of its own words."""

    ids: dict[str, str] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)

    def id(self, unit: str | Any) -> str:
        """Return the id of a unit, given as text or as pint has it."""
        found = parsed(unit) if isinstance(unit, str) else unit
        text = plain_text(found)
        if text == "1":
            return "dimensionless"
        if text not in self.ids:
            name = _name(text)
            self.ids[text] = name
            if name not in BASE:
                self.made[name] = found
        return self.ids[text]

    def element(self) -> Xml.Element:
        """Return the ``listOfUnitDefinitions``."""
        listed = Xml.Element("listOfUnitDefinitions")
        for name in sorted(self.made):
            definition = Xml.SubElement(listed, "unitDefinition", id=name)
            units = Xml.SubElement(definition, "listOfUnits")
            for kind, exponent, multiplier in _parts(self.made[name]):
                Xml.SubElement(
                    units,
                    "unit",
                    kind=kind,
                    exponent=f"{exponent:g}",
                    scale="0",
                    multiplier=f"{multiplier:.15g}",
                )
        return listed


def _name(text: str) -> str:
    name = re.sub(r"\*\*(-?[\d.]+)", lambda m: m[1].replace("-", "minus").replace(".", "p"), text)
    name = name.replace("1/", "per_", 1) if name.startswith("1/") else name
    name = name.replace("*", "_").replace("/", "_per_")
    return re.sub(r"\W", "_", name)


def _parts(unit: Any) -> list[tuple[str, float, float]]:
    """Return (kind, exponent, multiplier) of each factor of a unit."""
    parts: list[tuple[str, float, float]] = []
    for word, power in unit._units.items():
        one = registry().Quantity(1.0, word).to_base_units()
        size = float(f"{one.magnitude:.14g}")
        dimensions = str(one.dimensionality)
        if dimensions == "dimensionless":
            parts.append(("dimensionless", power, size))
            continue
        kinds = KINDS[dimensions] if dimensions in KINDS else _base(one)
        for place, (kind, exponent, base) in enumerate(kinds):
            # the whole size goes with the first kind: (multiplier kind)**exponent
            rest = 1.0
            for _, other, each in kinds[1:]:
                rest *= each if other < 0 else each**other
            multiplier = size / (base * rest) if place == 0 else 1.0
            if place == 0 and exponent != 1:
                multiplier **= 1 / exponent
            parts.append((kind, exponent * power, float(f"{multiplier:.12g}")))
    return parts


def _base(one: Any) -> tuple[tuple[str, int, float], ...]:
    return tuple(
        (KINDS[dimension][0][0], int(power), KINDS[dimension][0][2] ** int(power))
        for dimension, power in sorted(one.dimensionality.items(), key=lambda item: -item[1])
    )
