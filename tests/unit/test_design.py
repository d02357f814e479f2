"""A study made ready: which drugs are wired, what is given when, to whom and of which batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from speciosa.care.product import taken_up
from speciosa.care.regimen import parse_regimens
from speciosa.care.shelf import BUPRENORPHINE
from speciosa.evidence.load import Evidence
from speciosa.trial.design import Design, design
from speciosa.trial.recruited import Recruited, recruited
from speciosa.trial.steps import AFTER_DOSE, AFTER_USE
from speciosa.trial.study import Arm, Study


@pytest.fixture(scope="module")
def plan(study: Study, evidence: Evidence) -> Design:
    return design(study, evidence)


@pytest.fixture(scope="module")
def people(plan: Design, evidence: Evidence) -> Recruited:
    return recruited(plan, evidence, np.arange(30), np.arange(30))


def with_arms(study: Study, evidence: Evidence, **regimens: Sequence[str]) -> Design:
    """The design of the default study with other arms."""
    arms = tuple(
        Arm(name, tuple(r for line in lines for r in parse_regimens(line)), "standard")
        for name, lines in regimens.items()
    )
    return design(replace(study, arms=arms), evidence)


def names(plan: Design) -> set[str]:
    return {stage.name for stage in plan.model.stages}


def test_only_what_is_given_or_used_is_wired(
    plan: Design, study: Study, evidence: Evidence
) -> None:
    assert {"mitragynine", "lofexidine", "buprenorphine", "fentanyl", "melatonin"} <= names(plan)
    assert not {"methadone", "naltrexone", "naloxone", "clonidine"} & names(plan)
    other = with_arms(study, evidence, a=[], b=["methadone 60 mg daily"])
    assert "methadone" in names(other)
    assert not {"mitragynine", "buprenorphine", "lofexidine"} & names(other)


def test_a_product_is_one_column_for_all_arms(plan: Design) -> None:
    assert [given.product.key for given in plan.given] == [
        "kratom_leaf", "melatonin", "lofexidine", "buprenorphine",
    ]  # fmt: skip
    totals = {name: mesh.doses.sum(axis=0).tolist() for name, mesh in plan.meshes.items()}
    assert totals["placebo"] == [0.0, 0.0, 0.0, 0.0]
    assert totals["kratom"] == [4.0 * 4 * 28, 0.0, 0.0, 0.0]
    assert totals["melatonin"] == [0.0, 5.0 * 28, 0.0, 0.0]
    assert totals["both"] == [4.0 * 4 * 28, 5.0 * 28, 0.0, 0.0]
    taper = 0.54 * 4 * (0.75 + 0.5 + 0.25)
    assert totals["lofexidine"] == pytest.approx([0, 0, 0.54 * 4 * 7 + taper, 0])
    assert totals["buprenorphine"] == [0.0, 0.0, 0.0, 16.0 * 28]  # after day 1, days 2 to 29


def test_a_decision_belongs_to_its_arm_alone(plan: Design) -> None:
    own = [one.name for one in plan.model.decisions].index("buprenorphine_buprenorphine_0")
    for name, enabled in plan.enabled.items():
        assert enabled[own] is (name == "buprenorphine")
        assert all(enabled[:own])


def test_steps_are_small_after_doses_and_slots_of_use(plan: Design) -> None:
    mesh = plan.meshes["melatonin"]
    after_dose = mesh.step[mesh.doses[:, 1] > 0]
    assert np.all(after_dose <= AFTER_DOSE + 1e-12)
    clock = (8.0 + mesh.hours) % 24.0
    assert np.all(mesh.step[np.isclose(clock, 18.25)] <= AFTER_USE + 1e-12)
    quiet = plan.meshes["placebo"]
    assert quiet.step.size < mesh.step.size < plan.meshes["both"].step.size
    assert plan.steps >= max(
        np.bincount((m.hours // 24).astype(int)).max() for m in plan.meshes.values()
    )


def test_a_new_batch_every_fortnight_the_same_in_every_arm(
    plan: Design, people: Recruited, evidence: Evidence
) -> None:
    leaf, melatonin = people.supplies[0], people.supplies[1]
    strength = leaf.content["mitragynine_oral"]
    assert plan.days_per_batch == 14
    assert strength.shape == (3, 30)  # 35 days
    assert np.all(np.ptp(strength, axis=0) > 0)
    assert np.all(np.ptp(melatonin.content["melatonin_oral"], axis=0) == 0)  # a medicine
    cv = np.std(np.log(strength)) / np.sqrt(
        np.log1p(evidence.number("product.kratom_leaf.mitragynine_batch_cv").value ** 2)
    )
    assert 0.7 < cv < 1.5
    related = np.corrcoef(strength)[0, 1]
    assert abs(related) < 0.7  # batches are drawn apart
    again = recruited(plan, evidence, np.array([4]), np.array([4])).supplies[0]
    assert np.array_equal(again.content["mitragynine_oral"][:, 0], strength[:, 4])


def test_doses_are_supervised_while_people_live_in(plan: Design, people: Recruited) -> None:
    assert {supply.supervised_days for supply in people.supplies} == {3}
    for supply in people.supplies:
        assert np.array_equal(supply.adherence, people.cohort.covariates["adherence"])


def test_what_waits_for_a_score_knows_its_strength(
    plan: Design, people: Recruited, evidence: Evidence
) -> None:
    found = plan.unit_covariates(evidence, people.cohort)
    assert list(found) == ["buprenorphine_buprenorphine_sublingual_per_unit_of_8"]
    mass = evidence.number("molecule.buprenorphine.molar_mass").value
    share = taken_up(BUPRENORPHINE, 8.0) / 8.0  # less of a larger dose is taken up
    assert 1.0 < share < 1.5
    strength = found["buprenorphine_buprenorphine_sublingual_per_unit_of_8"]
    np.testing.assert_allclose(strength, share * 1e6 / mass)


def test_an_arms_ligands_are_those_it_assigns(plan: Design, study: Study) -> None:
    ligands = {arm.name: plan.ligands(arm) for arm in study.arms}
    assert ligands["placebo"] == ligands["melatonin"] == ligands["lofexidine"] == ()
    assert ligands["kratom"] == ("hydroxymitragynine", "mitragynine")
    assert ligands["buprenorphine"] == ("buprenorphine",)


def test_no_dose_is_no_column_no_drug_and_no_step(study: Study, evidence: Evidence) -> None:
    plan = with_arms(
        study, evidence, placebo=[], empty=["kratom leaf 0 g every 6 h for 28 d"],
        once=["kratom leaf 0 g once when COWS >= 8 on day 1"],
    )  # fmt: skip
    assert plan.given == ()
    assert "mitragynine" not in names(plan)
    for name in ("empty", "once"):
        assert np.array_equal(plan.meshes[name].hours, plan.meshes["placebo"].hours)
    assert plan.enabled["once"] == plan.enabled["placebo"]


def test_everything_recorded_is_given_by_the_model(plan: Design) -> None:
    assert set(plan.recorded) <= set(plan.model.units)
    assert len(plan.recorded) == len(set(plan.recorded))
    for quantity in (
        "cows",
        "sows_gossop",
        "in_treatment",
        "mitragynine_plasma",
        "total_sleep_time",
    ):
        assert quantity in plan.recorded
    assert (plan.lowest, plan.highest) == (("ventilation",), ("cows",))


def test_a_design_can_be_cut_to_what_is_asked(study: Study, evidence: Evidence) -> None:
    small = design(study, evidence, behaviour=False, quantities=lambda model: ["melatonin_plasma"])
    assert small.recorded == ("melatonin_plasma",)
    assert "cows" in small.model.units  # the induction decision watches it
    assert "breathing" not in names(small)
    assert small.lowest == ()


def test_people_start_with_what_they_have_used(people: Recruited, plan: Design) -> None:
    drug = people.cohort.covariates["drug"]
    for number, stage in enumerate(("fentanyl", "heroin_morphine", "oxycodone")):
        left = sum(people.start[stage].values())
        assert np.all(np.abs(left[drug == number]) > 0)
        assert not np.any(left[drug != number])
    assert np.all(people.start["adaptation"]["adapted_slow"] > 0.2)
    known = {stage.name: {**stage.states, **stage.modes} for stage in plan.model.stages}
    for stage, rows in people.start.items():
        assert rows.keys() <= known[stage].keys()
