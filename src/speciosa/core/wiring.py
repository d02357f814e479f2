"""Stages and decisions joined by the names of what they need and give.

The wiring refuses a missing quantity, a quantity given twice, a unit that does not fit and an
algebraic loop, each with its name and the cure. A loop that passes through a state (clock ->
melatonin -> clock) is legal; :func:`feedback_loops` lists those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from speciosa.core.errors import InputError, nearest
from speciosa.core.stage import Decision, Equations, Row, Rows, Stage
from speciosa.core.units import conversion_factor

# What the engine itself provides: the middle of the running step (hours since the start and clock
# hour). It is constant within a step, and no step straddles a quarter of an hour.
CLOCK = {"hours": "h", "clock_hour": "h"}
Nested = Mapping[str, Mapping[str, Row]]


@dataclass(frozen=True)
class Model:
    """A wired model: stages in the order in which their outputs can be computed, and decisions."""

    stages: tuple[Stage, ...]
    decisions: tuple[Decision, ...]
    units: Mapping[str, str]

    def records(self) -> tuple[str, ...]:
        """Return the ids of every evidence record the model rests on, sorted."""
        parts: tuple[Stage | Decision, ...] = (*self.stages, *self.decisions)
        return tuple(sorted({p.record for part in parts for p in part.parameters.values()}))

    def steady(self) -> tuple[Stage, ...]:
        """Return the stages that only read what is held: they are constant within a step."""
        known = set(CLOCK) | {q for decision in self.decisions for q in decision.gives}
        found: list[Stage] = []
        for stage in self.stages:
            if not stage.states and not stage.modes and set(stage.needs) <= known:
                found.append(stage)
                known |= set(stage.gives)
        return tuple(found)

    def moving(self, also: Iterable[str] = ()) -> frozenset[str]:
        """Return the quantities that some rate of change rests on: the others are only read off.

        Args:
            also: quantities to add, with what they rest on.
        """
        giver = {quantity: stage for stage in self.stages for quantity in stage.gives}
        left = [*also, *(q for stage in self.stages if stage.rates for q in _read(stage.rates))]
        found: set[str] = set()
        while left:
            quantity = left.pop()
            if quantity not in found:
                found.add(quantity)
                left += _read(giver[quantity].outputs) if quantity in giver else ()
        return frozenset(found)

    def entries(self) -> dict[str, tuple[tuple[str, str, str], ...]]:
        """Return dose entry -> ((stage, state, gain symbol), ...)."""
        table: dict[str, list[tuple[str, str, str]]] = {}
        for stage in self.stages:
            for entry, gains in stage.entries.items():
                for state, symbol in gains.items():
                    table.setdefault(entry, []).append((stage.name, state, symbol))
        return {entry: tuple(rows) for entry, rows in table.items()}

    def steep_entries(self) -> dict[str, tuple[float, float]]:
        """Return dose entry -> (step, duration), h, where some stage answers to it steeply."""
        givers = {quantity: stage for stage in self.stages for quantity in stage.gives}
        return {
            entry: steps
            for stage in self.stages
            for quantity, steps in stage.steep.items()
            for entry in givers[quantity].entries
        }


def wire(stages: Iterable[Stage], decisions: Iterable[Decision] = ()) -> Model:
    """Join stages and decisions by name and return the model.

    Raises:
        InputError: a name used twice, a quantity missing, given twice or in another unit, or an
            algebraic loop; the message names the stages and the nearest valid name.

    Example:
        >>> from speciosa.core.stage import Stage
        >>> source = Stage("source", {}, {"level": "nM"}, lambda xp, x, s, p: {"level": 1.0})
        >>> reader = Stage("reader", {"level": "nM"}, {"twice": "nM"},
        ...                lambda xp, x, s, p: {"twice": 2 * s["level"]}, direct=("level",))
        >>> [s.name for s in wire([reader, source]).stages]
        ['source', 'reader']
    """
    stages, decisions = tuple(stages), tuple(decisions)
    givers: dict[str, str] = {}
    units: dict[str, str] = dict(CLOCK)
    parts: tuple[Stage | Decision, ...] = (*stages, *decisions)
    _refuse_twice([part.name for part in parts], "stage or decision")
    for part in parts:
        for quantity, unit in part.gives.items():
            if quantity in units:
                raise InputError(
                    what=f'quantity "{quantity}" is given by both '
                    f"{givers.get(quantity, 'the engine')} and {part.name}",
                    where="wiring",
                    cure="rename one of them or leave one stage out",
                )
            givers[quantity], units[quantity] = part.name, unit
    for stage in stages:
        _check_needs(stage.name, stage.needs, units)
        for quantity in stage.direct:
            if quantity not in stage.needs:
                raise InputError(
                    what=f'stage "{stage.name}" reads "{quantity}" directly but does not need it',
                    where="wiring",
                    cure=f'add "{quantity}" with its unit to needs',
                )
    for decision in decisions:
        _check_needs(decision.name, decision.watches, units)
    return Model(_sorted(stages), decisions, units)


def signals(
    xp: Any,
    model: Model,
    states: Nested,
    held: Rows,
    parameters: Nested,
    settle: Callable[[Any], Any] = lambda rows: rows,
    wanted: frozenset[str] | None = None,
) -> dict[str, Row]:
    """Return every quantity of the model at one moment.

    Args:
        xp: array module.
        model: the wired model.
        states: stage -> state or mode -> row.
        held: quantities that decisions and the clock hold constant, and whatever else is known;
            a stage whose quantities are all known is not asked again.
        parameters: stage -> symbol -> row.
        settle: applied to the signals of each stage; the engine passes its compilation barrier
            here, so that nothing costly is computed twice; everything else leaves it out.
        wanted: the quantities to return, with all that they rest on; None returns every one.
    """
    found = dict(held)
    for stage in model.stages:
        mine = stage.gives if wanted is None else wanted & stage.gives.keys()
        if all(quantity in held for quantity in mine):
            continue
        gives = stage.outputs(xp, states[stage.name], found, parameters[stage.name])
        found.update(settle({quantity: gives[quantity] for quantity in mine}))
    return found


def derivatives(
    xp: Any, model: Model, states: Nested, found: Rows, parameters: Nested
) -> dict[str, dict[str, Row]]:
    """Return stage -> state -> rate of change per hour, for the integrated states."""
    return {
        stage.name: stage.rates(xp, states[stage.name], found, parameters[stage.name])
        for stage in model.stages
        if stage.rates is not None and stage.states
    }


def feedback_loops(model: Model) -> tuple[tuple[str, str, str], ...]:
    """Return the edges (giver, quantity, reader) that point backwards: the loops through states."""
    place = {stage.name: i for i, stage in enumerate(model.stages)}
    giver = {q: s.name for s in model.stages for q in s.gives}
    edges = []
    for stage in model.stages:
        for quantity in stage.needs:
            source = giver.get(quantity)
            if source is not None and place[source] >= place[stage.name]:
                edges.append((source, quantity, stage.name))
    return tuple(edges)


class _Reader(dict[str, Any]):
    """Rows that are all alike and remember which were asked for."""

    def __missing__(self, name: str) -> Any:
        self[name] = np.float64(0.7)
        return self[name]


def _read(equations: Equations) -> tuple[str, ...]:
    """Return the signals that equations read; they have no branches, so one look is enough."""
    seen = _Reader()
    with np.errstate(all="ignore"):
        equations(np, _Reader(), seen, _Reader())
    return tuple(seen)


def _refuse_twice(names: list[str], kind: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                what=f'{kind} "{name}" appears twice', where="wiring", cure="leave one out"
            )


def _check_needs(name: str, needs: Mapping[str, str], units: Mapping[str, str]) -> None:
    for quantity, unit in needs.items():
        if quantity not in units:
            raise InputError(
                what=f'"{name}" needs "{quantity}", which nothing gives',
                where="wiring",
                cure=nearest(quantity, units) or "add the stage that gives it",
            )
        if not _one_unit(units[quantity], unit):
            raise InputError(
                what=f'"{name}" wants "{quantity}" in {unit}, it is given in {units[quantity]}',
                where="wiring",
                cure=f"declare it in {units[quantity]} and convert inside the stage",
            )


def _one_unit(given: str, wanted: str) -> bool:
    try:
        return conversion_factor(given, wanted) == 1.0
    except InputError:  # of another dimension
        return False


def _sorted(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    giver = {quantity: stage for stage in stages for quantity in stage.gives}
    order: list[Stage] = []
    done: set[str] = set()

    def visit(stage: Stage, path: tuple[str, ...]) -> None:
        if stage.name in done:
            return
        if stage.name in path:
            loop = " -> ".join((*path[path.index(stage.name) :], stage.name))
            raise InputError(
                what=f"algebraic loop: {loop}",
                where="wiring",
                cure="let one of these stages answer through a state, or solve the loop inside one",
            )
        for quantity in stage.direct:
            if quantity in giver:
                visit(giver[quantity], (*path, stage.name))
        done.add(stage.name)
        order.append(stage)

    for stage in stages:
        visit(stage, ())
    return tuple(order)
