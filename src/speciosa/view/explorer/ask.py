"""The question as a form: a study's table, its fields by name, and what is wrong beside each.

The table is what a study file holds. A field's name is its path: ``population.age.mean``,
``arm.1.regimens``. What cannot be read stays as it was written, with its message.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from speciosa.care.regimen import parse_regimens
from speciosa.core.errors import InputError, SpeciosaError, nearest
from speciosa.trial.form import Form
from speciosa.trial.population import SIZES, read_population
from speciosa.trial.study import (
    FEWEST_PEOPLE,
    ROLES,
    Study,
    load_study,
    read_study,
    shipped,
)
from speciosa.view.explorer.written import HEAD, as_toml

START = "combination-opioid"
LONGEST_STUDY, MOST_PEOPLE, MOST_DRAWS, MOST_ARMS = 366, 2_000, 2_000, 12
LARGEST_STUDY = 200_000  # characters of an uploaded study
LONGEST_LINE = 2_000  # characters of a field
WHOLE = {  # field -> (least, most, what it counts)
    "study.days": (1, LONGEST_STUDY, "days"),
    "study.follow_up_days": (0, LONGEST_STUDY, "days"),
    "study.seed": (0, 2**53, "a seed"),
    "population.people_per_arm": (FEWEST_PEOPLE, MOST_PEOPLE, "people"),
    "population.draws": (1, MOST_DRAWS, "worlds"),
}
LENGTH = ("days", "follow_up_days")
TEXTS = ("study.question", "study.context_of_use")
WORDS = (  # keys that hold words; what stands at any other is a number, however it was written
    "id", "question", "context_of_use", "disorder", "primary", "drug", "evidence_set", "use_level",
    "dropout_rate", "adherence",
)  # fmt: skip
Table = dict[str, Any]


def shipped_studies() -> dict[str, str]:
    """Return the shipped studies: id -> question."""
    found = {}
    for file in sorted(shipped().glob("*.toml")):
        try:
            found[file.stem] = load_study(file).question
        except SpeciosaError:  # a study that this version cannot run is not offered
            continue
    return found


def start_for(disorder: str) -> str:
    """Return the shipped study that a question about a disorder starts from, empty if none."""
    name = f"combination-{disorder}"
    return name if name in shipped_studies() else ""


def shipped_text(study: str) -> str:
    """Return the text of a shipped study.

    Raises:
        InputError: there is none of that name.
    """
    names = [file.stem for file in shipped().glob("*.toml")]
    if study not in names:
        raise InputError(f'no shipped study "{study}"', "", nearest(study, names))
    return Path(shipped() / f"{study}.toml").read_text(encoding="utf-8")


def uploaded(text: str) -> Study:
    """Return an uploaded study, parsed as data only.

    Raises:
        InputError: it is too long, no TOML, or no study that can be run.
    """
    if len(text) > LARGEST_STUDY:
        cure = f"A study has at most {LARGEST_STUDY:,}."
        raise InputError(f"{len(text):,} characters", "the file", cure)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        cure = "Compare it with a shipped study."
        raise InputError(f"is not TOML: {error}", "the file", cure) from None
    except RecursionError:
        raise InputError("is nested too deeply", "the file", "A study is flat.") from None
    return read_study(table, "the file", text)


def table_of(text: str) -> Table:
    """Return the table of a study's text."""
    return tomllib.loads(text)


# ---- from the form to the table ----------------------------------------------------------------


def merged(base: Table, fields: Mapping[str, str]) -> Table:
    """Return a table with the fields of a form in place of its own.

    Args:
        base: the table that the form was made from.
        fields: path -> what was written.
    """
    table = deepcopy(base)
    arms = sorted({int(m[1]) for f in fields if (m := re.match(r"arm\.(\d+)\.", f))})[:MOST_ARMS]
    if arms:
        table["arm"] = [_arm(base, fields, number) for number in arms]
    for path, written in fields.items():
        if not path.startswith("arm."):
            _put(table, path.split("."), written.strip()[:LONGEST_LINE])
    days, more = (_same_kind(0, fields.get(f"was.{key}", "")) for key in LENGTH)
    study = base.get("study", {})
    old = (days, more) if days != "" and more != "" else tuple(study.get(key, 0) for key in LENGTH)
    return _with_plan(fitted(table, old))


