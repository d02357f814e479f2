"""What many tests share: the evidence, the default study and one run of its trial."""

from __future__ import annotations

import pytest

from default_trial import Clinic
from speciosa.core.engine import prepare_jax
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.trial.study import Study, load_study


prepare_jax()  # before any test uses JAX by itself: its devices are set once a process


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """The evidence that ships."""
    return load_evidence()


@pytest.fixture(scope="session")
def study() -> Study:
    """The default study."""
    return load_study("combination-opioid")


@pytest.fixture(scope="session")
def clinic(study: Study, evidence: Evidence) -> Clinic:
    """The default trial; its runs are made when first asked for."""
    return Clinic.of(study, evidence)
