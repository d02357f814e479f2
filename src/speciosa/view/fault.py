"""Faults on the command line: one line on standard error, one object for machines, an exit code."""

from __future__ import annotations

import errno
import json
import re
import sys
from collections.abc import Sequence
from typing import Any

from speciosa.core.errors import InputError, nearest

INPUT, INTERRUPTED = 2, 130
PLACES = {  # what is wrong with a place that the reader named, and what to do
    errno.ENOENT: "Check the path.",
    errno.EISDIR: "Name a file.",
    errno.ENOTDIR: "Name a folder.",
    errno.EACCES: "Name a place that can be read and written.",
    errno.EPERM: "Name a place that can be read and written.",
    errno.EROFS: "Name a place that can be written.",
    errno.EEXIST: "Name another place.",
    errno.ENAMETOOLONG: "Shorten the name.",
    errno.ELOOP: "Name the file itself.",
    errno.EINVAL: "Check the path.",
}


def report(line: str, code: int, words: Sequence[str] | None = None) -> int:
    """Tell a fault in one line and return its exit code.

    Args:
        line: what is wrong.
        code: the exit code.
        words: the command line; with ``--json`` in it the fault is also an object on standard
            output.
    """
    told = " ".join(line.split())
    words = sys.argv[1:] if words is None else words
    if "--json" in words:
        print(json.dumps({"error": told, "exit_code": code}, ensure_ascii=False), flush=True)
    print(f"speciosa: {told}", file=sys.stderr, flush=True)
    return code


def of_system(error: OSError) -> tuple[str, int]:
    """Return the line and the code of what the system refused; a wrong place is the input's.

    >>> of_system(IsADirectoryError(errno.EISDIR, "Is a directory", "runs"))
    ('runs: Is a directory. Name a file.', 2)
    """
    place = str(error.filename) if error.filename else ""
    cure = PLACES.get(error.errno or 0, "") if place else ""
    line = InputError(f"{error.strerror or error}", place, cure)
    return str(line), INPUT if cure else 1


def usage(error: Any) -> str:
    """Say what is wrong with the command line, with the nearest command or option."""
    context, message = error.ctx, error.format_message().split(" (Possible")[0]
    path = context.command_path if context else "speciosa"
    asked = path.removeprefix("speciosa").strip()
    unknown = re.match(r"No such command '(.*?)'", message)
    if unknown:
        return str(InputError(
            f'no command "{unknown[1]}"', cure=nearest(unknown[1], context.command.commands)
        ))  # fmt: skip
    if getattr(error, "option_name", None) and message.startswith("No such option"):
        options = [name for param in context.command.params for name in param.opts]
        options = [name for name in (*options, "--help") if name.startswith("--")]
        what = f'no option "{error.option_name}"'
        return str(InputError(what, asked, nearest(error.option_name, options)))
    return str(InputError(message.rstrip("."), asked, f"See {path} --help."))
