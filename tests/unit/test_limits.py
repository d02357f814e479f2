"""Laws on 7-OH in kratom products, and which products keep to them."""

from __future__ import annotations

import numpy as np

from speciosa.care.limit import alkaloid_masses, keeps_to, kept_share
from speciosa.care.shelf import HYDROXYMITRAGYNINE_TABLET, KRATOM_EXTRACT, KRATOM_LEAF
from speciosa.evidence.limits import limits

SCORES = np.linspace(-2, 2, 41)


def test_every_limit_says_where_when_and_how_it_was_read():
    for limit in limits():
        assert limit.verified in ("read", "memory")
        assert limit.law and limit.jurisdiction and limit.dated.year >= 2026


def test_leaf_keeps_to_every_law_and_a_tablet_to_none():
    for limit in limits():
        leaf = keeps_to(limit, KRATOM_LEAF, 4.0, alkaloid_masses(KRATOM_LEAF, SCORES))
        tablet = keeps_to(
            limit, HYDROXYMITRAGYNINE_TABLET, 20.0,
            alkaloid_masses(HYDROXYMITRAGYNINE_TABLET, SCORES),
        )  # fmt: skip
        assert leaf.all(), limit.jurisdiction
        assert not tablet.any(), limit.jurisdiction


def test_a_serving_can_break_a_law_that_the_share_keeps():
    share, amounts = limits()
    masses = alkaloid_masses(KRATOM_EXTRACT, 0.0)
    assert keeps_to(share, KRATOM_EXTRACT, 2.0, masses)
    assert not keeps_to(amounts, KRATOM_EXTRACT, 2.0, masses)


def test_the_other_alkaloids_count_in_the_share():
    masses = alkaloid_masses(KRATOM_LEAF, 0.0)
    assert set(masses) >= {"speciociliatine_oral", "paynantheine_oral", "speciogynine_oral"}
    total = sum(masses.values())
    assert 20 < total < 35  # mg/g: a leaf holds two to three and a half per cent


def test_the_share_of_batches_is_between_the_extremes_for_an_extract():
    share, amounts = limits()
    assert kept_share(share, KRATOM_LEAF, 4.0) == 1.0
    assert kept_share(share, HYDROXYMITRAGYNINE_TABLET, 20.0) == 0.0
    assert 0.0 < kept_share(amounts, KRATOM_EXTRACT, 1.0) < 0.5
