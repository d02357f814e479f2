"""One return to use: lost tolerance, alcohol and naloxone each move the risk the way they must."""

from __future__ import annotations

import numpy as np
import pytest

from returning import arrived, risks, without_tolerance
from speciosa.models.relapse import CIRCUMSTANCES
from speciosa.trial.relapse import LABELS, PREFIX, return_endpoints, return_records, returns
from speciosa.trial.study import load_study


def mean(found: dict[str, np.ndarray]) -> dict[str, float]:
    return {name: float(row.mean()) for name, row in found.items()}


def test_people_as_they_arrive_bear_their_usual_dose() -> None:
    found = mean(risks())
    assert found["as_they_are"] < 0.01
    assert found["tolerance_kept"] == found["as_they_are"]  # nothing has been lost yet


def test_four_weeks_without_opioids_cost_tolerance() -> None:
    found = mean(risks())
    assert found["tolerance_lost"] > found["as_they_are"] + 0.05
    half = {n: 0.5 * row for n, row in arrived().final["adaptation"].items()}
    partly = mean(risks({"adaptation": half}))
    gone = mean(risks(without_tolerance()))
    assert found["as_they_are"] <= partly["as_they_are"] < gone["as_they_are"]
    assert partly["tolerance_kept"] == gone["tolerance_kept"] == found["tolerance_kept"]


def test_alcohol_and_naloxone_when_tolerance_is_lost() -> None:
    found = risks()
    assert all(np.all((row >= 0) & (row <= 1)) for row in found.values())
    assert np.all(found["lost_with_alcohol"] >= found["tolerance_lost"])
    assert np.all(found["lost_with_naloxone"] <= found["tolerance_lost"])
    both = found["lost_with_alcohol_and_naloxone"]
    assert np.all(both <= found["lost_with_alcohol"])
    risk = mean(found)
    assert risk["lost_with_alcohol"] > risk["tolerance_lost"] + 0.02
    assert risk["lost_with_naloxone"] < 0.2 * risk["tolerance_lost"]


def test_buprenorphine_at_the_receptor_protects_until_it_is_gone() -> None:
    here, final = arrived(), without_tolerance()
    p = here.group.parameters["buprenorphine"]
    entry = here.plan.model.entries()["buprenorphine_sublingual"]
    taken = dict(here.final["buprenorphine"])
    for _, name, gain in entry:  # 16 mg a day ago would be less; this is 16 mg now
        taken[name] = taken[name] + 16e6 / 467.64 * p[gain] * np.ones(200)
    stage = next(one for one in here.plan.model.stages if one.name == "buprenorphine")
    for name, mode in stage.modes.items():
        taken[name] = taken[name] * np.exp(-12.0 * p[mode.rate])  # twelve hours later
    held, free = risks({**final, "buprenorphine": taken}), risks(final)
    assert mean(held)["as_they_are"] < 0.6 * mean(free)["as_they_are"]
    assert np.array_equal(held["tolerance_lost"], free["tolerance_lost"])


def test_the_share_of_a_person_places_the_street_dose() -> None:
    one, again = risks(without_tolerance()), risks(without_tolerance())
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert set(np.unique(one["tolerance_lost"] * 4)) <= {0.0, 1.0, 2.0, 3.0, 4.0}


def test_every_opioid_study_has_the_rows_and_what_they_rest_on() -> None:
    study = load_study("combination-opioid")
    assert returns(study)
    rows = return_endpoints(study)
    assert [row.id for row in rows] == [PREFIX + each.name for each in CIRCUMSTANCES]
    assert all(row.harm and row.better == "lower" and row.per == 1000 for row in rows)
    assert set(LABELS) == {each.name for each in CIRCUMSTANCES}
    wanted = {"breathing.ethanol_factor", "breathing.overdose_lasting", "mu.constant_naloxone"}
    assert wanted <= return_records(study)


def test_people_without_a_habit_have_no_such_rows() -> None:
    from dataclasses import replace

    study = load_study("combination-opioid")
    healthy = replace(study, population=replace(study.population, habits=()))
    assert return_endpoints(healthy) == ()
    assert return_records(healthy) == set()


@pytest.mark.parametrize("name", ["as_they_are", "lost_with_alcohol"])
def test_who_failed_has_no_number(name: str) -> None:
    from types import SimpleNamespace

    from speciosa.trial.relapse import return_columns

    here = arrived()
    failed = np.arange(200) < 3
    outcome = SimpleNamespace(final=here.final, memory=here.memory, failed=failed)
    found = return_columns(
        here.study, here.plan.model, here.evidence, here.group.cohort, here.group.parameters,
        here.group.start, outcome,  # type: ignore[arg-type]
    )[PREFIX + name]  # fmt: skip
    assert np.array_equal(np.isnan(found), failed)
