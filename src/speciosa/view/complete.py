"""Fill in what a verdict document may leave out, so that templates can be strict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TOP: dict[str, Any] = {
    "arms": [],
    "claims": [],
    "effects": [],
    "interaction": [],
    "harms": [],
    "flow": [],
    "retention": [],
    "estimands": [],
    "tables": {},
    "courses": {},
    "evidence": [],
    "untestable": [],
    "studies": [],
    "article": None,
    "scorecard": None,
    "credibility": None,
    "synergy": None,
}
_STUDY: dict[str, Any] = {
    "id": "", "question": "", "context_of_use": "", "disorder": "", "days": None,
    "people_per_arm": None, "draws": None, "seed": None, "hash": "",
    "analysis_note": "",
}  # fmt: skip
_DECISION: dict[str, Any] = {
    "unsafe": 0.5, "contradicted": 0.8, "no_difference": 0.95, "supported": 0.8,
    "plausible": 0.2, "weakest_grade": "B",
}  # fmt: skip
_RUN: dict[str, Any] = {
    "seed": None, "asked": None, "solved": None, "failed": None, "why": [], "draws": None,
    "seconds": None, "version": "", "device": "", "hashes": {},
}  # fmt: skip
_ARM: dict[str, Any] = {"label": "", "regimens": [], "care": "", "role": ""}
_EFFECT: dict[str, Any] = {
    "draws": None, "unit": "", "probability": None, "probability_worse": None,
    "monte_carlo_error": None,
}  # fmt: skip
_HARM: dict[str, Any] = {
    "per": 1, "placebo_estimate": None, "standard_arm": None, "standard_estimate": None,
    "probability_above_limit": None, "better": "lower",
}  # fmt: skip
_CLAIM: dict[str, Any] = {
    "reasons": [], "comparator": None, "harms": [], "by_offset": [], "headline": False,
    "probability_worse": None, "as_claimed": None, "strip": [], "measure": None, "note": "",
    "benchmarks": None, "decides": None, "test": "difference", "disorder": "", "place": "",
}  # fmt: skip
_WEAKEST: dict[str, Any] = {"value": None, "unit": "", "note": ""}
_EVIDENCE: dict[str, Any] = {
    "unit": "1", "verified": "", "source": "", "citation": "", "note": "", "load_bearing": False,
}  # fmt: skip


def complete(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with every optional entry present, empty where it was left out.

    >>> complete({"study": {"question": "?"}})["run"]["why"]
    []
    """
    whole = {**_TOP, **document}
    study = {**_STUDY, **document.get("study", {})}
    study["decision"] = {**_DECISION, **(study.get("decision") or {})}
    whole["study"] = study
    whole["run"] = {**_RUN, **document.get("run", {})}
    whole["arms"] = [{**_ARM, "label": arm["id"], **arm} for arm in whole["arms"]]
    whole["effects"] = [{**_EFFECT, **each} for each in whole["effects"]]
    whole["interaction"] = [{**_EFFECT, **each} for each in whole["interaction"]]
    whole["harms"] = [{**_HARM, **each} for each in whole["harms"]]
    whole["evidence"] = [{**_EVIDENCE, **each} for each in whole["evidence"]]
    whole["claims"] = [_claim(each) for each in whole["claims"]]
    return whole


def _claim(claim: Mapping[str, Any]) -> dict[str, Any]:
    """One claim with its effect, comparator, harms and weakest number complete."""
    full = {**_CLAIM, **claim}
    full["effect"] = {**_EFFECT, **full["effect"]}
    if full["comparator"] is not None:
        full["comparator"] = {**_EFFECT, **full["comparator"]}
    full["harms"] = [{**_HARM, **each} for each in full["harms"]]
    full["weakest"] = {**_WEAKEST, **(full.get("weakest") or {"record": "not named"})}
    return full
