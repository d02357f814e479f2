"""Trials in people with chronic insomnia: the night's scores with a steady disturbance of sleep.

The read-out of a night is additive in the logit of sleep efficiency and in the logarithm of the
latency, so what was simulated in people who sleep well says what the same night is with the
disturbance that brings the usual efficiency down to an insomnia's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.symptom.sleep import MORNING, pittsburgh_index

Array = NDArray[np.float64]
INSOMNIA = "insomnia"  # the setting
SCORES = ("sleep_efficiency", "sleep_onset_latency", "total_sleep_time", "psqi")
NEEDED = SCORES[:3]
START = "sleep.insomnia_efficiency"
RECORDS = (START, *(parameter.record for parameter in MORNING.parameters.values()))


def of_insomnia(name: str, night: Mapping[str, Array], constants: Mapping[str, float]) -> Array:
    """Return a score of nights as somebody with chronic insomnia would have had them.

    Args:
        name: one of ``SCORES``.
        night: ``NEEDED``, as simulated without insomnia, in the unit of the model.
        constants: record id -> value, for every id of ``RECORDS``.

    >>> known = dict.fromkeys(RECORDS, 1.0) | {
    ...     START: 0.72, "sleep.usual_efficiency": 0.88, "sleep.opioid_efficiency_slope": 2.0,
    ...     "sleep.latency_slope": 1.2, "sleep.longest_latency": 180.0}
    >>> night = {"sleep_efficiency": 0.88, "sleep_onset_latency": 15.0, "total_sleep_time": 422.4}
    >>> [round(float(of_insomnia(score, night, known)), 2) for score in NEEDED]
    [0.72, 28.13, 345.6]
    """
    p = {symbol: constants[one.record] for symbol, one in MORNING.parameters.items()}
    lost = _logit(p["usual_efficiency"]) - _logit(constants[START])
    before = np.asarray(night["sleep_efficiency"], dtype=float)
    efficiency = 1 / (1 + np.exp(lost - _logit(before)))
    longer = np.exp(p["latency_slope"] * lost / p["efficiency_slope"])
    latency = np.minimum(night["sleep_onset_latency"] * longer, p["longest_latency"])
    asleep = night["total_sleep_time"] * efficiency / before
    index = pittsburgh_index(np, p, asleep=asleep, latency=latency)
    found = dict(zip(SCORES, (efficiency, latency, asleep, index), strict=True))
    return np.asarray(found[name])


def _logit(share: Any) -> Any:
    return np.log(share / (1 - share))


def insomnia_needs(setting: str, names: Iterable[str]) -> set[str]:
    """Return what else must be sampled for the scores of a trial in people with insomnia."""
    asked = setting.strip().lower() == INSOMNIA and any(name in SCORES for name in names)
    return set(NEEDED) if asked else set()
