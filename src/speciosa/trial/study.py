"""A study: one TOML file, read into values that are checked when made."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from speciosa.care.psychosocial import MEDICAL, parse_care
from speciosa.care.regimen import Regimen, parse_regimens
from speciosa.care.schedule import doses
from speciosa.core.errors import InputError, nearest
from speciosa.people.cohort import Population
from speciosa.trial.credibility import Stakes, read_stakes
from speciosa.trial.form import Form
from speciosa.trial.hypotheses import read_evidence_set
from speciosa.trial.matching import Matching, read_matching
from speciosa.trial.population import POPULATION_KEYS, SIZES, read_population
from speciosa.trial.protocol import Protocol, read_protocol

FEWEST_PEOPLE = 20  # cohorts, never persons
LONGEST = 730  # days of a study with its follow-up
DISORDERS = ("opioid", "alcohol")
GRADES = ("A", "B", "C", "D", "E")
ROLES = ("placebo", "kratom", "melatonin", "both", "standard")
SETS = ("evidence", "article")
STATISTICS = ("mean", "last", "share", "lowest", "highest")
STRATEGIES = ("treatment policy", "while on treatment", "composite")
HYPOTHETICAL = "hypothetical"  # people are simulated again with leaving or rescue switched off
TABLES = (
    "study",
    "population",
    "design",
    "arm",
    "visits",
    "endpoint",
    "estimand",
    "analysis",
    "hypotheses",
    "decision",
    "matched",
    "credibility",
)


@dataclass(frozen=True)
class Arm:
    """One arm: what its people are given, and which part it plays.

    Args:
        name: id of the arm.
        regimens: what is given, in the regimen language; empty for placebo.
        role: placebo, kratom, melatonin, both or standard.
        label: words for a reader.
        care: what everybody gets beside it (:mod:`speciosa.care.psychosocial`).
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
    protocol: Protocol = field(default_factory=Protocol)
    matching: Matching | None = None
    stakes: Stakes = field(default_factory=Stakes)

    @property
    def length(self) -> int:
        """Days simulated, follow-up included."""
        return self.days + self.follow_up_days

    @property
    def digest(self) -> str:
        """A hash of everything that was laid down, sizes and seed included."""
        named = Path(self.evidence_set).name  # wherever a file of one's own lies
        laid_down = repr(replace(self, text="", place="", evidence_set=named))
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
        raise InputError(
            f"is not TOML: {error}", str(found), "Mend that line; compare it with a shipped study."
        ) from error
    return read_study(table, str(found), text)


def read_study(table: Mapping[str, Any], place: str = "study", text: str = "") -> Study:
    """Make a study from a parsed TOML table; see :func:`load_study`."""
    reader = Form(place, text)
    said = table.get("study")
    if isinstance(said, Mapping) and said.get("disorder") == "overdose":
        raise InputError(
            "an acute overdose study judges no claim and has a form of its own",
            place,
            "Run it with: speciosa trial FILE.",
        )
    top = reader.table(table, "", TABLES)
    head = reader.fill(_Head, top.get("study", {}), "[study]")
    disorder = reader.one_of(head.disorder, DISORDERS, "[study] disorder")
    people = dict(reader.table(top.get("population", {}), "[population]", POPULATION_KEYS))
    size = {
        key: reader.whole(people.pop(key, usual), f"[population] {key}", key)
        for key, usual in SIZES.items()
    }
    study = Study(
        id=head.id,
        question=head.question,
        context_of_use=head.context_of_use,
        disorder=disorder,
        days=head.days,
        follow_up_days=head.follow_up_days,
        seed=head.seed,
        people=size["people_per_arm"],
        draws=size["draws"],
        population=read_population(reader, people, disorder),
        arms=tuple(_arm(reader, arm) for arm in reader.many(top, "arm")),
        endpoints=tuple(_endpoint(reader, row, head) for row in reader.many(top, "endpoint")),
        estimand=_estimand(reader, top.get("estimand", {})),
        evidence_set=read_evidence_set(reader, top.get("hypotheses", {}), SETS),
        decision=reader.fill(Rule, top.get("decision", {}), "[decision]"),
        primary=head.primary,
        text=text,
        place=place,
        stakes=read_stakes(reader, top.get("credibility")),
    )
    names = tuple(arm.name for arm in study.arms), tuple(one.id for one in study.endpoints)
    study = replace(study, matching=read_matching(reader, top.get("matched"), *names))
    _check(reader, study)
    return _with_protocol(reader, top, study)


