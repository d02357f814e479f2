"""Dimension check of a stage: sums add like to like, an exponential takes a pure number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speciosa.core.errors import InputError
from speciosa.core.stage import Mode, Stage, State
from speciosa.core.symbol import SYMBOLS, Expression, symbol
from speciosa.core.units import registry
from speciosa.core.wiring import CLOCK

SAME = {"add", "sub", "min", "max", "lt", "le", "gt", "ge"}
PURE = {"exp", "log", "sin", "cos", "tanh"}
COMPARE = {"lt", "le", "gt", "ge", "and", "or"}


def trace(stage: Stage) -> tuple[dict[str, Expression], dict[str, Expression]]:
    """Return the stage's outputs and rates as expressions over its own names."""
    kinds: dict[str, State | Mode] = {**stage.states, **stage.modes}
    x = {name: symbol(name, kind.unit) for name, kind in kinds.items()}
    s = {name: symbol(name, unit) for name, unit in {**CLOCK, **stage.needs, **stage.gives}.items()}
    p = {name: symbol(name, parameter.unit) for name, parameter in stage.parameters.items()}
    p |= {name: symbol(name, unit) for name, unit in {**stage.covariates, **stage.derived}.items()}
    outputs = stage.outputs(SYMBOLS, x, {q: s[q] for q in (*stage.direct, *CLOCK)}, p)
    rates = stage.rates(SYMBOLS, x, s, p) if stage.rates is not None else {}
    return outputs, rates


def check_dimensions(stage: Stage) -> None:
    """Refuse a stage whose equations do not balance.

    Raises:
        InputError: names the stage, the quantity and the operation that mixes units, or an output
            or rate that is declared but missing.
    """
    outputs, rates = trace(stage)
    _check_names(stage.name, outputs, stage.gives, "output")
    _check_names(stage.name, rates, stage.states, "rate")
    for name, expression in outputs.items():
        _expect(stage.name, name, expression, stage.gives[name])
    for name, expression in rates.items():
        _expect(stage.name, f"d({name})/dt", expression, f"({stage.states[name].unit})/h")


def dimension_of(expression: Any) -> Any:
    """Return the pint dimensionality of an expression; raise ValueError where it mixes units."""
    return _dimension(expression, {})


def _dimension(node: Any, known: dict[int, Any]) -> Any:
    if not isinstance(node, Expression):
        return _pure()
    if id(node) not in known:
        known[id(node)] = _dimension_new(node, known)
    return known[id(node)]


def _dimension_new(node: Expression, known: dict[int, Any]) -> Any:
    if node.op == "symbol":
        return registry().parse_units(_spelled(node.unit)).dimensionality
    if node.op == "number":
        return _pure()
    parts = [_dimension(arg, known) for arg in node.args]
    if node.op == "where":
        _same(node, parts[1], parts[2], node.args[1:])
        return parts[2] if _is_zero(node.args[1]) else parts[1]
    if node.op in SAME:
        _same(node, parts[0], parts[1], node.args)
        if node.op in COMPARE:
            return _pure()
        return parts[1] if _is_zero(node.args[0]) else parts[0]
    if node.op in PURE:
        if parts[0] != _pure():
            raise ValueError(f"{node.op} of a quantity with dimension {parts[0]}")
        return _pure()
    if node.op == "mul":
        return parts[0] * parts[1]
    if node.op == "div":
        return parts[0] / parts[1]
    if node.op == "sqrt":
        return parts[0] ** 0.5
    if node.op == "pow":
        return _power(node, parts)
    return _pure() if node.op in COMPARE else parts[0]


def _power(node: Expression, parts: list[Any]) -> Any:
    exponent = node.args[1]
    if exponent.op == "number":
        return parts[0] ** exponent.args[0]
    if parts[0] != _pure() or parts[1] != _pure():
        raise ValueError("a power with a variable exponent needs pure numbers")
    return _pure()


def _same(node: Expression, left: Any, right: Any, operands: tuple[Any, ...]) -> None:
    if left != right and not _is_zero(operands[0]) and not _is_zero(operands[1]):
        raise ValueError(f"{node.op} mixes {left} with {right}")


def _is_zero(node: Any) -> bool:
    return isinstance(node, Expression) and node.op == "number" and node.args[0] == 0.0


def _pure() -> Any:
    return registry().parse_units("dimensionless").dimensionality


def _spelled(unit: str) -> str:
    return unit.replace("(1)/", "dimensionless/") if unit != "1" else "dimensionless"


def _expect(stage: str, name: str, expression: Any, unit: str) -> None:
    try:
        found = dimension_of(expression)
    except ValueError as error:
        raise InputError(
            what=f'stage "{stage}", {name}: {error}',
            where="dimension check",
            cure="divide by a reference quantity or correct a unit",
        ) from error
    wanted = registry().parse_units(_spelled(unit)).dimensionality
    zero = (isinstance(expression, int | float) and expression == 0) or _is_zero(expression)
    if found != wanted and not zero:
        raise InputError(
            what=f'stage "{stage}", {name}: declared {unit}, the equations give {found}',
            where="dimension check",
            cure="correct the declared unit or the equation",
        )


def _check_names(
    stage: str, found: Mapping[str, Any], declared: Mapping[str, Any], kind: str
) -> None:
    for name in set(found) ^ set(declared):
        raise InputError(
            what=f'stage "{stage}": {kind} "{name}" is '
            + ("computed but not declared" if name in found else "declared but not computed"),
            where="dimension check",
            cure="make declaration and equations name the same quantities",
        )
