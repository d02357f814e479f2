"""Expressions as MathML, every number with its unit, as SBML wants it."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from speciosa.core.symbol import Expression, number
from speciosa.view.export.sbml_units import UnitDefinitions
from speciosa.view.export.units import LIKE, Units

TAGS = {
    "add": "plus",
    "sub": "minus",
    "neg": "minus",
    "mul": "times",
    "div": "divide",
    "pow": "power",
    "exp": "exp",
    "log": "ln",
    "sin": "sin",
    "cos": "cos",
    "tanh": "tanh",
    "floor": "floor",
    "min": "min",
    "max": "max",
    "lt": "lt",
    "le": "leq",
    "gt": "gt",
    "ge": "geq",
    "and": "and",
    "or": "or",
}
NAMESPACE = "http://www.w3.org/1998/Math/MathML"
TIME = "http://www.sbml.org/sbml/symbols/time"


class MathMl:
    """Writes expressions; the units of numbers go into one list of definitions."""

    def __init__(self, definitions: UnitDefinitions) -> None:
        self.definitions, self.units = definitions, Units()

    def math(self, node: Expression, unit: str = "1") -> Xml.Element:
        """Return the ``math`` element of an expression.

        Args:
            node: the expression.
            unit: what a bare number at its top is measured in.
        """
        made = Xml.Element("math", xmlns=NAMESPACE)
        made.append(self._element(node, self.definitions.id(unit)))
        return made

    def function(self, arguments: tuple[str, ...], node: Expression, unit: str) -> Xml.Element:
        """Return the ``math`` element of a function of some names."""
        made = Xml.Element("math", xmlns=NAMESPACE)
        inside = Xml.SubElement(made, "lambda")
        for argument in arguments:
            Xml.SubElement(inside, "bvar").append(_symbol(argument))
        inside.append(self._element(node, self.definitions.id(unit)))
        return made

    def call(self, function: str, arguments: tuple[str, ...]) -> Xml.Element:
        """Return the ``math`` element that calls a function with the names it is a function of."""
        made = Xml.Element("math", xmlns=NAMESPACE)
        inside = Xml.SubElement(made, "apply")
        inside.extend(_symbol(name) for name in (function, *arguments))
        return made

    def _element(self, node: Expression, unit: str = "dimensionless") -> Xml.Element:
        if node.op == "symbol":
            return _symbol(node.args[0])
        if node.op == "number":
            own = self.definitions.id(node.unit) if node.unit != "1" else unit
            return _number(node.args[0], own)
        if node.op in LIKE:
            kept = node.args[1:] if node.op == "where" else node.args
            common = self.definitions.id(self.units.common(kept))
            own = unit if common == "dimensionless" else common
        else:
            own = "dimensionless"
        if node.op == "where":
            return self._piecewise(node, own)
        made = Xml.Element("apply")
        if node.op == "sqrt":
            Xml.SubElement(made, "root")
            degree = Xml.SubElement(made, "degree")
            degree.append(_number(2.0, "dimensionless"))
        else:
            Xml.SubElement(made, TAGS[node.op])
        # a number under a bare minus keeps the unit that is wanted of the whole
        inner = unit if node.op == "neg" else own
        made.extend(self._element(operand, inner) for operand in node.args)
        return made

    def _piecewise(self, node: Expression, unit: str) -> Xml.Element:
        condition, then, otherwise = node.args
        made = Xml.Element("piecewise")
        piece = Xml.SubElement(made, "piece")
        piece.append(self._element(then, unit))
        piece.append(self._element(condition))
        Xml.SubElement(made, "otherwise").append(self._element(otherwise, unit))
        return made


def quantity(value: float, unit: str) -> Expression:
    """Return a number that carries a unit, as a symbol would.

    >>> quantity(24.0, "h").args, quantity(24.0, "h").unit
    ((24.0,), 'h')
    """
    return Expression("number", number(value).args, unit)


def _symbol(name: str) -> Xml.Element:
    if name == "time":
        made = Xml.Element("csymbol", encoding="text", definitionURL=TIME)
        made.text = "time"
        return made
    made = Xml.Element("ci")
    made.text = name
    return made


def _number(value: float, unit: str) -> Xml.Element:
    text = f"{value:.17g}" if float(f"{value:.15g}") != value else f"{value:.15g}"
    made = Xml.Element("cn", {"sbml:units": unit})
    if "e" not in text:
        made.text = text
        return made
    mantissa, exponent = text.split("e")
    made.set("type", "e-notation")
    made.text = mantissa
    Xml.SubElement(made, "sep").tail = str(int(exponent))
    return made
