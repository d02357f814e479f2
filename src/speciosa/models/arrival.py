"""How a person arrives: the drug still in the body, and what the brain has adapted to.

Somebody who has used several times a day for years is at a periodic steady state. From there the
same exposure, receptor and adaptation equations are followed from the last use to time zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.linear_drug import decayed, steady_modes
from speciosa.core.stage import Stage
from speciosa.core.wiring import Model
from speciosa.models.opioid import HABITUAL
from speciosa.models.taken import ALONE, Taken
from speciosa.response.adaptation import onset

ENTRY = {
    "fentanyl": "fentanyl_intravenous",
    "heroin_morphine": "heroin_intravenous",
    "oxycodone": "oxycodone_oral",
}
DOSE = {
    "fentanyl": "use_dose_fentanyl",
    "heroin_morphine": "use_dose_heroin",
    "oxycodone": "use_dose_oxycodone",
}
ROUNDS = 4  # a lower dose means less tolerance, so the usual dose is lowered again
POINTS = 48  # samples of one interval of use, and of the time since the last use
EARLY = np.geomspace(0.02, 6.0, 40)  # h after a use, where breathing is lowest
Nested = dict[str, dict[str, Any]]


def come(
    model: Model, table: Mapping[str, Mapping[str, Any]], covariates: Mapping[str, Any]
) -> tuple[dict[str, NDArray[np.float64]], Nested]:
    """Return the usual doses that people bear (nmol) and the start of every state they moved.

    Args:
        model: the wired model.
        table: stage -> symbol -> value; the decision to take a drug has its doses from here too.
        covariates: as for :func:`bearable` and :func:`arrive`.
    """
    usual = bearable(table, covariates)
    return usual, arrive(table, {**covariates, **usual})


def bearable(
    table: Mapping[str, Mapping[str, Any]], covariates: Mapping[str, Any]
) -> dict[str, NDArray[np.float64]]:
    """Return the usual doses, lowered where years of use would not have been survived.

    Somebody who has used daily for years takes doses that stay well under what would stop their
    breathing while tolerance is full: the dose that brings them to low ventilation lies at least
    ``usual_dose_margin`` spreads of a street dose above it. Concentrations grow in proportion to
    the dose, so with drive ``E(f) = f a/(1 + f b)`` the factor ``f`` that reaches a drive has a
    closed form.

    Args:
        table: stage -> symbol -> value.
        covariates: ``uses_per_day``, ``usual_dose_margin``, ``street_dose_spread`` and the
            doses per use (nmol).

    Returns:
        The covariates ``use_dose_<drug>``, nmol, rows (N,).
    """
    doses = {name: np.asarray(covariates[name], dtype=float) for name in DOSE.values()}
    if "breathing" not in table:
        return doses
    margin = np.exp(covariates["usual_dose_margin"] * covariates["street_dose_spread"])
    for _ in range(ROUNDS):
        factor = _reach(table, {**covariates, **doses}) / margin
        doses = {name: row * np.minimum(1.0, factor) for name, row in doses.items()}
    return doses


def _reach(
    table: Mapping[str, Mapping[str, Any]], covariates: Mapping[str, Any]
) -> NDArray[np.float64]:
    """Return by how much usual doses could grow until breathing is low after one of them."""
    interval = 24.0 / np.asarray(covariates["uses_per_day"], dtype=float)
    used = _used(table, _after_use(table, covariates, interval))
    usual, _ = _followed(used, table, interval)
    p = table["breathing"]
    occupied = (1 - p["low"]) / p["depression_maximum"]
    tolerance = 1 + p["tolerance_gain"] * _mean(usual)
    odds = p["half_odds"] * tolerance * occupied / np.maximum(1 - occupied, 0.0)
    limit = odds / (1 + odds)
    factor = np.full(interval.shape, np.inf)
    for hours in EARLY:
        found = _receptor(table, _concentrations(used, np.minimum(hours, interval)))
        free = 1 - found["mu_occupancy"]
        above = (found["mu_agonist_drive"] - limit * found["mu_occupancy"]) / free
        factor = np.fmin(factor, limit / np.where(above > 0, above, np.nan))
    return factor


def arrive(table: Mapping[str, Mapping[str, Any]], covariates: Mapping[str, Any]) -> Nested:
    """Return the start of every state that a habit has moved.

    Args:
        table: stage -> symbol -> value, from :func:`speciosa.people.parameters.sample`.
        covariates: ``uses_per_day``, ``hours_since_last_use`` and the doses per use (nmol).

    Returns:
        Stage -> state or mode -> row (N,), to be handed to the engine as start values.
    """
    interval = 24.0 / np.asarray(covariates["uses_per_day"], dtype=float)
    since = np.asarray(covariates["hours_since_last_use"], dtype=float)
    after_use = _after_use(table, covariates, interval)
    used = _used(table, after_use)
    usual, level = _followed(used, table, interval)
    later, uncoupled = _followed(used, table, since, level)
    start: Nested = {"adaptation": _adapted(usual, later, interval, since, table["adaptation"])}
    start["uncoupling"] = {"uncoupled": uncoupled}
    for stage in HABITUAL:
        modes = decayed(after_use[stage.name], _rates(stage, table), since)
        start[stage.name] = {name: modes[i] for i, name in enumerate(stage.modes)}
    return start


_TIMES = ("delay", "fast_time", "slow_time")
_SHARES = (np.arange(POINTS) + 0.5) / POINTS


def _after_use(
    table: Mapping[str, Mapping[str, Any]],
    covariates: Mapping[str, Any],
    interval: NDArray[np.float64],
) -> dict[str, NDArray[np.float64]]:
    """Return the modes of each drug just after a usual use, after years of them."""
    return {
        stage.name: steady_modes(
            _rates(stage, table), _gains(stage, table), covariates[DOSE[stage.name]], interval
        )
        for stage in HABITUAL
    }


def _rates(stage: Stage, table: Mapping[str, Mapping[str, Any]]) -> NDArray[np.float64]:
    return _stacked([table[stage.name][mode.rate] for mode in stage.modes.values()])


def _gains(stage: Stage, table: Mapping[str, Mapping[str, Any]]) -> NDArray[np.float64]:
    symbols = stage.entries[ENTRY[stage.name]]
    return _stacked([table[stage.name][symbols[name]] for name in stage.modes])


def _stacked(rows: list[Any]) -> NDArray[np.float64]:
    return np.stack(np.broadcast_arrays(*(np.atleast_1d(row) for row in rows)))


def _used(
    table: Mapping[str, Mapping[str, Any]], after_use: Mapping[str, NDArray[np.float64]]
) -> list[Taken]:
    """Return each drug in those who use it."""
    return [
        Taken.of(stage, table[stage.name], after_use[stage.name], _rates(stage, table))
        for stage in HABITUAL
    ]


def _concentrations(used: list[Taken], hours: NDArray[np.float64]) -> dict[str, Any]:
    """Return what each drug's concentrations are some hours after a use."""
    return {name: row for drug in used for name, row in drug.after(hours).items()}


