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


def without_cohort_noise(deltas: np.ndarray, error: float) -> np.ndarray:
    """Draw the effects of worlds together by what chance in a finite cohort adds to their spread.

    A rare event in a cohort of forty is none or 25 per 1000: counted world by world, chance alone
    would often exceed a limit. The mean stays; the variance that the cohorts' own error explains
    is taken away.

    Args:
        deltas: excess harm in each draw.
        error: standard error of one draw's excess that comes from its finite cohort.

    >>> without_cohort_noise(np.array([0.0, 0.0, 0.0, 50.0]), 1e9).tolist()
    [12.5, 12.5, 12.5, 12.5]
    """
    if deltas.size < 2 or not np.isfinite(error):
        return deltas
    spread = float(deltas.var(ddof=1))
    if spread == 0:
        return deltas
    kept = float(np.sqrt(max(spread - error**2, 0.0) / spread))
    return np.asarray(deltas.mean() + kept * (deltas - deltas.mean()))


def harm(record: TrialRecord, endpoint: EndpointSpec, arm: str, standard: str | None) -> Harm:
    """Measure one harm in one arm, beside placebo and one standard-care arm."""
    here = level(record.twins, endpoint, arm)
    placebo = level(record.twins, endpoint, record.control)
    beside = level(record.twins, endpoint, standard) if standard else None
    if arm == record.control:
        excess, low, high, chance = 0.0, 0.0, 0.0, 0.0
    else:
        found = effect(record.twins, endpoint, arm, record.control)
        excess, low, high = found.estimate, found.low, found.high
        deltas = np.asarray(found.deltas)
        if endpoint.kind == "event":
            deltas = without_cohort_noise(deltas, found.monte_carlo_error)
        chance = above_limit(endpoint, deltas)
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


def shown_harms(record: TrialRecord, standard: str | None = None) -> list[Harm]:
    """Measure the harms that are shown in every arm but that no claim is judged by."""
    beside = standard or (record.standard[0] if record.standard else None)
    return [harm(record, endpoint, arm, beside) for endpoint in record.shown for arm in record.arms]


def harm_draws(record: TrialRecord, arm: str, versus: str) -> dict[str, dict[int, float]]:
    """Excess harm of an arm over another, per harm id and draw; events without cohort noise."""
    table = {}
    for endpoint in record.harms:
        means = contrast_by_draw(record.twins, endpoint.id, {arm: 1.0, versus: -1.0}, endpoint.per)
        deltas = means.delta
        if endpoint.kind == "event":
            deltas = without_cohort_noise(deltas, means.monte_carlo_error)
        table[endpoint.id] = dict(zip(means.draw.tolist(), deltas.tolist(), strict=True))
    return table
