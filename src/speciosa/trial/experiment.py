"""Published experiments that are no regimen in the laboratory, simulated with their own protocol.

A published result names one by its ``setting``. Each simulator takes the results of its setting and
returns, for every one, the statistic over people in each draw.

    acute overdose              share of hearts that stop, by scene and by who helps
    phase-response laboratory   shift of the clock by three daily doses of melatonin
    insomnia clinic             change of sleep by a course of CBT-I
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.care.psychosocial import parse_care
from speciosa.care.regimen import parse_regimens
from speciosa.care.therapy import care_decision
from speciosa.core.acute import AcuteSolver
from speciosa.core.errors import InputError
from speciosa.core.random import streams
from speciosa.core.stage import Moment
from speciosa.core.units import conversion_factor
from speciosa.evidence.load import Evidence
from speciosa.evidence.results import PublishedResult
from speciosa.models.overdose import overdose
from speciosa.models.phase_response import DAY, READ, phase_response
from speciosa.people.cohort import Cohort, Population, recruit
from speciosa.people.parameters import NMOL_PER_MG, sample
from speciosa.response.therapy import therapy, treatments
from speciosa.symptom.sleep import MORNING, sleep_efficiency, sleep_latency
from speciosa.trial.insomnia import START

Array = NDArray[np.float64]
Size = tuple[int, int, int]  # draws, people, seed
OVERDOSE, PHASE, INSOMNIA = "acute overdose", "phase-response laboratory", "insomnia clinic"

MINUTES = 15  # of an overdose; what stops a heart has happened by then
CROWD = 5  # an event of few needs this many times the people
HELP = {  # regimen of a result -> product and mg of naloxone
    "placebo": ("intramuscular", 0.0),
    "naloxone 2 mg IM": ("intramuscular", 2.0),
    "naloxone 2 mg autoinjector": ("autoinjector", 2.0),
    "naloxone 4 mg IN": ("intranasal", 4.0),
}
STEP = 180.0  # s
EVERY = 4 * 3600.0  # s
DELAY = re.compile(r"(?P<delay>[0-9.]+) h after onset")
COURSE_DAYS = 56


def is_experiment(result: PublishedResult) -> bool:
    """Say whether a result belongs to one of these settings."""
    return _setting(result) in SIMULATORS


def experiments(
    results: Iterable[PublishedResult], evidence: Evidence, size: Size
) -> dict[str, Array | str]:
    """Return, for each result's id, the statistic in each draw, or the reason why there is none.

    Args:
        results: results of whom :func:`is_experiment` is true.
        evidence: the numbers.
        size: draws, people and seed.
    """
    found: dict[str, Array | str] = {}
    groups: dict[str, list[PublishedResult]] = {}
    for result in results:
        groups.setdefault(_setting(result), []).append(result)
    for setting, mine in groups.items():
        known = []
        for result in mine:
            try:
                READERS[setting](result)
                known.append(result)
            except InputError as error:
                found[result.id] = f"{error.what}. {error.cure}"
        found |= SIMULATORS[setting](known, evidence, size) if known else {}
    return found


def _setting(result: PublishedResult) -> str:
    return result.setting.split(":")[0].strip().lower()


def _crowd(seed: int, draws: int, people: int, more: Mapping[str, Any]) -> Cohort:
    rows = np.arange(draws * people)
    cohort = recruit(Population(habits=()), seed, rows // people, rows % people)
    healthy = {"smoker": np.zeros(rows.size)}
    return cohort.with_covariates({**healthy, **more})


def _by_draw(values: Array, draws: int) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(np.nanmean(values.reshape(draws, -1), axis=1))


# ---- acute overdose ------------------------------------------------------------------------


def _overdose_arm(result: PublishedResult) -> tuple[str, str, float]:
    """Return the scene, the product and its mg."""
    _, _, scene = result.setting.partition(":")
    if scene.strip() not in ("moderate", "severe") or result.regimen not in HELP:
        known = ", ".join(HELP)
        raise InputError(
            f'"{result.setting}" with "{result.regimen}"',
            result.id,
            f'Write "{OVERDOSE}: moderate" or "severe" and one of: {known}.',
        )
    _only(result, "cardiac_arrest", "fraction")
    return scene.strip(), *HELP[result.regimen]


def _overdoses(
    results: Sequence[PublishedResult], evidence: Evidence, size: Size
) -> dict[str, Array | str]:
    draws, people, seed = size[0], CROWD * size[1], size[2]
    solvers: dict[str, AcuteSolver] = {}
    found: dict[str, Array | str] = {}
    for result in results:
        scene, product, amount = _overdose_arm(result)
        if product not in solvers:
            solvers[product] = AcuteSolver(
                overdose(product), recorded=("arterial_oxygen",), seconds=60.0 * MINUTES, every=60.0
            )
        solver = solvers[product]
        everyone = np.ones(draws * people)
        given = amount * NMOL_PER_MG / evidence.number("molecule.naloxone.molar_mass").value
        helper = {
            "tolerant": everyone,
            "rescue_delay": everyone * conversion_factor("min", "h"),
            "rescue_amount": everyone * given,
            "rescue_doses": everyone * (amount > 0),
        }
        rows = np.arange(draws * people)
        draw, person = rows // people, rows % people
        cohort = Cohort(seed, draw, person, streams(seed, draw, person), helper)
        table = sample((*solver.model.stages, *solver.model.decisions), evidence, cohort)
        mass = evidence.number("molecule.fentanyl.molar_mass").value
        dose = evidence.number(f"acute.scenario_{scene}").value * NMOL_PER_MG / mass
        outcome = solver.solve(table, everyone.size, {"fentanyl_intravenous": dose})
        arrested = outcome.memory["arrest"]["arrest_at"] >= 0
        seen = np.where(outcome.failed, np.nan, arrested.astype(float))
        found[result.id] = _by_draw(seen, draws) * conversion_factor("1", result.unit)
    return found


# ---- phase response ------------------------------------------------------------------------


def _phase_arm(result: PublishedResult) -> tuple[float, float]:
    """Return mg of melatonin and h after the onset."""
    at = DELAY.fullmatch(result.setting.partition(":")[2].strip())
    (regimen,) = parse_regimens(result.regimen)
    (phase,) = regimen.phases
    if at is None or regimen.product.key != "melatonin":
        raise InputError(
            f'"{result.setting}"', result.id, f'Write "{PHASE}: 11 h after onset", with melatonin.'
        )
    _only(result, "phase_shift", "mean")
    return float(phase.amount), float(at["delay"])


def _shifts(
    results: Sequence[PublishedResult], evidence: Evidence, size: Size
) -> dict[str, Array | str]:
    draws, people, seed = size
    model = phase_response()
    solver = AcuteSolver(
        model, recorded=("circadian_phase",), seconds=READ * 3600.0 + EVERY, every=EVERY, step=STEP
    )
    mass = evidence.number("molecule.melatonin.molar_mass").value
    period = evidence.number("clock.predicted_period").value
    found: dict[str, Array | str] = {}
    for result in results:
        milligrams, delay = _phase_arm(result)
        ends = []
        for amount in (milligrams, 0.0):
            everyone = np.ones(draws * people)
            dosed = {"dose_delay": everyone * delay,
                     "dose_amount": everyone * amount * NMOL_PER_MG / mass}  # fmt: skip
            cohort = _crowd(seed, draws, people, dosed)
            table = sample((*model.stages, *model.decisions), evidence, cohort)
            outcome = solver.solve(table, everyone.size, {})
            ends.append(outcome.samples["circadian_phase"][-1])
        shift = (ends[0] - ends[1]) / (2 * np.pi) * period
        found[result.id] = _by_draw(shift, draws) * conversion_factor("h", result.unit)
    return found


# ---- insomnia clinic -----------------------------------------------------------------------


def _insomnia_arm(result: PublishedResult) -> str:
    care = parse_care(result.regimen, result.id)
    if [part.therapy.key for part in care.parts] != ["cbt_i"]:
        raise InputError(f'"{result.regimen}"', result.id, 'Write "CBT-I".')
    quantities = ("sleep_efficiency", "sleep_onset_latency", "total_sleep_time")
    if result.quantity not in quantities or result.metric != "mean_difference":
        raise InputError(
            f"{result.metric} of {result.quantity}",
            result.id,
            f"Write mean_difference of one of {', '.join(quantities)}.",
        )
    return result.quantity


def _insomnia(
    results: Sequence[PublishedResult], evidence: Evidence, size: Size
) -> dict[str, Array | str]:
    """Sleep with the whole of an insomnia's disturbance and with what a course leaves of it."""
    draws, people, seed = size
    cohort = _crowd(seed, draws, people, {})
    decision = care_decision(parse_care("CBT-I"), "arm", COURSE_DAYS)
    assert decision is not None
    stage = therapy(treatments([decision]))
    table = sample((decision, stage, MORNING), evidence, cohort)
    end = Moment(DAY * COURSE_DAYS, 8.0, float(COURSE_DAYS))
    here = np.ones(draws * people)
    memory = {name: start * here for name, start in decision.memory.items() if start != ""}
    held, _ = decision.decide(np, end, {"in_treatment": here}, memory, (), table[decision.name])
    known = {**held, "mu_signal_prescribed": 0.0 * here}
    removed = stage.outputs(np, {}, known, table[stage.name])["care_sleep_share"]
    p = table[MORNING.name]
    logit = lambda share: np.log(share / (1 - share))  # noqa: E731
    usual = logit(p["usual_efficiency"])
    whole = (usual - logit(evidence.number(START).value)) / p["efficiency_slope"]
    left = (1 - removed) * whole

    def change(of: Callable[[Any], Any]) -> Array:
        return _by_draw(np.broadcast_to(of(left) - of(whole), here.shape), draws)

    slept = change(lambda d: sleep_efficiency(np, p, disturbance=d, gain=0.0))
    in_bed = evidence.number("sleep.time_in_bed").value
    changes = {
        "sleep_efficiency": (slept, "1"),
        "total_sleep_time": (slept * in_bed, "h"),
        "sleep_onset_latency": (
            change(lambda d: sleep_latency(np, p, disturbance=d, gain=0.0)), "min"
        ),
    }  # fmt: skip
    found: dict[str, Array | str] = {}
    for result in results:
        values, unit = changes[_insomnia_arm(result)]
        found[result.id] = values * conversion_factor(unit, result.unit)
    return found


def _only(result: PublishedResult, quantity: str, metric: str) -> None:
    if (result.quantity, result.metric) != (quantity, metric):
        raise InputError(
            f"{result.metric} of {result.quantity}", result.id, f"Write {metric} of {quantity}."
        )


SIMULATORS: dict[
    str, Callable[[Sequence[PublishedResult], Evidence, Size], dict[str, Array | str]]
] = {OVERDOSE: _overdoses, PHASE: _shifts, INSOMNIA: _insomnia}
READERS: dict[str, Callable[[PublishedResult], object]] = {
    OVERDOSE: _overdose_arm,
    PHASE: _phase_arm,
    INSOMNIA: _insomnia_arm,
}
