"""Varshneya 2022 (10.1097/adm.0000000000000922): buprenorphine soon after fentanyl, as remembered.

Of people who took it within 24 h of fentanyl 22 % report severe withdrawal (methadone: 12 %); the
odds are 5.2 times those after 48 h, and 3.4 times from 24 to 48 h. A report of severe withdrawal
is taken as a rise of 5 COWS points within four hours. Missed: the model's risk is over after 24 h,
and methadone has none of the withdrawal that people remember with it.

Thakrar 2024 (10.1001/jamanetworkopen.2024.35895): 26 of 226 people in hospital, COWS 8 or more
before the dose, rose by 5 points within four hours (11.5 %). D'Onofrio 2023 saw 0.75 %. The model
lies between the two, nearer to the second.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from induction import FENTANYL, Begun, begun
from speciosa.people.cohort import Range


@cache
def seen() -> Begun:
    return begun(FENTANYL, Range(10.0, 8.0, 1.0, 36.0))


def between(low: float, high: float) -> np.ndarray:
    return (seen().since >= low) & (seen().since < high)


@pytest.mark.parametrize("arm", ["8 mg", "16 mg"])
def test_within_a_day_about_a_fifth(arm: str) -> None:
    assert 0.10 <= seen().risen(arm)[between(0, 24)].mean() <= 0.30


@pytest.mark.parametrize("arm", ["8 mg", "16 mg"])
def test_the_longer_the_wait_the_fewer(arm: str) -> None:
    worse = seen().worse_than_nothing(arm, 3.0)
    shares = [worse[between(*span)].mean() for span in ((1, 6), (6, 12), (12, 24), (24, 48))]
    assert shares[0] > 0.15 > shares[1] > shares[2] >= shares[3]
    assert shares[3] == 0.0


def test_it_is_buprenorphine_and_not_methadone() -> None:
    assert seen().risen("methadone")[between(0, 24)].mean() < 0.02
    assert not seen().worse_than_nothing("methadone", 1.0).any()


def test_in_withdrawal_it_lies_between_the_two_cohorts() -> None:
    waiting = seen().before() >= 8
    assert 0.0075 < seen().risen("8 mg")[waiting].mean() < 0.115
