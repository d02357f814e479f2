"""libRoadRunner on the exported model gives what the engine gives.

Twenty people of twenty draws, all 35 days, each with the realised record of doses and decisions:
every sampled quantity within 1e-4 of its range, every endpoint that they make, and every state. The
night's scores are computed again from the states that libRoadRunner integrated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

import road_runner
from default_trial import CLOSELY, Clinic
from speciosa.core.outcome import Outcome
from speciosa.core.stage import Moment
from speciosa.trial.outcomes import SAMPLE_HOURS, endpoint_values
from speciosa.trial.recruited import Recruited
from speciosa.view.export.people import one, values
from speciosa.view.export.reading import Reading, read
from speciosa.view.export.record import changes, record, switches
from speciosa.view.export.sbml import sbml

pytestmark = pytest.mark.skipif(not road_runner.here(), reason="libRoadRunner is not installed")
ARMS = ("both", pytest.param("buprenorphine", marks=pytest.mark.slow))
DAYS = 35
CLOSE = 1e-4
SINCE = [(hour - 8.0) % 24.0 for hour in SAMPLE_HOURS]
NOON = 4.0  # hours after 08:00, when the night is scored
ENDS = (2, 28, 35)  # days after which every state is compared


@dataclass
class Replayed:
    """An arm by the engine and by libRoadRunner: rows (times, names, N)."""

    arm: str
    outcome: Outcome
    final: dict[int, dict[str, dict[str, np.ndarray]]]
    found: np.ndarray
    hours: list[float]
    names: list[str]
    reading: Reading
    people: Recruited


@pytest.fixture(scope="module", params=ARMS)
def run(clinic: Clinic, request: pytest.FixtureRequest) -> Replayed:
    model, people, arm = clinic.plan.model, clinic.recruit(range(CLOSELY)), request.param
    reading = read(model)
    table = values(reading, model, people.parameters, CLOSELY, people.start)
    document = sbml(reading, one(table, 0), evidence=clinic.evidence)
    names = [s.name for s in reading.states] + [q.name for q in reading.quantities]
    hours = sorted(
        {24.0 * day + since for day in range(DAYS) for since in (*SINCE, NOON)}
        | {24.0 * day for day in ENDS}
    )
    outcome = clinic.solve(arm, people, days=DAYS)
    final = {d: clinic.solve(arm, people, days=d).final for d in ENDS[:-1]}
    happened = record(reading, outcome.trace, CLOSELY)
    turns = switches(reading, table, happened)
    jobs = []
    for person in range(CLOSELY):
        known = one(table, person)
        known |= {s.name: known[s.start] for s in reading.states}
        jobs.append(road_runner.Job(known, changes(reading, happened, person), turns[person]))
    found = road_runner.replayed(
        document, names, jobs, hours, scales={s.name: s.scale for s in reading.states}
    )
    final[DAYS] = outcome.final
    rows = np.moveaxis(found, 0, -1)
    return Replayed(arm, outcome, final, rows, hours, names, reading, people)


def apart(
    run: Replayed, day: int, final: dict[str, dict[str, np.ndarray]], who: np.ndarray
) -> dict[str, float]:
    """Return state -> largest difference at the end of a day, in ranges; states that move."""
    found = {}
    for place, state in enumerate(run.reading.states):
        course = run.found[:, place]
        span = float(np.ptp(course))
        theirs = course[run.hours.index(24.0 * day)][who]
        if span > 0:
            found[state.name] = float(np.max(np.abs(final[state.stage][state.own][who] - theirs)))
            found[state.name] /= span
    return found


def test_every_state_within_1e_4_of_its_range(run: Replayed) -> None:
    compared, wrong = 0, []
    for day, final in run.final.items():
        found = apart(run, day, final, np.arange(CLOSELY))
        wrong += [(day, n, e) for n, e in found.items() if e > CLOSE]
        compared += len(found)
    assert not wrong, str(wrong)
    assert compared > 90  # of states that move


def test_every_sampled_quantity_within_1e_4_of_its_range(clinic: Clinic, run: Replayed) -> None:
    theirs = integrated(clinic, run)
    for quantity, rows in theirs.items():
        mine = clinic.sample(run.outcome, quantity)[..., :CLOSELY]
        far = np.max(np.abs(mine - rows))
        assert far <= CLOSE * np.ptp(mine), (quantity, far / np.ptp(mine))
    assert len(theirs) > 12


def test_every_endpoint(clinic: Clinic, run: Replayed) -> None:
    moved = 0
    samples = run.outcome.samples.copy()
    for quantity, rows in (integrated(clinic, run) | nights(clinic, run)).items():
        samples[:, :, clinic.plan.recorded.index(quantity)] = rows
    again = replace(run.outcome, samples=samples)
    arm = clinic.arm(run.arm)
    both = [clinic.runner.course(arm, run.people, each) for each in (run.outcome, again)]
    for endpoint in clinic.study.endpoints:
        if endpoint.scale in (*clinic.plan.lowest, "overdose"):
            continue  # troughs between samples: the SciPy reference looks for those
        streams = run.people.cohort.streams
        mine, theirs = (
            endpoint_values(endpoint, each, clinic.runner.constants, streams)[0] for each in both
        )
        assert np.allclose(mine, theirs, rtol=CLOSE, atol=CLOSE), endpoint.id
        moved += int(np.ptp(mine) > 0)
    assert moved >= 3


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
