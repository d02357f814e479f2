"""Units of whole expressions: what every part of an equation is measured in."""

from __future__ import annotations

from typing import Any

from speciosa.core.symbol import Expression
from speciosa.core.units import registry

LIKE = {"add", "sub", "min", "max", "where", "lt", "le", "gt", "ge"}
PURE = {"exp", "log", "sin", "cos", "tanh", "and", "or"}
COMPARED = {"lt", "le", "gt", "ge", "and", "or"}


class Units:
    """Computes the pint unit of expressions and keeps what it has found."""

    def __init__(self) -> None:
        self.found: dict[int, tuple[Expression, Any]] = {}
        self.none = registry().parse_units("dimensionless")

    def of(self, node: Expression) -> Any:
        """Return the unit of an expression; a bare number is dimensionless."""
        if id(node) not in self.found:
            # the node is kept beside its unit: its id is its own for as long as it lives
            self.found[id(node)] = node, self._new(node)
        return self.found[id(node)][1]

    def text(self, node: Expression) -> str:
        """Return the unit of an expression as text that can be read back, ``1`` for none."""
        return plain_text(self.of(node))

    def _new(self, node: Expression) -> Any:
        if node.op in ("symbol", "number"):
            return parsed(node.unit)
        if node.op in PURE:
            return self.none
        if node.op in LIKE:
            if node.op in COMPARED:
                return self.none
            operands = node.args[1:] if node.op == "where" else node.args
            return self.common(operands)
        first = self.of(node.args[0])
        if node.op == "mul":
            return first * self.of(node.args[1])
        if node.op == "div":
            return first / self.of(node.args[1])
        if node.op == "sqrt":
            return first**0.5
        if node.op == "pow":
            exponent = node.args[1]
            return first ** exponent.args[0] if exponent.op == "number" else self.none
        return first  # a negation

    def common(self, operands: tuple[Expression, ...]) -> Any:
        """Return the unit that operands share; a bare number takes that of the others."""
        for operand in operands:
            if operand.op != "number" or operand.unit != "1":
                return self.of(operand)
        return self.none


def parsed(unit: str) -> Any:
    """Return a unit as pint has it; ``1`` is dimensionless."""
    return registry().parse_units("dimensionless" if unit == "1" else unit)


def plain_text(unit: Any) -> str:
    """Return a unit as text that can be read back, with what cancels taken out.

    >>> plain_text(parsed("nmol/L/nM"))
    '1'
    """
    if unit.dimensionless and factor_of(unit) == 1.0:
        return "1"
    reduced = registry().Quantity(1.0, unit).to_reduced_units()
    return format(reduced.units if reduced.magnitude == 1.0 else unit, "C")


def factor_of(unit: Any) -> float:
    """Return what one of a unit is in SI base units, rounded to twelve figures.

    >>> factor_of(parsed("h"))
    3600.0
    """
    return float(f"{registry().Quantity(1.0, unit).to_base_units().magnitude:.12g}")
