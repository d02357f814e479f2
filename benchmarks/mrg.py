"""mrgsolve (LSODA in C++), from R."""

from __future__ import annotations

from pathlib import Path

from given import Given
from r_tool import MRGSOLVE, SETTINGS, RSolver, there

LABEL = "mrgsolve (LSODA)"
NEEDS = "mrgsolve"
__all__ = ["LABEL", "NEEDS", "SETTINGS", "Solver", "there"]


class Solver(RSolver):
    """The exported mrgsolve file."""

    def __init__(self, given: Given, folder: Path) -> None:
        super().__init__(given, MRGSOLVE, folder)
