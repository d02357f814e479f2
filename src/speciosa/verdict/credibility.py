"""The record of why an answer may be believed: an assessment table and graded factors, no gaps.

The rows are those of the assessment table of ICH M15 (Step 4, January 2026; FDA guidance of June
2026, Appendix 1): six key elements, two for planning, two for the evidence, the evaluation told in
its parts. The factors and their gradations are after ASME V&V 40-2018
(:mod:`speciosa.verdict.gradations`). Cells are filled from the study file, the standing checks, the
scorecard, the solver checks that ship and the evidence of a run; :func:`gaps` names every cell that
is empty and every factor that is shown less well than the risk asks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from speciosa.evidence.toml import read_toml
from speciosa.trial.credibility import Stakes
from speciosa.trial.overdose import OverdoseStudy, is_overdose, load_overdose_study
from speciosa.trial.study import Study, load_study
from speciosa.verdict.benchmark import VALIDATION, leaned_on, shipped_scorecard
from speciosa.verdict.gradations import Factor, Grounds, graded, solver_words

KEY, PLANNING, EVALUATION, EVIDENCE = (
    "Key assessment elements", "At planning", "Evaluation in its parts", "At submission",
)  # fmt: skip
FRAME = "rows of ICH M15, Appendix 1; factors of ASME V&V 40-2018 with gradations of our own"
SHOWN = 6  # factors named in a sentence
OPIOID = "opioid"  # people whose published overdoses the acute study leans on


@dataclass(frozen=True)
class Row:
    """One cell of the assessment table."""

    part: str
    item: str
    text: str


@dataclass(frozen=True)
class Assessed:
    """A study of either kind, as the record takes it.

    Args:
        id, question, context_of_use, stakes: as its file says.
        model: what is simulated and read.
        rule: what was laid down before the run, beside the criteria of the file.
        size: how much is simulated.
        endpoints: what its verdicts are read by, each with whose published results count.
        alternatives: assumptions of structure that are run on and off.
        text: of its file.
        sampled: whether what nobody knows is sampled.
    """

    id: str
    question: str
    context_of_use: str
    stakes: Stakes
    model: str
    rule: str
    size: str
    endpoints: tuple[tuple[str, str], ...]
    alternatives: str
    text: str
    sampled: bool = True

    @property
    def hash(self) -> str:
        """A hash of the study file as it was written, whatever size it is run at."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def assessed(study: Study | OverdoseStudy) -> Assessed:
    """Return a study of either kind as the record takes it."""
    if isinstance(study, OverdoseStudy):
        return _acute(study)
    rule = study.decision
    primary = next(e for e in study.endpoints if e.id == study.primary)
    return Assessed(
        study.id, study.question, study.context_of_use, study.stakes,
        f"Mechanistic model of {study.disorder} withdrawal and recovery, {study.length} days, from "
        "doses by receptors and adaptation to scores and events; "
        f"{primary.label}; arms: {', '.join(arm.title for arm in study.arms)}.",
        f"Laid down before the run: supported at {rule.supported:g}, contradicted at "
        f"{rule.contradicted:g}, unsafe at {rule.unsafe:g}, weakest grade {rule.weakest_grade}, "
        f"failures up to {rule.failure_limit:g}.",
        f"{study.draws} draws of what nobody knows, {study.people} people in each, sampled apart.",
        tuple((endpoint.id, study.disorder) for endpoint in study.endpoints),
        "Every claimed edge is run as claimed and as supported (evidence sets article and "
        "evidence); other structures are not compared.",
        study.text,
    )  # fmt: skip


def _acute(study: OverdoseStudy) -> Assessed:
    scenes, helps = ("; ".join(each.label for each in rows) for rows in (study.scenes, study.helps))
    return Assessed(
        study.id, study.question, study.context_of_use, study.stakes,
        f"Mechanistic model of fentanyl, naloxone, breathing, blood gases and blood flow over "
        f"{study.minutes} minutes, after the public overdose model (Mann 2022); hearts that stop; "
        f"scenes: {scenes}; help: {helps}.",
        "Laid down before the run: the amounts are the published scenarios and cannot be written "
        "in a file, and no scene is shown without its like without naloxone.",
        f"{study.people} people in every scene under every kind of help, the same in all; numbers "
        "stand at their central values.",
        (("overdose", OPIOID),),
        "Two published scenarios, tolerance kept and lost, are run beside each other; other "
        "structures are not compared.",
        study.text,
        sampled=False,
    )  # fmt: skip


