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
PARTS = ("first_cos", "first_sin", "second_cos", "second_sin")


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


def pushes(
    amplitude: Row, cosine: Row, sine: Row, drift: Row, harmonics: tuple[Row, ...]
) -> tuple[Row, Row]:
    """Return the push on the amplitude and on the phase per unit of drive.

    Hannay's terms ``a cos(psi + t)`` and ``a sin(psi + t)`` of both harmonics, with the constants
    taken apart (``a cos t``, ``a sin t``) so that one cosine and one sine of the phase serve all.

    Args:
        amplitude: R, dimensionless.
        cosine, sine: of the phase.
        drift: push on the phase at every phase.
        harmonics: ``(a1 cos t1, a1 sin t1, a2 cos t2, a2 sin t2)``.

    Example:
        >>> import math
        >>> turned = pushes(1.0, math.cos(0.4), math.sin(0.4), 0.0, (1.0, 0.0, 0.0, 0.0))
        >>> turned == (0.0, -math.sin(0.4))
        True
    """
    first_cos, first_sin, second_cos, second_sin = harmonics
    cosine_two, sine_two = cosine * cosine - sine * sine, 2 * sine * cosine
    fourth = amplitude**4
    eighth = fourth * fourth
    on_amplitude = 0.5 * (1 - fourth) * (first_cos * cosine - first_sin * sine) + (
        0.5 * amplitude * (1 - eighth) * (second_cos * cosine_two - second_sin * sine_two)
    )
    on_phase = drift - (
        0.5 * (amplitude**3 + 1 / amplitude) * (first_cos * sine + first_sin * cosine)
        + 0.5 * (1 + eighth) * (second_cos * sine_two + second_sin * cosine_two)
    )
    return on_amplitude, on_phase


def melatonin_drive(xp: Any, concentration: Row, p: Rows) -> Row:
    """Return the drive of total plasma melatonin (nM) on the clock, 1/h: a steep saturation."""
    above = (concentration - p["melatonin_half"]) / p["melatonin_slope"]
    return p["melatonin_maximum"] * 0.5 * (1 + xp.tanh(0.5 * above))


def _harmonics(p: Rows, drive: str) -> tuple[Row, ...]:
    return tuple(p[f"{drive}_{part}"] for part in PARTS)


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {
        "circadian_phase": x["phase"],
        "circadian_cosine": xp.cos(x["phase"]),
        "circadian_sine": xp.sin(x["phase"]),
        "light_drive": p["light_gain"] * (1 - x["adapted"]) * s["light_activation"],
    }


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    amplitude, cosine, sine = x["amplitude"], s["circadian_cosine"], s["circadian_sine"]
    light, melatonin = s["light_drive"], melatonin_drive(xp, s["melatonin_plasma"], p)
    lit = pushes(amplitude, cosine, sine, p["light_drift"], _harmonics(p, "light"))
    dosed = pushes(amplitude, cosine, sine, p["drift"], _harmonics(p, "melatonin"))
    power = amplitude**4
    return {
        "amplitude": p["coupling_cos"] * amplitude * (1 - power)
        - p["decay"] * amplitude
        + light * lit[0]
        + melatonin * dosed[0],
        "phase": p["speed"]
        + p["coupling_sin"] * (1 + power)
        + light * lit[1]
        + melatonin * dosed[1],
        "adapted": s["light_activation"] * (1 - x["adapted"]) - p["recovery"] * x["adapted"],
    }


def _derive(p: Rows) -> dict[str, Row]:
    speed = 2 * math.pi / np.asarray(p["period"])
    late = p["habitual_bedtime"] - p["bedtime_at_start"]
    found = {
        "speed": speed,
        "phase_of_person": p["phase_at_start"] - 2 * math.pi / p["predicted_period"] * late,
        "drift": p["melatonin_scale"] * p["melatonin_drift"],
        "coupling_cos": 0.5 * p["coupling"] * np.cos(p["coupling_phase"]),
        "coupling_sin": 0.5 * p["coupling"] * np.sin(p["coupling_phase"]),
    }
    for drive, scale in (("light", 1), ("melatonin", p["melatonin_scale"])):
        for harmonic in ("first", "second"):
            size, turn = scale * p[f"{drive}_{harmonic}"], p[f"{drive}_{harmonic}_phase"]
            found[f"{drive}_{harmonic}_cos"] = size * np.cos(turn)
            found[f"{drive}_{harmonic}_sin"] = size * np.sin(turn)
    return found


# A stage of its own because light is constant within a step: the engine computes it once a step.
RETINA = Stage(
    name="retina",
    needs={"lux": "lux"},
    gives={"light_activation": "1/h"},
    outputs=lambda xp, x, s, p: {"light_activation": light_rate(s["lux"], p)},
    direct=("lux",),
    parameters={
        "light_power": Parameter("clock.light_power", "1"),
        "half_light": Parameter("clock.half_light", "lux"),
        "activation": Parameter("clock.light_activation", "1/h"),
    },
)

CLOCK = Stage(
    name="clock",
    needs={"light_activation": "1/h", "melatonin_plasma": "nM"},
    gives={
        "circadian_phase": "rad",
        "circadian_cosine": "1",
        "circadian_sine": "1",
        "light_drive": "1/h",
    },
    outputs=_outputs,
    direct=("light_activation",),
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
    # the drive's switch is 0.013 nM wide: a swallowed dose crosses it within a minute
    steep={"melatonin_plasma": (0.02, 0.25)},
    derive=_derive,
    derived={
        "speed": "rad/h",
        "phase_of_person": "rad",
        "drift": "1",
        "coupling_cos": "1/h",
        "coupling_sin": "1/h",
        **{f"{drive}_{part}": "1" for drive in ("light", "melatonin") for part in PARTS},
    },
)
