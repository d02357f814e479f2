"""Stowe, Duston, Robinson and Diniz Behn 2025 (J Pineal Res 77:e70056): the clock with melatonin.

C13 to C19 put the published melatonin exposure, which stands here only, onto the project's clock
with the published constants. C29 to C32 join the clock to the project's own melatonin: with the
published constants, then with the rescaled ones that its exposure needs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from clockwork import (
    PICOGRAM,
    SCALAR,
    Row,
    Rows,
    decays_of,
    home_light,
    march,
    onset,
    parameters_of,
    records,
    staged,
    start_of,
    three_pulse_light,
)  # fmt: skip
from speciosa.exposure.melatonin import MELATONIN
from speciosa.response.clock import CLOCK, RETINA

PUBLISHED = {
    "clock.melatonin_half": 301.0,
    "clock.melatonin_slope": 17.5,
    "clock.melatonin_scale": 1.0,
    "clock.period": 2 * math.pi / 0.263524,
}
PER_PMOL = 0.23228  # pg/mL in one pmol/L
PINEAL_OUT, PLASMA_OUT, GUT_OUT = 2.819, 1.206, 0.5832
DELAYS = np.arange(24.0)
# individual shifts: hours after onset (rounded), h; digitised from the papers by the authors
BURGESS_2008 = (
    (0, -0.43), (0, -0.08), (2, 0.45), (3, 0.78), (4, -0.17), (4, 0.08), (7, -0.37), (10, -0.55),
    (10, -1.17), (11, -2.69), (11, -1.02), (11, -1.78), (12, -1.37), (12, -1.05), (13, -0.43),
    (13, 0.35), (15, -0.62), (16, 1.0), (17, -0.32), (17, 1.58), (18, 2.6), (19, 1.09),
    (19, 2.18), (21, 1.66), (22, 0.6), (22, 1.68), (23, 1.63),
)  # fmt: skip
BURGESS_2010 = (
    (0, 1.2), (1, -0.5), (2, -1.5), (2, -1.2), (2, 0.7), (3, -0.1), (5, -1.0), (6, -0.6), (7, 0.9),
    (7, 1.2), (8, -1.2), (10, -1.1), (10, 0.9), (11, -1.8), (11, -1.8), (12, -0.3), (12, -1.2),
    (13, -0.9), (13, -0.7), (13, -1.3), (16, -0.9), (17, -0.3), (19, 0.7), (19, 1.4), (20, 1.7),
    (20, 0.7), (21, 2.7), (21, 2.9), (21, -0.2), (21, 0.8), (22, 2.5), (22, 1.0), (23, 0.9),
    (23, 1.0),
)  # fmt: skip


def published(changed: dict[str, float] | None = None) -> Any:
    """Return the rates of the clock with the published melatonin exposure (pmol/L)."""
    p = parameters_of(CLOCK, PUBLISHED | (changed or {}))
    eye = parameters_of(RETINA, PUBLISHED | (changed or {}))

    def rates(xp: Any, x: Rows, s: Rows) -> Rows:
        s = s | RETINA.outputs(xp, {}, s, eye)
        clock = CLOCK.outputs(xp, x, s, p)
        phase, light = x["phase"] % (2 * math.pi), 1 - 4.7887 * clock["light_drive"]
        inside = (phase > 1.2566) & (phase < 3.6128)
        fading = xp.exp(-15.36 * ((x["phase"] - 3.6128) % (2 * math.pi)))
        gate = xp.where((light < 0) & (x["pineal"] < 0.001), 0.0, light)
        made = 363.6 * xp.where(inside, 1.0, fading) * gate
        held = s | clock | {"melatonin_plasma": x["plasma"] * 1e-3}
        return CLOCK.rates(xp, x, held, p) | {
            "pineal": -PINEAL_OUT * x["pineal"] + made,
            "plasma": PINEAL_OUT * x["pineal"] - PLASMA_OUT * x["plasma"] + GUT_OUT * x["gut"],
            "gut": -GUT_OUT * x["gut"] + s.get("dose", 0.0),
        }

    return rates


def dose_rate(after: Row, milligrams: Row) -> Row:
    """Return the published input (pmol/L/h) at ``after`` hours from a dose."""
    d = milligrams
    peak = np.where(d > 0, 962.48 * d**3 - 6316.5 * d**2 + 66719 * d + 1975.9, 0.0)
    return np.where(np.abs(after - 0.1) < 0.3, peak * np.exp(-((after - 0.1) ** 2) / 0.004), 0.0)


@pytest.fixture(scope="module")
def published_midnight() -> Rows:
    p = parameters_of(CLOCK, PUBLISHED)
    x = start_of(CLOCK, p) | {"pineal": 0.0, "plasma": 0.0, "gut": 0.0}
    x["phase"] -= 8 * 2 * math.pi / 24
    return march(SCALAR, published(), x, (0, 960), lambda t: {"lux": home_light(t)})[0]


def test_entrained_state_at_midnight(published_midnight):
    x = published_midnight
    found = [x["amplitude"], x["phase"] % (2 * math.pi), x["adapted"], x["pineal"], x["plasma"]]
    assert found == pytest.approx([0.8317, 2.105, 0.449, 122, 179], rel=0.01)


def test_plasma_course_in_darkness(published_midnight):
    _, t, seen = march(
        SCALAR, published(), published_midnight, (0, 48), lambda t: {"lux": 0.0},
        step=0.025, watch="plasma",
    )  # fmt: skip
    level, evening = np.array(seen) * PER_PMOL, t >= 12
    assert level[evening].max() == pytest.approx(70.1, abs=0.5)
    assert onset(t[t < 36], level[t < 36], 10)[0] == pytest.approx(21.28, abs=0.1)
    falling = onset(t[evening][::-1], level[evening][::-1], 10)[0]
    assert falling % 24 == pytest.approx(8.26, abs=0.1)


@pytest.mark.parametrize(("maximum", "period"), [(0.019513, 24.108), (0.0, 24.180)])
def test_period_in_darkness_with_and_without_melatonin(published_midnight, maximum, period):
    rates = published({"clock.melatonin_maximum": maximum})
    _, t, seen = march(
        SCALAR, rates, published_midnight, (0, 960), lambda t: {"lux": 0.0}, watch="phase"
    )
    phase = np.array(seen)
    turns = 2 * math.pi * np.arange(math.ceil(phase[0] / 6.2832), phase[-1] // (2 * math.pi))
    assert np.diff(np.interp(turns, phase, t))[-5:].mean() == pytest.approx(period, abs=0.005)


def test_peak_of_an_afternoon_dose(published_midnight):
    mg = np.array([0.1, 0.3, 0.5, 1, 3, 5, 10])
    x = {name: np.full(len(mg), value) for name, value in published_midnight.items()}
    _, t, seen = march(
        np, published(), x, (0, 20),
        lambda t: {"lux": np.full(len(mg), home_light(t)), "dose": dose_rate(t - 15, mg)},
        step=0.0125, watch="plasma",
    )  # fmt: skip
    peaks = np.array(seen)[t >= 15].max(axis=0) * PER_PMOL
    assert peaks == pytest.approx([55, 137, 216, 404, 1093, 1901, 6380], rel=0.02)


def published_shifts(milligrams: float, delays: Sequence[float]) -> np.ndarray:
    """Return placebo-corrected shifts from the published starting state of the laboratory days."""
    delay = np.array([*delays, 11.0])
    mg = np.array([milligrams] * len(delays) + [0.0])
    hour, light = (21 + delay) % 24, three_pulse_light(delay)
    state = {
        "amplitude": 0.8314, "phase": 2.090, "adapted": 0.470, "pineal": 120.0, "plasma": 165.0,
        "gut": 0.0,
    }  # fmt: skip

    def held(t: float) -> Rows:
        after = (t - hour + 12) % 24 - 12
        dose = dose_rate(after, mg) if 24 <= t < 96 else np.zeros(len(mg))
        return {"lux": light(t), "dose": dose}

    x = {name: np.full(len(delay), value) for name, value in state.items()}
    _, t, seen = march(np, published(), x, (0, 120), held, step=0.05, watch="plasma")
    return corrected(t, np.array(seen) * PER_PMOL)


def corrected(t: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return first-day minus last-day onset at 10 pg/mL, less that of placebo (last column)."""
    first, last = t <= 24, t >= 96
    shift = onset(t[first], level[first], 10) - (onset(t[last], level[last], 10) - 96)
    return shift[:-1] - shift[-1]


