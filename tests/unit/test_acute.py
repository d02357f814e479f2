"""The solver of minutes: step, length, doses, and the delays of breathing against true ones."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from acute_chain import FENTANYL, nmol, present, scene, typical
from speciosa.core.acute import SECOND, AcuteSolver
from speciosa.core.reference import beginning
from speciosa.core.stage import Stage, State
from speciosa.core.wiring import derivatives, signals, wire
from speciosa.evidence.load import Evidence
from speciosa.models.overdose import overdose

SENSED = {"arterial_co2": 0.588, "arterial_oxygen": 0.588, "brain_co2": 0.9239}  # L over flow


def decay() -> Stage:
    """A state that decays at 1 per minute."""
    return Stage(
        "decay", {}, {"level": "1"}, lambda xp, x, s, p: {"level": x["level_state"]},
        rates=lambda xp, x, s, p: {"level_state": -60.0 * x["level_state"]},
        states={"level_state": State("1", 1.0)},
        derive=lambda p: {"one": 1.0}, derived={"one": "1"},
        entries={"level_given": {"level_state": "one"}},
    )  # fmt: skip


def test_a_decay_is_a_decay() -> None:
    solver = AcuteSolver(
        wire([decay()]), recorded=["level"], watched=["level"], seconds=120.0, every=1.0
    )
    outcome = solver.solve({"decay": {"one": 1.0}}, 2, {"level_given": np.array([1.0, 3.0])})
    exact = np.exp(-outcome.seconds / 60.0)
    assert outcome.samples["level"][:, 0] == pytest.approx(exact, rel=1e-9)
    assert outcome.samples["level"][:, 1] == pytest.approx(3 * exact, rel=1e-9)
    assert outcome.lowest_at["level"] == pytest.approx([119.75, 119.75])
    assert outcome.highest["level"] == pytest.approx([1.0, 3.0])


@pytest.mark.parametrize("times", [{"every": 0.3}, {"seconds": 10.5}])
def test_times_that_do_not_fit_are_refused(times: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="multiples"):
        AcuteSolver(wire([decay()]), recorded=[], **{"seconds": 10.0, "every": 1.0, **times})


def test_an_unknown_quantity_is_refused() -> None:
    with pytest.raises(ValueError, match="does not give depth"):
        AcuteSolver(wire([decay()]), recorded=["depth"], seconds=1.0)


def test_who_fails_is_counted() -> None:
    solver = AcuteSolver(wire([decay()]), recorded=["level"], seconds=2.0)
    outcome = solver.solve({"decay": {"one": 1.0}}, 2, {"level_given": np.array([np.nan, 1.0])})
    assert outcome.failed.tolist() == [True, False]


def test_results_do_not_depend_on_who_else_is_there(evidence: Evidence) -> None:
    model = overdose()
    solver = AcuteSolver(model, recorded=["arterial_oxygen"], seconds=60.0, every=10.0)
    doses = nmol(np.linspace(0.5, 3.0, 20), FENTANYL)
    many = solver.solve(
        typical(model, present(20, tolerant=1.0, mg=2.0), evidence), 20,
        {"fentanyl_intravenous": doses},
    )  # fmt: skip
    one = solver.solve(
        typical(model, present(1, tolerant=1.0, mg=2.0), evidence), 1,
        {"fentanyl_intravenous": doses[7:8]},
    )  # fmt: skip
    together = many.samples["arterial_oxygen"][:, 7]
    assert together == pytest.approx(one.samples["arterial_oxygen"][:, 0], rel=1e-10)


class Typical:
    """The typical chronic user, one severe dose, in NumPy; before anything is decided."""

    def __init__(self, evidence: Evidence) -> None:
        self.model = overdose()
        self.table = typical(self.model, present(1, tolerant=1.0, mg=0.0), evidence)
        self.begin = beginning(self.model.stages, self.table, 1)
        self.begin["acute_fentanyl"]["central"] = nmol([1.625], FENTANYL)
        self.held: dict[str, Any] = {"hours": 0.0, "clock_hour": 0.0, "collapsed": 0.0}

    def slope(self, states: Any, more: dict[str, Any] | None = None) -> tuple[Any, Any]:
        found = signals(np, self.model, states, {**self.held, **(more or {})}, self.table)
        return found, derivatives(np, self.model, states, found, self.table)


def test_fixed_steps_agree_with_a_tight_solver_before_anything_is_decided(
    evidence: Evidence,
) -> None:
    person = Typical(evidence)
    names = [(stage, state) for stage, rows in person.begin.items() for state in rows]
    scales = [
        next(s for s in person.model.stages if s.name == stage).states[state].scale
        for stage, state in names
    ]

    def nested(y: Any) -> Any:
        rows: dict[str, dict[str, Any]] = {stage: {} for stage in person.begin}
        for (stage, state), value in zip(names, y, strict=True):
            rows[stage][state] = np.array([value])
        return rows

    def right(t: float, y: Any) -> Any:
        rates = person.slope(nested(y))[1]
        return np.array([rates[stage][state][0] for stage, state in names])

    start = np.array([person.begin[stage][state][0] for stage, state in names])
    done = solve_ivp(
        right, (0, 180 * SECOND), start, method="LSODA", rtol=1e-9, atol=1e-9 * np.array(scales),
        t_eval=np.array([30, 60, 120, 180]) * SECOND,
    )  # fmt: skip
    ours = scene("none", (1.625, 2.965), (1.0, 1.0))
    for place, second in enumerate((30, 60, 120, 180)):
        found = person.slope(nested(done.y[:, place]))[0]
        for quantity in ("arterial_oxygen", "minute_ventilation", "brain_oxygen"):
            mine = ours.samples[quantity][second, 0]
            assert mine == pytest.approx(found[quantity][0], rel=1e-3, abs=0.02), quantity


def true_delay(person: Typical, seconds: float, step: float = 0.1) -> tuple[float, float]:
    """The trough of breathing (L/min) and the first crossing of 15 mmHg, with true delays."""
    history: dict[str, deque[float]] = {gas: deque() for gas in SENSED}
    states, trough, crossed = person.begin, np.inf, np.nan

    def sensed(found: Any, share: float) -> dict[str, Any]:
        flow = float(found["blood_flow"][0]) * SECOND  # L/s
        delayed = {}
        for gas, volume in SENSED.items():
            back = volume / flow / step - share
            rows = history[gas]
            whole = int(back)
            newer = rows[min(whole, len(rows) - 1)]
            older = rows[min(whole + 1, len(rows) - 1)]
            value = newer + (back - whole) * (older - newer)
            delayed[f"sensed_{gas}"] = np.array([value])
        return delayed

    def moved(x: Any, by: float, d: Any) -> Any:
        return {s: {k: v + by * d[s][k] for k, v in rows.items()} for s, rows in x.items()}

    h = step * SECOND
    for k in range(round(seconds / step)):
        found, _ = person.slope(states)
        for gas in SENSED:
            history[gas].appendleft(float(found[gas][0]))
        known, one = person.slope(states, sensed(found, 0.0))
        trough = min(trough, float(known["minute_ventilation"][0]) / 60.0) if k < 700 else trough
        if np.isnan(crossed) and known["arterial_oxygen"][0] <= 15.0:
            crossed = k * step
        between = sensed(found, 0.5)
        two = person.slope(moved(states, h / 2, one), between)[1]
        three = person.slope(moved(states, h / 2, two), between)[1]
        four = person.slope(moved(states, h, three), sensed(found, 1.0))[1]
        mean = {
            s: {n: (one[s][n] + 2 * two[s][n] + 2 * three[s][n] + four[s][n]) / 6 for n in rows}
            for s, rows in states.items()
        }
        states = moved(states, h, mean)
    return trough, crossed


def test_a_chain_of_three_steps_stands_for_the_true_delay(evidence: Evidence) -> None:
    trough, crossed = true_delay(Typical(evidence), 205.0)
    ours = scene("none", (1.625, 2.965), (1.0, 1.0))
    mine = float(ours.samples["minute_ventilation"][:70, 0].min()) / 60.0
    assert trough == pytest.approx(0.824, abs=0.003)  # a second implementation of the true delay
    assert mine / trough - 1 == pytest.approx(0.018, abs=0.006)  # the error of three steps
    late = float(ours.memory["arrest"]["first_low"][0]) * 3600 - crossed
    assert 0.0 <= late <= 0.7
