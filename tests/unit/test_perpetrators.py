"""Inhibitors: exposure as published, and how their inhibition adds up."""

from __future__ import annotations

import numpy as np
import pytest

from interaction_chain import STEPS, Dose, run
from speciosa.core.nca import read_profile
from speciosa.exposure.enzymes import activity
from speciosa.exposure.perpetrators import INHIBITS, PERPETRATORS, inhibition


def test_fluvoxamine_as_in_spigset_1995():
    hours = np.concatenate((STEPS, np.arange(24.5, 48.1, 0.5)))
    quantity = "fluvoxamine_plasma"
    read = read_profile(hours, run([Dose(0, "fluvoxamine_oral", 50)], hours, [quantity])[quantity])
    assert read.cmax == pytest.approx(57.7, rel=0.05)
    assert read.auc_inf == pytest.approx(1110, rel=0.05)
    assert read.half_life == pytest.approx(10.7, rel=0.05)


def test_ketoconazole_peaks_unbound_near_what_is_remembered():
    """0.2 uM (0.1-0.4) after 400 mg, one to two hours after the dose."""
    quantity = "ketoconazole_liver_unbound"
    found = run([Dose(0, "ketoconazole_oral", 400)], STEPS, [quantity])[quantity]
    assert 100 < found.max() < 400
    assert 1 <= STEPS[found.argmax()] <= 2


def test_the_gut_wall_sees_more_than_plasma_while_it_is_absorbed():
    names = ["ketoconazole_gut_unbound", "ketoconazole_liver_unbound"]
    found = run([Dose(0, "ketoconazole_oral", 400)], [0.5, 24.0], names)
    gut, plasma = (found[name] for name in names)
    assert gut[0] > 3 * plasma[0]
    assert gut[1] == pytest.approx(plasma[1], rel=1e-6)


def test_inhibitions_add_up_and_each_at_its_enzyme():
    stage = inhibition(tuple(INHIBITS))
    p = {f"Ki_{name}": 10.0 for name in INHIBITS}
    s = dict.fromkeys(stage.needs, 20.0)
    found = stage.outputs(np, {}, s, p)
    assert found["cyp3a_liver_inhibition"] == found["cyp3a_gut_inhibition"] == 4.0  # two drugs
    assert found["cyp1a2_inhibition"] == 2.0


def test_kratom_and_a_drug_compete_for_one_site():
    stage = activity(inhibited=True)
    p = {"Ki_3A": 10.0, "Ki_2D6": 10.0, "Ki_1A2": 10.0}
    s = dict.fromkeys(stage.needs, 1.0) | {"liver_inhibitor": 10.0, "cyp3a_liver_inhibition": 3.0}
    found = stage.outputs(np, {}, s, p)
    assert found["cyp3a_liver_activity"] == pytest.approx(1 / (1 + 1 + 3))
    assert found["cyp2d6_activity"] == pytest.approx(1 / 2)


@pytest.mark.parametrize("name", PERPETRATORS)
def test_exposure_is_in_proportion_to_the_dose(name: str):
    quantity = f"{name}_plasma"
    one, two = (
        run([Dose(0, f"{name}_oral", mg)], [0.0, 2.0, 20.0], [quantity])[quantity]
        for mg in (50, 100)
    )
    assert two[1:] == pytest.approx(2 * one[1:], rel=1e-6)
