"""Counter-based streams: the published answers, NumPy and JAX to the bit, and nothing shared."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from speciosa.core.engine import prepare_jax
from speciosa.core.random import PER_INDEX, Streams, normal, streams, threefry, uniform

# Known answers of Random123 (Salmon 2011) for threefry2x32 with 20 rounds: key, counter, result.
KNOWN = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]


def words(*values: int) -> list[np.ndarray]:
    return [np.array([value], dtype=np.uint32) for value in values]


@pytest.mark.parametrize(("key", "counter", "answer"), KNOWN)
def test_threefry_gives_the_published_answers(key, counter, answer) -> None:
    found = threefry(*words(*key), *words(*counter))
    assert tuple(int(word[0]) for word in found) == answer


@pytest.mark.parametrize("purpose", ["use", "adherence: kratom leaf oral"])
def test_numpy_and_jax_agree_to_the_bit(purpose) -> None:
    jnp = prepare_jax().numpy
    one = streams(2026, np.arange(500) // 5, np.arange(500) % 5)
    other = Streams(jnp.asarray(one.key), jnp.asarray(one.person))
    for index in (np.uint32(0), np.uint32(3359), np.uint32(2**28 - 1)):
        for which in (0, PER_INDEX - 1):
            mine = uniform(np, one, purpose, index, which)
            theirs = np.asarray(uniform(jnp, other, purpose, jnp.asarray(index), which))
            assert mine.dtype == theirs.dtype == np.float64
            assert np.array_equal(mine, theirs)


def test_jax_compiles_the_same_numbers() -> None:
    jax = prepare_jax()
    one = streams(7, np.zeros(64, int), np.arange(64))

    def draw(key, person, index):
        return uniform(jax.numpy, Streams(key, person), "cue", index)

    found = jax.jit(draw)(one.key, one.person, np.uint32(96))
    assert np.array_equal(np.asarray(found), uniform(np, one, "cue", np.uint32(96)))


def test_a_person_draws_the_same_whoever_else_is_there() -> None:
    everybody = streams(3, np.repeat(np.arange(10), 10), np.tile(np.arange(10), 10))
    few = streams(3, [4, 9], [2, 0])
    assert np.array_equal(normal(few, "weight"), normal(everybody, "weight")[[42, 90]])


@pytest.mark.parametrize(
    "other",
    [
        lambda: uniform(np, streams(2, [5], [6]), "use", 7),
        lambda: uniform(np, streams(1, [6], [6]), "use", 7),
        lambda: uniform(np, streams(1, [5], [7]), "use", 7),
        lambda: uniform(np, streams(1, [5], [6]), "cue", 7),
        lambda: uniform(np, streams(1, [5], [6]), "use", 8),
        lambda: uniform(np, streams(1, [5], [6]), "use", 7, 1),
        lambda: uniform(np, streams(1 + 2**32, [5], [6]), "use", 7),
    ],
    ids=["seed", "draw", "person", "purpose", "index", "which", "high half of the seed"],
)
def test_every_part_of_the_key_counts(other) -> None:
    assert uniform(np, streams(1, [5], [6]), "use", 7)[0] != other()[0]


def test_draw_and_person_do_not_stand_in_for_each_other() -> None:
    assert normal(streams(1, [2], [3]), "age")[0] != normal(streams(1, [3], [2]), "age")[0]


def test_uniforms_are_uniform_and_unrelated() -> None:
    who = streams(11, np.arange(20_000) // 100, np.arange(20_000) % 100)
    first, second = uniform(np, who, "use", 1), uniform(np, who, "use", 2)
    other = uniform(np, who, "cue", 1)
    assert first.min() > 0 and first.max() < 1
    assert stats.kstest(first, "uniform").pvalue > 1e-3
    for again in (second, other):
        assert abs(np.corrcoef(first, again)[0, 1]) < 4 / np.sqrt(first.size)


def test_normals_are_normal() -> None:
    scores = normal(streams(5, np.arange(20_000), np.zeros(20_000, int)), "truth: a record")
    assert stats.kstest(scores, "norm").pvalue > 1e-3


def test_more_numbers_than_an_occasion_has_are_refused() -> None:
    with pytest.raises(ValueError, match="16 numbers, asked for number 16"):
        uniform(np, streams(1, [0], [0]), "use", 0, PER_INDEX)
