"""One reading of a wired model's own equations, from which every format is written.

The functions that run are run once more on names instead of numbers (:mod:`speciosa.core.symbol`):
what comes out is the ordered list of assignments, the rate of every state, the parameters, what
decisions hold constant, and where doses go. A mode ``z`` that only decays is the ordinary equation
``z' = -rate z``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from speciosa.core.stage import Mode, State
from speciosa.core.symbol import SYMBOLS, Expression, lift, simplified, symbol, walk
from speciosa.core.wiring import CLOCK, Model, derivatives, signals
from speciosa.view.export.names import RESERVED
from speciosa.view.export.sbml_units import BASE
from speciosa.view.export.units import COMPARED, Units

LEAVES = ("symbol", "number")
FEWEST_NODES = 4  # a part that is used twice gets a name of its own from this size on


@dataclass(frozen=True)
class StateLine:
    """A state or mode: its rate of change per hour, and the name of its start value."""

    name: str
    unit: str
    stage: str
    own: str
    rate: Expression
    start: str
    scale: float
    decays: bool


@dataclass(frozen=True)
class Line:
    """An assignment: a quantity that a stage gives, or a part that several equations share."""

    name: str
    unit: str
    stage: str
    expression: Expression
    quantity: bool


@dataclass(frozen=True)
class ParameterLine:
    """A constant of a person: from a record, a covariate, or derived from those before the run."""

    name: str
    unit: str
    stage: str
    symbol: str
    kind: str
    record: str = ""


@dataclass(frozen=True)
class InputLine:
    """A quantity that a decision holds constant until it is asked again."""

    name: str
    unit: str
    decision: str
    quantity: str


@dataclass(frozen=True)
class Reading:
    """A wired model as plain equations over unique names.

    Args:
        states: every state and mode with its rate.
        lines: assignments, each only of what stands before it.
        parameters: the constants that the equations, doses and starts use.
        inputs: what decisions hold constant.
        entries: dose entry -> ((state, gain parameter), ...).
        clock: which of ``hours`` and ``clock_hour`` the equations read.
    """

    states: tuple[StateLine, ...]
    lines: tuple[Line, ...]
    parameters: tuple[ParameterLine, ...]
    inputs: tuple[InputLine, ...]
    entries: Mapping[str, tuple[tuple[str, str], ...]]
    clock: tuple[str, ...]

    @property
    def units(self) -> dict[str, str]:
        """Return name -> unit of everything that has a name."""
        parts: tuple[Any, ...] = (*self.states, *self.lines, *self.parameters, *self.inputs)
        return dict(CLOCK) | {part.name: part.unit for part in parts}

    @property
    def quantities(self) -> tuple[Line, ...]:
        """Return the assignments that stages give, without the shared parts."""
        return tuple(line for line in self.lines if line.quantity)


def read(model: Model) -> Reading:
    """Return the equations of a wired model.

    Example:
        >>> from speciosa.models.opioid import cut_down, opioid
        >>> found = read(cut_down(opioid(["melatonin_oral"]), ["melatonin_plasma"]))
        >>> any(line.name == "melatonin_plasma" for line in found.lines)
        True
    """
    names = _Names(model)
    lines: list[tuple[str, str, Expression]] = []
    order = iter([stage for stage in model.stages if stage.gives])

    def settle(gives: Mapping[str, Any]) -> dict[str, Expression]:
        stage = next(order)
        lines.extend((stage.name, quantity, lift(row)) for quantity, row in gives.items())
        return {q: symbol(names.quantity[q], stage.gives[q]) for q in gives}

    held = {q: symbol(names.quantity[q], unit) for q, unit in _held(model).items()}
    found = signals(SYMBOLS, model, names.states, held, names.parameters, settle)
    rates = derivatives(SYMBOLS, model, names.states, found, names.parameters)
    return _assembled(model, names, lines, rates)


class _Names:
    """A unique, unreserved name for everything, and the symbols that carry them."""

    def __init__(self, model: Model) -> None:
        self.taken: set[str] = set()
        self.quantity = {q: self.unique(q) for q in model.units}
        self.states: dict[str, dict[str, Expression]] = {}
        self.parameters: dict[str, dict[str, Expression]] = {}
        for stage in model.stages:
            own = {n: k.unit for n, k in stage.states.items()}
            own |= {n: k.unit for n, k in stage.modes.items()}
            self.states[stage.name] = {
                n: symbol(self.unique(_joined(stage.name, n), "state"), u) for n, u in own.items()
            }
        for stage in model.stages:
            units = {s: p.unit for s, p in stage.parameters.items()}
            units |= {**stage.covariates, **stage.derived}
            self.parameters[stage.name] = {
                s: symbol(self.unique(_joined(stage.name, s), "value"), u) for s, u in units.items()
            }

    def unique(self, wanted: str, kind: str = "quantity") -> str:
        name = wanted
        while name.casefold() in RESERVED | BASE or name.casefold() in self.taken:
            name = f"{name}_{kind}"
        self.taken.add(name.casefold())
        return name


def _joined(stage: str, own: str) -> str:
    return own if own.startswith(f"{stage}_") else f"{stage}_{own}"


def _held(model: Model) -> dict[str, str]:
    return dict(CLOCK) | {q: u for decision in model.decisions for q, u in decision.gives.items()}


def _assembled(
    model: Model,
    names: _Names,
    lines: list[tuple[str, str, Expression]],
    rates: Mapping[str, Mapping[str, Any]],
) -> Reading:
    flows = _flows(model, names, rates)
    roots = simplified(*(line[2] for line in lines), *(flow[3] for flow in flows))
    owners = [line[0] for line in lines] + [flow[0] for flow in flows]
    parts, roots = _named_parts(roots, owners, names)
    given = [
        Line(names.quantity[quantity], model.units[quantity], stage, root, True)
        for (stage, quantity, _), root in zip(lines, roots[: len(lines)], strict=True)
    ]
    states = tuple(
        StateLine(
            names.states[stage][own].args[0],
            kind.unit,
            stage,
            own,
            root,
            names.unique(f"{names.states[stage][own].args[0]}_start", "value"),
            kind.scale,
            isinstance(kind, Mode),
        )
        for (stage, own, kind, _), root in zip(flows, roots[len(lines) :], strict=True)
    )
    ordered = _in_order((*parts, *given))
    entries = _entries(model, names)
    used = _symbols([line.expression for line in ordered] + [state.rate for state in states])
    gains = {gain for rows in entries.values() for _, gain in rows}
    return Reading(
        states,
        ordered,
        tuple(p for p in _parameters(model, names) if p.name in used | gains),
        tuple(i for i in _inputs(model, names) if i.name in used),
        entries,
        tuple(q for q in CLOCK if names.quantity[q] in used),
    )


def _flows(
    model: Model, names: _Names, rates: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, str, State | Mode, Expression]]:
    flows: list[tuple[str, str, State | Mode, Expression]] = []
    for stage in model.stages:
        own, p = names.states[stage.name], names.parameters[stage.name]
        flows += [(stage.name, n, k, lift(rates[stage.name][n])) for n, k in stage.states.items()]
        flows += [(stage.name, n, k, -p[k.rate] * own[n]) for n, k in stage.modes.items()]
    return flows


def _named_parts(
    roots: tuple[Expression, ...], owners: list[str], names: _Names
) -> tuple[list[Line], tuple[Expression, ...]]:
    """Give a name to every part that is used more than once, and use it."""
    uses = Counter(
        id(operand)
        for node in walk(*roots)
        if node.op not in LEAVES
        for operand in node.args
        if isinstance(operand, Expression)
    )
    uses.update(id(root) for root in roots)
    size: dict[int, int] = {}
    made: dict[int, Expression] = {}
    parts: list[Line] = []
    units, count = Units(), Counter[str]()
    for root, owner in zip(roots, owners, strict=True):
        for node in walk(root):
            if id(node) in made:
                continue
            if node.op in LEAVES:
                made[id(node)], size[id(node)] = node, 1
                continue
            plain = Expression(node.op, tuple(made[id(operand)] for operand in node.args))
            size[id(node)] = 1 + sum(size[id(operand)] for operand in node.args)
            named = uses[id(node)] > 1 and size[id(node)] >= FEWEST_NODES
            if named and node.op not in COMPARED:
                count[owner] += 1
                name = names.unique(f"{owner}_part_{count[owner]}", "shared")
                parts.append(Line(name, units.text(plain), owner, plain, False))
                plain = symbol(name, parts[-1].unit)
                size[id(node)] = 1
            made[id(node)] = plain
    return parts, tuple(made[id(root)] for root in roots)


def _in_order(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return assignments so that each stands after what it reads."""
    by_name = {line.name: line for line in lines}
    order: dict[str, Line] = {}

    def visit(line: Line) -> None:
        if line.name in order:
            return
        for name in sorted(_symbols([line.expression]) & set(by_name)):
            visit(by_name[name])
        order[line.name] = line

    for line in lines:
        if line.quantity:
            visit(line)
    for line in lines:
        visit(line)
    return tuple(order.values())


def _symbols(expressions: Iterable[Expression]) -> set[str]:
    return {node.args[0] for node in walk(*expressions) if node.op == "symbol"}


def _entries(model: Model, names: _Names) -> dict[str, tuple[tuple[str, str], ...]]:
    return {
        entry: tuple(
            (names.states[s][x].args[0], names.parameters[s][gain].args[0]) for s, x, gain in rows
        )
        for entry, rows in model.entries().items()
    }


def _parameters(model: Model, names: _Names) -> list[ParameterLine]:
    found = []
    for stage in model.stages:
        for own, node in names.parameters[stage.name].items():
            kind, record = "derived", ""
            if own in stage.parameters:
                kind, record = "record", stage.parameters[own].record
            elif own in stage.covariates:
                kind = "covariate"
            found.append(ParameterLine(node.args[0], node.unit, stage.name, own, kind, record))
    return found


def _inputs(model: Model, names: _Names) -> list[InputLine]:
    return [
        InputLine(names.quantity[q], unit, decision.name, q)
        for decision in model.decisions
        for q, unit in decision.gives.items()
    ]
