"""`speciosa export`: a study's model, people and events in a folder, in one tool's format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from speciosa.care.schedule import START_CLOCK_HOUR
from speciosa.core.errors import InputError, nearest
from speciosa.core.files import write_whole
from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.core.wiring import Model
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.models.overdose import overdose
from speciosa.trial.design import design
from speciosa.trial.overdose import is_overdose, load_overdose_study
from speciosa.trial.study import load_study
from speciosa.view.export import desolve, graph, latex, mrgsolve, rxode2
from speciosa.view.export.antimony import antimony
from speciosa.view.export.overdose import overdose_people, overdose_replay
from speciosa.view.export.parts import Parts
from speciosa.view.export.people import Array, one
from speciosa.view.export.reading import Reading, read
from speciosa.view.export.record import Record, changes
from speciosa.view.export.replayed import Replay, group, replay
from speciosa.view.export.sbml import sbml
from speciosa.view.export.tables import event_table, people_table, states_table

README = "README.txt"
EVERY_HOURS = 3.0  # between observations
SHORT = 1.0  # h; a run no longer than this is observed every minute
PEOPLE = 20
DATA = ("nonmem", "petab", "adam")
ALONE = ("latex", "graph")  # drawings and equations of the model, which nobody can run


@dataclass(frozen=True)
class Source:
    """What is exported: a model with its name, its evidence, its people and their runs."""

    name: str
    model: Model
    evidence: Evidence
    people: Callable[[Reading, int], Mapping[str, Array]]
    replay: Callable[[Reading, int], Replay]


Writer = Callable[[Source, Parts], dict[str, str]]


def _document(source: Source, parts: Parts) -> str:
    return sbml(
        parts.reading,
        parts.values,
        evidence=source.evidence,
        name=parts.name,
        start_clock_hour=parts.start_clock_hour,
    )


WRITERS: dict[str, Writer] = {
    "sbml": lambda source, parts: {"model.xml": _document(source, parts)},
    "antimony": lambda source, parts: {"model.ant": antimony(_document(source, parts))},
    "mrgsolve": lambda source, parts: {
        mrgsolve.FILE: mrgsolve.mrgsolve(parts), "run.R": mrgsolve.script()
    },
    "rxode2": lambda source, parts: {rxode2.FILE: rxode2.rxode2(parts), "run.R": rxode2.script()},
    "desolve": lambda source, parts: {
        desolve.FILE: desolve.desolve(parts), "run.R": desolve.script()
    },
    "latex": lambda source, parts: {latex.FILE: latex.latex(parts)},
    "graph": lambda source, parts: {graph.FILE: graph.graph(source.model, source.name)},
}  # fmt: skip


def export_study(
    study: str, to: str, *, people: int = PEOPLE, out: str | Path | None = None
) -> Path:
    """Write a study's model, people and events, and return the folder.

    Args:
        study: path of a study's file, or the name of a shipped one.
        to: sbml, antimony, mrgsolve, rxode2, desolve, latex or graph.
        people: how many of the study's people; 0 writes the model alone, without running it.
        out: folder to write; by default ``STUDY-FORMAT``.

    Raises:
        InputError: an unknown format, or a folder that holds something else.
    """
    if to not in WRITERS:
        raise InputError(f'no format "{to}"', "--to", nearest(to, [*WRITERS, *DATA]))
    source = source_of(study)
    folder = opened(out if out is not None else f"{source.name}-{to}")
    return written(folder, exported(source, to, people))


def export_any(what: str, to: str, *, people: int = PEOPLE, out: str | Path | None = None) -> Path:
    """Export a study, or the folder of a finished run, and return the folder written.

    Args:
        what: a study for every format; the folder of a run for adam, nonmem and petab.
        to: a format of :func:`export_study`, or nonmem, petab or adam.
        people: how many of the study's people.
        out: folder to write.

    Raises:
        InputError: an unknown format, or something that it cannot be made from.
    """
    from speciosa.view.export.adam import adam
    from speciosa.view.export.data import nonmem_files, petab_files

    if to == "adam":
        return adam(what, out, people=people)
    if to not in DATA:
        return export_study(what, to, people=people, out=out)
    folder = opened(out if out is not None else f"{Path(what).stem}-{to}")
    files = (nonmem_files if to == "nonmem" else petab_files)(what, people)
    return written(folder, {**files, README: _told(Path(what).stem, to, [*files])})


def opened(folder: str | Path) -> Path:
    """Return a folder that may be written to.

    Raises:
        InputError: it holds something else than an earlier export.
    """
    at = Path(folder)
    if at.exists() and any(at.iterdir()) and not (at / README).is_file():
        raise InputError("holds other files", str(at), "Name an empty or a new folder.")
    return at


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        write_whole(folder / name, text)
    return folder


def source_of(study: str) -> Source:
    """Return what a study's export is made from."""
    if is_overdose(study):
        return overdose_source(study)
    laid_down = load_study(study)
    evidence = load_evidence(overlay=laid_down.evidence_set)
    plan = design(laid_down, evidence)
    return Source(
        laid_down.id,
        plan.model,
        evidence,
        lambda reading, people: group(plan, reading, evidence, people)[1],
        lambda reading, people: replay(plan, reading, evidence, people),
    )


