"""A commented study to start from."""

from __future__ import annotations

from pathlib import Path

from speciosa.core.errors import InputError


def write_template(path: str | Path) -> Path:
    """Write a commented template of a study and return its path.

    Raises:
        InputError: there is a file already, or it cannot be written.
    """
    target = Path(path)
    template = Path(__file__).with_suffix(".toml")
    if target.suffix != ".toml":
        cure = f'Write "{target.stem}.toml".'
        raise InputError("is not the name of a TOML file", str(target), cure)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(template.read_text(encoding="utf-8"))
    except FileExistsError as error:
        raise InputError("is there already", str(target), "Name a new file.") from error
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}", str(target), "Name a file elsewhere."
        ) from error
    return target
