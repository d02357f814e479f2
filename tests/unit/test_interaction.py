"""The interaction recipe: when it is called for, what it exchanges, and a look through it."""

from __future__ import annotations

import pytest

from speciosa.core.mesh import QUARTER
from speciosa.models.interaction import (
    FINE_STEP,
    VICTIMS,
    interaction,
    interacts,
    longest_step,
    recipe,
)
from speciosa.models.opioid import opioid
from speciosa.trial.simulate import simulate

LEAF = {"mitragynine_oral", "hydroxymitragynine_oral"}


def names(model) -> set[str]:
    return {stage.name for stage in model.stages}


@pytest.mark.parametrize("entries, wanted", [
    (LEAF, False),
    (LEAF | {"melatonin_oral"}, False),
    (LEAF | {"lofexidine_oral"}, False),
    ({"methadone_oral"}, False),
    (LEAF | {"methadone_oral"}, True),
    ({"midazolam_oral"}, True),
    ({"fluvoxamine_oral", "melatonin_oral"}, True),
    (LEAF | {"speciogynine_oral"}, True),
])  # fmt: skip
def test_when_drugs_interact(entries: set[str], wanted: bool):
    assert interacts(entries) is wanted
    if not wanted:
        assert recipe(entries) == opioid(entries) or names(recipe(entries)) == names(
            opioid(entries)
        )


def test_the_opioid_recipe_keeps_constant_clearances():
    model = opioid(LEAF | {"methadone_oral", "buprenorphine_sublingual"})
    states = {state for stage in model.stages for state in stage.states}
    for stage in VICTIMS.values():
        assert not states & stage.states.keys()


def test_people_with_a_habit_keep_fentanyl_exact():
    entries = LEAF | {"fentanyl_intravenous"}
    with_habits, without = (interaction(entries, habits=each) for each in (True, False))
    assert longest_step(with_habits) == QUARTER
    assert longest_step(without) == FINE_STEP


def test_without_kratom_there_is_no_turnover_and_enzymes_still_act():
    model = interaction({"ketoconazole_oral", "midazolam_oral"})
    assert "enzyme_turnover" not in names(model)
    assert {"cyp3a_gut_activity", "cyp1a2_activity", "mitragynine_plasma"} <= set(model.units)


def test_speciogynine_reaches_mood_where_it_is_asked_for():
    assert "serotonin" not in " ".join(names(opioid(LEAF)))
    asked = interaction(LEAF | {"speciogynine_oral"})
    assert any("serotonin" in name for name in names(asked))


def test_a_look_prints_exposure_ratios():
    look = simulate("midazolam 2.5 mg once", ["kratom leaf 2 g once"], people=20, days=1)
    ratios = look.ratios()["midazolam_plasma"]
    assert ratios["auc"].median > 1.05
    assert ratios["cmax"].median > 1.05
    assert look.failed == 0
    assert "ventilation" not in look.courses  # cut down to what is asked
    assert "cyp3a_gut_activity" in look.courses