@pytest.mark.parametrize(
    ("milligrams", "delays", "shifts"),
    [
        (
            3.0,
            [0, 2, 4, 7, 10, 11, 12, 13, 15, 16, 17, 18, 19, 21, 22, 23],
            [0.73, 0.39, 0.08, -0.55, -1.17, -1.21, -1.13, -0.90, 0.09, 0.68, 1.41, 1.52, 1.51,
             1.29, 1.10, 0.91],
        ),
        (
            0.5,
            [0, 2, 5, 7, 10, 12, 13, 16, 17, 19, 20, 21, 22, 23],
            [0.71, 0.42, 0.10, -0.11, -0.63, -0.81, -0.80, -0.06, 0.26, 0.93, 1.26, 1.17, 1.02,
             0.86],
        ),
    ],
)  # fmt: skip
def test_published_response_to_three_doses(milligrams, delays, shifts):
    assert published_shifts(milligrams, delays) == pytest.approx(shifts, abs=0.04)


# --- the project's own melatonin joined to the clock: 70 kg, 30 years, oral availability 0.15


def joined(changed: dict[str, float]) -> tuple[Rows, Any]:
    """Return melatonin's parameters and the joint rates."""
    changed = {"melatonin.gut_availability": 1.0} | changed
    clock = parameters_of(CLOCK, changed)
    melatonin = parameters_of(MELATONIN, changed, weight=70.0, age=30.0, smoker=0.0)
    constant = {"cyp1a2_activity": 1.0, "melatonin_synthesis_factor": 1.0}
    eye = parameters_of(RETINA, changed)
    return melatonin, staged((RETINA, CLOCK, MELATONIN), (eye, clock, melatonin), constant)


