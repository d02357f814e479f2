"""Contrasts within people: what is counted person by person is what comes out."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from speciosa.verdict.twins import Twins, together

WEIGHTS = {"both": 1.0, "one": -1.0, "other": -1.0, "none": 1.0}


@pytest.fixture
def rows() -> pl.DataFrame:
    """Four draws of nine people in four arms, shuffled, with values and rows that are missing."""
    random = np.random.default_rng(3)
    table = pl.DataFrame(
        [
            (draw, person, arm, None if random.random() < 0.1 else float(random.normal()))
            for draw in range(4)
            for person in range(9)
            for arm in WEIGHTS
        ],
        schema=["draw", "person", "arm", "cows"],
        orient="row",
    )
    return table.sample(fraction=0.95, shuffle=True, seed=5)


def by_hand(rows: pl.DataFrame, draw: int) -> list[float]:
    """The contrast of everybody in a draw who was seen in every arm."""
    mine = rows.filter((pl.col("draw") == draw) & pl.col("cows").is_not_null())
    seen = {person: dict(own.select("arm", "cows").rows()) for (person,), own in
            mine.group_by("person")}  # fmt: skip
    return [
        2.0 * sum(WEIGHTS[arm] * own[arm] for arm in WEIGHTS)
        for own in seen.values()
        if len(own) == len(WEIGHTS)
    ]


def test_a_contrast_is_that_of_the_people_who_were_seen_in_every_arm(rows: pl.DataFrame) -> None:
    found = Twins.of(rows).contrast("cows", WEIGHTS, 2.0)
    hand = [by_hand(rows, draw) for draw in found.draw]
    assert found.draw.tolist() == [0, 1, 2, 3]
    assert found.asked == 36
    assert found.people.tolist() == [len(each) for each in hand]
    assert found.delta == pytest.approx([np.mean(each) for each in hand])
    assert found.error == pytest.approx([np.std(e, ddof=1) / len(e) ** 0.5 for e in hand])


def test_people_in_two_groups_are_as_people_in_one(rows: pl.DataFrame) -> None:
    early = pl.col("person") < 3
    parts = [Twins.of(rows.filter(each)) for each in (early, ~early)]
    joined = together([each.contrast("cows", WEIGHTS) for each in parts])
    whole = Twins.of(rows).contrast("cows", WEIGHTS)
    assert joined.people.tolist() == whole.people.tolist()
    assert joined.asked == whole.asked
    assert joined.delta == pytest.approx(whole.delta)
    assert joined.error == pytest.approx(whole.error)


def test_an_arm_that_was_not_run_leaves_nobody(rows: pl.DataFrame) -> None:
    found = Twins.of(rows).contrast("cows", {"both": 1.0, "therapy": -1.0})
    assert found.draw.size == found.delta.size == 0
    assert found.asked > 0


def test_one_person_has_no_standard_error(rows: pl.DataFrame) -> None:
    one = rows.filter((pl.col("draw") == 0) & (pl.col("person") == 1))
    found = Twins.of(one.with_columns(cows=1.0)).contrast("cows", {"both": 1.0})
    assert found.people.tolist() == [1]
    assert np.isnan(found.error).all()


def test_only_draws_in_which_the_arms_were_run_are_left(rows: pl.DataFrame) -> None:
    fewer = rows.filter((pl.col("arm") != "other") | (pl.col("draw") < 2))
    left = Twins.of(fewer).among(["one", "other"])
    assert set(left.draw.tolist()) == {0, 1}
    assert left.contrast("cows", {"one": 1.0}).draw.tolist() == [0, 1]
    assert Twins.of(fewer).contrast("cows", {"one": 1.0}).draw.tolist() == [0, 1, 2, 3]
