"""The record of why an answer may be believed: an assessment table and graded factors, no gaps.

The rows of the table are those of the ICH M15 assessment (question, context of use, influence,
consequence, risk, criteria, evaluation); the factors and their gradations are after ASME V&V 40.
Both lists are written from memory of those documents and quote neither. Cells are filled from the
study file, from the list of verification checks, from the published results and the scorecard that
ships, and from the evidence that a run rests on; :func:`gaps` names every cell that is empty and
every factor that is shown less well than the risk asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from speciosa.evidence.toml import read_toml
from speciosa.trial.credibility import Stakes
from speciosa.trial.study import Study
from speciosa.verdict.benchmark import benchmarks, shipped_scorecard

GRADED = ("not shown", "shown in part", "shown", "shown and quantified")
WANTED = {"low": 1, "medium": 2, "high": 3}  # gradation that a risk asks for


@dataclass(frozen=True)
class Row:
    """One cell of the assessment table."""

    item: str
    text: str


@dataclass(frozen=True)
class Factor:
    """One credibility factor.

    Args:
        group: verification, validation or applicability.
        name: the factor.
        grade: 0 not shown, 1 in part, 2 shown, 3 shown and quantified.
        wanted: the grade that the study's risk asks for.
        basis: what the grade rests on.
    """

    group: str
    name: str
    grade: int
    wanted: int
    basis: str

    @property
    def enough(self) -> bool:
        """Whether it is shown as well as the risk asks."""
        return self.grade >= self.wanted


@cache
def verification_checks() -> tuple[Mapping[str, str], ...]:
    """Return the checks of ``evidence/verification.toml``: factor, what and test."""
    with_path = files("speciosa.evidence").joinpath("verification.toml")
    return tuple(read_toml(with_path)["check"])  # type: ignore[arg-type]


def credibility(
    study: Study,
    *,
    evidence: Sequence[Mapping[str, Any]] = (),
    solver: Mapping[str, Any] | None = None,
    decides: Mapping[str, Any] | None = None,
    card: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the credibility record of a study.

    Args:
        study: the study.
        evidence: what a run rests on (:func:`speciosa.verdict.appraise.evidence_entries`).
        solver: what :func:`speciosa.trial.check.solver_check` found, if it was run.
        decides: what decides the headline, if a run told.
        card: a scorecard; by default the one that ships.
    """
    leaned = _benchmarks(study, card or shipped_scorecard())
    table = _table(study, evidence, solver, decides, leaned)
    factors = _factors(study.stakes, evidence, solver, leaned)
    record = {
        "study": study.id,
        "frame": "rows after ICH M15, factors after ASME V&V 40-2018, in our words",
        "assessment": [asdict(row) for row in table],
        "factors": [
            {**asdict(each), "shown": GRADED[each.grade], "enough": each.enough} for each in factors
        ],
        "risk": study.stakes.risk,
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
        f"below what the risk asks: {each['name']} ({each['shown']})"
        for each in record["factors"]
        if not each["enough"]
    ]
    return (*empty, *weak)


