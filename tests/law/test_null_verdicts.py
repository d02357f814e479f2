"""Where no remedy does anything, no more studies than the stated rate read supported.

One pool is simulated by the engine with every remedy edge at zero. Studies are resampled from it,
each arm by itself, with twenty people and ten worlds, which is far noisier than twins are; all
numbers count as measured, so that nothing but the effect decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from default_trial import Clinic
from null_pool import NOT_EDGES, NOT_OF_REMEDIES, REMEDIES, NullPool, null_pool, without_remedies
from speciosa.evidence.load import Evidence
from speciosa.verdict.appraise import trial_record
from speciosa.verdict.claim_test import judged, why_not
from speciosa.verdict.decide import FALSE_CLAIMS

DRAWS, PEOPLE = 10, 20
FEW = ("combination_eases_withdrawal", "melatonin_improves_sleep", "synergy")
MORE = (
    "kratom_eases_withdrawal", "melatonin_eases_withdrawal", "kratom_eases_craving",
    "drug_free_life",
)  # fmt: skip


@pytest.fixture(scope="module")
def pool(clinic: Clinic) -> NullPool:
    return null_pool(clinic)


def test_every_edge_of_a_remedy_is_at_zero(evidence: Evidence) -> None:
    none = without_remedies(evidence)
    remedies = [c for c in evidence.claims.values() if c.arm in REMEDIES]
    edges = {edge for claim in remedies for edge in claim.edges} - set(NOT_OF_REMEDIES)
    for edge in edges:
        number = none.number(edge)
        assert number.value in (0.0, 1e6), edge
        assert number.value != evidence.number(edge).value or number.value == 0.0
    assert not edges & set(NOT_EDGES)


@pytest.mark.parametrize(
    "endpoint", ["sows_gossop_days_1_7", "craving_days_1_28", "total_sleep_time_days_22_28"]
)
def test_the_pool_is_null(pool: NullPool, endpoint: str) -> None:
    """Twins differ by a hundredth of what matters at most; people differ by more than that."""
    smallest = next(
        e.smallest_meaningful_difference for e in pool.run.study.endpoints if e.id == endpoint
    )
    assert abs(pool.difference(endpoint)) < 0.01 * smallest
    assert float(np.std(pool.run.subjects[endpoint].to_numpy())) > 0.5 * smallest


def words(
    pool: NullPool, studies: int, claims: Sequence[str], shift: float = 0.0
) -> dict[str, list[str]]:
    """Claim -> verdict words; with a remedy, withdrawal is ``shift`` points lower."""
    found: dict[str, list[str]] = {name: [] for name in claims}
    for run in pool.studies(studies, draws=DRAWS, people=PEOPLE, seed=9):
        if shift:
            better = pl.when(pl.col("arm").is_in(REMEDIES)).then(shift).otherwise(0.0)
            scale = "sows_gossop_days_1_7"
            run = replace(run, subjects=run.subjects.with_columns(pl.col(scale) - better))
        record = trial_record(run)
        for name, made in found.items():
            claim = run.evidence.claims[name]
            assert not why_not(claim, run.study)
            made.append(str(judged(claim, run, record)["verdict"]))
    return found


@pytest.mark.parametrize("studies", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_a_null_study_rarely_reads_supported(pool: NullPool, studies: int) -> None:
    for name, made in words(pool, studies, FEW if studies < 100 else (*FEW, *MORE)).items():
        share = made.count("supported") / studies
        error = np.sqrt(FALSE_CLAIMS * (1 - FALSE_CLAIMS) / studies)
        assert share <= FALSE_CLAIMS + 2 * error, name


def test_the_same_count_tells_an_effect(pool: NullPool) -> None:
    (made,) = words(pool, 5, FEW[:1], shift=6.0).values()
    assert made.count("supported") >= 2
    assert set(made) <= {"supported", "unsafe"}