def _with_plan(table: Table) -> Table:
    """Return a table whose planned visits and comparisons speak of days and arms it has."""
    length = sum(each for key in LENGTH if isinstance(each := table["study"].get(key, 0), int))
    names = [arm.get("name") for arm in table.get("arm", [])]
    kept = {
        "visits": ("days", lambda day: isinstance(day, int) and day <= length),
        "analysis": ("compare", lambda pair: set(pair) <= set(names)),
    }
    for part, (key, fits) in kept.items():
        listed = table.get(part, {}).get(key)
        if isinstance(listed, list):
            table[part][key] = [each for each in listed if fits(each)]
            if not table[part][key]:
                del table[part][key]
    return table


def _arm(base: Table, fields: Mapping[str, str], number: int) -> Table:
    def field(key: str) -> str:
        return fields.get(f"arm.{number}.{key}", "").strip()[:LONGEST_LINE]

    label = field("label")
    lines = [line.strip() for line in field("regimens").splitlines() if line.strip()]
    name = field("name") or re.sub(r"\W+", "_", label.lower()).strip("_") or f"arm_{number + 1}"
    arm = {"name": name, "label": label, "role": field("role"), "regimens": lines}
    return {**arm, "care": field("care")} if field("care") else arm


def _put(table: Any, path: list[str], written: str) -> None:
    """Put a value where its path leads, of the kind that stands there; unknown paths are left."""
    for step in path[:-1]:
        table = _at(table, step)
        if table is None:
            return
    last: Any = path[-1]
    if isinstance(table, list):
        last = int(last) if last.isdigit() and int(last) < len(table) else None
    elif not isinstance(table, dict) or (last not in table and last not in _ADDED):
        last = None
    if last is not None:
        old = table[last] if isinstance(table, list) else table.get(last, _ADDED.get(last))
        if isinstance(old, dict | list):
            return
        table[last] = written if path[-1] in WORDS else _same_kind(old, written)


_ADDED: dict[str, Any] = {"follow_up_days": 0, "seed": 1, **SIZES, "evidence_set": "evidence"}


def _at(table: Any, step: str) -> Any:
    if isinstance(table, list):
        return table[int(step)] if step.isdigit() and int(step) < len(table) else None
    return table.get(step) if isinstance(table, dict) else None


def _same_kind(old: Any, written: str) -> Any:
    kinds: tuple[Callable[[str], Any], ...] = (float,) if isinstance(old, float) else (int, float)
    for kind in kinds:
        try:
            value = kind(written)
        except ValueError:
            continue
        if isinstance(value, float) and value.is_integer() and isinstance(old, int):
            value = int(value)
        return value if value == value and abs(value) != float("inf") else written
    return written


def fitted(table: Table, was: tuple[Any, ...]) -> Table:
    """Return a table whose endpoints lie in its length of study as they lay in another.

    Args:
        table: the study.
        was: days of treatment and of follow-up that the endpoints were written for.
    """
    now = tuple(table["study"].get(key, 0) for key in LENGTH)
    lengths = (*now, *was)
    if now == was or not all(isinstance(v, int) and v >= 0 for v in lengths) or not now[0]:
        return table
    (days, more), old = now, was[0]
    for endpoint in table.get("endpoint", ()):
        window = endpoint.get("days")
        if not (isinstance(window, list) and len(window) == 2):
            continue
        low, high = window
        if high > old:
            low, high = (low if low <= old else days + 1), days + more
        elif high == old:
            low, high = (1 if low == 1 else max(1, days - (old - low))), days
        else:
            low, high = min(low, days), min(high, days)
        endpoint["days"] = [min(low, max(high, 1)), max(high, 1)]
        if endpoint["days"] != window:
            new = endpoint["days"]
            label = str(endpoint.get("label", ""))
            label = re.sub(r"days \d+[-–]\d+", f"days {new[0]}-{new[1]}", label)
            label = re.sub(r"day \d+", f"day {new[1]}", label)
            endpoint["label"] = re.sub(r"in \d+ days", f"in {days + more} days", label)
    return table


def text_of(table: Table) -> str:
    """Return the study file of a table."""
    return HEAD + "\n" + as_toml(table)


# ---- what is wrong -----------------------------------------------------------------------------