def empty_cells(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Name only what was left empty."""
    return tuple(each for each in gaps(record) if each.startswith("empty: "))


def _benchmarks(study: Study, card: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How the scorecard does on each topic that the study's endpoints lean on."""
    found: dict[str, dict[str, Any]] = {}
    for endpoint in study.endpoints:
        each = benchmarks(endpoint.id, study.disorder, card)
        found.setdefault(each["topic"], each)
    return list(found.values())


def _table(
    study: Study, evidence: Sequence[Mapping[str, Any]], solver: Mapping[str, Any] | None,
    decides: Mapping[str, Any] | None, leaned: Sequence[Mapping[str, Any]],
) -> list[Row]:  # fmt: skip
    stakes, rule = study.stakes, study.decision

    def level(name: str) -> str:
        value, why = getattr(stakes, name), getattr(stakes, f"{name}_why")
        return f"{value}: {why}" if value and why else ""

    primary = next(e for e in study.endpoints if e.id == study.primary)
    return [
        Row("Question of interest", study.question),
        Row("Context of use", study.context_of_use),
        Row("Model influence", level("model_influence")),
        Row("Consequence of a wrong decision", level("decision_consequence")),
        Row("Model risk", f"{stakes.risk} (influence {stakes.model_influence}, consequence "
            f"{stakes.decision_consequence})" if stakes.risk else ""),
        Row("Model and quantity of interest",
            f"Mechanistic model of {study.disorder} withdrawal and recovery, {study.length} days; "
            f"{primary.label}; arms: {', '.join(arm.title for arm in study.arms)}."),
        Row("Acceptance criteria",
            f"{stakes.acceptance_criteria} Laid down before the run: supported at "
            f"{rule.supported:g}, contradicted at {rule.contradicted:g}, unsafe at "
            f"{rule.unsafe:g}, weakest grade {rule.weakest_grade}, failures up to "
            f"{rule.failure_limit:g}." if stakes.acceptance_criteria else ""),
        Row("Verification", _verification(solver)),
        Row("Validation", _validation(leaned)),
        Row("Applicability", stakes.applicability),
        Row("Uncertainty", _uncertainty(study, evidence, decides)),
        Row("Plan", f"The study file, hash {study.digest[:16]}, written before the run."),
    ]  # fmt: skip


def _verification(solver: Mapping[str, Any] | None) -> str:
    checks = verification_checks()
    text = f"{len(checks)} standing checks, each with its test."
    if solver is None:
        return f"{text} The solver check of this study was not run here."
    return (
        f"{text} Solver check on {solver['people']} people: largest change of a mean endpoint "
        f"{solver['largest']:.2g} of its meaningful difference with tolerance / 10 and half step."
    )


def _validation(leaned: Sequence[Mapping[str, Any]]) -> str:
    parts = []
    for each in leaned:
        if not each["run"]:
            parts.append(f"{each['topic']}: no published result in the scorecard")
            continue
        kind = "validation" if each["held_back"] else "calibration"
        parts.append(f"{each['topic']}: {each['passed']} of {each['run']} {kind} results pass")
    return "; ".join(parts) + "." if parts else ""


def _uncertainty(
    study: Study, evidence: Sequence[Mapping[str, Any]], decides: Mapping[str, Any] | None
) -> str:
    if not study.stakes.uncertainty:
        return ""
    text = (f"{study.draws} draws of what nobody knows, {study.people} people in each, sampled "
            "apart.")  # fmt: skip
    if evidence:
        assumed = sum(each["grade"] == "E" for each in evidence)
        text += f" {assumed} of {len(evidence)} numbers are assumed or unchecked (grade E)."
    if decides and decides.get("measure"):
        text += f" Most worth measuring: {decides['measure']}."
    return f"{text} {study.stakes.uncertainty}"


def _factors(
    stakes: Stakes, evidence: Sequence[Mapping[str, Any]], solver: Mapping[str, Any] | None,
    leaned: Sequence[Mapping[str, Any]],
) -> list[Factor]:  # fmt: skip
    wanted = WANTED.get(stakes.risk, WANTED["high"])
    by_factor: dict[str, list[str]] = {}
    for check in verification_checks():
        by_factor.setdefault(check["factor"], []).append(f"{check['what']} ({check['test']})")

    def standing(name: str, grade: int = 2) -> tuple[int, str]:
        return (grade if name in by_factor else 0), "; ".join(by_factor.get(name, ["nothing"]))

    rows: list[tuple[str, str, tuple[int, str]]] = [
        ("verification", "Software quality assurance", standing("software quality")),
        ("verification", "Numerical code verification", standing("numerical code", 3)),
        ("verification", "Discretisation error", _solved(solver, standing("discretisation", 1))),
        ("verification", "Numerical solver error", _solved(solver, standing("solver error"))),
        ("verification", "Use error", standing("use error")),
        ("validation", "Model form", _form(leaned)),
        ("validation", "Model inputs", _inputs(evidence)),
        ("validation", "Comparator: samples", _comparators(leaned, "people and products")),
        ("validation", "Comparator: conditions", _comparators(leaned, "visits and settings")),
        ("validation", "Equivalency of inputs", _equivalent(leaned)),
        ("validation", "Output comparison", _compared(leaned)),
        ("applicability", "Quantities of interest", _quantities(leaned)),
        ("applicability", "Validation against the context of use", _applies(stakes, leaned)),
    ]
    return [Factor(group, name, grade, wanted, basis) for group, name, (grade, basis) in rows]


def _solved(solver: Mapping[str, Any] | None, standing: tuple[int, str]) -> tuple[int, str]:
    if solver is None:
        return standing
    return 3, (f"{standing[1]}; here: {solver['largest']:.2g} of the meaningful difference at most")


def _form(leaned: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    """Alternatives are run as evidence sets; that is a comparison in part."""
    return 1, ("Every claimed edge is run as claimed and as supported (evidence sets article and "
               "evidence); other structures are not compared.")  # fmt: skip


def _inputs(evidence: Iterable[Mapping[str, Any]]) -> tuple[int, str]:
    rows = list(evidence)
    if not rows:
        return 1, "Every number is a record with source, grade and spread; no run was looked at."
    good = sum(each["grade"] in "AB" for each in rows)
    share = good / len(rows)
    return (2 if share >= 0.8 else 1), (
        f"{good} of {len(rows)} numbers are human evidence (grade A or B); the others carry their "
        "spread through every draw."
    )


def _comparators(leaned: Sequence[Mapping[str, Any]], what: str) -> tuple[int, str]:
    run = sum(each["run"] for each in leaned)
    return (2 if run else 0), f"{run} published results simulated with their own {what}."


def _equivalent(leaned: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    run = sum(each["run"] for each in leaned)
    return (1 if run else 0), (
        "Published populations are set by their reported ranges; what a paper does not report is "
        "that of the usual population."
    )


def _compared(leaned: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    run, passed = (sum(each[key] for each in leaned) for key in ("run", "passed"))
    if not run:
        return 0, "No published result on this study's endpoints is in the scorecard."
    share = passed / run
    grade = 3 if share >= 0.8 else 2 if share >= 0.7 else 1
    return grade, f"{passed} of {run} within margins that were fixed beforehand ({share:.0%})."


def _quantities(leaned: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    seen = [each["topic"] for each in leaned if each["run"]]
    bare = [each["topic"] for each in leaned if not each["run"]]
    grade = 2 if seen and not bare else 1 if seen else 0
    return grade, f"Published results on: {', '.join(seen) or 'none'}; none on: " + (
        f"{', '.join(bare)}." if bare else "nothing that is asked.")  # fmt: skip


def _applies(stakes: Stakes, leaned: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    held_back = any(each["held_back"] for each in leaned)
    if not stakes.applicability:
        return 0, ""
    return (1 if held_back else 0), stakes.applicability
