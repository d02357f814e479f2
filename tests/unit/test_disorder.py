"""What differs between disorders, and that optional scores cost nothing unasked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from speciosa.core.errors import InputError
from speciosa.evidence.load import Evidence
from speciosa.trial.design import design
from speciosa.trial.disorder import DISORDERS, disorder_named
from speciosa.trial.outcomes import scales
from speciosa.trial.study import DISORDERS as NAMES
from speciosa.trial.study import Endpoint, Study, load_study, read_study


@pytest.fixture(scope="module")
def alcohol() -> Study:
    return load_study("combination-alcohol")


def test_every_disorder_of_a_study_is_known() -> None:
    assert tuple(DISORDERS) == NAMES
    with pytest.raises(InputError, match="alcohol"):
        disorder_named("alcohool")


@pytest.mark.parametrize("name", NAMES)
def test_everything_recorded_is_given_and_everything_named_can_be_measured(
    name: str, evidence: Evidence
) -> None:
    plan = design(load_study(f"combination-{name}"), evidence)
    assert set(plan.recorded) <= set(plan.model.units)
    assert {*plan.lowest, *plan.highest} <= set(plan.model.units)
    assert set(plan.disorder.scores) <= set(plan.disorder.recipe(()).units)
    assert set(plan.disorder.optional) <= set(plan.disorder.recipe(()).units)
    assert {endpoint.scale for endpoint in plan.study.endpoints} <= set(scales(name))
    known = {*plan.disorder.definitions, *plan.disorder.history}
    assert known <= set(evidence.numbers)


def test_an_optional_score_is_wired_only_where_an_endpoint_asks(
    alcohol: Study, evidence: Evidence
) -> None:
    bare = design(alcohol, evidence)
    assert not {"mood", "pain", "stress"} & {stage.name for stage in bare.model.stages}
    asked = Endpoint("pain", "pain_tolerance", "mean", (1, 28), "higher", 5.0, "s", "Pain")
    more = design(replace(alcohol, endpoints=(*alcohol.endpoints, asked)), evidence)
    assert "pain_tolerance" in more.recorded
    assert "pain" in {stage.name for stage in more.model.stages}


def test_an_alcohol_study_has_a_standard_arm_in_medical_care(alcohol: Study) -> None:
    import tomllib

    table = tomllib.loads(alcohol.text)
    for arm in table["arm"]:
        if arm["role"] == "standard":
            arm["care"] = "ordinary care"
    with pytest.raises(InputError, match="medical care"):
        read_study(table)
    table["arm"] = [arm for arm in table["arm"] if arm["role"] != "standard"]
    with pytest.raises(InputError, match="standard"):
        read_study(table)


def test_scales_belong_to_their_disorder(alcohol: Study) -> None:
    assert "ciwa" in scales("alcohol")
    assert "ciwa" not in scales("opioid")
    assert "precipitated_withdrawal" not in scales("alcohol")


def test_usual_people_of_a_disorder(alcohol: Study) -> None:
    import tomllib

    table = tomllib.loads(alcohol.text)
    table["population"] = {}
    people = read_study(table).population
    assert [habit.drug for habit in people.habits] == ["alcohol"]
    assert people.use_level == "drinking.level"
