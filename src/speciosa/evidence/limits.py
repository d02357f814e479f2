"""What laws allow of 7-hydroxymitragynine in kratom: the dated lines of ``limits.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from math import inf


@dataclass(frozen=True)
class Limit:
    """What one law allows.

    Args:
        jurisdiction: where it holds.
        law: which law.
        verified: "read" (the wording was seen) or "memory".
        dated: when.
        most_share: highest share of 7-OH-mitragynine among all alkaloids, by mass.
        most_per_gram: highest content, mg/g of product.
        most_per_serving: highest amount in a serving, mg.
        note: what else it says.
    """

    jurisdiction: str
    law: str
    verified: str
    dated: date
    most_share: float = inf
    most_per_gram: float = inf
    most_per_serving: float = inf
    note: str = ""

    def __post_init__(self) -> None:
        bounds = (self.most_share, self.most_per_gram, self.most_per_serving)
        if self.verified not in ("read", "memory") or all(bound == inf for bound in bounds):
            raise ValueError(f"limits.toml, {self.jurisdiction!r}: unknown verified, or no bound")


@cache
def limits() -> tuple[Limit, ...]:
    """Return every limit that was read.

    >>> limits()[0].jurisdiction, limits()[0].most_share
    ('Oklahoma, United States', 0.02)
    """
    text = files("speciosa.evidence").joinpath("limits.toml").read_text(encoding="utf-8")
    return tuple(Limit(**line) for line in tomllib.loads(text)["limit"])
