"""The circadian clock: one phase and one amplitude, pushed by light and by melatonin.

The single-population reduction of Hannay, Booth and Forger (2019) with the light process of
Kronauer and, as in Stowe (2025), a second push of the same form by plasma melatonin. DLMO is at
phase 5 pi/12, the temperature minimum at pi. The melatonin term has the rescaled constants that go
with this project's melatonin exposure; the published ones go with the published exposure only.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from speciosa.core.stage import Parameter, Row, Rows, Stage, State

DLMO_PHASE = 5 * math.pi / 12


def light_rate(lux: Row, p: Rows) -> Row:
    """Return the rate at which light activates the photoreceptor process, 1/h.

    Args:
        lux: illuminance at the eye, lux.
        p: ``activation`` (1/h), ``half_light`` (lux) and ``light_power`` (1).

    Example:
        >>> light_rate(443.0, {"activation": 3.0, "half_light": 443.0, "light_power": 1.5})
        1.5
    """
    relative = (lux / p["half_light"]) ** p["light_power"]
    return p["activation"] * relative / (1 + relative)


def amplitude_push(xp: Any, amplitude: Row, phase: Row, push: tuple[Row, ...]) -> Row:
    """Return the push on the amplitude per unit of drive: ``(a1, t1, a2, t2)`` of the harmonics."""
    first, first_phase, second, second_phase = push
    one = 0.5 * first * (1 - amplitude**4) * xp.cos(phase + first_phase)
    two = 0.5 * second * amplitude * (1 - amplitude**8) * xp.cos(2 * phase + second_phase)
    return one + two


def phase_push(xp: Any, amplitude: Row, phase: Row, drift: Row, push: tuple[Row, ...]) -> Row:
    """Return the push on the phase per unit of drive: a drift and the two harmonics."""
    first, first_phase, second, second_phase = push
    one = 0.5 * first * (amplitude**3 + 1 / amplitude) * xp.sin(phase + first_phase)
    two = 0.5 * second * (1 + amplitude**8) * xp.sin(2 * phase + second_phase)
    return drift - one - two


def melatonin_drive(xp: Any, concentration: Row, p: Rows) -> Row:
    """Return the drive of total plasma melatonin (nM) on the clock, 1/h: a steep saturation."""
    above = (concentration - p["melatonin_half"]) / p["melatonin_slope"]
    return p["melatonin_maximum"] * 0.5 * (1 + xp.tanh(0.5 * above))


def _light_push(p: Rows) -> tuple[Row, ...]:
    return p["light_first"], p["light_first_phase"], p["light_second"], p["light_second_phase"]


def _melatonin_push(p: Rows) -> tuple[Row, ...]:
    scale = p["melatonin_scale"]
    first, second = scale * p["melatonin_first"], scale * p["melatonin_second"]
    return first, p["melatonin_first_phase"], second, p["melatonin_second_phase"]


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    drive = p["light_gain"] * (1 - x["adapted"]) * light_rate(s["lux"], p)
    return {"circadian_phase": x["phase"], "light_drive": drive}


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    amplitude, phase = x["amplitude"], x["phase"]
    light, melatonin = s["light_drive"], melatonin_drive(xp, s["melatonin_plasma"], p)
    light_push, melatonin_push = _light_push(p), _melatonin_push(p)
    coupling, tilt = 0.5 * p["coupling"], p["coupling_phase"]
    drift = p["melatonin_scale"] * p["melatonin_drift"]
    power = amplitude**4
    return {
        "amplitude": coupling * xp.cos(tilt) * amplitude * (1 - power)
        - p["decay"] * amplitude
        + light * amplitude_push(xp, amplitude, phase, light_push)
        + melatonin * amplitude_push(xp, amplitude, phase, melatonin_push),
        "phase": p["speed"]
        + coupling * xp.sin(tilt) * (1 + power)
        + light * phase_push(xp, amplitude, phase, p["light_drift"], light_push)
        + melatonin * phase_push(xp, amplitude, phase, drift, melatonin_push),
        "adapted": light_rate(s["lux"], p) * (1 - x["adapted"]) - p["recovery"] * x["adapted"],
    }


def _derive(p: Rows) -> dict[str, Row]:
    speed = 2 * math.pi / np.asarray(p["period"])
    late = p["habitual_bedtime"] - p["bedtime_at_start"]
    return {
        "speed": speed,
        "phase_of_person": p["phase_at_start"] - 2 * math.pi / p["predicted_period"] * late,
    }


CLOCK = Stage(
    name="clock",
    needs={"lux": "lux", "melatonin_plasma": "nM"},
    gives={"circadian_phase": "rad", "light_drive": "1/h"},
    outputs=_outputs,
    direct=("lux",),
    rates=_rates,
    states={
        "amplitude": State("1", 1.0, "amplitude_at_start"),
        "phase": State("rad", 2 * math.pi, "phase_of_person"),
        "adapted": State("1", 1.0, "adapted_at_start"),
    },
    parameters={
        "period": Parameter("clock.period", "h"),
        "coupling": Parameter("clock.coupling", "1/h"),
        "coupling_phase": Parameter("clock.coupling_phase", "rad"),
        "decay": Parameter("clock.decay", "1/h"),
        "light_first": Parameter("clock.light_first", "1"),
        "light_first_phase": Parameter("clock.light_first_phase", "rad"),
        "light_second": Parameter("clock.light_second", "1"),
        "light_second_phase": Parameter("clock.light_second_phase", "rad"),
        "light_drift": Parameter("clock.light_drift", "1"),
        "light_gain": Parameter("clock.light_gain", "1"),
        "light_power": Parameter("clock.light_power", "1"),
        "half_light": Parameter("clock.half_light", "lux"),
        "activation": Parameter("clock.light_activation", "1/h"),
        "recovery": Parameter("clock.light_recovery", "1/h"),
        "melatonin_maximum": Parameter("clock.melatonin_maximum", "1/h"),
        "melatonin_half": Parameter("clock.melatonin_half", "nM"),
        "melatonin_slope": Parameter("clock.melatonin_slope", "nM"),
        "melatonin_scale": Parameter("clock.melatonin_scale", "1"),
        "melatonin_first": Parameter("clock.melatonin_first", "1"),
        "melatonin_first_phase": Parameter("clock.melatonin_first_phase", "rad"),
        "melatonin_second": Parameter("clock.melatonin_second", "1"),
        "melatonin_second_phase": Parameter("clock.melatonin_second_phase", "rad"),
        "melatonin_drift": Parameter("clock.melatonin_drift", "1"),
        "amplitude_at_start": Parameter("clock.amplitude_at_start", "1"),
        "adapted_at_start": Parameter("clock.adapted_at_start", "1"),
        "phase_at_start": Parameter("clock.phase_at_start", "rad"),
        "bedtime_at_start": Parameter("clock.bedtime_at_start", "h"),
        "predicted_period": Parameter("clock.predicted_period", "h"),
        "habitual_bedtime": Parameter("sleep.habitual_bedtime", "h"),
    },
    derive=_derive,
    derived={"speed": "rad/h", "phase_of_person": "rad"},
)
