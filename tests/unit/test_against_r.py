"""Analyses agree with R: estimates and errors to 1e-4, degrees of freedom to 1e-2.

``tests/data/statistics.json`` holds what R 4.2 gave (nlme, survival, MASS, cmprsk, and a mixed
model with dense matrices and numeric derivatives) with the command that made it.
"""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from r_data import FOLDER, repeated, survival
from speciosa.verdict.ancova import ancova
from speciosa.verdict.competing import cumulative_incidence
from speciosa.verdict.covariance import STRUCTURES
from speciosa.verdict.hazard import cox
from speciosa.verdict.multiplicity import holm
from speciosa.verdict.ordinal import logistic, proportional_odds
from speciosa.verdict.repeated import repeated_measures
from speciosa.verdict.survival import kaplan_meier, log_rank, restricted_mean

R = json.loads((FOLDER / "statistics.json").read_text())
VISITS = ["visit_1", "visit_2", "visit_3", "visit_4"]
CLOSE, FREEDOM = 1e-4, 1e-2


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    return pl.read_csv(FOLDER / "repeated.csv", null_values="NA")


@pytest.fixture(scope="module")
def times() -> dict[str, np.ndarray]:
    return pl.read_csv(FOLDER / "survival.csv").to_dict(as_series=False)


def scores(people: pl.DataFrame) -> np.ndarray:
    return people.select(pl.col(VISITS).cast(pl.Float64).fill_null(float("nan"))).to_numpy()


@pytest.mark.parametrize("name", ["repeated", "survival"])
def test_r_was_given_this_data(name):
    made = {"repeated": repeated, "survival": survival}[name]()
    given = pl.read_csv(FOLDER / f"{name}.csv", null_values="NA")
    assert made.columns == given.columns
    same = made.cast(pl.Float64).to_numpy(), given.cast(pl.Float64).to_numpy()
    np.testing.assert_allclose(*same, rtol=1e-9)


def test_some_people_of_the_data_left_early(people):
    gone = np.isnan(scores(people))
    assert 0.2 < gone[:, 3].mean() < 0.6
    assert len(np.unique(gone, axis=0)) >= 5


@pytest.mark.parametrize("structure", STRUCTURES)
def test_the_repeated_measures_model(people, structure):
    arguments = scores(people), people["arm"], people["baseline"].to_numpy() - 20
    found = repeated_measures(*arguments, structure=structure)
    for theirs in (R["gls"][structure], R["mixed"][structure]):
        assert found.value == pytest.approx(theirs["estimate"], rel=CLOSE)
        assert found.error == pytest.approx(theirs["error"], rel=CLOSE)
    assert found.freedom == pytest.approx(R["mixed"][structure]["freedom"], rel=FREEDOM)
    for kind in ("kenward-roger", "kenward-roger linear"):
        adjusted = repeated_measures(*arguments, structure=structure, freedom=kind)
        key = f"error_{kind.replace('-', '_').replace(' ', '_')}"
        assert adjusted.error == pytest.approx(R["mixed"][structure][key], rel=CLOSE)
        assert adjusted.freedom == pytest.approx(found.freedom)


def test_analysis_of_covariance(people):
    arms, baseline = people["arm"].to_numpy(), people["baseline"].to_numpy()
    found = ancova(scores(people)[:, 3], arms, baseline)
    assert found.value == pytest.approx(R["ancova"]["estimate"], rel=CLOSE)
    assert found.error == pytest.approx(R["ancova"]["error"], rel=CLOSE)
    assert found.p_value == pytest.approx(R["ancova"]["p_value"], rel=CLOSE)


def test_kaplan_meier(times):
    arm = np.array(times["arm"]) == 1
    curve = kaplan_meier(np.array(times["time"])[arm], np.array(times["event"])[arm])
    theirs = R["kaplan_meier"]
    np.testing.assert_allclose(curve.time, theirs["time"])
    np.testing.assert_allclose(curve.survival, theirs["survival"], rtol=CLOSE)
    np.testing.assert_allclose(curve.error, theirs["error"], rtol=CLOSE)
    for mine, other in zip(curve.interval(), (theirs["low"], theirs["high"]), strict=True):
        np.testing.assert_allclose(mine, other, rtol=CLOSE)


def test_log_rank(times):
    given = times["time"], times["event"], times["arm"]
    assert log_rank(*given).chi_square == pytest.approx(R["log_rank"]["chi_square"], rel=CLOSE)
    stratified = log_rank(*given, strata=times["stratum"])
    assert stratified.chi_square == pytest.approx(R["log_rank"]["stratified"], rel=CLOSE)


def test_cox(times):
    fit = cox(times["time"], times["event"], np.column_stack([times["arm"], times["age"]]))
    np.testing.assert_allclose(fit.coefficients, R["cox"]["coefficients"], rtol=CLOSE)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), R["cox"]["errors"], rtol=CLOSE)
    assert fit.log_likelihood == pytest.approx(R["cox"]["log_likelihood"], rel=1e-6)


@pytest.mark.parametrize("arm", [0, 1])
def test_restricted_mean(times, arm):
    own = np.array(times["arm"]) == arm
    found = restricted_mean(np.array(times["time"])[own], np.array(times["event"])[own], 25.0)
    assert found.value == pytest.approx(R["restricted_mean"]["value"][arm], rel=CLOSE)
    assert found.error == pytest.approx(R["restricted_mean"]["error"][arm], rel=CLOSE)


def test_cumulative_incidence(times):
    own = np.array(times["arm"]) == 1
    curve = cumulative_incidence(np.array(times["time"])[own], np.array(times["cause"])[own])
    for place, day in enumerate((10.0, 20.0)):
        theirs = R["cumulative_incidence"]
        assert curve.at(day).value == pytest.approx(theirs["share"][place], rel=CLOSE)
        assert curve.at(day).error == pytest.approx(theirs["error_survfit"][place], rel=CLOSE)


def test_logistic(times):
    fit = logistic(times["event"], np.column_stack([times["arm"], times["age"]]))
    assert fit.coefficient().value == pytest.approx(R["logistic"]["estimate"], rel=CLOSE)
    assert fit.coefficient().error == pytest.approx(R["logistic"]["error"], rel=CLOSE)


def test_proportional_odds(times):
    fit = proportional_odds(times["level"], np.column_stack([times["arm"], times["age"]]))
    assert fit.cuts.size == 3
    theirs = R["proportional_odds"]
    assert fit.coefficient().value == pytest.approx(theirs["estimate"], rel=CLOSE)
    assert fit.coefficient().error == pytest.approx(theirs["error"], rel=CLOSE)


def test_holm():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), R["holm"], rtol=1e-12)
