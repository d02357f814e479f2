"""A study file as a form: keys and types are checked, and what is wrong is told with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from speciosa.core.errors import InputError, nearest


class Form:
    """Checks keys and types, and names the place of whatever is wrong."""

    def __init__(self, place: str, text: str) -> None:
        self.place, self.lines = place, text.splitlines()

    def where(self, table: str, word: str = "") -> str:
        """Return the place of a key: file, line and table."""
        line = self._line(table, word) if word else None
        return f"{self.place}{f', line {line}' if line else ''}{f', {table}' if table else ''}"

    def _line(self, table: str, word: str) -> int | None:
        """Return the line on which a table of the file has a key, counted from 1."""
        key = re.compile(rf"\s*(\[+{re.escape(word)}\]|[\"']?{re.escape(word)}[\"']?\s*=)")
        asked = re.match(r'(\[+\w+\]+)(?: "(.*?)")?', table)
        header, own = "", True
        for number, row in enumerate(self.lines, 1):
            if row.lstrip().startswith("["):
                header, named = row.split("#")[0].strip(), self._name(number)
                own = asked is None or (header == asked[1] and asked[2] in (None, named))
            if own and key.match(row):
                return number
        return None

    def _name(self, begin: int) -> str | None:
        """Return the name or id in the table whose header is on a line."""
        for row in self.lines[begin:]:
            if row.lstrip().startswith("["):
                return None
            if found := re.match(r'\s*(?:name|id)\s*=\s*"(.*?)"', row):
                return found[1]
        return None

    def table(self, value: Any, name: str, keys: Iterable[str]) -> Mapping[str, Any]:
        """Return a table, refusing unknown keys."""
        keys = tuple(keys)
        if not isinstance(value, Mapping):
            raise InputError(
                f"{value!r} is not a table", self.where(name), f"Keys: {', '.join(keys)}."
            )
        for key in value:
            if key not in keys:
                raise InputError(f'unknown key "{key}"', self.where(name, key), nearest(key, keys))
        return value

    def many(self, top: Mapping[str, Any], name: str) -> list[Any]:
        """Return the tables of one kind, of which there must be some."""
        rows = top.get(name, [])
        if not isinstance(rows, list) or not rows:
            raise InputError(f"no [[{name}]]", self.place, f"Write at least one [[{name}]] table.")
        return rows

    def fill(self, kind: Any, table: Any, name: str) -> Any:
        """Make a dataclass from a table, refusing unknown keys, missing keys and wrong types."""
        own = {f.name: f for f in fields(kind)}
        given = dict(self.table(table, name, own))
        for key, field in own.items():
            if key not in given:
                if field.default is field.default_factory is not None:  # both are MISSING
                    raise InputError(
                        f'"{key}" is missing', self.where(name), f"Keys: {', '.join(own)}."
                    )
                continue
            given[key] = self.typed(given[key], str(field.type), f"{name} {key}", key)
        return kind(**given)

    def typed(self, value: Any, kind: str, name: str, key: str) -> Any:
        """Return a value of the kind that a field declares."""
        if kind.startswith("float"):
            return self.number(value, name, key)
        if kind == "int":
            return self.whole(value, name, key)
        if kind == "str" and not isinstance(value, str):
            raise InputError(f"{value!r} is not text", self.where(name, key), "Put it in quotes.")
        if kind == "bool" and not isinstance(value, bool):
            raise InputError(
                f"{value!r} is not true or false", self.where(name, key), "Write true or false."
            )
        return value

    def number(
        self, value: Any, name: str, key: str, low: float = -math.inf, high: float = math.inf
    ) -> float:
        """Return a number between two limits."""
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if not good or not math.isfinite(value):
            raise InputError(f"{value!r} is not a number", self.where(name, key), "Write a number.")
        if not low <= value <= high:
            limits = f"at least {low:g}" if high == math.inf else f"from {low:g} to {high:g}"
            raise InputError(
                f"{value:g} is out of range", self.where(name, key), f"Write a number {limits}."
            )
        return float(value)

    def whole(self, value: Any, name: str, key: str, low: int = 0) -> int:
        """Return a whole number of at least ``low``."""
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise InputError(
                f"{value!r} is not a whole number of at least {low}",
                self.where(name, key),
                "Write a whole number.",
            )
        return value

    def one_of(self, value: str, options: tuple[str, ...], name: str) -> str:
        """Return one of several words."""
        if value not in options:
            key = name.split()[-1]
            raise InputError(
                f'"{value}" is unknown', self.where(name, key), nearest(str(value), options)
            )
        return value

    def pair(self, value: Any, name: str, key: str, low: float = -math.inf) -> tuple[float, float]:
        """Return a range ``[low, high]`` of two numbers."""
        if not isinstance(value, list) or len(value) != 2:
            raise InputError(
                f"{value!r} is not a range", self.where(name, key), "Write [low, high]."
            )
        first, second = (self.number(part, name, key, low) for part in value)
        if first > second:
            raise InputError(
                f"{value!r} is not a range", self.where(name, key), "Write [low, high]."
            )
        return first, second
