"""What a report must say beside its numbers: sourced sentences from ``banners.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

AGONISTS = (
    "buprenorphine", "fentanyl", "heroin", "kratom", "methadone", "mitragynine", "morphine",
    "oxycodone", "7-oh",
)  # fmt: skip
SEDATIVES = (
    "alcohol", "benzodiazepine", "chlordiazepoxide", "diazepam", "ethanol", "lorazepam",
    "oxazepam", "sedative",
)  # fmt: skip


@dataclass(frozen=True)
class Banner:
    """One sentence or two that must be said, and the source it rests on."""

    when: str
    text: str
    source: str
    verified: str
    doi: str = ""


@cache
def banners() -> tuple[Banner, ...]:
    """Return every banner.

    >>> sorted({banner.when for banner in banners()})
    ['agonist with sedative', 'alcohol', 'opioid']
    """
    text = files("speciosa.view").joinpath("banners.toml").read_text(encoding="utf-8")
    return tuple(Banner(**table) for table in tomllib.loads(text)["banner"])


def banners_for(document: Mapping[str, Any]) -> tuple[Banner, ...]:
    """Return the banners that a verdict document calls for.

    >>> kratom = {"id": "k", "regimens": ["kratom leaf 4 g every 6 h for 28 d"]}
    >>> [b.when for b in banners_for({"study": {"disorder": "alcohol"}, "arms": [kratom]})]
    ['alcohol', 'agonist with sedative']
    """
    disorder = document.get("study", {}).get("disorder", "")
    wanted = {disorder}
    for arm in document.get("arms", ()):
        given = " ".join([*arm.get("regimens", ()), str(arm.get("care", ""))]).casefold()
        sedated = disorder == "alcohol" or any(word in given for word in SEDATIVES)
        if sedated and any(word in given for word in AGONISTS):
            wanted.add("agonist with sedative")
    return tuple(banner for banner in banners() if banner.when in wanted)
