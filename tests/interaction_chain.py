"""Stages of an interaction wired and integrated tightly on their own, for the interaction tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from speciosa.core.nca import read_profile
from speciosa.core.stage import Stage
from speciosa.core.units import conversion_factor
from speciosa.core.wiring import Model, derivatives, signals, wire
from speciosa.evidence.load import load_evidence
from speciosa.exposure.enzymes import activity
from speciosa.exposure.melatonin import MELATONIN
from speciosa.exposure.perpetrators import PERPETRATORS, inhibition
from speciosa.models.interaction import interaction
from speciosa.models.opioid import cut_down

PERSON = {"age": 35.0, "weight": 75.0, "male": 1.0, "smoker": 0.0, "cyp2d6_activity_score": 1.0,
          "opioid_dependent": 1.0}  # fmt: skip
STEPS = np.concatenate(([0.0], np.arange(0.05, 3.0, 0.05), np.arange(3.0, 24.01, 0.25)))
TRIAL_TIMES = (0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12)  # the interaction trial of kratom tea


@dataclass(frozen=True)
class Dose:
    """``amount`` mg of a molecule by an entry at an hour."""

    hour: float
    entry: str
    milligrams: float


def tea(hour: float = 0.0, grams: float = 2.0) -> tuple[Dose, ...]:
    """Return the trial's leaf: its mitragynine, and nothing of 7-OH, which was not detectable."""
    return (Dose(hour, "mitragynine_oral", 19.48 * grams),)


def nmol(dose: Dose) -> float:
    """Return the dose in nmol."""
    molecule = dose.entry.rsplit("_", 1)[0]
    return dose.milligrams * 1e6 / load_evidence().number(f"molecule.{molecule}.molar_mass").value