def _receptor(
    table: Mapping[str, Mapping[str, Any]], drugs: Mapping[str, Any], uncoupled: Any = 0.0
) -> dict[str, Any]:
    """Return the receptor at some concentrations, of which a share is uncoupled."""
    return ALONE.outputs(np, {}, {**drugs, "mu_uncoupled": uncoupled}, table["mu"])


def _followed(
    used: list[Taken],
    table: Mapping[str, Mapping[str, Any]],
    hours: NDArray[np.float64],
    level: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mu signal from a use until so many hours later, (POINTS, N), and the receptors
    that are uncoupled then.

    Args:
        used: the drugs just after the use.
        table: stage -> symbol -> value.
        hours: how long, (N,).
        level: receptors uncoupled at the use; by default as after years of uses so far apart.
    """
    time = table["uncoupling"]["time"]
    moments = [_concentrations(used, share * hours) for share in _SHARES]
    # what recruits does not hang on what is uncoupled, so that its periodic steady state is a sum
    recruited = [_receptor(table, drugs)["mu_recruitment"] for drugs in moments]
    kept = np.exp(-hours / POINTS / time)
    if level is None:
        level = np.zeros_like(hours)
        for pull in recruited:
            level = pull + (level - pull) * kept
        level = level / -np.expm1(-hours / time)
    signals, half = [], np.sqrt(kept)
    for drugs, pull in zip(moments, recruited, strict=True):
        middle = pull + (level - pull) * half
        signals.append(_receptor(table, drugs, middle)["mu_signal"])
        level = pull + (level - pull) * kept
    return np.stack(signals), level


def _mean(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over time, added row by row: NumPy's own depends on the number of people."""
    total = np.zeros_like(rows[0])
    for row in rows:
        total = total + row
    return total / len(rows)


def _adapted(
    usual: NDArray[np.float64],
    later: NDArray[np.float64],
    interval: NDArray[np.float64],
    since: NDArray[np.float64],
    p: Mapping[str, Any],
) -> dict[str, NDArray[np.float64]]:
    """Follow the trackers through one more usual interval and then to time zero (years of use are
    long against the slow tracker, so it starts at the mean signal)."""
    mean = _mean(usual)
    fast, slow, delayed = mean, mean, np.zeros_like(mean)
    for signals, span in ((usual, interval), (later, since)):
        kept = {name: np.exp(-span / POINTS / p[name]) for name in _TIMES}
        for signal in signals:
            adapted = p["fast_weight"] * fast + (1 - p["fast_weight"]) * slow
            drive = onset(np, adapted - signal, p["onset_width"])
            delayed = drive + (delayed - drive) * kept["delay"]
            fast = signal + (fast - signal) * kept["fast_time"]
            slow = signal + (slow - signal) * kept["slow_time"]
    return {"adapted_fast": fast, "adapted_slow": slow, "drive_delayed": delayed}
