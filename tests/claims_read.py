"""Sentences with what a reader lists for them, and how much of it the claim finder finds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from speciosa.evidence.finder import GOOD, Reading, read_article
from speciosa.evidence.load import load_evidence

DATA = Path(__file__).parent / "data"
DIRECTIONS = ("no effect", "eases", "raises", "prevents", "harms", "affects", "helps")


def read(text: str) -> Reading:
    return read_article(text, load_evidence().claims.values())


def sense(direction: str) -> str:
    """Eases, raises and prevents all help; what the words name decides between them."""
    return "helps" if direction in GOOD else direction


def stated(text: str) -> set[str]:
    reading = read(text)
    return {
        f"{f.substance} {sense(f.direction)} {f.outcome}"
        for each in reading.sentences
        if each.kind != "question"
        for f in each.findings
        if f.stance != "asks"
    }


def wanted(line: str) -> str:
    substance, _, rest = line.partition(" ")
    direction = next(d for d in DIRECTIONS if rest.startswith(d))
    return f"{substance} {sense(direction)}{rest.removeprefix(direction)}"


def opposite(got: set[str], want: set[str]) -> set[str]:
    """What was found of the same substance and outcome with another sense."""
    parts = [re.fullmatch(r"(\S+) (helps|no effect|harms|affects) (\S+)", w) for w in want]
    meant = {(p[1], p[3]): p[2] for p in parts if p}
    found = set()
    for line in got - want:
        p = re.fullmatch(r"(\S+) (helps|no effect|harms|affects) (\S+)", line)
        if p and meant.get((p[1], p[3]), p[2]) != p[2]:
            found.add(line)
    return found


def measured(name: str) -> tuple[float, float, list[str]]:
    """Precision, recall and what was read in the opposite direction, over a file of sentences."""
    right = found = there = 0
    wrong: list[str] = []
    for row in tomllib.loads((DATA / name).read_text())["sentence"]:
        got = stated(row["text"])
        options = [{wanted(s) for s in o} for o in (row["says"], *row.get("either", ()))]
        want = max(options, key=lambda option: (len(option & got), -len(option - got)))
        right, found, there = right + len(got & want), found + len(got), there + len(want)
        wrong += [f"{row['text']}: {line}" for line in opposite(got, want)]
    return right / found, right / there, wrong