def overdose_source(study: str) -> Source:
    """Return what the export of an acute overdose study is made from."""
    laid_down, evidence = load_overdose_study(study), load_evidence()
    model = overdose()
    return Source(
        laid_down.id,
        model,
        evidence,
        lambda reading, people: overdose_people(model, reading, laid_down, evidence, people),
        lambda reading, people: overdose_replay(model, reading, laid_down, evidence, people),
    )


def exported(source: Source, to: str, people: int) -> dict[str, str]:
    """Return file name -> text of an export."""
    reading = read(source.model)
    name = source.name.replace("-", "_").replace(" ", "_")
    parts = Parts(reading, {}, source.evidence, name, START_CLOCK_HOUR)
    tables = {} if to in ALONE else {"states.csv": states_table(reading)}
    if not people or to in ALONE:
        parts = replace(parts, values=one(source.people(reading, 1), 0))
    else:
        run = source.replay(reading, people)
        parts = replace(parts, values=one(run.table, 0))
        tables |= _tables(reading, run.table, run.records)
        if to == "sbml":
            tables |= _self_contained(source, parts, run.table, run.records)
    files = WRITERS[to](source, parts)
    return {**files, **tables, README: _readme(source, to, [*files, *tables])}


def _tables(
    reading: Reading, table: Mapping[str, Array], records: Mapping[str, Record]
) -> dict[str, str]:
    found = {"people.csv": people_table(table, reading)}
    for arm, run in records.items():
        step = EVERY_HOURS if run.end > SHORT else SHORT / 60.0
        hours = [step * k for k in range(1, round(run.end / step) + 1)]
        found[f"events-{arm}.csv"] = event_table(reading, table, run, hours)
    return found


def _self_contained(
    source: Source, parts: Parts, table: Mapping[str, Array], records: Mapping[str, Record]
) -> dict[str, str]:
    """Return for each arm the model of the first person with everything that happened inside."""
    return {
        f"person-1-{arm}.xml": sbml(
            parts.reading,
            parts.values,
            evidence=source.evidence,
            name=f"{parts.name}_person_1",
            start_clock_hour=run.start_clock_hour,
            events=changes(parts.reading, run, 0),
        )
        for arm, run in records.items()
    }


def _told(name: str, to: str, files: list[str]) -> str:
    return f"{name} for {to}: {SIMULATED}. {INTENDED_USE}\n\nFiles: {', '.join(files)}.\n"


def _readme(source: Source, to: str, files: list[str]) -> str:
    lines = [
        _told(source.name, to, files).rstrip(),
        "Time is in hours from the study's start at 08:00, amounts in nmol.",
        "states.csv: each state's place, unit and typical size. Give the solver an absolute",
        "tolerance for each, the relative one times that size: what has left the body decays to",
        "nothing.",
        "people.csv: one row per virtual person, every parameter and the start of every state.",
        "events-ARM.csv: what the arm's people were given and what was decided, as NONMEM-style",
        "records. EVID 1: AMT is added to the compartment CMT (states counted from 1, in the order",
        "of the model; the person's gain is already in it). EVID 2: held inputs or light change.",
        "Held inputs are the last columns, each carried forward from its record.",
        "",
    ]
    return "\n".join(lines)
