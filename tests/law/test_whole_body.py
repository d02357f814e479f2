"""Laws of the whole body in full runs: shares are shares, and an antagonist blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from default_trial import Clinic
from speciosa.care.regimen import parse_regimens
from speciosa.evidence.load import Evidence
from speciosa.people.cohort import Habit, Range
from speciosa.trial.study import Arm, Study

ARMS = ("placebo", "kratom", "melatonin", "both", "lofexidine", "buprenorphine")
SHARES = ("mu_occupancy", "mu_signal", "adaptation", "alpha2_relief", "ventilation",
          "sleep_efficiency")  # fmt: skip
ANTAGONISTS = {
    "naltrexone": "naltrexone 50 mg daily for 1 d",
    "naloxone": "naloxone 2 mg IM once",
}
AT = (8.0, 8.5, 9.0, 10.0, 12.0, 16.0, 20.0)  # clock hours; everything is given at 08:00


@pytest.mark.xdist_group("default trial")
@pytest.mark.parametrize("name", ARMS)
def test_shares_stay_between_none_and_all(clinic: Clinic, name: str) -> None:
    outcome = clinic.outcome(name)
    bound = [q for q in clinic.plan.recorded if q in SHARES or q.startswith("mu_occupancy_")]
    assert len(bound) >= len(SHARES) + 3
    for quantity in bound:
        low = min(day["range"][quantity][0] for day in outcome.trace)
        high = max(day["range"][quantity][1] for day in outcome.trace)
        assert -1e-12 <= low <= high <= 1 + 1e-12, (name, quantity)


@pytest.mark.xdist_group("default trial")
@pytest.mark.parametrize("name", ARMS)
def test_ligands_share_one_population_of_receptors(clinic: Clinic, name: str) -> None:
    outcome = clinic.outcome(name)
    parts = [q for q in clinic.plan.recorded if q.startswith("mu_occupancy_")]
    held = sum(clinic.sample(outcome, quantity) for quantity in parts)
    total = clinic.sample(outcome, "mu_occupancy")
    assert np.all(held <= total + 1e-12)
    assert (total > 0.2).any()


@pytest.mark.xdist_group("default trial")
def test_concentrations_never_fall_below_zero(clinic: Clinic) -> None:
    plasma = [q for q in clinic.plan.recorded if q.endswith("_plasma")]
    for name in ("both", "buprenorphine"):
        for quantity in plasma:
            values = clinic.sample(clinic.outcome(name), quantity)
            assert values.min() >= -1e-9 * max(values.max(), 1.0), (name, quantity)


# ---- antagonists --------------------------------------------------------------------------------


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


@pytest.mark.xdist_group("antagonists")
@pytest.mark.parametrize("name", ANTAGONISTS)
def test_an_antagonist_blocks_heroin(blocked: Clinic, name: str) -> None:
    def course(arm: str, quantity: str) -> np.ndarray:
        return blocked.sample(blocked.outcome(arm), quantity)[0]

    without, dosed = course("placebo", "mu_signal"), course(name, "mu_signal")
    assert np.array_equal(without[0], dosed[0])  # sampled before the dose
    assert np.all(without[0] > 0.05)  # heroin is still there
    assert np.all(dosed[1:] < without[1:])
    assert np.all(
        course(name, "mu_occupancy_morphine")[1:] < course("placebo", "mu_occupancy_morphine")[1:]
    )
    assert not np.any(course("placebo", f"mu_occupancy_{name}"))
    hour = AT.index(10.0)
    assert np.median(dosed[hour] / without[hour]) < 0.1
    assert np.all(
        course(name, "withdrawal_drive")[hour] > course("placebo", "withdrawal_drive")[hour]
    )


@pytest.mark.xdist_group("antagonists")
def test_naloxone_wanes_while_naltrexone_still_blocks(blocked: Clinic) -> None:
    left = {
        name: np.median(blocked.sample(blocked.outcome(name), f"mu_occupancy_{name}")[0], axis=1)
        for name in ANTAGONISTS
    }
    evening = {name: course[AT.index(20.0)] / course.max() for name, course in left.items()}
    assert evening["naloxone"] < 0.7 < 0.9 < evening["naltrexone"]
