"""What a session may see: its own runs, shared ones, and finished runs of the command line.

Every path that is served is made here, from a run that is known, and lies in the results folder.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from speciosa.core.errors import SpeciosaError
from speciosa.trial.study import Study, read_study
from speciosa.view.explorer.store import FINISHED, Run, Store

SERVED = ("report.html", "verdict.json", "study.toml")


@dataclass(frozen=True)
class Library:
    """The runs of a results folder."""

    store: Store

    @property
    def folder(self) -> Path:
        """The results folder."""
        return self.store.folder

    def seen_by(self, session: str) -> list[Run]:
        """Return every run that a session may see, the newest first."""
        known = self.store.runs()
        mine = [run for run in known if run.shared or run.owner == session]
        names = {run.id for run in known}
        others = [
            found
            for path in sorted(self.folder.glob("*/verdict.json"))
            if path.parent.name not in names and (found := self._outside(path.parent.name))
        ]
        return [*mine, *others]

    def open(self, run: str, session: str) -> Run | None:
        """Return a run if the session may see it."""
        found = self.store.get(run)
        if found is not None:
            return found if found.shared or found.owner == session else None
        return self._outside(run)

    def _outside(self, name: str) -> Run | None:
        """Return a finished run that the command line made."""
        at = self.file(name, "verdict.json")
        if at is None:
            return None
        try:
            document = _read(at, at.stat().st_mtime_ns)
            text = (at.parent / "study.toml").read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
        kin = kin_of(text)
        if not kin:  # another kind of study: its report stands for itself
            return None
        info, study = document.get("run", {}), document.get("study", {})
        return Run(
            name, "", str(study.get("question", name)), text, FINISHED,
            kin=kin, evidence_set=str(study.get("evidence_set", "evidence")),
            ended=at.stat().st_mtime, asked=info.get("asked") or 0, done=info.get("solved") or 0,
            failed=info.get("failed") or 0, answer=1, shared=True,
        )  # fmt: skip

    def file(self, run: str, name: str) -> Path | None:
        """Return a file of a run, or None: nothing outside the results folder is ever named."""
        if "/" in run or "\\" in run or run.startswith(".") or "\0" in run:
            return None
        at = (self.folder / run / name).resolve()
        inside = at.parent.parent == self.folder.resolve()
        return at if inside and at.is_file() else None

    def document(self, run: Run) -> dict[str, Any] | None:
        """Return the verdict document of a run, or its answer so far."""
        whole = self.file(run.id, "verdict.json") if run.state == FINISHED else None
        at = whole or self.store.answer(run.id)
        return _read(at, at.stat().st_mtime_ns) if at.is_file() else None

    def twin(self, run: Run, session: str) -> Run | None:
        """Return the same study on the other evidence set, a finished run of it before others."""
        twins = [
            other
            for other in self.seen_by(session)
            if run.kin and other.kin == run.kin and other.evidence_set != run.evidence_set
        ]
        by_state = sorted(twins, key=lambda other: (other.state != FINISHED, not other.open))
        return by_state[0] if by_state else None


@lru_cache(maxsize=16)
def _read(at: Path, changed: int) -> dict[str, Any]:
    found = json.loads(at.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError("not a verdict")
    return found


def study_of(text: str) -> Study:
    """Return the study that a text describes."""
    return read_study(tomllib.loads(text), "study.toml", text)


def kin_of(text: str) -> str:
    """Return a hash of a study that its evidence set does not enter; empty where it has a fault."""
    from dataclasses import replace

    try:
        return replace(study_of(text), evidence_set="evidence").digest
    except (SpeciosaError, tomllib.TOMLDecodeError):
        return ""
