"""The acute overdose study: fixed scenes, kinds of help, and how many hearts stop under each.

A scene is one of the published scenarios with tolerance kept or lost; the amount is a record and
cannot be written in a file, so that nobody can look for one. A study without naloxone in one arm
and with it in another is refused.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.acute import STEP, AcuteOutcome, AcuteSolver
from speciosa.core.errors import InputError
from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.core.random import streams
from speciosa.core.units import conversion_factor
from speciosa.core.version import __version__
from speciosa.core.wiring import Model
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.evidence.table import listing, worst_first
from speciosa.models.overdose import overdose
from speciosa.people.cohort import Cohort
from speciosa.people.parameters import sample
from speciosa.trial.credibility import Stakes, read_stakes
from speciosa.trial.form import Form
from speciosa.trial.run import Progress
from speciosa.trial.simulate import central
from speciosa.trial.study import FEWEST_PEOPLE, shipped

Array = NDArray[np.float64]
DISORDER = "overdose"
SCENARIOS = ("moderate", "severe")
TOLERANCE = ("kept", "lost")
NALOXONE = {"none": 0.0, "intramuscular": 2.0, "autoinjector": 2.0, "intranasal": 4.0}  # mg
EVERY = 10.0  # s between samples
NMOL_PER_MG = 1e6  # of a molecule of 1 g/mol
NEVER, FOR_GOOD = 0.0, 60.0  # min: rescue time of who never lacked oxygen, and of who arrests
TAIL = 1.6448536269514722  # 5 and 95 % of a share that was counted
WATCHED = ("minute_ventilation", "arterial_oxygen", "brain_oxygen")
COURSES = ("minute_ventilation", "arterial_oxygen", "brain_oxygen", "oxygen_saturation")


@dataclass(frozen=True)
class Scene:
    """Who overdoses: a published scenario, with tolerance kept or lost."""

    name: str
    label: str
    scenario: str
    tolerance: str


@dataclass(frozen=True)
class Help:
    """Who is there with what: product, seconds until it is given, and doses at hand."""

    name: str
    label: str
    naloxone: str
    delay_s: float = 60.0
    doses: int = 1


@dataclass(frozen=True)
class OverdoseStudy:
    """A study as its file says; made by :func:`load_overdose_study`."""

    id: str
    question: str
    context_of_use: str
    disorder: str
    seed: int
    minutes: int
    people: int
    scenes: tuple[Scene, ...]
    helps: tuple[Help, ...]
    text: str = ""
    stakes: Stakes = field(default_factory=Stakes)


@dataclass(frozen=True)
class _Head:
    id: str
    question: str
    context_of_use: str
    disorder: str
    seed: int = 1
    minutes: int = 20


def is_overdose(path: str | Path) -> bool:
    """Say whether a study file is an acute overdose study; False where there is no such file."""
    file = _file(path)
    try:
        top = tomllib.loads(file.read_text(encoding="utf-8")) if file else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False  # the reader of ordinary studies says what is wrong
    head = top.get("study", {})
    return isinstance(head, Mapping) and head.get("disorder") == DISORDER


def load_overdose_study(path: str | Path) -> OverdoseStudy:
    """Read an acute overdose study.

    Args:
        path: a TOML file, or the name of a shipped one.

    Raises:
        InputError: a key or value that cannot be, fewer than 20 people, or a study that does not
            show the scenes both without and with naloxone.

    Example:
        >>> study = load_overdose_study("acute-overdose")
        >>> [scene.tolerance for scene in study.scenes]
        ['kept', 'kept', 'lost']
    """
    file = _file(path)
    if file is None:
        raise InputError(f'no study file "{path}"', "", "Name a TOML file.")
    text = file.read_text(encoding="utf-8")
    top = tomllib.loads(text)
    form = Form(str(path), text)
    form.table(top, "", ("study", "population", "scene", "help", "credibility"))
    head = form.fill(_Head, top.get("study"), "[study]")
    for key in ("id", "question", "context_of_use"):
        if not getattr(head, key).strip():
            cure = f"Every study has {key.replace('_', ' ')}."
            raise InputError(f'"{key}" is empty', form.where("[study]", key), cure)
    crowd = form.table(top.get("population", {}), "[population]", ("people",))
    people = form.whole(crowd.get("people", 500), "[population] people", "people")
    scenes = tuple(form.fill(Scene, row, "[[scene]]") for row in form.many(top, "scene"))
    helps = tuple(form.fill(Help, row, "[[help]]") for row in form.many(top, "help"))
    for scene in scenes:
        form.one_of(scene.scenario, SCENARIOS, "[[scene]] scenario")
        form.one_of(scene.tolerance, TOLERANCE, "[[scene]] tolerance")
    for each in helps:
        form.one_of(each.naloxone, tuple(NALOXONE), "[[help]] naloxone")
        form.number(each.delay_s, "[[help]] delay_s", "delay_s", 0.0, 60.0 * head.minutes)
    form.whole(head.minutes, "[study] minutes", "minutes", 15)
    if len({each.naloxone == "none" for each in helps}) < 2:
        raise InputError(
            "naloxone is in all arms or in none",
            str(path),
            "A scene is shown with and without help: write one [[help]] of each.",
        )
    stakes = read_stakes(form, top.get("credibility"))
    study = OverdoseStudy(
        **asdict(head), people=people, scenes=scenes, helps=helps, text=text, stakes=stakes
    )
    return resized(study)


def resized(
    study: OverdoseStudy, *, people: int | None = None, seed: int | None = None
) -> OverdoseStudy:
    """Return the study with another size or seed; refuse cohorts under 20 people."""
    people = study.people if people is None else people
    if people < FEWEST_PEOPLE:
        raise InputError(
            f"{people} people",
            study.id,
            f"A cohort has at least {FEWEST_PEOPLE} people: this tool speaks of populations.",
        )
    return replace(study, people=people, seed=study.seed if seed is None else seed)


def run_overdose(
    study: OverdoseStudy,
    *,
    evidence: Evidence | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Run every scene under every kind of help and return the document of the run.

    Args:
        study: the study.
        evidence: the numbers; their central values are used, people differ.
        on_progress: called whenever some people are done.
    """
    evidence = central(evidence or load_evidence())
    began = time.monotonic()
    asked = study.people * len(study.scenes) * len(study.helps)
    rows, courses, done, failed = [], [], 0, 0
    solvers: dict[str, AcuteSolver] = {}
    alone: dict[str, NDArray[np.bool_]] = {}
    for each in sorted(study.helps, key=lambda one: one.naloxone != "none"):
        product = "intramuscular" if each.naloxone == "none" else each.naloxone
        solver = solvers.setdefault(product, naloxone_solver(product, study))
        for scene in study.scenes:
            found = solve(solver, study, scene, each, evidence)
            row = _row(scene, each, found, alone.setdefault(scene.name, found.arrested))
            rows.append(row)
            courses.append(_course(scene, each, found.outcome))
            done, failed = done + study.people, failed + row["failed"]
            on_progress(Progress(asked, done - failed, failed, time.monotonic() - began))
    order = [each.name for each in study.helps]
    rows.sort(key=lambda row: (_place(study, row["scene"]), order.index(row["help"])))
    records = {r for solver in solvers.values() for r in solver.model.records()}
    return {
        "kind": "acute overdose",
        "simulated": SIMULATED,
        "intended_use": INTENDED_USE,
        "study": {key: value for key, value in asdict(study).items() if key != "text"},
        "results": rows,
        "courses": courses,
        "evidence": listing(evidence, worst_first(evidence.number(r) for r in records))["numbers"],
        "run": {
            "asked": asked,
            "solved": asked - failed,
            "failed": failed,
            "seconds": time.monotonic() - began,
            "version": __version__,
            "seed": study.seed,
            "hashes": {"evidence": evidence.digest},
        },
    }


