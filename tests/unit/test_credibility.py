"""The record has no empty cell for what ships, and tells what is missing where there is one."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from small_trial import TEXT
from speciosa.core.errors import InputError
from speciosa.trial.credibility import Stakes
from speciosa.trial.overdose import is_overdose, load_overdose_study
from speciosa.trial.study import load_study, read_study, shipped
from speciosa.verdict.credibility import (
    GRADED,
    credibility,
    empty_cells,
    gaps,
    verification_checks,
)

ROOT = Path(__file__).parents[2]
STUDIES = sorted(path.stem for path in shipped().glob("*.toml"))
PASSED = {
    "about": {}, "summary": {},
    "results": [
        {"id": f"r{k}", "quantity": "sows_gossop", "population": "opioid", "pass": k < 9,
         "role": "validation"}
        for k in range(10)
    ],
}  # fmt: skip
SOLVER = {"people": 20, "largest": 1e-4, "rows": []}


@pytest.mark.parametrize("name", [s for s in STUDIES if not is_overdose(s)])
def test_shipped_studies_have_no_empty_cell(name: str) -> None:
    record = credibility(load_study(name))
    assert empty_cells(record) == ()
    assert len(record["assessment"]) == 12
    assert {each["shown"] for each in record["factors"]} <= set(GRADED)
    assert record["risk"] in ("low", "medium", "high")
    json.dumps(record, allow_nan=False)


@pytest.mark.parametrize("name", [s for s in STUDIES if is_overdose(s)])
def test_the_overdose_study_states_its_stakes(name: str) -> None:
    assert load_overdose_study(name).stakes.missing == ()


def test_a_study_that_says_nothing_has_gaps() -> None:
    study = read_study(tomllib.loads(TEXT), "small.toml", TEXT)
    empty = empty_cells(credibility(study))
    for item in ("Model influence", "Model risk", "Acceptance criteria", "Applicability"):
        assert f"empty: {item}" in empty


def test_a_study_without_context_of_use_is_refused() -> None:
    text = TEXT.replace('context_of_use = "To test the software."\n', "")
    with pytest.raises(InputError, match='"context_of_use" is missing'):
        read_study(tomllib.loads(text), "small.toml", text)
    text = TEXT.replace("To test the software.", " ")
    with pytest.raises(InputError, match='"context_of_use" is empty'):
        read_study(tomllib.loads(text), "small.toml", text)


@pytest.mark.parametrize(
    "line, what", [("model_influence = 'huge'", '"huge" is unknown'), ("risk = 'low'", "risk")]
)
def test_a_table_that_cannot_be_is_refused(line: str, what: str) -> None:
    text = f"{TEXT}\n[credibility]\n{line}\n"
    with pytest.raises(InputError, match=what):
        read_study(tomllib.loads(text), "small.toml", text)


def test_what_was_shown_raises_the_grade() -> None:
    study = load_study("combination-opioid")
    bare = {each["name"]: each for each in credibility(study, card={"results": []})["factors"]}
    better = {
        each["name"]: each for each in credibility(study, card=PASSED, solver=SOLVER)["factors"]
    }
    assert bare["Output comparison"]["grade"] == 0
    assert better["Output comparison"]["grade"] == 3
    assert "9 of 10" in better["Output comparison"]["basis"]
    assert bare["Discretisation error"]["grade"] == 1
    assert better["Discretisation error"]["grade"] == 3


def test_a_graver_decision_asks_for_more() -> None:
    study = load_study("combination-opioid")
    stakes = replace(study.stakes, model_influence="high", decision_consequence="high")
    graver = replace(study, stakes=stakes)
    assert len(gaps(credibility(graver))) > len(gaps(credibility(study)))


@pytest.mark.parametrize(
    "influence, consequence, risk",
    [("low", "low", "low"), ("low", "medium", "medium"), ("medium", "medium", "medium"),
     ("medium", "high", "high"), ("high", "high", "high"), ("", "high", "")],
)  # fmt: skip
def test_risk_is_influence_and_consequence(influence: str, consequence: str, risk: str) -> None:
    assert Stakes(model_influence=influence, decision_consequence=consequence).risk == risk


def test_every_check_that_is_listed_exists() -> None:
    checks = verification_checks()
    assert len(checks) >= 8
    for check in checks:
        assert set(check) == {"factor", "what", "test"}
        assert (ROOT / check["test"]).is_file(), check["test"]
