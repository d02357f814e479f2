"""An antagonist blocks: the signal of the heroin that is still there falls, withdrawal begins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from default_trial import Clinic
from speciosa.care.regimen import parse_regimens
from speciosa.evidence.load import Evidence
from speciosa.people.cohort import Habit, Range
from speciosa.trial.study import Arm, Study

ANTAGONISTS = {
    "naltrexone": "naltrexone 50 mg daily for 1 d",
    "naloxone": "naloxone 2 mg IM once",
}
AT = (8.0, 8.5, 9.0, 10.0, 12.0, 16.0, 20.0)  # clock hours; everything is given at 08:00


@pytest.fixture(scope="module")
def blocked(study: Study, evidence: Evidence) -> Clinic:
    """People who used heroin some hours ago, given an antagonist or nothing; nobody uses again."""
    people = replace(
        study.population,
        habits=(Habit("heroin", 1.0, (100.0, 400.0), (3, 4)),),
        hours_since_last_use=Range(5.0, 1.0, 4.0, 8.0),
    )
    arms = [Arm("placebo", (), "placebo")]
    arms += [Arm(name, parse_regimens(line), "standard") for name, line in ANTAGONISTS.items()]
    short = replace(study, arms=tuple(arms), days=1, follow_up_days=0, population=people)
    return Clinic.of(
        short, evidence, behaviour=False, sample_hours=AT,
        quantities=lambda model: (
            "mu_signal", "mu_occupancy", "withdrawal_drive",
            *(f"mu_occupancy_{ligand}" for ligand in ("morphine", "naltrexone", "naloxone")),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("name", ANTAGONISTS)
def test_an_antagonist_blocks_heroin(blocked: Clinic, name: str) -> None:
    def course(arm: str, quantity: str) -> np.ndarray:
        return blocked.sample(blocked.outcome(arm), quantity)[0]

    without, dosed = course("placebo", "mu_signal"), course(name, "mu_signal")
    assert np.array_equal(without[0], dosed[0])  # sampled before the dose
    held = course("placebo", "mu_occupancy_morphine")
    assert np.all(held[0] > 0.02) and np.all(without[0] > 0)  # heroin is still there
    early = slice(1, AT.index(10.0) + 1)
    assert np.all(dosed[early] < without[early])
    # receptors couple again while they are blocked, so what is left later signals a trace more
    assert np.all(dosed[1:] < without[1:] + 0.02)
    assert np.all(
        course(name, "mu_occupancy_morphine")[1:] < course("placebo", "mu_occupancy_morphine")[1:]
    )
    assert not np.any(course("placebo", f"mu_occupancy_{name}"))
    hour = AT.index(10.0)
    assert np.median(dosed[hour] / without[hour]) < 0.1
    assert np.all(
        course(name, "withdrawal_drive")[hour] > course("placebo", "withdrawal_drive")[hour]
    )


def test_naloxone_wanes_while_naltrexone_still_blocks(blocked: Clinic) -> None:
    left = {
        name: np.median(blocked.sample(blocked.outcome(name), f"mu_occupancy_{name}")[0], axis=1)
        for name in ANTAGONISTS
    }
    evening = {name: course[AT.index(20.0)] / course.max() for name, course in left.items()}
    assert evening["naloxone"] < 0.7 < 0.9 < evening["naltrexone"]
