"""Hannay, Booth and Forger 2019 (doi:10.1177/0748730419878298): the clock with light only.

Check values C08 to C12: computed twice by others, from the equations and with the Arcascope
package. The single population is the project's clock; the two populations stand here only.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from clockwork import DLMO_PHASE, SCALAR, Rows, march, parameters_of, staged, start_of
from speciosa.response.clock import CLOCK, RETINA

NO_MELATONIN = {"melatonin_plasma": 0.0}


def lived(days: float, light: Callable[[float], Rows]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return times and course of phase and amplitude from 08:00 on, without melatonin."""
    p = parameters_of(CLOCK)
    _, times, seen = march(
        SCALAR, staged((RETINA, CLOCK), (parameters_of(RETINA), p), NO_MELATONIN),
        start_of(CLOCK, p),
        (8.0, 8.0 + 24 * days), light, watch=("phase", "amplitude"),
    )  # fmt: skip
    phase, amplitude = np.array(seen).T
    return times, {"phase": phase, "amplitude": amplitude}


def passages(times: np.ndarray, phase: np.ndarray, at: float) -> np.ndarray:
    """Return the times at which the unwrapped phase passes ``at`` modulo a turn."""
    first, last = (math.ceil((end - at) / (2 * math.pi)) for end in (phase[0], phase[-1]))
    return np.interp(at + 2 * math.pi * np.arange(first, last), phase, times)


@pytest.fixture(scope="module")
def entrained() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    return lived(60, lambda t: {"lux": 150.0 if 7 <= t % 24 < 23 else 0.0})


@pytest.fixture(scope="module")
def free_running() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    return lived(60, lambda t: {"lux": 0.0})


def test_temperature_minimum_in_sixteen_hours_of_room_light(entrained):
    times, course = entrained
    assert passages(times, course["phase"], math.pi)[-1] % 24 == pytest.approx(4.209, abs=0.05)


def test_amplitude_in_sixteen_hours_of_room_light(entrained):
    last_day = entrained[1]["amplitude"][-480:]
    assert last_day.min() == pytest.approx(0.7472, abs=0.001)
    assert last_day.max() == pytest.approx(0.8397, abs=0.001)


def test_amplitude_in_darkness(free_running):
    p = parameters_of(CLOCK)
    closed = (1 - 2 * p["decay"] / (p["coupling"] * math.cos(p["coupling_phase"]))) ** 0.25
    assert closed == pytest.approx(0.7012, abs=0.0001)
    assert free_running[1]["amplitude"][-1] == pytest.approx(closed, abs=0.0001)


def test_period_in_darkness(free_running):
    times, course = free_running
    onsets = passages(times, course["phase"], DLMO_PHASE)
    assert np.diff(onsets)[-1] == pytest.approx(24.180, abs=0.005)


def two_populations(_: float, y: np.ndarray) -> np.ndarray:
    """Ventral and dorsal populations in the dark; parameters of the published table."""
    decay, within_v, within_d, v_to_d, d_to_v = 0.024, 0.05, 0.04, 0.05, 0.01
    rv, rd, pv, pd = y
    apart = pd - pv
    return np.array([
        -decay * rv + within_v / 2 * rv * (1 - rv**4)
        + d_to_v / 2 * rd * (1 - rv**4) * math.cos(apart),
        -decay * rd + within_d / 2 * rd * (1 - rd**4)
        + v_to_d / 2 * rv * (1 - rd**4) * math.cos(apart),
        2 * math.pi / 24.25 + d_to_v / 2 * rd * (rv**3 + 1 / rv) * math.sin(apart),
        2 * math.pi / 24.0 - v_to_d / 2 * rv * (rd**3 + 1 / rd) * math.sin(apart),
    ])  # fmt: skip


def test_two_populations_in_darkness():
    run = solve_ivp(two_populations, (0, 2400), [0.7, 0.7, 0, 0], "DOP853", rtol=1e-10, atol=1e-10)
    rv = run.y[0, -1]
    speed = two_populations(0, run.y[:, -1])[2]
    assert 2 * math.pi / speed == pytest.approx(24.200, abs=0.005)
    assert rv == pytest.approx(0.6863, abs=0.001)
