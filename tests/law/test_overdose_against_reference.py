"""The acute study: steps of a quarter of a second against a tight-tolerance SciPy solution.

Twenty people in every scene, alone and with help, to eight minutes, past every arrest. The
reference solves the same wired model in NumPy between two moments at which decisions are asked,
and asks them from its own states: nothing of the compiled run goes into it. In the default suite
the help is naloxone into a muscle; every other kind is a slow test.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from speciosa.core.acute import SECOND, STEP
from speciosa.core.events import ask, dosed, held_rows
from speciosa.core.random import Streams
from speciosa.core.reference import beginning
from speciosa.core.wiring import Model, derivatives, signals
from speciosa.evidence.load import Evidence
from speciosa.trial.overdose import (
    COURSES,
    EVERY,
    Help,
    OverdoseStudy,
    load_overdose_study,
    naloxone_solver,
    people_of,
)  # fmt: skip
from speciosa.trial.simulate import central

PEOPLE, SECONDS = 20, 480.0
STUDY = replace(load_overdose_study("acute-overdose"), people=PEOPLE, minutes=8)
HELPS = {each.name: each for each in STUDY.helps}


@dataclass(frozen=True)
class Both:
    """What the solver gave and what the reference gave, cell by cell in one row of people."""

    samples: dict[str, np.ndarray]
    wanted: dict[str, np.ndarray]
    memory: dict[str, dict[str, np.ndarray]]
    wanted_memory: dict[str, dict[str, np.ndarray]]


def side_by_side(tables: list[Any], counts: int) -> Any:
    """Parameters of several cells in one row of people."""
    return {
        part: {
            symbol: np.concatenate([np.broadcast_to(t[part][symbol], (counts,)) for t in tables])
            for symbol in symbols
        }
        for part, symbols in tables[0].items()
    }


def reference(model: Model, p: Any, people: int, doses: Any) -> tuple[Any, Any]:
    """Return samples every ten seconds and the decisions' memory at the end."""
    states = dosed(model, beginning(model.stages, p, people), doses, p)
    memory = beginning(model.decisions, p, people)
    who = np.arange(people, dtype=np.uint32)
    stream = Streams(np.zeros_like(who), who)
    names = [(stage, state) for stage, rows in states.items() for state in rows]
    declared = {
        (stage.name, name): one.scale
        for stage in model.stages
        for name, one in stage.states.items()
    }
    scale = np.repeat([declared[name] for name in names], people)
    assert not any(stage.modes for stage in model.stages)  # everything is integrated

    def nested(y: Any) -> Any:
        rows: dict[str, dict[str, Any]] = {stage: {} for stage in states}
        for (stage, state), row in zip(names, y.reshape(len(names), people), strict=True):
            rows[stage][state] = row
        return rows

    def flat(rows: Any) -> Any:
        return np.concatenate([rows[stage][state] + np.zeros(people) for stage, state in names])

    kept: dict[str, list[Any]] = {quantity: [] for quantity in COURSES}
    for k in range(round(SECONDS / STEP)):
        hours = k * STEP * SECOND
        held = held_rows(model, memory, 0.0, 0.0)
        found = signals(np, model, states, held, p)
        if k % round(EVERY / STEP) == 0:
            for quantity, rows in kept.items():
                rows.append(np.broadcast_to(found[quantity], (people,)))
        memory, given = ask(
            np, model, found, memory, p, stream, hours=hours, quarter=k,
            due=[True] * len(model.decisions), start_clock_hour=0.0,
        )  # fmt: skip
        states = dosed(model, states, given, p)
        held = held_rows(model, memory, 0.0, 0.0)

        def right(t: float, y: Any, held: Any = held) -> Any:
            x = nested(y)
            rates = derivatives(np, model, x, signals(np, model, x, held, p), p)
            return np.concatenate(
                [rates[stage][state] + np.zeros(people) for stage, state in names]
            )

        start = np.concatenate([states[stage][state] + np.zeros(people) for stage, state in names])
        step = STEP * SECOND
        done = solve_ivp(right, (0, step), start, rtol=1e-7, atol=1e-7 * scale, first_step=step)
        states = nested(done.y[:, -1])
    return {quantity: np.stack(rows) for quantity, rows in kept.items()}, memory


def both(evidence: Evidence, helps: list[Help], study: OverdoseStudy = STUDY) -> Both:
    """Solve every scene under some kinds of help of one product, both ways."""
    (product,) = {each.naloxone for each in helps} - {"none"}
    solver = naloxone_solver(product, study)
    cells = [people_of(solver.model, study, scene, each, evidence)
             for each in helps for scene in study.scenes]  # fmt: skip
    p = side_by_side([table for table, _ in cells], study.people)
    count = study.people * len(cells)
    entry = "fentanyl_intravenous"
    amounts = np.repeat([doses[entry] for _, doses in cells], study.people)
    given = {**dict.fromkeys(solver.model.entries(), 0.0), entry: amounts}
    outcome = solver.solve(p, count, given)
    assert not outcome.failed.any()
    samples, memory = reference(solver.model, p, count, given)
    return Both(dict(outcome.samples), samples, dict(outcome.memory), memory)


def agree(seen: Both) -> None:
    """Every sample until flow has collapsed, every verdict and every moment that is told."""
    arrest, wanted = seen.memory["arrest"]["arrest_at"], seen.wanted_memory["arrest"]["arrest_at"]
    assert np.array_equal(arrest >= 0, wanted >= 0)
    assert 0.1 < np.mean(arrest >= 0) < 0.95  # hearts stop, and not all
    assert np.abs(arrest - wanted).max() <= 2 * STEP * SECOND
    given, wanted_given = (one["helper"]["given"] for one in (seen.memory, seen.wanted_memory))
    assert np.array_equal(given, wanted_given) and given.max() >= 1
    for moment in ("arterial_first", "arterial_last"):
        apart = seen.memory["spell"][moment] - seen.wanted_memory["spell"][moment]
        assert np.abs(apart).max() <= 0.05 / 60.0, moment
    seconds = np.arange(len(seen.samples["arterial_oxygen"])) * EVERY
    standing = (arrest < 0) | (seconds[:, None] * SECOND <= arrest)
    for quantity, rows in seen.samples.items():
        apart = np.where(standing, np.abs(rows - seen.wanted[quantity]), 0.0)
        assert apart.max() <= 1e-3 * np.abs(seen.wanted[quantity]).max(), quantity


def test_alone_and_with_naloxone_into_a_muscle(evidence: Evidence) -> None:
    agree(both(central(evidence), [HELPS["nobody"], HELPS["intramuscular"]]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "names", [["autoinjector"], ["intranasal", "intranasal_late", "intranasal_repeated"]]
)
def test_with_every_other_kind_of_help(evidence: Evidence, names: list[str]) -> None:
    agree(both(central(evidence), [HELPS[name] for name in names]))
