"""Harms, arm by arm, measured and shown like benefits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from speciosa.verdict.effect import EndpointSpec, contrast_by_draw, effect, level
from speciosa.verdict.record import TrialRecord

_TIE = 1e-9


@dataclass(frozen=True)
class Harm:
    """One harm in one arm beside placebo and standard care.

    ``estimate``, ``low`` and ``high`` are the level in the arm; ``excess`` is the twin difference
    from placebo; ``probability_above_limit`` the share of draws whose excess harm is above
    ``limit``.
    """

    endpoint: str
    label: str
    unit: str
    better: str
    per: float
    arm: str
    estimate: float
    low: float
    high: float
    placebo_estimate: float
    standard_arm: str | None
    standard_estimate: float | None
    excess: float
    excess_low: float
    excess_high: float
    limit: float
    probability_above_limit: float


def above_limit(endpoint: EndpointSpec, deltas: np.ndarray) -> float:
    """Share of draws in which the excess harm is above the limit.

    >>> od = EndpointSpec("od", "Overdose", "per 1000", "lower", 5, "event", False, 1000)
    >>> above_limit(od, np.array([0.0, 4.0, 6.0, 5.0]))
    0.25
    """
    if deltas.size == 0:
        return float("nan")
    worsening = -endpoint.improvement(deltas)
    return float(np.mean(worsening > endpoint.judged_limit * (1 + _TIE)))


def harm(record: TrialRecord, endpoint: EndpointSpec, arm: str, standard: str | None) -> Harm:
    """Measure one harm in one arm, beside placebo and one standard-care arm."""
    here = level(record.subjects, endpoint, arm)
    placebo = level(record.subjects, endpoint, record.control)
    beside = level(record.subjects, endpoint, standard) if standard else None
    if arm == record.control:
        excess, low, high, chance = 0.0, 0.0, 0.0, 0.0
    else:
        found = effect(record.subjects, endpoint, arm, record.control)
        excess, low, high = found.estimate, found.low, found.high
        chance = above_limit(endpoint, np.asarray(found.deltas))
    return Harm(
        endpoint=endpoint.id,
        label=endpoint.label,
        unit=endpoint.unit,
        better=endpoint.better,
        per=endpoint.per,
        arm=arm,
        estimate=here.estimate,
        low=here.low,
        high=here.high,
        placebo_estimate=placebo.estimate,
        standard_arm=standard,
        standard_estimate=beside.estimate if beside else None,
        excess=excess,
        excess_low=low,
        excess_high=high,
        limit=endpoint.judged_limit,
        probability_above_limit=chance,
    )


def harms(record: TrialRecord, arms: tuple[str, ...], standard: str | None = None) -> list[Harm]:
    """Measure every harm of the protocol in the given arms."""
    beside = standard or (record.standard[0] if record.standard else None)
    return [harm(record, endpoint, arm, beside) for endpoint in record.harms for arm in arms]


def harm_draws(record: TrialRecord, arm: str, versus: str) -> dict[str, dict[int, float]]:
    """Excess harm of an arm over another, per harm id and draw."""
    table = {}
    for endpoint in record.harms:
        means = contrast_by_draw(
            record.subjects, endpoint.id, {arm: 1.0, versus: -1.0}, endpoint.per
        )
        table[endpoint.id] = dict(zip(means.draw.tolist(), means.delta.tolist(), strict=True))
    return table
