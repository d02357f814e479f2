"""Cut the text of a regimen into words, numbers, clock times and signs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from speciosa.core.errors import InputError

DIGITS = "0123456789"
LONGEST = 10_000  # characters; far beyond any regimen that a person would write
LONGEST_NUMBER = 400  # characters; the smallest number of a computer fits
_SAME = {  # characters that people paste and what they stand for
    **dict.fromkeys("\u00a0\u2007\u2009\u200a\u202f\u3000\t\r\n", " "),
    **dict.fromkeys("\u00b5\u03bc", "u"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    "\u2265": ">=",
    "\u2a7e": ">=",
    "\u2264": "<=",
    "\u2a7d": "<=",
}
_SIGNS = (">=", "<=", ">", "<", "+", "(", ")", ",", "/", "-")


@dataclass(frozen=True)
class Token:
    """A piece of the text.

    Args:
        kind: ``word``, ``number``, ``clock`` or ``sign``.
        text: the piece in lower case.
        start: where it begins in the text, for messages.
        number: the value of a number, or the hour of a clock time.
    """

    kind: str
    text: str
    start: int
    number: Decimal = Decimal(0)


def cut(text: str) -> tuple[Token, ...]:
    """Return the tokens of ``text``.

    Args:
        text: a regimen; any mixture of spaces, case and the usual typographic signs.

    Raises:
        InputError: for a character that no regimen holds.

    >>> [token.text for token in cut("7-OH tablet 20 mg at 21:00 when craving \u2265 6")]
    ['7-oh', 'tablet', '20', 'mg', 'at', '21:00', 'when', 'craving', '>=', '6']
    """
    if not isinstance(text, str):
        raise InputError(
            f"a regimen is text, not {type(text).__name__}", cure='Write "melatonin 5 mg once".'
        )
    if len(text) > LONGEST:
        raise InputError(f"the regimen has {len(text)} characters", cure="Write one or two lines.")
    plain = "".join(_SAME.get(character, character) for character in text)
    tokens: list[Token] = []
    place = 0
    while place < len(plain):
        if plain[place] == " ":
            place += 1
            continue
        token = _next(plain, place, text)
        tokens.append(token)
        place += len(token.text)
    return tuple(tokens)


def _next(text: str, start: int, shown: str) -> Token:
    first = text[start]
    if first in DIGITS or (first == "." and text[start + 1 : start + 2] in tuple(DIGITS)):
        return _number_or_clock(text, start, shown)
    if first.isascii() and first.isalpha():
        return Token("word", _word(text, start).lower(), start)
    for sign in _SIGNS:
        if text.startswith(sign, start):
            return Token("sign", sign, start)
    raise InputError(
        f'"{first}" has no meaning here',
        f'in "{shown}"',
        'Write plain words, as in "kratom leaf 4 g every 6 h".',
    )


def _number_or_clock(text: str, start: int, shown: str) -> Token:
    end = _run(text, start, DIGITS)
    if text[end : end + 1] == ":":
        return _clock(text, start, end, shown)
    if text[end : end + 2].startswith("-") and text[end + 1 : end + 2].isalpha():
        return Token("word", _word(text, start).lower(), start)  # 7-OH, 7-hydroxymitragynine
    if text[end : end + 1] == "." and text[end + 1 : end + 2] in tuple(DIGITS):
        end = _run(text, end + 1, DIGITS)
    if end - start > LONGEST_NUMBER:
        raise InputError(f"a number has {end - start} digits", cure="Write a shorter one.")
    return Token("number", text[start:end], start, Decimal(text[start:end]))


def _clock(text: str, start: int, colon: int, shown: str) -> Token:
    end = _run(text, colon + 1, DIGITS)
    hour, minute = text[start:colon], text[colon + 1 : end]
    if len(hour) > 2 or len(minute) != 2 or int(hour) > 23 or int(minute) > 59:
        raise InputError(
            f'"{text[start:end]}" is not a clock time',
            f'in "{shown}"',
            "Write 00:00 to 23:45, as in 21:00.",
        )
    if int(minute) % 15:
        raise InputError(
            f'"{text[start:end]}" is not on the quarter of an hour',
            f'in "{shown}"',
            f"Doses are given on the quarter: write {hour}:{int(minute) // 15 * 15:02d}.",
        )
    return Token("clock", text[start:end], start, Decimal(hour) + Decimal(minute) / 60)


def _word(text: str, start: int) -> str:
    end = start
    while end < len(text) and _inside(text, end):
        end += 1
    return text[start:end]


def _inside(text: str, place: int) -> bool:
    """Whether a character belongs to a word: letters and digits, and a hyphen between them."""
    one = text[place]
    if one == "-":
        after = text[place + 1 : place + 2]
        return after.isascii() and after.isalpha()
    return one.isascii() and one.isalnum()


def _run(text: str, start: int, allowed: str) -> int:
    end = start
    while end < len(text) and text[end] in allowed:
        end += 1
    return end


def plain(number: float) -> str:
    """Return a number without an exponent, so that it reads back as the same number.

    >>> plain(0.54), plain(16.0), plain(1e-7)
    ('0.54', '16', '0.0000001')
    """
    text = format(Decimal(repr(float(number))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def clock_text(hour: float) -> str:
    """Return a clock hour as HH:MM.

    >>> clock_text(21.25)
    '21:15'
    """
    return f"{int(hour):02d}:{round(hour % 1 * 60):02d}"
