"""Dental growth of 27 children at four ages, as the R package mmrm prints it.

Data: Potthoff RF, Roy SN. Biometrika 1964;51:313-26 (distance in mm at 8, 10, 12 and 14 years).
Published output: mmrm, unstructured covariance, REML, Satterthwaite, fixed effects sex by age
(printed in the public notes jsahlmann/mbk, mbk_07_sas_r.md).
"""

from __future__ import annotations

import numpy as np
import pytest

from speciosa.verdict.repeated import fitted

BOYS = (
    "26 25 29 31", "21.5 22.5 23 26.5", "23 22.5 24 27.5", "25.5 27.5 26.5 27", "20 23.5 22.5 26",
    "24.5 25.5 27 28.5", "22 22 24.5 26.5", "24 21.5 24.5 25.5", "23 20.5 31 26", "27.5 28 31 31.5",
    "23 23 23.5 25", "21.5 23.5 24 28", "17 24.5 26 29.5", "22.5 25.5 25.5 26", "23 24.5 26 30",
    "22 21.5 23.5 25",
)  # fmt: skip
GIRLS = (
    "21 20 21.5 23", "21 21.5 24 25.5", "20.5 24 24.5 26", "23.5 24.5 25 26.5", "21.5 23 22.5 23.5",
    "20 21 21 22.5", "21.5 22.5 23 25", "23 23 23.5 24", "20 21 22 21.5", "16.5 19 19 19.5",
    "24.5 25 28 28",
)  # fmt: skip
# coefficient: estimate, standard error, degrees of freedom as printed
PRINTED = {
    "girls at 8": (21.1818, 0.7017, 24.999),
    "boys at 8": (1.6932, 0.9115, 24.999),
    "girls from 8 to 10": (1.0455, 0.6155, 25.000),
    "girls from 8 to 14": (2.9091, 0.6729, 25.001),
    "boys from 8 to 10": (-0.1080, 0.7995, 25.000),
    "boys from 8 to 14": (1.6847, 0.8741, 25.001),
}
WEIGHTS = {  # of the means of girls, then of boys, at the four ages
    "girls at 8": (1, 0, 0, 0, 0, 0, 0, 0),
    "boys at 8": (-1, 0, 0, 0, 1, 0, 0, 0),
    "girls from 8 to 10": (-1, 1, 0, 0, 0, 0, 0, 0),
    "girls from 8 to 14": (-1, 0, 0, 1, 0, 0, 0, 0),
    "boys from 8 to 10": (1, -1, 0, 0, -1, 1, 0, 0),
    "boys from 8 to 14": (1, 0, 0, -1, -1, 0, 0, 1),
}
COVARIANCE = [
    [5.4155, 2.7170, 3.9106, 2.7104],
    [2.7170, 4.1850, 2.9274, 3.3173],
    [3.9106, 2.9274, 6.4564, 4.1312],
    [2.7104, 3.3173, 4.1312, 4.9858],
]


@pytest.fixture(scope="module")
def fit():
    scores = np.array([[float(x) for x in row.split()] for row in (*GIRLS, *BOYS)])
    group = np.repeat([0, 1], [len(GIRLS), len(BOYS)])
    return fitted(scores, group, None, arms=2, structure="unstructured")[0]


@pytest.mark.parametrize("name", list(PRINTED))
def test_coefficients_as_printed(fit, name):
    estimate, error, freedom = PRINTED[name]
    found = fit.contrast(WEIGHTS[name])
    assert found.value == pytest.approx(estimate, abs=6e-5)
    assert found.error == pytest.approx(error, abs=6e-5)
    assert found.freedom == pytest.approx(freedom, abs=0.01)


def test_the_covariance_as_printed(fit):
    np.testing.assert_allclose(fit.visit_covariance, COVARIANCE, atol=1e-3)
    assert fit.log_likelihood == pytest.approx(-207, abs=0.5)
