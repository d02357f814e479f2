"""A study: one TOML file, read into values that are checked when made."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from speciosa.care.regimen import Regimen, parse_regimens
from speciosa.core.errors import InputError, nearest
from speciosa.people.cohort import DRUGS, Habit, Population, Range

FEWEST_PEOPLE = 20  # cohorts, never persons
DISORDERS = ("opioid",)
ROLES = ("placebo", "kratom", "melatonin", "both", "standard")
SETS = ("evidence", "article")
SIZES = ("people_per_arm", "draws")  # keys of [population] that are not about who
STATISTICS = ("mean", "last", "share", "lowest", "highest")
STRATEGIES = ("treatment policy", "while on treatment", "composite")


@dataclass(frozen=True)
class Arm:
    """One arm: what its people are given, and which part it plays.

    Args:
        name: id of the arm.
        regimens: what is given, in the regimen language; empty for placebo.
        role: placebo, kratom, melatonin, both or standard.
        label: words for a reader.
        care: what everybody gets beside it.
    """

    name: str
    regimens: tuple[Regimen, ...]
    role: str
    label: str = ""
    care: str = "ordinary care"

    @property
    def title(self) -> str:
        """The label, or the name where there is none."""
        return self.label or self.name.replace("_", " ")


@dataclass(frozen=True)
class Endpoint:
    """What is measured, when, and which difference matters.

    Args:
        id: name of the endpoint.
        scale: quantity or event that it is made of (:mod:`speciosa.trial.outcomes`).
        statistic: mean, last, share, lowest or highest over the days.
        days: first and last day, counted from 1.
        better: lower or higher.
        smallest_meaningful_difference: in the endpoint's unit.
        unit: unit in reports.
        label: words for a reader.
        harm: whether it is a harm.
        per: events are multiplied by it in reports.
        limit: for a harm, the excess over placebo above which it counts as unsafe.
    """

    id: str
    scale: str
    statistic: str
    days: tuple[int, int]
    better: str
    smallest_meaningful_difference: float
    unit: str
    label: str
    harm: bool = False
    per: float = 1.0
    limit: float | None = None


@dataclass(frozen=True)
class Rule:
    """The decision thresholds, written before the run (DESIGN: verdicts)."""

    supported: float = 0.8
    contradicted: float = 0.8
    plausible: float = 0.2
    no_difference: float = 0.95
    unsafe: float = 0.5
    weakest_grade: str = "B"
    failure_limit: float = 0.01
    fewest_draws: int = 10


@dataclass(frozen=True)
class Study:
    """A study as its file says; made by :func:`load_study`."""

    id: str
    question: str
    context_of_use: str
    disorder: str
    days: int
    follow_up_days: int
    seed: int
    people: int
    draws: int
    population: Population
    arms: tuple[Arm, ...]
    endpoints: tuple[Endpoint, ...]
    estimand: Mapping[str, str]
    evidence_set: str
    decision: Rule
    primary: str
    text: str = ""
    place: str = ""

    @property
    def length(self) -> int:
        """Days simulated, follow-up included."""
        return self.days + self.follow_up_days

    @property
    def digest(self) -> str:
        """A hash of everything that was laid down, sizes and seed included."""
        laid_down = repr(replace(self, text="", place=""))
        return hashlib.sha256(laid_down.encode()).hexdigest()

    def arm(self, role: str) -> Arm:
        """Return the first arm that plays a role."""
        for arm in self.arms:
            if arm.role == role:
                return arm
        raise InputError(f'no arm has the role "{role}"', self.place, nearest(role, ROLES))

    def resized(
        self, *, seed: int | None = None, draws: int | None = None, people: int | None = None
    ) -> Study:
        """Return the study with another seed or size.

        Raises:
            InputError: fewer people than a cohort has, or no draw.
        """
        sized = replace(
            self,
            seed=self.seed if seed is None else seed,
            draws=self.draws if draws is None else draws,
            people=self.people if people is None else people,
        )
        _check_size(sized)
        return sized


def load_study(path: str | Path) -> Study:
    """Read a study file.

    Args:
        path: a TOML file; a bare name such as ``combination-opioid`` finds a shipped study.

    Raises:
        InputError: names the file, the line, the table, the key and the nearest valid one.

    Example:
        >>> load_study("combination-opioid").days
        28
    """
    found = _find(path)
    try:
        text = found.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", str(found), "Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not TOML: {error}", str(found), "Compare it with a shipped study.") from error
    return read_study(table, str(found), text)


def read_study(table: Mapping[str, Any], place: str = "study", text: str = "") -> Study:
    """Make a study from a parsed TOML table; see :func:`load_study`."""
    reader = _Reader(place, text)
    top = reader.table(table, "", ("study", "population", "arm", "endpoint", "estimand",
                                   "hypotheses", "decision"))
    head = reader.fill(_Head, top.get("study", {}), "[study]")
    people = dict(top.get("population", {}))
    size = {key: people.pop(key) for key in SIZES if key in people}
    study = Study(
        id=head.id, question=head.question, context_of_use=head.context_of_use,
        disorder=reader.one_of(head.disorder, DISORDERS, "[study] disorder"),
        days=head.days, follow_up_days=head.follow_up_days, seed=head.seed,
        people=int(size.get("people_per_arm", 40)), draws=int(size.get("draws", 100)),
        population=_population(reader, people),
        arms=tuple(_arm(reader, arm) for arm in reader.many(top, "arm")),
        endpoints=tuple(_endpoint(reader, row, head) for row in reader.many(top, "endpoint")),
        estimand=_estimand(reader, top.get("estimand", {})),
        evidence_set=reader.one_of(
            reader.table(top.get("hypotheses", {}), "[hypotheses]", ("evidence_set",)).get(
                "evidence_set", "evidence"), SETS, "[hypotheses] evidence_set"),
        decision=reader.fill(Rule, top.get("decision", {}), "[decision]"),
        primary=head.primary, text=text, place=place,
    )
    _check(reader, study)
    return study


@dataclass(frozen=True)
class _Head:
    id: str
    question: str
    context_of_use: str
    disorder: str
    days: int
    primary: str
    seed: int = 1
    follow_up_days: int = 0


class _Reader:
    """Checks keys and types, and names the place of whatever is wrong."""

    def __init__(self, place: str, text: str) -> None:
        self.place, self.lines = place, text.splitlines()

    def where(self, table: str, word: str = "") -> str:
        line = next(
            (i for i, row in enumerate(self.lines, 1)
             if word and re.match(rf"\s*[\"']?{re.escape(word)}[\"']?\s*=", row)), None
        )
        return f"{self.place}{f', line {line}' if line else ''}{f', {table}' if table else ''}"

    def table(self, value: Any, name: str, keys: Iterable[str]) -> Mapping[str, Any]:
        keys = tuple(keys)
        if not isinstance(value, Mapping):
            raise InputError(f"{value!r} is not a table", self.where(name), f"Keys: {', '.join(keys)}.")
        for key in value:
            if key not in keys:
                raise InputError(f'unknown key "{key}"', self.where(name, key), nearest(key, keys))
        return value

    def many(self, top: Mapping[str, Any], name: str) -> list[Any]:
        rows = top.get(name, [])
        if not isinstance(rows, list) or not rows:
            raise InputError(f"no [[{name}]]", self.place, f"Write at least one [[{name}]] table.")
        return rows

    def fill(self, kind: Any, table: Any, name: str) -> Any:
        """Make a dataclass from a table, refusing unknown keys, missing keys and wrong types."""
        own = {f.name: f for f in fields(kind)}
        given = dict(self.table(table, name, own))
        for key, field in own.items():
            if key not in given:
                if field.default is field.default_factory is not None:  # both are MISSING
                    raise InputError(f'"{key}" is missing', self.where(name), f"Keys: {', '.join(own)}.")
                continue
            given[key] = self.typed(given[key], str(field.type), f"{name} {key}", key)
        return kind(**given)

    def typed(self, value: Any, kind: str, name: str, key: str) -> Any:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if kind.startswith("float"):
            if not number:
                raise InputError(f"{value!r} is not a number", self.where(name, key), "Write a number.")
            return float(value)
        if kind == "int":
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise InputError(
                    f"{value!r} is not a whole number of at least 0", self.where(name, key),
                    "Write a whole number.",
                )
            return value
        if kind == "str" and not isinstance(value, str):
            raise InputError(f"{value!r} is not text", self.where(name, key), "Put it in quotes.")
        if kind == "bool" and not isinstance(value, bool):
            raise InputError(f"{value!r} is not true or false", self.where(name, key), "Write true or false.")
        return value

    def one_of(self, value: str, options: tuple[str, ...], name: str) -> str:
        if value not in options:
            key = name.split()[-1]
            raise InputError(f'"{value}" is unknown', self.where(name, key), nearest(str(value), options))
        return value

    def pair(self, value: Any, name: str, key: str) -> tuple[float, float]:
        good = isinstance(value, list) and len(value) == 2
        if not good or not all(isinstance(v, int | float) for v in value) or value[0] > value[1]:
            raise InputError(f"{value!r} is not a range", self.where(name, key), "Write [low, high].")
        return value[0], value[1]


def _population(reader: _Reader, table: Mapping[str, Any]) -> Population:
    name = "[population]"
    own = {f.name: f for f in fields(Population)}
    given = dict(reader.table(table, name, (*own, *SIZES)))
    for key, value in given.items():
        if key in ("age", "hours_since_last_use"):
            given[key] = reader.fill(Range, value, f"{name} {key}")
        elif key == "habits":
            given[key] = tuple(_habit(reader, row) for row in value)
        elif key == "cyp2d6":
            given[key] = {float(score): float(share) for score, share in value.items()}
        elif key == "years_of_use":
            given[key] = reader.pair(value, name, key)
        else:
            given[key] = reader.typed(value, str(own[key].type), name, key)
    return Population(**given)


def _habit(reader: _Reader, row: Any) -> Habit:
    name = "[population] habits"
    given = dict(reader.table(row, name, ("drug", "share", "daily_amount_mg", "uses_per_day")))
    for key in ("drug", "share", "daily_amount_mg", "uses_per_day"):
        if key not in given:
            raise InputError(f'"{key}" is missing', reader.where(name), "Each habit needs four keys.")
    reader.one_of(given["drug"], DRUGS, f"{name} drug")
    low, high = reader.pair(given["uses_per_day"], name, "uses_per_day")
    amount = reader.pair(given["daily_amount_mg"], name, "daily_amount_mg")
    return Habit(given["drug"], float(given["share"]), amount, (int(low), int(high)))


def _arm(reader: _Reader, table: Any) -> Arm:
    called = table.get("name", "") if isinstance(table, Mapping) else ""
    name = f'[[arm]] "{called}"'
    given = dict(reader.table(table, name, ("name", "regimens", "role", "label", "care")))
    for key in ("name", "role"):
        if not isinstance(given.get(key), str):
            raise InputError(f'"{key}" is missing', reader.where(name), "Each arm has a name and a role.")
    reader.one_of(given["role"], ROLES, f"{name} role")
    lines = given.get("regimens", [])
    if isinstance(lines, str):
        lines = [lines]
    try:
        parsed = tuple(regimen for line in lines for regimen in parse_regimens(line))
    except InputError as error:
        raise InputError(error.what, f"{reader.where(name)}, {error.where}", error.cure) from None
    return Arm(given["name"], parsed, given["role"], given.get("label", ""),
               given.get("care", "ordinary care"))


def _endpoint(reader: _Reader, table: Any, head: _Head) -> Endpoint:
    called = table.get("id", "") if isinstance(table, Mapping) else ""
    name = f'[[endpoint]] "{called}"'
    row = dict(table) if isinstance(table, Mapping) else table
    days = row.pop("days", [1, head.days]) if isinstance(row, dict) else None
    low, high = reader.pair(days, name, "days")
    endpoint = reader.fill(Endpoint, {**row, "days": (int(low), int(high))}, name)
    reader.one_of(endpoint.better, ("lower", "higher"), f"{name} better")
    reader.one_of(endpoint.statistic, STATISTICS, f"{name} statistic")
    if not 1 <= low <= high <= head.days + head.follow_up_days:
        raise InputError(
            f"days {low} to {high} are outside the study", reader.where(name, "days"),
            f"It lasts {head.days + head.follow_up_days} days.",
        )
    return endpoint


def _estimand(reader: _Reader, table: Any) -> dict[str, str]:
    given = dict(reader.table(table, "[estimand]", ("dropout", "relapse", "rescue")))
    for key, value in given.items():
        allowed = STRATEGIES[:1] if key == "rescue" else STRATEGIES  # it is part of the regimens
        reader.one_of(value, allowed, f"[estimand] {key}")
    return {key: given.get(key, "treatment policy") for key in ("dropout", "relapse", "rescue")}


def _check(reader: _Reader, study: Study) -> None:
    _check_size(study)
    names = [arm.name for arm in study.arms]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f'two arms are called "{name}"', reader.place, "Rename one.")
    if not study.context_of_use.strip():
        raise InputError('"context_of_use" is empty', reader.where("[study]"), "Say what the answer is for.")
    roles = {arm.role for arm in study.arms}
    for role, why in (("placebo", "a comparison"), ("standard", "a standard treatment beside a remedy")):
        if role not in roles:
            raise InputError(f'no arm has the role "{role}"', reader.place, f"Every study has {why}.")
    ids = [endpoint.id for endpoint in study.endpoints]
    if study.primary not in ids:
        raise InputError(
            f'the primary endpoint "{study.primary}" is not among the endpoints',
            reader.where("[study] primary", "primary"), nearest(study.primary, ids),
        )


def _check_size(study: Study) -> None:
    if study.people < FEWEST_PEOPLE:
        raise InputError(
            f"{study.people} people per arm", study.place or study.id,
            f"A cohort has at least {FEWEST_PEOPLE} people: this tool speaks of populations.",
        )
    if study.draws < 1:
        raise InputError("no draw", study.place or study.id, "Give at least 1 draw.")


def shipped() -> Path:
    """Return the folder of the shipped studies."""
    return Path(__file__).resolve().parent.parent / "studies"


def _find(path: str | Path) -> Path:
    given = Path(path)
    for candidate in (given, shipped() / given.name, shipped() / f"{given.name}.toml"):
        if candidate.is_file():
            return candidate
    names = sorted(file.stem for file in shipped().glob("*.toml"))
    raise InputError(f'no study file "{path}"', "", nearest(given.stem, names))
