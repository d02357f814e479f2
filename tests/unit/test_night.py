"""The night's read-out: the published anchors, and a few nights of the joined chain."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from clockwork import PICOGRAM, SCALAR, decays_of, march, parameters_of, staged, start_of
from speciosa.core.dimensions import check_dimensions
from speciosa.core.stage import Moment, Stage
from speciosa.core.wiring import feedback_loops, wire
from speciosa.exposure.melatonin import MELATONIN
from speciosa.receptor.melatonin import MT1, occupancy
from speciosa.response.bedtime import BEDTIME, LIGHT
from speciosa.response.clock import CLOCK, RETINA
from speciosa.response.sleep import SLEEP
from speciosa.symptom.sleep import (
    MORNING,
    NIGHT,
    SUMS,
    misplaced_sleep,
    pittsburgh_index,
    sleep_efficiency,
    sleep_latency,
)  # fmt: skip

P = parameters_of(MORNING)
STAGES = (LIGHT, RETINA, CLOCK, MELATONIN, MT1, SLEEP, NIGHT)
DECISIONS = (MORNING, BEDTIME)
FLOORED = SimpleNamespace(**vars(SCALAR), floor=math.floor)


def disturbance(day: float) -> float:
    return 0.72 * math.exp(-day / 10) + 0.28 * math.exp(-day / 120)


def test_dimensions():
    check_dimensions(NIGHT)


@pytest.mark.parametrize(("gland", "gained"), [(20, 13.7), (40, 9.0), (60, 6.7), (80, 5.2)])
def test_time_asleep_gained_at_a_thousand_picograms(gland, gained):
    """C28: inside the pooled +8.25 (1.74 to 14.75) min of Ferracioli-Oda 2013."""
    p = P | {"usual_efficiency": 0.80}
    site = 0.081 * PICOGRAM
    gain = occupancy(1000.0, site) - occupancy(float(gland), site)
    with_it, without = (sleep_efficiency(np, p, disturbance=0.0, gain=g) for g in (gain, 0.0))
    assert 480 * (with_it - without) == pytest.approx(gained, abs=0.1)


@pytest.mark.parametrize(
    ("day", "share", "minutes"), [(0, 0.50, 239), (7, 0.68, 326), (30, 0.82, 391)]
)
def test_opioid_abstinence(day, share, minutes):
    found = sleep_efficiency(np, P, disturbance=disturbance(day), gain=0.0)
    assert found == pytest.approx(share, abs=0.005)
    assert 480 * found == pytest.approx(minutes, abs=2)


@pytest.mark.parametrize("day", [0, 7, 30])
def test_melatonin_keeps_within_the_pooled_intervals(day):
    scores = []
    for gain in (0.3, 0.0):
        d = disturbance(day)
        asleep = 480 * sleep_efficiency(np, P, disturbance=d, gain=gain)
        latency = sleep_latency(np, P, disturbance=d, gain=gain)
        scores.append((asleep, latency, pittsburgh_index(np, P, asleep=asleep, latency=latency)))
    more, sooner, better = (a - b for a, b in zip(*scores, strict=True))
    assert 8 <= more <= 15
    assert -7 <= sooner <= -2
    assert -1.1 <= better <= -0.4


@pytest.mark.parametrize(("level", "share"), [(1.0, 0.77), (1000.0, 0.83)])
def test_sleep_by_biological_day(level, share):
    """Wyatt 2006: efficiency 77 % on placebo and 83 % on melatonin."""
    site = 0.081 * PICOGRAM
    gland = occupancy(1.0, site)
    lost = misplaced_sleep(np, P, gland=gland, outside=1.0)
    gain = occupancy(level, site) - gland
    found = sleep_efficiency(np, P, disturbance=0.0, gain=gain, misplaced=lost)
    assert found == pytest.approx(share, abs=0.01)


def test_an_ordinary_night_loses_nothing():
    assert misplaced_sleep(np, P, gland=0.2, outside=0.2) == 0.0


def test_scores_stay_on_their_scales():
    assert pittsburgh_index(np, P, asleep=0.0, latency=180.0) == 21.0
    assert pittsburgh_index(np, P, asleep=900.0, latency=1.0) == 0.0
    assert sleep_latency(np, P, disturbance=9.0, gain=0.0) == 180.0


def lived(days: int, milligrams: float = 0.0, **changed: Any) -> list[dict[str, float]]:
    """Return each day's scores and bedtime: decisions at noon, a dose at 21:00 every evening."""
    person = {"weight": 70.0, "age": 30.0, "smoker": 0.0}
    p = {s.name: parameters_of(s, changed, **(person if s is MELATONIN else {})) for s in STAGES}
    p |= {d.name: parameters_of(d, changed) for d in DECISIONS}
    outside = {"cyp1a2_activity": 1.0, "melatonin_synthesis_factor": 1.0, "withdrawal": 0.0}
    rates = staged(STAGES, [p[s.name] for s in STAGES], outside)
    x = {name: value for s in STAGES for name, value in start_of(s, p[s.name]).items()}
    memory = {d.name: {k: p[d.name].get(v, v) for k, v in d.memory.items()} for d in DECISIONS}
    amount = milligrams / PICOGRAM * 1e6

    def dose(gain: float) -> Any:
        return lambda t: amount * gain if abs((8 + t) % 24 - 21) < 1e-6 else 0.0

    gains = MELATONIN.entries["melatonin_oral"].items()
    doses = {flow: dose(p["melatonin"][symbol]) for flow, symbol in gains}
    found, now = [], 0.0
    for day in range(days + 1):
        noon = 4.0 + 24 * day
        held = memory["bedtime"]
        x, _, _ = march(
            SCALAR, rates, x, (now, noon),
            lambda t, held=held: held | {"hours": t, "clock_hour": (8 + t) % 24},
            decays=decays_of(MELATONIN, p["melatonin"]), doses=doses,
        )  # fmt: skip
        now = noon
        s = {"circadian_phase": x["phase"]} | {quantity: x[k] for k, quantity in SUMS.items()}
        for d in DECISIONS:
            memory[d.name], _ = d.decide(
                FLOORED, Moment(now, 12.0, day), s, memory[d.name], (), p[d.name]
            )
        found.append(memory["morning"] | {"bed": memory["bedtime"]["lights_out"] - noon + 12})
    return found


