"""Published trials, run again: predictions of published results, as each was observed.

Results that share people and regimen share one simulation, and so do those of which one is the
beginning of the other. All laboratory results share one compiled program, all trial results
another (:mod:`speciosa.trial.lab`). Scoring is :mod:`speciosa.verdict.scorecard`'s.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.care.product import Product
from speciosa.care.regimen import Regimen, parse_regimens
from speciosa.care.shelf import SHELF
from speciosa.core.errors import InputError
from speciosa.core.random import normal
from speciosa.core.units import convert
from speciosa.evidence.load import Evidence
from speciosa.evidence.results import PublishedResult, bare_fold
from speciosa.models.alcohol import alcohol
from speciosa.models.interaction import interaction, interacts
from speciosa.models.opioid import opioid
from speciosa.people.cohort import truths
from speciosa.people.parameters import MOLECULE
from speciosa.trial.experiment import experiments, is_experiment
from speciosa.trial.insomnia import RECORDS as SLEEPLESS
from speciosa.trial.lab import Laboratory, Protocol, Samples
from speciosa.trial.observed import Observation, needs, observation, statistic
from speciosa.trial.outcomes import ATTENDANCE, COWS, DEFINITIONS, NOISE, noise_records
from speciosa.trial.quantity import CONCENTRATION, OUTCOME, SCORE, quantities_named
from speciosa.trial.reading import read
from speciosa.trial.run import Progress
from speciosa.trial.setting import Setting, setting_of, usual_setting
from speciosa.trial.study import FEWEST_PEOPLE

Array = NDArray[np.float64]
Key = tuple[Any, ...]
LONG = 60  # days beyond which a simulation takes the fewest people that make a cohort
ASSAYED = ("mitragynine", "hydroxymitragynine")
ASSAY = "kratom.quantification_limit"
MOST_FAILED = 0.01
_UNITS = (
    (r"[·⋅×∙•]", "*"), (r"[µμ]", "u"), (r"(?i)\b(points?|score|scores|ratio|fold|fraction|share|"
    r"proportion|none|dimensionless|unitless|-)\b", "1"), (r"(?i)\bpercent(age)?\b", "%"),
    (r"(?<=[A-Za-z])\.(?=[A-Za-z])", "*"), (r"\bnmol/l\b", "nmol/L"), (r"/ml\b", "/mL"),
    (r"/l\b", "/L"), (r"\bnm\b", "nM"), (r"\bhrs?\b", "h"), (r"\bmins\b", "min"),
)  # fmt: skip


@dataclass(frozen=True)
class Prediction:
    """What the model says of a published result.

    Args:
        result: as published.
        judged: the same with the metric that sets its default margin, and our unit.
        draws: the predicted statistic in each draw, in the result's unit; empty if not run.
        reason: why it could not be run; empty if it was.
        notes: what was assumed.
    """

    result: PublishedResult
    judged: PublishedResult
    draws: Array = field(default_factory=lambda: np.zeros(0))
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arm:
    """One arm of one result: who, what and whether they behave as in a trial."""

    trial: bool
    setting: Setting
    regimens: tuple[Regimen, ...]

    @property
    def key(self) -> Key:
        """What two arms share when one simulation serves both."""
        people, lines = self.setting, tuple(map(str, self.regimens))
        leaving = people.population.dropout_rate
        return self.trial, people.disorder, people.name, leaving, people.induction_failure, lines


@dataclass
class Plan:
    """A result with its arms, and the reason if it cannot be run."""

    result: PublishedResult
    made: Observation | None = None
    arms: tuple[Arm, ...] = ()
    limits: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reason: str = ""
    found: Array | None = None  # of an experiment with a simulator of its own


def predictions(
    results: Iterable[PublishedResult],
    evidence: Evidence,
    *,
    draws: int = 10,
    people: int = 20,
    seed: int = 1,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> tuple[Prediction, ...]:
    """Return a prediction for each published result, or the reason why there is none.

    Args:
        results: published results.
        evidence: the numbers.
        draws: draws of what nobody knows.
        people: people per draw; simulations of more than 60 days take 20.
        seed: of the random streams.
        on_progress: called with person-days asked and done.
    """
    units, results = _all_units(), list(results)
    evidence = evenly_drawn(evidence, draws, seed)
    apart = experiments(filter(is_experiment, results), evidence, (draws, people, seed))
    plans = [
        _of_experiment(result, apart[result.id])
        if is_experiment(result)
        else _plan(result, evidence, units)
        for result in results
    ]
    protocols, where = _protocols(plans)
    done = _simulate(protocols, plans, evidence, (draws, people, seed), on_progress)
    needed = (*noise_records((COWS, *NOISE)), *DEFINITIONS, ATTENDANCE, *SLEEPLESS)
    constants = {record: evidence.number(record).value for record in needed}
    found = (_predicted(plan, done, where, constants, evidence) for plan in plans)
    return tuple(replace(one, result=own) for one, own in zip(found, results, strict=True))


def evenly_drawn(evidence: Evidence, draws: int, seed: int) -> Evidence:
    """Return evidence whose draws cover the spread of every number evenly (a Latin hypercube).

    With few draws taken at random, a median over draws would lie as far from a number's own value
    as chance has it; laid down evenly, one number at a time, it does not.

    Args:
        evidence: the numbers.
        draws: how many draws there are.
        seed: of the random streams: each number keeps the order of the draws it would have had.
    """
    places = np.array([NormalDist().inv_cdf((place + 0.5) / draws) for place in range(draws)])
    stream = truths(seed, np.arange(draws))
    scores = {}
    for name, number in evidence.numbers.items():
        if number.spread is not None and name not in evidence.scores:
            scores[name] = places[normal(stream, f"truth: {name}").argsort().argsort()]
    return evidence.with_scores(scores)


def _of_experiment(result: PublishedResult, found: Array | str) -> Plan:
    if isinstance(found, str):
        return Plan(result, reason=found)
    return Plan(result, found=found, notes=("a protocol of its own",))


# ---- understanding -------------------------------------------------------------------------


def _plan(result: PublishedResult, evidence: Evidence, units: dict[str, str]) -> Plan:
    try:
        result = replace(result, unit=unit_named(result.unit))
        quantities = quantities_named(result.quantity, units)
        lines = [line for line in (result.regimen, result.reference_regimen) if line]
        given = tuple(regimens_of(line) for line in lines)
        made = observation(result, quantities, given)
        place = result.setting or _place(result, made, [r for arm in given for r in arm])
        arms = tuple(
            Arm(made.trial, setting_of(result.population, place, regimens), regimens)
            for regimens in given
        )
        notes = (f"setting not stated: {place}",) if place and not result.setting else ()
        plan = Plan(result, made, arms, notes=notes)
        _in_unit(np.ones(1), plan, evidence)
        return _with_limits(plan, evidence)
    except InputError as error:
        return Plan(result, reason=" ".join(f"{error.what}. {error.cure}".split()))


def _place(result: PublishedResult, made: Observation, regimens: Sequence[Regimen]) -> str:
    """The setting that a trial of this kind usually has; empty for none of its own."""
    told = made.quantities[0].kind in (SCORE, OUTCOME)
    if result.population != "opioid" or not (told and made.readings):
        return ""
    last = max(reading.hours[-1] for reading in made.readings) / 24.0
    return usual_setting(made.quantities[0].name, last, regimens)


def regimens_of(line: str) -> tuple[Regimen, ...]:
    """Return the regimens of a row; no treatment is placebo.

    >>> [str(one) for one in regimens_of("Placebo")]
    ['placebo once']
    """
    if line.strip().lower() in ("placebo", "none", "no treatment", "untreated"):
        return parse_regimens("placebo once")
    return parse_regimens(line)


def unit_named(text: str) -> str:
    """Return a unit in the spelling that :mod:`speciosa.core.units` reads.

    >>> unit_named("ng·h/ml"), unit_named("points"), unit_named("nM.h")
    ('ng*h/mL', '1', 'nM*h')
    """
    made = text.strip() or "1"
    if made in ("-", "–"):
        return "1"
    for pattern, instead in _UNITS:
        made = re.sub(pattern, instead, made)
    return made


def _with_limits(plan: Plan, evidence: Evidence) -> Plan:
    assert plan.made is not None
    notes = [*plan.notes, *(note for one in plan.made.readings for note in one.notes)]
    given = plan.result.quantification_limit
    for quantity in plan.made.quantities:
        if quantity.kind != CONCENTRATION or not plan.made.profile:
            continue
        if given:
            mass = _molar_mass(quantity.molecule, evidence)
            unit = unit_named(given[1])
            plan.limits[quantity.name] = convert(given[0], unit, quantity.unit, molar_mass=mass)
        elif quantity.molecule in ASSAYED:
            plan.limits[quantity.name] = evidence.number(ASSAY).value
            notes.append(f"limit of quantification not stated: {plan.limits[quantity.name]:g} nM")
    if len(plan.made.quantities) == 2 and plan.made.quantities[0].kind == CONCENTRATION:
        notes.append("a ratio of molar concentrations")
    if bare_fold(plan.made.judged):
        notes.append(f"margin {plan.result.margin} is read as {plan.result.margin}-fold")
    plan.notes = tuple(dict.fromkeys(notes))
    return plan


def _molar_mass(molecule: str, evidence: Evidence) -> float | None:
    name = f"molecule.{MOLECULE.get(molecule, molecule)}.molar_mass"
    return evidence.number(name).value if name in evidence.numbers else None


def _in_unit(values: Array, plan: Plan, evidence: Evidence) -> Array:
    assert plan.made is not None
    mass = _molar_mass(plan.made.quantities[0].molecule, evidence)
    found: Array = convert(values, plan.made.unit, plan.result.unit, molar_mass=mass)
    return found


def _all_units() -> dict[str, str]:
    """Return every quantity that the model has when everything on the shelf is given."""
    products: tuple[Product, ...] = SHELF
    routes = [(product, route) for product in products for route in product.routes]
    entries = [entry for product, route in routes for entry in product.entries(route)]
    units = dict(alcohol(entries).units) | dict(opioid(entries).units)
    return units | dict(interaction(entries).units)


# ---- running -------------------------------------------------------------------------------


def _protocols(plans: Sequence[Plan]) -> tuple[dict[Key, Protocol], dict[Key, Key]]:
    """Return key -> protocol, and the key under which each arm's key is simulated."""
    arms: dict[Key, Arm] = {}
    hours: dict[Key, set[float]] = {}
    for plan in plans:
        if plan.reason or plan.made is None:
            continue
        for arm, reading in zip(plan.arms, plan.made.readings, strict=True):
            arms[arm.key] = arm
            hours.setdefault(arm.key, set()).update(round(hour, 6) for hour in reading.hours)
    made = {key: _protocol(arms[key], hours[key]) for key in arms}
    where: dict[Key, Key] = {}
    kept: dict[Key, Protocol] = {}
    for key in sorted(made, key=lambda key: (-made[key].days, str(key))):
        same = (k for k in kept if k[:-1] == key[:-1] and _begins(kept[k], made[key]))
        where[key] = next(same, key)
        if where[key] == key:
            kept[key] = made[key]
        else:
            hours[where[key]] |= hours[key]
            kept[where[key]] = _protocol(arms[where[key]], hours[where[key]])
    return kept, where


