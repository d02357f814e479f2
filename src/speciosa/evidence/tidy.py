"""A sentence without what only stands between its words: numbers in brackets, doses, fillers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from speciosa.evidence.lexicon import word_set

FILLERS = word_set("fillers")
KEPT_BEFORE = {"even": ("though", "if", "so"), "about": ("to",), "any": ("better", "safer", "more")}
UNITS = word_set("units")
TIMES = word_set("times")
SPANS = word_set("spans")
NUMBERS = word_set("numbers")
SPELLING = word_set("spelling")  # names that no other English word comes near
_SHORTEST = 6
_QUOTES = frozenset(['"', "``", "''", "\u201c", "\u201d"])
_LONGEST = 12  # words in brackets that may be left out
Place = tuple[int, int]


def tidy(text: str, language: Any) -> tuple[Any, list[Place]]:
    """Return a sentence's tokens without fillers, and the place of each in the sentence.

    Args:
        text: a sentence.
        language: the pipeline whose tokenizer is used.

    >>> from speciosa.evidence.lexicon import load_lexicon
    >>> doc, places = tidy("Melatonin 5 mg significantly cut PSQI (p < 0.01).", load_lexicon().language)
    >>> [token.text for token in doc], places[1]
    (['Melatonin', 'cut', 'PSQI', '.'], (29, 32))
    """  # noqa: E501
    from spacy.tokens import Doc  # a second: only who reads an article waits for it

    tokens = [token for token in language.make_doc(text) if token.text.strip()]
    words = [token.lower_ for token in tokens]
    left_out = _brackets(words, [token.text for token in tokens]) | _small(words)
    kept = [token for place, token in enumerate(tokens) if place not in left_out] or tokens
    doc = Doc(language.vocab, words=[_spelled(token.text) for token in kept])
    return doc, [(token.idx, token.idx + len(token)) for token in kept]


@lru_cache(maxsize=4096)
def _spelled(word: str) -> str:
    """Return a name that is one slip of the pen away, or the word as it is.

    >>> _spelled("witdrawal"), _spelled("melatonine"), _spelled("withdrawals")
    ('withdrawal', 'melatonin', 'withdrawals')
    """
    low = word.lower()
    if len(low) < _SHORTEST or not low.isalpha() or low in SPELLING:
        return word
    if low.removesuffix("s") in SPELLING or low.removesuffix("c") in SPELLING:
        return word
    return next((name for name in sorted(SPELLING) if _one_slip(low, name)), word)


def _one_slip(word: str, name: str) -> bool:
    """Whether one letter is missing, added, wrong or swapped with the next."""
    if abs(len(word) - len(name)) > 1 or word[0] != name[0]:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), None)
    if at is None:
        return True
    rest, other = word[at:], name[at:]
    swapped = rest[:2] == other[:2][::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]


def _brackets(words: Sequence[str], written: Sequence[str]) -> set[int]:
    """Brackets that hold a number, an abbreviation or a Latin name."""
    found: set[int] = set()
    opened: int | None = None
    for place, word in enumerate(words):
        if word in ("(", "["):
            opened = place
        elif word in (")", "]") and opened is not None:
            inside = range(opened + 1, place)
            number = any(any(c.isdigit() for c in words[i]) for i in inside)
            short = len(inside) <= 3 and all(
                written[i].isupper() or words[i] in ("-", "mitragyna", "speciosa") for i in inside
            )
            if len(inside) <= _LONGEST and (number or short):
                found |= set(range(opened, place + 1))
            opened = None
    return found


def _small(words: Sequence[str]) -> set[int]:
    """Fillers, quotation marks, doses and "self-reported"."""
    found: set[int] = set()
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        before = words[place - 1] if place else ""
        if word in _QUOTES:
            found.add(place)
        if word in FILLERS and after not in KEPT_BEFORE.get(word, ()):
            found.add(place)
        if word in TIMES and before in NUMBERS | {"few"} | set("123456789"):
            found |= {place - 1, place}
            if place > 1 and words[place - 2] == "by":
                found.add(place - 2)
        counted = before.isdigit() or before in NUMBERS
        when = place > 1 and words[place - 2] in ("at", "by", "after", "over", "through")
        if word in SPANS and counted and when:
            found |= {place - 2, place - 1, place}
        if word in SPANS and (after.isdigit() or after in NUMBERS):
            found |= {place, place + 1}
            if before in ("at", "by", "on", "in", "after", "over", "through"):
                found.add(place - 1)
        if word in UNITS and before.replace(".", "").replace(",", "").isdigit():
            found |= {place - 1, place} | ({place + 1} if after == "of" else set())
        if word == "self" and list(words[place + 1 : place + 3]) in (
            ["-", "reported"],
            ["-", "rated"],
        ):
            found |= {place, place + 1, place + 2}
        if word in ("between", "dose") and list(words[place + 1 : place + 3]) in (
            ["-", "group"], ["-", "dependent"],
        ):  # fmt: skip
            found |= {place, place + 1, place + 2}
    return found
