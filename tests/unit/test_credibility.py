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
from speciosa.trial.overdose import load_overdose_study
from speciosa.trial.study import load_study, read_study, shipped
from speciosa.verdict.credibility import (
    assessed,
    credibility,
    empty_cells,
    gaps,
    load_any,
    shipped_solver_checks,
    verification_checks,
)
from speciosa.verdict.gradations import LETTERS, ladders

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
SOLVER = {"people": 20, "ways": "half step", "largest": 1e-4, "jumped": 0, "rows": []}
M15 = (  # ICH M15, Appendix 1
    "Question of interest", "Context of use", "Model influence", "Consequence of wrong decision",
    "Model risk", "Model impact", "Technical criteria", "Appropriateness of proposed MIDD",
    "Evaluation of model(s) and model outcomes", "Outcome of the MIDD evidence assessment",
)  # fmt: skip
BESIDE = (
    "Model analysis plan", "Verification", "Validation", "Applicability assessment", "Uncertainty",
)  # fmt: skip
V_AND_V_40 = (  # ASME V&V 40-2018, Table 5-1
    "Software quality assurance", "Numerical code verification", "Discretization error",
    "Numerical solver error", "Use error", "Model form", "Model inputs", "Test samples",
    "Test conditions", "Equivalency of input parameters", "Output comparison",
    "Relevance of the quantities of interest",
    "Relevance of the validation activities to the context of use",
)  # fmt: skip


def test_all_five_studies_are_looked_at() -> None:
    assert {"acute-overdose", "leaf-or-isolate", "synergy-surface"} < set(STUDIES)
    assert len(STUDIES) >= 5


@pytest.mark.parametrize("name", STUDIES)
def test_shipped_studies_have_no_empty_cell(name: str) -> None:
    study = load_any(name)
    record = credibility(study)
    assert study.stakes.missing == ()
    assert empty_cells(record) == ()
    assert {row["item"] for row in record["assessment"]} == {*M15, *BESIDE}
    assert tuple(dict.fromkeys(f["name"].split(":")[0] for f in record["factors"])) == V_AND_V_40
    assert record["risk"] in ("low", "medium", "high")
    json.dumps(record, allow_nan=False)


@pytest.mark.parametrize("name", STUDIES)
def test_shipped_studies_show_their_solver_check(name: str) -> None:
    study = load_any(name)
    kept = shipped_solver_checks()[name]
    assert kept["study_file"] == assessed(study).hash, "run benchmarks/solver_checks.py"
    assert kept["people"] >= 20
    assert credibility(study)["solver"] == kept
    told = next(r for r in credibility(study)["assessment"] if r["item"] == "Verification")
    assert "Solver check of" in told["text"]


def test_a_study_that_was_changed_has_no_solver_check() -> None:
    study = load_study("combination-opioid")
    assert credibility(replace(study, text=study.text + "#"))["solver"] is None


def test_every_gradation_is_one_of_its_ladder() -> None:
    for ladder in ladders():
        letters = LETTERS[: len(ladder.steps)]
        assert len(letters) >= 3, ladder.name
        assert set(ladder.wanted) <= set(letters)
        assert list(ladder.wanted) == sorted(ladder.wanted)


def test_a_study_that_says_nothing_has_gaps() -> None:
    study = read_study(tomllib.loads(TEXT), "small.toml", TEXT)
    empty = empty_cells(credibility(study))
    for item in ("Model influence", "Model risk", "Model impact", "Technical criteria",
                 "Appropriateness of proposed MIDD", "Applicability assessment"):  # fmt: skip
        assert f"empty: {item}" in empty


def test_a_study_without_context_of_use_is_refused() -> None:
    text = TEXT.replace('context_of_use = "To test the software."\n', "")
    with pytest.raises(InputError, match='"context_of_use" is missing'):
        read_study(tomllib.loads(text), "small.toml", text)
    text = TEXT.replace("To test the software.", " ")
    with pytest.raises(InputError, match='"context_of_use" is empty'):
        read_study(tomllib.loads(text), "small.toml", text)


def test_an_overdose_study_without_context_of_use_is_refused(tmp_path: Path) -> None:
    text = (shipped() / "acute-overdose.toml").read_text(encoding="utf-8")
    line = next(row for row in text.splitlines() if row.startswith("context_of_use"))
    for other, what in (("", "is missing"), ('context_of_use = " "', "is empty")):
        file = tmp_path / "mine.toml"
        file.write_text(text.replace(line, other), encoding="utf-8")
        with pytest.raises(InputError, match=f'"context_of_use" {what}'):
            load_overdose_study(file)


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
    agreement = "Output comparison: agreement"
    assert bare[agreement]["gradation"] == "a"
    assert better[agreement]["gradation"] == "b"
    assert "9 of 10" in better[agreement]["basis"]
    assert better["Discretization error"]["gradation"] == "c"
    changed = replace(study, text="")
    unsolved = {each["name"]: each for each in credibility(changed, card=PASSED)["factors"]}
    assert unsolved["Discretization error"]["gradation"] == "b"


def test_the_outcome_names_what_falls_short() -> None:
    study = load_study("combination-opioid")
    told = {row["item"]: row["text"] for row in credibility(study)["assessment"]}
    assert "model inputs: sensitivities" in told["Outcome of the MIDD evidence assessment"]
    decides = {"numbers": [{"record": "mu.kratom_offset"}], "more": 150, "measure": ""}
    shown = credibility(study, decides=decides)
    told = {row["item"]: row["text"] for row in shown["assessment"]}
    assert "model inputs: sensitivities" not in told["Outcome of the MIDD evidence assessment"]


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
