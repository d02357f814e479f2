"""Bedtime and light: habit, phase, limits, the quarter-hour grid."""

from __future__ import annotations

import math

import numpy as np
import pytest

from clockwork import home_light, parameters_of
from speciosa.core.dimensions import check_dimensions
from speciosa.core.stage import Moment
from speciosa.response.bedtime import BEDTIME, LIGHT

TURN = 2 * math.pi
USUAL = 5 * math.pi / 12 - TURN * (23 - 3.4 - 12) / 24.2  # phase at noon that keeps 23:00


def night(phase: object, **changed: float) -> tuple[np.ndarray, np.ndarray]:
    """Return lights out and on, hours after the noon of day 2 (28 h into the study)."""
    p = parameters_of(BEDTIME, {f"sleep.{name}": value for name, value in changed.items()})
    memory, doses = BEDTIME.decide(
        np, Moment(28.0, 12.0, 1), {"circadian_phase": np.asarray(phase)}, {}, (), p
    )
    assert doses == {}
    return memory["lights_out"] - 28.0, memory["lights_on"] - 28.0


def test_dimensions():
    check_dimensions(LIGHT)


def test_entrained_person_keeps_the_habitual_hour():
    assert night(USUAL) == (11.0, 19.0)
    assert night(USUAL + 7 * TURN) == (11.0, 19.0)


def test_later_clock_later_bed_up_to_the_latitude():
    shifts = np.array([-9.0, -2.0, 0.0, 2.0, 9.0])
    out, _ = night(USUAL - TURN * shifts / 24.2)
    assert out.tolist() == [9.5, 10.0, 11.0, 12.0, 12.5]


def test_no_pull_means_habit_alone():
    out, _ = night(np.linspace(0, TURN, 50), bedtime_pull=0.0)
    assert set(out.tolist()) == {11.0}


@pytest.mark.parametrize("habit", [20.5, 23.1, 26.5])
def test_quarter_hours_and_up_by_noon_whatever_the_phase(habit):
    out, on = night(np.linspace(0, TURN, 200), habitual_bedtime=habit)
    assert (np.abs(out * 4 - np.round(out * 4)) < 1e-12).all()
    assert (np.abs(out + 12 - habit) <= 1.5 + 0.125 + 1e-12).all()
    assert (on <= 24.0).all()
    assert (on > out).all()


def test_default_light_is_the_published_home_schedule():
    p = parameters_of(LIGHT)
    hours = np.arange(96) / 4 + 0.125  # middles of the steps, from 08:00 on
    clock = (8 + hours) % 24
    held = {"hours": hours, "clock_hour": clock, "lights_out": 15.0, "lights_on": 23.0}
    given = LIGHT.outputs(np, {}, held, p)
    assert given["lux"].tolist() == [home_light(hour) for hour in clock]
    assert given["asleep"].sum() / 4 == 8.0
    assert (given["lux"][given["asleep"] == 1] == 0).all()