def values(
    stage: Stage, person: Mapping[str, float] = PERSON, changed: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Return a stage's parameters at their record's value, with covariates and what it derives.

    Args:
        stage: the stage.
        person: covariates.
        changed: record id -> value in the record's own unit.
    """
    found: dict[str, Any] = {}
    for symbol, parameter in stage.parameters.items():
        number = load_evidence().number(parameter.record)
        value = (changed or {}).get(number.id, number.value)
        found[symbol] = value * conversion_factor(number.unit, parameter.unit)
    found |= {name: person[name] for name in stage.covariates}
    return {**found, **({} if stage.derive is None else stage.derive(found))}


def run(
    doses: Sequence[Dose],
    times: Sequence[float],
    quantities: Sequence[str],
    *,
    person: Mapping[str, float] = PERSON,
    changed: Mapping[str, float] | None = None,
    held: Mapping[str, float] | None = None,
    whole: Model | None = None,
    table: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, np.ndarray]:
    """Integrate what the quantities rest on and return them at the times asked for.

    Args:
        doses: what is given.
        times: hours, rising.
        quantities: what is read.
        person: covariates.
        changed: record id -> value.
        held: quantities that decisions would hold.
        whole: the model, if it is not the interaction recipe for the doses.
        table: stage -> symbol -> value, in place of the records'.
    """
    entries = {dose.entry for dose in doses}
    model = cut_down(whole or interaction(entries, behaviour=False, habits=False), quantities)
    model = wire([s for s in model.stages], model.decisions)
    parameters = table or {s.name: values(s, person, changed) for s in model.stages}
    names = [(s.name, n) for s in model.stages for n in (*s.states, *s.modes)]
    y = np.array([_start(s, n, parameters) for s in model.stages for n in (*s.states, *s.modes)])
    modes = {s.name: s.modes for s in model.stages}
    given = model.entries()

    def nested(y: np.ndarray) -> dict[str, Any]:
        found: dict[str, Any] = {stage.name: {} for stage in model.stages}
        for place, (stage, name) in enumerate(names):
            found[stage][name] = y[place]
        return found

    def rate(t: float, y: np.ndarray) -> np.ndarray:
        states = nested(y)
        clock = {"hours": t, "clock_hour": (8.0 + t) % 24.0, **(held or {})}
        found = signals(np, model, states, clock, parameters)
        change = derivatives(np, model, states, found, parameters)
        return np.array(
            [
                -parameters[stage][modes[stage][name].rate] * states[stage][name]
                if name in modes[stage]
                else change[stage][name]
                for stage, name in names
            ],
            dtype=float,
        )

    wanted = np.asarray(times, dtype=float)
    stops = sorted({0.0, *(dose.hour for dose in doses if dose.hour < wanted[-1])})
    columns: list[np.ndarray] = []
    for begin, end in zip(stops, [*stops[1:], wanted[-1]], strict=True):
        for dose in doses:
            if dose.hour == begin:
                for stage, state, gain in given.get(dose.entry, ()):
                    y[names.index((stage, state))] += nmol(dose) * float(parameters[stage][gain])
        last = end == wanted[-1]
        here = wanted[(wanted >= begin) & ((wanted <= end) if last else (wanted < end))]
        at = here if here.size and here[-1] == end else np.append(here, end)
        solved = solve_ivp(rate, (begin, end), y, "LSODA", t_eval=at, rtol=1e-9, atol=1e-9)
        columns += list(solved.y[:, : here.size].T)
        y = solved.y[:, -1].copy()
    states = nested(np.array(columns).T)
    clock = {"hours": wanted, "clock_hour": (8.0 + wanted) % 24.0, **(held or {})}
    found = signals(np, model, states, clock, parameters)
    return {q: np.broadcast_to(found[q], wanted.shape) for q in quantities}


def ratio(
    victim: Dose,
    perpetrators: Sequence[Dose],
    quantity: str,
    *,
    hours: Sequence[float] = STEPS,
    metrics: Sequence[str] = ("auc_inf", "cmax"),
    **more: Any,
) -> dict[str, float]:
    """Return exposure with over without, read as a trial would: metric -> ratio.

    Args:
        victim: the drug that is read.
        perpetrators: what is given with it.
        quantity: its plasma concentration.
        hours: sampling times after the victim's dose.
        metrics: of :class:`speciosa.core.nca.ProfileReading`.
        more: as for :func:`run`.
    """
    read = []
    for doses in ((victim,), (*perpetrators, victim)):
        at = victim.hour + np.asarray(hours, dtype=float)
        after = run(doses, [0.0, *at] if at[0] > 0 else at, [quantity], **more)[quantity]
        profile = after[-at.size :]
        read.append(read_profile(np.asarray(hours, dtype=float), profile))
    return {metric: getattr(read[1], metric) / getattr(read[0], metric) for metric in metrics}


def _start(stage: Stage, name: str, parameters: Mapping[str, Any]) -> float:
    start = {**stage.states, **stage.modes}[name].start
    return float(parameters[stage.name][start]) if isinstance(start, str) else float(start)


def melatonin_body(*, gland: bool) -> Model:
    """Return melatonin, fluvoxamine and CYP1A2 under a clock that runs with the wall's.

    Args:
        gland: whether the body makes melatonin of its own.
    """
    phase = 2 * np.pi / 24.0

    def outputs(xp: Any, x: Any, s: Any, p: Any) -> dict[str, Any]:
        # melatonin is made from about 21:00 to 06:00: phase 0 lies 16 h after midnight
        angle = phase * (s["clock_hour"] - 16.2)
        return {
            "circadian_cosine": xp.cos(angle),
            "circadian_sine": xp.sin(angle),
            "light_drive": 0.0,
            "melatonin_synthesis_factor": 1.0 if gland else 0.0,
        }

    clock = Stage(
        name="wall_clock",
        needs={"clock_hour": "h"},
        gives={
            "circadian_cosine": "1",
            "circadian_sine": "1",
            "light_drive": "1/h",
            "melatonin_synthesis_factor": "1",
        },
        outputs=outputs,
        direct=("clock_hour",),
    )
    stages = (
        clock,
        MELATONIN,
        PERPETRATORS["fluvoxamine"],
        inhibition(("fluvoxamine",)),
        activity(kratom=False, inhibited=True),
    )
    return wire(stages)
