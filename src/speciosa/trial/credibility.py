"""What a study's answer is for and how wrong it may be: the ``[credibility]`` table of its file.

Model influence is how much of the decision rests on the model, decision consequence how grave a
wrong one is; together they are the risk, and the risk sets how well each thing must be shown. Model
impact is how far the answer departs from what regulators usually ask for. The words are those of
ICH M15.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from speciosa.trial.form import Form

LEVELS = ("low", "medium", "high")
TABLE = "[credibility]"


@dataclass(frozen=True)
class Stakes:
    """What a study says of its own weight.

    Args:
        model_influence, decision_consequence, model_impact: low, medium or high.
        model_influence_why, decision_consequence_why, model_impact_why: one sentence each.
        acceptance_criteria: what must hold before the answer is used (technical criteria).
        appropriateness: why a model can answer the question, and how the criteria see to it.
        applicability: how near what was validated is to what is asked.
        uncertainty: what is not known and is not simulated either.
    """

    model_influence: str = ""
    model_influence_why: str = ""
    decision_consequence: str = ""
    decision_consequence_why: str = ""
    model_impact: str = ""
    model_impact_why: str = ""
    acceptance_criteria: str = ""
    appropriateness: str = ""
    applicability: str = ""
    uncertainty: str = ""

    @property
    def risk(self) -> str:
        """Influence times consequence: low, medium or high; empty where one is not stated.

        >>> Stakes(model_influence="high", decision_consequence="low").risk
        'medium'
        """
        if self.model_influence not in LEVELS or self.decision_consequence not in LEVELS:
            return ""
        weight = LEVELS.index(self.model_influence) + LEVELS.index(self.decision_consequence)
        return LEVELS[(weight + 1) // 2]

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that are not stated."""
        return tuple(f.name for f in fields(self) if not getattr(self, f.name).strip())


def read_stakes(form: Form, table: Mapping[str, Any] | None) -> Stakes:
    """Return what a study file says; a study without the table says nothing.

    Args:
        form: the study file.
        table: its table ``[credibility]``, or None.

    Raises:
        InputError: an unknown key, or a level that is none.
    """
    stakes: Stakes = form.fill(Stakes, table or {}, TABLE)
    for key in ("model_influence", "decision_consequence", "model_impact"):
        if getattr(stakes, key):
            form.one_of(getattr(stakes, key), LEVELS, f"{TABLE} {key}")
    return stakes
