"""A place in the words of a regimen, which remembers what could have come there.

What could have come at the place of a fault is the cure in the message, and at the end of an
unfinished text it is what :func:`speciosa.care.suggest.suggest` offers: one grammar serves both.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NoReturn

from speciosa.care.tokens import Token
from speciosa.core.errors import InputError, nearest

NUMBER, CLOCK = "<number>", "<time>"  # stand for any number or clock time among the valid words


class Reader:
    """A place in the tokens, with what was valid there.

    Args:
        tokens: what :func:`speciosa.care.tokens.cut` returned.
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tuple(tokens)
        self.place = 0
        self.valid: dict[int, list[str]] = {}
        self.offered: dict[int, list[str]] = {}

    @property
    def token(self) -> Token | None:
        """The token that comes next; ``None`` at the end."""
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def accept(self, *phrases: str, quietly: Sequence[str] = ()) -> str:
        """Move past the longest phrase that comes next and return it; empty where none does.

        Args:
            phrases: words that are valid here and offered as completions.
            quietly: words that are valid here but not offered.
        """
        found = ""
        for phrase in (*phrases, *quietly):
            if self._comes_next(phrase, offer=phrase not in quietly) and len(phrase.split()) > len(
                found.split()
            ):
                found = phrase
        self.place += len(found.split())
        return found

    def accept_kind(self, kind: str, stands_for: str) -> Token | None:
        """Move past the next token if it is of a kind (``number`` or ``clock``) and return it."""
        self._note(self.place, stands_for, offer=True)
        token = self.token
        if token is None or token.kind != kind:
            return None
        self.place += 1
        return token

    def need(self, *phrases: str, quietly: Sequence[str] = ()) -> str:
        """As :meth:`accept`, but a fault where none comes next."""
        return self.accept(*phrases, quietly=quietly) or self.fail()

    def number(self) -> Decimal:
        """Move past a number and return it."""
        if self.token is not None and self.token.text == "-":
            raise InputError("a negative number cannot be", cure="Write it without the minus sign.")
        number = self.maybe_number()
        return number if number is not None else self.fail()

    def maybe_number(self) -> Decimal | None:
        """Move past a number if one comes next and return it."""
        token = self.accept_kind("number", NUMBER)
        return None if token is None else token.number

    def whole(self, what: str) -> int:
        """Move past a whole number and return it."""
        value = self.number()
        if value != int(value):
            raise InputError(
                f"{value} {what} is not a whole number", cure=f"Write {max(1, round(value))}."
            )
        return int(value)

    def fail(self) -> NoReturn:
        """Say which word is not valid, the furthest that any phrase reached, and which would be."""
        self.place = max([self.place, *self.valid])
        offered = nearest("", self.offered.get(self.place, []))
        if self.token is None:
            before = f' after "{self.tokens[-1].text}"' if self.tokens else ""
            raise InputError(f"the regimen is not finished{before}", cure=offered)
        near = nearest(self.token.text, self.valid.get(self.place, []))
        cure = near if near.startswith("Did you mean") else offered
        raise InputError(f'"{self.token.text}" is not understood here', cure=cure)

    def _comes_next(self, phrase: str, *, offer: bool) -> bool:
        for step, word in enumerate(phrase.split()):
            self._note(self.place + step, word, offer=offer)
            at = self.place + step
            if at >= len(self.tokens) or self.tokens[at].text != word.lower():
                return False
        return True

    def _note(self, place: int, word: str, *, offer: bool) -> None:
        for kept in (self.valid, self.offered) if offer else (self.valid,):
            words = kept.setdefault(place, [])
            if word not in words:
                words.append(word)
