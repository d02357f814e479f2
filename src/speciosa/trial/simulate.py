"""A quick look: one regimen in a virtual cohort, sampled every quarter of an hour.

The opioid recipe is run without cues, use and leaving, on the central values of the evidence:
people and product batches differ, what nobody knows does not (a trial samples both). Another
regimen may be added: the same twins then go through both runs, and their exposures are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.care.regimen import Regimen, parse_regimens
from speciosa.care.schedule import DAY, START_CLOCK_HOUR, doses, triggers
from speciosa.core.errors import InputError, SpeciosaError, nearest
from speciosa.core.mesh import halved
from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.core.wiring import Model
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.evidence.table import worst_first
from speciosa.exposure.alkaloids import OTHERS
from speciosa.exposure.enzymes import ACTIVITIES
from speciosa.exposure.perpetrators import PERPETRATORS
from speciosa.exposure.probes import PROBES
from speciosa.models.alcohol import OWN_ENTRIES as DRINKERS_ONLY
from speciosa.models.interaction import recipe
from speciosa.people.cohort import USUAL
from speciosa.people.parameters import MOLECULE, NMOL_PER_MG
from speciosa.trial.design import Design, design
from speciosa.trial.exposure import Exposure, Quantiles, exposure, over
from speciosa.trial.recruited import recruited
from speciosa.trial.study import FEWEST_PEOPLE, Arm, Rule, Study

Array = NDArray[np.float64]
POPULATIONS = ("healthy", "opioid", "alcohol")
QUARTER_HOURS = tuple((START_CLOCK_HOUR + 0.25 * i) % DAY for i in range(96))
WIDTH = 64  # people per host device: small, so that a first answer comes soon
MOST_FAILED = 0.01  # share of simulations above which there is no answer
WASHOUT = 3  # days simulated after a regimen has ended
OPEN_ENDED = 7  # days simulated of a regimen that has no end
LONGEST = 366
ALONE, TOGETHER = "alone", "together"
FELT = {
    "healthy": ("ventilation",),
    "opioid": ("ventilation", "cows", "sows_gossop", "craving"),
    "alcohol": ("ventilation", "ciwa"),
}
OWN = {"melatonin_plasma": "melatonin_endogenous"}  # what the body makes is not exposure


@dataclass(frozen=True)
class Simulation:
    """A cohort's courses and what is read off them.

    Args:
        regimens: what everybody is given, as written by the language.
        added: the further regimens of the second run; empty where there is none.
        population: healthy, opioid or alcohol.
        days, seed: of the run.
        asked, failed: simulations, over both runs; who failed is left out of every summary.
        hours: sampling times from 08:00 of day 1, (T,).
        units: quantity -> unit.
        courses: quantity -> (T, N), under ``regimens`` alone.
        courses_together: the same twins under ``regimens`` and ``added``.
        exposures, exposures_together: molecule -> what is read off its plasma concentrations.
        records: ids of the evidence that the run rests on, worst grade first.
        grades: how many of them have each grade.
        molar_masses: molecule -> g/mol, so that nM can be read as ng/mL.
    """

    regimens: tuple[str, ...]
    added: tuple[str, ...]
    population: str
    days: int
    seed: int
    asked: int
    failed: int
    hours: Array
    units: Mapping[str, str]
    courses: Mapping[str, Array]
    courses_together: Mapping[str, Array]
    exposures: Mapping[str, Exposure]
    exposures_together: Mapping[str, Exposure]
    records: tuple[str, ...]
    grades: Mapping[str, int]
    molar_masses: Mapping[str, float]

    @property
    def people(self) -> int:
        """People in the cohort."""
        return int(next(iter(self.courses.values())).shape[1])

    def ratios(self) -> dict[str, dict[str, Quantiles]]:
        """Return molecule -> {"auc", "cmax"} -> exposure together over exposure alone.

        The molecules of the first run are compared, each person with themselves.
        """
        found = {}
        for name, alone in self.exposures.items():
            if not self.exposures_together:
                continue
            both = self.exposures_together[name]
            found[name] = {
                "auc": Quantiles.of(over(both.auc, alone.auc)),
                "cmax": Quantiles.of(over(both.cmax, alone.cmax)),
            }
        return found

    def felt(self, *, together: bool = False) -> dict[str, dict[str, Quantiles]]:
        """Return quantity -> lowest, mean and highest over the run, for all but concentrations."""
        courses = self.courses_together if together else self.courses
        return {
            name: {
                "lowest": Quantiles.of(course.min(axis=0)),
                "mean": Quantiles.of(course.mean(axis=0)),
                "highest": Quantiles.of(course.max(axis=0)),
            }
            for name, course in courses.items()
            if not name.endswith(("_plasma", "_endogenous")) and np.nanmax(course) > 0
        }

    def quantiles(self, quantity: str) -> Array:
        """Return the 5 %, 50 % and 95 % of the people at each sampling time, (3, T)."""
        if quantity not in self.courses:
            raise InputError(
                f'"{quantity}" was not recorded', "simulation", nearest(quantity, self.courses)
            )
        return np.asarray(np.nanquantile(self.courses[quantity], (0.05, 0.5, 0.95), axis=1))

    def document(self) -> dict[str, Any]:
        """Return the summary as plain values, for ``--json``."""
        runs = {ALONE: self.exposures}
        if self.added:
            runs[TOGETHER] = self.exposures_together
        return _plain(
            {
                "simulated": SIMULATED,
                "intended_use": INTENDED_USE,
                "regimens": list(self.regimens),
                "added": list(self.added),
                "population": self.population,
                "people": self.people,
                "days": self.days,
                "seed": self.seed,
                "asked": self.asked,
                "solved": self.asked - self.failed,
                "failed": self.failed,
                "exposure": {
                    run: {name: _summary(one) for name, one in found.items()}
                    for run, found in runs.items()
                },
                "exposure_units": {"cmax": "nM", "tmax": "h", "auc": "nM*h", "half_life": "h"},
                "ratios": self.ratios(),
                "felt": {run: self.felt(together=run == TOGETHER) for run in runs},
                "units": dict(self.units),
                "evidence_grades": dict(self.grades),
            }
        )


def simulate(
    regimen_text: str,
    with_regimens: Iterable[str] = (),
    *,
    people: int = 100,
    population: str = "healthy",
    days: int | None = None,
    seed: int = 1,
    quantities: Iterable[str] | None = None,
    evidence: Evidence | None = None,
) -> Simulation:
    """Give a regimen to a virtual cohort and return what happens to it.

    Args:
        regimen_text: one or more regimens, joined by `` + ``; time zero is 08:00 of day 1.
        with_regimens: regimens to add in a second run of the same twins.
        people: at least 20.
        population: ``healthy`` (nobody uses opioids or drinks daily), ``opioid`` or ``alcohol``
            (daily use until some hours before time zero).
        days: how long; by default three days more than the regimen lasts, or seven.
        seed: of the people.
        quantities: more quantities of the model to record.
        evidence: the numbers; their central values are used.

    Raises:
        InputError: a regimen, quantity, population or size that cannot be.

    Example:
        >>> look = simulate("melatonin 5 mg once", people=20, days=1)
        >>> look.people, sorted(look.exposures)
        (20, ['melatonin_plasma'])
    """
    base, added = _read(regimen_text, with_regimens)
    study = _study(base, added, people, population, days, seed)
    evidence = central(evidence or load_evidence())
    asked = tuple(quantities or ())
    whole = any(name in quantity for quantity in asked for name in OTHERS)
    plan = design(
        study,
        evidence,
        behaviour=False,
        sample_hours=QUARTER_HOURS,
        quantities=lambda model: _recorded(model, study, population, asked),
        recipe=None
        if study.disorder == "alcohol"
        else partial(recipe, habits=bool(study.population.habits)),
        whole=whole,
    )
    meshes = {name: halved(mesh) for name, mesh in plan.meshes.items()}
    plan = replace(plan, meshes=meshes, steps=2 * plan.steps)
    analytes = _analytes(plan.model, study)
    nanomolar = {analyte: _nanomolar(plan, analyte, evidence) for analyte in analytes}
    runs, failed = _solved(plan, evidence)
    hours = 0.25 * np.arange(96.0 * study.days)
    read = {
        arm.name: {
            analyte: exposure(hours, _external(analyte, runs[arm.name]) * nanomolar[analyte], given)
            for analyte, entries in analytes.items()
            if (given := _dose_hours(arm, entries, study.days)) is not None
        }
        for arm in study.arms
    }
    records, grades = _evidence(plan, evidence)
    return Simulation(
        regimens=tuple(map(str, base)),
        added=tuple(map(str, added)),
        population=population,
        days=study.days,
        seed=seed,
        asked=people * len(runs),
        failed=failed,
        hours=hours,
        units={q: plan.model.units[q] for q in plan.recorded},
        courses=runs[ALONE],
        courses_together=runs.get(TOGETHER, {}),
        exposures=read[ALONE],
        exposures_together=read.get(TOGETHER, {}),
        records=records,
        grades=grades,
        molar_masses={a: evidence.number(_molar_mass(a)).value for a in analytes},
    )


def central(evidence: Evidence) -> Evidence:
    """Return the evidence with every number at its central value; people still differ."""
    return evidence.replace({n.id: n.value for n in evidence.numbers.values() if n.spread})


def _read(text: str, more: Iterable[str]) -> tuple[tuple[Regimen, ...], tuple[Regimen, ...]]:
    return parse_regimens(text), tuple(one for line in more for one in parse_regimens(line))


def _study(
    base: tuple[Regimen, ...],
    added: tuple[Regimen, ...],
    people: int,
    population: str,
    days: int | None,
    seed: int,
) -> Study:
    """Return the two runs as a study without endpoints: a cohort under one roof."""
    if population not in POPULATIONS:
        raise InputError(
            f'"{population}" is no population', "--population", nearest(population, POPULATIONS)
        )
    if people < FEWEST_PEOPLE:
        raise InputError(
            f"{people} people",
            "--people",
            f"A cohort has at least {FEWEST_PEOPLE}: this tool speaks of populations.",
        )
    if days is not None and not 1 <= days <= LONGEST:
        raise InputError(f"{days} days", "--days", f"Write 1 to {LONGEST}.")
    days = days or _length((*base, *added))
    disorder = "alcohol" if population == "alcohol" else "opioid"
    if population == "healthy" and any(_entries(one) & DRINKERS_ONLY for one in (*base, *added)):
        disorder = "alcohol"  # whose recipe has what they are given
    everyone = replace(USUAL[disorder], residential_days=days)
    if population == "healthy":
        everyone = replace(USUAL["opioid"], residential_days=days, habits=())
    arms = [Arm(ALONE, base, "standard")]
    if added:
        arms.append(Arm(TOGETHER, (*base, *added), "standard"))
    return Study(
        id="simulate",
        question="",
        context_of_use="",
        disorder=disorder,
        days=days,
        follow_up_days=0,
        seed=seed,
        people=people,
        draws=1,
        population=everyone,
        arms=tuple(arms),
        endpoints=(),
        estimand={},
        evidence_set="evidence",
        decision=Rule(),
        primary="",
    )


def _length(regimens: Iterable[Regimen]) -> int:
    ends = [end for regimen in regimens for _, _, end in regimen.spans()[-1:]]
    closed = [end for end in ends if end is not None]
    length = max([end + WASHOUT for end in closed] + [OPEN_ENDED] * (len(closed) < len(ends)))
    return min(length, LONGEST)


def _entries(regimen: Regimen) -> set[str]:
    return {e for phase in regimen.phases for e in regimen.product.entries(phase.route)}


def _analytes(model: Model, study: Study) -> dict[str, set[str]]:
    """Return each plasma concentration of what is given, and the dose entries that feed it."""
    used = {e for arm in study.arms for regimen in arm.regimens for e in _entries(regimen)}
    found: dict[str, set[str]] = {}
    for stage in model.stages:
        for quantity in stage.gives:
            if quantity.endswith("_plasma") and used & set(stage.entries):
                found[quantity] = used & set(stage.entries)
    return found


def _recorded(model: Model, study: Study, population: str, more: Iterable[str]) -> tuple[str, ...]:
    known, analytes = model.units, _analytes(model, study)
    more = tuple(more)
    for quantity in more:
        if quantity not in known:
            raise InputError(f'no quantity "{quantity}"', "simulate", nearest(quantity, known))
    names = {analyte.removesuffix("_plasma") for analyte in analytes}
    if names & {*PROBES, *PERPETRATORS}:  # a look at exposure: nothing is felt of these
        own = (OWN[analyte] for analyte in analytes if analyte in OWN)
        active = (q for q in ACTIVITIES if q in known)
        return tuple(dict.fromkeys((*analytes, *own, *active, *more)))
    inside = ["mu_occupancy", *(f"mu_occupancy_{name}" for name in sorted(names))]
    inside += ["mt1_occupancy"] if "melatonin" in names else []
    inside += ["alpha2_relief"] if names & {"lofexidine", "clonidine", "mitragynine"} else []
    own = (OWN[analyte] for analyte in analytes if analyte in OWN)
    wanted = [*analytes, *own, *inside, *FELT[population], *more]
    return tuple(quantity for quantity in dict.fromkeys(wanted) if quantity in known)


def _solved(plan: Design, evidence: Evidence) -> tuple[dict[str, dict[str, Array]], int]:
    """Solve every arm for everybody; return arm -> quantity -> (T, N) and how many failed."""
    study = plan.study
    engine = plan.engine(width=WIDTH)
    parts: dict[str, list[Array]] = {arm.name: [] for arm in study.arms}
    failed = 0
    for first in range(0, study.people, engine.people):
        person = np.arange(first, min(first + engine.people, study.people))
        group = recruited(plan, evidence, np.zeros_like(person), person)
        for arm in study.arms:
            outcome = engine.solve(
                plan.meshes[arm.name],
                group.parameters,
                group.cohort.streams,
                [replace(supply, adherence=1.0) for supply in group.supplies],
                enabled=plan.enabled[arm.name],
                start=group.start,
            )
            failed += int(outcome.failed.sum())
            days, samples, rows, count = outcome.samples.shape
            values = outcome.samples.reshape(days * samples, rows, count)
            parts[arm.name].append(np.where(outcome.failed, np.nan, values))
    if failed > study.people * len(study.arms) * MOST_FAILED:
        raise SpeciosaError(f"{failed} simulations failed: no answer", "simulate")
    whole = {name: np.concatenate(blocks, axis=-1) for name, blocks in parts.items()}
    return {
        name: {q: values[:, row] for row, q in enumerate(plan.recorded)}
        for name, values in whole.items()
    }, failed


def _external(analyte: str, courses: Mapping[str, Array]) -> Array:
    """Return what was given of a molecule, nM (or mg/L, where the model counts it so)."""
    own = courses[OWN[analyte]] if analyte in OWN else 0.0
    return np.maximum(courses[analyte] - own, 0.0)


def _nanomolar(plan: Design, analyte: str, evidence: Evidence) -> float:
    """Return nM in one unit of a quantity: molecules that are drunk by the gram are in mg/L."""
    if plan.model.units[analyte] != "mg/L":
        return 1.0
    return NMOL_PER_MG / evidence.number(_molar_mass(analyte)).value


def _dose_hours(arm: Arm, entries: set[str], days: int) -> Array | None:
    """Return when a molecule is given; None if it is not, empty if the last time is not known."""
    giving = [regimen for regimen in arm.regimens if entries & _entries(regimen)]
    if not giving:
        return None
    known = np.array(sorted({dose.hours for one in giving for dose in doses(one, days=days)}))
    waits = [trigger.last_hour for one in giving for trigger in triggers(one, days=days)]
    return known if known.size and max(waits, default=0.0) <= known[-1] else np.empty(0)


def _evidence(plan: Design, evidence: Evidence) -> tuple[tuple[str, ...], dict[str, int]]:
    used = {*plan.model.records(), *(r for one in plan.given for r in one.product.records())}
    ordered = worst_first(evidence.number(name) for name in used)
    grades: dict[str, int] = {}
    for number in ordered:
        grades[number.grade] = grades.get(number.grade, 0) + 1
    return tuple(number.id for number in ordered), grades


def _molar_mass(analyte: str) -> str:
    name = analyte.removesuffix("_plasma")
    return f"molecule.{MOLECULE.get(name, name)}.molar_mass"


def _summary(one: Exposure) -> dict[str, Quantiles]:
    return {name: Quantiles.of(getattr(one, name)) for name in Exposure.__dataclass_fields__}


def _plain(value: Any) -> Any:
    if isinstance(value, Quantiles):
        return _plain({"median": value.median, "low": value.low, "high": value.high})
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return None if isinstance(value, float) and not np.isfinite(value) else value
