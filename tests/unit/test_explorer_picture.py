"""The chain's picture: courses as the verdict has them, shares and survival counted by hand."""

from __future__ import annotations

import polars as pl
import pytest

from speciosa.evidence.load import load_evidence
from speciosa.trial.study import load_study
from speciosa.view.explorer.course import courses, given, shares, survival, waiting, words_for
from speciosa.view.explorer.picture import figure, stages
from speciosa.view.theme import styles

LOOK = styles([{"id": "placebo", "role": "placebo"}, {"id": "kratom", "role": "kratom"}])


def table() -> pl.DataFrame:
    """Three draws of two arms, two days each."""
    rows = [
        {"arm": arm, "quantity": "cows", "step": "day", "index": day, "draw": draw,
         "low": 1.0 * draw, "median": 10.0 * draw + day, "high": 100.0 * draw}
        for arm in LOOK for day in range(2) for draw in range(3)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def test_a_line_is_the_median_over_worlds_and_its_bands_stand_apart() -> None:
    entry = courses(table(), tuple(LOOK), {"cows": [{"name": "mild", "low": 5, "high": 12}]})["day"]
    line = entry["cows"]["arms"]["kratom"]
    assert line["median"] == [10.0, 11.0]
    assert (line["people_low"], line["people_high"]) == ([1.0, 1.0], [100.0, 100.0])
    assert line["parameters_low"] == pytest.approx([1.0, 2.0])
    assert line["parameters_high"] == pytest.approx([19.0, 20.0])
    assert entry["cows"]["days"] == [1, 2]
    drawn = figure("cows", "day", entry["cows"], LOOK)
    kinds = [(trace["meta"]["kind"], trace["meta"]["arm"]) for trace in drawn.data]
    assert len(set(kinds)) == len(kinds) == 6
    assert any("simulated" in note["text"] for note in drawn.layout["annotations"])


def test_shares_are_counted_per_world() -> None:
    rows = [
        {"draw": draw, "arm": "kratom", "day": day, "in_treatment": float(person < 3 - day)}
        for draw in range(2) for person in range(4) for day in (1, 2)
    ]  # fmt: skip
    found = shares(pl.DataFrame(rows), ("kratom",))["in_treatment"]["arms"]["kratom"]
    assert found["median"] == [0.5, 0.25]


def test_abstinence_ends_with_the_first_use_or_with_leaving() -> None:
    people = {"draw": [0] * 4, "person": [0, 1, 2, 3], "arm": ["kratom"] * 4,
              "failed": [False, False, False, True]}  # fmt: skip
    events = {"draw": [0] * 4, "person": [0, 0, 1, 3], "arm": ["kratom"] * 4,
              "day": [2, 1, 3, 1], "event": ["use", "dropout", "use", "use"]}  # fmt: skip
    (curve,) = survival(pl.DataFrame(events), pl.DataFrame(people), ("kratom",), 3)
    assert curve["at_risk"] == [3, 2, 2, 1]
    assert curve["share"] == pytest.approx([1, 2 / 3, 2 / 3, 1 / 3])


def test_what_is_given_adds_up_to_the_regimens() -> None:
    study = load_study("combination-opioid")
    entries = given(study)
    kratom = entries["kratom_leaf"]["arms"]
    assert set(kratom) == {"kratom", "both"}
    assert kratom["kratom"]["median"][:28] == [16.0] * 28
    assert sum(kratom["kratom"]["median"][28:]) == 0.0
    assert waiting(study.arms[-1], study.length) == [str(study.arms[-1].regimens[0])]


def test_every_stage_has_its_place_and_no_quantity_stands_in_two() -> None:
    names = [quantity for stage in stages() for quantity in stage.quantities]
    assert len(names) == len(set(names))
    by_id = {stage.id: stage for stage in stages()}
    assert by_id["receptor"].shows(["mu_occupancy_x", "cows"]) == ("mu_occupancy_x",)
    assert by_id["exposure"].shows(["new_plasma", "cows"]) == ("new_plasma",)
    assert words_for("new_plasma") == ("New in plasma", "nM")


def test_every_record_of_a_trial_stands_behind_a_stage() -> None:
    placed = {topic for stage in stages() for topic in stage.records}
    topics = {number.stage for number in load_evidence().numbers.values()}
    assert {topic for topic in topics - placed if not topic.startswith("acute_")} == set()
