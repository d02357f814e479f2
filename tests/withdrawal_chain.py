"""Opioid use followed through receptor, adaptation and scales, for the withdrawal tests.

The drugs are exact modes on an even grid; a stage with states is marched by the classical
Runge-Kutta step over two grid intervals, with its own equations.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.stage import Decision, Stage
from speciosa.core.units import conversion_factor
from speciosa.receptor.mu import mu
from speciosa.receptor.uncoupling import UNCOUPLING
from speciosa.response.adaptation import ADAPTATION, after_history
from speciosa.symptom.withdrawal import WITHDRAWAL

Array = NDArray[np.float64]
Rows = dict[str, Any]
STEP = 0.1  # h
ADULT = {"age": 35.0, "weight": 72.0, "male": 1.0, "opioid_dependent": 1.0}


@cache
def records() -> dict[str, dict[str, Any]]:
    """Return every record of the evidence, id -> fields."""
    found: dict[str, dict[str, Any]] = {}
    for path in (files("speciosa") / "evidence" / "records").iterdir():
        if path.name.endswith(".toml"):
            found |= _flat(tomllib.loads(path.read_text("utf-8")), "")
    return found


def _flat(table: dict[str, Any], prefix: str) -> dict[str, dict[str, Any]]:
    if "value" in table:
        return {prefix: table}
    found: dict[str, dict[str, Any]] = {}
    for name, inner in table.items():
        found |= _flat(inner, f"{prefix}.{name}" if prefix else name)
    return found


def values(part: Stage | Decision, changed: Mapping[str, Any] | None = None) -> Rows:
    """Return the parameters of a stage or decision in its units, with what it derives.

    Args:
        part: the stage or decision.
        changed: record id -> value in the record's unit, in place of the record's own.
    """
    known = records()
    p: Rows = {
        symbol: (changed or {}).get(parameter.record, known[parameter.record]["value"])
        * conversion_factor(known[parameter.record]["unit"], parameter.unit)
        for symbol, parameter in part.parameters.items()
    }
    p |= {name: value for name, value in ADULT.items() if name in part.covariates}
    derive = getattr(part, "derive", None)
    return {**p, **(derive(p) if derive else {})}


def receptor(
    drugs: Sequence[Stage],
    ligands: tuple[str, ...],
    doses: Sequence[tuple[float, str, float]],
    hours: float,
) -> dict[str, Array]:
    """Return the mu stage's quantities on the grid from 0 to ``hours``.

    Args:
        drugs: linear drug stages.
        ligands: ligands of the mu stage.
        doses: (time h, entry, nmol); times are moved to the grid.
        hours: length, h.
    """
    steps = round(hours / STEP) + 1
    found: dict[str, Array] = {}
    for drug in drugs:
        p = values(drug)
        names = list(drug.modes)
        added = {name: np.zeros(steps) for name in names}
        for at, entry, amount in doses:
            for name, gain in drug.entries.get(entry, {}).items():
                added[name][round(at / STEP)] += amount * float(p[gain])
        rows = {
            name: _decayed(added[name], float(np.exp(-p[drug.modes[name].rate] * STEP)))
            for name in names
        }
        found |= drug.outputs(np, rows, {}, p)
    stage = mu(ligands, kratom=False)
    p, found["mu_uncoupled"] = values(stage), np.zeros(steps)
    if "mu_recruitment" in stage.gives:
        pull = stage.outputs(np, {}, found, p)["mu_recruitment"]
        keep = float(np.exp(-STEP / values(UNCOUPLING)["time"]))
        found["mu_uncoupled"] = _decayed((1 - keep) * pull, keep)
    return stage.outputs(np, {}, found, p)


def march(stage: Stage, p: Rows, needs: Mapping[str, Array], start: Rows) -> dict[str, Array]:
    """Return a stage's outputs on every second grid point, integrated with its own rates.

    Args:
        stage: a stage with states.
        p: its parameters.
        needs: quantity -> values on the grid, time along the first axis.
        start: state -> value at time zero.
    """
    x = {name: np.asarray(start[name], dtype=float) for name in stage.states}
    width = 2 * STEP
    kept: dict[str, list[Any]] = {quantity: [] for quantity in stage.gives}
    last = len(next(iter(needs.values()))) - 1

    def at(i: int, x: Rows) -> tuple[Rows, Rows]:
        s = {quantity: row[i] for quantity, row in needs.items()}
        given = stage.outputs(np, x, s, p)
        return given, stage.rates(np, x, {**s, **given}, p) if stage.rates else {}

    for i in range(0, last - 1, 2):
        given, k1 = at(i, x)
        for quantity in kept:
            kept[quantity].append(given[quantity])
        _, k2 = at(i + 1, {n: x[n] + 0.5 * width * k1[n] for n in x})
        _, k3 = at(i + 1, {n: x[n] + 0.5 * width * k2[n] for n in x})
        _, k4 = at(i + 2, {n: x[n] + width * k3[n] for n in x})
        x = {n: x[n] + width / 6 * (k1[n] + 2 * k2[n] + 2 * k3[n] + k4[n]) for n in x}
    return {quantity: np.array(row) for quantity, row in kept.items()}


def withdrawal_after(
    signal: Array, *, stop: float, days: float, changed: Mapping[str, Any] | None = None
) -> tuple[Array, dict[str, Array]]:
    """Return hours since the last use and every withdrawal quantity after it.

    Args:
        signal: mu signal on the grid, periodic by the day before ``stop``.
        stop: time of the last use, h; the day before it is the typical day of the history.
        days: length of that history, d.
        changed: record id -> value.
    """
    p = values(ADAPTATION, changed)
    last = round(stop / STEP)
    day = signal[last - round(24 / STEP) : last]
    start = after_history(day, [], hours=STEP, days=days, p=p)
    needs = {"mu_signal": signal[last:]}
    for quiet in ("alpha2_relief", "claimed_withdrawal_relief"):
        needs[quiet] = np.zeros_like(signal[last:])
    states = {name: start[str(s.start)] for name, s in ADAPTATION.states.items()}
    found = march(ADAPTATION, p, needs, states)
    scores = WITHDRAWAL.outputs(np, {}, found, values(WITHDRAWAL, changed))
    return np.arange(len(found["withdrawal"])) * 2 * STEP, {**found, **scores}


def _decayed(added: Array, keep: float) -> Array:
    """A mode that loses a constant share each step and gains ``added``."""
    held, level = np.empty_like(added), 0.0
    for i, amount in enumerate(added):
        level = level * keep + amount
        held[i] = level
    return held
