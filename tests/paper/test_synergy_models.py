"""Worked examples of synergy models and of a factorial trial: Bliss 1939, Loewe 1926, Yadav 2015,
Meyer 2019 and Wooten 2021; Cohen 1988, Rosner and Schoenfeld for sizes, where others test them."""

from __future__ import annotations

import numpy as np
import pytest

from speciosa.verdict.synergy import (
    Hill,
    Musyc,
    against,
    bliss,
    combination_index,
    fit_musyc,
    highest_single,
    loewe,
    synergy,
    word_of,
    zip_reference,
)

DOSES = np.array([0.0, 1.0, 2.0, 4.0, 8.0])
SAME = Hill(0.0, 0.9, 6.0, 1.7)
OTHER = Hill(0.0, 0.6, 3.0, 1.1)


def grid(effect) -> np.ndarray:
    a, b = np.meshgrid(DOSES, DOSES, indexing="ij")
    return np.vectorize(effect)(a, b)


def test_bliss_of_30_and_40_percent_is_58():
    assert bliss(0.30, 0.40) == pytest.approx(0.58, abs=1e-15)


def test_the_highest_single_agent_of_30_and_40_percent_is_40():
    assert highest_single(0.30, 0.40) == pytest.approx(0.40, abs=0)


def test_a_drug_split_in_two_has_a_combination_index_of_one():
    for dose in (0.5, 2.0, 9.0):
        found = combination_index(SAME, SAME, dose / 2, dose / 2, float(SAME(dose)))
        assert found == pytest.approx(1.0, abs=1e-6)


def test_musyc_with_detailed_balance():
    surface = Musyc((1.0, 0.4, 0.5, 0.2), (1.0, 1.0), (1.0, 1.0), potency=1.0)
    assert float(surface(1.0, 1.0)) == pytest.approx(0.525, abs=1e-9)
    # the four corners carry equal weight there, which is Bliss of the two halves, 0.70 x 0.75
    assert float(surface(1.0, 0.0)) * float(surface(0.0, 1.0)) == pytest.approx(0.525, abs=1e-9)
    assert surface.efficacy == pytest.approx((0.4 - 0.2) / (1 - 0.4))


def test_the_interaction_contrast_has_four_times_the_variance_of_an_arm():
    rng = np.random.default_rng(3)
    arms = rng.normal(0.0, 2.0, (4, 40000, 25)).mean(axis=2)
    contrast = arms[0] - arms[1] - arms[2] + arms[3]
    assert contrast.var() == pytest.approx(4 * 2.0**2 / 25, rel=0.05)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_sham_combination_shows_no_synergy_under_loewe(share):
    """One drug in two bottles of different strength: every surface a dilution of one curve."""
    surface = grid(lambda a, b: float(SAME(a * share + b * (1 - share))))
    found = against((DOSES, DOSES), surface)
    assert found["Loewe"] == pytest.approx(0.0, abs=1e-3)


def test_the_sham_fools_bliss_and_the_highest_single_agent():
    surface = grid(lambda a, b: float(SAME(a + b)))
    found = against((DOSES, DOSES), surface)
    assert found["Bliss"] > 0.02
    assert found["highest single agent"] > 0.1


def test_independent_agents_show_none_under_bliss_and_zip():
    surface = grid(lambda a, b: float(bliss(SAME(a), OTHER(b))))
    found = against((DOSES, DOSES), surface)
    assert found["Bliss"] == pytest.approx(0.0, abs=1e-12)
    assert found["ZIP"] == pytest.approx(0.0, abs=0.02)


def test_zip_expects_bliss_of_the_single_curves():
    expected = bliss(float(SAME(2.0)), float(OTHER(4.0)))
    assert float(zip_reference(SAME, OTHER, 2.0, 4.0)) == pytest.approx(expected)


@pytest.mark.parametrize("potency, both", [(1.0, 0.96), (5.0, 0.96), (0.3, 0.96), (1.0, 1.2)])
def test_musyc_finds_the_potency_and_efficacy_that_it_was_made_with(potency, both):
    first, second = Hill(0.0, 0.9, 2.0, 1.2), Hill(0.0, 0.6, 3.0, 1.0)
    true = Musyc((0.0, 0.9, 0.6, both), (2.0, 3.0), (1.2, 1.0), potency)
    found = fit_musyc((DOSES, DOSES), grid(lambda a, b: float(true(a, b))), first, second)
    assert np.log(found.potency) == pytest.approx(np.log(potency), abs=0.02)
    assert found.levels[3] == pytest.approx(both, abs=0.01)
    assert found.efficacy == pytest.approx(true.efficacy, abs=0.02)


def test_loewe_is_the_stronger_agent_where_the_weaker_cannot_follow():
    assert loewe(SAME, OTHER, 50.0, 1.0) == pytest.approx(float(SAME(50.0)), abs=1e-9)
    assert loewe(SAME, OTHER, 0.0, 4.0) == pytest.approx(float(OTHER(4.0)))


def test_loewe_doses_add_up_to_one():
    y = loewe(SAME, OTHER, 2.0, 1.0)
    assert combination_index(SAME, OTHER, 2.0, 1.0, y) == pytest.approx(1.0, abs=1e-9)


def test_synergy_is_said_only_where_the_interval_leaves_out_none():
    rng = np.random.default_rng(4)
    null = [grid(lambda a, b: float(bliss(SAME(a), OTHER(b)))) for _ in range(30)]
    noisy = [surface + rng.normal(0, 0.02, surface.shape) for surface in null]
    words = {each.name: each.word for each in synergy((DOSES, DOSES), noisy)}
    assert words["Bliss"] == "none shown"
    boosted = [surface + 0.15 * (grid(lambda a, b: float(a * b > 0))) for surface in noisy]
    words = {each.name: each.word for each in synergy((DOSES, DOSES), boosted)}
    assert words["Bliss"] == words["highest single agent"] == "synergy"


def test_a_flat_surface_shows_nothing():
    found = synergy((DOSES, DOSES), [np.zeros((5, 5))] * 3)
    assert {each.word for each in found} == {"none shown"}


def test_an_interval_that_is_not_known_says_so():
    assert word_of(float("nan"), float("nan")) == "not defined"
