"""Traced expressions turned back into numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from speciosa.core.symbol import Expression, walk

OPERATIONS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "pow": np.power,
    "neg": np.negative,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "min": np.minimum,
    "max": np.maximum,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "where": np.where,
}


def evaluate(expression: Expression, values: Mapping[str, Any]) -> Any:
    """Return what an expression is for certain values of its symbols.

    Example:
        >>> from speciosa.core.symbol import symbol
        >>> float(evaluate(2.0 * symbol("k") + 1.0, {"k": 3.0}))
        7.0
    """
    found: dict[int, Any] = {}
    for node in walk(expression):
        if node.op == "symbol":
            found[id(node)] = values[node.args[0]]
        elif node.op == "number":
            found[id(node)] = node.args[0]
        else:
            operation: Any = OPERATIONS[node.op]
            found[id(node)] = operation(*(found[id(operand)] for operand in node.args))
    return found[id(expression)]
