"""Boundaries as published, to three decimals.

Classic ones, two-sided 5 %: Jennison and Turnbull, Group Sequential Methods (2000), Table 2.1
(Pocock, C_P), Table 2.3 (O'Brien-Fleming, C_B), Tables 2.2 and 2.4 (inflation factors).
Spending, one-sided 2.5 %, five equal looks: Lan and DeMets 1983; the values that R's ldbounds and
gsDesign document.
"""

from __future__ import annotations

import numpy as np
import pytest

from speciosa.core.errors import InputError
from speciosa.verdict.group_sequential import boundaries, spending

POCOCK = {2: 2.178, 3: 2.289, 4: 2.361, 5: 2.413, 10: 2.555}
OBRIEN_FLEMING = {2: 1.977, 3: 2.004, 4: 2.024, 5: 2.040, 10: 2.087}


@pytest.mark.parametrize("looks", list(POCOCK))
def test_classic_boundaries(looks):
    pocock = boundaries("pocock", looks).critical
    assert np.ptp(pocock) < 1e-9
    assert round(pocock[0], 3) == pytest.approx(POCOCK[looks], abs=5.1e-4)
    found = boundaries("obrien-fleming", looks)
    assert round(found.critical[-1], 3) == pytest.approx(OBRIEN_FLEMING[looks], abs=5.1e-4)
    shares = np.array(found.information)
    np.testing.assert_allclose(np.array(found.critical) * np.sqrt(shares), found.critical[-1])


def test_spending_boundaries():
    by_late = boundaries("obrien-fleming spending", 5, alpha=0.025, sides=1).critical
    assert [round(c, 3) for c in by_late] == [4.877, 3.357, 2.680, 2.290, 2.031]
    by_early = boundaries("pocock spending", 5, alpha=0.025, sides=1).critical
    assert [round(c, 3) for c in by_early] == [2.438, 2.427, 2.410, 2.397, 2.386]


def test_inflation_factors():
    assert boundaries("obrien-fleming", 5).inflation(0.8) == pytest.approx(1.028, abs=5e-4)
    assert boundaries("pocock", 5).inflation(0.9) == pytest.approx(1.207, abs=5e-4)
    assert boundaries("pocock", 5).inflation(0.8) == pytest.approx(1.229, abs=5e-4)


@pytest.mark.parametrize("kind", ["pocock spending", "obrien-fleming spending"])
def test_unequal_looks_spend_what_was_laid_down(kind):
    looks = (0.3, 0.55, 1.0)
    found = boundaries(kind, looks, alpha=0.05)
    expected = [spending(kind, share, 0.05) for share in looks]
    np.testing.assert_allclose(found.spent, expected, atol=1e-9)
    assert found.spent[-1] == pytest.approx(0.05)


def test_simulated_scores_cross_at_the_stated_rate():
    rng = np.random.default_rng(5)
    found = boundaries("obrien-fleming", 3, alpha=0.05)
    steps = rng.normal(size=(200_000, 3)).cumsum(axis=1) / np.sqrt([1, 2, 3])
    crossed = (np.abs(steps) >= found.critical).any(axis=1).mean()
    assert crossed == pytest.approx(0.05, abs=3.3 * np.sqrt(0.05 * 0.95 / 200_000))
    drifted = steps + 2.8 * np.sqrt(found.information)
    first = (drifted >= found.critical).any(axis=1).mean()
    assert first == pytest.approx(found.power(2.8), abs=0.004)


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="pocock"):
        boundaries("pocok", 5)
    with pytest.raises(InputError, match="end with 1"):
        boundaries("pocock", (0.5, 0.4, 1.0))
