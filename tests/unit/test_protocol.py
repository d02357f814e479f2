"""The protocol tables of a study file: usual values, and every mistake with its place and cure."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from speciosa.core.errors import InputError
from speciosa.trial.protocol import Protocol
from speciosa.trial.randomisation import allocate, stratum_of
from speciosa.trial.study import load_study, read_study
from speciosa.trial.visits import strategies
from trial_pool import PAIR, planned


def test_a_study_without_the_tables_has_usual_values():
    study = planned(analysis="")
    assert study.protocol.analysis.method == "ancova"
    assert study.protocol.analysis.compare[0] == ("kratom", "placebo")
    assert len(study.protocol.analysis.compare) == 4
    assert Protocol().design.kind == "parallel"
    assert strategies(study) == ("treatment policy",)


def test_the_default_study_lays_both_estimands_down():
    protocol = load_study("combination-opioid").protocol
    assert set(protocol.analysis.estimands) == {"treatment policy", "while on treatment"}
    assert protocol.analysis.alpha == 0.025


def test_the_protocol_is_part_of_the_hash():
    assert planned().digest != planned(analysis=f"alpha = 0.02\n{PAIR}").digest


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"design": 'kind = "paralel"'}, 'Did you mean "parallel"'),
        ({"design": "blok = 2"}, 'unknown key "blok". Did you mean "block"'),
        ({"design": 'strata = ["colour"]'}, "colour"),
        ({"design": 'kind = "group-sequential"'}, '"looks" is missing'),
        ({"design": "looks = [0.5, 1.0]"}, '"looks" is not for parallel'),
        ({"design": 'kind = "group-sequential"\nlooks = [0.5, 0.4]'}, "rise to 1"),
        ({"design": 'kind = "add-on"'}, '"background" is missing'),
        ({"design": 'rescue = ["lofexidine 0.54 mg every 6 h for 1 d"]'}, "has fixed times"),
        ({"design": "rescue = [3]"}, "is not a list of regimens"),
        ({"design": "washout_days = 7"}, '"washout_days" is not for parallel'),
        ({"design": 'boundary = "haybittle"'}, "haybittle"),
        ({"design": "screening = [8]"}, "is not a range"),
        ({"analysis": 'method = "anova"'}, 'Did you mean "ancova"'),
        ({"analysis": 'compare = [["kratm", "placebo"]]'}, 'Did you mean "kratom"'),
        ({"analysis": 'compare = ["kratom"]'}, "list of pairs"),
        ({"analysis": "alpha = 0.9"}, "out of range"),
        ({"analysis": 'estimands = ["hypothetic"]'}, 'Did you mean "hypothetical"'),
        ({"analysis": 'covariates = "baseline"'}, "is not a list"),
        ({"analysis": 'method = "log-rank"'}, "retained"),
        ({"visits": 'follow = "nobody"'}, "nobody"),
    ],
)
def test_a_mistake_is_told_with_its_place(options, words):
    with pytest.raises(InputError) as told:
        planned(**options)
    assert words in str(told.value)
    assert "planned.toml" in str(told.value)


def test_only_leaving_can_be_hypothetical():
    text = planned().text
    table = tomllib.loads(text)
    study = read_study({**table, "estimand": {"dropout": "hypothetical"}}, "planned.toml", text)
    assert strategies(study) == ("hypothetical",)
    with pytest.raises(InputError, match="hypothetical"):
        read_study({**table, "estimand": {"relapse": "hypothetical"}}, "planned.toml", text)


def test_everybody_in_an_add_on_trial_has_the_background():
    background = "lofexidine 0.54 mg every 6 h for 3 d"
    study = planned(design=f'kind = "add-on"\nbackground = "{background}"')
    assert all(str(arm.regimens[0]) == background for arm in study.arms)


def test_allocation_is_balanced_and_cannot_be_foreseen():
    lists = np.stack([allocate(np.zeros(40), 2, seed=1, trial=k) for k in range(300)])
    assert (lists.reshape(300, 10, 4).sum(axis=2) == 2).all()
    assert abs(lists.mean(axis=0) - 0.5).max() < 3.9 * 0.5 / np.sqrt(300)
    assert len({row.tobytes() for row in lists}) == 300


def test_strata_are_every_combination():
    label = stratum_of([[True, True, False, False], ["a", "b", "a", "b"]], 4)
    assert sorted(label.tolist()) == [0, 1, 2, 3]
