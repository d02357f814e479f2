"""The symbol tracer: the equations as trees, and no branching on a value."""

from __future__ import annotations

import pytest

from expressions import evaluate
from speciosa.core.symbol import SYMBOLS, Expression, number, symbol

A, B = symbol("a", "nM"), symbol("b", "nM")
VALUES = {"a": 2.0, "b": 5.0}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        (A + B, 7.0), (1 + A, 3.0), (A - B, -3.0), (1 - A, -1.0), (A * B, 10.0), (3 * A, 6.0),
        (A / B, 0.4), (1 / A, 0.5), (A**B, 32.0), (2**A, 4.0), (-A, -2.0),
        (SYMBOLS.exp(A - A), 1.0), (SYMBOLS.log(A / A), 0.0), (SYMBOLS.sqrt(A * A), 2.0),
        (SYMBOLS.sin(A - A), 0.0), (SYMBOLS.cos(A - A), 1.0), (SYMBOLS.tanh(0 * A), 0.0),
        (SYMBOLS.minimum(A, B), 2.0), (SYMBOLS.maximum(A, 3.0), 3.0),
        (SYMBOLS.where(A < B, 1.0, 0.0), 1.0), (SYMBOLS.where(A >= B, 1.0, 0.0), 0.0),
        (SYMBOLS.where(A <= B, A, B), 2.0), (SYMBOLS.where(A > B, A, B), 5.0),
        (SYMBOLS.where((A < B) & (A > B), 1.0, 0.0), 0.0),
        (SYMBOLS.where((A < B) | (A > B), 1.0, 0.0), 1.0),
    ],
)  # fmt: skip
def test_every_operation_is_written_down_as_it_runs(tree: Expression, wanted: float) -> None:
    assert evaluate(tree, VALUES) == pytest.approx(wanted, abs=1e-15)


def test_a_tree_keeps_names_units_and_numbers() -> None:
    tree = 2.5 * A
    assert (tree.op, tree.args[0].op, tree.args[0].args) == ("mul", "number", (2.5,))
    assert (tree.args[1].args, tree.args[1].unit) == (("a",), "nM")
    assert number(3).args == (3.0,)


@pytest.mark.parametrize(
    "branch",
    [lambda: bool(A > B), lambda: 1.0 if A < B else 0.0, lambda: min(A, B), lambda: A and B],
    ids=["bool", "if", "min", "and"],
)
def test_branching_on_a_value_is_refused_with_the_cure(branch) -> None:
    with pytest.raises(TypeError, match=r"use xp\.where"):
        branch()


def test_what_is_outside_the_language_is_not_there() -> None:
    with pytest.raises(AttributeError):
        SYMBOLS.floor(A)  # type: ignore[attr-defined]
