"""What many tests share: the evidence, the default study and one run of its trial."""

from __future__ import annotations

from typing import Any

import pytest

from default_trial import Clinic
from speciosa.core.engine import prepare_jax
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.trial.study import Study, load_study

prepare_jax()  # before any test uses JAX by itself: its devices are set once a process

TOGETHER = {
    "default trial": {
        "test_default_trial.py",
        "test_engine_against_reference.py",
        "test_twins.py",
        "test_whole_body.py",
        "test_null_trial_of_the_model.py",
        "test_null_verdicts.py",
        "test_exchange.py",
        "test_exchange_in_r.py",
    },
    "small trial": {
        "test_run.py",
        "test_folder.py",
        "test_adam.py",
        "test_rebuild.py",
        "test_solver_check.py",
        "test_what_decides.py",
    },
}


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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep a file, and the files that share a compiled engine, on one worker."""
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByEngine(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::")[0].rpartition("/")[2]
            return next(
                (name for name, files in TOGETHER.items() if file in files), nodeid.split("::")[0]
            )

    return ByEngine(config, log)