def _protocol(arm: Arm, hours: set[float]) -> Protocol:
    people = arm.setting
    return Protocol(arm.regimens, people.population, tuple(sorted(hours)), people.induction_failure)


def _begins(longer: Protocol, shorter: Protocol) -> bool:
    """Whether the shorter protocol is the beginning of the longer one."""
    if longer.triggers() or shorter.triggers():
        return False
    end = 24.0 * shorter.days
    begun = [dose for dose in longer.doses() if dose.hours < end - 1e-6]
    order = lambda dose: (dose.hours, str(dose.product), dose.route, dose.amount)  # noqa: E731
    return sorted(begun, key=order) == sorted(shorter.doses(), key=order)


class _Tally:
    """Person-days asked, done and failed, told to whoever follows."""

    def __init__(self, asked: int, on_progress: Callable[[Progress], None]) -> None:
        self.asked, self.done, self.failed, self.days = asked, 0, 0, 0
        self.began, self.on_progress = time.monotonic(), on_progress

    def people(self, count: int) -> None:
        """Count people of the running simulation as done."""
        self.done += count * self.days
        solved, seconds = self.done - self.failed, time.monotonic() - self.began
        self.on_progress(Progress(self.asked, solved, self.failed, seconds))


def _simulate(
    protocols: dict[Key, Protocol],
    plans: Sequence[Plan],
    evidence: Evidence,
    size: tuple[int, int, int],
    on_progress: Callable[[Progress], None],
) -> dict[Key, tuple[Samples, tuple[str, ...]]]:
    """Run every protocol; ``size`` is draws, people and seed."""
    draws, people, seed = size
    each = {key: FEWEST_PEOPLE if p.days > LONG else people for key, p in protocols.items()}
    tally = _Tally(sum(each[k] * draws * p.days for k, p in protocols.items()), on_progress)
    found: dict[Key, tuple[Samples, tuple[str, ...]]] = {}
    for trial, disorder, interacting in product(
        (False, True), ("opioid", "alcohol"), (False, True)
    ):
        mine = {
            key: protocol
            for key, protocol in protocols.items()
            if key[:2] == (trial, disorder) and interacts(_entries(protocol)) is interacting
        }
        if not mine:
            continue
        made = [plan.made for plan in plans if plan.made and plan.made.trial is trial]
        wanted = {name for one in made for name in needs(one)}
        laboratory = Laboratory(
            evidence, list(mine.values()), wanted, behaviour=trial, disorder=disorder
        )
        for key, protocol in mine.items():
            tally.days = protocol.days
            samples = laboratory.run(
                protocol, seed=seed, draws=draws, people=each[key], on_people=tally.people
            )
            tally.failed += int(samples.failed.sum()) * protocol.days
            found[key] = samples, laboratory.counts(protocol)
    return found


