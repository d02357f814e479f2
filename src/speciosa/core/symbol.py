"""A symbol tracer: run a stage's equations on names instead of numbers.

Passing :data:`SYMBOLS` as the array module and :class:`Expression` rows as states, signals and
parameters returns the equations themselves as expression trees. The dimension check
(:mod:`speciosa.core.dimensions`) and the exports read those trees, so what is checked and exported
is what runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Expression:
    """A node: ``op`` is symbol, number or the operation; ``args`` its name, value or operands."""

    op: str
    args: tuple[Any, ...]
    unit: str = "1"

    def __add__(self, other: Any) -> Expression:
        return _node("add", self, other)

    def __radd__(self, other: Any) -> Expression:
        return _node("add", other, self)

    def __sub__(self, other: Any) -> Expression:
        return _node("sub", self, other)

    def __rsub__(self, other: Any) -> Expression:
        return _node("sub", other, self)

    def __mul__(self, other: Any) -> Expression:
        return _node("mul", self, other)

    def __rmul__(self, other: Any) -> Expression:
        return _node("mul", other, self)

    def __truediv__(self, other: Any) -> Expression:
        return _node("div", self, other)

    def __rtruediv__(self, other: Any) -> Expression:
        return _node("div", other, self)

    def __pow__(self, other: Any) -> Expression:
        return _node("pow", self, other)

    def __rpow__(self, other: Any) -> Expression:
        return _node("pow", other, self)

    def __neg__(self) -> Expression:
        return _node("neg", self)

    def __lt__(self, other: Any) -> Expression:
        return _node("lt", self, other)

    def __le__(self, other: Any) -> Expression:
        return _node("le", self, other)

    def __gt__(self, other: Any) -> Expression:
        return _node("gt", self, other)

    def __ge__(self, other: Any) -> Expression:
        return _node("ge", self, other)

    def __and__(self, other: Any) -> Expression:
        return _node("and", self, other)

    def __or__(self, other: Any) -> Expression:
        return _node("or", self, other)

    def __bool__(self) -> bool:
        raise TypeError(
            "a stage's equations may not branch on a value with if/and/or/not; use xp.where"
        )


def symbol(name: str, unit: str = "1") -> Expression:
    """Return a named quantity with its unit."""
    return Expression("symbol", (name,), unit)


def number(value: float) -> Expression:
    """Return a pure number."""
    return Expression("number", (float(value),))


class _Symbols:
    """The array module of the tracer: the whole language that stage equations may use."""

    def exp(self, x: Any) -> Expression:
        return _node("exp", x)

    def log(self, x: Any) -> Expression:
        return _node("log", x)

    def sqrt(self, x: Any) -> Expression:
        return _node("sqrt", x)

    def sin(self, x: Any) -> Expression:
        return _node("sin", x)

    def cos(self, x: Any) -> Expression:
        return _node("cos", x)

    def tanh(self, x: Any) -> Expression:
        return _node("tanh", x)

    def minimum(self, x: Any, y: Any) -> Expression:
        return _node("min", x, y)

    def maximum(self, x: Any, y: Any) -> Expression:
        return _node("max", x, y)

    def where(self, condition: Any, x: Any, y: Any) -> Expression:
        return _node("where", condition, x, y)


SYMBOLS = _Symbols()


def _node(op: str, *operands: Any) -> Expression:
    return Expression(op, tuple(_lift(value) for value in operands))


def _lift(value: Any) -> Expression:
    return value if isinstance(value, Expression) else number(value)
