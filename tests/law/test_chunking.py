"""Results do not depend on who else is solved: identical to the bit for 1, 7 or 64 people."""

from __future__ import annotations

import numpy as np
import pytest

from default_trial import FILLED, Clinic
from speciosa.core.outcome import Outcome

SEVEN = (0, 5, 11, 12, 40, 62, 63)
SHUFFLED = tuple(int(i) for i in np.random.default_rng(3).permutation(FILLED))


def numbers(outcome: Outcome) -> dict[str, np.ndarray]:
    """Everything an outcome says about people, flat, people last."""
    rows = {name: getattr(outcome, name) for name in ("samples", "minima", "maxima", "worst")}
    for kind in ("final", "memory"):
        for part, states in getattr(outcome, kind).items():
            rows |= {f"{kind} {part} {name}": value for name, value in states.items()}
    return rows


@pytest.fixture(scope="module", params=["both", "buprenorphine"])
def everybody(request: pytest.FixtureRequest, clinic: Clinic) -> tuple[str, Outcome]:
    """An arm and all 64 people, solved as a trial solves them."""
    return request.param, clinic.plain(request.param, clinic.recruit(range(FILLED)))


@pytest.mark.parametrize("who", [(17,), SEVEN, SHUFFLED], ids=["1", "7", "64 in another order"])
def test_the_same_people_give_the_same_bits(
    clinic: Clinic, everybody: tuple[str, Outcome], who: tuple[int, ...]
) -> None:
    name, outcome = everybody
    whole, few = numbers(outcome), numbers(clinic.plain(name, clinic.recruit(who)))
    assert whole.keys() == few.keys()
    for row, values in few.items():
        wanted = whole[row][..., list(who)]
        assert values.shape == wanted.shape
        assert np.array_equal(values, wanted, equal_nan=True), row


def test_people_differ_so_that_equality_means_something(
    clinic: Clinic, everybody: tuple[str, Outcome]
) -> None:
    cows = clinic.sample(everybody[1], "cows")
    assert np.unique(cows[-1, 0]).size > FILLED / 2


def test_parameters_do_not_depend_on_who_is_recruited_beside(clinic: Clinic) -> None:
    everybody, few = clinic.recruit(range(FILLED)), clinic.recruit(SEVEN)
    for part, rows in few.parameters.items():
        for symbol, value in rows.items():
            wanted = np.broadcast_to(everybody.parameters[part][symbol], FILLED)[list(SEVEN)]
            assert np.array_equal(np.broadcast_to(value, len(SEVEN)), wanted), (part, symbol)
    for mine, whole in zip(few.supplies, everybody.supplies, strict=True):
        for entry, strength in mine.content.items():
            assert np.array_equal(strength, whole.content[entry][:, list(SEVEN)])
    for stage, states in few.start.items():
        for state, value in states.items():
            assert np.array_equal(value, everybody.start[stage][state][list(SEVEN)])