def problems(table: Table) -> dict[str, str]:
    """Return field -> message for everything that is wrong; an empty field name is the whole."""
    found: dict[str, str] = {}
    study, people = table.get("study", {}), table.get("population", {})
    parts = {"study": study, "population": people}
    for path, (least, most, what) in WHOLE.items():
        part, key = path.split(".")
        if key in parts[part]:
            message = _whole(parts[part][key], least, most, what)
            if message:
                found[path] = message
    for path in TEXTS:
        if not str(study.get(path.split(".")[1], "")).strip():
            found[path] = "It is empty. Say it in a sentence."
    _people(people, found)
    _arms(table.get("arm", []), found)
    _endpoints(table, found)
    if not found:
        try:
            read_study(table, "study")
        except SpeciosaError as error:
            found[_field(error.where, table)] = _message(error)
    return found


def _whole(value: Any, least: int, most: int, what: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return f'"{value}" is not a whole number.'
    if value < least:
        people = ": this tool speaks of populations" if what == "people" else ""
        return f"{value:,} is too few: at least {least:,} {what}{people}."
    return f"{value:,} is too many: at most {most:,} {what}." if value > most else ""


def _message(error: SpeciosaError) -> str:
    return str(type(error)(error.what, "", error.cure))


def _people(people: Table, found: dict[str, str]) -> None:
    """Check each key alone, so that each has its own message."""
    for key, value in people.items():
        if key in SIZES:
            continue
        wrong = _words(value, f"population.{key}")
        if wrong:
            found |= wrong
            continue
        try:
            read_population(Form("population", ""), {key: value})
        except SpeciosaError as error:
            found[f"population.{key}"] = _message(error)
        except (TypeError, ValueError, KeyError):
            found[f"population.{key}"] = "It cannot be read. Compare it with a shipped study."


def _words(value: Any, path: str) -> dict[str, str]:
    """Return messages for words that stand where numbers belong."""
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [(str(place), each) for place, each in enumerate(value)]
    else:
        return {}
    found: dict[str, str] = {}
    for key, each in pairs:
        if isinstance(each, Mapping | list):
            found |= _words(each, f"{path}.{key}")
        elif isinstance(each, str) and key != "drug":
            found[f"{path}.{key}"] = f'"{each}" is not a number.'
    return found


def _arms(arms: list[Table], found: dict[str, str]) -> None:
    names = [arm.get("name") for arm in arms]
    for number, arm in enumerate(arms):
        if not str(arm.get("label", arm.get("name", ""))).strip():
            found[f"arm.{number}.label"] = "It is empty. Name the arm."
        elif names.count(arm.get("name")) > 1:
            found[f"arm.{number}.label"] = "Two arms have this name. Rename one."
        if arm.get("role") not in ROLES:
            found[f"arm.{number}.role"] = f"Choose one of {', '.join(ROLES)}."
        for line in arm.get("regimens", []):
            try:
                parse_regimens(line)
            except InputError as error:
                found[f"arm.{number}.regimens"] = str(error)
                break
    for role, why in (
        ("placebo", "Every study has a placebo arm to compare with."),
        ("standard", "Every study has a standard treatment beside a remedy."),
    ):
        if role not in [arm.get("role") for arm in arms]:
            found.setdefault("arms", why)


def _endpoints(table: Table, found: dict[str, str]) -> None:
    study = table.get("study", {})
    spans = [study.get("days"), study.get("follow_up_days", 0)]
    wrong = any(f"study.{key}" in found for key in LENGTH)
    length = None if wrong else sum(spans)
    for number, endpoint in enumerate(table.get("endpoint", [])):
        window = endpoint.get("days", [1, 1])
        path = f"endpoint.{number}"
        if not all(isinstance(day, int) for day in window):
            found[f"{path}.days"] = "Write two whole days."
        elif length and not 1 <= window[0] <= window[1] <= length:
            found[f"{path}.days"] = f"Write days between 1 and {length}, the first one first."
        matter = endpoint.get("smallest_meaningful_difference")
        if not isinstance(matter, int | float) or not matter > 0:
            found[f"{path}.smallest_meaningful_difference"] = "Write a number above 0."


def _field(where: str, table: Table) -> str:
    """Return the field that a message speaks of, as far as its place tells."""
    if "[[arm]]" in where:
        for number, arm in enumerate(table.get("arm", [])):
            if f'"{arm.get("name")}"' in where:
                return f"arm.{number}.regimens"
    found = re.search(r"\[(study|population)\]\s*(\w+)", where)
    return f"{found[1]}.{found[2]}" if found else ""
