"""The mixed model for repeated measures: laws that hold without another program."""

from __future__ import annotations

import numpy as np
import pytest

from speciosa.core.errors import InputError, SpeciosaError
from speciosa.verdict.ancova import ancova
from speciosa.verdict.covariance import (
    STRUCTURES,
    beginning,
    covariance,
    first_derivatives,
    parameters,
    second_derivatives,
)
from speciosa.verdict.mmrm import _at, hessian, mmrm, moments
from speciosa.verdict.repeated import repeated_measures, visit_design

VISITS = 4


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(6)
    arm = np.arange(60) % 2
    baseline = rng.normal(0, 3, 60)
    scores = rng.normal(0, 2, (60, 1)) + rng.normal(0, 2, (60, VISITS)) + baseline[:, None]
    scores[rng.random((60, VISITS)) < 0.2] = np.nan
    return scores, arm, baseline


def theta_of(structure: str) -> np.ndarray:
    count = parameters(structure, VISITS)
    return 0.2 * np.cos(np.arange(count)) + 0.1


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_structure_is_a_covariance_with_exact_derivatives(structure):
    theta = theta_of(structure)
    matrix = covariance(structure, theta, VISITS)
    assert np.allclose(matrix, matrix.T) and np.linalg.eigvalsh(matrix)[0] > 0
    first, step = first_derivatives(structure, theta, VISITS), 1e-6
    for place, unit in enumerate(np.eye(theta.size)):
        up, down = (covariance(structure, theta + s * step * unit, VISITS) for s in (1, -1))
        np.testing.assert_allclose(first[place], (up - down) / (2 * step), atol=1e-7)
    second = second_derivatives(structure, theta, VISITS)
    np.testing.assert_allclose(second, second.swapaxes(0, 1), atol=1e-6)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_search_begins_near_the_observed_covariance(structure):
    theta = theta_of(structure)
    matrix = covariance(structure, theta, VISITS)
    begun = covariance(structure, beginning(structure, matrix), VISITS)
    np.testing.assert_allclose(begun, matrix, atol=0.25)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_the_gradient_is_that_of_the_likelihood_and_vanishes_at_the_estimate(data, structure):
    scores, arm, baseline = data
    patterns = moments(scores, visit_design(arm, baseline, VISITS, 2))
    theta, step = theta_of(structure) + 0.3, 1e-5
    slope = _at(patterns, structure, theta).gradient
    for place, unit in enumerate(np.eye(theta.size)):
        up, down = (_at(patterns, structure, theta + s * step * unit).value for s in (1, -1))
        assert slope[place] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-5)
    fit = mmrm(scores, visit_design(arm, baseline, VISITS, 2), structure=structure)
    assert np.abs(_at(patterns, structure, fit.theta).gradient).max() < 1e-4
    assert np.linalg.eigvalsh(hessian(patterns, structure, fit.theta))[-1] < 0


def test_whose_covariate_is_not_known_is_left_out(data):
    scores, arm, baseline = data
    unknown = np.where(np.arange(60) < 5, np.nan, baseline)
    found, without = (
        repeated_measures(scores, arm, unknown),
        repeated_measures(scores[5:], arm[5:], baseline[5:]),
    )
    assert found.value == pytest.approx(without.value) and found.error == pytest.approx(
        without.error
    )


def test_one_visit_is_analysis_of_covariance(data):
    scores, arm, baseline = data
    one = scores[:, [0]]
    found, plain = repeated_measures(one, arm, baseline), ancova(one[:, 0], arm, baseline)
    assert found.value == pytest.approx(plain.value)
    assert found.error == pytest.approx(plain.error, rel=1e-6)
    assert found.freedom == pytest.approx(plain.freedom, rel=1e-5)


def test_complete_data_give_the_estimate_of_the_last_visit_alone():
    rng = np.random.default_rng(3)
    arm = np.repeat([0, 1], 25)
    scores = rng.normal(0, 1, (50, 1)) + rng.normal(0, 1, (50, 3))
    found, plain = repeated_measures(scores, arm), ancova(scores[:, -1], arm)
    assert found.value == pytest.approx(plain.value, abs=1e-8)
    assert found.error == pytest.approx(plain.error, rel=1e-6)
    assert found.freedom == pytest.approx(48, rel=1e-4)


def test_the_contrast_does_not_hang_on_the_unit(data):
    scores, arm, baseline = data
    points, tenths = repeated_measures(scores, arm, baseline), repeated_measures(
        10 * scores, arm, baseline
    )  # fmt: skip
    assert tenths.value == pytest.approx(10 * points.value, rel=1e-6)
    assert tenths.freedom == pytest.approx(points.freedom, rel=1e-4)


def test_a_simpler_structure_stands_in_where_one_does_not_converge():
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(9, 6)).cumsum(axis=1)
    arm = np.arange(9) % 2
    with pytest.raises(SpeciosaError, match="does not converge"):
        mmrm(scores[:5], visit_design(arm[:5], None, 6, 2), structure="unstructured")
    found = mmrm(
        scores[:5], visit_design(arm[:5], None, 6, 2), structure=("unstructured", "ar1")
    )  # fmt: skip
    assert found.structure == "ar1"


def test_unknown_words_name_the_nearest(data):
    scores, arm, baseline = data
    with pytest.raises(InputError, match='Did you mean "toeplitz"'):
        repeated_measures(scores, arm, baseline, structure="toplitz")
    with pytest.raises(InputError, match='Did you mean "satterthwaite"'):
        repeated_measures(scores, arm, baseline, freedom="satterthwait")
