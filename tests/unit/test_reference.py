"""The SciPy reference: against closed forms, and against a record that was tampered with."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from speciosa.core.engine import Engine, Supply
from speciosa.core.mesh import Refinement, build_mesh, most_steps
from speciosa.core.outcome import Outcome
from speciosa.core.random import streams
from speciosa.core.reference import Reference, beginning, replay
from toy import bateman, logistic, toy_model, toy_numbers

PEOPLE, DAYS = 4, 2
HOURS = np.array([0.0, 2.0, 4.0, 12.0])
WHO = streams(9, np.zeros(PEOPLE, int), np.arange(PEOPLE))
NUMBERS = toy_numbers(PEOPLE, below=2.0, amount=40.0, chance=0.3)
RECORDED = ("level", "stock", "extra", "in_treatment")


@pytest.fixture(scope="module")
def traced() -> Outcome:
    mesh = build_mesh(
        hours=24.0 * DAYS, start_clock_hour=8.0, decision_hours=[(12.0,), (20.0,)],
        doses=[[(0.0, 2.0), (24.0, 1.0)]], sample_hours=(8.0, 10.0, 12.0, 20.0),
        refinements=(Refinement((0.0, 24.0), 0.03),),
    )  # fmt: skip
    engine = Engine(
        toy_model(), products=["tablet"], recorded=RECORDED, lowest=("stock",), highest=("level",),
        samples=4, steps=most_steps([mesh]), width=2, trace=True,
    )  # fmt: skip
    supply = Supply("tablet", {"drug_oral": 100.0 * np.ones((1, PEOPLE))}, adherence=0.7)
    return engine.solve(mesh, NUMBERS, WHO, [supply])


def again(trace: Any, **options: Any) -> Reference:
    options = {"lowest": ("stock",), "highest": ("level",), **options}
    return replay(toy_model(), trace, NUMBERS, WHO, RECORDED, **options)


def level(traced: Outcome, times: Any) -> Any:
    """The level that the recorded doses lead to, in closed form."""
    k, found = NUMBERS["drug"]["k"], 0.0
    for day in traced.trace:
        for place, when in enumerate(day["mesh"].hours):
            since = times - when
            found = found + bateman(since, 1.0, k) * day["given"]["drug_oral"][place]
            bolus = 0.5 / 20.0 * np.exp(-k * np.maximum(since, 0.0)) * (since > 0)
            found = found + bolus * day["given"]["drug_bolus"][place]
    return found


def test_the_reference_gives_the_closed_form(traced: Outcome) -> None:
    found = again(traced.trace, rtol=1e-10)
    for entry in ("drug_oral", "drug_bolus"):
        given = np.concatenate([day["given"][entry] for day in traced.trace])
        assert 0 < np.count_nonzero(given) < 2 * PEOPLE  # some missed it
    times = (24.0 * np.arange(DAYS)[:, None] + HOURS)[:, :, None]
    np.testing.assert_allclose(found.samples[:, :, 0], level(traced, times), rtol=1e-8, atol=1e-10)
    stock = np.broadcast_to(logistic(times), (DAYS, HOURS.size, PEOPLE))
    np.testing.assert_allclose(found.samples[:, :, 1], stock, rtol=1e-8)
    fine = np.append(np.linspace(0, 24, 2_000), 4.0 + 1e-9)[:, None]
    np.testing.assert_allclose(found.maxima[0, 0], level(traced, fine).max(axis=0), rtol=1e-3)
    np.testing.assert_allclose(found.minima[1, 0], logistic(24.0), rtol=1e-8)


def test_engine_and_reference_agree_and_so_do_their_decisions(traced: Outcome) -> None:
    found = again(traced.trace)
    np.testing.assert_allclose(traced.samples, found.samples, rtol=1e-5, atol=1e-7)
    assert found.differing.shape == (DAYS, PEOPLE)
    assert not found.differing.any()
    assert np.ptp(found.samples[-1, -1, 2]) > 0  # the decisions did decide


@pytest.mark.parametrize("exact", [True, False])
def test_modes_may_be_integrated_too(traced: Outcome, exact: bool) -> None:
    found = again(traced.trace, exact_modes=exact, rtol=1e-10)
    np.testing.assert_allclose(found.samples, again(traced.trace).samples, rtol=1e-7, atol=1e-9)


def test_a_recorded_decision_that_is_not_ones_own_is_counted_and_followed(traced: Outcome) -> None:
    other = copy.deepcopy(traced.trace)
    left = other[0]["memory"]["stay"]["in_treatment"]
    evening = other[0]["mesh"].hours >= 12.0
    left[evening, 2] = 1.0 - left[evening, 2]
    for day in other[1:]:
        day["memory"]["stay"]["in_treatment"][:, 2] = left[-1, 2]
    found = again(other)
    assert found.differing.tolist() == [[False, False, True, False], [False] * PEOPLE]
    assert found.samples[1, 0, 3, 2] == left[-1, 2] != again(traced.trace).samples[1, 0, 3, 2]


def test_a_readout_is_never_taken_from_the_record(traced: Outcome) -> None:
    other = copy.deepcopy(traced.trace)
    for day in other:
        day["memory"]["more"]["extra"][day["mesh"].hours % 24.0 >= 4.0] += 5.0
    found = again(other, readouts=("more",))
    assert not found.differing.any()
    np.testing.assert_allclose(found.samples, again(traced.trace).samples, rtol=1e-12)
    assert again(other).differing.any()


def test_small_numbers_in_memory_are_ones_own(traced: Outcome) -> None:
    other = copy.deepcopy(traced.trace)
    for day in other:
        day["memory"]["more"]["extra"] += 1e-5
    found = again(other)
    assert not found.differing.any()
    assert np.array_equal(found.samples, again(traced.trace).samples)


def test_everything_begins_as_declared_or_as_given() -> None:
    model = toy_model()
    found = beginning(model.stages, NUMBERS, PEOPLE, {"drug": {"depot": np.arange(4.0)}})
    assert found["drug"]["stock"].tolist() == [0.1] * PEOPLE
    assert found["drug"]["depot"].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert beginning(model.decisions, NUMBERS, 2)["stay"]["in_treatment"].tolist() == [1.0, 1.0]
