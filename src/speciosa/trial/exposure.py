"""What is read off a cohort's concentrations: peak, time to it, area, half-life, and quantiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speciosa.core.nca import read_profile

Array = NDArray[np.float64]
TAIL_HOURS = (5, 6, 8, 10, 12, 16, 20, 24, 30, 36, 48, 60, 72, 96, 120, 144, 168)
OFTEN = 4.0  # h after a dose in which every sample is read


@dataclass(frozen=True)
class Quantiles:
    """The median over people and where 5 and 95 % of them lie."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(values: ArrayLike) -> Quantiles:
        """Return the quantiles of one value per person; people without a value are left out."""
        known = np.asarray(values, dtype=float)
        known = known[np.isfinite(known)]
        if not known.size:
            return Quantiles(float("nan"), float("nan"), float("nan"))
        low, median, high = np.quantile(known, (0.05, 0.5, 0.95))
        return Quantiles(float(median), float(low), float(high))


@dataclass(frozen=True)
class Exposure:
    """What is read off each person's concentrations of one molecule; every field is (N,).

    Args:
        cmax: highest concentration, nM.
        tmax: hours from the dose before the peak to the peak.
        auc: area under the curve over the whole run, nM h.
        half_life: terminal half-life after the last dose, h; nan where none can be read.
    """

    cmax: Array
    tmax: Array
    auc: Array
    half_life: Array


def exposure(hours: Array, concentrations: Array, dose_hours: Array) -> Exposure:
    """Read a cohort's concentrations of one molecule.

    The half-life is read from samples as a trial would take them: often at first, then hours and
    days apart, as long as a thousandth of the person's peak is there.

    Args:
        hours: sampling times, h, (T,).
        concentrations: nM, (T, N); a person with nan has no reading.
        dose_hours: when it was given, h; empty where that is not known: then ``tmax`` counts
            from time zero and there is no half-life.
    """
    peak = np.argmax(concentrations, axis=0)
    before = np.searchsorted(dose_hours, hours[peak] + 1e-9) - 1
    begun = np.concatenate([dose_hours, [0.0]])  # place -1: before the first dose
    last = dose_hours[-1] if dose_hours.size else np.inf
    after = hours - last
    late = np.flatnonzero(((after >= 0) & (after <= OFTEN)) | np.isin(after, TAIL_HOURS))
    return Exposure(
        cmax=concentrations.max(axis=0),
        tmax=hours[peak] - begun[before],
        auc=np.asarray(np.trapezoid(concentrations, hours, axis=0)),
        half_life=np.array([_half_life(after[late], one[late]) for one in concentrations.T]),
    )


def _half_life(hours: Array, concentrations: Array) -> float:
    if hours.size < 4 or not np.isfinite(concentrations).all() or concentrations.max() <= 0:
        return float("nan")
    return read_profile(
        hours, concentrations, quantification_limit=concentrations.max() / 1000.0
    ).half_life


def over(top: Array, bottom: Array) -> Array:
    """Return a ratio per person; nan where there is nothing to compare with."""
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
