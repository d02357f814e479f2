"""What verdicts lean on: topics, shares, warnings, and the scorecard that ships."""

from __future__ import annotations

import pytest

from speciosa.evidence.load import load_evidence
from speciosa.trial.study import load_study
from speciosa.verdict.benchmark import (
    ENOUGH,
    TOPICS,
    benchmarks,
    leaned_on,
    shipped_scorecard,
    with_benchmarks,
)


def row(name, passed, quantity="cows", population="opioid", role="validation"):
    return {
        "id": name, "pass": passed, "quantity": quantity, "population": population, "role": role,
    }  # fmt: skip


def card(*rows):
    counts = {"passed": 0, "failed": 0, "not_run": 0}
    return {
        "about": {"date": "2026-01-01", "version": "0", "evidence": "abc"},
        "results": list(rows),
        "summary": {"by_role": {"calibration": counts, "validation": counts}},
    }


def test_results_held_back_count_alone():
    rows = [row("a", True, role="calibration"), row("b", False)]
    topic, found = leaned_on("sows_gossop_days_1_7", "opioid", rows)
    assert topic == "opioid withdrawal"
    assert [each["id"] for each in found] == ["b"]
    assert [r["id"] for r in leaned_on("cows_days_1_7", "opioid", rows[:1])[1]] == ["a"]


@pytest.mark.parametrize("passed, warned", [(7, False), (6, True)])
def test_seven_of_ten_are_enough(passed, warned):
    rows = [row(f"r{i}", i < passed) for i in range(10)]
    found = benchmarks("sows_gossop_days_1_7", "opioid", card(*rows))
    assert found["share"] == passed / 10
    assert bool(found["warning"]) is warned
    assert (f"{passed} (" in found["warning"]) is warned
    assert len(found["failing"]) == 10 - passed
    assert ENOUGH == 0.70


def test_other_people_and_what_was_not_run_do_not_count():
    rows = [
        row("drinkers", True, "relapsed", "alcohol"),
        row("unrun", None, "relapsed"),
        row("mine", False, "relapsed"),
    ]
    _, found = leaned_on("relapse_by_day_28", "opioid", rows)
    assert [each["id"] for each in found] == ["mine"]


def test_an_endpoint_that_nothing_published_tests_is_warned_of():
    found = benchmarks("craving_days_1_28", "opioid", card(row("a", True)))
    assert found["share"] is None
    assert "No published result on craving" in found["warning"]


def test_the_road_of_the_drug_counts_too():
    rows = [row("a", True), *(row(f"m{i}", i < 2, "melatonin_plasma", "healthy") for i in range(4))]
    alone = benchmarks("sows_gossop_days_1_7", "opioid", card(*rows))
    assert (alone["warning"], alone["road"]) == ("", [])
    both = benchmarks("sows_gossop_days_1_7", "opioid", card(*rows), ["melatonin 5 mg daily"])
    assert [each["topic"] for each in both["road"]] == ["melatonin in blood"]
    assert "re-obtains 2 (50 %" in both["warning"]
    assert both["short"] == "melatonin in blood 2 of 4"
    assert (both["share"], both["failing"]) == (1.0, [])


def test_every_shipped_endpoint_has_a_topic():
    for name in ("combination-opioid", "combination-alcohol", "leaf-or-isolate"):
        for endpoint in load_study(name).endpoints:
            assert any(endpoint.id.startswith(t.endpoints) for t in TOPICS), endpoint.id


def test_every_claim_of_a_document_says_what_it_leans_on():
    document = {
        "study": {"disorder": "opioid"},
        "claims": [{"id": "x", "effect": {"endpoint": "sows_gossop_days_1_7"}}],
        "run": {"hashes": {"evidence": "other"}},
    }
    found = with_benchmarks(document, card(row("a", False)))
    assert found["claims"][0]["benchmarks"]["failing"] == ["a"]
    assert found["scorecard"]["same_evidence"] is False
    assert "benchmarks" not in document["claims"][0]


def test_the_shipped_scorecard_is_of_the_results_that_ship():
    """Nobody may move a margin, a role or a published number and keep the old marks."""
    evidence, shipped = load_evidence(), shipped_scorecard()
    rows = {each["id"]: each for each in shipped["results"]}
    assert set(rows) == set(evidence.results)
    for name, result in evidence.results.items():
        assert rows[name]["role"] == result.role
        assert rows[name]["published"] == result.value
        assert rows[name]["regimen"] == result.regimen


def test_the_shipped_scorecard_is_large_enough():
    rows = shipped_scorecard()["results"]
    ran = [each for each in rows if each["pass"] is not None]
    assert len(ran) >= 30
    assert len({each["source"] for each in ran}) >= 15
    assert sum(each["role"] == "validation" for each in ran) >= 20


def test_marks_follow_from_the_numbers():
    rows = shipped_scorecard()["results"]
    for each in rows:
        if each["pass"] is not None and each["predicted"] is not None:
            low, high = each["accepted"]
            inside = low - 1e-3 * abs(low) <= each["predicted"] <= high + 1e-3 * abs(high)
            assert inside or not each["pass"], each["id"]
    told = shipped_scorecard()["summary"]
    assert told["passed"] == sum(each["pass"] is True for each in rows)
    assert told["failed"] == sum(each["pass"] is False for each in rows)
