"""Claims put to their tests: each kind of test, what hangs on what, and the verdict's behaviour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from speciosa.evidence.claim import Claim
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.trial.run import TrialRun
from speciosa.trial.study import Study, load_study
from speciosa.verdict.appraisal import put_together
from speciosa.verdict.appraise import trial_record
from speciosa.verdict.claim_test import as_claimed, endpoint_for, judged, why_not
from speciosa.verdict.decide import DecisionRule
from speciosa.verdict.effect import EndpointSpec
from speciosa.verdict.plan import Part, half, plan_runs, with_endpoints
from speciosa.verdict.weakest import load_bearing, what_to_measure

DRAWS, PEOPLE = 40, 20
SOWS, CIWA = "sows_gossop_days_1_7", "ciwa_days_1_5"
KNOWN = load_evidence()


def run_of(
    effects: dict[str, float], *, slope: float = 0.0, harm: dict[str, float] | None = None,
    evidence: Evidence = KNOWN, disorder: str = "opioid",
) -> TrialRun:  # fmt: skip
    """A finished run made by hand: each arm's effect on withdrawal, the same people in every arm.

    Args:
        effects: arm -> points added to placebo's SOWS.
        slope: how far the effect of kratom moves with ``mu.kratom_offset`` over worlds.
        harm: arm -> overdoses added per person.
        evidence: the numbers.
        disorder: opioid or alcohol.
    """
    study = load_study(f"combination-{disorder}").resized(draws=DRAWS, people=PEOPLE)
    rng = np.random.default_rng(5)
    base = rng.normal(9.0, 2.0, (DRAWS, PEOPLE))
    offset = np.linspace(-1, 1, DRAWS)
    draw, person = np.indices(base.shape).reshape(2, -1)
    tables = []
    for arm in study.arms:
        moved = base + effects.get(arm.name, 0.0)
        if arm.name in ("kratom", "both"):
            moved = moved + slope * offset[:, None]
        columns = {e.id: np.zeros(draw.size) for e in study.endpoints}
        columns[SOWS if disorder == "opioid" else CIWA] = moved.ravel()
        over = (harm or {}).get(arm.name, 0.0)
        columns["overdose"] = (person < over * PEOPLE).astype(float)
        tables.append(pl.DataFrame(
            {"draw": draw, "person": person, "arm": [arm.name] * draw.size, "failed": False,
             "dropout_day": np.nan} | columns
        ))  # fmt: skip
    draws = pl.DataFrame({
        "draw": range(DRAWS), "mu.kratom_offset": offset,
        "claimed.melatonin_withdrawal": rng.normal(0, 0.1, DRAWS),
    })  # fmt: skip
    asked = len(study.arms) * draw.size
    info = {
        "asked": asked, "solved": asked, "failed": 0, "why": [], "seed": 1, "seconds": 0.0,
        "draws": DRAWS, "hashes": {},
    }  # fmt: skip
    records = ("mu.kratom_offset", "claimed.melatonin_withdrawal")
    return TrialRun(study, evidence, pl.concat(tables), draws, pl.DataFrame(), records, info)


def graded(name: str, grade: str) -> Evidence:
    """Evidence in which one edge is measured."""
    source = next(iter(KNOWN.sources))
    return KNOWN.replace({name: {"grade": grade, "source": source, "verified": "yes"}})


MELATONIN = "claimed.melatonin_withdrawal"


def verdict(run: TrialRun, claim: str = "melatonin_eases_withdrawal") -> dict[str, object]:
    return judged(KNOWN.claims[claim], run, trial_record(run))


def test_an_effect_of_the_claimed_size_on_strong_evidence_supports():
    found = verdict(run_of({"melatonin": -3.0}, evidence=graded(MELATONIN, "A")))
    assert found["verdict"] == "supported"
    assert found["weakest_grade"] == "A"


def test_the_same_effect_on_an_assumption_is_plausible():
    assert verdict(run_of({"melatonin": -3.0}))["verdict"] == "plausible, untested"


def test_no_effect_on_strong_evidence_contradicts_and_on_weak_does_not_support():
    assert verdict(run_of({}, evidence=graded(MELATONIN, "A")))["verdict"] == "contradicted"
    assert verdict(run_of({}))["verdict"] == "not supported"


def test_a_reversed_effect_contradicts():
    assert verdict(run_of({"melatonin": 3.0}))["verdict"] == "contradicted"


def test_harm_above_the_limit_is_unsafe_whatever_the_benefit():
    found = verdict(run_of({"melatonin": -3.0}, harm={"melatonin": 0.1}))
    assert found["verdict"] == "unsafe"
    assert "Overdose" in found["reasons"][0]


@pytest.mark.parametrize(
    "claim, arm, smallest",
    [
        ("kratom_eases_withdrawal", "kratom", 2.0),
        ("kratom_eases_alcohol_withdrawal", "kratom", 3.0),
        ("melatonin_eases_alcohol_withdrawal", "melatonin", 3.0),
    ],
)
@pytest.mark.parametrize(
    "times, harm, word",
    [
        (-1.5, 0.0, "supported"), (0.0, 0.0, "contradicted"), (1.5, 0.0, "contradicted"),
        (-1.5, 0.2, "unsafe"),
    ],
)  # fmt: skip
def test_the_word_follows_what_was_found(claim, arm, smallest, times, harm, word):
    record = KNOWN.claims[claim]
    source = next(iter(KNOWN.sources))
    measured = {"grade": "A", "source": source, "verified": "yes"}
    strong = KNOWN.replace({edge: measured for edge in record.edges})
    run = run_of(
        {arm: times * smallest}, harm={arm: harm}, evidence=strong, disorder=record.disorder
    )
    assert verdict(run, claim)["verdict"] == word


def test_synergy_is_the_interaction_contrast():
    additive = run_of({"kratom": -2.0, "melatonin": -1.0, "both": -3.0})
    assert verdict(additive, "synergy")["effect"]["estimate"] == pytest.approx(0.0)
    more = run_of({"kratom": -2.0, "melatonin": -1.0, "both": -6.0})
    found = verdict(more, "synergy")
    assert found["effect"]["estimate"] == pytest.approx(-3.0)
    assert found["probability"] == 1.0


def test_safer_is_judged_on_a_harm_against_standard_care():
    found = verdict(run_of({}, harm={"buprenorphine": 0.1}), "natural_is_safer")
    assert found["effect"]["versus"] == "buprenorphine"
    assert found["probability"] == 1.0
    worse = verdict(run_of({}, harm={"both": 0.1}), "natural_is_safer")
    assert worse["verdict"] in ("contradicted", "unsafe")


def test_a_claim_of_harm_is_supported_by_harm():
    run = run_of({})
    rows = run.subjects.with_columns(
        pl.when(pl.col("arm") == "kratom").then(9.0).otherwise(1.0)
        .alias("withdrawal_after_stopping")
    )  # fmt: skip
    found = verdict(replace(run, subjects=rows), "kratom_withdrawal_on_stopping")
    assert found["probability"] == 1.0
    assert found["verdict"] in ("supported", "plausible, untested")


def test_the_verdict_hangs_on_what_would_change_it():
    run = run_of({"kratom": -2.0}, slope=4.0)
    found = verdict(run, "kratom_eases_withdrawal")
    assert "mu.kratom_offset" in found["load_bearing"]
    assert found["measure"]["record"] == "mu.kratom_offset"
    assert found["measure"]["low"] > found["measure"]["high"]


def test_a_number_that_leaves_the_answer_as_it_is_carries_nothing():
    spec = EndpointSpec("x", "X", "points", "lower", 2.0)
    deltas = np.linspace(-9.0, -5.0, 30)
    draws = pl.DataFrame({"draw": range(30), "a": deltas})
    assert load_bearing(deltas, range(30), draws, spec, DecisionRule()) == []
    assert what_to_measure(deltas, range(30), draws, spec) is None


def test_chance_alone_names_no_measurement_often():
    spec = EndpointSpec("x", "X", "points", "lower", 2.0)
    rng = np.random.default_rng(6)
    named = 0
    for _ in range(40):
        draws = pl.DataFrame({"draw": range(100), "a": rng.normal(size=100)})
        found = what_to_measure(rng.normal(-2.0, 1.0, 100), range(100), draws, spec)
        named += found is not None
    assert named <= 8


def test_what_cannot_be_tested_says_why():
    study = load_study("combination-opioid")
    claims = KNOWN.claims
    assert "terpenes" in why_not(claims["terpenes_contribute"], study)
    assert 'no arm "both_with_counselling"' in why_not(claims["beside_therapy"], study)
    assert 'does not measure "hdrs"' in why_not(claims["kratom_lifts_mood"], study)
    assert why_not(claims["kratom_eases_withdrawal"], study) == ""


def test_a_study_gets_the_endpoints_that_claims_ask_for():
    study = load_study("combination-opioid")
    own = [c for c in KNOWN.claims.values() if c.disorder == "opioid"]
    whole = with_endpoints(study, own, KNOWN.instruments)
    for claim in own:
        if claim.test in ("difference", "harm"):
            assert endpoint_for(claim, whole) is not None, claim.id
    assert whole.endpoints[: len(study.endpoints)] == study.endpoints
    assert len({e.id for e in whole.endpoints}) == len(whole.endpoints)


def plan(claims: list[Claim], studies: dict[str, Study]) -> dict[str, Part]:
    return {part.key: part for part in plan_runs(studies, claims, KNOWN)}


def test_placebo_and_standard_care_are_run_once():
    opioid, alcohol = load_study("combination-opioid"), load_study("combination-alcohol")
    smaller = alcohol.resized(draws=half(alcohol))
    parts = plan(list(KNOWN.claims.values()), {"opioid": opioid, "alcohol": smaller})
    assert list(parts) == [
        "opioid", "opioid-therapy", "opioid-as-claimed", "alcohol", "alcohol-as-claimed",
    ]  # fmt: skip
    for disorder, study in (("opioid", opioid), ("alcohol", alcohol)):
        first, again = parts[disorder], parts[f"{disorder}-as-claimed"]
        assert first.only == tuple(arm.name for arm in study.arms)
        assert first.study.arms == again.study.arms  # one design, compiled once
        remedies = {arm.name for arm in study.arms if arm.role in ("kratom", "melatonin", "both")}
        assert remedies <= set(again.only)
        roles = {arm.role for arm in again.study.arms if arm.name in again.only}
        assert roles == {"kratom", "melatonin", "both"}
    assert not set(parts["opioid-therapy"].only) & set(parts["opioid"].only)
    assert parts["opioid"].study.draws == opioid.draws == 100
    for key in ("opioid-therapy", "opioid-as-claimed", "alcohol", "alcohol-as-claimed"):
        assert parts[key].study.draws == 50
    assert {part.study.seed for part in parts.values()} == {opioid.seed}


def test_runs_put_together_hold_the_worlds_that_all_have():
    first = run_of({"kratom": -1.0})
    other = run_of({"kratom": -4.0})
    keep = tuple(arm for arm in other.study.arms if arm.name == "kratom")
    fewer = replace(
        other, study=replace(other.study, arms=keep, draws=20),
        subjects=other.subjects.filter((pl.col("arm") == "kratom") & (pl.col("draw") < 20)),
    )  # fmt: skip
    courses = pl.DataFrame({"arm": ["kratom"], "draw": [0]})
    both = put_together(replace(first, courses=courses), replace(fewer, courses=courses))
    assert both.study.draws == 20
    assert both.subjects["draw"].max() == 19
    claim = KNOWN.claims["kratom_eases_withdrawal"]
    assert as_claimed(claim, both, trial_record(both))["estimate"] == pytest.approx(-4.0)


def test_a_claim_is_hashed_with_its_threshold():
    claim = KNOWN.claims["synergy"]
    assert claim.digest == replace(claim, file="other.toml").digest
    assert claim.digest != replace(claim, threshold=3.0).digest
