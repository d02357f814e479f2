"""What other solvers are given in the benchmark: the same equations, cut where things happen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from speciosa.core.wiring import derivatives, signals
from speciosa.models.opioid import cut_down, opioid
from speciosa.view.export.people import values
from speciosa.view.export.reading import read

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

import equations
import given
import others
import problem

JOB = {
    "values": {"gain": 2.0, "amount": 1.0, "asleep": 0.0},
    "changes": [(0.0, [("amount", 5.0, "gain")]), (6.0, [("asleep", 1.0, "")])],
    "switches": [3.0],
}


def test_a_run_is_cut_where_something_happens() -> None:
    pieces = list(given.stretches(JOB, [1.0, 3.0, 7.0, 8.0]))
    assert [(one.begin, one.end, list(one.read)) for one in pieces] == [
        (0.0, 3.0, [1.0, 3.0]), (3.0, 6.0, []), (6.0, 8.0, [7.0, 8.0]),
    ]  # fmt: skip
    assert [len(one.changes) for one in pieces] == [1, 0, 1]


@pytest.mark.parametrize("rows", [False, True])
def test_the_text_of_the_equations_gives_the_models_own_rates(rows: bool) -> None:
    model = cut_down(opioid(["melatonin_oral"]), ["melatonin_plasma"])
    reading = read(model)
    parameters: dict[str, dict[str, Any]] = {
        part.name: dict.fromkeys(
            [*part.parameters, *part.covariates, *getattr(part, "derived", ())], 0.7
        )
        for part in (*model.stages, *model.decisions)
    }
    table = values(reading, model, parameters, 1)
    states = {
        stage.name: {
            n: np.float64(0.3 + k / 7) for k, n in enumerate([*stage.states, *stage.modes])
        }
        for stage in model.stages
    }
    p = [float(table[name][0]) for name in equations.names(reading)]
    y = [float(states[s.stage][s.own]) for s in reading.states]
    held = {one.quantity: float(table[one.name][0]) for one in reading.inputs}
    text = equations.source(reading, rows=rows)
    rates = equations.function(text, np)
    out = [0.0] * len(y)
    found = rates(1.0, y, p) if rows else (rates(1.0, y, p, out), out)[1]
    known = signals(np, model, states, {**held, "hours": 1.0, "clock_hour": 9.0}, parameters)
    wanted = derivatives(np, model, states, known, parameters)
    compared = 0
    for state, rate in zip(reading.states, found, strict=True):
        if state.decays:
            continue
        assert rate == pytest.approx(float(wanted[state.stage][state.own]), rel=1e-9), state.name
        compared += 1
    assert compared > 3


def test_the_match_is_the_fastest_setting_that_errs_no_more() -> None:
    cost = lambda rate, error: others.Cost("a", {}, rate, rate, error, "x")  # noqa: E731
    peer = others.Peer("a", "a", (cost(9.0, 1e-2), cost(4.0, 1e-5), cost(5.0, 1e-4)))
    found = [others.matched(peer, error) for error in (1e-3, 5e-5, 1e-9)]
    assert [one.rate for one in found if one] == [5.0, 4.0, 4.0]
    assert others.matched(others.Peer("b", "b", missing="not here"), 1e-3) is None


def test_an_error_is_in_ranges_and_what_never_moves_is_left_out() -> None:
    reference = np.zeros((3, 2, 1))
    reference[:, 0, 0] = (0.0, 5.0, 10.0)
    reference[:, 1, 0] = 7.0
    found = reference.copy()
    found[2, 0, 0], found[1, 1, 0] = 10.5, 8.0
    assert problem.worst(found, reference) == (pytest.approx(0.05), 0)


def test_a_solver_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(others, "find_spec", lambda name: None)
    assert others.missing("cvode") == "roadrunner is not installed"
