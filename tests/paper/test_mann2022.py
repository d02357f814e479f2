"""Mann 2022, the public opioid-overdose model: every check value of a run of the original.

Typical people: rest, courses, arrest and rescue. Populations: shares of hearts that stop (with
Laffont 2024). The delays are chains of three first-order steps here, which the original is not;
that makes the first trough of ventilation 1.6 to 1.8 % high and nothing else.
"""

from __future__ import annotations

import numpy as np
import pytest

from acute_chain import FENTANYL, NALOXONE, nmol, present, scene
from speciosa.core.acute import AcuteSolver
from speciosa.core.random import streams
from speciosa.evidence.load import Evidence
from speciosa.models.overdose import overdose
from speciosa.people.cohort import Cohort
from speciosa.people.parameters import sample
from speciosa.trial.simulate import central

DOSES, CHRONIC = (1.625, 2.965), (1.0, 1.0)
L_MIN = 1 / 60.0  # from L/h
# mg, help: min PaO2, when; min brain O2; max R; t15; PaO2 at the second look; arrest; PaO2 <= 30 s
TABLE = {
    (1.625, "none"): (12.48, 263, 0.0, 0.993, 197.2, 13.10, 417.2, None),
    (1.625, "IM"): (13.05, 226, 7.17, 0.992, 199.5, 34.3, None, 271),
    (1.625, "IN"): (13.50, 224, 8.12, 0.992, 202.2, 53.1, None, 222),
    (1.625, "autoinjector"): (14.34, 226, 9.62, 0.991, 209.4, 75.0, None, 183),
    (2.965, "none"): (9.48, 325, 0.0, 0.996, 142.3, 9.51, 362.3, None),
    (2.965, "IM"): (10.10, 214, 0.0, 0.995, 142.4, 12.4, 362.4, None),
    (2.965, "IN"): (10.29, 194, 0.0, 0.995, 142.4, 14.83, None, None),  # knife-edge: no verdict
    (2.965, "autoinjector"): (10.46, 182, 4.19, 0.995, 142.5, 23.3, None, 277),
}
# VE (L/min), PaO2 and R at 600 s, R at 3600 s
LATER = {
    (1.625, "IM"): (5.57, 83.3, 0.956, 0.635),
    (1.625, "IN"): (5.98, 89.9, 0.934, 0.582),
    (1.625, "autoinjector"): (6.24, 93.2, 0.899, 0.532),
    (2.965, "autoinjector"): (5.95, 88.9, 0.934, 0.637),
}


def test_rest() -> None:
    rest = {q: rows[0, 0] for q, rows in scene("none", DOSES, CHRONIC).samples.items()}
    assert rest["minute_ventilation"] * L_MIN == pytest.approx(6.7644, abs=1e-4)
    assert rest["arterial_oxygen"] == pytest.approx(92.80, abs=0.01)
    assert rest["arterial_co2"] == pytest.approx(38.59, abs=0.01)
    assert rest["brain_oxygen"] == pytest.approx(31.61, abs=0.01)
    assert rest["brain_co2"] == pytest.approx(45.44, abs=0.01)
    assert rest["blood_flow"] * L_MIN == pytest.approx(4.9313, abs=1e-4)


@pytest.mark.parametrize(("dose", "help_"), TABLE)
def test_typical_chronic_user(dose: float, help_: str) -> None:
    outcome, i = scene(help_, DOSES, CHRONIC), DOSES.index(dose)
    lowest, at, brain, most, t15, second, arrest, spell = TABLE[dose, help_]
    assert outcome.lowest["arterial_oxygen"][i] == pytest.approx(lowest, abs=0.03)
    assert outcome.lowest_at["arterial_oxygen"][i] == pytest.approx(at, abs=1.5)
    assert outcome.lowest["brain_oxygen"][i] == pytest.approx(brain, abs=0.05)
    assert outcome.samples["acute_mu_fentanyl"][:, i].max() == pytest.approx(most, abs=1e-3)
    watch = {row: value[i] for row, value in outcome.memory["arrest"].items()}
    assert watch["first_low"] * 3600 == pytest.approx(t15, abs=0.6)
    assert watch["second_oxygen"] == pytest.approx(second, abs=0.12)
    if (dose, help_) != (2.965, "IN"):
        assert (watch["arrest_at"] >= 0) == (arrest is not None)
    if arrest is not None:
        assert watch["arrest_at"] * 3600 == pytest.approx(arrest, abs=0.6)
    if spell is not None:
        kept = outcome.memory["spell"]
        found = (kept["arterial_last"][i] - kept["arterial_first"][i]) * 3600
        assert found == pytest.approx(spell, abs=1.0)


@pytest.mark.parametrize(("dose", "help_"), LATER)
def test_typical_chronic_user_later(dose: float, help_: str) -> None:
    outcome, i = scene(help_, DOSES, CHRONIC), DOSES.index(dose)
    ventilation, oxygen, early, late = LATER[dose, help_]
    samples = {q: rows[:, i] for q, rows in outcome.samples.items()}
    assert samples["minute_ventilation"][600] * L_MIN == pytest.approx(ventilation, abs=0.02)
    assert samples["arterial_oxygen"][600] == pytest.approx(oxygen, abs=0.2)
    assert samples["acute_mu_fentanyl"][600] == pytest.approx(early, abs=1.5e-3)
    assert samples["acute_mu_fentanyl"][3600] == pytest.approx(late, abs=3e-3)


