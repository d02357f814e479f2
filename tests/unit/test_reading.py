"""What is read off each simulated person: scores as a trial writes them down, relapse, insomnia."""

from __future__ import annotations

import numpy as np
import pytest

from speciosa.core.random import streams
from speciosa.evidence.load import load_evidence
from speciosa.evidence.results import PublishedResult
from speciosa.trial.insomnia import RECORDS as SLEEPLESS
from speciosa.trial.lab import Samples
from speciosa.trial.observed import needs, observation
from speciosa.trial.outcomes import (
    ATTENDANCE,
    COWS,
    DEFINITIONS,
    NOISE,
    URINE,
    noise_records,
    written,
)
from speciosa.trial.quantity import quantities_named
from speciosa.trial.reading import read
from speciosa.trial.validate import evenly_drawn, regimens_of

UNITS = {
    "cows": "1", "hdrs": "1", "sows_gossop": "1", "buprenorphine_plasma": "nM",
    "sleep_onset_latency": "min", "total_sleep_time": "min", "sleep_efficiency": "1",
}  # fmt: skip
PEOPLE = 400


@pytest.fixture(scope="module")
def constants():
    records = (*noise_records((COWS, *NOISE)), *DEFINITIONS, ATTENDANCE, *SLEEPLESS)
    return {record: load_evidence().number(record).value for record in records}


def samples_of(hours, **values) -> Samples:
    rows = np.arange(PEOPLE)
    every = {
        name: np.broadcast_to(np.asarray(row, dtype=float), (len(hours), PEOPLE))
        for name, row in values.items()
    }
    return Samples(np.asarray(hours), every, 0 * rows, rows, rows < 0, streams(1, 0 * rows, rows))


def made_of(quantity, metric, at, population="opioid", **more):
    unit = more.pop("unit", "1")
    result = PublishedResult("x", "placebo", quantity, metric, 0.5, unit, population, at=at, **more)
    return observation(result, quantities_named(quantity, UNITS), [regimens_of("placebo")])


def test_cows_is_read_item_by_item_as_in_a_trial(constants):
    made = made_of("COWS below 5", "fraction", "day 1")
    reading = made.readings[0]
    samples = samples_of(reading.hours, cows=np.linspace(1.3, 20.0, PEOPLE), in_treatment=1.0)
    seen = read(made, reading, samples, limits={}, constants=constants)
    by_item = written("cows", samples.values["cows"][0], constants, samples.streams, 0)
    assert np.array_equal(seen, by_item < 5)
    assert 0 < seen.mean() < 1
    louder = constants | {"scales.cows_item_spread": 0.3}
    other = read(made, reading, samples, limits={}, constants=louder)
    assert (other != seen).any()


def test_a_score_that_could_not_be_solved_is_no_score(constants):
    made = made_of("COWS below 5", "fraction", "day 1")
    reading = made.readings[0]
    scores = np.where(np.arange(PEOPLE) == 3, np.nan, 10.0)
    samples = samples_of(reading.hours, cows=scores, in_treatment=1.0)
    seen = read(made, reading, samples, limits={}, constants=constants)
    assert np.flatnonzero(np.isnan(seen)).tolist() == [3]


def test_every_score_that_is_counted_carries_the_noise_of_its_scale(constants):
    made = made_of("hdrs >= 20", "fraction", "day 1", population="alcohol")
    reading = made.readings[0]
    samples = samples_of(reading.hours, hdrs=19.0, in_treatment=1.0)
    share = read(made, reading, samples, limits={}, constants=constants).mean()
    assert 0.1 < share < 0.6
    quiet = constants | {NOISE["hdrs"]: 0.0}
    assert read(made, reading, samples, limits={}, constants=quiet).mean() == 0


def test_relapse_is_counted_from_urines_as_a_trial_counts_it(constants):
    made = made_of("relapsed", "fraction", "week 6")
    reading = made.readings[0]
    always = constants | {ATTENDANCE: 1.0}
    for since, relapsed in ((constants[URINE] - 1, 1.0), (constants[URINE], 0.0)):
        samples = samples_of(
            reading.hours, in_treatment=1.0, days_abstinent=since, relapsed_day=-1.0
        )
        seen = read(made, reading, samples, limits={}, constants=always)
        assert set(seen.tolist()) == {relapsed}
    never = constants | {ATTENDANCE: 0.0}
    assert read(made, reading, samples, limits={}, constants=never).min() == 1.0


def test_a_moment_may_be_told_in_days():
    made = made_of("buprenorphine", "concentration", "14 d", population="healthy", unit="nM")
    assert made.readings[0].hours == (336.0,)


def test_people_with_insomnia_wait_longer_and_have_more_to_gain(constants):
    plain = made_of("SOL", "mean", "day 2", population="healthy", unit="min")
    made = made_of("SOL", "mean", "day 2", population="healthy", unit="min", setting="insomnia")
    assert needs(plain) == {"sleep_onset_latency"}
    assert needs(made) == {"sleep_onset_latency", "sleep_efficiency", "total_sleep_time"}
    reading = made.readings[0]
    good = {"sleep_efficiency": 0.88, "total_sleep_time": 422.4}

    def latency(minutes, one):
        samples = samples_of(reading.hours, sleep_onset_latency=minutes, **good)
        return read(one, reading, samples, limits={}, constants=constants).mean()

    assert latency(15.0, plain) == pytest.approx(15.0)
    assert latency(15.0, made) > 25.0
    assert latency(15.0, made) - latency(12.0, made) > 1.5 * 3.0


def test_what_the_gland_makes_is_no_part_of_a_half_life():
    line = "melatonin 4 mg once at 21:00"
    result = PublishedResult("x", line, "melatonin", "half_life", 1.0, "h", "healthy")
    units = UNITS | {"melatonin_plasma": "nM"}
    made = observation(result, quantities_named("melatonin", units), [regimens_of(line)])
    reading = made.readings[0]
    assert needs(made) == {"melatonin_plasma", "melatonin_endogenous"}
    hours = np.asarray(reading.hours) - reading.base
    own = 0.2 * (1 + np.sin(hours / 24 * 2 * np.pi))
    rows = np.arange(PEOPLE)
    values = {
        "melatonin_plasma": np.repeat((8 * np.exp(-0.9 * hours) + own)[:, None], PEOPLE, axis=1),
        "melatonin_endogenous": np.repeat(own[:, None], PEOPLE, axis=1),
    }
    samples = Samples(
        np.asarray(reading.hours), values, 0 * rows, rows, rows < 0, streams(1, 0 * rows, rows)
    )
    seen = read(made, reading, samples, limits={}, constants={})
    assert seen == pytest.approx(np.log(2) / 0.9, rel=0.02)


def test_draws_cover_every_number_evenly():
    evidence = evenly_drawn(load_evidence(), 10, seed=1)
    score = np.asarray(evidence.scores["methadone.clearance"])
    assert np.median(score) == pytest.approx(0.0, abs=1e-9)
    assert len(set(score.tolist())) == 10
    other = np.asarray(evidence.scores["methadone.volume"])
    assert sorted(other.tolist()) == sorted(score.tolist())
    assert other.tolist() != score.tolist()
