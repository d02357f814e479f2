"""How the trial that a study plans is to be run: allocation, visits and analysis, laid down first.

A study simulates every person in every arm. The trial that it plans cannot: people are allocated,
seen at visits, leave, and are analysed by a method named in advance. These three tables of a study
file say how; `speciosa power` resamples such trials from the simulated people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from speciosa.core.errors import InputError, nearest
from speciosa.trial.form import Form

KINDS = ("parallel", "factorial", "crossover", "group-sequential", "add-on")
BOUNDARIES = ("obrien-fleming", "pocock", "obrien-fleming spending", "pocock spending")
METHODS = ("ancova", "mmrm", "logistic", "proportional odds", "log-rank", "cox", "restricted mean")
STRUCTURES = (
    "unstructured",
    "heterogeneous toeplitz",
    "toeplitz",
    "heterogeneous ar1",
    "ar1",
    "compound symmetry",
)
FREEDOMS = ("satterthwaite", "kenward-roger", "kenward-roger linear")
ESTIMANDS = ("treatment policy", "while on treatment", "composite", "hypothetical")
MULTIPLICITY = ("none", "holm", "fixed sequence")
STRATA = ("male", "smoker", "drug")
COVARIATES = ("baseline", "age", "male", "smoker")
FOLLOWING = ("everybody", "while in treatment")
OF_LEAVING = ("log-rank", "cox", "restricted mean")  # methods for the time until people leave


@dataclass(frozen=True)
class Allocation:
    """Who is let in and how people come to arms (table ``[design]``).

    Args:
        kind: parallel, factorial (the four arms of a 2x2), crossover (each person in both arms),
            group-sequential or add-on.
        block: people of each arm in one block of the randomisation.
        strata: what blocks are kept apart by: male, smoker, drug.
        looks: shares of the people at which a group-sequential trial is analysed.
        boundary: its stopping boundary.
        background: an add-on trial's regimens, which everybody has.
        rescue: regimens as needed that everybody may take beside their arm's.
        washout_days: of a crossover trial, between its periods.
        screening: lowest and highest value of the primary's scale at the baseline; others are
            screened out.
    """

    kind: str = "parallel"
    block: int = 2
    strata: tuple[str, ...] = ()
    looks: tuple[float, ...] = (1.0,)
    boundary: str = "obrien-fleming spending"
    background: tuple[str, ...] = ()
    rescue: tuple[str, ...] = ()
    washout_days: int = 0
    screening: tuple[float, float] | None = None


@dataclass(frozen=True)
class Visits:
    """When people are seen (table ``[visits]``).

    Args:
        days: days of the visits, counted from 1.
        follow: whether those who left are still seen: everybody or while in treatment.
    """

    days: tuple[int, ...] = ()
    follow: str = "everybody"


@dataclass(frozen=True)
class Analysis:
    """How the primary endpoint is analysed (table ``[analysis]``).

    Args:
        method: ancova, mmrm, logistic, proportional odds, log-rank, cox or restricted mean.
        covariates: adjusted for: baseline, age, male, smoker.
        alpha: one-sided level.
        structure, freedom: of a mixed model for repeated measures.
        compare: pairs of an arm and the arm it is compared with; by default every arm with
            placebo.
        multiplicity: over the pairs, in their order: none, holm or fixed sequence.
        estimands: strategies for leaving treatment under which the primary is shown side by side.
        note: what a reader should know of how it was settled, printed beside them.
    """

    method: str = "ancova"
    covariates: tuple[str, ...] = ("baseline",)
    alpha: float = 0.025
    structure: str = "unstructured"
    freedom: str = "satterthwaite"
    compare: tuple[tuple[str, str], ...] = ()
    multiplicity: str = "none"
    estimands: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Protocol:
    """The three tables of a study file; everything has a usual value."""

    design: Allocation = field(default_factory=Allocation)
    visits: Visits = field(default_factory=Visits)
    analysis: Analysis = field(default_factory=Analysis)


def read_protocol(
    form: Form,
    top: Mapping[str, Any],
    *,
    arms: Sequence[str],
    control: str,
    days: tuple[int, int],
    scale: str,
) -> Protocol:
    """Return the protocol of a study file.

    Args:
        form: the study file.
        top: its tables.
        arms: names of the arms.
        control: name of the placebo arm.
        days: last day of the study and last day of its primary endpoint.
        scale: of the primary endpoint.

    Raises:
        InputError: an unknown key or word, an arm or day that the study does not have.
    """
    design = _design(form, top.get("design", {}))
    visits = _visits(form, top.get("visits", {}), days)
    analysis = _analysis(form, top.get("analysis", {}), arms)
    if analysis.method in OF_LEAVING and scale != "retained":
        raise InputError(
            f"{analysis.method} needs a time, and {scale} has none",
            form.where("[analysis]", "method"), 'The primary endpoint\'s scale must be "retained".',
        )  # fmt: skip
    if not analysis.compare:
        pairs = tuple((arm, control) for arm in arms if arm != control)
        analysis = replace(analysis, compare=pairs)
    return Protocol(design, visits, analysis)


def _design(form: Form, table: Any) -> Allocation:
    name = "[design]"
    given = dict(form.table(table, name, Allocation.__dataclass_fields__))
    strata = _words(form, given.pop("strata", []), STRATA, name, "strata")
    looks = _numbers(form, given.pop("looks", [1.0]), name, "looks")
    background = _regimens(form, given.pop("background", []), name, "background")
    rescue = _regimens(form, given.pop("rescue", []), name, "rescue")
    screening = given.pop("screening", None)
    if screening is not None:
        screening = form.pair(screening, f"{name} screening", "screening", 0.0)
    kinds = {"block": "int", "washout_days": "int"}
    plain = {k: form.typed(v, kinds.get(k, "str"), f"{name} {k}", k) for k, v in given.items()}
    found = Allocation(
        **plain, strata=strata, looks=looks, background=background, rescue=rescue,
        screening=screening,
    )  # fmt: skip
    form.one_of(found.kind, KINDS, f"{name} kind")
    form.one_of(found.boundary, BOUNDARIES, f"{name} boundary")
    rising = all(a < b for a, b in zip((0.0, *looks), looks, strict=False))
    if not rising or looks[-1] != 1.0 or found.block < 1:
        raise InputError(
            "looks must rise to 1, and a block holds at least 1 person of each arm",
            form.where(name, "looks" if "looks" in table else "block"), "Write looks = [0.5, 1.0].",
        )  # fmt: skip
    _agrees(form, found, name)
    return found


def _regimens(form: Form, value: Any, name: str, key: str) -> tuple[str, ...]:
    lines = [value] if isinstance(value, str) else value
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise InputError(
            f"{value!r} is not a list of regimens", form.where(name, key),
            'Write ["product 5 mg daily"].',
        )  # fmt: skip
    return tuple(lines)


def _agrees(form: Form, found: Allocation, name: str) -> None:
    """Refuse keys that the kind of design has no use for, and a kind that lacks its own."""
    wanted = {
        "looks": (len(found.looks) > 1, "group-sequential"),
        "background": (bool(found.background), "add-on"),
    }
    for key, (given, kind) in wanted.items():
        if given != (found.kind == kind):
            what = f'"{key}" is missing' if not given else f'"{key}" is not for {found.kind}'
            raise InputError(
                what,
                form.where(name, key if given else "kind"),
                f"It is what makes a design {kind}.",
            )
    if found.washout_days and found.kind != "crossover":
        raise InputError(
            f'"washout_days" is not for {found.kind}', form.where(name, "washout_days"),
            "It is for a crossover design.",
        )  # fmt: skip


def _visits(form: Form, table: Any, days: tuple[int, int]) -> Visits:
    name = "[visits]"
    given = dict(form.table(table, name, Visits.__dataclass_fields__))
    usual = sorted({*range(7, days[1], 7), days[1]})
    asked = _numbers(form, given.get("days", usual), name, "days")
    whole = tuple(int(day) for day in asked)
    rising = all(a < b for a, b in zip((0, *whole), whole, strict=False))
    if whole != asked or not rising or whole[-1] > days[0]:
        raise InputError(
            f"visits on days {list(asked)}", form.where(name, "days"),
            f"Name rising whole days from 1 to {days[0]}.",
        )  # fmt: skip
    follow = form.one_of(given.get("follow", "everybody"), FOLLOWING, f"{name} follow")
    return Visits(whole, follow)


def _analysis(form: Form, table: Any, arms: Sequence[str]) -> Analysis:
    name = "[analysis]"
    given = dict(form.table(table, name, Analysis.__dataclass_fields__))
    pairs = given.pop("compare", [])
    good = isinstance(pairs, list) and all(isinstance(p, list) and len(p) == 2 for p in pairs)
    if not good:
        raise InputError(
            f"{pairs!r} is not a list of pairs", form.where(name, "compare"),
            'Write [["kratom", "placebo"]].',
        )  # fmt: skip
    for arm in (arm for pair in pairs for arm in pair):
        if arm not in arms:
            raise InputError(
                f'no arm "{arm}"', form.where(name, "compare"), nearest(str(arm), arms)
            )
    covariates = _words(form, given.pop("covariates", ["baseline"]), COVARIATES, name, "covariates")
    estimands = _words(form, given.pop("estimands", []), ESTIMANDS, name, "estimands")
    alpha = form.number(given.pop("alpha", 0.025), f"{name} alpha", "alpha", 1e-4, 0.25)
    options = {
        "method": METHODS, "structure": STRUCTURES, "freedom": FREEDOMS,
        "multiplicity": MULTIPLICITY,
    }  # fmt: skip
    note = form.typed(given.pop("note", ""), "str", f"{name} note", "note")
    for key, value in given.items():
        form.one_of(value, options[key], f"{name} {key}")
    return Analysis(
        **given, note=note, covariates=covariates, alpha=alpha, estimands=estimands,
        compare=tuple((str(first), str(second)) for first, second in pairs),
    )  # fmt: skip


def _words(
    form: Form, value: Any, options: tuple[str, ...], name: str, key: str
) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise InputError(
            f"{value!r} is not a list", form.where(name, key), f'Write {key} = ["{options[0]}"].'
        )
    return tuple(form.one_of(each, options, f"{name} {key}") for each in value)


def _numbers(form: Form, value: Any, name: str, key: str) -> tuple[float, ...]:
    if not isinstance(value, list) or not value:
        raise InputError(
            f"{value!r} is not a list of numbers", form.where(name, key), "Write [1, 7]."
        )
    return tuple(form.number(each, f"{name} {key}", key, 0.0) for each in value)