@pytest.fixture(scope="module")
def plain() -> list[dict[str, float]]:
    return lived(6)


def test_chain_wires_and_its_loop_passes_through_the_clock():
    given = {"cyp1a2_activity": 1.0, "melatonin_synthesis_factor": 1.0, "withdrawal": 0.0}
    around = Stage("around", {}, dict.fromkeys(given, "1"), lambda xp, x, s, p: dict(given))
    model = wire((*STAGES, around), DECISIONS)
    assert ("melatonin", "melatonin_plasma", "clock") in feedback_loops(model)
    assert {"lights_out", "lights_on", "psqi", "total_sleep_time"} <= set(model.units)


def test_scores_before_the_first_night_are_usual(plain):
    assert plain[0]["psqi"] == P["psqi_base"]
    assert plain[0]["total_sleep_time"] == P["psqi_sleep"]


def test_nights_settle_at_the_habitual_hour(plain):
    assert {round(day["bed"], 6) for day in plain} == {23.0}
    assert plain[-1]["in_bed_before"] - plain[-2]["in_bed_before"] == pytest.approx(8.0, abs=1e-9)
    assert plain[-1]["sleep_efficiency"] < P["usual_efficiency"]  # still disturbed from the start
    assert plain[-1]["sleep_efficiency"] > plain[1]["sleep_efficiency"]


def test_melatonin_at_nine_in_the_evening(plain):
    """5 mg: sooner asleep, a little longer, an earlier bed; nothing with null slopes, fixed bed."""
    treated = lived(6, 5.0)
    assert -7 < treated[-1]["sleep_onset_latency"] - plain[-1]["sleep_onset_latency"] < -2
    assert 0.5 < treated[-1]["total_sleep_time"] - plain[-1]["total_sleep_time"] < 10
    assert treated[-1]["bed"] < plain[-1]["bed"]
    null = {"sleep.gain_slope": 0.0, "sleep.latency_gain": 0.0, "sleep.bedtime_pull": 0.0}
    without, with_it = (lived(3, mg, **null)[-1] for mg in (0.0, 5.0))
    for score in ("sleep_onset_latency", "total_sleep_time", "psqi"):
        assert with_it[score] == pytest.approx(without[score], rel=1e-9)
