"""Laws of the whole body in full runs: shares are shares, and nothing falls below zero."""

from __future__ import annotations

import numpy as np
import pytest

from default_trial import Clinic

ARMS = ("placebo", "kratom", "melatonin", "both", "lofexidine", "buprenorphine")
SHARES = ("mu_occupancy", "mu_signal", "adaptation", "alpha2_relief", "ventilation",
          "sleep_efficiency")  # fmt: skip


@pytest.mark.parametrize("name", ARMS)
def test_shares_stay_between_none_and_all(clinic: Clinic, name: str) -> None:
    outcome = clinic.outcome(name)
    bound = [q for q in clinic.plan.recorded if q in SHARES or q.startswith("mu_occupancy_")]
    assert len(bound) >= len(SHARES) + 3
    for quantity in bound:
        low = min(day["range"][quantity][0] for day in outcome.trace)
        high = max(day["range"][quantity][1] for day in outcome.trace)
        assert -1e-12 <= low <= high <= 1 + 1e-12, (name, quantity)


@pytest.mark.parametrize("name", ARMS)
def test_ligands_share_one_population_of_receptors(clinic: Clinic, name: str) -> None:
    outcome = clinic.outcome(name)
    parts = [q for q in clinic.plan.recorded if q.startswith("mu_occupancy_")]
    held = sum(clinic.sample(outcome, quantity) for quantity in parts)
    total = clinic.sample(outcome, "mu_occupancy")
    assert np.all(held <= total + 1e-12)
    assert (total > 0.2).any()


def test_concentrations_never_fall_below_zero(clinic: Clinic) -> None:
    plasma = [q for q in clinic.plan.recorded if q.endswith("_plasma")]
    for name in ("both", "buprenorphine"):
        for quantity in plasma:
            values = clinic.sample(clinic.outcome(name), quantity)
            assert values.min() >= -1e-9 * max(values.max(), 1.0), (name, quantity)
