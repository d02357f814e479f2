"""Chunks hold everybody once, in order, and whole draws where these fit."""

from __future__ import annotations

import numpy as np
import pytest

from speciosa.trial.chunks import CHUNK, MANY, WIDE, chunk_size, chunks
from speciosa.trial.study import load_study

STUDY = load_study("combination-opioid")


@pytest.mark.parametrize(
    ("draws", "people", "size"),
    [(100, 40, WIDE), (100, 334, 668), (3, 1500, WIDE), (2, 20, CHUNK), (10, 30, CHUNK)],
)
def test_a_study_of_many_people_has_wide_chunks_without_empty_places(
    draws: int, people: int, size: int
) -> None:
    study = STUDY.resized(draws=draws, people=people)
    assert chunk_size(study) == size
    first = next(chunks(study))[0].size
    assert first <= size
    if draws * people >= MANY:
        assert first == size


@pytest.mark.parametrize("most", [None, 100, 400])
def test_everybody_is_in_one_chunk(most: int | None) -> None:
    study = STUDY.resized(draws=60, people=30)
    parts = list(chunks(study, most))
    draw, person = (np.concatenate(rows) for rows in zip(*parts, strict=True))
    np.testing.assert_array_equal(draw * 30 + person, np.arange(1800))
    assert max(part[0].size for part in parts) <= (most or WIDE)
