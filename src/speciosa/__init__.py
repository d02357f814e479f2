"""Speciosa, an open virtual clinic: claim, mechanism, trial, verdict.

The front door. Every public name is listed here by hand and loaded when it is first asked for, so
that importing the package stays quick.

>>> import speciosa
>>> "Regimen" in dir(speciosa)
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from speciosa.care.product import Product as Product
    from speciosa.care.regimen import Regimen as Regimen
    from speciosa.core.errors import SpeciosaError as SpeciosaError
    from speciosa.core.version import __version__ as __version__
    from speciosa.evidence.load import load_evidence as load_evidence
    from speciosa.trial.run import TrialRun as Record  # noqa: F401
    from speciosa.trial.run import run_trial as run_trial
    from speciosa.trial.simulate import simulate as simulate
    from speciosa.trial.study import Arm as Arm
    from speciosa.trial.study import Study as Study
    from speciosa.trial.study import load_study as load_study
    from speciosa.verdict.appraisal import appraise as appraise
    from speciosa.verdict.scorecard import validate as validate
    from speciosa.verdict.verdict import Verdict as Verdict

# public name -> (module, name there)
_FRONT_DOOR = {
    "Arm": ("speciosa.trial.study", "Arm"),
    "Product": ("speciosa.care.product", "Product"),
    "Record": ("speciosa.trial.run", "TrialRun"),
    "Regimen": ("speciosa.care.regimen", "Regimen"),
    "SpeciosaError": ("speciosa.core.errors", "SpeciosaError"),
    "Study": ("speciosa.trial.study", "Study"),
    "Verdict": ("speciosa.verdict.verdict", "Verdict"),
    "__version__": ("speciosa.core.version", "__version__"),
    "appraise": ("speciosa.verdict.appraisal", "appraise"),
    "load_evidence": ("speciosa.evidence.load", "load_evidence"),
    "load_study": ("speciosa.trial.study", "load_study"),
    "run_trial": ("speciosa.trial.run", "run_trial"),
    "simulate": ("speciosa.trial.simulate", "simulate"),
    "validate": ("speciosa.verdict.scorecard", "validate"),
}

__all__ = list(_FRONT_DOOR)


def __getattr__(name: str) -> Any:
    """Load a public name on first use and keep it."""
    if name not in _FRONT_DOOR:
        raise AttributeError(
            f"module 'speciosa' has no attribute {name!r}; it has {', '.join(__all__)}"
        )
    module, attribute = _FRONT_DOOR[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