def midnight(changed: dict[str, float]) -> tuple[Rows, Any, Rows]:
    """Return melatonin's parameters, the joint rates and the state after 40 days at home."""
    p, rates = joined(changed)
    x = start_of(CLOCK, parameters_of(CLOCK, changed)) | start_of(MELATONIN, p)
    x["phase"] -= 8 * 2 * math.pi / 24
    decays = decays_of(MELATONIN, p)
    x, _, _ = march(SCALAR, rates, x, (0, 960), lambda t: {"lux": home_light(t)}, decays=decays)
    return p, rates, x


def own_shifts(milligrams: float, changed: dict[str, float]) -> np.ndarray:
    """Return placebo-corrected shifts at every hour after onset."""
    p, rates, state = midnight(changed)
    delay = np.array([*DELAYS, 11.0])
    amount = np.array([milligrams] * len(DELAYS) + [0.0]) / PICOGRAM * 1e6
    hour, light = (21 + delay) % 24, three_pulse_light(delay)

    def dose(gain: float) -> Any:
        def at(t: float) -> Row:
            due = np.abs((t - hour + 12) % 24 - 12) < 1e-6
            return np.where(due & (24 - 1e-6 <= t < 96 - 1e-6), amount * gain, 0.0)

        return at

    x = {name: np.full(len(delay), float(value)) for name, value in state.items()}
    gains = MELATONIN.entries["melatonin_oral"]
    _, t, seen = march(
        np, rates, x, (0, 120), lambda t: {"lux": light(t)},
        decays=decays_of(MELATONIN, p), watch="made",
        doses={flow: dose(p[symbol]) for flow, symbol in gains.items()},
    )  # fmt: skip
    return corrected(t, np.array(seen) / p["volume"] * PICOGRAM)


def error(shifts: np.ndarray, points: Sequence[tuple[int, float]]) -> float:
    """Return the root mean square error against individual shifts."""
    return float(np.sqrt(np.mean([(shifts[hour] - shift) ** 2 for hour, shift in points])))


def test_joined_melatonin_in_darkness():
    """C29: published constants and a sharp window, as the check value was computed."""
    sharp = {k: v for k, v in PUBLISHED.items() if k != "clock.period"}
    p, rates, x = midnight(sharp | {"melatonin.window_smoothing": 0.005})
    _, t, seen = march(
        SCALAR, rates, x, (0, 48), lambda t: {"lux": 0.0},
        step=0.025, decays=decays_of(MELATONIN, p), watch="made",
    )  # fmt: skip
    level, evening = np.array(seen) / p["volume"] * PICOGRAM, t >= 12
    assert level[evening].max() == pytest.approx(50.2, abs=0.2)
    assert onset(t[t < 36], level[t < 36], 10)[0] == pytest.approx(21.25, abs=0.05)
    falling = onset(t[evening][::-1], level[evening][::-1], 10)[0]
    assert falling % 24 == pytest.approx(7.55, abs=0.05)


@pytest.mark.parametrize(
    ("milligrams", "points", "highest", "lowest", "rmse"),
    [
        (3.0, BURGESS_2008, (1.66, 19), (-1.35, 12), 0.743),
        (0.5, BURGESS_2010, (1.24, 21), (-0.95, 13), 0.938),
    ],
)
def test_rescaled_response_to_three_doses(milligrams, points, highest, lowest, rmse):
    """C30, C31: the constants that the records hold."""
    shifts = own_shifts(milligrams, {})
    assert (shifts.max(), shifts.argmax()) == pytest.approx(highest, abs=0.05)
    assert (shifts.min(), shifts.argmin()) == pytest.approx(lowest, abs=0.05)
    assert error(shifts, points) == pytest.approx(rmse, abs=0.05)


def test_published_constants_are_too_weak_for_this_exposure():
    """C32: why the melatonin term is rescaled."""
    shifts = own_shifts(3.0, {k: v for k, v in PUBLISHED.items() if k != "clock.period"})
    assert shifts.max() == pytest.approx(1.02, abs=0.05)
    assert shifts.min() == pytest.approx(-0.92, abs=0.05)


def test_study_starts_from_the_entrained_state():
    """The records of the start are those of a person entrained 40 days, at 08:00."""
    p, rates, x = midnight({})
    at_eight, _, _ = march(
        SCALAR, rates, x, (0, 8), lambda t: {"lux": home_light(t)}, decays=decays_of(MELATONIN, p)
    )
    known = records("melatonin")
    found = {
        "clock.phase_at_start": at_eight["phase"] % (2 * math.pi),
        "clock.amplitude_at_start": at_eight["amplitude"],
        "clock.adapted_at_start": at_eight["adapted"],
        "melatonin.level_at_start": at_eight["made"] / p["volume"],
    }
    stored = {name: known[name]["value"] for name in found}
    assert found == pytest.approx(stored, rel=2e-3)
