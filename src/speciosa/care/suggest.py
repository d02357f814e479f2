"""What could come next in an unfinished regimen."""

from __future__ import annotations

from contextlib import suppress

from speciosa.care.reader import Reader
from speciosa.care.regimen import read_regimens
from speciosa.care.tokens import cut
from speciosa.core.errors import InputError


def suggest(text: str) -> tuple[str, ...]:
    """Return the words that may follow, or complete, an unfinished regimen.

    ``<number>`` and ``<time>`` stand for any number or clock time. Nothing is returned where the
    text is already wrong.

    Args:
        text: the beginning of a regimen; a last word without a space after it is completed.

    >>> suggest("kratom ")[:2], suggest("melatonin 5 mg at 21:00 da")
    (('leaf', 'extract'), ('daily',))
    >>> suggest("lofexidine 0.54 mg every 6 ")
    ('h', 'd', 'wk')
    """
    try:
        tokens = cut(text)
    except InputError:
        return ()
    unfinished = bool(tokens) and tokens[-1].kind == "word" and not text[-1].isspace()
    begun = tokens[-1].text if unfinished else ""
    reader = Reader(tokens[:-1] if unfinished else tokens)
    with suppress(InputError):  # unfinished text is a fault; what it would have taken is the answer
        read_regimens(reader)
    offered = reader.offered.get(len(reader.tokens), [])
    return tuple(word for word in offered if word.lower().startswith(begun))
