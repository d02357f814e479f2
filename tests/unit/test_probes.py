"""Probe drugs: baselines within 1.3-fold of their records, and what each enzyme does to them."""

from __future__ import annotations

import numpy as np
import pytest

from interaction_chain import PERSON, STEPS, Dose, nmol, run, values
from speciosa.core.nca import read_profile
from speciosa.evidence.load import load_evidence
from speciosa.exposure.probes import MIDAZOLAM, PROBES, intrinsic_clearance

FOLD = 1.3
LONG = np.concatenate((STEPS, np.arange(24.5, 96.1, 0.5)))


def recorded(name: str) -> float:
    return load_evidence().number(name).value


def reading(name: str, milligrams: float, **more):
    dose, quantity = Dose(0, f"{name}_oral", milligrams), f"{name}_plasma"
    profile = run([dose], LONG, [quantity], **more)[quantity]
    return read_profile(LONG, profile), nmol(dose)


def within(found: float, wanted: float) -> None:
    assert wanted / FOLD < found < wanted * FOLD


def test_midazolam_keeps_to_its_records():
    """Clearance, gut availability and volume, as an oral area and a half-life show them."""
    read, given = reading("midazolam", 2.5)
    clearance, volume = recorded("midazolam.clearance"), recorded("midazolam.volume")
    blood = clearance / recorded("midazolam.blood_to_plasma")
    liver = 1 - blood / recorded("physiology.liver_flow")
    within(given / read.auc_inf, clearance / (recorded("midazolam.gut_availability") * liver))
    within(read.half_life, np.log(2) * volume / clearance)
    assert 0.25 < read.tmax < 1.5


def test_dextromethorphan_keeps_to_its_records():
    read, given = reading("dextromethorphan", 22.0)
    available = recorded("dextromethorphan.bioavailability")
    clearance = recorded("physiology.liver_flow") * (1 - available)
    within(given / read.auc_inf, clearance / available)
    within(read.half_life, np.log(2) * recorded("dextromethorphan.volume") / clearance)


def test_caffeine_keeps_to_its_records():
    read, given = reading("caffeine", 100.0)
    within(given / read.auc_inf, recorded("caffeine.clearance") * PERSON["weight"])
    half_life = np.log(2) * recorded("caffeine.volume") / recorded("caffeine.clearance")
    within(read.half_life, half_life)


def test_the_area_is_the_dose_that_escapes_over_the_clearance():
    read, given = reading("midazolam", 2.5)
    p = values(MIDAZOLAM)
    escapes = p["Qh"] / (p["Qh"] + p["CLu0"])
    available = p["Fg"] * escapes
    clearance = p["CLu0"] * escapes * p["in_blood"]
    assert read.auc_inf == pytest.approx(available * given / clearance, rel=2e-3)


def test_the_liver_takes_what_was_measured_of_midazolam():
    """Hohmann 2015: hepatic extraction 0.43 (0.37-0.49)."""
    p = values(MIDAZOLAM)
    assert p["CLu0"] / (p["Qh"] + p["CLu0"]) == pytest.approx(0.43, abs=0.02)


def test_a_poor_metaboliser_of_dextromethorphan_keeps_it_for_long():
    usual, _ = reading("dextromethorphan", 22.0)
    poor, _ = reading("dextromethorphan", 22.0, person={**PERSON, "cyp2d6_activity_score": 0.0})
    assert poor.auc_inf > 10 * usual.auc_inf
    assert poor.half_life > 2 * usual.half_life


def test_smoking_clears_caffeine():
    usual, _ = reading("caffeine", 100.0)
    smoking, _ = reading("caffeine", 100.0, person={**PERSON, "smoker": 1.0})
    assert 1.2 < usual.auc_inf / smoking.auc_inf < 2.0


@pytest.mark.parametrize("name, enzyme", [
    ("midazolam", "cyp3a_liver_activity"),
    ("dextromethorphan", "cyp2d6_activity"),
    ("caffeine", "cyp1a2_activity"),
])  # fmt: skip
def test_each_probe_reads_its_own_enzyme(name: str, enzyme: str):
    stage, p = PROBES[name], values(PROBES[name])
    active = {quantity: 1.0 for quantity in stage.needs}
    body = {state: 100.0 for state in (*stage.states, *stage.modes)}
    x = body | {f"{name}_depot": 0.0}
    full = stage.rates(np, x, active, p)[f"{name}_central"]
    half = stage.rates(np, x, active | {enzyme: 0.5}, p)[f"{name}_central"]
    assert full < half < 0
    assert set(stage.needs) <= {enzyme, "cyp3a_gut_activity"}


def test_gut_cyp3a_takes_some_midazolam_before_it_arrives():
    p = values(MIDAZOLAM)
    x = {"midazolam_depot": 100.0, "midazolam_central": 0.0}
    arriving = [
        MIDAZOLAM.rates(np, x, {"cyp3a_liver_activity": 1.0, "cyp3a_gut_activity": activity}, p)[
            "midazolam_central"
        ]
        for activity in (0.0, 1.0)
    ]
    assert arriving[1] / arriving[0] == pytest.approx(p["Fg"])


def test_no_dose_no_drug():
    for name in PROBES:
        assert (run([Dose(0, f"{name}_oral", 0.0)], [0.0, 5.0], [f"{name}_plasma"])
                [f"{name}_plasma"] == 0).all()  # fmt: skip


def test_extraction_is_undone():
    assert 90 * intrinsic_clearance(90, 0.6) / (90 + intrinsic_clearance(90, 0.6)) == (
        pytest.approx(0.6 * 90)
    )
