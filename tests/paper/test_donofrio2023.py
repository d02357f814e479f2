"""D'Onofrio 2023 (10.1001/jamanetworkopen.2023.6108): precipitated withdrawal by buprenorphine.

9 of 1200 people (0.75 %, about 0.4 to 1.4 %) given buprenorphine in withdrawal, COWS 8 or more, in
emergency departments where fentanyl was common. Here: the default study's habits, 16 (sd 6) h after
the last use, and a rise of 5 COWS points within four hours. How much uncoupling costs was set with
this in view.
"""

from __future__ import annotations

import numpy as np
import pytest

from induction import USUAL, Begun, begun
from speciosa.people.cohort import Range


@pytest.fixture(scope="module")
def seen() -> Begun:
    return begun(USUAL, Range(16.0, 6.0, 4.0, 40.0))


@pytest.mark.parametrize("arm", ["8 mg", "16 mg"])
def test_in_withdrawal_it_is_seldom_precipitated(seen: Begun, arm: str) -> None:
    waiting = seen.before() >= 8
    assert waiting.mean() > 0.3
    assert np.mean(seen.risen(arm)[waiting]) <= 0.014
    assert seen.after(arm)[waiting].mean() < 0.5 * seen.before()[waiting].mean()


def test_sooner_it_is_less_seldom(seen: Begun) -> None:
    early = seen.since < 9.0
    assert np.mean(seen.risen("8 mg")[early]) > 0.1
