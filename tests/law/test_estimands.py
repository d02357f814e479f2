"""Estimands that differ by a known amount are each recovered by the analysis that aims at them.

Treatment lowers every score by four points; whoever leaves loses it. Had nobody left, the
difference would be four; under treatment policy it is four times the share that stays. With 40 %
leaving, the bias of every method is known and told in docs/statistics.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from dropout import LEAVING, estimates, table, trial, truths
from speciosa.verdict.operating import plan, simulate_trials, truth_of
from speciosa.verdict.pool import worlds
from trial_pool import PAIR, made_up, planned

EFFECT, TRIALS, FAR = 4.0, 150, 3.3
BOTH = f'estimands = ["treatment policy", "hypothetical"]\n{PAIR}'
DOCS = Path(__file__).resolve().parents[2] / "docs" / "statistics.md"


@pytest.fixture(scope="module")
def recovered():
    study = planned(analysis=f'method = "mmrm"\n{BOTH}')
    run = made_up(study, effects={"kratom": EFFECT}, leaving=0.4, people=1500, worlds=1)
    planned_trial = plan(study)
    pool = worlds(run, planned_trial.arms)
    return planned_trial, pool, simulate_trials(planned_trial, pool, 60, TRIALS, null=False)


def test_the_constructed_truths(recovered):
    planned_trial, pool, _ = recovered
    contrast = planned_trial.contrasts[0]
    truth = {s: truth_of(planned_trial, pool[0], contrast, s) for s in planned_trial.strategies}
    assert truth["hypothetical"] == pytest.approx(-EFFECT, abs=1e-5)
    place = planned_trial.arms.index("kratom")
    stay = float(pool[0].staying[:, place, -1].mean())
    assert 0.5 < stay < 0.9
    assert truth["treatment policy"] == pytest.approx(-EFFECT * stay, abs=1e-4)


@pytest.mark.parametrize("strategy", ["treatment policy", "hypothetical"])
def test_each_estimand_is_recovered(recovered, strategy):
    found = recovered[2]["kratom - placebo", strategy]
    apart = found.value - found.truth
    assert abs(apart.mean()) < FAR * apart.std(ddof=1) / np.sqrt(TRIALS)
    low, high = stats.binom.interval(0.999, TRIALS, 0.95)
    assert low <= found.covers.sum() <= high


def test_the_other_estimand_is_not(recovered):
    found = recovered[2]["kratom - placebo", "hypothetical"]
    other = recovered[2]["kratom - placebo", "treatment policy"].truth
    apart = found.value - other
    assert abs(apart.mean()) > FAR * apart.std(ddof=1) / np.sqrt(TRIALS)


@pytest.fixture(scope="module", params=list(LEAVING))
def left(request):
    data = trial(LEAVING[request.param])
    return request.param, data, estimates(data)


def test_forty_per_cent_leave_and_more_of_those_who_fare_worse(left):
    _, data, _ = left
    gone = data["gone"][:, -1]
    assert gone.mean() == pytest.approx(0.4, abs=0.005)
    assert gone[data["arm"] == 0].mean() > gone[data["arm"] == 1].mean() + 0.05


def test_methods_without_bias(left):
    name, data, found = left
    truth = truths(data)
    follow = found["ANCOVA, everybody followed"]
    assert abs(follow.value - truth["treatment policy"]) < FAR * follow.error
    if name == "on what was seen":
        mmrm, jump = found["MMRM"], found["Jump to reference"]
        assert abs(mmrm.value - truth["hypothetical"]) < FAR * mmrm.error
        assert abs(jump.value - truth["treatment policy"]) < FAR * follow.error


def test_methods_with_bias(left):
    name, data, found = left
    truth = truths(data)
    completers = found["ANCOVA, completers only"]
    for value in truth.values():
        assert abs(completers.value - value) > FAR * completers.error
    if name == "on what was not seen":
        mmrm = found["MMRM"]
        assert abs(mmrm.value - truth["hypothetical"]) > FAR * mmrm.error


def test_the_assumptions_are_ordered_by_what_they_grant(left):
    _, _, found = left
    value = {name: abs(each.value) for name, each in found.items()}
    assert value["Jump to reference"] < value["Copy increments in reference"] < value["MMRM"]


def test_the_documentation_shows_these_biases():
    text = DOCS.read_text(encoding="utf-8")
    assert [row for row in table() if row not in text] == []
