"""What happens at a mesh point: decisions are asked in order, then scheduled doses are given.

The same plain functions run inside the compiled engine (JAX) and in the reference (NumPy).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from speciosa.core.random import Streams, uniform
from speciosa.core.stage import Moment
from speciosa.core.wiring import Model


def clock_rows(hours: Any, start_clock_hour: float) -> dict[str, Any]:
    """Return the quantities that the clock gives at a moment."""
    return {"hours": hours, "clock_hour": (start_clock_hour + hours) % 24.0}


def held_rows(model: Model, memory: Any, hours: Any, start_clock_hour: float) -> dict[str, Any]:
    """Return everything that stays constant until the next mesh point."""
    held = clock_rows(hours, start_clock_hour)
    for decision in model.decisions:
        held.update({q: memory[decision.name][q] for q in decision.gives})
    return held


def with_steady(xp: Any, model: Model, held: dict[str, Any], parameters: Any) -> dict[str, Any]:
    """Return ``held`` with the quantities of the stages that are constant within a step."""
    known = dict(held)
    for stage in model.steady():
        known.update(stage.outputs(xp, {}, known, parameters[stage.name]))
    return known


def ask(
    xp: Any,
    model: Model,
    found: Mapping[str, Any],
    memory: Mapping[str, Any],
    parameters: Mapping[str, Any],
    stream: Streams,
    *,
    hours: Any,
    quarter: Any,
    due: Sequence[Any],
    start_clock_hour: float,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ask every decision that is due, in the model's order; return memory and doses (nmol).

    A later decision sees what an earlier one has just decided.
    """
    moment = Moment(hours, (start_clock_hour + hours) % 24.0, xp.floor(hours / 24.0))
    nothing = xp.zeros(stream.person.shape)
    given: dict[str, Any] = {entry: nothing for entry in model.entries()}
    memory, found = dict(memory), dict(found)
    for place, decision in enumerate(model.decisions):
        u = tuple(uniform(xp, stream, decision.name, quarter, j) for j in range(decision.uniforms))
        before = memory[decision.name]
        after, doses = decision.decide(
            xp, moment, {**found, **before}, before, u, parameters[decision.name]
        )
        memory[decision.name] = {
            name: xp.where(due[place], after.get(name, row), row) for name, row in before.items()
        }
        found.update({q: memory[decision.name][q] for q in decision.gives})
        for entry, amount in doses.items():
            given[entry] = given[entry] + xp.where(due[place], amount, 0.0)
    return memory, given


def scheduled(
    xp: Any,
    given: Mapping[str, Any],
    products: Sequence[str],
    content: Mapping[str, Mapping[str, Any]],
    adherence: Mapping[str, Any],
    supervised: Any,
    stream: Streams,
    *,
    amounts: Any,
    hours: Any,
    quarter: Any,
    days_per_batch: int,
    in_treatment: Any,
) -> dict[str, Any]:
    """Add the scheduled doses that are taken to ``given`` and return it."""
    given = dict(given)
    day = xp.floor(hours / 24.0).astype("int32")
    for place, product in enumerate(products):
        u = uniform(xp, stream, f"adherence: {product}", quarter)
        taken = xp.where((day < supervised[place]) | (u < adherence[product]), 1.0, 0.0)
        amount = amounts[place] * taken * in_treatment
        for entry, rows in content[product].items():
            strength = xp.take(rows, day // days_per_batch, axis=0, mode="clip")
            given[entry] = given[entry] + amount * strength
    return given


def dosed(
    model: Model, states: Mapping[str, Any], given: Mapping[str, Any], parameters: Any
) -> Any:
    """Return the states and modes after the doses of one moment."""
    after = {name: dict(rows) for name, rows in states.items()}
    for entry, targets in model.entries().items():
        for stage, state, symbol in targets:
            gain = parameters[stage][symbol]
            after[stage][state] = after[stage][state] + given[entry] * gain
    return after
