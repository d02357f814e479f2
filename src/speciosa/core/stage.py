"""What a stage declares: its ports with units, its states, its parameters and its equations.

A stage is one module: plain functions for the equations, and one :class:`Stage` that says what
they need and give. Stages never import each other; :mod:`speciosa.core.wiring` joins them by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Any  # a number, or one value per person, shape (N,), in whatever array module runs
Rows = Mapping[str, Row]
Equations = Callable[[Any, Rows, Rows, Rows], dict[str, Row]]
Derivation = Callable[[Rows], dict[str, Row]]


@dataclass(frozen=True)
class Parameter:
    """A number from the evidence: the record that holds it and the unit the equations want."""

    record: str
    unit: str


@dataclass(frozen=True)
class State:
    """A quantity that is integrated.

    Args:
        unit: unit of the state.
        scale: its typical range, in that unit; step errors are judged against it.
        start: its value at time zero: a number, or the symbol of a parameter, covariate or
            derived value of the same stage.
    """

    unit: str
    scale: float
    start: float | str = 0.0


@dataclass(frozen=True)
class Mode:
    """A quantity that only decays, at a constant rate, and is therefore solved exactly.

    A first-order depot is one mode; a linear multi-compartment drug is a few
    (:func:`speciosa.core.modes.linear_modes`).

    Args:
        unit: unit of the mode.
        rate: symbol of the parameter or derived value that is its decay rate, 1/h.
        scale: its typical range.
        start: as for :class:`State`.
    """

    unit: str
    rate: str
    scale: float
    start: float | str = 0.0


@dataclass(frozen=True)
class Stage:
    """One link of the chain, as plain data.

    Args:
        name: snake_case name, unique in a model.
        needs: quantity -> unit, everything the equations read from other stages or decisions.
        gives: quantity -> unit, everything ``outputs`` returns.
        outputs: ``outputs(xp, x, s, p)`` returns ``gives`` from the states ``x``, the signals
            ``s`` (only those named in ``direct``) and the parameters ``p``.
        direct: the part of ``needs`` that ``outputs`` itself reads; the rest is read by ``rates``.
        rates: ``rates(xp, x, s, p)`` returns the time derivative (per hour) of every state in
            ``states``; it may read all of ``needs`` and the stage's own ``gives``.
        states: integrated states.
        modes: exactly decaying states; they have no entry in ``rates``.
        parameters: symbol -> :class:`Parameter`.
        covariates: symbol -> unit; values of the person, by the covariate's name.
        derive: ``derive(p)`` with NumPy, once per person before the run; returns ``derived``.
        derived: symbol -> unit of what ``derive`` returns.
        entries: dose entry -> {state or mode: symbol of its gain}; a dose of ``a`` nmol adds
            ``a * gain`` to the state.
        steep: quantity of ``needs`` -> (step, duration), h: the answer to it changes within minutes
            of a dose that brings it, which takes steps of that size for that long.
    """

    name: str
    needs: Mapping[str, str]
    gives: Mapping[str, str]
    outputs: Equations
    direct: tuple[str, ...] = ()
    rates: Equations | None = None
    states: Mapping[str, State] = field(default_factory=dict)
    modes: Mapping[str, Mode] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    covariates: Mapping[str, str] = field(default_factory=dict)
    derive: Derivation | None = None
    derived: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    steep: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Moment:
    """When a decision is asked: hours since the start, clock hour (0-24), day (0, 1, ...)."""

    hours: Row
    clock_hour: Row
    day: Row


@dataclass(frozen=True)
class Decision:
    """Something decided at a mesh point: a dose as needed, a lapse, dropout, lights-out.

    Args:
        name: snake_case name, unique in a model; also names its random stream.
        watches: quantity -> unit, read at the mesh point before any dose is given there.
        memory: row -> start (a number, or a symbol of ``parameters`` or ``covariates``).
        gives: quantity -> unit; the memory rows that stages and other decisions may read. They
            are constant between mesh points. A quantity has the name of its memory row.
        hours: clock hours at which it is asked, on the quarter-hour grid.
        uniforms: how many uniforms in (0, 1) it gets each time.
        doses: the dose entries it may use, in nmol.
        decide: ``decide(xp, moment, s, memory, u, p)`` returns ``(memory, doses)``: the new
            memory rows and a dict entry -> nmol (rows; zero where nothing is given).
        parameters, covariates: as for :class:`Stage`.
    """

    name: str
    watches: Mapping[str, str]
    memory: Mapping[str, float | str]
    gives: Mapping[str, str]
    hours: tuple[float, ...]
    decide: Callable[
        [Any, Moment, Rows, Rows, tuple[Row, ...], Rows], tuple[dict[str, Row], dict[str, Row]]
    ]
    uniforms: int = 0
    doses: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    covariates: Mapping[str, str] = field(default_factory=dict)
