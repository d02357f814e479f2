"""What a dose may wait for: a score on its scale, or an event."""

from __future__ import annotations

from dataclasses import dataclass

from speciosa.care.tokens import plain
from speciosa.core.errors import InputError, nearest

COMPARATORS = (">=", "<=", ">", "<")


@dataclass(frozen=True)
class Scale:
    """A score that a regimen can name.

    Args:
        word: as written in a regimen.
        quantity: the quantity of the model that carries it, in scale points.
        low: lowest score.
        high: highest score.
        synonyms: other words for it.
    """

    word: str
    quantity: str
    low: float
    high: float
    synonyms: tuple[str, ...] = ()


SCALES = (
    Scale("craving", "craving", 0.0, 10.0),
    Scale("COWS", "cows", 0.0, 48.0),
    Scale("SOWS", "sows_gossop", 0.0, 30.0, ("SOWS-Gossop",)),
    Scale("OOWS", "oows", 0.0, 13.0),
    Scale("CIWA", "ciwa", 0.0, 67.0, ("CIWA-Ar",)),
)


@dataclass(frozen=True)
class Event:
    """Something that happens to a person: a quantity crosses the value of a record.

    Args:
        word: as written in a regimen.
        quantity: the quantity watched.
        comparator: which side of the value is the event.
        record: record of the value, in the unit of the quantity.
        synonyms: other words for it.
    """

    word: str
    quantity: str
    comparator: str
    record: str
    synonyms: tuple[str, ...] = ()


EVENTS = (Event("apnoea", "ventilation", "<=", "care.apnoea.ventilation", ("apnea",)),)


def scale_named(word: str) -> Scale:
    """Return the scale of a word.

    >>> scale_named("cows").quantity
    'cows'
    """
    for scale in SCALES:
        if word.lower() in (scale.word.lower(), *(s.lower() for s in scale.synonyms)):
            return scale
    raise InputError(
        f'"{word}" is not a score that can be watched', cure=nearest(word, [s.word for s in SCALES])
    )


def event_named(word: str) -> Event:
    """Return the event of a word.

    >>> event_named("apnea").quantity
    'ventilation'
    """
    for event in EVENTS:
        if word.lower() in (event.word, *event.synonyms):
            return event
    raise InputError(
        f'"{word}" is not an event that can be watched',
        cure=nearest(word, [e.word for e in EVENTS]),
    )


@dataclass(frozen=True)
class Condition:
    """A score above or below a threshold, checked against the scale that it is read on.

    >>> str(Condition("cows", ">=", 8))
    'COWS >= 8'
    """

    scale: str
    comparator: str
    threshold: float

    def __post_init__(self) -> None:
        scale = scale_named(self.scale)
        object.__setattr__(self, "scale", scale.word)
        object.__setattr__(self, "threshold", float(self.threshold))
        if self.comparator not in COMPARATORS:
            raise InputError(
                f'"{self.comparator}" does not compare',
                f"when {scale.word}",
                nearest(self.comparator, COMPARATORS),
            )
        within = scale.low <= self.threshold <= scale.high
        never = {">": self.threshold == scale.high, "<": self.threshold == scale.low}
        if not within or never.get(self.comparator, False):
            raise InputError(
                f"{self} can never be met"
                if within
                else f"{plain(self.threshold)} is not on the scale",
                f"when {scale.word}",
                f"{scale.word} runs from {plain(scale.low)} to {plain(scale.high)}.",
            )

    def __str__(self) -> str:
        return f"{self.scale} {self.comparator} {plain(self.threshold)}"
