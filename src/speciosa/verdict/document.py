"""The verdict as one plain document: what `verdict.json` holds and the report is made from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from typing import Any

from speciosa.verdict.claim import Claim, ClaimVerdict, judge
from speciosa.verdict.decide import DecisionRule, Word
from speciosa.verdict.effect import Effect, effects
from speciosa.verdict.flow import flow, retention
from speciosa.verdict.harm import Harm, harms, shown_harms
from speciosa.verdict.interaction import Factorial, interaction
from speciosa.verdict.record import TrialRecord
from speciosa.verdict.tables import by_estimand, standard_tables

_ROLES = ("both", "kratom", "melatonin", "placebo")


def plain(value: Any) -> Any:
    """Turn records and arrays into plain JSON values; what is not finite becomes None.

    >>> plain({"a": (1, float("nan"))})
    {'a': [1, None]}
    """
    if value is None or type(value) in (bool, int):
        return value
    if isinstance(value, str):
        return str(value)
    if type(value) is float:
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def effect_entry(found: Effect) -> dict[str, Any]:
    """One effect without its per-draw values, which stay in the run's tables."""
    hidden = {"deltas", "draw_ids"}
    shown = [each.name for each in fields(found) if each.name not in hidden]
    return dict(plain({name: getattr(found, name) for name in shown}))


def harm_entry(found: Harm) -> dict[str, Any]:
    """One harm as plain values."""
    return dict(plain(found))


def claim_entry(verdict: ClaimVerdict) -> dict[str, Any]:
    """One claim's verdict as plain values."""
    claim, decision, other = verdict.claim, verdict.decision, verdict.comparator
    return dict(
        plain(
            {
                "id": claim.id,
                "paraphrase": claim.paraphrase,
                "headline": claim.headline,
                "verdict": decision.word,
                "reasons": decision.reasons,
                "probability": decision.probability,
                "probability_worse": decision.probability_worse,
                "probability_no_difference": decision.probability_no_difference,
                "effect": effect_entry(verdict.effect),
                "comparator": effect_entry(other) if other else None,
                "harms": [harm_entry(each) for each in verdict.harms],
                "weakest_grade": claim.weakest.grade,
                "weakest": claim.weakest,
                "by_offset": verdict.by_offset,
            }
        )
    )


def factorial(arms: Sequence[Mapping[str, Any]]) -> Factorial | None:
    """Find the 2x2 trial among arms by their role; None when an arm of it is missing.

    >>> factorial([{"id": "k", "role": "kratom"}]) is None
    True
    """
    by_role = {arm.get("role"): arm["id"] for arm in reversed(arms)}
    if not all(role in by_role for role in _ROLES):
        return None
    return Factorial(*(by_role[role] for role in _ROLES))


def document(
    record: TrialRecord,
    claims: Sequence[Claim],
    *,
    study: Mapping[str, Any],
    arms: Sequence[Mapping[str, Any]],
    run: Mapping[str, Any],
    evidence: Sequence[Mapping[str, Any]] = (),
    courses: Mapping[str, Any] | None = None,
    estimands: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Assemble the verdict document of a run.

    Args:
        record: the trial's record.
        claims: claims to judge on it; the first one is the headline.
        study: id, question, context_of_use, disorder, days, people_per_arm, draws, seed, hash and
            the ``decision`` table.
        arms: one mapping per arm: id, label, regimens, care, role.
        run: seed, asked, solved, failed, why, draws, seconds, version, device, hashes.
        evidence: the numbers the run rests on.
        courses: quantity -> courses over time.
        estimands: strategy for leaving treatment -> column of the primary endpoint under it.
    """
    rule = DecisionRule.from_table(study.get("decision") or {})
    cube = factorial(arms)
    entries = [claim_entry(judge(claim, record, rule)) for claim in claims]
    has_flow = "dropout_day" in record.subjects.columns
    days = study["days"]
    return dict(
        plain(
            {
                "study": {**study, "decision": asdict(rule)},
                "arms": list(arms),
                "claims": [withheld(entry, run, rule) for entry in entries],
                "effects": [
                    effect_entry(each)
                    for versus in (record.control, *record.standard)
                    for each in effects(record.twins, record.endpoints, record.arms, versus)
                ],
                "interaction": [interaction(record.twins, each, cube) for each in record.benefits]
                if cube
                else [],
                "harms": [
                    harm_entry(each) for each in (*harms(record, record.arms), *shown_harms(record))
                ],
                "flow": flow(record.subjects, record.arms, days) if has_flow else [],
                "retention": retention(record.subjects, record.arms, int(days)) if has_flow else [],
                "estimands": _side_by_side(record, study, estimands or {}),
                "tables": _tables(record, study),
                "courses": courses or {},
                "evidence": list(evidence),
                "run": dict(run),
            }
        )
    )


def _tables(record: TrialRecord, study: Mapping[str, Any]) -> dict[str, Any]:
    if not record.benefits:
        return {}
    return standard_tables(record, int(study["days"]), study.get("primary") or "")


def _side_by_side(
    record: TrialRecord, study: Mapping[str, Any], columns: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The primary endpoint under each strategy that was laid down, arm by arm."""
    if not columns:
        return []
    primary = record.endpoint(study["primary"])
    rows = by_estimand(record, primary, columns)
    return [{**row, "label": primary.label} for row in rows]


def withheld(entry: dict[str, Any], run: Mapping[str, Any], rule: DecisionRule) -> dict[str, Any]:
    """Withhold a word when more simulations failed, or fewer draws ran, than the rule allows."""
    asked, failed = run.get("asked") or 0, run.get("failed") or 0
    reasons = []
    if asked and failed / asked > rule.failure_limit:
        reasons.append(
            f"{failed} of {asked} simulations failed, more than the protocol's limit of "
            f"{rule.failure_limit:.1%}"
        )
    draws = entry["effect"]["draws"]
    if draws < rule.fewest_draws:
        reasons.append(f"{draws} draws are fewer than the {rule.fewest_draws} a verdict needs")
    if not reasons:
        return entry
    bins = [{**each, "verdict": str(Word.NO_VERDICT)} for each in entry["by_offset"]]
    return {**entry, "verdict": str(Word.NO_VERDICT), "reasons": reasons, "by_offset": bins}
