"""Whether a place can be written to, asked before the work and not after it."""

from __future__ import annotations

from pathlib import Path

from speciosa.core.errors import InputError

PROBE = ".speciosa"


def must_take(folder: str | Path) -> None:
    """Refuse a folder that cannot be made or written to; nothing stays behind.

    Args:
        folder: where something will be written; it may not be there yet.

    Raises:
        InputError: names the folder and what the system says.

    >>> must_take("somewhere/new")
    >>> Path("somewhere").exists()
    False
    """
    at, made = Path(folder), []
    try:
        for each in reversed((at, *at.parents)):
            if not each.exists():
                each.mkdir()
                made.append(each)
        probe = at / PROBE
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise InputError(what, str(at), "Name another place with --out.") from error
    finally:
        for each in reversed(made):
            each.rmdir()
