"""Traced equations, evaluated: what the symbol tracer wrote down, as numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from speciosa.core.symbol import Expression

OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv,
    "pow": operator.pow, "neg": operator.neg, "lt": operator.lt, "le": operator.le,
    "gt": operator.gt, "ge": operator.ge, "and": np.logical_and, "or": np.logical_or,
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tanh": np.tanh,
    "min": np.minimum, "max": np.maximum, "where": np.where,
}  # fmt: skip


def evaluate(tree: Any, values: Mapping[str, Any]) -> Any:
    """Return the value of an expression whose symbols have the given values."""
    return _value(tree, values, {})


def _value(node: Any, values: Mapping[str, Any], known: dict[int, Any]) -> Any:
    if not isinstance(node, Expression):
        return node
    if id(node) not in known:
        if node.op == "symbol":
            known[id(node)] = values[node.args[0]]
        elif node.op == "number":
            known[id(node)] = node.args[0]
        else:
            parts = [_value(part, values, known) for part in node.args]
            known[id(node)] = OPERATIONS[node.op](*parts)
    return known[id(node)]
