"""The exported equations as the text of one Python function, for solvers that take a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speciosa.view.export.clock import DAY, HOURS_PER_DAY, START, clock
from speciosa.view.export.infix import FUNCTIONS, Dialect, infix
from speciosa.view.export.reading import Reading

CLOCK_START = 8.0  # clock hour of time zero
SCALAR = Dialect(
    lambda base, exponent: f"({base})**({exponent})",
    lambda condition, then, otherwise: f"({then} if {condition} else {otherwise})",
    FUNCTIONS,
)
ROWS = Dialect(
    lambda base, exponent: f"({base})**({exponent})",
    lambda condition, then, otherwise: f"where({condition}, {then}, {otherwise})",
    FUNCTIONS | {"min": "minimum", "max": "maximum"},
)


def names(reading: Reading) -> list[str]:
    """Return what the function takes beside time and states: parameters and held inputs."""
    return [p.name for p in reading.parameters] + [i.name for i in reading.inputs]


def source(reading: Reading, *, rows: bool = False) -> str:
    """Return ``def rates(t, y, p, out)``, which fills ``out``; with ``rows`` it returns a list.

    Args:
        reading: the equations.
        rows: write choices as ``where``, for arrays.
    """
    dialect = ROWS if rows else SCALAR

    def text(node: Any) -> str:
        return infix(node, dialect).replace("&&", "&").replace("||", "|")

    lines = [f"{n} = p[{i}]" for i, n in enumerate(names(reading))]
    lines += [f"{s.name} = y[{i}]" for i, s in enumerate(reading.states)]
    if reading.clock:
        lines += [f"{START} = {CLOCK_START}", f"{DAY} = {HOURS_PER_DAY}"]
    lines += [f"{n} = {text(clock(n, 't'))}" for n in reading.clock]
    lines += [f"{line.name} = {text(line.expression)}" for line in reading.lines]
    rates = [text(s.rate) for s in reading.states]
    lines += [f"return [{', '.join(rates)}]"] if rows else [
        f"out[{i}] = {rate}" for i, rate in enumerate(rates)
    ]  # fmt: skip
    head = "def rates(t, y, p):" if rows else "def rates(t, y, p, out):"
    return "\n    ".join([head, *lines]) + "\n"


def function(text: str, library: Any, extra: Mapping[str, Any] | None = None) -> Any:
    """Return the function that a text defines, over the functions of a library such as ``math``."""
    wanted = ("exp", "log", "sqrt", "sin", "cos", "tanh", "floor", "where", "minimum", "maximum")
    known = {name: getattr(library, name) for name in wanted if hasattr(library, name)}
    space: dict[str, Any] = {**known, **(extra or {})}
    exec(compile(text, "<equations>", "exec"), space)
    return space["rates"]
