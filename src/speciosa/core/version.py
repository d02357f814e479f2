"""The version of the package: a plain value, read here by the build and by every run's record."""

from __future__ import annotations

__version__ = "0.1.0"
