"""The engine on a model whose answers are known: accuracy, doses, decisions, failures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from speciosa.core.engine import Engine, Supply
from speciosa.core.mesh import Mesh, Refinement, build_mesh, most_steps
from speciosa.core.outcome import Outcome, merged, picked
from speciosa.core.random import streams, uniform
from toy import K, bateman, logistic, toy_model, toy_numbers

SAMPLES = (8.0, 10.0, 12.0, 20.0, 2.0)
HOURS = np.array([0.0, 2.0, 4.0, 12.0, 18.0])
DAYS, PEOPLE = 3, 6
WHO = streams(4, np.zeros(PEOPLE, int), np.arange(PEOPLE))


def mesh(*doses: tuple[float, float], first: float = 0.05, days: int = DAYS) -> Mesh:
    return build_mesh(
        hours=24.0 * days, start_clock_hour=8.0, decision_hours=[(12.0,), (20.0,)],
        doses=[doses], sample_hours=SAMPLES,
        refinements=(Refinement(tuple(when for when, _ in doses), first),),
    )  # fmt: skip


PLAN = mesh((0.0, 2.0), (24.0, 1.0), (30.0, 1.0))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(
        toy_model(), products=["tablet"], recorded=("level", "stock", "extra", "in_treatment"),
        lowest=("level",), highest=("level",), samples=len(SAMPLES),
        steps=most_steps([PLAN], 32), width=4, days_per_batch=1, trace=True,
    )  # fmt: skip


def tablet(adherence: Any = 1.0, supervised: int = 0, entry: str = "drug_oral") -> Supply:
    content = np.array([[100.0], [150.0], [200.0]]) * np.ones(PEOPLE)
    return Supply("tablet", {entry: content}, adherence, supervised)


def solve(
    engine: Engine, supply: Supply | None = None, plan: Mesh = PLAN, **options: Any
) -> Outcome:
    changed = options.pop("changed", {})
    numbers = options.pop("numbers", toy_numbers(PEOPLE, **changed))
    return engine.solve(plan, numbers, WHO, [supply or tablet()], **options)


def courses(outcome: Outcome) -> dict[str, np.ndarray]:
    names = ("level", "stock", "extra", "in_treatment")
    return {name: outcome.samples[:, :, i].reshape(-1, PEOPLE) for i, name in enumerate(names)}


def times() -> np.ndarray:
    return (24.0 * np.arange(DAYS)[:, None] + HOURS).reshape(-1, 1)


def known() -> np.ndarray:
    """The level that two tablets, then one of the next batch, and one more of it lead to."""
    k = toy_numbers(PEOPLE)["drug"]["k"]
    return sum(
        bateman(times() - when, dose, k) for when, dose in ((0, 200.0), (24, 150.0), (30, 150.0))
    )


def test_doses_and_batches_lead_to_the_closed_form(engine: Engine) -> None:
    found = courses(solve(engine))
    np.testing.assert_allclose(found["level"], known(), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(
        found["stock"], np.broadcast_to(logistic(times()), (15, 6)), rtol=1e-6
    )


def test_a_sample_at_a_dose_is_taken_before_it(engine: Engine) -> None:
    outcome = solve(engine, tablet(entry="drug_bolus"))
    assert np.all(courses(outcome)["level"][0] == 0.0)
    np.testing.assert_allclose(outcome.maxima[0, 0], 2 * 100.0 * 0.5 / 20.0)


def test_extremes_are_those_of_the_day(engine: Engine) -> None:
    outcome = solve(engine)
    k = toy_numbers(PEOPLE)["drug"]["k"]
    fine = np.linspace(0, 24, 20_000)[:, None]
    np.testing.assert_allclose(outcome.maxima[0, 0], bateman(fine, 200.0, k).max(axis=0), rtol=2e-3)
    assert np.all(outcome.minima[0, 0] == 0.0)
    at_end = sum(
        bateman(72.0 - when, dose, k) for when, dose in ((0, 200.0), (24, 150.0), (30, 150.0))
    )
    np.testing.assert_allclose(outcome.minima[2, 0], at_end, rtol=1e-3)


def test_the_last_batch_serves_the_days_beyond(engine: Engine) -> None:
    late = mesh((48.0, 1.0))
    short = Supply("tablet", {"drug_oral": 100.0 * np.ones((1, PEOPLE))})
    k = toy_numbers(PEOPLE)["drug"]["k"]
    found = courses(solve(engine, short, late))["level"]
    np.testing.assert_allclose(found, bateman(times() - 48.0, 100.0, k), rtol=1e-5, atol=1e-7)


def test_halving_every_step_gains_five_orders_of_two(engine: Engine) -> None:
    wanted = np.broadcast_to(logistic(times()), (15, PEOPLE))
    errors = [
        np.max(np.abs(courses(solve(engine, halvings=halvings))["stock"] - wanted))
        for halvings in (0, 1)
    ]
    assert errors[0] / errors[1] > 20  # fifth order: 32


def test_rates_in_single_precision_cost_less_than_the_steps() -> None:
    shape = {"products": ["tablet"], "recorded": ("level", "stock", "extra", "in_treatment")}
    single = Engine(
        toy_model(), **shape, samples=len(SAMPLES), steps=most_steps([PLAN], 32), width=4,
        days_per_batch=1, double=False,
    )  # fmt: skip
    found = courses(solve(single))
    np.testing.assert_allclose(found["level"], known(), rtol=1e-5, atol=1e-6)
    error = np.max(np.abs(found["stock"] - logistic(times())))
    assert 0 < error < 2e-6


def test_a_number_where_rows_were_is_served_by_the_same_program(engine: Engine) -> None:
    rows = courses(solve(engine, changed={"k": np.full(PEOPLE, K)}))
    programs = engine._program._cache_size()
    number = courses(solve(engine, changed={"k": K}))
    assert engine._program._cache_size() == programs
    np.testing.assert_array_equal(number["level"], rows["level"])


def test_a_day_with_too_many_sizes_of_step_is_refused(engine: Engine) -> None:
    step = 0.01 + 0.001 * np.arange(PLAN.step.size)
    with pytest.raises(ValueError, match="sizes"):
        solve(engine, plan=replace(PLAN, step=step))


@pytest.mark.parametrize("halvings", [1, 2])
def test_a_finer_mesh_leaves_events_alone(engine: Engine, halvings: int) -> None:
    outcome = solve(engine, halvings=halvings)
    np.testing.assert_allclose(courses(outcome)["level"], known(), rtol=1e-6, atol=1e-8)
    assert np.all(outcome.refined == halvings)
    assert len(outcome.trace) == DAYS * 2**halvings


# ---- chance and decisions -----------------------------------------------------------------------


def test_who_takes_a_dose_is_the_streams_word(engine: Engine) -> None:
    outcome = solve(engine, tablet(adherence=0.5))
    taken = np.stack([
        uniform(np, WHO, "adherence: tablet", np.uint32(when * 4)) < 0.5 for when in (0, 24, 30)
    ])  # fmt: skip
    assert 0 < taken.sum() < taken.size
    k = toy_numbers(PEOPLE)["drug"]["k"]
    wanted = sum(
        taken[i] * bateman(times() - when, dose, k)
        for i, (when, dose) in enumerate(((0, 200.0), (24, 150.0), (30, 150.0)))
    )
    np.testing.assert_allclose(courses(outcome)["level"], wanted, rtol=1e-5, atol=1e-7)


def test_supervised_doses_are_taken_and_others_are_not(engine: Engine) -> None:
    given = [day["given"]["drug_oral"].sum(axis=0)[:PEOPLE] for day in
             solve(engine, tablet(adherence=0.0, supervised=1)).trace]  # fmt: skip
    assert np.all(given[0] == 200.0)
    assert np.all(given[1] == 0.0)


def test_who_has_left_is_given_nothing(engine: Engine) -> None:
    outcome = solve(engine, changed={"chance": 0.5})
    stays = courses(outcome)["in_treatment"].reshape(DAYS, len(HOURS), PEOPLE)
    assert 0 < stays[1, 0].sum() < PEOPLE
    wanted = uniform(np, WHO, "stay", np.uint32(12 * 4)) >= 0.5
    assert np.array_equal(stays[0, -1] == 1.0, wanted)
    given = outcome.trace[1]["given"]["drug_oral"][0, :PEOPLE]
    assert np.array_equal(given > 0, stays[1, 0] == 1.0)


def test_a_decision_doses_on_what_it_sees_and_is_remembered(engine: Engine) -> None:
    changed = {"below": 2.0, "amount": 40.0}
    outcome = solve(engine, changed=changed)
    level = courses(outcome)["level"].reshape(DAYS, len(HOURS), PEOPLE)[0, 2]
    extra = courses(outcome)["extra"].reshape(DAYS, len(HOURS), PEOPLE)
    assert 0 < (level < 2.0).sum() < PEOPLE
    assert np.all(extra[0, 2] == 0.0)  # asked at the sample, after it
    assert np.array_equal(extra[0, 3] == 1.0, level < 2.0)
    assert np.array_equal(outcome.memory["more"]["extra"] >= 1.0, extra[-1, -1] >= 1.0)
    noon = outcome.trace[0]["mesh"].hours == 4.0
    given = outcome.trace[0]["given"]["drug_bolus"][noon, :PEOPLE].sum(axis=0)
    assert np.array_equal(given, 40.0 * (level < 2.0))


def test_an_arm_without_a_decision_does_not_ask_it(engine: Engine) -> None:
    changed = {"below": 2.0, "amount": 40.0}
    outcome = solve(engine, changed=changed, enabled=(False, True))
    np.testing.assert_array_equal(courses(outcome)["extra"], 0.0)
    np.testing.assert_array_equal(outcome.samples, solve(engine).samples)


def test_people_may_start_elsewhere(engine: Engine) -> None:
    start = {"drug": {"depot": np.full(PEOPLE, 80.0), "stock": np.full(PEOPLE, 1.0)}}
    found = courses(solve(engine, plan=mesh(), start=start))
    k = toy_numbers(PEOPLE)["drug"]["k"]
    np.testing.assert_allclose(found["level"], bateman(times(), 160.0, k), rtol=1e-5, atol=1e-7)
    assert np.all(found["stock"] == 1.0)


# ---- who fails ----------------------------------------------------------------------------------


def test_one_who_cannot_be_solved_fails_alone(engine: Engine) -> None:
    numbers = toy_numbers(PEOPLE)
    numbers["drug"]["k"] = np.where(np.arange(PEOPLE) == 2, np.nan, numbers["drug"]["k"])
    outcome, sound = solve(engine, numbers=numbers), solve(engine)
    assert outcome.failed.tolist() == [False, False, True, False, False, False]
    assert np.isinf(outcome.worst[2])
    others = [0, 1, 3, 4, 5]
    assert np.array_equal(outcome.samples[..., others], sound.samples[..., others])
    assert not sound.failed.any()


def test_steps_too_coarse_for_the_bound_are_told(engine: Engine) -> None:
    fast = {"ka": np.array([1.3, 1.3, 1.3, 1.3, 1.3, 1.3]), "growth": 30.0}
    rough = solve(engine, changed=fast)
    assert rough.failed.all()
    assert np.all(rough.worst > engine.tolerance)


def test_too_many_people_are_refused(engine: Engine) -> None:
    many = streams(1, np.zeros(engine.people + 1, int), np.arange(engine.people + 1))
    with pytest.raises(ValueError, match=f"at most {engine.people} people"):
        engine.solve(PLAN, toy_numbers(1), many, [tablet()])


def test_a_day_longer_than_the_program_is_refused(engine: Engine) -> None:
    busy = mesh(*((when, 1.0) for when in np.arange(0, 24, 0.5)), first=0.005)
    with pytest.raises(ValueError, match="more than"):
        solve(engine, plan=busy)


# ---- outcomes -----------------------------------------------------------------------------------


def test_some_peoples_results_are_replaced_and_nobody_elses(engine: Engine) -> None:
    rough, fine = solve(engine), solve(engine, halvings=1)
    place = np.array([4, 1])
    both = merged(rough, place, picked(fine, place))
    assert both.refined.tolist() == [0, 1, 0, 0, 1, 0]
    rest = [0, 2, 3, 5]
    for name in ("samples", "minima", "maxima", "worst"):
        assert np.array_equal(getattr(both, name)[..., place], getattr(fine, name)[..., place])
        assert np.array_equal(getattr(both, name)[..., rest], getattr(rough, name)[..., rest])
    for kind in ("final", "memory"):
        for part, rows in getattr(both, kind).items():
            for row, values in rows.items():
                assert np.array_equal(values[place], getattr(fine, kind)[part][row][place])
                assert np.array_equal(values[rest], getattr(rough, kind)[part][row][rest])


def test_days_are_told_as_they_are_done(engine: Engine) -> None:
    told: list[tuple[int, int]] = []
    solve(engine, on_day=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_without_a_trace_the_numbers_are_the_same(engine: Engine) -> None:
    plain = Engine(
        toy_model(), products=["tablet"], recorded=("level", "stock", "extra", "in_treatment"),
        lowest=("level",), highest=("level",), samples=len(SAMPLES), steps=engine.steps, width=4,
        days_per_batch=1,
    )  # fmt: skip
    outcome, traced = solve(plain), solve(engine)
    assert outcome.trace == []
    assert len(traced.trace) == DAYS
    np.testing.assert_allclose(outcome.samples, traced.samples, rtol=1e-12)
    assert np.array_equal(outcome.failed, traced.failed)
