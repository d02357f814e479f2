"""The acute overdose study: with and without help, never a free amount, a report that says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from speciosa.core.errors import InputError
from speciosa.trial.overdose import (
    is_overdose,
    load_overdose_study,
    open_folder,
    resized,
    run_overdose,
)
from speciosa.trial.study import load_study, shipped
from speciosa.view.overdose import carry_out, render_overdose, write_overdose_report

TEXT = (shipped() / "acute-overdose.toml").read_text("utf-8")
SMALL = """
[study]
id = "small-overdose"
question = "What does naloxone change?"
context_of_use = "To test the software."
disorder = "overdose"
minutes = 15

[population]
people = 20

[[scene]]
name = "severe"
label = "Severe"
scenario = "severe"
tolerance = "kept"

[[help]]
name = "naloxone"
label = "Naloxone"
naloxone = "intramuscular"

[[help]]
name = "nobody"
label = "Nobody"
naloxone = "none"
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_shipped_study_shows_every_scene_without_and_with_help() -> None:
    study = load_overdose_study("acute-overdose")
    assert is_overdose("acute-overdose") and is_overdose(shipped() / "acute-overdose.toml")
    assert not is_overdose("combination-opioid") and not is_overdose("nothing-there")
    assert {each.naloxone for each in study.helps} == {
        "none", "intramuscular", "autoinjector", "intranasal",
    }  # fmt: skip
    assert {scene.tolerance for scene in study.scenes} == {"kept", "lost"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('scenario = "severe"', "dose_mg = 3.0", 'unknown key "dose_mg"'),
        ('scenario = "severe"', 'scenario = "2.5 mg"', '"2.5 mg" is unknown'),
        ('naloxone = "none"', 'naloxone = "intranasal"', "naloxone is in all arms or in none"),
        ("people = 20", "people = 5", "5 people"),
        ('tolerance = "kept"', 'tolerance = "half"', '"half" is unknown'),
        ("minutes = 15", "minutes = 5", "at least 15"),
    ],
)
def test_what_a_study_may_not_ask(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in SMALL
    with pytest.raises(InputError) as caught:
        load_overdose_study(written(tmp_path, SMALL.replace(old, new)))
    assert told in str(caught.value)


def test_cohorts_not_persons() -> None:
    with pytest.raises(InputError, match="populations"):
        resized(load_overdose_study("acute-overdose"), people=1)


def test_it_is_refused_where_claims_are_judged() -> None:
    with pytest.raises(InputError, match="speciosa trial"):
        load_study("acute-overdose")


@pytest.mark.parametrize("option", [{"draws": 3}, {"resume": True}])
def test_options_that_mean_nothing_here_are_refused(option: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="one world"):
        carry_out("acute-overdose", **option)


def test_one_call_writes_and_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = carry_out(written(tmp_path, SMALL), tmp_path / "run")
    kept = json.loads((tmp_path / "run" / "verdict.json").read_text("utf-8"))
    assert kept["results"] == shown["results"]
    assert Path(shown["report"]).is_file()
    said = capsys.readouterr().out
    assert "Arrests per 1000" in said and "not medical advice" in " ".join(said.split())


def test_a_folder_is_never_written_over(tmp_path: Path) -> None:
    study = load_overdose_study("acute-overdose")
    folder = open_folder(study, tmp_path / "run")
    assert (folder / "study.toml").read_text("utf-8") == TEXT
    with pytest.raises(InputError, match="holds files"):
        open_folder(study, folder)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A small run: one scene, without and with naloxone."""
    file = written(tmp_path_factory.mktemp("overdose"), SMALL)
    return run_overdose(load_overdose_study(file))


def test_naloxone_saves_some_and_harms_nobody(document: dict[str, Any]) -> None:
    rows = {row["help"]: row for row in document["results"]}
    alone, helped = rows["nobody"], rows["naloxone"]
    assert alone["arrests_per_1000"] > helped["arrests_per_1000"] > 0
    assert alone["alive_of_those_who_would_arrest_alone"] == 0.0
    assert 0 < helped["alive_of_those_who_would_arrest_alone"] < 1
    assert alone["low"] < alone["arrests_per_1000"] < alone["high"]
    assert document["run"]["asked"] == document["run"]["solved"] == 40
    assert document["simulated"] == "simulated, not observed"
    json.dumps(document, allow_nan=False)


def test_the_report_is_whole_and_says_what_it_is(document: dict[str, Any], tmp_path: Path) -> None:
    page = write_overdose_report(document, tmp_path / "report.html").read_text("utf-8")
    assert page == render_overdose(document)
    for words in ("simulated, not observed", "not thresholds", "Naloxone reverses", "call the"):
        assert words.casefold() in page.casefold()
    for word in ("safe dose", "recommended", "optimal", "http://", "https://", "src="):
        assert word not in page
    assert page.count("<svg") == 2
    assert "1.625" not in page.split('id="evidence"')[0]  # no amount where people read first
