"""The two-process model of sleep timing with its classic parameters (C26), and C28.

Parameter set: npj Biological Timing and Sleep 2025 (doi:10.1038/s44323-025-00039-z).
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from clockwork import parameters_of
from speciosa.response.two_process import PARAMETERS, sleep_bouts

CLASSIC = parameters_of(SimpleNamespace(parameters=PARAMETERS))


def test_sleep_settles_to_the_published_timing():
    last = sleep_bouts(CLASSIC, 20)[-1]
    assert last.wake - last.onset == pytest.approx(7.94, abs=0.02)
    assert last.onset % 24 == pytest.approx(13.46, abs=0.02)
    assert last.wake % 24 == pytest.approx(21.40, abs=0.02)


def test_timing_does_not_depend_on_the_start():
    onsets = [
        sleep_bouts(CLASSIC, 30, start=start, pressure=pressure)[-1].onset % 24
        for start, pressure in ((0.0, 0.3), (9.0, 0.2), (18.0, 0.5))
    ]
    assert np.ptp(onsets) < 1e-3


def test_slower_pressure_means_longer_waking():
    slow = sleep_bouts(CLASSIC | {"rhythm": 0.0, "wake_time": 20.0}, 5)[-1]
    fast = sleep_bouts(CLASSIC | {"rhythm": 0.0}, 5)[-1]
    assert slow.wake - slow.onset == pytest.approx(fast.wake - fast.onset, rel=1e-9)
    assert slow.onset > fast.onset
