"""Every stage and decision of every recipe, by the module in which it stands."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

import speciosa.exposure
import speciosa.receptor
import speciosa.response
import speciosa.symptom
from speciosa.care.psychosocial import THERAPIES, parse_care
from speciosa.care.shelf import SHELF
from speciosa.care.therapy import care_decision
from speciosa.core.stage import Decision, Stage
from speciosa.core.wiring import Model
from speciosa.exposure.alkaloids import OTHERS
from speciosa.models.alcohol import alcohol
from speciosa.models.interaction import interaction
from speciosa.models.opioid import opioid
from speciosa.models.overdose import overdose
from speciosa.models.phase_response import phase_response

ROOMS: dict[str, ModuleType] = {
    "exposure": speciosa.exposure,
    "receptor": speciosa.receptor,
    "response": speciosa.response,
    "symptom": speciosa.symptom,
}
NALOXONE = ("intramuscular", "intranasal")
DAYS = 28


@dataclass
class Chapter:
    """One module: what it says of itself, and the parts that the recipes take from it."""

    room: str
    module: str
    text: str
    stages: list[Stage] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The module's name in words."""
        return self.module.replace("_", " ").capitalize()


def recipes() -> tuple[Model, ...]:
    """Return every recipe with everything on the shelf."""
    entries = {e for product in SHELF for route in product.routes for e in product.entries(route)}
    entries |= {entry for stage in OTHERS.values() for entry in stage.entries}
    every = care_decision(parse_care(" + ".join(t.title for t in THERAPIES)), "arm", DAYS)
    decisions = (every,) if every is not None else ()
    return (
        interaction(entries, behaviour=False, habits=False),
        opioid(entries, decisions),
        alcohol(entries, decisions),
        *(overdose(product) for product in NALOXONE),
        phase_response(),
    )


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return the chapters of the four rooms of stages, in the order in which data flows.

    Example:
        >>> [c.room for c in chapters()][0]
        'exposure'
    """
    made = {(room, name): Chapter(room, name, doc) for room, name, doc in _modules()}
    seen: set[tuple[Any, ...]] = set()
    for model in recipes():
        parts: tuple[Stage | Decision, ...] = (*model.stages, *model.decisions)
        for part in parts:
            place = _place(part)
            form = _form(part)
            if place not in made or form in seen:
                continue
            seen.add(form)
            kept: list[Any] = (
                made[place].stages if isinstance(part, Stage) else made[place].decisions
            )
            kept.append(part)
    return tuple(chapter for chapter in made.values() if chapter.stages or chapter.decisions)


def _form(part: Stage | Decision) -> tuple[Any, ...]:
    """What two forms of a part with the same equations share."""
    records = tuple(sorted(each.record for each in part.parameters.values()))
    needs = part.needs if isinstance(part, Stage) else part.watches
    return part.name, records, tuple(sorted(needs))


def _place(part: Stage | Decision) -> tuple[str, str]:
    """Return room and module: of the equations, or of who declares the part."""
    function = part.outputs if isinstance(part, Stage) else part.decide
    _, *path = function.__module__.split(".")
    if path and path[0] in ROOMS:
        return path[0], path[-1]
    for room, name, module in _loaded():
        if any(part is each for each in _declared(module)) or part.name == name:
            return room, name
    return "", ""


def _declared(module: ModuleType) -> Iterator[Any]:
    for value in vars(module).values():
        if isinstance(value, dict):
            yield from value.values()
        elif isinstance(value, (tuple, list)):
            yield from value
        else:
            yield value


def _loaded() -> Iterator[tuple[str, str, ModuleType]]:
    for room, package in ROOMS.items():
        for found in pkgutil.iter_modules(package.__path__):
            yield room, found.name, importlib.import_module(f"{package.__name__}.{found.name}")


def _modules() -> Iterator[tuple[str, str, str]]:
    for room, name, module in _loaded():
        yield room, name, (module.__doc__ or "").strip()
