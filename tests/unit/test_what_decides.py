"""Designs drive the engine: laid-down scores, shared people, and what they decide."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from small_trial import make_small, small_study
from speciosa.core.errors import InputError
from speciosa.evidence.load import Evidence
from speciosa.evidence.sample import TAIL
from speciosa.people.cohort import Population, recruit
from speciosa.people.parameters import truth
from speciosa.trial.sensitivity import Bench, worlds
from speciosa.trial.study import Arm
from speciosa.trial.tables import COURSE_DRAWS, courses
from speciosa.verdict.effect import effect
from speciosa.verdict.what_decides import PEOPLE, Alone, Effort, comparison, what_decides
from speciosa.view.decides import write_sensitivity

EDGE = "claimed.melatonin_withdrawal"


class TestScores:
    def test_a_score_of_zero_is_the_record_itself(self, evidence: Evidence) -> None:
        laid_down = evidence.with_scores({EDGE: [0.0, 1.0]})
        found = truth(laid_down, EDGE, 1, np.array([0, 1, 0]))
        assert found[0] == found[2] == evidence.number(EDGE).value
        assert found[1] != found[0]

    def test_other_records_are_drawn_as_before(self, evidence: Evidence) -> None:
        laid_down = evidence.with_scores({EDGE: [0.0, 1.0]})
        draws = np.array([0, 1])
        other = "lofexidine.clearance"
        assert (truth(laid_down, other, 1, draws) == truth(evidence, other, 1, draws)).all()

    def test_the_digest_tells(self, evidence: Evidence) -> None:
        assert evidence.with_scores({EDGE: [1.0]}).digest != evidence.digest
        assert evidence.with_scores({}).digest == evidence.digest

    def test_a_record_without_spread_cannot_be_moved(self, evidence: Evidence) -> None:
        with pytest.raises(InputError, match="no spread"):
            evidence.with_scores({"clonidine.clearance": [0.0]})


def test_the_comparison_is_that_of_the_claim(evidence: Evidence) -> None:
    found = comparison(small_study(), evidence, "melatonin_eases_withdrawal")
    assert (found.arm, found.versus, found.endpoint.id) == ("melatonin", "placebo", "sows")
    with pytest.raises(InputError, match="no claim"):
        comparison(small_study(), evidence, "melatonin_eases_withdrawl")
    with pytest.raises(InputError, match="two arms"):
        comparison(small_study(), evidence, "kratom_eases_withdrawal")


@pytest.mark.slow
def test_worlds_that_share_people_differ_by_the_design_only(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_small(monkeypatch)
    study, asked = small_study(), comparison(small_study(), evidence)
    bench = Bench(study, evidence, ("melatonin", "placebo"), asked.endpoint)
    rows = bench.run({EDGE: np.array([0.0, 2.0, 0.0])}, [0, 0, 5])
    assert bench.run({EDGE: np.array([0.0, 2.0, 0.0])}, [0, 0, 5]).equals(rows)
    means = rows.sort("person").group_by(["draw", "arm"], maintain_order=True).agg("sows")
    found = {(d, a): np.array(v) for d, a, v in means.rows()}
    assert (found[0, "placebo"] == found[1, "placebo"]).all()
    assert (found[0, "melatonin"] != found[1, "melatonin"]).any()
    assert (found[0, "placebo"] != found[2, "placebo"]).any()
    assert effect(rows, asked.spec, "melatonin", "placebo").draws == 3
    assert worlds(study, evidence, 3).height == 3


@pytest.mark.slow
def test_what_decides_melatonin_is_its_claimed_edge(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_small(monkeypatch)
    effort = Effort(draws=40, screened=3, trajectories=3, shared=2, base=16, confirming=1)
    found = what_decides(small_study(), effort=effort)
    assert found["tornado"][0]["record"] == EDGE
    assert found["tornado"][0]["at_low"] < found["tornado"][0]["at_high"]
    assert 0 < found["idle"] < found["numbers"]
    assert len(found["tornado"]) == found["numbers"] - found["idle"]
    assert found["morris"][0]["name"] == EDGE
    assert found["sobol"][0]["name"] == EDGE
    assert {each["name"] for each in found["sobol"]} >= {EDGE, PEOPLE}
    assert found["sobol"][0]["total"] > 0.7
    assert found["cost"]["failed"] == 0
    most = effort.worlds(found["numbers"]) * effort.people * 2
    assert found["cost"]["person_courses"] <= most
    assert (
        sum(found["cost"]["worlds"].values()) * effort.people * 2
        == (found["cost"]["person_courses"])
    )
    assert write_sensitivity(found, tmp_path).is_file()


def test_what_a_number_does_alone_goes_on_straight() -> None:
    low, high = np.array([-1.0, 0.0]), np.array([3.0, 0.0])
    alone = Alone(("a", "b"), low, high, 1.0, np.array([[2.0, 0.0]]))
    shift = alone.shift("a")
    assert shift(0.0) == 0.0
    assert shift(TAIL) == pytest.approx(2.0)
    assert shift(-2 * TAIL) == pytest.approx(-4.0)
    assert alone.idle.tolist() == [False, True]
    assert alone.swing.tolist() == [2.0, 1.0]


@pytest.mark.parametrize("first, rows", [(0, 66), (COURSE_DRAWS, 0)])
def test_worlds_beyond_those_whose_courses_are_kept_keep_none(first: int, rows: int) -> None:
    """A design has hundreds of worlds; a chunk of late ones must not stumble over that."""
    draw = np.repeat([first, first + 1], 3)
    cohort = replace(recruit(Population(), 1, draw, np.tile(np.arange(3), 2)), draw=draw)
    course = SimpleNamespace(recorded=("cows",), samples=lambda quantity: np.ones((5, 8, 6)))
    found = courses(Arm("placebo", (), "placebo"), cohort, course)
    assert found.height == rows