def _with_protocol(reader: Form, top: Mapping[str, Any], study: Study) -> Study:
    """Return the study with the protocol of its trial; an add-on gives everybody its background."""
    primary = next(e for e in study.endpoints if e.id == study.primary)
    protocol = read_protocol(
        reader, top, arms=[arm.name for arm in study.arms], control=study.arm("placebo").name,
        days=(study.length, primary.days[1]), scale=primary.scale,
    )  # fmt: skip
    given = tuple(r for line in protocol.design.background for r in parse_regimens(line))
    saved = rescue_of(protocol)
    if any(doses(one, days=study.length) for one in saved):
        where = reader.where("[design]", "rescue")
        raise InputError("a rescue has fixed times", where, 'Write "... as needed when COWS > 12".')
    arms = tuple(replace(arm, regimens=(*given, *arm.regimens, *saved)) for arm in study.arms)
    made = replace(study, arms=arms, protocol=protocol)
    named = {made.estimand["dropout"], *protocol.analysis.estimands}
    if made.estimand["rescue"] == HYPOTHETICAL and HYPOTHETICAL in named and len(named) > 1:
        raise InputError(
            "rescue and some of leaving are hypothetical", reader.where("[estimand]", "rescue"),
            "With a hypothetical rescue, leaving is hypothetical under every estimand or none.",
        )  # fmt: skip
    return made


def rescue_of(protocol: Protocol) -> tuple[Regimen, ...]:
    """Return the regimens that everybody may take as a rescue, the last ones of every arm."""
    return tuple(r for line in protocol.design.rescue for r in parse_regimens(line))


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


def _arm(reader: Form, table: Any) -> Arm:
    called = table.get("name", "") if isinstance(table, Mapping) else ""
    name = f'[[arm]] "{called}"'
    given = dict(reader.table(table, name, ("name", "regimens", "role", "label", "care")))
    for key in ("name", "role"):
        if not isinstance(given.get(key), str):
            raise InputError(
                f'"{key}" is missing', reader.where(name), "Each arm has a name and a role."
            )
    reader.one_of(given["role"], ROLES, f"{name} role")
    lines = given.get("regimens", [])
    lines = [lines] if isinstance(lines, str) else lines
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise InputError(
            f"{lines!r} is not a list of regimens",
            reader.where(name),
            'Write ["product 5 mg daily"].',
        )
    for key in ("label", "care"):
        reader.typed(given.get(key, ""), "str", f"{name} {key}", key)
    try:
        parsed = tuple(regimen for line in lines for regimen in parse_regimens(line))
    except InputError as error:
        raise InputError(error.what, f"{reader.where(name)}, {error.where}", error.cure) from None
    parse_care(given.get("care", "ordinary care"), reader.where(f"{name} care", "care"))
    return Arm(
        given["name"],
        parsed,
        given["role"],
        given.get("label", ""),
        given.get("care", "ordinary care"),
    )


def _endpoint(reader: Form, table: Any, head: _Head) -> Endpoint:
    from speciosa.trial.outcomes import scales  # which reads endpoints itself

    called = table.get("id", "") if isinstance(table, Mapping) else ""
    name = f'[[endpoint]] "{called}"'
    row = dict(table) if isinstance(table, Mapping) else table
    days = row.pop("days", [1, head.days]) if isinstance(row, dict) else None
    low, high = reader.pair(days, name, "days")
    endpoint = reader.fill(Endpoint, {**row, "days": (int(low), int(high))}, name)
    reader.one_of(endpoint.better, ("lower", "higher"), f"{name} better")
    reader.one_of(endpoint.statistic, STATISTICS, f"{name} statistic")
    reader.one_of(endpoint.scale, scales(head.disorder), f"{name} scale")
    for key in ("smallest_meaningful_difference", "per"):
        if not getattr(endpoint, key) > 0:
            raise InputError(
                f'"{key}" is not above 0', reader.where(name, key), "Write a number above 0."
            )
    if not 1 <= low <= high <= head.days + head.follow_up_days:
        raise InputError(
            f"days {low:g} to {high:g} are outside the study",
            reader.where(name, "days"),
            f"It lasts {head.days + head.follow_up_days} days.",
        )
    return endpoint


