"""A claim of the article as a record: what it says, in our words, and what would show it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.record import as_float, refuse_unknown

DISORDERS = ("opioid", "alcohol")
SIZES = ("comparator", "one difference", "interaction")
HEDGES = ("asserts", "may")
TESTS = ("difference", "interaction", "harm", "level", "add-on", "not testable here")
DIRECTIONS = ("eases", "raises", "prevents", "harms")


@dataclass(frozen=True)
class Says:
    """What a sentence must say to make this claim.

    Args:
        substance: names of the lexicon's substances; ``both`` for the two together.
        outcome: names of its outcomes.
        direction: eases, raises, prevents or harms.
        population: what people leave; empty where that does not matter.
        beside_therapy: whether it must be said of the remedy beside therapy.
    """

    substance: tuple[str, ...]
    outcome: tuple[str, ...]
    direction: str
    population: tuple[str, ...] = ()
    beside_therapy: bool = False


@dataclass(frozen=True)
class Claim:
    """One claim, ready to be run as a virtual trial.

    Args:
        id: id of the claim.
        paraphrase: what is claimed, in our own words.
        place: where in the article.
        edges: ids of the records that the claim speaks of.
        disorder: ``opioid`` or ``alcohol``.
        endpoint: id of the instrument that would show it.
        visit: when it is read: ``days 1-7``, ``day 28``.
        population: the people in whom it is claimed.
        arm: name of the arm that gets the remedy.
        versus: name of the arm that it is compared with.
        comparator: name of the standard treatment that is run on the same people.
        regimens: arm -> what it gets, in the regimen language, of every arm of the file.
        threshold: smallest meaningful difference, in the unit of the endpoint; zero only for
            a claim about harm.
        size: the size that the article implies: ``comparator`` (as much as the comparator does),
            ``one difference``, ``interaction`` (an interaction of one difference), or a number
            in the unit of the endpoint.
        hedge: ``asserts`` or ``may``.
        headline: the claim that the article is about.
        harms: instruments of harm that are read beside the endpoint.
        note: how the claim is read.
        says: what the claim finder looks for; a sentence makes the claim if it says one of them.
        test: what settles it: a ``difference`` between two arms (the usual), the ``interaction``
            of the two remedies, a ``harm`` compared between arms, the ``level`` of a quantity in
            the body, an ``add-on`` (with therapy less without), or ``not testable here``.
        why_not: for what is not testable here, why no model of ours can settle it.
        file: the file it stands in.
    """

    id: str
    paraphrase: str
    place: str
    edges: tuple[str, ...]
    disorder: str
    endpoint: str
    visit: str
    population: str
    arm: str
    versus: str
    comparator: str
    threshold: float
    size: str | float
    hedge: str
    regimens: Mapping[str, str] = field(default_factory=dict, hash=False)
    headline: bool = False
    harms: tuple[str, ...] = ()
    note: str = ""
    says: tuple[Says, ...] = ()
    test: str = "difference"
    why_not: str = ""
    file: str = ""

    def __post_init__(self) -> None:
        where = f"{self.file}, {self.id}" if self.file else self.id
        for key, value, valid in (
            ("disorder", self.disorder, DISORDERS),
            ("hedge", self.hedge, HEDGES),
            ("size", self.size, SIZES),
            ("test", self.test, TESTS),
        ):
            if isinstance(value, str) and value not in valid:
                raise InputError(f'{key} "{value}" is unknown', where, nearest(value, valid))
        if (self.test == "not testable here") != bool(self.why_not):
            raise InputError(
                f'test "{self.test}" and why_not do not go together',
                where,
                'Give why_not where test = "not testable here", and nowhere else.',
            )
        if self.threshold < 0:
            raise InputError(f"threshold {self.threshold:g} is negative", where, "Give its size.")
        for arm in (self.arm, self.versus, self.comparator):
            if arm not in self.regimens:
                raise InputError(
                    f'arm "{arm}" is not in [arms]', where, nearest(arm, self.regimens)
                )

    @property
    def digest(self) -> str:
        """A hash of all that was laid down before any run: threshold, endpoint, arms and size."""
        laid_down = repr(
            sorted({**vars(self), "file": "", "regimens": dict(self.regimens)}.items())
        )
        return hashlib.sha256(laid_down.encode()).hexdigest()


CLAIM_KEYS = tuple(f.name for f in fields(Claim) if f.name not in ("file", "regimens"))
REQUIRED = tuple(
    f.name for f in fields(Claim) if f.default is MISSING and f.default_factory is MISSING
)


def claims_from(tree: Mapping[str, Any], file: str = "") -> tuple[Claim, ...]:
    """Make the claims of one TOML file: ``[arms]`` and any number of ``[[claim]]``."""
    refuse_unknown(tree, ("arms", "claim"), file)
    arms = tree.get("arms", {})
    if not isinstance(arms, Mapping) or not all(isinstance(v, str) for v in arms.values()):
        raise InputError('"arms" is not a table of regimens', file, 'Write [arms] kratom = "...".')
    tables = tree.get("claim", [])
    if not isinstance(tables, list) or not tables:
        what = '"claim" is not a list of tables' if tables else "no claim"
        raise InputError(what, file, "Write at least one [[claim]] table.")
    return tuple(_claim_from(table, arms, file) for table in tables)


def _claim_from(table: Mapping[str, Any], arms: Mapping[str, str], file: str) -> Claim:
    where = f"{file}, {table.get('id', 'a claim without id')}"
    refuse_unknown(table, CLAIM_KEYS, where)
    for key in REQUIRED:
        if key not in table or table[key] in ("", []):
            raise InputError(f'"{key}" is missing', where, f"Keys: {', '.join(REQUIRED)}.")
    given = dict(table)
    given["threshold"] = as_float(table["threshold"], "threshold", where)
    for key in ("edges", "harms"):
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise InputError(f'"{key}" is {value!r}', where, "Write a list of ids.")
        given[key] = tuple(value)
    given["says"] = tuple(_says_from(each, where) for each in table.get("says", []))
    return Claim(file=file, regimens=dict(arms), **given)


def _says_from(table: Mapping[str, Any], where: str) -> Says:
    keys = tuple(f.name for f in fields(Says))
    refuse_unknown(table, keys, f"{where}, says")
    for key in ("substance", "outcome"):
        if not isinstance(table.get(key), list) or not table[key]:
            raise InputError(f'says: "{key}" is no list', where, "Write a list of names.")
    if table.get("direction") not in DIRECTIONS:
        found = str(table.get("direction"))
        raise InputError(f'direction "{found}" is unknown', where, nearest(found, DIRECTIONS))
    return Says(
        tuple(table["substance"]),
        tuple(table["outcome"]),
        table["direction"],
        tuple(table.get("population", ())),
        bool(table.get("beside_therapy", False)),
    )
