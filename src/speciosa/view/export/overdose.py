"""The acute overdose scenes as records: the opioid at time zero, naloxone as given, the arrest.

The exported model has naloxone into a muscle; scenes with another product are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.random import streams
from speciosa.core.wiring import Model
from speciosa.evidence.load import Evidence
from speciosa.people.cohort import Cohort
from speciosa.people.parameters import NMOL_PER_MG, sample
from speciosa.trial.overdose import NALOXONE, Help, OverdoseStudy, Scene
from speciosa.view.export.people import values
from speciosa.view.export.reading import Reading
from speciosa.view.export.record import Record
from speciosa.view.export.replayed import Replay

Array = NDArray[np.float64]
WIRED = ("none", "intramuscular")
SECOND = 1.0 / 3600.0  # h


def overdose_people(
    model: Model, reading: Reading, study: OverdoseStudy, evidence: Evidence, people: int
) -> dict[str, Array]:
    """Return the values of the first people of a study in its first scene, with nobody there."""
    scene = study.scenes[0]
    return values(reading, model, _parameters(model, study, scene, None, evidence, people), people)


def overdose_replay(
    model: Model, reading: Reading, study: OverdoseStudy, evidence: Evidence, people: int
) -> Replay:
    """Run every scene for the first people of a study and return the record of each."""
    from speciosa.core.acute import AcuteSolver

    solver = AcuteSolver(
        model, recorded=("minute_ventilation",), seconds=60.0 * study.minutes, every=60.0
    )
    records = {}
    for scene in study.scenes:
        amount = evidence.number(f"acute.scenario_{scene.scenario}").value
        dose = _nmol(evidence, "fentanyl", amount)
        for each in (one for one in study.helps if one.naloxone in WIRED):
            parameters = _parameters(model, study, scene, each, evidence, people)
            memory = solver.solve(parameters, people, {"fentanyl_intravenous": dose}).memory
            records[f"{scene.name}-{each.name}"] = _record(
                reading, memory, parameters, study, solver.step, dose, people
            )
    return Replay(overdose_people(model, reading, study, evidence, people), records)


def _parameters(
    model: Model,
    study: OverdoseStudy,
    scene: Scene,
    each: Help | None,
    evidence: Evidence,
    people: int,
) -> dict[str, dict[str, Any]]:
    who, everyone = np.arange(people), np.ones(people)
    there = each is not None and each.naloxone != "none"
    draw = np.zeros_like(who)
    known = {
        "tolerant": everyone * (scene.tolerance == "kept"),
        "rescue_delay": everyone * (each.delay_s if each is not None else 0.0) * SECOND,
        "rescue_amount": everyone * _nmol(evidence, "naloxone", NALOXONE["intramuscular"]),
        "rescue_doses": everyone * (each.doses if each is not None and there else 0),
    }
    cohort = Cohort(study.seed, draw, who, streams(study.seed, draw, who), known)
    return sample((*model.stages, *model.decisions), evidence, cohort)


def _record(
    reading: Reading,
    memory: Mapping[str, Mapping[str, Array]],
    parameters: Mapping[str, Mapping[str, Any]],
    study: OverdoseStudy,
    step: float,
    dose: float,
    people: int,
) -> Record:
    """Return what happened: naloxone falls on the first step at or after it is due."""
    helper, p = memory["helper"], parameters["helper"]
    grid = step * SECOND
    happening: list[tuple[float, int, str, float]] = []
    for person in range(people):
        happening.append((0.0, person, "fentanyl_intravenous", dose))
        for number in range(round(float(helper["given"][person]))):
            due = helper["noticed"][person] + np.broadcast_to(p["rescue_delay"], people)[person]
            due = due + number * np.broadcast_to(p["interval"], people)[person]
            at = float(np.ceil(due / grid - 1e-6) * grid)
            amount = float(np.broadcast_to(p["rescue_amount"], people)[person])
            happening.append((at, person, "naloxone_intramuscular", amount))
    arrests = memory["arrest"]["arrest_at"]
    hours = np.unique([each[0] for each in happening] + [float(t) for t in arrests if t >= 0])
    given = {entry: np.zeros((hours.size, people)) for entry in reading.entries}
    for at, person, entry, amount in happening:
        given[entry][np.searchsorted(hours, at), person] += amount
    fell = (arrests[None, :] >= 0) & (hours[:, None] >= arrests[None, :] - 1e-12)
    held = {one.name: np.where(fell, 1.0, 0.0) for one in reading.inputs}
    return Record(hours, given, held, study.minutes / 60.0)


def _nmol(evidence: Evidence, molecule: str, milligrams: float) -> float:
    return milligrams * NMOL_PER_MG / evidence.number(f"molecule.{molecule}.molar_mass").value