def _entries(protocol: Protocol) -> set[str]:
    return {entry for dose in protocol.doses() for entry in dose.product.entries(dose.route)}


def _predicted(
    plan: Plan,
    done: dict[Key, tuple[Samples, tuple[str, ...]]],
    where: dict[Key, Key],
    constants: dict[str, float],
    evidence: Evidence,
) -> Prediction:
    made = plan.made
    if plan.found is not None:
        return Prediction(plan.result, plan.result, plan.found, notes=plan.notes)
    if plan.reason or made is None:
        return Prediction(plan.result, plan.result, reason=plan.reason)
    runs = [done[where[arm.key]] for arm in plan.arms]
    missing = [n for samples, _ in runs for n in needs(made) if n not in samples.values]
    if missing:
        reason = f"nothing that is given brings {missing[0].replace('_', ' ')}"
        return Prediction(plan.result, plan.result, reason=reason)
    fewest = min(int(samples.person.max()) + 1 for samples, _ in runs)
    arms, draw, notes = [], {}, list(plan.notes)
    for reading, (samples, counts) in zip(made.readings, runs, strict=True):
        values = read(
            made, reading, samples, limits=plan.limits, constants=constants, counts=counts
        )
        mine = samples.person < fewest
        arms.append(values[mine])
        draw = {int(d): np.flatnonzero(samples.draw[mine] == d) for d in np.unique(samples.draw)}
        if samples.failed.mean() > MOST_FAILED:
            notes.append(f"{samples.failed.mean():.1%} of the people could not be solved")
        if samples.hours[-1] >= 24.0 * LONG:
            notes.append(f"{fewest} people per draw")
    found = _in_unit(statistic(made, arms, draw), plan, evidence)
    if not np.isfinite(found).any():
        notes.append("nothing could be read in any draw")
    return Prediction(plan.result, made.judged, found, notes=tuple(dict.fromkeys(notes)))
