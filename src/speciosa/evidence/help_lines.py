"""Where a person can get help: the dated lines of ``help_lines.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

KINDS = ("emergency", "crisis", "substance_use", "poison")
STATES = {"yes": "checked", "read": "read, not called,", "memory": "not checked, written"}


@dataclass(frozen=True)
class HelpLine:
    """One line of help: where it answers, for what, its name and number, and how far to trust it.

    ``verified`` is "yes" (checked by a person on ``dated``), "read" (on the page that ``seen``
    names) or "memory" (not checked).
    """

    region: str
    kind: str
    name: str
    contact: str
    verified: str
    dated: date
    seen: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.verified not in STATES:
            raise ValueError(f"help_lines.toml, {self.name!r}: unknown kind or verified")
        if bool(self.seen) != (self.verified == "read"):
            raise ValueError(f"help_lines.toml, {self.name!r}: what was read names where")

    def __str__(self) -> str:
        """One plain line, with its date and whether it was checked."""
        state = f"{STATES[self.verified]} {self.dated.isoformat()}"
        return f"{self.region}: {self.name}, {self.contact} ({state})"


@cache
def help_lines() -> tuple[HelpLine, ...]:
    """Return every help line, in the order in which they are shown.

    >>> print(help_lines()[1])
    United States: 988 Suicide and Crisis Lifeline, 988 (read, not called, 2026-11-22)
    """
    text = files("speciosa.evidence").joinpath("help_lines.toml").read_text(encoding="utf-8")
    return tuple(HelpLine(**line) for line in tomllib.loads(text)["line"])
