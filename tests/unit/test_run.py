"""A trial run: everybody is there once, twins are twins, and the fallen are counted and named."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from small_trial import make_small, small_study
from speciosa.core.engine import TOLERANCE
from speciosa.trial import run
from speciosa.trial.run import Progress, TrialRun, run_trial
from speciosa.trial.tables import DAILY

KEYS = ["draw", "person", "arm"]
PERSONAL = [
    "age", "male", "weight", "smoker", "cyp2d6_activity_score", "drug", "hours_since_last_use",
]  # fmt: skip
ARMS = ("placebo", "melatonin", "lofexidine")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)


@pytest.fixture(scope="module")
def trial() -> TrialRun:
    with pytest.MonkeyPatch.context() as patch:
        make_small(patch)
        return run_trial(small_study())


def test_everybody_is_there_once(trial: TrialRun) -> None:
    subjects = trial.subjects
    assert subjects.height == 3 * 3 * 20 == trial.info["asked"] == trial.info["solved"]
    assert subjects.select(KEYS).n_unique() == subjects.height
    assert set(subjects["arm"]) == set(ARMS)
    assert set(subjects["draw"]) == {0, 1, 2}
    assert trial.info["failed"] == 0 == subjects["failed"].sum()
    assert trial.info["why"] == []


def test_every_endpoint_has_a_true_and_an_observed_value(trial: TrialRun) -> None:
    for endpoint in trial.study.endpoints:
        for column in (endpoint.id, f"true_{endpoint.id}"):
            assert trial.subjects[column].is_finite().all()
    apart = trial.subjects["sows"] - trial.subjects["true_sows"]
    assert 0 < apart.abs().max() < 10  # noise points
    assert trial.subjects["retained"].is_in([0.0, 1.0]).all()


def test_twins_are_one_person(trial: TrialRun) -> None:
    by_arm = [trial.subjects.filter(arm=arm).sort("draw", "person") for arm in ARMS]
    for twins in by_arm[1:]:
        assert twins.select(PERSONAL).equals(by_arm[0].select(PERSONAL))
        assert (twins["true_sows"] != by_arm[0]["true_sows"]).any()
    assert by_arm[0]["weight"].n_unique() == 60


def test_courses_are_ordered_and_complete(trial: TrialRun) -> None:
    courses = trial.courses
    assert (courses["low"] <= courses["median"]).all()
    assert (courses["median"] <= courses["high"]).all()
    days = courses.filter(step="day", arm="placebo", quantity="cows", draw=1)
    assert days["index"].to_list() == [0, 1, 2]
    assert set(DAILY) - {"ciwa"} <= set(courses["quantity"])  # CIWA-Ar is of alcohol


def test_draws_hold_what_was_sampled_and_nothing_else(trial: TrialRun) -> None:
    assert trial.draws["draw"].to_list() == [0, 1, 2]
    sampled = [name for name in trial.draws.columns if name != "draw"]
    assert len(sampled) > 30
    for name in sampled:
        assert trial.evidence.number(name).spread is not None
        assert name in trial.records
    assert min(trial.draws.select(pl.exclude("draw").n_unique()).row(0)) > 1


def test_a_run_says_what_it_rests_on(trial: TrialRun) -> None:
    assert trial.records == tuple(sorted(set(trial.records)))
    for record in (
        "scales.cows_item_spread",
        "behaviour.dropout_rate_buprenorphine",
        "melatonin.volume",
    ):
        assert record in trial.records
    assert trial.info["hashes"] == {
        "study": trial.study.digest, "evidence": trial.evidence.digest,
    }  # fmt: skip


def test_the_same_study_gives_the_same_numbers_and_another_seed_others(trial: TrialRun) -> None:
    again = run_trial(small_study())
    assert again.subjects.equals(trial.subjects)
    assert again.courses.equals(trial.courses)
    assert again.draws.equals(trial.draws)
    other = run_trial(small_study(seed=8))
    assert not other.draws.equals(trial.draws)
    assert (other.subjects["true_sows"] != trial.subjects["true_sows"]).any()


def test_more_draws_leave_the_first_ones_as_they_were(trial: TrialRun) -> None:
    fewer = run_trial(small_study(draws=2))
    assert by_person(fewer).equals(by_person(trial).filter(pl.col("draw") < 2))


def by_person(trial: TrialRun) -> pl.DataFrame:
    return trial.subjects.sort(KEYS)


@pytest.mark.parametrize("tolerance", [TOLERANCE, 8e-5])
def test_chunks_do_not_matter_even_to_those_solved_again(
    monkeypatch: pytest.MonkeyPatch, tolerance: float
) -> None:
    make_small(monkeypatch, tolerance=tolerance)
    one_draw = by_person(run_trial(small_study()))
    make_small(monkeypatch, chunk=64, tolerance=tolerance)
    three_draws = by_person(run_trial(small_study()))
    assert three_draws.equals(one_draw)
    assert (one_draw["refined"].sum() > 0) is (tolerance < TOLERANCE)


def test_who_exceeds_the_bound_is_solved_again_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch, trial: TrialRun
) -> None:
    loose = by_person(trial)
    bound = float(np.median(loose["error"]))
    make_small(monkeypatch, tolerance=bound)
    strict = by_person(run_trial(small_study()))
    again = strict["refined"] > 0
    assert 0 < again.sum() < strict.height
    assert ((loose["error"] > bound) == again).all()
    assert (strict["error"] < loose["error"]).filter(again).all()
    assert not strict["failed"].any()
    assert strict.filter(~again).equals(loose.filter(~again))
    np.testing.assert_allclose(strict["true_sows"], loose["true_sows"], rtol=1e-3, atol=1e-2)


# ---- who fails ----------------------------------------------------------------------------------


def test_the_fallen_are_counted_and_named_and_never_dropped(
    monkeypatch: pytest.MonkeyPatch, trial: TrialRun
) -> None:
    whole = run.recruited

    def broken(plan: Any, evidence: Any, draw: np.ndarray, person: np.ndarray) -> Any:
        people = whole(plan, evidence, draw, person)
        volume = people.parameters["melatonin"]["volume"]
        people.parameters["melatonin"]["volume"] = np.where(
            (draw == 1) & (person == 4), np.nan, volume
        )
        return people

    monkeypatch.setattr(run, "recruited", broken)
    told: list[Progress] = []
    hurt = run_trial(small_study(), on_progress=told.append)
    subjects, sound = by_person(hurt), by_person(trial)
    fallen = (pl.col("draw") == 1) & (pl.col("person") == 4)
    assert subjects.height == sound.height
    assert subjects.filter(fallen)["failed"].to_list() == [True] * 3
    assert subjects.filter(fallen)["refined"].to_list() == [2] * 3
    for endpoint in trial.study.endpoints:
        assert subjects.filter(fallen)[endpoint.id].is_nan().all()
    assert subjects.filter(~fallen).equals(sound.filter(~fallen))
    assert (hurt.info["asked"], hurt.info["solved"], hurt.info["failed"]) == (180, 177, 3)
    assert (told[-1].asked, told[-1].solved, told[-1].failed) == (180, 177, 3)
    named = {line.split(":")[0] for line in hurt.info["why"]}
    assert named == {f"draw 1, person 4, arm {arm}" for arm in ARMS}
    assert hurt.courses.filter(pl.col("draw") == 1)["median"].is_finite().any()


def test_nobody_can_be_solved_and_the_run_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch, tolerance=0.0)
    lost = run_trial(small_study(draws=1))
    assert (lost.info["asked"], lost.info["solved"], lost.info["failed"]) == (60, 0, 60)
    assert len(lost.info["why"]) == 20  # the first twenty are named, all are counted
    assert lost.subjects["failed"].all()
    assert lost.subjects["sows"].is_nan().all()


def test_progress_only_goes_up() -> None:
    told: list[Progress] = []
    run_trial(small_study(), on_progress=told.append)
    solved = [one.solved for one in told]  # several arms are under way at once
    assert solved == sorted(solved) and solved[-1] == 180
    assert {one.asked for one in told} == {180}
    assert sorted(one.seconds for one in told) == [one.seconds for one in told]