def test_collapse_and_plasma() -> None:
    outcome = scene("none", DOSES, CHRONIC)
    for i, (no_breath, low, none) in enumerate([(513.8, 447.6, 654.0), (469.3, 394.0, 607.0)]):
        breath, flow = outcome.samples["minute_ventilation"][:, i], outcome.samples["blood_flow"]
        assert np.flatnonzero(breath <= 0)[0] == pytest.approx(no_breath, abs=1.5)
        assert np.flatnonzero(flow[:, i] * L_MIN <= 4)[0] == pytest.approx(low, abs=1.5)
        assert np.flatnonzero(flow[:, i] * L_MIN <= 0.01)[0] == pytest.approx(none, abs=3)
        assert flow[:, i].max() * L_MIN == pytest.approx(9.66, abs=0.02)
    plasma = outcome.samples["acute_fentanyl_plasma"][:, 0] * FENTANYL / 1000  # ng/mL
    for second, value in ((60, 92.8), (300, 41.4), (600, 10.6)):
        assert plasma[second] == pytest.approx(value, rel=0.006)
    assert outcome.memory["helper"]["noticed"] * 3600 == pytest.approx([16.6, 12.4], abs=0.4)


def test_first_trough_with_its_known_error() -> None:
    breath = scene("none", DOSES, CHRONIC).samples["minute_ventilation"][:60] * L_MIN
    assert breath.min(axis=0) / [0.826, 0.561] == pytest.approx([1.017, 1.017], abs=0.006)


def test_doses_that_nobody_arrests_from_and_one_that_stops_a_naive_heart() -> None:
    doses = (0.1, 0.2, 0.35, 0.7, 0.1, 0.35, 0.7, 1.625)
    tolerant = (0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0)
    outcome = scene("none", doses, tolerant)
    breath = outcome.lowest["minute_ventilation"] * L_MIN
    published = np.array([3.796, 2.926, 2.153, 1.320, 4.188, 2.477, 1.543])
    assert breath[:7] / published == pytest.approx(np.ones(7), abs=0.015)
    oxygen = [73.2, 63.3, 52.2, 21.8, 77.6, 60.8, 45.2]
    assert outcome.lowest["arterial_oxygen"][:7] == pytest.approx(oxygen, abs=0.25)
    held = outcome.samples["acute_mu_fentanyl"].max(axis=0)
    assert held[:7] == pytest.approx([0.914, 0.951, 0.969, 0.984, 0.914, 0.969, 0.982], abs=2e-3)
    assert (outcome.memory["arrest"]["arrest_at"] >= 0).tolist() == [False] * 7 + [True]
    naive = outcome.samples["minute_ventilation"][[300, 600, 1800], 0] * L_MIN
    assert naive == pytest.approx([4.60, 5.19, 5.73], abs=0.01)
    assert outcome.highest["arterial_co2"][0] == pytest.approx(45.3, abs=0.05)


def test_a_naive_person_is_not_saved_by_one_dose_into_a_muscle() -> None:
    outcome = scene("IM", (1.625,), (0.0,))
    assert outcome.memory["arrest"]["arrest_at"][0] >= 0


# Shares of 2000 chronic users, %: published, and the interval or reading error that it came with.
SHARES = {
    ("none", 1.625): (52.1, 47.3, 56.8),
    ("IM", 1.625): (29.4, 26.5, 32.5),
    ("autoinjector", 1.625): (15.5, 13.0, 18.0),
    ("IN", 1.625): (19.2, 15.5, 23.3),
    ("none", 2.965): (77.9, 75.0, 81.0),
    ("IM", 2.965): (54.3, 51.0, 57.5),
}


@pytest.fixture(scope="module")
def shares(evidence: Evidence) -> dict[tuple[str, float], float]:
    """Share of 2000 chronic users whose heart stops, %, in each scene."""
    people, found = 2000, {}
    who = np.arange(people)
    zero = np.zeros_like(who)
    settled = central(evidence)
    for help_, product, mg in (
        ("none", "intramuscular", 0.0), ("IM", "intramuscular", 2.0),
        ("autoinjector", "autoinjector", 2.0), ("IN", "intranasal", 4.0),
    ):  # fmt: skip
        model = overdose(product)
        solver = AcuteSolver(model, recorded=("arterial_oxygen",), seconds=900.0, every=60.0)
        cohort = Cohort(1, zero, who, streams(1, zero, who), present(people, tolerant=1.0, mg=mg))
        table = sample((*model.stages, *model.decisions), settled, cohort)
        for dose in DOSES:
            if (help_, dose) in SHARES:
                given = {"fentanyl_intravenous": nmol(dose, FENTANYL)}
                outcome = solver.solve(table, people, given)
                assert not outcome.failed.any()
                found[help_, dose] = 100 * (outcome.memory["arrest"]["arrest_at"] >= 0).mean()
    return found


@pytest.mark.parametrize("key", SHARES)
def test_arrest_shares_of_chronic_users(
    key: tuple[str, float], shares: dict[tuple[str, float], float]
) -> None:
    _, low, high = SHARES[key]
    assert low <= shares[key] <= high


def test_molar_masses_of_the_evidence_are_those_of_the_model(evidence: Evidence) -> None:
    for name, mass in (("fentanyl", FENTANYL), ("naloxone", NALOXONE)):
        assert evidence.number(f"molecule.{name}.molar_mass").value == pytest.approx(mass, rel=5e-4)
