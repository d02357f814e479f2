"""The clock's parts: dimensions, light, melatonin, where a person starts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from clockwork import DLMO_PHASE, SCALAR, march, parameters_of, staged, start_of
from speciosa.core.dimensions import check_dimensions
from speciosa.response.clock import CLOCK, RETINA, light_rate, melatonin_drive


def drift(light: float, level: float, hours: float = 24.0, **start: float) -> float:
    """Return how far the phase goes in some hours of constant light and melatonin (nM)."""
    p = parameters_of(CLOCK)
    x = start_of(CLOCK, p) | start
    held = {"lux": light, "melatonin_plasma": level}
    end, _, _ = march(
        SCALAR,
        staged((RETINA, CLOCK), (parameters_of(RETINA), p), {}),
        x,
        (0, hours),
        lambda t: held,
    )
    return end["phase"] - x["phase"]


def test_dimensions():
    check_dimensions(RETINA)
    check_dimensions(CLOCK)


def test_light_rate_saturates_and_is_zero_in_the_dark():
    p = parameters_of(RETINA)
    assert light_rate(np.array([0.0, 1e9]), p) == pytest.approx([0.0, 3.0], rel=1e-6)
    published = 60 * 0.05 * 150**1.5 / (150**1.5 + 9325)
    assert light_rate(150.0, p) == pytest.approx(published, rel=1e-12)


def test_melatonin_drive_is_half_at_its_half_level():
    p = parameters_of(CLOCK)
    assert melatonin_drive(np, 0.216, p) == pytest.approx(0.5 * 0.019513)
    assert melatonin_drive(np, 0.0, p) < 1e-8
    assert melatonin_drive(np, 50.0, p) == pytest.approx(0.019513)


@pytest.mark.parametrize(("phase", "sign"), [(math.pi + 1.0, 1), (math.pi - 1.5, -1)])
def test_light_after_the_temperature_minimum_advances_and_before_it_delays(phase, sign):
    lit, dark = (drift(lux, 0.0, hours=3.0, phase=phase) for lux in (1000.0, 0.0))
    assert sign * (lit - dark) > 0.02


@pytest.mark.parametrize(("after_onset", "sign"), [(18.0, 1), (10.0, -1)])
def test_melatonin_before_onset_advances_and_in_the_morning_delays(after_onset, sign):
    phase = DLMO_PHASE + after_onset * 2 * math.pi / 24.2
    given, none = (drift(0.0, level, hours=4.0, phase=phase) for level in (1.0, 0.0))
    assert sign * (given - none) > 0.01


def test_late_sleepers_start_at_an_earlier_phase():
    usual, late = (
        parameters_of(CLOCK, {"sleep.habitual_bedtime": hour})["phase_of_person"]
        for hour in (23.0, 25.0)
    )
    assert usual == parameters_of(CLOCK)["phase_at_start"]
    assert usual - late == pytest.approx(2 * 2 * math.pi / 24.2)
