"""Numbers of the default trial that move only by an explicit update.

Means of the true endpoints of sixty-four people in every arm. When a change moves them on purpose:

    PYTHONPATH=src:tests python tests/golden/test_default_trial.py

writes them anew; tell it under "Numbers moved" in the changelog. The margin is what another
processor may round differently.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from default_trial import FILLED, Clinic
from speciosa.evidence.load import load_evidence
from speciosa.trial.outcomes import endpoint_values
from speciosa.trial.study import load_study

KEPT = Path(__file__).with_suffix(".json")


def means(clinic: Clinic) -> dict[str, dict[str, float]]:
    """Return arm -> endpoint -> mean of its true values over the people."""
    people = clinic.recruit(range(FILLED))
    constants, streams = clinic.runner.constants, people.cohort.streams
    found: dict[str, dict[str, float]] = {}
    for arm in clinic.study.arms:
        course = clinic.runner.course(arm, people, clinic.outcome(arm.name))
        found[arm.name] = {
            endpoint.id: float(np.mean(endpoint_values(endpoint, course, constants, streams)[0]))
            for endpoint in clinic.study.endpoints
        }
    return found


def test_the_default_trial_gives_what_it_gave(clinic: Clinic) -> None:
    kept, found = json.loads(KEPT.read_text()), means(clinic)
    assert found.keys() == kept.keys()
    for arm, values in found.items():
        assert values == pytest.approx(kept[arm], rel=1e-6, abs=1e-9), arm


if __name__ == "__main__":
    fresh = means(Clinic.of(load_study("combination-opioid"), load_evidence()))
    KEPT.write_text(json.dumps(fresh, indent=1) + "\n")
