"""How people with alcohol dependence arrive: what is in the blood, and what the brain is used to.

Somebody who has drunk every day for years is at a periodic steady state. The same equations are
followed through days of usual drinking and from the last drink to time zero. Elimination is taken
implicitly, so that the steps may be long where little alcohol is left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.wiring import Model
from speciosa.exposure.alcohol import elimination
from speciosa.response.drinking import SLOTS

Array = NDArray[np.float64]
Rows = Mapping[str, Any]
Nested = dict[str, dict[str, Any]]
SETTLING_DAYS = 3  # of usual drinking until the blood repeats itself
DAYS_OF_ADAPTATION = 60  # until the brain does, in steps of the usual day
PER_HOUR = 20  # steps
DAY = 24 * PER_HOUR
SINCE = 720  # steps from the last drink to time zero
UNMOVED = ("alcohol_adaptation_start", "hyperexcitability_start")


def come(
    model: Model, table: Mapping[str, Rows], covariates: Rows
) -> tuple[dict[str, Array], Nested]:
    """Return what people usually drink at one time (nmol) and the start of what that has moved.

    Args:
        model: the wired model.
        table: stage -> symbol -> value, from :func:`speciosa.people.parameters.sample`.
        covariates: ``use_dose_alcohol`` (nmol), ``hours_since_last_use`` and
            ``most_of_capacity``, the share of what can be eliminated that people drink at most.

    Returns:
        The covariate ``use_dose_alcohol``, and stage -> state or mode -> row (N,).
    """
    p = table["alcohol"]
    wanted = np.asarray(covariates["use_dose_alcohol"], dtype=float)
    most = covariates["most_of_capacity"] * 24 * p["capacity"] / p["swallowed"] / len(SLOTS)
    dose = np.minimum(wanted, most)
    body, blood = _usual_day(p, dose * p["swallowed"])
    adapted = _adapted(blood, table)
    return {"use_dose_alcohol": dose}, _since(body, adapted, table, covariates)


def _usual_day(p: Rows, drink: Array) -> tuple[dict[str, Array], list[Array]]:
    """Return the body at the last drink of a usual day, and the blood in the day before it."""
    first = np.rint((np.asarray(SLOTS) - SLOTS[-1]) * PER_HOUR).astype(int) % DAY
    body = {name: np.zeros(drink.shape) for name in ("gut", "blood", "tissue")}
    levels: list[Array] = []
    for step in range(SETTLING_DAYS * DAY):
        if step % DAY in first:
            body["gut"] = body["gut"] + drink
        body = _onward(p, body, 1 / PER_HOUR)
        levels = [*levels, body["blood"] / p["central"]][-DAY:]
    return body | {"gut": body["gut"] + drink}, levels


def _onward(p: Rows, body: Mapping[str, Array], hours: Any) -> dict[str, Array]:
    """One implicit step: elimination at the clearance of the moment."""
    left = body["gut"] * np.exp(-p["absorption"] * hours)
    level = body["blood"] / p["central"]
    gone = elimination(np, level, p) / np.maximum(level, 1e-9) / p["central"]
    out, back = p["exchange"] / p["central"] * hours, p["exchange"] / p["peripheral"] * hours
    blood = body["blood"] + body["gut"] - left
    # two linear equations for blood and tissue after the step
    own, other = 1 + gone * hours + out, 1 + back
    after = (blood * other + back * body["tissue"]) / (own * other - out * back)
    return {"gut": left, "blood": after, "tissue": (body["tissue"] + out * after) / other}


def _adapted(levels: list[Array], table: Mapping[str, Rows]) -> Array:
    """Return the adaptation at the last drink, after many usual days."""
    effects = [_effect(level, table) for level in levels]
    total = np.zeros_like(effects[0])
    for effect in effects:
        total = total + effect
    adapted = total / len(effects)
    follow = _follower(table)
    for _ in range(DAYS_OF_ADAPTATION):
        for effect in effects[:: PER_HOUR // 2]:
            adapted = follow(adapted, effect, 0.5)
    return adapted


def _effect(level: Array, table: Mapping[str, Rows]) -> Array:
    return np.asarray(level / (level + table["gaba"]["half"]))


def _follower(table: Mapping[str, Rows]) -> Callable[[Array, Array, Any], Array]:
    p = table["alcohol_adaptation"]

    def follow(adapted: Array, effect: Array, hours: Any) -> Array:
        gap = effect - adapted
        time = np.where(gap > 0, p["gain_time"], p["loss_time"])
        return np.asarray(effect - gap * np.exp(-hours / time))

    return follow


def _since(
    body: dict[str, Array], adapted: Array, table: Mapping[str, Rows], covariates: Rows
) -> Nested:
    """Follow body and brain from the last drink to time zero, when nobody yet attends."""
    hours = np.asarray(covariates["hours_since_last_use"], dtype=float) / SINCE
    lag = table["alcohol_adaptation"]["lag"]
    severe = table.get("complications")
    follow = _follower(table)
    excited, strain = np.zeros_like(adapted), np.zeros_like(adapted)
    for _ in range(SINCE):
        body = _onward(table["alcohol"], body, hours)
        effect = _effect(body["blood"] / table["alcohol"]["central"], table)
        adapted = follow(adapted, effect, hours)
        deficit = np.maximum(adapted - effect, 0.0)
        excited = deficit + (excited - deficit) * np.exp(-hours / lag)
        if severe is not None:
            level = severe["points"] / severe["reference"] * excited
            strain = level + (strain - level) * np.exp(-hours / severe["strain_time"])
    start: Nested = {
        "alcohol": body,
        "alcohol_adaptation": {"adapted": adapted, "excitability": excited, "unrelieved": excited},
    }
    return start | ({"complications": {"strain": strain}} if severe is not None else {})
