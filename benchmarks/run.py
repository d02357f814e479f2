"""Speed with the error held: the engine beside other solvers, on the same equations, in one run.

    python benchmarks/run.py [--people 1000] [--days 28] [--precision single] [--json FILE]

Every solver gets the same people, doses and switches (:mod:`problem`); one that is not installed is
skipped by name. Each is run at several tolerances in two processes at once; it is compared with the
engine at the fastest of them that errs no more than the engine does. The error is the largest
difference from a tight reference over states, people and moments, in ranges of each state.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import others
import ours
from equations import names, source
from given import write
from problem import ARM, RECIPES, Problem, first, worst
from table import head, recipe, scaling

from speciosa.core.reference import replay
from speciosa.core.version import __version__
from speciosa.trial.outcomes import SAMPLE_HOURS
from speciosa.view.export.mrgsolve import mrgsolve
from speciosa.view.export.parts import Parts
from speciosa.view.export.people import one
from speciosa.view.export.rxode2 import rxode2
from speciosa.view.export.tables import event_table, people_table

CHECKED = 2  # people on whom two tight references are compared
MESHES = (0, 1, 2)  # halvings


def main() -> None:
    """Measure, print a table and write JSON where asked."""
    options = _options()
    found: dict[str, Any] = {
        "about": {
            "people": options.people, "days": options.days, "arm": ARM,
            "precision": options.precision, "cores": ours.cores(), "version": __version__,
            "processor": _processor(), "people_of_others": options.others,
        },
        "recipes": {},
    }  # fmt: skip
    print(head(found["about"]), flush=True)
    for name in options.recipes.split(","):
        found["recipes"][name] = measured(name, options)
        print("", *recipe(name, found["recipes"][name]), "", sep="\n", flush=True)
        _write(found, options.json)
    problem = Problem.of("default", options.days)
    engine, most = ours.engine_of(problem, options.precision), 4 * options.people
    people = problem.recruit(most)
    counts = (options.people // 4, options.people, most)
    days = tuple(d for d in (7, 14, 28) if d <= options.days)
    quick = options.quick
    found["by_people"] = {} if quick else ours.by_people(problem, engine, people, counts)
    found["by_days"] = {} if quick else ours.by_days(problem, engine, people, days)
    found["by_states"] = [] if quick else ours.by_states(7, options.people)
    found["about"]["peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(*scaling(found), sep="\n")
    _write(found, options.json)


def _write(found: dict[str, Any], file: str | None) -> None:
    if file:
        Path(file).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--others", type=int, default=16, help="people that other solvers solve")
    parser.add_argument("--precision", choices=tuple(ours.PRECISIONS), default="double")
    parser.add_argument("--recipes", default=",".join(RECIPES))
    parser.add_argument("--only", default=",".join(others.ALL), help="the other solvers to run")
    parser.add_argument("--quick", action="store_true", help="leave out what it scales with")
    parser.add_argument("--json", help="also write the results here")
    return parser.parse_args()


def measured(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one recipe: our side, the others, the ratios."""
    problem = Problem.of(name, options.days)
    people = problem.recruit(options.people)
    engine = ours.engine_of(problem, options.precision)
    small = ours.engine_of(problem, options.precision, width=-(-options.others // 2))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        reference, told, apart = prepared(problem, people, folder, options)
        rows = _ours(problem, engine, small, people, reference, options)
        states = [state.name for state in problem.reading.states]
        peers = [
            others.measured(folder, each, options.others, reference, states)
            for each in options.only.split(",")
        ]
        matches = _matches(rows, peers)
        turns = _in_turns(folder, problem, engine, people, matches, options)
    decided = Problem.of(name, options.days, decisions=True)
    deciding = ours.engine_of(decided, options.precision)
    invited = decided.recruit(options.people)
    refined = ours.refined(decided, deciding, invited, options.people)  # compiles
    with_decisions, busy = ours.rate(decided, deciding, invited, options.people)
    return {
        "states": len(states), "ours": rows, "reference": told, "reference_error": apart,
        "peers": [asdict(peer) for peer in peers], "matched": matches, "side_by_side": turns,
        "with_decisions": with_decisions, "refined": refined,
        "share_with_decisions": busy / rows[0]["cpu"],
        "start": ours.starts(name, options.precision) | {"people": engine.people},
    }  # fmt: skip


def prepared(
    problem: Problem, people: Any, folder: Path, options: argparse.Namespace
) -> tuple[Any, str, float]:
    """Write the problem for the others and return the reference, its name and how far a second
    tight solver is from it, in ranges."""
    count, reading = options.others, problem.reading
    traced = ours.engine_of(problem, width=-(-count // 2), trace=True)
    given = problem.record(traced, people, count)
    table = problem.table(people, count)
    hours = sorted(
        {
            24.0 * day + (hour - 8.0) % 24.0 for day in range(options.days) for hour in SAMPLE_HOURS
        } - {0.0} | {*problem.moments}
    )  # fmt: skip
    values = {p: v for p, v in one(table, 0).items()}
    parts = Parts(reading, values)
    write(
        folder,
        text={"sbml": problem.document(table), "scalar": source(reading),
              "rows": source(reading, rows=True)},
        states=[s.name for s in reading.states], scales=[s.scale for s in reading.states],
        names=names(reading), hours=[at for at in hours if at <= problem.moments[-1]],
        moments=problem.moments, jobs=problem.jobs(table, given, count),
    )  # fmt: skip
    (folder / "model.cpp").write_text(mrgsolve(parts), encoding="utf-8")
    (folder / "model.rxode2").write_text(rxode2(parts), encoding="utf-8")
    (folder / "people.csv").write_text(people_table(table, reading), encoding="utf-8")
    (folder / "events.csv").write_text(event_table(reading, table, given, hours), encoding="utf-8")
    second = _second(problem, traced, people)
    if others.missing("cvode"):
        whole = _second(problem, traced, people, count)
        return whole, "SciPy DOP853 at 1e-10", float("nan")
    import cvode

    reference = others.solved(folder, "cvode", count, [cvode.TIGHT])[0][0]
    return reference, "CVODE at 1e-12", worst(second, reference[: len(second)])[0]


def _second(problem: Problem, traced: Any, people: Any, count: int = CHECKED) -> Any:
    """Return the states of a few people by SciPy's DOP853 at a tight tolerance, (T, S, N)."""
    few, found = first(people, count), []
    for hours in problem.moments[:4] if count == CHECKED else problem.moments:
        outcome = problem.solve(traced, few, hours=hours)
        trace = [_of(day, count) for day in outcome.trace]
        final = replay(
            problem.plan.model, trace, few.parameters, few.cohort.streams, problem.plan.recorded,
            start=few.start, enabled=(False,) * len(problem.enabled), rtol=1e-10,
        ).final  # fmt: skip
        found.append([final[s.stage][s.own][:count] for s in problem.reading.states])
    return np.array(found)


def _of(day: Any, count: int) -> Any:
    cut = lambda rows: rows[..., :count]  # noqa: E731
    return {
        "mesh": replace(day["mesh"], sample=np.full_like(day["mesh"].sample, -1)),
        "given": {n: cut(v) for n, v in day["given"].items()},
        "memory": {n: {k: cut(v) for k, v in p.items()} for n, p in day["memory"].items()},
    }  # fmt: skip


def _ours(
    problem: Problem, engine: Any, small: Any, people: Any, reference: Any,
    options: argparse.Namespace,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the engine's speed and error on the trial's mesh and on finer ones."""
    problem.solve(engine, first(people, engine.people), hours=24.0)  # compiles
    rows = []
    for halvings in MESHES:
        found = problem.states(small, people, options.others, halvings)
        error, state = worst(found, reference)
        times = ours.TIMES if halvings == 0 else 1
        wall, cpu = ours.rate(
            problem, engine, people, options.people, halvings=halvings, times=times
        )
        rows.append({
            "halvings": halvings, "error": error, "state": problem.reading.states[state].name,
            "rate": wall, "cpu": cpu,
        })  # fmt: skip
    return rows


def _matches(rows: list[dict[str, Any]], peers: Any) -> list[dict[str, Any]]:
    """Return the ratio to each other solver at the error of each of our meshes."""
    found = []
    for row in rows:
        for peer in peers:
            cost = others.matched(peer, row["error"])
            if cost is not None:
                found.append({"ours": row, "peer": asdict(cost), "name": peer.name,
                              "ratio": row["rate"] / cost.rate,
                              "cpu_ratio": row["cpu"] / cost.cpu})  # fmt: skip
    return found


def _in_turns(
    folder: Path, problem: Problem, engine: Any, people: Any, matches: list[dict[str, Any]],
    options: argparse.Namespace,
) -> dict[str, Any] | None:  # fmt: skip
    """Time the engine, libRoadRunner at the matched setting, and the engine again."""
    match = next((each for each in matches if each["name"] == "cvode"), None)
    if match is None:
        return None
    mine, theirs = [], []
    for _ in range(2):
        mine.append(ours.rate(problem, engine, people, options.people, times=1))
        theirs += others.solved(folder, "cvode", options.others, [match["peer"]["setting"]])[1]
    mine.append(ours.rate(problem, engine, people, options.people, times=1))
    ours_both, peers_both = np.median(mine, axis=0), np.median(theirs, axis=0)
    ratio = ours_both / peers_both
    return {"ours": ours_both[0], "peer": peers_both[0], "ratio": ratio[0],
            "cpu_ratio": ratio[1], "setting": match["peer"]["setting"]}  # fmt: skip


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    named = [line.split(":")[1].strip() for line in text.splitlines() if "model name" in line]
    return named[0] if named else platform.machine()


if __name__ == "__main__":
    main()
