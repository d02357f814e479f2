"""Which evidence set a study runs on: one that ships, or a file beside the study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from speciosa.core.errors import InputError
from speciosa.trial.form import Form

PLACE = "[hypotheses] evidence_set"


def read_evidence_set(form: Form, table: Any, shipped: tuple[str, ...]) -> str:
    """Return the name of a shipped set, or the path of a file.

    Args:
        form: the study file.
        table: its table ``[hypotheses]``.
        shipped: names of the sets that ship; the first is the usual one.

    Raises:
        InputError: a name that does not ship, or a file that is not there.
    """
    given = form.table(table, "[hypotheses]", ("evidence_set",)).get("evidence_set", shipped[0])
    form.typed(given, "str", PLACE, "evidence_set")
    if not given.endswith(".toml"):
        return form.one_of(given, shipped, PLACE)
    for candidate in (Path(form.place).parent / given, Path(given)):
        if candidate.is_file():
            return str(candidate)
    raise InputError(
        f'no evidence set "{given}"',
        form.where(PLACE, "evidence_set"),
        "Give its path from the study file.",
    )
