"""Every planned analysis rejects a true null hypothesis at its stated rate.

Trials are drawn from one pool of made-up people in which the treatment does nothing; the count of
one-sided rejections at 2.5 % lies inside the 99.9 % binomial interval. The same trials with an
effect lie far outside, so the count can fail.
"""

from __future__ import annotations

import pytest
from scipy import stats

from speciosa.verdict.operating import plan, simulate_trials
from speciosa.verdict.pool import worlds
from trial_pool import PAIR, made_up, planned

ALPHA, PER_ARM = 0.025, 40
LEAVING = {"scale": "retained", "statistic": "share", "better": "higher"}
CASES = {
    "ancova": ({"analysis": f'method = "ancova"\n{PAIR}'}, "kratom - placebo"),
    "mmrm": (
        {"analysis": f'method = "mmrm"\nestimands = ["hypothetical"]\n{PAIR}'},
        "kratom - placebo",
    ),
    "log-rank": ({"analysis": f'method = "log-rank"\n{PAIR}', **LEAVING}, "kratom - placebo"),
    "interaction": ({"analysis": PAIR, "design": 'kind = "factorial"'}, "interaction"),
    "group-sequential": (
        {
            "analysis": PAIR,
            "design": 'kind = "group-sequential"\nlooks = [0.5, 0.75, 1.0]\nboundary = "pocock"',
        },
        "kratom - placebo",
    ),
    "crossover": ({"analysis": PAIR, "design": 'kind = "crossover"'}, "kratom - placebo"),
}


def rejected(case: str, trials: int, *, null: bool) -> int:
    options, contrast = CASES[case]
    study = planned(**options)
    run = made_up(study, effects={"kratom": 4.0, "both": 9.0}, leaving=0.4)
    planned_trial = plan(study)
    pool = worlds(run, planned_trial.arms)
    found = simulate_trials(planned_trial, pool, PER_ARM, trials, null=null)
    key = (contrast, planned_trial.strategies[0])
    return int(found[key].rejects.sum())


def inside(count: int, trials: int) -> bool:
    low, high = stats.binom.interval(0.999, trials, ALPHA)
    return bool(low <= count <= high)


FAST = [name for name in CASES if name != "mmrm"]


@pytest.mark.parametrize("case", FAST)
def test_no_effect_is_found_at_the_stated_rate(case):
    assert inside(rejected(case, 2000, null=True), 2000)


@pytest.mark.slow
def test_no_effect_is_found_at_the_stated_rate_by_repeated_measures():
    assert inside(rejected("mmrm", 2000, null=True), 2000)


def test_no_effect_is_found_at_the_stated_rate_by_some_repeated_measures():
    assert inside(rejected("mmrm", 150, null=True), 150)


@pytest.mark.parametrize("case", CASES)
def test_an_effect_is_found_more_often(case):
    assert not inside(rejected(case, 60, null=False), 60)
