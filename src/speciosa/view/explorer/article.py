"""An article's text with its claims: every sentence with what was made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from speciosa.core.errors import InputError
from speciosa.evidence.load import load_evidence

LONGEST = 200_000  # characters of a pasted article


@dataclass(frozen=True)
class Piece:
    """A piece of the text: as it stands, with what was made of it.

    Args:
        text: the piece.
        kind: claim, not covered, question, general, unrelated, heading; empty between sentences.
        made: what was made of it, in one line.
        claims: ids of the claims that it makes, denies or asks about.
    """

    text: str
    kind: str = ""
    made: str = ""
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Annotated:
    """An article, read: its pieces in order and the claims found in it.

    Args:
        pieces: the whole text, cut into pieces.
        claims: id -> the claim's record, in order of first mention.
        counts: kind -> number of sentences.
    """

    pieces: tuple[Piece, ...]
    claims: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


def found_in(text: str) -> Annotated:
    """Return a text with the claims that were found in it.

    Args:
        text: an English article, plain text or Markdown.

    Raises:
        InputError: the text is too long, or the finder is not installed.
    """
    if len(text) > LONGEST:
        raise InputError(f"{len(text):,} characters", "the text", f"At most {LONGEST:,} are read.")
    try:
        from speciosa.evidence.finder import read_article
    except ModuleNotFoundError as error:
        cure = "Install the package that it names; see docs/dependencies.md."
        raise InputError(f"the finder needs {error.name}", "the article", cure) from None
    known = load_evidence().claims
    reading = read_article(text, known.values())
    claims = {name: known[name] for name in reading.claims if name in known}
    return Annotated(tuple(_pieces(text, reading.sentences)), claims, reading.counts())


def _pieces(text: str, sentences: Any) -> Iterator[Piece]:
    place = 0
    for each in sentences:
        start, length = each.sentence.start, len(each.sentence.text)
        if start > place:
            yield Piece(text[place:start])
        named = tuple(dict.fromkeys(f.claim for f in each.findings if f.claim))
        yield Piece(text[start : start + length], each.kind, each.made, named)
        place = start + length
    if place < len(text):
        yield Piece(text[place:])
