"""Stages joined by name: what is refused, in which words, and what a wired model tells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from speciosa.core.errors import InputError
from speciosa.core.stage import Decision, Mode, Parameter, Stage, State
from speciosa.core.wiring import Model, derivatives, feedback_loops, signals, wire


def stage(
    name: str, needs: dict[str, str], gives: dict[str, str], *direct: str, **more: Any
) -> Stage:
    """A stage whose outputs are all one plus the sum of what it reads directly."""

    def outputs(xp: Any, x: Any, s: Any, p: Any) -> dict[str, Any]:
        return dict.fromkeys(gives, 1.0 + sum(s[q] for q in direct))

    return Stage(name, needs, gives, outputs, direct=direct, **more)


def decision(name: str, watches: dict[str, str], gives: dict[str, str]) -> Decision:
    return Decision(
        name=name, watches=watches, memory=dict.fromkeys(gives, 0.0), gives=gives, hours=(8.0,),
        decide=lambda xp, moment, s, memory, u, p: (memory, {}),
    )  # fmt: skip


SOURCE = stage("source", {}, {"level": "nM"})


def test_stages_stand_in_the_order_in_which_they_can_be_computed() -> None:
    last = stage("last", {"second": "1"}, {"third": "1"}, "second")
    middle = stage("middle", {"level": "nM"}, {"second": "1"}, "level")
    model = wire([last, middle, SOURCE])
    assert [one.name for one in model.stages] == ["source", "middle", "last"]
    found = signals(
        np, model, {s.name: {} for s in model.stages}, {}, {s.name: {} for s in model.stages}
    )
    assert found == {"level": 1.0, "second": 2.0, "third": 3.0}


def test_what_is_known_is_not_computed_again() -> None:
    model = wire([SOURCE, stage("reader", {"level": "nM"}, {"twice": "1"}, "level")])
    empty: dict[str, dict[str, Any]] = {"source": {}, "reader": {}}
    assert signals(np, model, empty, {"level": 41.0}, empty)["twice"] == 42.0


def test_a_missing_quantity_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match='"reader" needs "levle", which nothing gives') as error:
        wire([SOURCE, stage("reader", {"levle": "nM"}, {"twice": "nM"})])
    assert 'Did you mean "level"?' in str(error.value)


def test_a_decision_that_watches_nothing_real_is_refused() -> None:
    with pytest.raises(InputError, match='"rescue" needs "pain", which nothing gives'):
        wire([SOURCE], [decision("rescue", {"pain": "1"}, {})])


def test_a_quantity_given_twice_is_refused_with_both_givers() -> None:
    with pytest.raises(InputError, match='"level" is given by both source and other'):
        wire([SOURCE, stage("other", {}, {"level": "nM"})])
    with pytest.raises(InputError, match='"level" is given by both source and held'):
        wire([SOURCE], [decision("held", {}, {"level": "nM"})])


def test_the_clock_is_the_engines_own() -> None:
    with pytest.raises(InputError, match='"clock_hour" is given by both the engine and mine'):
        wire([stage("mine", {}, {"clock_hour": "h"})])
    assert wire([stage("reader", {"hours": "h"}, {"late": "1"}, "hours")]).units["hours"] == "h"


def test_a_name_used_twice_is_refused() -> None:
    with pytest.raises(InputError, match='stage or decision "source" appears twice'):
        wire([SOURCE], [decision("source", {}, {})])


@pytest.mark.parametrize("unit", ["uM", "ug/L", "h"])
def test_another_unit_is_refused_and_never_converted_silently(unit: str) -> None:
    told = f'"reader" wants "level" in {unit}, it is given in nM'
    with pytest.raises(InputError, match=told):
        wire([SOURCE, stage("reader", {"level": unit}, {"twice": "nM"})])


def test_an_algebraic_loop_is_refused_with_its_path() -> None:
    parts = [
        stage("a", {"of_c": "1"}, {"of_a": "1"}, "of_c"),
        stage("b", {"of_a": "1"}, {"of_b": "1"}, "of_a"),
        stage("c", {"of_b": "1"}, {"of_c": "1"}, "of_b"),
    ]
    with pytest.raises(InputError, match="algebraic loop: a -> c -> b -> a") as error:
        wire(parts)
    assert "through a state" in str(error.value)
    with pytest.raises(InputError, match="algebraic loop: own -> own"):
        wire([stage("own", {"of_own": "1"}, {"of_own": "1"}, "of_own")])


def test_a_loop_through_a_state_is_wired_and_listed() -> None:
    slow = stage(
        "slow", {"fast_out": "1"}, {"slow_out": "1"},
        rates=lambda xp, x, s, p: {"x": s["fast_out"]}, states={"x": State("1", 1.0)},
    )  # fmt: skip
    fast = stage("fast", {"slow_out": "1"}, {"fast_out": "1"}, "slow_out")
    model = wire([slow, fast])
    assert feedback_loops(model) == (("fast", "fast_out", "slow"),)
    assert feedback_loops(wire([SOURCE])) == ()
    nothing: dict[str, dict[str, Any]] = {"slow": {"x": 0.0}, "fast": {}}
    found = signals(np, model, nothing, {}, nothing)
    assert derivatives(np, model, nothing, found, nothing) == {"slow": {"x": 2.0}}


def test_reading_directly_what_is_not_needed_is_refused() -> None:
    with pytest.raises(InputError, match='"reader" reads "level" directly but does not need it'):
        wire([SOURCE, stage("reader", {}, {"twice": "nM"}, "level")])


def test_a_model_knows_its_records_and_its_dose_entries() -> None:
    drug = stage(
        "drug", {}, {"plasma": "nM"}, modes={"gut": Mode("nmol", "ka", 1.0)},
        parameters={"ka": Parameter("drug.rate", "1/h"), "F": Parameter("drug.share", "1")},
        entries={"drug_oral": {"gut": "F"}},
    )  # fmt: skip
    again = stage(
        "lungs", {}, {"air": "nM"}, states={"gas": State("nmol", 1.0)},
        parameters={"V": Parameter("drug.rate", "1/h")}, entries={"drug_oral": {"gas": "V"}},
    )  # fmt: skip
    model: Model = wire([drug, again])
    assert model.records() == ("drug.rate", "drug.share")
    assert model.entries() == {"drug_oral": (("drug", "gut", "F"), ("lungs", "gas", "V"))}
