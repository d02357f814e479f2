"""Files that appear only when they are whole."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: str | Path, text: str) -> Path:
    """Write a text file so that whoever looks finds the old file, the whole new one, or none.

    Args:
        path: the file; what it held before is replaced.
        text: what it is to hold.

    >>> write_whole("note.txt", "done").read_text()
    'done'
    >>> Path("note.txt").unlink()
    """
    target = Path(path)
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return target
