"""Standard tables: counts add up, and the report shows them beside each other."""

from __future__ import annotations

import numpy as np
import pytest

from speciosa.trial.visits import estimand_column
from speciosa.verdict.document import plain
from speciosa.verdict.effect import EndpointSpec
from speciosa.verdict.record import TrialRecord
from speciosa.verdict.tables import by_estimand, standard_tables
from speciosa.view.report import render
from trial_pool import PAIR, made_up, planned

BOTH = f'estimands = ["treatment policy", "while on treatment"]\n{PAIR}'
SOWS = EndpointSpec("sows", "Withdrawal on day 7", "points", "lower", 2.0)


@pytest.fixture(scope="module")
def record():
    study = planned(analysis=BOTH)
    run = made_up(study, effects={"kratom": 3.0}, leaving=0.4)
    arms = tuple(arm.name for arm in study.arms)
    return TrialRecord(run.subjects, (SOWS,), arms, control="placebo", standard=("lofexidine",))


@pytest.fixture(scope="module")
def columns():
    return {s: estimand_column("sows", s) for s in ("treatment policy", "while on treatment")}


def test_every_count_adds_up(record):
    found = standard_tables(record, 7, "sows")
    assert found["flow"]["people"] == 800
    for arm in found["flow"]["arms"]:
        assert arm["allocated"] == arm["left"] + arm["completed"] == 800
        assert arm["analysed"] == arm["allocated"] - arm["failed"]
    for arm in found["disposition"]:
        assert arm["people"] == arm["completed"] + sum(arm["left_by_week"])
    assert found["disposition"][0]["completed"] < 800


def test_the_baseline_stands_once(record):
    rows = {row["label"]: row for row in standard_tables(record, 7)["baseline"]}
    own = record.subjects.filter(arm="placebo")["baseline"].to_numpy()
    assert rows["Score before treatment"]["mean"] == pytest.approx(own.mean())
    assert rows["Men"]["share"] == pytest.approx(0.5)
    assert rows["Uses fentanyl"]["count"] == 800


def test_estimands_stand_side_by_side(record, columns):
    rows = {row["arm"]: row["under"] for row in by_estimand(record, SOWS, columns)}
    kratom = rows["kratom"]
    assert list(kratom) == ["treatment policy", "while on treatment"]
    apart = kratom["treatment policy"]["estimate"] - kratom["while on treatment"]["estimate"]
    assert abs(apart) > 0.3
    assert np.isclose(rows["melatonin"]["treatment policy"]["estimate"], 0.0)


def test_the_report_shows_the_tables(record, columns):
    study = {
        "question": "Does it help?",
        "primary": "sows",
        "days": 7,
        "estimand": {"dropout": "x"},
    }
    page = render(
        plain(
            {
                "study": study,
                "arms": [{"id": arm, "role": "placebo"} for arm in record.arms],
                "tables": standard_tables(record, 7, "sows"),
                "estimands": [
                    {**row, "label": SOWS.label} for row in by_estimand(record, SOWS, columns)
                ],
            }
        )
    )
    for words in (
        "CONSORT flow", "Baseline, all arms", "Disposition", "Primary endpoint:",
        "under each estimand", "Treatment policy", "While on treatment", "stand in the study file",
    ):  # fmt: skip
        assert words in page, words
