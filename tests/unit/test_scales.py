"""Scales: items sum to the total, totals stay in range, noise and bands are as stated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speciosa.symptom.scales import (
    COWS_BAND_STARTS,
    COWS_BANDS,
    COWS_ITEMS,
    SCALES,
    cows_category,
    cows_items,
    measure,
)
from speciosa.symptom.withdrawal import WITHDRAWAL
from withdrawal_chain import records, values

OFFSETS = {
    item.name: float(records()[f"scales.cows_offset_{item.name}"]["value"]) for item in COWS_ITEMS
}
SPREAD = float(records()["scales.cows_item_spread"]["value"])


def _items(cows: np.ndarray, seed: int = 1) -> np.ndarray:
    normals = np.random.default_rng(seed).normal(size=(11, len(cows)))
    return cows_items(cows, normals, offsets=OFFSETS, spread=SPREAD)


def test_the_form_has_eleven_items_and_48_points() -> None:
    assert len(COWS_ITEMS) == 11
    assert sum(item.scores[-1] for item in COWS_ITEMS) == 48


@given(st.lists(st.floats(0, 48), min_size=1, max_size=20), st.integers(0, 2**31))
def test_items_take_only_what_the_form_allows(cows: list[float], seed: int) -> None:
    items = _items(np.array(cows), seed)
    for item, row in zip(COWS_ITEMS, items, strict=True):
        assert set(row.tolist()) <= set(item.scores)


@pytest.mark.parametrize("cows", [1.3, 5.0, 12.4, 20.0, 30.0, 40.0])
def test_the_total_of_the_items_is_unbiased(cows: float) -> None:
    totals = _items(np.full(4000, cows)).sum(axis=0)
    assert totals.mean() == pytest.approx(cows, abs=0.12)


@pytest.mark.parametrize("cows", [8.0, 12.4, 20.0])
def test_the_total_varies_as_two_raters_do(cows: float) -> None:
    totals = _items(np.full(4000, cows)).sum(axis=0)
    assert 1.0 < totals.std() < 2.5


def test_anxiety_comes_before_gooseflesh() -> None:
    items = dict(zip((i.name for i in COWS_ITEMS), _items(np.full(500, 10.0)), strict=True))
    assert items["anxiety"].mean() > 0.8
    assert items["gooseflesh"].mean() < 0.3


def test_items_grow_with_the_score_for_the_same_chance() -> None:
    normals = np.tile(np.random.default_rng(2).normal(size=(11, 1)), (1, 97))
    items = cows_items(np.linspace(0, 48, 97), normals, offsets=OFFSETS, spread=SPREAD)
    assert (np.diff(items, axis=1) >= 0).all()


@given(st.floats(-5, 60), st.floats(-4, 4))
def test_what_is_written_down_is_a_whole_number_of_the_scale(score: float, normal: float) -> None:
    for scale in SCALES.values():
        sd = float(records()[scale.noise]["value"])
        written = float(measure(score, normal, sd=sd, low=scale.low, high=scale.high))
        assert scale.low <= written <= scale.high
        assert written == round(written)


def test_noise_has_the_stated_size() -> None:
    written = measure(20.0, np.random.default_rng(3).normal(size=20_000), sd=1.5, low=0, high=48)
    assert written.mean() == pytest.approx(20, abs=0.05)
    assert written.std() == pytest.approx((1.5**2 + 1 / 12) ** 0.5, abs=0.03)


@pytest.mark.parametrize(
    ("total", "band"),
    [(0, 0), (4, 0), (5, 1), (12, 1), (13, 2), (24, 2), (25, 3), (36, 3), (37, 4), (48, 4)],
)
def test_bands_begin_where_the_form_says(total: int, band: int) -> None:
    assert cows_category(total) == band
    assert len(COWS_BANDS) == 5


def test_the_bands_are_those_of_the_evidence() -> None:
    names = [band.replace(" ", "_") for band in COWS_BANDS[1:]]
    known = [records()[f"scales.cows_band_{name}"]["value"] for name in names]
    assert list(COWS_BAND_STARTS) == known


def test_scores_without_withdrawal_are_the_floor_and_rise_to_the_maximum() -> None:
    p = values(WITHDRAWAL)
    given_ = WITHDRAWAL.outputs(np, {}, {"withdrawal": np.array([0.0, p["half"], 1e6])}, p)
    assert given_["withdrawal_score"] == pytest.approx([0, 16, 32])
    assert given_["cows"] == pytest.approx([1.3, 17.3, 33.3])
    assert given_["sows_gossop"] == pytest.approx(
        p["gossop_ratio"] * (np.array([0, 16, 32]) + 0.65)
    )
    assert given_["oows"] == pytest.approx(0.35 * given_["sows_gossop"])
