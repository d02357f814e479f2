"""Credibility factors and how rigorously each is shown: the thirteen of ASME V&V 40-2018.

The names are the standard's, the gradations ours after its examples
(``evidence/gradations.toml``). What a factor rests on is read off the list of standing checks, the
scorecard, the evidence of a run and its solver check; nobody grades by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import sqrt
from typing import Any

from speciosa.evidence.toml import read_toml
from speciosa.verdict.benchmark import ENOUGH

LETTERS = "abcd"
RISKS = ("low", "medium", "high")
FEW, MANY = 2, 5  # trials
NARROW = 0.15  # half width of the 5-95 % interval of a share
TAIL = 1.6448536269514722


@dataclass(frozen=True)
class Ladder:
    """One factor with its gradations, lowest first, and the one that each risk asks for."""

    group: str
    name: str
    wanted: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Factor:
    """One credibility factor of a study.

    Args:
        group, name: as the standard has them.
        gradation: letter of the step that is shown.
        shown: that step in words.
        wanted: letter of the step that the study's risk asks for.
        basis: what the gradation rests on.
    """

    group: str
    name: str
    gradation: str
    shown: str
    wanted: str
    basis: str

    @property
    def enough(self) -> bool:
        """Whether it is shown as well as the risk asks."""
        return self.gradation >= self.wanted


@dataclass(frozen=True)
class Grounds:
    """What a study's factors are read off.

    Args:
        risk: of the study; what is not stated counts as high.
        applicability: how near what was validated is to what is asked, in the study's words.
        alternatives: the assumptions of structure that are run on and off, in words.
        checks: the standing checks, factor, what and test.
        leaned: the scorecard on each topic of the study (:func:`counted`).
        evidence: what a run rests on, if one was looked at.
        solver: the solver check of the study, if there is one.
        decides: what decides the headline, if a run told.
        sampled: whether the study samples what nobody knows; else its numbers stand still.
    """

    risk: str
    applicability: str
    alternatives: str
    checks: Sequence[Mapping[str, str]]
    leaned: Sequence[Mapping[str, Any]]
    evidence: Sequence[Mapping[str, Any]] = ()
    solver: Mapping[str, Any] | None = None
    decides: Mapping[str, Any] | None = None
    sampled: bool = True


@cache
def ladders() -> tuple[Ladder, ...]:
    """Return the factors with their gradations.

    >>> len({each.name.split(":")[0] for each in ladders()})
    13
    """
    table = read_toml(files("speciosa.evidence").joinpath("gradations.toml"))  # type: ignore[arg-type]
    return tuple(
        Ladder(row["group"], row["name"], row["wanted"], tuple(row["steps"]))
        for row in table["factor"]
    )


def graded(grounds: Grounds) -> tuple[Factor, ...]:
    """Return every factor with the step that is shown and what it rests on."""
    place = RISKS.index(grounds.risk) if grounds.risk in RISKS else len(RISKS) - 1
    found = []
    for ladder in ladders():
        letter, basis = _SHOWN[ladder.name](grounds)
        step = ladder.steps[LETTERS.index(letter)]
        found.append(Factor(ladder.group, ladder.name, letter, step, ladder.wanted[place], basis))
    return tuple(found)


def _checks(grounds: Grounds, factor: str) -> str:
    mine = [f"{each['what']} ({each['test']})" for each in grounds.checks
            if each["factor"] == factor]  # fmt: skip
    return "; ".join(mine)


def _standing(factor: str, letter: str) -> Any:
    def shown(grounds: Grounds) -> tuple[str, str]:
        basis = _checks(grounds, factor)
        return (letter, f"{basis}.") if basis else ("a", "No standing check.")

    return shown


def solver_words(solver: Mapping[str, Any]) -> str:
    """Return what a solver check found, in one sentence."""
    when = f" of {solver['date']}" if solver.get("date") else ""
    return (
        f"Solver check{when} on {solver['people']} people ({solver['ways']}): the mean of an "
        f"endpoint moves by {solver['largest']:.2g} of its meaningful difference at most; "
        f"{solver['jumped']} people moved by more than one."
    )


def _discretised(grounds: Grounds) -> tuple[str, str]:
    if grounds.solver is not None:
        return "c", solver_words(grounds.solver)
    basis = _checks(grounds, "discretisation")
    return ("b", f"{basis}; not yet run for this study.") if basis else ("a", "Not looked at.")


def _solved(grounds: Grounds) -> tuple[str, str]:
    standing = _checks(grounds, "solver error")
    if grounds.solver is not None:
        return "c", f"{standing}. {solver_words(grounds.solver)}"
    return ("b", f"{standing}.") if standing else ("a", "Not varied.")


def _form(grounds: Grounds) -> tuple[str, str]:
    return ("b", grounds.alternatives) if grounds.alternatives else ("a", "None was tried.")


def _sensitivities(grounds: Grounds) -> tuple[str, str]:
    told = grounds.decides
    if not grounds.sampled:
        return "a", "Such a study has one world: its numbers are not varied."
    if told is None:
        return "a", "No run was looked at; speciosa sensitivity, or a run's report, ranks them."
    ranked = len(told["numbers"]) + told.get("more", 0)
    first = f" First: {told['numbers'][0]['record']}." if told["numbers"] else ""
    return "c", f"{ranked} sampled numbers ranked by what they do to the answer.{first}"


def _uncertainties(grounds: Grounds) -> tuple[str, str]:
    basis = "Every number is a record with source and grade; what has a spread is sampled in "
    basis += "every simulated world, and how people differ apart from it."
    if not grounds.sampled:
        return "a", (
            "Every number is a record with source, grade and spread, but such a study has one "
            "world: only people differ."
        )
    rows = list(grounds.evidence)
    if rows:
        assumed = sum(each["grade"] == "E" for each in rows)
        basis += f" {assumed} of {len(rows)} numbers are assumed or unchecked (grade E)."
    return "b", f"{basis} Some numbers have no spread: they are fixed."


def _samples(grounds: Grounds) -> tuple[str, str]:
    run, passed = _counts(grounds)
    if run < FEW:
        return "a", f"{run} published results on what is asked."
    share = (passed + 1) / (run + 2)
    reach = TAIL * sqrt(share * (1 - share) / run)
    people = sum(each["people"] for each in grounds.leaned)
    return ("c" if reach <= NARROW else "b"), (
        f"{run} published results, {people:,} people in those that say how many; the share that "
        f"passes is known within {100 * reach:.0f} points."
    )


def _conditions(grounds: Grounds) -> tuple[str, str]:
    trials = sorted({source for each in grounds.leaned for source in each["sources"]})
    letter = "c" if len(trials) >= MANY else "b" if len(trials) >= FEW else "a"
    named = f": {', '.join(trials)}" if trials else ""
    return letter, f"{len(trials)} sources, each with its own people and visits{named}."


def _equivalent(grounds: Grounds) -> tuple[str, str]:
    if not _counts(grounds)[0]:
        return "a", "No published result to compare inputs with."
    return "b", (
        "Published trials are simulated with their own regimens, visits and reported ranges of "
        "people; what a paper does not report is that of the usual population."
    )


def _rigour(grounds: Grounds) -> tuple[str, str]:
    if not _counts(grounds)[0]:
        return "a", "Nothing was compared."
    return "c", (
        "The predicted centre must lie within a margin that was fixed beforehand or within the "
        "published interval; the predicted interval is shown and does not count."
    )


def _agreement(grounds: Grounds) -> tuple[str, str]:
    run, passed = _counts(grounds)
    if not run:
        return "a", "No published result on this study's endpoints is on the scorecard."
    letter = "c" if passed == run else "b" if passed / run >= ENOUGH else "a"
    return letter, f"{passed} of {run} ({passed / run:.0%})."


def _quantities(grounds: Grounds) -> tuple[str, str]:
    seen = [each["topic"] for each in grounds.leaned if each["run"]]
    bare = [each["topic"] for each in grounds.leaned if not each["run"]]
    basis = f"Published results on: {', '.join(seen) or 'none'}; none on: " + (
        f"{', '.join(bare)}." if bare else "nothing that is asked.")  # fmt: skip
    return ("c" if seen and not bare else "b" if seen else "a"), basis


def _applies(grounds: Grounds) -> tuple[str, str]:
    if not grounds.applicability:
        return "a", ""
    overlaps = any(each["run"] for each in grounds.leaned)
    return ("b" if overlaps else "a"), grounds.applicability


def _counts(grounds: Grounds) -> tuple[int, int]:
    run, passed = (sum(each[key] for each in grounds.leaned) for key in ("run", "passed"))
    return run, passed


_SHOWN = {
    "Software quality assurance": _standing("software quality", "b"),
    "Numerical code verification": _standing("numerical code", "b"),
    "Discretization error": _discretised,
    "Numerical solver error": _solved,
    "Use error": _standing("use error", "b"),
    "Model form": _form,
    "Model inputs: sensitivities": _sensitivities,
    "Model inputs: uncertainties": _uncertainties,
    "Test samples": _samples,
    "Test conditions": _conditions,
    "Equivalency of input parameters": _equivalent,
    "Output comparison: rigour": _rigour,
    "Output comparison: agreement": _agreement,
    "Relevance of the quantities of interest": _quantities,
    "Relevance of the validation activities to the context of use": _applies,
}
