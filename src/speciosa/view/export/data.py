"""A study's simulated data for other tools: NONMEM tables, and a calibration problem.

Both rest on the doses and plasma concentrations of the study's first people.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from speciosa.care.schedule import START_CLOCK_HOUR
from speciosa.core.errors import InputError
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.trial.overdose import is_overdose
from speciosa.trial.study import Study, load_study
from speciosa.trial.summary import finished
from speciosa.view.export.folder import Source, source_of
from speciosa.view.export.nonmem import nonmem
from speciosa.view.export.people import one, values
from speciosa.view.export.petab import Measurement, Person, petab
from speciosa.view.export.profiles import Profiles, Taken, profiles
from speciosa.view.export.reading import Reading, read
from speciosa.view.export.record import changes, record
from speciosa.view.export.replayed import Replay

EVERY = {"nonmem": 3.0, "petab": 1.0}  # h between samples
NOISE = 0.1  # of an analyte's peak: the spread that is claimed of its measurements


def study_of(what: str) -> Study:
    """Return the study of a file, of a shipped name, or of a finished run's folder."""
    return finished(what).study if Path(what).is_dir() else load_study(what)


def nonmem_files(what: str, people: int) -> dict[str, str]:
    """Return file name -> text of NONMEM data of a study or run.

    Args:
        what: a study, or the folder of a run; of an acute overdose study the doses alone.
        people: how many, at least 20.
    """
    if is_overdose(what):
        return nonmem(_doses(what, people))
    study = study_of(what)
    return nonmem(profiles(study, people, days=study.length), every=EVERY["nonmem"])


def petab_files(what: str, people: int) -> dict[str, str]:
    """Return file name -> text of a PEtab problem: find the first person's numbers again.

    The measurements are the person's simulated concentrations of the first day in the first arm
    that gives something; what is to be found are the uncertain records of its drugs.
    """
    if is_overdose(what):
        cure = "Name a trial; speciosa.view.export.petab takes measurements of your own."
        raise InputError("an acute overdose study has no plasma samples", "--to petab", cure)
    study = study_of(what)
    evidence = load_evidence(overlay=study.evidence_set)
    return practice(profiles(study, people, evidence=evidence), evidence)


def practice(made: Profiles, evidence: Evidence) -> dict[str, str]:
    """Return the calibration problem of the first of some people."""
    plan, cohort = made.plan, made.people
    if plan is None or cohort is None:
        raise InputError("was not solved", "petab", "Solve the people first.")
    name = next(arm for arm, taken in made.arms.items() if taken.given)
    taken, count = made.arms[name], int(made.draw.size)
    reading = read(plan.model)
    table = values(reading, plan.model, cohort.parameters, count, cohort.start)
    happened = changes(reading, record(reading, taken.trace, count, START_CLOCK_HOUR), 0)
    courses = {q: rows[:, 0] for q, rows in taken.concentrations.items() if rows[:, 0].max() > 0}
    kept = [k for k, at in enumerate(taken.hours) if at and at % EVERY["petab"] == 0]
    return petab(
        Source(plan.study.id, plan.model, evidence, lambda *_: table, lambda *_: Replay(table, {})),
        estimated=uncertain(reading, evidence, list(courses)),
        measurements=[
            Measurement(quantity, float(taken.hours[k]), float(course[k]))
            for quantity, course in courses.items()
            for k in kept
        ],
        noise={quantity: NOISE * float(course.max()) for quantity, course in courses.items()},
        person=Person(one(table, 0), happened),
    )


def uncertain(reading: Reading, evidence: Evidence, quantities: list[str]) -> list[str]:
    """Return the positive records with a stated range that the stages of some quantities read."""
    stages = {line.stage for line in reading.quantities if line.name in quantities}
    found: dict[str, None] = {}
    for parameter in reading.parameters:
        if parameter.stage in stages and parameter.kind == "record":
            number = evidence.number(parameter.record)
            if number.spread is not None and number.spread.low > 0:
                found[number.id] = None
    return list(found)


def _doses(what: str, people: int) -> Profiles:
    source = source_of(what)
    reading = read(source.model)
    run = source.replay(reading, people)
    arms = {}
    for name, happened in run.records.items():
        given = tuple(
            (float(hours), entry, rows[k])
            for k, hours in enumerate(happened.hours)
            for entry, rows in happened.given.items()
            if np.any(rows[k])
        )
        arms[name] = Taken(np.zeros(0), {}, given)
    number = np.arange(people)
    return Profiles(np.zeros_like(number), number, {}, tuple(reading.entries), arms)
