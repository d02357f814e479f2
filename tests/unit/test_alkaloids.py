"""The other alkaloids of leaf: exposure as published, batches of their own, and mu binding."""

from __future__ import annotations

import numpy as np
import pytest

from interaction_chain import Dose, run
from speciosa.care.product import composition_factors
from speciosa.care.shelf import KRATOM_LEAF, KRATOM_LEAF_K51
from speciosa.core.nca import read_profile
from speciosa.core.wiring import wire
from speciosa.evidence.load import load_evidence
from speciosa.exposure.alkaloids import LIGANDS, NAMES, OTHERS
from speciosa.models.interaction import interaction
from speciosa.models.opioid import opioid
from speciosa.receptor.mu import mu

TIMES = (0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 8, 12, 24, 36, 48,
         72, 96, 120)  # fmt: skip
# mg swallowed; peak nM, its time h, area nM h, half-life h: medians of Tanna 2022
PUBLISHED = {
    "speciogynine": (6.4, 51.4, 2.0, 477, 23.5),
    "paynantheine": (12.0, 61.1, 1.0, 438, 27.0),
    "speciociliatine": (10.0, 308, 2.5, 5120, 12.3),
    "mitraciliatine": (1.3, 73.5, 4.5, 1160, 17.8),
    "isopaynantheine": (1.0, 48.8, 4.5, 794, 14.4),
}


@pytest.mark.parametrize("name", NAMES)
def test_single_dose(name: str):
    """Calibration, through the trial's limit of quantification."""
    swallowed, cmax, tmax, area, half_life = PUBLISHED[name]
    quantity = f"{name}_plasma"
    profile = run(
        [Dose(0, f"{name}_oral", swallowed)], TIMES, [quantity], whole=wire([OTHERS[name]])
    )
    found = read_profile(np.array(TIMES), profile[quantity], quantification_limit=0.5)
    assert found.cmax == pytest.approx(cmax, rel=0.1)
    assert found.auc_inf == pytest.approx(area, rel=0.1)
    assert found.half_life == pytest.approx(half_life, rel=0.1)
    assert tmax / 1.7 <= found.tmax <= tmax * 1.7


def test_together_they_are_nineteen_times_mitragynine():
    area = sum(row[3] for row in PUBLISHED.values()) / 420
    assert area == pytest.approx(
        load_evidence().number("other_alkaloids.plasma_ratio").value, rel=0.01
    )


def test_the_default_recipe_does_not_pay_for_them():
    names = {stage.name for stage in opioid(["mitragynine_oral"]).stages}
    assert not names & set(NAMES)
    asked = interaction(["mitragynine_oral", "speciociliatine_oral"])
    assert "speciociliatine" in {stage.name for stage in asked.stages}
    assert "mu_occupancy_speciociliatine" in asked.units


def test_they_compete_for_the_receptor():
    stage = mu(("fentanyl",), others=LIGANDS)
    constants = {
        f"K_{one}": 10.0 for one in ("fentanyl", "mitragynine", "hydroxymitragynine", *LIGANDS)
    }
    efficacy = {f"eps_{one}": 0.0 for one in constants} | {
        f"eps_{one}": 0.0 for one in ("mitragynine", "hydroxymitragynine", *LIGANDS)
    }
    p = constants | efficacy | {
        "eps_fentanyl": 1.0, "n": 2.4, "half": 0.01, "ceiling": 0.2, "ceiling_edge": 1.0,
        "uncoupling": 0.0, "pull_fentanyl": 1.0,
    }  # fmt: skip
    s = dict.fromkeys(stage.needs, 0.0) | {"fentanyl_effect": 10.0}
    alone = stage.outputs(np, {}, s, p)
    beside = stage.outputs(np, {}, s | {"paynantheine_brain": 20.0}, p)
    assert alone["mu_occupancy_fentanyl"] == pytest.approx(0.5)
    assert beside["mu_occupancy_fentanyl"] == pytest.approx(0.25)
    assert beside["mu_signal"] < alone["mu_signal"]


def test_each_alkaloid_of_a_batch_has_luck_of_its_own():
    product = KRATOM_LEAF.whole()
    plain = composition_factors(product, 0.0)
    lucky = composition_factors(product, 0.0, own={"speciociliatine": 2.0})
    assert lucky["speciociliatine_oral"] > 1.3 * plain["speciociliatine_oral"]
    assert lucky["mitragynine_oral"] == plain["mitragynine_oral"]
    strong = composition_factors(product, 2.0)
    for entry in plain:
        assert strong[entry] > plain[entry], entry  # and a strong batch is strong in all


def test_the_trial_leaf_does_not_vary():
    assert KRATOM_LEAF.whole().varies()
    assert not KRATOM_LEAF_K51.whole().varies()


def test_a_leaf_as_such_is_what_it_was():
    assert set(KRATOM_LEAF.entries()) == {"mitragynine_oral", "hydroxymitragynine_oral"}
    assert not any("speciociliatine" in record for record in KRATOM_LEAF.records())
