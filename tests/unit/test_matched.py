"""Two arms at equal effect: the search, where variation comes from, and which edge decides."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from speciosa.core.errors import InputError
from speciosa.trial.form import Form
from speciosa.trial.matched import MOST, Equality, _search, plain
from speciosa.trial.matching import read_matching
from speciosa.trial.study import load_study
from speciosa.verdict.effect import EndpointSpec
from speciosa.verdict.matched import ALL, judge_matched, spread_of, twin_differences

SPEC = EndpointSpec("cows", "COWS", "points", "lower", 2.0)
ARMS = ("isolate", "leaf")
DRAWS, PEOPLE = 60, 40


def rows(difference: np.ndarray) -> pl.DataFrame:
    """Subjects of two arms that differ by ``difference``, (draws, people)."""
    draws, people = difference.shape
    draw, person = (
        each.ravel() for each in np.meshgrid(range(draws), range(people), indexing="ij")
    )
    leaf = np.random.default_rng(0).normal(10, 3, difference.size)
    both = [
        pl.DataFrame(
            {"draw": draw, "person": person, "arm": [arm] * draw.size, "true_cows": values}
        )
        for arm, values in (("leaf", leaf), ("isolate", leaf + difference.ravel()))
    ]
    return pl.concat(both)


def differences(truth: float, person: float, batch: float, shift: float = 0.0):
    """Two runs of twin differences that differ in batches."""
    rng = np.random.default_rng(2)
    kept = truth * rng.normal(size=(DRAWS, 1)) + person * rng.normal(size=(DRAWS, PEOPLE)) + shift
    return [kept + batch * rng.normal(size=(DRAWS, PEOPLE)) for _ in range(2)]


def test_the_search_finds_every_draw_and_stops_at_its_bounds():
    target = np.array([-1.0, 0.0, 2.0, 50.0])
    logs, left = _search(lambda x: target - x, 4, 0.1)
    assert logs[:3] == pytest.approx(target[:3], abs=0.1)
    assert (np.abs(left[:3]) <= 0.1).all()
    assert abs(logs[3]) <= MOST
    assert left[3] > 40


def test_what_could_not_be_matched_is_counted():
    found = plain(Equality(np.array([1.0, 64.0]), np.array([0.1, 3.0]), 0.2))
    assert found["unmatched_draws"] == 1
    assert found["largest_difference_left"] == 3.0


def test_twins_are_compared_with_themselves():
    difference = np.arange(6.0).reshape(2, 3)
    assert twin_differences(rows(difference), SPEC, ARMS) == pytest.approx(difference)
    assert twin_differences(rows(difference), SPEC, ARMS[::-1]) == pytest.approx(-difference)


@pytest.mark.parametrize("wanted", [(2.0, 1.0, 0.5), (0.0, 1.0, 2.0), (1.0, 0.0, 0.0)])
def test_truth_person_and_batch_are_told_apart(wanted: tuple[float, float, float]):
    found = spread_of(*differences(*wanted))
    assert (found.truth, found.person, found.batch) == pytest.approx(wanted, abs=0.3)
    assert sum(found.shares.values()) == pytest.approx(1.0)


def test_the_edge_that_moves_it_most_decides():
    first, second = differences(0.5, 1.0, 0.2, shift=3.0)
    none = rows(first - 3.0)
    (found,) = judge_matched(
        [SPEC], ARMS, rows(first), rows(second),
        {("one",): rows(first - 0.5), ("other",): none, ("one", "other"): none},
    )  # fmt: skip
    assert found.decides == "other"
    assert found.moved["other"] == pytest.approx(3.0)
    assert found.agree is True
    assert found.without[ALL] == pytest.approx(0.0, abs=0.2)
    assert found.falls == ("worse", found.worse)
    assert found.worse > 0.95
    assert found.much_worse > 0.5 > found.much_better


def test_no_edge_decides_where_none_moves_it():
    first, second = differences(0.5, 1.0, 0.2, shift=3.0)
    same = rows(first + 0.01)
    (found,) = judge_matched(
        [SPEC], ARMS, rows(first), rows(second),
        {("one",): same, ("other",): same, ("one", "other"): same},
    )  # fmt: skip
    assert found.decides == ""
    assert found.agree is False


def test_the_shipped_study_says_what_it_matches():
    matching = load_study("leaf-or-isolate").matching
    assert matching is not None
    assert (matching.arm, matching.against, matching.within) == ("isolate", "leaf", 0.2)
    assert set(matching.edges) >= {
        "mu.mitragynine_antagonism",
        "breathing.mitragynine_ceiling_edge",
    }


@pytest.mark.parametrize("broken, word", [
    ({"arm": "isolat"}, "isolate"),
    ({"endpoint": "cow"}, "cows"),
    ({"outcomes": []}, "at least one"),
    ({"against": "isolate"}, "two arms"),
    ({"within": "near"}, "within"),
    ({"whole_products": 1}, "true or false"),
    ({"edge": []}, "edges"),
])  # fmt: skip
def test_a_slip_is_named_with_its_cure(broken: dict, word: str):
    table = {
        "arm": "isolate", "against": "leaf", "endpoint": "cows", "within": 0.2,
        "outcomes": ["cows"], "edges": [],
    }  # fmt: skip
    with pytest.raises(InputError) as caught:
        read_matching(Form("study", ""), {**table, **broken}, ("leaf", "isolate"), ("cows",))
    assert word in str(caught.value)
