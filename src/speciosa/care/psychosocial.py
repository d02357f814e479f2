"""Care that is no product: ordinary care, and the psychosocial treatments that stand beside it.

An arm's ``care`` line joins parts by " + ": ``ordinary care + CBT + CBT-I for 28 d``. Ordinary and
medical care are what every arm has and change nothing; each other part is a :class:`Therapy` whose
size and decay are records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from speciosa.core.errors import InputError, nearest

USE, SLEEP = "use", "sleep"
DIFFERENCE, HAZARD_RATIO, SHARE = "standardised difference", "hazard ratio", "share removed"
HOURS = {"d": 24.0, "wk": 168.0}
_UNITS = {"d": "d", "day": "d", "days": "d", "wk": "wk", "week": "wk", "weeks": "wk"}
_PART = re.compile(rf"(?P<name>.+?)(?: for (?P<span>\d+(?:\.\d+)?) ?(?P<unit>{'|'.join(_UNITS)}))?")


@dataclass(frozen=True)
class Therapy:
    """One psychosocial treatment and the records that say what it does.

    Args:
        key: snake_case name.
        title: as a care line prints it.
        acts_on: ``use`` (odds of using or drinking on a day) or ``sleep``.
        kind: how the size is to be read: a standardised difference in use, a hazard ratio of
            relapse, or the share of sleep disturbance removed.
        size: record of its size at the end of treatment.
        decay: record of the time constant with which it fades after treatment.
        gone: record of the time after which nothing is left; empty where it only fades.
        also: other spellings.
    """

    key: str
    title: str
    acts_on: str
    kind: str
    size: str
    decay: str
    gone: str = ""
    also: tuple[str, ...] = ()


THERAPIES = (
    Therapy(
        "cbt", "CBT", USE, DIFFERENCE, "care.cbt_size", "care.cbt_decay",
        also=("cognitive behavioural therapy", "cognitive behavioral therapy"),
    ),
    Therapy(
        "contingency_management", "contingency management", USE, DIFFERENCE,
        "care.contingency_size", "care.contingency_decay", "care.contingency_gone",
        also=("CM", "prizes"),
    ),
    Therapy(
        "mutual_help", "mutual help", USE, HAZARD_RATIO, "care.mutual_help_ratio",
        "care.mutual_help_decay", also=("mutual-help group", "AA", "twelve-step facilitation"),
    ),
    Therapy(
        "counselling", "counselling", USE, DIFFERENCE, "care.counselling_size",
        "care.counselling_decay", also=("counseling",),
    ),
    Therapy(
        "cbt_i", "CBT-I", SLEEP, SHARE, "care.cbt_i_share", "care.cbt_i_decay",
        also=("CBTI", "cognitive behavioural therapy for insomnia"),
    ),
)  # fmt: skip
ORDINARY, MEDICAL = "ordinary care", "medical care"
NEUTRAL = (ORDINARY, MEDICAL)


@dataclass(frozen=True)
class Part:
    """A treatment and how long it lasts.

    Args:
        therapy: what is given.
        span, unit: its length and unit (``d`` or ``wk``); None lasts as long as the study's
            treatment.
    """

    therapy: Therapy
    span: float | None = None
    unit: str = "d"

    @property
    def hours(self) -> float | None:
        """Length in hours, or None."""
        return None if self.span is None else self.span * HOURS[self.unit]

    def __str__(self) -> str:
        length = "" if self.span is None else f" for {self.span:g} {self.unit}"
        return f"{self.therapy.title}{length}"


@dataclass(frozen=True)
class Care:
    """What an arm gets beside its products.

    Args:
        base: ``ordinary care`` or ``medical care``.
        parts: psychosocial treatments.
    """

    base: str = NEUTRAL[0]
    parts: tuple[Part, ...] = ()

    def __str__(self) -> str:
        return " + ".join((self.base, *(str(part) for part in self.parts)))


def parse_care(text: str, where: str = "care") -> Care:
    """Read a care line.

    Args:
        text: parts joined by " + "; what has no length lasts as long as treatment.
        where: the place, for errors.

    Raises:
        InputError: an unknown word (the nearest is named), a part twice, or a length of 0.

    Example:
        >>> str(parse_care("CBT for 12 weeks + mutual help"))
        'ordinary care + CBT for 12 wk + mutual help'
        >>> parse_care("ordinary care").parts
        ()
    """
    bases: list[str] = []
    parts: list[Part] = []
    for raw in (piece.strip() for piece in text.split("+")):
        if raw.casefold() in NEUTRAL:
            bases.append(raw.casefold())
        else:
            parts.append(_part(raw, where))
    _refuse_twice([*bases, *(part.therapy.title for part in parts)], where)
    if len(bases) > 1:
        raise InputError(f"{' and '.join(bases)} at once", where, "Keep one of them.")
    return Care(bases[0] if bases else NEUTRAL[0], tuple(parts))


def _part(raw: str, where: str) -> Part:
    found = _PART.fullmatch(raw)
    names = _names()
    if found is None or found["name"].casefold() not in names:
        word = raw if found is None else found["name"]
        options = [*NEUTRAL, *(w for t in THERAPIES for w in (t.title, *t.also))]
        raise InputError(f'care "{word}" is unknown', where, nearest(word, options))
    therapy = names[found["name"].casefold()]
    if found["span"] is None:
        return Part(therapy)
    span = float(found["span"])
    if not span > 0:
        raise InputError(f'"{raw}" has no length', where, "Write a length above 0.")
    return Part(therapy, span, _UNITS[found["unit"]])


def _names() -> dict[str, Therapy]:
    return {word.casefold(): one for one in THERAPIES for word in (one.title, *one.also)}


def _refuse_twice(names: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f'"{name}" stands twice', where, "Leave one out.")
        seen.add(name)
