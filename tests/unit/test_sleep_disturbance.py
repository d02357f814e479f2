"""Sleep disturbance: it follows withdrawal, and untreated abstinence keeps to the curve."""

from __future__ import annotations

import math

import numpy as np
import pytest

from clockwork import SCALAR, march, parameters_of, staged, start_of
from speciosa.core.dimensions import check_dimensions
from speciosa.response.sleep import SLEEP, SLEEP_MAINTAINED, follow, sleep_disturbance


def untreated(clearing_hours: float = 9.0) -> tuple[np.ndarray, np.ndarray]:
    """Return hours and withdrawal after the last use: the central values of the opioid stage."""
    t = np.arange(0, 31 * 24, 0.05)
    signal = 0.9 * np.exp(-((t / clearing_hours) ** 2))
    quick = slow = 0.9
    held, found = 0.0, []
    for s in signal:
        drive = max(0.0, 0.61 * quick + 0.39 * slow - s)
        found.append(0.57 * drive + 0.43 * held)
        quick += 0.05 * (s - quick) / 72
        slow += 0.05 * (s - slow) / 456
        held += 0.05 * (drive - held) / 15
    return t, np.array(found)


@pytest.mark.parametrize("stage", [SLEEP, SLEEP_MAINTAINED, sleep_disturbance("alcohol")])
def test_dimensions(stage):
    check_dimensions(stage)


def test_untreated_abstinence_keeps_to_the_curve():
    t, withdrawal = untreated()
    p = parameters_of(SLEEP) | {"withdrawal_peak": withdrawal.max()}
    rates = staged((SLEEP,), (p,), {})
    _, times, seen = march(
        SCALAR, rates, start_of(SLEEP, p), (0, 31 * 24),
        lambda now: {"withdrawal": float(np.interp(now, t, withdrawal))},
        watch=("quick", "lasting"),
    )  # fmt: skip
    quick, lasting = np.array(seen).T
    disturbance = p["quick_share"] * quick + (1 - p["quick_share"]) * lasting
    for day in (2, 7, 30):
        curve = 0.72 * math.exp(-day / 10) + 0.28 * math.exp(-day / 120)
        assert np.interp(24 * day, times, disturbance) == pytest.approx(curve, abs=0.1), day


def test_no_withdrawal_lets_sleep_recover():
    p = parameters_of(SLEEP)
    rates = staged((SLEEP,), (p,), {"withdrawal": 0.0})
    x, _, _ = march(SCALAR, rates, start_of(SLEEP, p), (0, 28 * 24), lambda t: {}, step=0.5)
    assert x["quick"] == pytest.approx(0.28 * math.exp(-28 / 5), rel=1e-3)
    assert x["lasting"] == pytest.approx(0.28 * math.exp(-28 / 120), rel=1e-3)


def test_a_prescribed_agonist_sustains_the_methadone_level():
    p = parameters_of(SLEEP_MAINTAINED)
    x = {"quick": 0.28, "lasting": 0.28}
    held = {"withdrawal": 0.0, "mu_signal_prescribed": 1.0}
    assert SLEEP_MAINTAINED.rates(np, x, held, p) == pytest.approx({"quick": 0, "lasting": 0})


def test_follow_has_no_jump_where_it_turns():
    edge = [float(follow(np, 0.5, 0.5 + gap, 2.0, 10.0)) for gap in (-1e-9, 0.0, 1e-9)]
    assert np.ptp(edge) < 1e-8