def load_any(path: str | Path) -> Study | OverdoseStudy:
    """Read a study file of either kind."""
    return load_overdose_study(path) if is_overdose(path) else load_study(path)


@cache
def verification_checks() -> tuple[Mapping[str, str], ...]:
    """Return the checks of ``evidence/verification.toml``: factor, what and test."""
    with_path = files("speciosa.evidence").joinpath("verification.toml")
    return tuple(read_toml(with_path)["check"])  # type: ignore[arg-type]


@cache
def shipped_solver_checks() -> dict[str, Any]:
    """Return the solver checks that ship, by study (``benchmarks/solver_checks.py`` writes them).

    >>> "combination-opioid" in shipped_solver_checks()
    True
    """
    text = files("speciosa.evidence").joinpath("solver_checks.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def credibility(
    study: Study | OverdoseStudy,
    *,
    evidence: Sequence[Mapping[str, Any]] = (),
    solver: Mapping[str, Any] | None = None,
    decides: Mapping[str, Any] | None = None,
    card: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the credibility record of a study.

    Args:
        study: the study, of either kind.
        evidence: what a run rests on (:func:`speciosa.verdict.appraise.evidence_entries`).
        solver: what :func:`speciosa.trial.check.solver_check` found; by default what it found when
            the scorecard was made, if the study file is still the same.
        decides: what decides the headline, if a run told.
        card: a scorecard; by default the one that ships.
    """
    told = assessed(study)
    if solver is None:
        kept = shipped_solver_checks().get(told.id)
        solver = kept if kept and kept["study_file"] == told.hash else None
    leaned = counted(told.endpoints, card or shipped_scorecard())
    grounds = Grounds(
        told.stakes.risk, told.stakes.applicability, told.alternatives, verification_checks(),
        leaned, evidence, solver, decides, told.sampled,
    )  # fmt: skip
    factors = graded(grounds)
    record = {
        "study": told.id,
        "frame": FRAME,
        "assessment": [asdict(row) for row in _table(told, grounds, factors)],
        "factors": [{**asdict(each), "enough": each.enough} for each in factors],
        "risk": told.stakes.risk,
        "solver": dict(solver) if solver else None,
    }
    return {**record, "gaps": list(gaps(record))}


def gaps(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Name every empty cell, and every factor shown less well than the risk asks.

    >>> gaps({"assessment": [{"item": "Question", "text": " "}], "factors": []})
    ('empty: Question',)
    """
    empty = [f"empty: {row['item']}" for row in record["assessment"] if not row["text"].strip()]
    empty += [f"empty: {each['name']}" for each in record["factors"] if not each["basis"].strip()]
    weak = [
        f"below what the risk asks: {each['name']} ({each['gradation']}, asked for "
        f"{each['wanted']})"
        for each in record["factors"]
        if not each["enough"]
    ]
    return (*empty, *weak)


def empty_cells(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Name only what was left empty."""
    return tuple(each for each in gaps(record) if each.startswith("empty: "))


def counted(
    endpoints: Sequence[tuple[str, str]], card: Mapping[str, Any]
) -> tuple[dict[str, Any], ...]:
    """Return how a scorecard does on each topic that endpoints lean on, each topic once.

    Args:
        endpoints: id of an endpoint, and the disorder whose published results count.
        card: a scorecard.
    """
    found: dict[str, dict[str, Any]] = {}
    for endpoint, disorder in endpoints:
        topic, rows = leaned_on(endpoint, disorder, card["results"])
        found.setdefault(topic, {
            "topic": topic,
            "run": len(rows),
            "passed": sum(bool(row["pass"]) for row in rows),
            "held_back": bool(rows) and all(row["role"] == VALIDATION for row in rows),
            "sources": sorted({row.get("source", row["id"]) for row in rows}),
            "people": sum(row.get("n") or 0 for row in rows),
        })  # fmt: skip
    return tuple(found.values())


def _table(told: Assessed, grounds: Grounds, factors: Sequence[Factor]) -> list[Row]:
    stakes = told.stakes

    def level(name: str) -> str:
        value, why = getattr(stakes, name), getattr(stakes, f"{name}_why")
        return f"{value}: {why}" if value and why else ""

    return [
        Row(KEY, "Question of interest", told.question),
        Row(KEY, "Context of use", f"{told.context_of_use} {told.model}"),
        Row(KEY, "Model influence", level("model_influence")),
        Row(KEY, "Consequence of wrong decision", level("decision_consequence")),
        Row(KEY, "Model risk", _risk(stakes)),
        Row(KEY, "Model impact", level("model_impact")),
        Row(PLANNING, "Technical criteria",
            f"{stakes.acceptance_criteria} {told.rule}" if stakes.acceptance_criteria else ""),
        Row(PLANNING, "Appropriateness of proposed MIDD", stakes.appropriateness),
        Row(PLANNING, "Model analysis plan",
            f"The study file, sha256 {told.hash[:16]}, written before the run."),
        Row(EVALUATION, "Verification", _verification(grounds)),
        Row(EVALUATION, "Validation", _validation(grounds)),
        Row(EVALUATION, "Applicability assessment", stakes.applicability),
        Row(EVALUATION, "Uncertainty", _uncertainty(told, grounds)),
        Row(EVIDENCE, "Evaluation of model(s) and model outcomes", _evaluation(stakes, factors)),
        Row(EVIDENCE, "Outcome of the MIDD evidence assessment", _outcome(stakes, factors)),
    ]  # fmt: skip


def _risk(stakes: Stakes) -> str:
    if not stakes.risk:
        return ""
    return (
        f"{stakes.risk}: influence {stakes.model_influence} and consequence "
        f"{stakes.decision_consequence}; where they differ the higher counts, except that low "
        "with high makes medium."
    )


def _verification(grounds: Grounds) -> str:
    text = f"{len(grounds.checks)} standing checks, each with its test."
    if grounds.solver is None:
        return f"{text} The solver check of this study was not run."
    return f"{text} {solver_words(grounds.solver)}"


def _validation(grounds: Grounds) -> str:
    parts = []
    for each in grounds.leaned:
        if not each["run"]:
            parts.append(f"{each['topic']}: no published result on the scorecard")
            continue
        kind = "validation" if each["held_back"] else "calibration"
        parts.append(f"{each['topic']}: {each['passed']} of {each['run']} {kind} results pass")
    return "; ".join(parts) + "." if parts else ""


def _uncertainty(told: Assessed, grounds: Grounds) -> str:
    if not told.stakes.uncertainty:
        return ""
    text = told.size
    if grounds.evidence:
        assumed = sum(each["grade"] == "E" for each in grounds.evidence)
        text += (f" {assumed} of {len(grounds.evidence)} numbers are assumed or unchecked "
                 "(grade E).")  # fmt: skip
    if grounds.decides and grounds.decides.get("measure"):
        text += f" Most worth measuring: {grounds.decides['measure']}."
    return f"{text} {told.stakes.uncertainty}"


def _short(factors: Sequence[Factor]) -> list[str]:
    return [each.name for each in factors if not each.enough]


def _evaluation(stakes: Stakes, factors: Sequence[Factor]) -> str:
    short = _short(factors)
    text = (f"{len(factors) - len(short)} of {len(factors)} credibility factors are shown as "
            f"rigorously as a {stakes.risk or 'high'} risk asks.")  # fmt: skip
    return f"{text} Short of it: {_listed(short)}." if short else text


def _outcome(stakes: Stakes, factors: Sequence[Factor]) -> str:
    """Say what the outcomes may serve as, by the factors alone."""
    if _short(factors):
        return (
            "The outcomes are not yet evidence for a decision about treatment: they rank "
            f"hypotheses until {_listed(_short(factors))} "
            f"{'is' if len(_short(factors)) == 1 else 'are'} shown as the risk asks. Filled in by "
            "the program; nobody outside has reviewed it."
        )
    return (
        f"The outcomes meet what a {stakes.risk or 'high'} risk asks and may serve the context of "
        "use, and nothing beyond it. Filled in by the program; nobody outside has reviewed it."
    )


def _listed(names: Sequence[str]) -> str:
    shown = "; ".join(name[0].lower() + name[1:] for name in names[:SHOWN])
    return shown + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
