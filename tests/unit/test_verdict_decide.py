"""The verdict rule, word by word, and the claim and document that are built on it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speciosa.core.errors import InputError
from speciosa.evidence.record import GRADES
from speciosa.verdict.claim import Claim, Weakest, judge
from speciosa.verdict.decide import DecisionRule, Word, decide
from speciosa.verdict.document import document
from speciosa.verdict.effect import EndpointSpec
from speciosa.verdict.offset import TOO_FEW, by_offset, depends_on_offset
from speciosa.verdict.record import TrialRecord
from speciosa.verdict.verdict import Verdict

COWS = EndpointSpec("cows", "COWS", "points", "lower", 4.0)
OVERDOSE = EndpointSpec("overdose", "Overdose", "per 1000", "lower", 50, "event", False, 1000)


def draws(better=0, none=0, worse=0, middling=0):
    """Synthetic effects on a scale where lower is better and 4 points matter."""
    return [-5.0] * better + [0.5] * none + [6.0] * worse + [-3.0] * middling


@pytest.mark.parametrize(
    ("effects", "grade", "word"),
    [
        (draws(better=80, none=20), "A", Word.SUPPORTED),
        (draws(better=80, none=20), "B", Word.SUPPORTED),
        (draws(better=80, none=20), "C", Word.PLAUSIBLE),
        (draws(better=79, none=21), "A", Word.PLAUSIBLE),
        (draws(better=20, none=80), "E", Word.PLAUSIBLE),
        (draws(better=19, none=81), "A", Word.NOT_SUPPORTED),
        (draws(worse=80, none=20), "E", Word.CONTRADICTED),
        (draws(worse=79, none=21), "E", Word.NOT_SUPPORTED),
        (draws(none=95, middling=5), "B", Word.CONTRADICTED),
        (draws(none=95, middling=5), "C", Word.NOT_SUPPORTED),
        (draws(none=94, middling=6), "A", Word.NOT_SUPPORTED),
    ],
)
def test_each_word_at_the_edge_of_its_threshold(effects, grade, word):
    assert decide(effects, 4.0, better="lower", weakest_grade=grade).word == word


def test_a_harm_comes_before_every_benefit():
    good = draws(better=100)
    for chance, word in ((0.49, Word.SUPPORTED), (0.5, Word.UNSAFE)):
        found = decide(good, 4.0, better="lower", weakest_grade="A", harms={"Overdose": chance})
        assert found.word == word
    assert "Overdose" in found.reasons[0]


@given(
    st.lists(st.floats(-50, 50), min_size=1, max_size=60),
    st.floats(0.1, 20),
    st.sampled_from(list(GRADES)),
    st.floats(0, 1),
)
def test_mirroring_the_scale_changes_nothing(effects, smallest, grade, chance):
    low = decide(effects, smallest, better="lower", weakest_grade=grade, harms={"h": chance})
    mirror = [-each for each in effects]
    high = decide(mirror, smallest, better="higher", weakest_grade=grade, harms={"h": chance})
    assert low == high
    assert low.probability + low.probability_worse + low.probability_no_difference <= 1 + 1e-9
    assert low.reasons


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=60), st.sampled_from("CDE"))
def test_weak_evidence_never_supports(effects, grade):
    assert decide(effects, 4.0, better="lower", weakest_grade=grade).word != Word.SUPPORTED


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=60), st.sampled_from(list(GRADES)))
def test_more_benefit_never_makes_a_verdict_worse(effects, grade):
    rank = [Word.CONTRADICTED, Word.NOT_SUPPORTED, Word.PLAUSIBLE, Word.SUPPORTED]
    before = decide(effects, 4.0, better="lower", weakest_grade=grade).word
    after = decide([e - 100 for e in effects], 4.0, better="lower", weakest_grade=grade).word
    assert rank.index(after) >= rank.index(before)


def test_the_rule_reads_the_study_and_refuses_what_it_does_not_know():
    rule = DecisionRule.from_table({"supported": 0.6, "weakest_grade": "C"})
    found = decide(draws(better=6, none=4), 4.0, better="lower", weakest_grade="C", rule=rule)
    assert found.word == Word.SUPPORTED
    with pytest.raises(InputError, match=r'unknown key "suported".*"supported"'):
        DecisionRule.from_table({"suported": 0.6})
    with pytest.raises(InputError, match="between 0 and 1"):
        DecisionRule(unsafe=1.5)


def test_where_any_difference_matters_none_is_neither_better_nor_worse():
    found = decide([0.0] * 6 + [-1.0] * 3 + [1.0], 0.0, better="lower", weakest_grade="E")
    assert (found.probability, found.probability_worse) == (0.3, 0.1)


def test_a_claim_may_carry_its_own_threshold():
    strict = replace(CLAIM, threshold=7.0)
    assert judge(CLAIM, trial()).word == Word.PLAUSIBLE
    assert judge(strict, trial()).word == Word.NOT_SUPPORTED


def test_failed_draws_cannot_slip_into_a_verdict():
    with pytest.raises(InputError, match="finite"):
        decide([float("nan"), -5.0], 4.0, better="lower", weakest_grade="A")


def test_the_offset_is_never_pooled_only():
    offsets = np.repeat([0.35, 1.0, 3.0, 8.0, 40.0], 20)
    deltas = np.repeat([-8.0, -3.0, 0.0, 0.0, 0.0], 20)
    bins = by_offset(
        deltas, offsets, COWS, weakest_grade="E", harms_in=lambda mask: {}, rule=DecisionRule()
    )
    assert [each.verdict for each in bins] == [
        Word.PLAUSIBLE,
        Word.NOT_SUPPORTED,
        Word.NOT_SUPPORTED,
        Word.NOT_SUPPORTED,
    ]
    assert sum(each.draws for each in bins) == offsets.size
    assert bins[-1].high == 40.0
    assert depends_on_offset(bins)


def test_a_range_with_few_draws_gets_no_word():
    bins = by_offset(
        np.full(12, -8.0),
        np.array([0.4] * 9 + [1.0] * 3),
        COWS,
        weakest_grade="E",
        harms_in=lambda mask: {},
        rule=DecisionRule(fewest_draws=5),
    )
    assert [each.verdict for each in bins] == [Word.PLAUSIBLE, TOO_FEW, TOO_FEW, TOO_FEW]


def trial(harmed=0.0, draws=40, people=20):
    """A synthetic trial: kratom helps only where the offset is small; standard care always does."""
    rng = np.random.default_rng(2)
    offset = np.tile([0.4, 1.0, 3.0, 8.0], draws // 4)
    base = rng.normal(15, 4, (draws, people))
    moved = {"p": 0 * offset, "k": np.where(offset < 0.5, -6.0, 0.0)}
    moved |= {"m": moved["p"], "km": moved["k"], "s": moved["p"] - 9}
    index = np.indices((draws, people)).reshape(2, -1)
    chance = {"k": 0.02 + harmed}
    frames = [
        pl.DataFrame(
            {
                "draw": index[0],
                "person": index[1],
                "arm": arm,
                "cows": (base + shift[:, None]).ravel(),
                "overdose": (rng.random(base.size) < chance.get(arm, 0.02)).astype(float),
                "dropout_day": np.where(rng.random(base.size) < 0.3, 4.0, np.nan),
            }
        )
        for arm, shift in moved.items()
    ]
    table = pl.DataFrame({"draw": np.arange(draws), "mu.kratom_offset": offset})
    return TrialRecord(
        pl.concat(frames), (COWS, OVERDOSE), ("p", "k", "m", "km", "s"), "p", ("s",), table
    )


CLAIM = Claim(
    "eases",
    "Kratom eases opioid withdrawal.",
    "cows",
    "k",
    "p",
    Weakest("mu.kratom_offset", "E", 1.7),
    comparator="s",
)


def test_a_claim_carries_what_must_stand_beside_it():
    found = judge(CLAIM, trial())
    assert found.word == Word.PLAUSIBLE
    assert found.comparator is not None
    assert found.comparator.probability == 1.0
    assert [each.endpoint for each in found.harms] == ["overdose"]
    assert [each.verdict for each in found.by_offset] == [Word.PLAUSIBLE, *[Word.NOT_SUPPORTED] * 3]
    pooled = sum(each.probability * each.draws for each in found.by_offset)
    assert pooled == pytest.approx(found.decision.probability * found.effect.draws)


def test_a_harmful_claim_is_unsafe_at_every_offset():
    found = judge(CLAIM, trial(harmed=0.3))
    assert found.word == Word.UNSAFE
    assert {each.verdict for each in found.by_offset} - {TOO_FEW} == {Word.UNSAFE}


STUDY = {"id": "synthetic", "question": "A synthetic question?", "days": 28, "decision": {}}
ARMS = [
    {"id": name, "label": name, "role": role}
    for name, role in {
        "p": "placebo",
        "k": "kratom",
        "m": "melatonin",
        "km": "both",
        "s": "standard",
    }.items()
]


def test_the_document_is_strict_json_and_reads_back(tmp_path):
    run = {"asked": 4000, "failed": 0}
    made = document(trial(), [CLAIM], study=STUDY, arms=ARMS, run=run)
    assert made["interaction"][0]["estimate"] == pytest.approx(0, abs=1e-9)
    assert [each["arm"] for each in made["flow"]] == ["p", "k", "m", "km", "s"]
    verdict = Verdict(made)
    saved = verdict.save(tmp_path / "verdict.json")
    assert json.loads(saved.read_text()) == made
    assert Verdict.load(saved).word("eases") == "plausible, untested"
    with pytest.raises(InputError, match='Did you mean "eases"'):
        verdict.claim("ease")


def test_too_many_failures_withhold_every_word():
    run = {"asked": 4000, "failed": 41}
    made = document(trial(), [CLAIM], study=STUDY, arms=ARMS, run=run)
    (entry,) = made["claims"]
    assert entry["verdict"] == Word.NO_VERDICT
    assert {each["verdict"] for each in entry["by_offset"]} == {Word.NO_VERDICT}
    assert "41 of 4000" in entry["reasons"][0]
    run = {"asked": 4000, "failed": 40}
    made = document(trial(), [CLAIM], study=STUDY, arms=ARMS, run=run)
    assert made["claims"][0]["verdict"] == Word.PLAUSIBLE
