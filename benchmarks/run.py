"""Speed with the error held: the engine beside SciPy on the same wired model, in one run.

    python benchmarks/run.py [--people 1000] [--days 7] [--json FILE]

SciPy's DOP853 is what a user of Python would reach for. It solves the same people with the
engine's doses and decisions replayed, so both solve the same problem; the error of the engine is
its largest difference from SciPy at a tight tolerance, in ranges of each quantity.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from dataclasses import replace

import numpy as np

from speciosa.core.mesh import Mesh
from speciosa.core.outcome import Outcome
from speciosa.core.reference import replay
from speciosa.evidence.load import load_evidence
from speciosa.trial.design import design
from speciosa.trial.run import Recruited, recruited
from speciosa.trial.study import load_study

ARM = "both"
PEERS = 10  # people that SciPy solves: it is slow


def main() -> None:
    """Measure, print a table and write JSON where asked."""
    options = _options()
    evidence, study = load_evidence(), load_study("combination-opioid")
    plan = design(study, evidence)
    mesh = _first_days(plan.meshes[ARM], options.days)
    rows = np.arange(options.people)
    people = recruited(plan, evidence, rows // study.people, rows % study.people)

    engine = plan.engine(width=256)
    cold = _timed(lambda: _solve(engine, plan, _first_days(mesh, 1), people, rows[:512]))[0]
    seconds = _timed(
        lambda: [
            _solve(engine, plan, mesh, people, rows[i : i + engine.people])
            for i in range(0, options.people, engine.people)
        ]
    )[0]
    few = rows[:PEERS]
    traced = plan.engine(width=PEERS, trace=True)
    _solve(traced, plan, _first_days(mesh, 1), people, few)
    exact = _solve(traced, plan, mesh, people, few)
    results = {"people": options.people, "days": options.days, "compile_seconds": cold}
    results["engine_people_per_second"] = options.people / seconds
    mine = _cut(people, few)
    for name, rtol in (("scipy_dop853_1e-6", 1e-6), ("scipy_dop853_1e-10", 1e-10)):
        spent, reference = _timed(
            lambda rtol=rtol: replay(
                plan.model,
                exact.trace,
                mine.parameters,
                mine.cohort.streams,
                plan.recorded,
                start=mine.start,
                enabled=plan.enabled[ARM],
                rtol=rtol,
            )
        )
        results[f"{name}_people_per_second"] = PEERS / spent
    results["ratio_to_scipy_1e-6"] = (
        results["engine_people_per_second"] / results["scipy_dop853_1e-6_people_per_second"]
    )
    results["worst_error_in_ranges"] = _worst(exact, reference.samples, plan.recorded)
    results["peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, value in results.items():
        print(f"{name:40s} {value:12.4g}" if not isinstance(value, dict) else name)
        if isinstance(value, dict):
            for quantity, error in value.items():
                print(f"    {quantity:36s} {error:12.1e}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1024)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--json")
    return parser.parse_args()


def _timed(work):  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _first_days(mesh: Mesh, days: int) -> Mesh:
    kept = mesh.hours < 24.0 * days - 1e-9
    return Mesh(**{name: getattr(mesh, name)[kept] for name in mesh.__dataclass_fields__})


def _cut(people: Recruited, rows: np.ndarray) -> Recruited:
    """Return some of the people."""
    size = people.cohort.draw.size

    def some(value):  # type: ignore[no-untyped-def]
        return value[..., rows] if np.ndim(value) and np.shape(value)[-1] == size else value

    streams = people.cohort.streams
    cohort = replace(
        people.cohort,
        draw=people.cohort.draw[rows],
        person=people.cohort.person[rows],
        streams=replace(streams, key=streams.key[rows], person=streams.person[rows]),
    )
    supplies = [
        replace(s, content={e: some(v) for e, v in s.content.items()}, adherence=some(s.adherence))
        for s in people.supplies
    ]
    nested = lambda table: {n: {k: some(v) for k, v in t.items()} for n, t in table.items()}  # noqa: E731
    return Recruited(cohort, nested(people.parameters), supplies, nested(people.start))


def _solve(engine, plan, mesh: Mesh, people: Recruited, rows: np.ndarray) -> Outcome:  # type: ignore[no-untyped-def]
    mine = _cut(people, rows)
    return engine.solve(
        mesh,
        mine.parameters,
        mine.cohort.streams,
        mine.supplies,
        enabled=plan.enabled[ARM],
        start=mine.start,
    )


def _worst(outcome: Outcome, samples: np.ndarray, recorded: tuple[str, ...]) -> dict[str, float]:
    """Return quantity -> largest difference from the reference, in ranges of that quantity."""
    reach = np.nanmax(np.abs(samples), axis=(0, 1, 3))
    apart = np.nanmax(np.abs(outcome.samples - samples), axis=(0, 1, 3))
    return {q: float(apart[i] / reach[i]) for i, q in enumerate(recorded) if reach[i] > 0}


if __name__ == "__main__":
    main()