def _estimand(reader: Form, table: Any) -> dict[str, str]:
    given = dict(reader.table(table, "[estimand]", ("dropout", "relapse", "rescue")))
    for key, value in given.items():
        allowed = STRATEGIES if key == "relapse" else (*STRATEGIES, HYPOTHETICAL)
        reader.one_of(value, allowed, f"[estimand] {key}")
    return {key: given.get(key, "treatment policy") for key in ("dropout", "relapse", "rescue")}


def _check(reader: Form, study: Study) -> None:
    _check_size(study)
    if not re.fullmatch(r"[\w-]+", study.id):
        raise InputError(
            f'"{study.id}" is no id', reader.where("[study]", "id"), "Use letters, digits, - and _."
        )
    for kind, names in (
        ("arms", [arm.name for arm in study.arms]),
        ("endpoints", [endpoint.id for endpoint in study.endpoints]),
    ):
        for name in names:
            if names.count(name) > 1 or not name.strip():
                raise InputError(
                    f'two {kind} are called "{name}", or one has no name',
                    reader.place,
                    "Rename one.",
                )
    _check_rule(reader, study.decision)
    if not study.context_of_use.strip():
        raise InputError(
            '"context_of_use" is empty', reader.where("[study]"), "Say what the answer is for."
        )
    roles = {arm.role for arm in study.arms}
    for role, why in (
        ("placebo", "a comparison"),
        ("standard", "a standard treatment beside a remedy"),
    ):
        if role not in roles:
            raise InputError(
                f'no arm has the role "{role}"', reader.place, f"Every study has {why}."
            )
    if study.disorder == "alcohol":
        _check_medical_care(reader, study)
    ids = [endpoint.id for endpoint in study.endpoints]
    if study.primary not in ids:
        raise InputError(
            f'the primary endpoint "{study.primary}" is not among the endpoints',
            reader.where("[study] primary", "primary"),
            nearest(study.primary, ids),
        )


def _check_medical_care(reader: Form, study: Study) -> None:
    """Alcohol withdrawal can kill: no arm goes without an arm in medical care beside it."""
    attended = [arm for arm in study.arms if parse_care(arm.care).base == MEDICAL]
    if not any(arm.role == "standard" for arm in attended):
        raise InputError(
            "no standard arm has medical care",
            reader.place,
            f'Alcohol withdrawal can kill: give a standard treatment with care = "{MEDICAL}".',
        )


def _check_rule(reader: Form, rule: Rule) -> None:
    for key, value in asdict(rule).items():
        if isinstance(value, float):
            reader.number(value, f"[decision] {key}", key, 0.0, 1.0)
    reader.one_of(rule.weakest_grade, GRADES, "[decision] weakest_grade")


def _check_size(study: Study) -> None:
    if study.people < FEWEST_PEOPLE:
        raise InputError(
            f"{study.people} people per arm",
            study.place or study.id,
            f"A cohort has at least {FEWEST_PEOPLE} people: this tool speaks of populations.",
        )
    if study.draws < 1:
        raise InputError("no draw", study.place or study.id, "Give at least 1 draw.")
    if not 1 <= study.days <= study.length <= LONGEST:
        what, cure = f"a study of {study.days} days", f"Write 1 to {LONGEST}, follow-up included."
        raise InputError(what, study.place or study.id, cure)


def shipped() -> Path:
    """Return the folder of the shipped studies."""
    return Path(__file__).resolve().parent.parent / "studies"


def _find(path: str | Path) -> Path:
    given = Path(path)
    for candidate in (given, shipped() / given.name, shipped() / f"{given.name}.toml"):
        if candidate.is_file():
            return candidate
    if given.is_dir() and str(path):
        raise InputError("a folder, not a study file", str(path), "Name the TOML file.")
    names = sorted(file.stem for file in shipped().glob("*.toml"))
    raise InputError(f'no study file "{path}"', "", nearest(given.stem, names))
