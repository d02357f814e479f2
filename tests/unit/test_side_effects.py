"""The heart, the liver and melatonin's nuisances: sizes, limits and where they are shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from opioid_chain import central
from speciosa.core.dimensions import check_dimensions
from speciosa.response.side_effects import CARDIAC, LIVER, MELATONIN_ADVERSE, SIDE_EFFECTS
from speciosa.trial.side_effects import side_effect_endpoints, side_effect_records
from speciosa.trial.study import load_study


@pytest.mark.parametrize("stage", SIDE_EFFECTS, ids=lambda stage: stage.name)
def test_units_balance(stage) -> None:
    check_dimensions(stage)


def test_leaf_stays_far_from_what_blocks_the_channel() -> None:
    """39 mg of mitragynine peaks at 81.9 nM in all: alone a hundredfold under IC50 where free."""
    p = central(CARDIAC)
    alone = CARDIAC.outputs(np, {}, {"mitragynine_plasma": 81.9}, {**p, "others_potency": 0.0})
    assert 100 < alone["herg_margin"] < 700
    found = CARDIAC.outputs(np, {}, {"mitragynine_plasma": np.array([0.0, 81.9])}, p)
    assert found["herg_block"][0] == 0.0
    assert 10 < found["herg_margin"][1] < 40  # the other alkaloids bring it twentyfold nearer
    assert found["herg_block"][1] == pytest.approx(1 / (1 + found["herg_margin"][1]), rel=1e-3)
    assert np.isfinite(found["herg_margin"]).all()


def test_half_of_all_liver_injuries_have_come_by_the_median_latency() -> None:
    p = central(LIVER)
    days = np.array([0.0, 15.0, 22.0, 49.0, 1e6])
    share = LIVER.outputs(np, {}, {"kratom_days": days}, p)["liver_injury"] / p["rate"]
    assert share == pytest.approx([0.0, 0.13, 0.5, 0.98, 1.0], abs=0.03)


def test_melatonin_adds_its_ratio_and_nothing_without_it() -> None:
    p = central(MELATONIN_ADVERSE)
    without, with_ = (
        MELATONIN_ADVERSE.outputs(np, {}, {"melatonin_given": given}, p)["melatonin_adverse"]
        for given in (0.0, 1.0)
    )
    assert with_ / without == pytest.approx(1.40)


def test_they_stand_in_a_study_that_gives_the_remedy_and_in_no_other() -> None:
    study = load_study("combination-opioid")
    assert {row.id for row in side_effect_endpoints(study)} == {
        "liver_injury", "herg_block", "melatonin_adverse",
    }  # fmt: skip
    assert {"liver.rate", "cardiac.herg_constant"} <= side_effect_records(study)
    other = replace(
        study, arms=tuple(arm for arm in study.arms if arm.role in ("placebo", "standard"))
    )
    assert side_effect_endpoints(other) == ()
    assert side_effect_records(other) == set()
