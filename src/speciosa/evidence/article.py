"""An article as its sentences: plain text or Markdown, every sentence with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speciosa.core.errors import InputError
from speciosa.evidence.lexicon import word_set

LARGEST = 2_000_000  # characters; a book, not an article
_FEWEST_WORDS = 25  # below which a language is not told
_ENGLISH = 0.08  # share of an English text's words that are among its smallest, at the least
_BULLET = re.compile(r"^\s*(?:[-*+•▪◦]|\d{1,3}[.)])\s+")
_HEADING = re.compile(r"^\s*#{1,6}\s+")
_RULE = re.compile(r"^\s*([-*_=]\s*){3,}$")
_END = re.compile(r"[.!?…:;]['\")\]]*\s*$")
_CURLY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "\u2011": "-"})
_HEADING_WORDS = 14


@dataclass(frozen=True)
class Sentence:
    """A sentence and its place.

    Args:
        text: as it stands in the article.
        start: offset of its first character in the article.
        paragraph: number of the block it stands in, from 0.
        kind: ``text``, ``heading`` or ``bullet``.
    """

    text: str
    start: int
    paragraph: int
    kind: str = "text"


def read_text(path: str | Path) -> str:
    """Return the text of an article's file.

    Raises:
        InputError: no such file, not UTF-8, empty, far too long or not English.
    """
    place = Path(path)
    try:
        if place.is_file() and place.stat().st_size > 4 * LARGEST:  # before it fills the memory
            size = f"{place.stat().st_size / 1e6:,.0f} MB"
            raise InputError(size, str(path), f"An article has at most {LARGEST:,} characters.")
        text = place.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("no such file", str(path), "Check the path.") from None
    except IsADirectoryError:
        raise InputError("a folder, not a file", str(path), "Name a .txt or .md file.") from None
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", str(path), "Save it as UTF-8.") from error
    if not text.strip():
        raise InputError("the file is empty", str(path), "Give an article in English.")
    if "\0" in text:
        raise InputError("is not text", str(path), "Save the article as plain text.")
    if len(text) > LARGEST:
        raise InputError(
            f"{len(text):,} characters", str(path), f"An article has at most {LARGEST:,}."
        )
    if not is_english(text):
        raise InputError(
            "does not read as English", str(path), "Give an article in English, as plain text."
        )
    return text


def is_english(text: str) -> bool:
    """Whether a text's small words are English ones; a few words are taken on trust.

    >>> is_english("Kratom eases pain."), is_english("Le kratom est une plante qui pousse. " * 9)
    (True, False)
    """
    written = re.findall(r"[^\W\d_]+", text.lower())
    if len(written) < _FEWEST_WORDS:
        return True
    english, other = word_set("english"), word_set("not_english")
    ours = sum(word in english for word in written)
    return ours >= _ENGLISH * len(written) and ours > sum(word in other for word in written)


def sentences(text: str, language: Any) -> tuple[Sentence, ...]:
    """Split an article into sentences, headings and bullets.

    Args:
        text: plain text or Markdown.
        language: the pipeline that finds the ends of sentences.

    >>> from speciosa.evidence.lexicon import load_lexicon
    >>> found = sentences("# Kratom\\n\\nIt helps. It harms.", load_lexicon().language)
    >>> [(s.kind, s.text) for s in found]
    [('heading', 'Kratom'), ('text', 'It helps.'), ('text', 'It harms.')]
    """
    found = []
    for number, (kind, start, end) in enumerate(_blocks(text)):
        block = text[start:end]
        if kind == "heading":
            parts = [(0, len(block))]
        else:
            parts = [(s.start_char, s.end_char) for s in language(plain(block)).sents]
        for low, high in parts:
            piece = block[low:high]
            lead = len(piece) - len(piece.lstrip())
            if piece.strip() and re.search(r"\w", piece):
                found.append(Sentence(piece.strip(), start + low + lead, number, kind))
    return tuple(found)


def plain(text: str) -> str:
    """Blank out Markdown's marks, so that every character keeps its place.

    >>> plain("**Kratom** eases [pain](http://x.y)")
    '  Kratom   eases  pain             '
    """
    text = text.translate(_CURLY)
    text = re.sub(r"\]\([^)\s]*\)", lambda m: " " * len(m[0]), text)
    text = re.sub(r"https?://\S+", lambda m: " " * len(m[0]), text)
    text = re.sub(r"\[\^?\d+(?:[,–-]\s?\d+)*\]", lambda m: " " * len(m[0]), text)
    return re.sub(r"[*_`\[\]\n\t]", " ", text)


def _blocks(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, start, end) of every heading, bullet and paragraph."""
    lines = _lines(text)
    widest = max((len(line) for _, line in lines), default=0)
    begin: int | None = None
    for place, (start, line) in enumerate(lines):
        after = lines[place + 1][1] if place + 1 < len(lines) else ""
        single = _single(line, after, widest) if begin is None else None
        bullet = _BULLET.match(line)
        if not line.strip() or _RULE.match(line):
            if begin is not None:
                yield "text", begin, start
                begin = None
        elif single or _HEADING.match(line):
            if begin is not None:
                yield "text", begin, start
                begin = None
            mark = _HEADING.match(line)
            if bullet and not mark:
                yield "bullet", start + bullet.end(), start + len(line)
            else:
                yield "heading", start + (mark.end() if mark else 0), start + len(line)
        elif bullet:
            if begin is not None:
                yield "text", begin, start
                begin = None
            yield "bullet", start + bullet.end(), start + len(line)
        else:
            begin = start if begin is None else begin
            if _END.search(line) and _starts(after):
                yield "text", begin, start + len(line)
                begin = None
    if begin is not None:
        yield "text", begin, len(text)


def _lines(text: str) -> list[tuple[int, str]]:
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        found.append((start, line.rstrip("\r\n")))
        start += len(line)
    return found


def _starts(line: str) -> bool:
    return bool(re.match(r"\s*[A-Z0-9\"'“(#*-]", line)) or not line.strip()


def _single(line: str, after: str, widest: int) -> bool:
    """Whether a line stands for itself without an end: a heading."""
    short = 0 < len(line.split()) <= _HEADING_WORDS and len(line) < max(0.75 * widest, 40)
    return short and not _END.search(line) and _starts(after) and not _BULLET.match(line)
