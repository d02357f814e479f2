"""The solver check finds nothing where the steps are fine, and something where they are not."""

from __future__ import annotations

import polars as pl
import pytest

from small_trial import WIDTH, make_small, small_study
from speciosa.trial.check import WAYS, _compared, solver_check


@pytest.mark.slow
def test_the_small_study_is_solved_well(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)
    found = solver_check(small_study(), people=20)
    assert found["people"] == 20
    assert WIDTH >= 10
    assert {row["way"] for row in found["rows"]} == set(WAYS)
    assert len(found["rows"]) == 2 * 3 * 3
    assert found["largest"] < 0.01


def test_a_jump_is_told_from_a_shift() -> None:
    study = small_study()
    before = pl.DataFrame({"person": range(20), "sows": [10.0] * 20})
    after = before.with_columns(sows=pl.Series([10.001] * 19 + [14.0]))
    row = _compared(study, before, after, "half step", "placebo", 0)
    assert row["jumped"] == 1
    assert row["most"] == pytest.approx(4.0)
    assert row["change"] == pytest.approx((19 * 0.001 + 4.0) / 20)
    assert row["share"] == pytest.approx(row["change"] / 2.0)
