"""rxode2's mini-language, read by its published grammar, so that an export is known to be legal.

What the grammar does not have is refused: a word that rxode2 keeps, an unknown function, a name
that is used before anything gives it a value. What is left is run as Python.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<comment>#[^\n]*)|(?P<start>\(0\))"
    r"|(?P<number>(?:[0-9]+\.[0-9]*|[0-9]*\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|[0-9]+)"
    r"|(?P<rate>d/dt)|(?P<name>[a-zA-Z][a-zA-Z0-9_.]*)|(?P<mark>\|\||&&|<=|>=|==|!=|[-+*/^<>=(),]))"
)
FUNCTIONS = {"exp", "log", "sqrt", "sin", "cos", "tanh", "floor", "max", "min"}
LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/"))
PYTHON = {"||": " or ", "&&": " and "}
WORDS = (
    "time t amt rate dur f alag lag lead first last diff podo tlast tafd tad dosenum tfirst pi "
    "theta eta newind cmt evid id ii addl ss mtime lincmt print param params dvid break while if "
    "else locf nocb linear midpoint simeps simeta ifelse mdv dv rxflag printf"
)
KEPT = frozenset(WORDS.split())


class RxodeText:
    """A model file: ``states`` in order, ``starts``, ``held`` inputs, and :meth:`rates`."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = TOKEN.match(text, at)
            if found is None:
                raise SyntaxError(text[at : at + 40])
            at, kind = found.end(), str(found.lastgroup)
            if kind != "comment":
                self.tokens.append((kind, found[kind]))
        self.tokens.append(("end", ""))
        self.place = 0
        self.states: list[str] = []
        self.starts: dict[str, str] = {}
        self.held: list[str] = []
        self.lines: list[tuple[str, str]] = []
        self.used: set[str] = set()
        while self.tokens[self.place][0] != "end":
            self._statement()
        body = "".join(f"{name} = {value}\n" for name, value in self.lines)
        self.code = compile(body, "rxode2", "exec")
        self.known: dict[str, Any] = {
            name: getattr(math, name) for name in FUNCTIONS - {"max", "min"}
        }

    def rates(self, values: Mapping[str, float], hours: float) -> dict[str, float]:
        """Return d/dt of every state for values of parameters, held inputs and states."""
        found: dict[str, Any] = {**values, "t": hours}
        exec(self.code, dict(self.known), found)
        return {state: float(found[f"d_{state}"]) for state in self.states}

    def _next(self, wanted: str = "") -> str:
        kind, text = self.tokens[self.place]
        if wanted and wanted not in (kind, text):
            raise SyntaxError(f"{wanted} expected, {text} found")
        self.place += 1
        return text

    def _statement(self) -> None:
        if self.tokens[self.place][0] == "rate":
            self._next()
            self._next("(")
            state = self._next("name")
            self._next(")")
            self._next("=")
            self.states.append(state)
            self.lines.append((f"d_{state}", self._level(0)))
            return
        name = self._next("name")
        if name == "locf":
            self._next("(")
            self.held.append(self._next("name"))
            self._next(")")
            return
        if name.casefold() in KEPT:
            raise SyntaxError(f"rxode2 keeps the word {name}")
        if self.tokens[self.place][0] == "start":
            self._next()
            self._next("=")
            self.starts[name] = self._next("name")
            return
        self._next("=")
        if name in self.used or name in dict(self.lines):
            raise SyntaxError(f"{name} is given a value after it was used, or twice")
        self.lines.append((name, self._level(0)))

    def _level(self, level: int) -> str:
        if level == len(LEVELS):
            return self._signed()
        left = self._level(level + 1)
        while self.tokens[self.place][1] in LEVELS[level]:
            sign = self._next()
            left = f"({left}{PYTHON.get(sign, sign)}{self._level(level + 1)})"
        return left

    def _signed(self) -> str:
        sign = self._next() if self.tokens[self.place][1] in "+-" else ""
        left = self._primary()
        if self.tokens[self.place][1] == "^":
            self._next()
            minus = self._next() if self.tokens[self.place][1] in "+-" else ""
            left = f"({left}**({minus}{self._primary()}))"
        return f"({sign}{left})"

    def _primary(self) -> str:
        kind, text = self.tokens[self.place]
        self._next()
        if kind in ("number", "start"):
            return text
        if text == "(":
            inside = self._level(0)
            self._next(")")
            return f"({inside})"
        if kind != "name":
            raise SyntaxError(text)
        if self.tokens[self.place][1] != "(":
            self.used.add(text)
            return text
        self._next("(")
        given = [self._level(0)]
        while self.tokens[self.place][1] == ",":
            self._next()
            given.append(self._level(0))
        self._next(")")
        if text == "ifelse":
            condition, then, otherwise = given
            return f"({then} if {condition} else {otherwise})"
        if text not in FUNCTIONS:
            raise SyntaxError(f"rxode2 has no function {text}")
        return f"{text}({', '.join(given)})"