@dataclass(frozen=True)
class Solved:
    """One scene under one kind of help, person by person.

    ``rescue_minutes`` is the time from the first to the last moment with arterial oxygen at or
    under 30 mmHg: 0 if never, 60 in who arrests.
    """

    outcome: AcuteOutcome
    arrested: NDArray[np.bool_]
    rescue_minutes: Array


def people_of(
    model: Model, study: OverdoseStudy, scene: Scene, each: Help, evidence: Evidence
) -> tuple[dict[str, dict[str, Any]], dict[str, float]]:
    """Return the parameters of a scene's people and what they take, nmol; a person is the same in
    all of them."""
    who = np.arange(study.people)
    draw = np.zeros_like(who)
    given = 0 if each.naloxone == "none" else each.doses
    everyone = np.ones(study.people)
    cohort = Cohort(
        study.seed,
        draw,
        who,
        streams(study.seed, draw, who),
        {
            "tolerant": everyone * (scene.tolerance == "kept"),
            "rescue_delay": everyone * each.delay_s * conversion_factor("s", "h"),
            "rescue_amount": everyone * _nmol(evidence, "naloxone", NALOXONE[each.naloxone]),
            "rescue_doses": everyone * given,
        },
    )
    amount = evidence.number(f"acute.scenario_{scene.scenario}").value
    dose = {"fentanyl_intravenous": _nmol(evidence, "fentanyl", amount)}
    return sample((*model.stages, *model.decisions), evidence, cohort), dose


