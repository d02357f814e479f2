"""The appraisal: what a user names, what is run, and how the article looks with its verdicts."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import small_trial
from speciosa.core.errors import InputError
from speciosa.evidence.load import load_evidence
from speciosa.trial.run import TrialRun, run_trial
from speciosa.trial.study import load_study, shipped
from speciosa.verdict.appraisal import appraise_article, default_article, read_target
from speciosa.verdict.appraise import trial_record
from speciosa.verdict.claim_test import judged
from speciosa.verdict.surface import amounts, grid_of, surface_entry
from speciosa.view.annotated import annotated, in_plain_words, pieces
from speciosa.view.complete import complete
from speciosa.view.report import render

NASTY = 'Kratom <script>alert(1)</script> & "melatonin" grow here.'


def test_without_a_target_the_shipped_article_is_read():
    text, title, claims = read_target(None)
    assert text == default_article().read_text(encoding="utf-8")
    assert title == "studies/article.md"
    assert claims is None


def test_a_file_of_claims_is_told_from_a_study(tmp_path):
    claims = Path(load_evidence().folder) / "claims" / "opioid.toml"
    text, _, found = read_target(str(claims))
    assert text == ""
    assert found is not None and found[0].id == "combination_eases_withdrawal"
    with pytest.raises(InputError, match="is a study"):
        read_target(str(shipped() / "combination-opioid.toml"))


@pytest.mark.parametrize("name", ["article.pdf", "article.docx", "nothing.txt"])
def test_what_cannot_be_read_is_refused_with_the_cure(tmp_path, name):
    with pytest.raises(InputError) as caught:
        read_target(str(tmp_path / name))
    assert caught.value.cure


def test_an_article_without_a_claim_runs_nothing_and_is_escaped():
    verdict = appraise_article(NASTY, title="<b>mine</b>")
    assert verdict.document["run"]["asked"] == 0
    page = render(verdict.document)
    assert "<script>alert" not in page
    assert "<b>mine</b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_front_door_does_what_the_command_does(monkeypatch, tmp_path):
    import speciosa
    from speciosa.verdict import appraisal
    from speciosa.view.carried import run_appraisal

    asked = []
    path = tmp_path / "article.txt"
    path.write_text("Kratom eases opioid withdrawal.")
    (tmp_path / "out").mkdir()
    made = appraise_article("Kratom grows here.")
    monkeypatch.setattr(
        appraisal, "appraise_article", lambda text, **given: asked.append((text, given)) or made
    )
    given = {"--study": "combination-opioid", "--seed": 3, "--draws": 10, "--people": 20}
    document, _ = run_appraisal(str(path), given, True, tmp_path / "out", False)
    here = speciosa.appraise(path, seed=3, draws=10, people=20, synergy=True, out=tmp_path / "out")
    assert here.document == document
    command, front = ({**one, "study": None, "on_progress": None} for _, one in asked)
    assert asked[0][0] == asked[1][0]
    assert command == {key: value for key, value in front.items() if key != "evidence"}


def test_progress_is_counted_over_all_runs():
    from speciosa.trial.run import Progress
    from speciosa.verdict.appraisal import Told

    seen = []
    told = Told(100, seen.append)
    told.follow(Progress(60, 40, 1, 2.0))
    told.next()
    told.follow(Progress(40, 39, 0, 3.0))
    assert [(p.asked, p.solved, p.failed, p.seconds) for p in seen] == [
        (100, 40, 1, 2.0), (100, 79, 1, 5.0),
    ]  # fmt: skip


def document() -> dict[str, object]:
    verdict = appraise_article("Kratom grows here. Does valerian ease pain? Valerian aids sleep.")
    return complete(verdict.document)


def test_every_sentence_is_shown_with_what_was_made_of_it():
    found = document()
    kinds = [s["kind"] for s in found["article"]["sentences"]]
    assert kinds == ["general", "question", "not covered"]
    page = render(found)
    for sentence in found["article"]["sentences"]:
        assert sentence["text"] in page
        assert sentence["made"] in page or sentence["made"].replace("'", "&#39;") in page


def test_pieces_put_together_are_the_sentence():
    verdict = appraise_article("Nobody said that. Valerian eases pain and lifts mood, they say.")
    for sentence in verdict.document["article"]["sentences"]:
        assert "".join(piece["text"] for piece in pieces(sentence)) == sentence["text"]
    last = pieces(verdict.document["article"]["sentences"][-1])
    assert {piece["marked"] for piece in last} == {"", "uncovered"}


def test_a_document_without_an_article_has_no_paragraphs():
    assert annotated({"article": None}) == []
    assert in_plain_words({"claims": [], "untestable": []}) == []


def test_the_surface_study_is_a_whole_grid():
    study = load_study("synergy-surface")
    first, second, arms = grid_of(study)
    assert (first, second) == ([0.0, 2.0, 4.0, 8.0], [0.0, 2.0, 5.0, 10.0])
    assert len(arms) == 16
    assert amounts(study.arm("standard")) is None
    assert grid_of(load_study("combination-opioid")) == ([], [], {})


def surface_run(effect) -> TrialRun:
    """A finished run of the surface study, made by hand."""
    study = load_study("synergy-surface").resized(draws=12)
    rng = np.random.default_rng(2)
    base = rng.normal(10.0, 1.0, (12, 20))
    draw, person = np.indices(base.shape).reshape(2, -1)
    tables = []
    for arm in study.arms:
        pair = amounts(arm) or (0.0, 0.0)
        values = (base * (1 - effect(*pair)) + rng.normal(0, 0.05, base.shape)).ravel()
        tables.append(pl.DataFrame(
            {"draw": draw, "person": person, "arm": [arm.name] * draw.size, study.primary: values}
        ))  # fmt: skip
    empty = pl.DataFrame()
    return TrialRun(study, load_evidence(), pl.concat(tables), empty, empty, (), {})


def test_synergy_is_read_off_a_simulated_surface():
    def apart(k: float, m: float) -> float:
        return 1 - (1 - 0.5 * k / (k + 3)) * (1 - 0.4 * m / (m + 4))

    none = surface_entry(surface_run(apart))
    words = {each["name"]: each["word"] for each in none["references"]}
    assert words["Bliss"] == "none shown"
    more = surface_entry(surface_run(lambda k, m: apart(k, m) + 0.15 * (k > 0) * (m > 0)))
    assert {e["word"] for e in more["references"] if e["name"] in ("Bliss", "Loewe")} == {"synergy"}
    assert json.loads(json.dumps(more)) == more


def test_one_drug_split_in_two_shows_none_under_loewe():
    def sham(k: float, m: float) -> float:
        dose = k + 0.8 * m
        return 0.8 * dose**1.5 / (dose**1.5 + 5**1.5)

    found = {e["name"]: e for e in surface_entry(surface_run(sham))["references"]}
    assert found["Loewe"]["word"] != "synergy"
    assert abs(found["Loewe"]["estimate"]) < 0.01
    assert found["Bliss"]["word"] != "none shown"


# --- on the engine -------------------------------------------------------------------------------

EDGE = "claimed.melatonin_withdrawal"
SIZES = {"draws": 10, "people": 20}


@pytest.fixture(scope="module")
def small():
    with pytest.MonkeyPatch.context() as patch:
        small_trial.make_small(patch, chunk=64)
        yield


def melatonin_verdict(value: float, *, limit: float | None = None) -> dict[str, object]:
    """Judge melatonin on a small trial in which its claimed edge has a value, measured."""
    known = load_evidence()
    source = next(iter(known.sources))
    fields = {"value": value, "spread": None, "grade": "A", "source": source, "verified": "yes"}
    evidence = known.replace({EDGE: fields})
    text = small_trial.TEXT.replace('"mean"\ndays = [1, 2]', '"last"\ndays = [1, 2]')
    if limit is not None:
        text += f"""
[[endpoint]]
id = "worst"
label = "Highest withdrawal"
scale = "cows"
statistic = "highest"
days = [1, 3]
better = "lower"
smallest_meaningful_difference = 4.0
unit = "points"
harm = true
limit = {limit}
"""
    study = small_trial.read_study(tomllib.loads(text), "small.toml", text).resized(**SIZES)
    run = run_trial(study, evidence=evidence)
    return judged(evidence.claims["melatonin_eases_withdrawal"], run, trial_record(run))


@pytest.mark.slow
def test_the_verdict_follows_the_edge_on_the_engine(small):
    claimed = melatonin_verdict(0.9)
    assert claimed["verdict"] == "supported", claimed["reasons"]
    assert melatonin_verdict(0.0)["verdict"] in ("not supported", "contradicted")
    assert melatonin_verdict(-0.9)["verdict"] == "contradicted"
    assert melatonin_verdict(-0.9, limit=1.0)["verdict"] == "unsafe"
