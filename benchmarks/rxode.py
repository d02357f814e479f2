"""rxode2 (LSODA in C), from R."""

from __future__ import annotations

from pathlib import Path

from given import Given
from r_tool import RXODE2, SETTINGS, RSolver, there

LABEL = "rxode2 (LSODA)"
NEEDS = "rxode2"
__all__ = ["LABEL", "NEEDS", "SETTINGS", "Solver", "there"]


class Solver(RSolver):
    """The exported rxode2 file."""

    def __init__(self, given: Given, folder: Path) -> None:
        super().__init__(given, RXODE2, folder)