def solve(
    solver: AcuteSolver, study: OverdoseStudy, scene: Scene, each: Help, evidence: Evidence
) -> Solved:
    """Solve one scene under one kind of help."""
    parameters, dose = people_of(solver.model, study, scene, each, evidence)
    outcome = solver.solve(parameters, study.people, dose)
    arrested = outcome.memory["arrest"]["arrest_at"] >= 0
    first, last = (outcome.memory["spell"][f"arterial_{end}"] for end in ("first", "last"))
    spell = np.where(first < 0, NEVER, (last - first) * conversion_factor("h", "min"))
    return Solved(outcome, arrested, np.where(arrested, FOR_GOOD, spell))


def open_folder(study: OverdoseStudy, out: str | Path | None = None) -> Path:
    """Make an empty folder for the run, ``runs/<study>-<number>`` by default.

    Raises:
        InputError: the folder holds files already, or cannot be written.
    """
    at = Path(out) if out is not None else folder_named(study.id)
    try:
        if at.exists() and any(at.iterdir()):
            raise InputError("holds files already", str(at), "Name an empty or a new folder.")
        at.mkdir(parents=True, exist_ok=True)
        (at / "study.toml").write_text(study.text, encoding="utf-8")
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise InputError(what, str(at), "Name another folder with --out.") from error
    return at


def folder_named(name: str, under: str | Path = "runs") -> Path:
    """Return the first folder of a study's name and a number that is not there yet."""
    number = 1
    while (Path(under) / f"{name}-{number}").exists():
        number += 1
    return Path(under) / f"{name}-{number}"


def naloxone_solver(product: str, study: OverdoseStudy, step: float = STEP) -> AcuteSolver:
    """Return the solver of a study's scenes for one naloxone product.

    Args:
        product: ``none`` stands for any.
        study: gives the length.
        step: s.
    """
    return AcuteSolver(
        overdose("intramuscular" if product == "none" else product),
        recorded=COURSES,
        watched=WATCHED,
        seconds=60.0 * study.minutes,
        every=EVERY,
        step=step,
    )


def _nmol(evidence: Evidence, molecule: str, amount: float) -> float:
    return amount * NMOL_PER_MG / evidence.number(f"molecule.{molecule}.molar_mass").value


def _row(scene: Scene, each: Help, found: Solved, alone: NDArray[np.bool_]) -> dict[str, Any]:
    """Summarise one cell; who failed is counted and left out."""
    good = ~found.outcome.failed
    count = int(good.sum())
    arrested = found.arrested[good]
    would = alone[good]
    low, high = _interval(int(arrested.sum()), count)
    saved = float(np.mean(~arrested[would])) if would.any() else None
    return {
        "scene": scene.name,
        "help": each.name,
        "people": count,
        "failed": int((~good).sum()),
        "arrests_per_1000": 1000.0 * float(np.mean(arrested)),
        "low": 1000.0 * low,
        "high": 1000.0 * high,
        "alive_of_those_who_would_arrest_alone": saved,
        "minutes_short_of_oxygen": [
            float(v) for v in np.quantile(found.rescue_minutes[good], (0.25, 0.5, 0.75))
        ],
        "lowest_arterial_oxygen": float(np.median(found.outcome.lowest["arterial_oxygen"][good])),
    }


def _course(scene: Scene, each: Help, outcome: AcuteOutcome) -> dict[str, Any]:
    """Return the 5, 50 and 95 % of people over time; ventilation in L/min."""
    good = ~outcome.failed
    bands = {}
    for name, values in outcome.samples.items():
        factor = conversion_factor("L/h", "L/min") if name == "minute_ventilation" else 1.0
        bands[name] = np.quantile(values[:, good] * factor, (0.05, 0.5, 0.95), axis=1).tolist()
    minutes = outcome.seconds * conversion_factor("s", "min")
    return {"scene": scene.name, "help": each.name, "minutes": minutes.tolist(), **bands}


def _interval(events: int, people: int) -> tuple[float, float]:
    """Return the 5 and 95 % limits of a share that was counted (Wilson)."""
    if not people:
        return float("nan"), float("nan")
    share, square = events / people, TAIL**2 / people
    middle = (share + square / 2) / (1 + square)
    reach = TAIL / (1 + square) * np.sqrt(share * (1 - share) / people + square / (4 * people))
    return float(middle - reach), float(middle + reach)


def _place(study: OverdoseStudy, name: str) -> int:
    return [scene.name for scene in study.scenes].index(name)


def _file(path: str | Path) -> Path | None:
    given = Path(path)
    for candidate in (given, shipped() / given.name, shipped() / f"{given.name}.toml"):
        if candidate.is_file():
            return candidate
    return None
