"""Errors that say what is wrong, where, and what to do about it, in one line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SpeciosaError(Exception):
    """Something went wrong that the reader of one line can mend.

    Args:
        what: what is wrong, without a full stop.
        where: the place: a file and line, a table, an arm; may be empty.
        cure: what to do about it, in whole sentences; may be empty.

    >>> cure = nearest("regimens_", ["name", "regimens"])
    >>> print(SpeciosaError('unknown key "regimens_"', "mine.toml, line 12", cure))
    mine.toml, line 12: unknown key "regimens_". Did you mean "regimens"?
    """

    exit_code = 1

    def __init__(self, what: str, where: str = "", cure: str = "") -> None:
        super().__init__(what, where, cure)  # positional, so that it pickles between workers
        self.what = what
        self.where = where
        self.cure = cure

    def __str__(self) -> str:
        """One line: ``where: what. Cure.``"""
        place = f"{self.where}: " if self.where else ""
        cure = self.cure[:1].upper() + self.cure[1:]
        return " ".join(f"{place}{_ended(self.what)} {_ended(cure)}".split())


class InputError(SpeciosaError):
    """What the user wrote cannot be read: a study, a regimen, an option, a table.

    The command line ends with its ``exit_code``, 2.
    """

    exit_code = 2


def nearest(word: str, options: Iterable[str], *, most: int = 12) -> str:
    """Name the valid option nearest to a word, or list what is valid.

    Args:
        word: what was written.
        options: everything that would have been valid.
        most: how many options to list when none is near.

    >>> nearest("buprenorphin", ["buprenorphine", "lofexidine"])
    'Did you mean "buprenorphine"?'
    >>> nearest("aspirin", ["buprenorphine", "lofexidine"])
    'Valid: "buprenorphine", "lofexidine".'
    >>> nearest("aspirin", [])
    ''
    """
    by_folded: dict[str, str] = {}
    for option in options:
        by_folded.setdefault(option.casefold(), option)
    close = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{by_folded[close[0]]}"?'
    if not by_folded:
        return ""
    names = [f'"{name}"' for name in by_folded.values()]
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return f"Valid: {', '.join(names[:most])}{rest}."


def _ended(sentence: str) -> str:
    """Return a sentence with a full stop unless it is empty or already ended."""
    return sentence if not sentence or sentence.endswith((".", "?", "!")) else f"{sentence}."
