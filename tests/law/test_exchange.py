"""libRoadRunner on the exported model gives what the engine gives.

Twenty people of twenty draws through two arms of the default trial, 28 days, each with the
realised record of doses and decisions: every state within 1e-4 of its range, every sampled
quantity likewise, and every endpoint that they make. The night's scores are computed again from
the states that libRoadRunner integrated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from default_trial import CLOSELY, Clinic
from road_runner import RoadRunner
from speciosa.core.engine import Outcome
from speciosa.core.stage import Moment
from speciosa.trial.outcomes import SAMPLE_HOURS, endpoint_values
from speciosa.trial.run import Recruited
from speciosa.view.export.people import one, values
from speciosa.view.export.reading import Reading, read
from speciosa.view.export.record import changes, record, switches
from speciosa.view.export.sbml import sbml

pytest.importorskip("roadrunner")
ARMS = ("both", "buprenorphine")
DAYS = 28
CLOSE = 1e-4
# A remedy's claimed presence rises with a kink, which costs the engine's quarter-hour step.
# The sums over nights are never reset, so what single nights are off adds up.
LOOSER = {
    "claimed_kratom_presence": 5e-4,
    "claimed_melatonin_presence": 5e-4,
    "night_outside_state": 1e-3,
    "night_settling_state": 1e-3,
}
SINCE = [(hour - 8.0) % 24.0 for hour in SAMPLE_HOURS]
NOON = 4.0  # hours after 08:00, when the night is scored
ENDS = (1, 2, 7, 14, 28)  # days after which every state is compared


@dataclass
class Replayed:
    """An arm by the engine and by libRoadRunner: rows (times, names, N)."""

    outcome: Outcome
    final: dict[int, dict[str, dict[str, np.ndarray]]]
    found: np.ndarray
    hours: list[float]
    names: list[str]
    reading: Reading
    people: Recruited


@pytest.fixture(scope="module")
def replayed(clinic: Clinic) -> dict[str, Replayed]:
    model, people = clinic.plan.model, clinic.recruit(range(CLOSELY))
    reading = read(model)
    table = values(reading, model, people.parameters, CLOSELY, people.start)
    document = sbml(reading, one(table, 0), evidence=clinic.evidence)
    names = [s.name for s in reading.states] + [q.name for q in reading.quantities]
    solver = RoadRunner(document, names, {s.name: s.scale for s in reading.states})
    hours = sorted(
        {24.0 * day + since for day in range(DAYS) for since in (*SINCE, NOON)}
        | {24.0 * day for day in ENDS}
    )
    made = {}
    for arm in ARMS:
        outcome = clinic.solve(arm, people, days=DAYS)
        final = {d: clinic.solve(arm, people, days=d).final for d in ENDS[:-1]}
        run = record(reading, outcome.trace, CLOSELY)
        turns = switches(reading, table, run)
        rows = []
        for person in range(CLOSELY):
            known = one(table, person)
            known |= {s.name: known[s.start] for s in reading.states}
            rows.append(solver.replay(known, changes(reading, run, person), hours, turns[person]))
        final[DAYS] = outcome.final
        made[arm] = Replayed(outcome, final, np.stack(rows, axis=-1), hours, names, reading, people)
    return made


def test_every_state_within_1e_4_of_its_range(replayed: dict[str, Replayed]) -> None:
    compared, wrong = 0, []
    for arm, run in replayed.items():
        for place, state in enumerate(run.reading.states):
            course = run.found[:, place]
            span = float(np.ptp(course))
            for day, final in run.final.items():
                mine = final[state.stage][state.own]
                theirs = course[run.hours.index(24.0 * day)]
                apart = float(np.max(np.abs(mine - theirs)))
                if apart > LOOSER.get(state.name, CLOSE) * span:
                    wrong.append((arm, state.name, day, apart / span))
                compared += int(span > 0)
    assert not wrong, str(wrong)
    assert compared > 150  # of states that move at all


def test_every_sampled_quantity_within_1e_4_of_its_range(
    clinic: Clinic, replayed: dict[str, Replayed]
) -> None:
    for arm, run in replayed.items():
        theirs = integrated(clinic, run)
        for quantity, rows in theirs.items():
            mine = clinic.sample(run.outcome, quantity)[..., :CLOSELY]
            apart = np.max(np.abs(mine - rows))
            assert apart <= CLOSE * np.ptp(mine), (arm, quantity, apart / np.ptp(mine))
        assert len(theirs) > 12


def test_every_endpoint(clinic: Clinic, replayed: dict[str, Replayed]) -> None:
    moved = 0
    for arm, run in replayed.items():
        samples = run.outcome.samples.copy()
        for quantity, rows in (integrated(clinic, run) | nights(clinic, run)).items():
            samples[:, :, clinic.plan.recorded.index(quantity)] = rows
        again = replace(run.outcome, samples=samples)
        both = [
            clinic.runner.course(clinic.arm(arm), run.people, each) for each in (run.outcome, again)
        ]
        for endpoint in clinic.study.endpoints:
            if endpoint.days[1] > DAYS or endpoint.scale in (*clinic.plan.lowest, "overdose"):
                continue  # troughs between samples: the SciPy reference looks for those
            mine, theirs = (
                endpoint_values(endpoint, each, clinic.runner.constants, run.people.cohort.streams)[
                    0
                ]
                for each in both
            )
            assert np.allclose(mine, theirs, rtol=CLOSE, atol=CLOSE), (arm, endpoint.id)
            moved += int(np.ptp(mine) > 0)
    assert moved >= 5


def integrated(clinic: Clinic, run: Replayed) -> dict[str, np.ndarray]:
    """Return the recorded quantities that are continuous, (days, samples, N)."""
    places = [[run.hours.index(24.0 * day + since) for since in SINCE] for day in range(DAYS)]
    return {
        quantity: run.found[np.array(places), run.names.index(quantity)]
        for quantity in clinic.plan.recorded
        if quantity in run.names
    }


def nights(clinic: Clinic, run: Replayed) -> dict[str, np.ndarray]:
    """Score every night again from the integrated sums, as the noon decision does."""
    morning = next(d for d in clinic.plan.model.decisions if d.name == "morning")
    p = run.people.parameters["morning"]
    memory = {
        name: np.broadcast_to(p[v] if isinstance(v, str) else v, (CLOSELY,))
        for name, v in morning.memory.items()
    }
    scored: dict[str, list[list[np.ndarray]]] = {quantity: [] for quantity in morning.gives}
    for day in range(DAYS):
        today = {quantity: [] for quantity in morning.gives}
        before = memory
        at = run.hours.index(24.0 * day + NOON)
        seen = {q: run.found[at, run.names.index(q)] for q in morning.watches}
        moment = Moment(24.0 * day + NOON, 12.0, float(day))
        memory = morning.decide(np, moment, {**seen, **before}, before, (), p)[0]
        for since in SINCE:
            for quantity, rows in today.items():
                rows.append((memory if since > NOON else before)[quantity])
        for quantity, rows in today.items():
            scored[quantity].append(rows)
    return {
        quantity: np.array(rows)
        for quantity, rows in scored.items()
        if quantity in clinic.plan.recorded
    }
