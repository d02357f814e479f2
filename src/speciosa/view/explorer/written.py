"""A study's table written as the TOML that the command line reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

HEAD = (
    "# Written by the explorer of Speciosa. Run it with: speciosa trial THIS_FILE\n"
    "# For research and education on populations; not for decisions about a person.\n"
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def as_toml(table: Mapping[str, Any]) -> str:
    """Return a table of tables as TOML text; lists of tables at the top become ``[[name]]``.

    >>> print(as_toml({"study": {"id": "mine", "days": 7}, "arm": [{"name": "placebo"}]}))
    [study]
    id = "mine"
    days = 7
    <BLANKLINE>
    [[arm]]
    name = "placebo"
    <BLANKLINE>
    """
    parts = []
    for name, value in table.items():
        if isinstance(value, Mapping):
            parts.append(_table(f"[{_key(name)}]", value))
        elif isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
            parts += [_table(f"[[{_key(name)}]]", each) for each in value]
        else:
            parts.insert(0, f"{_key(name)} = {_value(value)}\n")
    return "\n".join(parts)


def _table(head: str, rows: Mapping[str, Any]) -> str:
    lines = [f"{_key(key)} = {_value(value, 0)}" for key, value in rows.items()]
    return "\n".join([head, *lines, ""])


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: Any, depth: int = 1) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = repr(value)
        return text if re.search(r"[.en]", text) else f"{text}.0"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, Sequence):
        if depth == 0 and value and isinstance(value[0], Mapping):
            return "[\n" + "".join(f"    {_value(each)},\n" for each in value) + "]"
        return "[" + ", ".join(_value(each) for each in value) + "]"
    raise TypeError(f"{type(value).__name__} has no form in TOML")


def _text(value: str) -> str:
    escaped = json.dumps(value, ensure_ascii=False)
    return escaped.replace("\x7f", "\\u007f")
