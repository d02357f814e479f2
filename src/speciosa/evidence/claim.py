"""A claim of the article as a record: what it says, in our words, and what would show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
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
        arm: the regimens of the remedy, joined by `` + ``.
        versus: what the arm is compared with: a regimen or ``placebo``.
        comparator: regimens of the standard treatment that is run on the same people.
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
        if not self.comparator:
            raise InputError(
                "no comparator", where, "Every claim about a remedy names a standard treatment."
            )


CLAIM_KEYS = tuple(f.name for f in fields(Claim) if f.name != "file")
REQUIRED = tuple(f.name for f in fields(Claim) if f.default is MISSING)


def claim_from(table: Mapping[str, Any], file: str = "") -> Claim:
    """Make a :class:`Claim` from a TOML table; faults name the file, the id and the key."""
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
    return Claim(file=file, **given)
