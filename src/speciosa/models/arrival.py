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

ENTRY = {
    "fentanyl": "fentanyl_intravenous",
    "heroin_morphine": "heroin_intravenous",
    "oxycodone": "oxycodone_oral",
}
DOSE = {"fentanyl": "use_dose_fentanyl", "heroin_morphine": "use_dose_heroin",
        "oxycodone": "use_dose_oxycodone"}
POINTS = 48  # samples of one interval of use, and of the time since the last use
Nested = dict[str, dict[str, Any]]




def arrive(model: Model, table: Mapping[str, Mapping[str, Any]], covariates: Mapping[str, Any]) -> Nested:
    """Return the start of every state that a habit has moved.

    Args:
        model: the wired model.
        table: stage -> symbol -> value, from :func:`speciosa.people.parameters.sample`.
        covariates: ``uses_per_day``, ``hours_since_last_use`` and the doses per use (nmol).

    Returns:
        Stage -> state or mode -> row (N,), to be handed to the engine as start values.
    """
    interval = 24.0 / np.asarray(covariates["uses_per_day"], dtype=float)
    since = np.asarray(covariates["hours_since_last_use"], dtype=float)
    after_use = {
        stage.name: steady_modes(
            _rates(stage, table), _gains(stage, table), covariates[DOSE[stage.name]], interval
        )
        for stage in HABITUAL
    }
    signal_at = _signal(model, table, after_use)
    points = (np.arange(POINTS) + 0.5) / POINTS
    usual = np.stack([signal_at(share * interval) for share in points])
    later = np.stack([signal_at(share * since) for share in points])
    start: Nested = {"adaptation": _adapted(usual, later, interval, since, table["adaptation"])}
    for stage in HABITUAL:
        modes = decayed(after_use[stage.name], _rates(stage, table), since)
        start[stage.name] = {name: modes[i] for i, name in enumerate(stage.modes)}
    return start


def _rates(stage: Stage, table: Mapping[str, Mapping[str, Any]]) -> NDArray[np.float64]:
    return _stacked([table[stage.name][mode.rate] for mode in stage.modes.values()])


def _gains(stage: Stage, table: Mapping[str, Mapping[str, Any]]) -> NDArray[np.float64]:
    symbols = stage.entries[ENTRY[stage.name]]
    return _stacked([table[stage.name][symbols[name]] for name in stage.modes])


def _stacked(rows: list[Any]) -> NDArray[np.float64]:
    return np.stack(np.broadcast_arrays(*(np.atleast_1d(row) for row in rows)))


def _signal(model: Model, table: Mapping[str, Mapping[str, Any]], after_use: Mapping[str, Any]) -> Any:
    """Return the function hours since a use -> mu signal, with no other ligand in the body."""
    mu = next(stage for stage in model.stages if stage.name == "mu")

    def signal_at(hours: NDArray[np.float64]) -> NDArray[np.float64]:
        found: dict[str, Any] = dict.fromkeys(mu.needs, 0.0)
        for stage in HABITUAL:
            modes = decayed(after_use[stage.name], _rates(stage, table), hours)
            x = {name: modes[i] for i, name in enumerate(stage.modes)}
            found.update(stage.outputs(np, x, {}, table[stage.name]))
        return np.asarray(mu.outputs(np, {}, found, table["mu"])["mu_signal"])

    return signal_at


def _adapted(
    usual: NDArray[np.float64],
    later: NDArray[np.float64],
    interval: NDArray[np.float64],
    since: NDArray[np.float64],
    p: Mapping[str, Any],
) -> dict[str, NDArray[np.float64]]:
    """Follow the trackers through one more usual interval and then to time zero (years of use are
    long against the slow tracker, so it starts at the mean signal)."""
    mean = usual.mean(axis=0)
    fast, slow, delayed = mean, mean, np.zeros_like(mean)
    for signals, span in ((usual, interval), (later, since)):
        step = span / POINTS
        for signal in signals:
            adapted = p["fast_weight"] * fast + (1 - p["fast_weight"]) * slow
            drive = np.maximum(adapted - signal, 0.0)
            delayed = drive + (delayed - drive) * np.exp(-step / p["delay"])
            fast = signal + (fast - signal) * np.exp(-step / p["fast_time"])
            slow = signal + (slow - signal) * np.exp(-step / p["slow_time"])
    return {"adapted_fast": fast, "adapted_slow": slow, "drive_delayed": delayed}
