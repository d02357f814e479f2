"""A claim of the article as a record: what it says, in our words, and what would show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.record import as_float, refuse_unknown

DISORDERS = ("opioid", "alcohol")
SIZES = ("comparator", "one difference", "interaction")
HEDGES = ("asserts", "may")


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
    file: str = ""

    def __post_init__(self) -> None:
        where = f"{self.file}, {self.id}" if self.file else self.id
        for key, value, valid in (
            ("disorder", self.disorder, DISORDERS),
            ("hedge", self.hedge, HEDGES),
            ("size", self.size, SIZES),
        ):
            if isinstance(value, str) and value not in valid:
                raise InputError(f'{key} "{value}" is unknown', where, nearest(value, valid))
        if self.threshold < 0:
            raise InputError(f"threshold {self.threshold:g} is negative", where, "Give its size.")
        for arm in (self.arm, self.versus, self.comparator):
            if arm not in self.regimens:
                raise InputError(
                    f'arm "{arm}" is not in [arms]', where, nearest(arm, self.regimens)
                )


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
    if not isinstance(tables, list):
        raise InputError('"claim" is not a list of tables', file, "Write [[claim]].")
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
    return Claim(file=file, regimens=dict(arms), **given)
