"""With every edge that sets leaf and isolate apart switched off, the two agree at equal relief.

The edges: mitragynine's weaker agonism (antagonism), the ceiling of what it does to breathing, and
its slow store, from which 7-OH goes on being formed. The first two alone hardly move anything: the
third is what makes withdrawal on stopping milder after leaf.
"""

from __future__ import annotations

import numpy as np
import pytest

from speciosa.trial.matched import AS_IS, NO_EDGE, MatchedRun, matched_runs
from speciosa.trial.study import load_study
from speciosa.verdict.effect import EndpointSpec
from speciosa.verdict.matched import CLOSE, twin_differences

STUDY = load_study("leaf-or-isolate").resized(draws=8, people=20)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runs() -> dict[str, MatchedRun]:
    return {run.name: run for run in matched_runs(STUDY, only=(AS_IS, NO_EDGE))}


def differences(run: MatchedRun, outcome: str) -> np.ndarray:
    endpoint = next(one for one in STUDY.endpoints if one.id == outcome)
    spec = EndpointSpec(outcome, "", "", "lower", 1.0, per=endpoint.per)
    return twin_differences(run.subjects, spec, ("isolate", "leaf"))


def test_relief_is_equal_in_every_world_but_one_at_most(runs: dict[str, MatchedRun]):
    """Where leaf relieves nothing no amount of isolate equals it; the run counts such worlds."""
    for run in runs.values():
        assert run.equality.unmatched <= 1
        relief = differences(run, "cows_days_1_7").mean(axis=1)
        equal = np.sort(np.abs(relief))[: relief.size - run.equality.unmatched]
        assert equal.max() <= 0.2
        assert np.abs(relief.mean()) <= 0.2


def test_amounts_differ_between_worlds(runs: dict[str, MatchedRun]):
    """What nobody knows decides how much 7-OH equals a leaf: the factor is no constant."""
    assert np.ptp(np.log(runs[AS_IS].equality.factor)) > 0.1


@pytest.mark.parametrize(
    "outcome", ["dependence_days_22_28", "lowest_ventilation", "withdrawal_after_stopping"]
)
def test_without_edges_the_two_agree_within_monte_carlo_error(
    runs: dict[str, MatchedRun], outcome: str
):
    twins = differences(runs[NO_EDGE], outcome)
    error = np.sqrt(np.mean(twins.var(axis=1, ddof=1) / twins.shape[1]))
    assert abs(twins.mean()) <= CLOSE * error


def test_with_its_edges_leaf_is_left_more_gently(runs: dict[str, MatchedRun]):
    """Milder withdrawal on stopping after leaf, and not where the edges are off."""
    with_edges = differences(runs[AS_IS], "withdrawal_after_stopping").mean()
    without = differences(runs[NO_EDGE], "withdrawal_after_stopping").mean()
    assert with_edges > abs(without)
