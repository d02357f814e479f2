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


def lift(value: Any) -> Expression:
    """Return a row of a traced equation as an expression; plain numbers become number nodes."""
    return _lift(value)


def walk(*roots: Expression) -> tuple[Expression, ...]:
    """Return every node below some expressions once, operands before what is made of them.

    Example:
        >>> k = symbol("k", "1/h")
        >>> [node.op for node in walk(k * k + 1.0)]
        ['symbol', 'mul', 'number', 'add']
    """
    seen: dict[int, Expression] = {}

    def visit(node: Expression) -> None:
        if id(node) in seen:
            return
        if node.op not in ("symbol", "number"):
            for operand in node.args:
                visit(operand)
        seen[id(node)] = node

    for root in roots:
        visit(root)
    return tuple(seen.values())


def simplified(*roots: Expression) -> tuple[Expression, ...]:
    """Return the same expressions without ``0 + x``, ``1 x`` and sums of plain numbers.

    Equal parts become one node, so that a part that is used twice can be recognised.

    Example:
        >>> x = symbol("x")
        >>> (plain,) = simplified(sum([1.0 * x, 2.0 * 3.0]))
        >>> plain.op, plain.args[0].args, plain.args[1].args
        ('add', ('x',), (6.0,))
    """
    known: dict[tuple[Any, ...], Expression] = {}
    made: dict[int, Expression] = {}
    for node in walk(*roots):
        plain = node
        if node.op not in ("symbol", "number"):
            plain = _without_noise(node.op, tuple(made[id(operand)] for operand in node.args))
        leaf = plain.op in ("symbol", "number")
        key = (plain.op, *(plain.args if leaf else map(id, plain.args)))
        made[id(node)] = known.setdefault(key, plain)
    return tuple(made[id(root)] for root in roots)


_FOLD = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
}


def _without_noise(op: str, operands: tuple[Expression, ...]) -> Expression:
    numbers = [node.args[0] if node.op == "number" else None for node in operands]
    if op in _FOLD:
        first, second = numbers
        if first is not None and second is not None and not (op == "div" and second == 0):
            return number(_FOLD[op](first, second))
        if (op, first) in (("add", 0.0), ("mul", 1.0)):
            return operands[1]
        if (op, second) in (("add", 0.0), ("sub", 0.0), ("mul", 1.0), ("div", 1.0)):
            return operands[0]
    if op == "neg" and numbers[0] is not None:
        return number(-numbers[0])
    return Expression(op, operands)
