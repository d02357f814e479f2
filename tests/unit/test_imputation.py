"""Reference-based and delta imputation: what each assumption says, and agreement with R."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from r_data import FOLDER
from speciosa.core.errors import InputError
from speciosa.verdict.ancova import ancova
from speciosa.verdict.imputation import ASSUMPTIONS, impute, reference_based
from speciosa.verdict.repeated import fitted

R = json.loads((FOLDER / "statistics.json").read_text())
VISITS = ["visit_1", "visit_2", "visit_3", "visit_4"]


@pytest.fixture(scope="module")
def data():
    people = pl.read_csv(FOLDER / "repeated.csv", null_values="NA")
    scores = people.select(pl.col(VISITS).cast(pl.Float64).fill_null(float("nan"))).to_numpy()
    return scores, people["arm"].to_numpy(), people["baseline"].to_numpy()[:, None] - 20


@pytest.fixture(scope="module")
def jump(data):
    return reference_based(*data, assumption="jump to reference")


@pytest.mark.parametrize("assumption", ASSUMPTIONS)
def test_estimates_agree_with_r(data, assumption):
    scores, arm, covariates = data
    fit, _ = fitted(scores, arm, covariates, arms=2)
    completed = impute(scores, arm, covariates, fit, assumption)
    found = ancova(completed[:, -1], arm, covariates)
    assert found.value == pytest.approx(R["reference_based"][assumption], rel=1e-4)
    seen = np.isfinite(scores)
    assert (completed[seen] == scores[seen]).all() and np.isfinite(completed).all()


def test_the_jackknife_error_agrees_with_r(jump):
    assert jump.estimate().error == pytest.approx(R["reference_based"]["jackknife"], rel=1e-3)


def test_nobody_missing_is_analysis_of_covariance(data):
    scores, arm, covariates = data
    whole = np.isfinite(scores).all(axis=1)
    arguments = scores[whole], arm[whole], covariates[whole]
    plain = ancova(arguments[0][:, -1], *arguments[1:])
    found = reference_based(*arguments, assumption="copy reference")
    assert found.estimate().value == pytest.approx(plain.value)
    assert found.slope == 0 and found.tipping_point() is None
    assert found.estimate().error == pytest.approx(plain.error, rel=0.25)


def test_delta_moves_the_estimate_by_the_share_that_is_imputed(jump, data):
    scores, arm, _ = data
    share = np.isnan(scores[arm == 1, -1]).mean()
    moved = jump.estimate(2.0).value - jump.estimate(0.0).value
    assert moved == pytest.approx(2 * share, rel=0.15)


def test_the_tipping_point_is_where_significance_ends():
    rng = np.random.default_rng(2)
    arm = np.arange(80) % 2
    scores = rng.normal(10, 2, (80, 1)) + rng.normal(0, 1, (80, 3)) - 3.0 * arm[:, None]
    scores[rng.random(80) < 0.3, 2] = np.nan
    found = reference_based(scores, arm)
    tip = found.tipping_point()
    assert tip is not None and tip > 0
    assert found.estimate(tip - 0.01).p_value < 0.05 < found.estimate(tip + 0.01).p_value


def test_an_unknown_assumption_is_refused(data):
    with pytest.raises(InputError, match="jump to reference"):
        reference_based(*data, assumption="jump to referense")
