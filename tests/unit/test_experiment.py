"""Published experiments with a protocol of their own: read, refused with a cure, and simulated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speciosa.evidence.load import load_evidence
from speciosa.evidence.results import PublishedResult
from speciosa.trial.experiment import SIMULATORS, experiments, is_experiment
from speciosa.trial.simulate import central
from speciosa.trial.validate import predictions

SIZE = (2, 20, 1)


def shipped(name):
    return load_evidence().results[name]


def test_every_shipped_experiment_is_understood():
    mine = [r for r in load_evidence().results.values() if is_experiment(r)]
    assert {r.setting.split(":")[0] for r in mine} == set(SIMULATORS)
    assert not is_experiment(shipped("tanna2022_mitragynine_cmax"))


@pytest.mark.parametrize(
    "name, change, cure",
    [
        ("mann2022_arrest_severe", {"regimen": "naloxone 3 mg IM"}, "naloxone 2 mg IM"),
        ("mann2022_arrest_severe", {"setting": "acute overdose: mild"}, "moderate"),
        ("burgess2008_delay_3mg", {"setting": "phase-response laboratory: noon"}, "after onset"),
        ("burgess2008_delay_3mg", {"regimen": "methadone 30 mg once"}, "melatonin"),
        ("trauer2015_latency", {"regimen": "CBT"}, "CBT-I"),
        ("trauer2015_latency", {"quantity": "psqi"}, "sleep_onset_latency"),
    ],
)
def test_what_cannot_be_run_is_told_with_its_cure(name, change, cure):
    wrong = replace(shipped(name), **change)
    found = experiments([wrong], load_evidence(), SIZE)[name]
    assert isinstance(found, str)
    assert cure in found


def test_cbt_i_is_given_to_people_with_insomnia():
    """At the centre of every number: the efficiency it was set by, the latency it predicts."""
    names = ("trauer2015_efficiency", "trauer2015_latency", "trauer2015_sleep_time")
    results = [shipped(name) for name in names]
    found = experiments(results, central(load_evidence()), SIZE)
    gained, latency, slept = (float(np.median(found[name])) for name in names)
    assert 5.0 < gained < 12.0
    assert -16.0 < latency < -4.0
    assert slept == pytest.approx(gained / 100 * 480, rel=0.1)


def test_validation_takes_them_like_any_other_result():
    (one,) = predictions([shipped("trauer2015_latency")], load_evidence(), draws=2, people=20)
    assert one.draws.shape == (2,)
    assert one.judged.metric == "mean_difference"
    none = PublishedResult("x", "CBT", "psqi", "mean", 1.0, "1", setting="insomnia clinic")
    (refused,) = predictions([none], load_evidence(), draws=2, people=20)
    assert "CBT-I" in refused.reason


@pytest.mark.slow
def test_melatonin_advances_in_the_afternoon_and_delays_in_the_morning():
    names = ("burgess2008_advance_3mg", "burgess2008_delay_3mg", "burgess2010_advance_0p5mg")
    found = experiments([shipped(name) for name in names], load_evidence(), SIZE)
    advance, delay, smaller = (float(np.median(found[name])) for name in names)
    assert delay < 0 < smaller < advance


@pytest.mark.slow
def test_naloxone_saves_some():
    names = ("mann2022_arrest_moderate", "mann2022_arrest_moderate_intramuscular")
    found = experiments([shipped(name) for name in names], load_evidence(), SIZE)
    alone, helped = (float(np.median(found[name])) for name in names)
    assert 0.0 < helped < alone < 1.0
