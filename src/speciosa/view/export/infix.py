"""Expressions as lines of text in the languages of C++, R and rxode2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from speciosa.core.symbol import Expression

SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
FUNCTIONS = {
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "sin": "sin",
    "cos": "cos",
    "tanh": "tanh",
    "floor": "floor",
    "min": "min",
    "max": "max",
}


@dataclass(frozen=True)
class Dialect:
    """How one language writes what the languages write differently."""

    power: Callable[[str, str], str]
    choice: Callable[[str, str, str], str]
    functions: dict[str, str]


C = Dialect(
    lambda base, exponent: f"pow({base}, {exponent})",
    lambda condition, then, otherwise: f"({condition} ? {then} : {otherwise})",
    FUNCTIONS | {"min": "std::min", "max": "std::max"},
)
R = Dialect(
    lambda base, exponent: f"({base})^({exponent})",
    lambda condition, then, otherwise: f"(if ({condition}) {then} else {otherwise})",
    FUNCTIONS,
)
RXODE = Dialect(
    lambda base, exponent: f"({base})^({exponent})",
    lambda condition, then, otherwise: f"ifelse({condition}, {then}, {otherwise})",
    FUNCTIONS,
)


def infix(node: Expression, dialect: Dialect) -> str:
    """Return an expression as text; every pair is in brackets, so that order needs no rules.

    Example:
        >>> from speciosa.core.symbol import symbol
        >>> infix(2.0 * symbol("k") ** 3.0, C)
        '(2.0 * pow(k, 3.0))'
    """
    if node.op == "symbol":
        return str(node.args[0])
    if node.op == "number":
        value = float(node.args[0])
        return repr(value) if value >= 0 else f"({value!r})"
    parts = [infix(operand, dialect) for operand in node.args]
    if node.op in SIGNS:
        return f"({parts[0]} {SIGNS[node.op]} {parts[1]})"
    if node.op in COMPARISONS:
        return f"({parts[0]} {COMPARISONS[node.op]} {parts[1]})"
    if node.op in ("and", "or"):
        return f"({parts[0]} {'&&' if node.op == 'and' else '||'} {parts[1]})"
    if node.op == "neg":
        return f"(-{parts[0]})"
    if node.op == "pow":
        return dialect.power(*parts)
    if node.op == "where":
        return dialect.choice(*parts)
    return f"{dialect.functions[node.op]}({', '.join(parts)})"
