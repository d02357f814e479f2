"""The verdict of a run as a value: read it, ask it, save it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speciosa.core.errors import InputError, nearest
from speciosa.core.files import write_whole


@dataclass(frozen=True)
class Verdict:
    """What a run concluded, as the document that `verdict.json` holds.

    >>> Verdict({"claims": [{"id": "k1", "verdict": "not supported"}]}).word("k1")
    'not supported'
    """

    document: Mapping[str, Any]

    def claim(self, name: str) -> Mapping[str, Any]:
        """Return one claim's entry by its id, or name the nearest."""
        for entry in self.document["claims"]:
            if entry["id"] == name:
                return dict(entry)
        ids = [entry["id"] for entry in self.document["claims"]]
        raise InputError(f'no claim "{name}"', "verdict", nearest(name, ids))

    def word(self, name: str) -> str:
        """Return the verdict word of one claim."""
        return str(self.claim(name)["verdict"])

    def save(self, path: str | Path) -> Path:
        """Write the document as JSON, the same bytes for the same verdict.

        How long it took stays out; ``run.json`` has it.
        """
        target = Path(path)
        text = json.dumps(untimed(self.document), indent=1, ensure_ascii=False, allow_nan=False)
        write_whole(target, text + "\n")
        return target

    @classmethod
    def load(cls, path: str | Path) -> Verdict:
        """Read a verdict that was saved."""
        try:
            return cls(json.loads(Path(path).read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise InputError("no verdict here", str(path), "Run a trial into it first.") from error
        except json.JSONDecodeError as error:
            raise InputError("not a verdict: the JSON is broken", str(path)) from error


def untimed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a verdict document without the seconds that it took.

    >>> untimed({"run": {"seed": 1, "seconds": 3.2}})
    {'run': {'seed': 1}}
    """
    kept = dict(document)
    if isinstance(kept.get("run"), Mapping):
        kept["run"] = {key: value for key, value in kept["run"].items() if key != "seconds"}
    if isinstance(kept.get("studies"), list):
        kept["studies"] = [
            {key: value for key, value in each.items() if key != "seconds"}
            for each in kept["studies"]
        ]
    return kept
