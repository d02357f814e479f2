"""One thing said in many ways: every way of affirming, denying or reversing it is told apart.

Each line of ``tests/data/turns.toml`` is filled with a remedy, a verb and an outcome.
"""

from __future__ import annotations

import tomllib
from itertools import product

import pytest

from claims_read import DATA, stated

TREE = tomllib.loads((DATA / "turns.toml").read_text())
SENSES = ("helps", "no effect", "harms")


def ing(verb: str) -> str:
    first, _, rest = verb.partition(" ")
    return f"{first.removesuffix('e')}ing {rest}".strip()


def filled(line: str, words: dict[str, str]) -> str:
    text = line.format(S="kratom", ving=ing(words.get("v", "")), **words)
    return text[0].upper() + text[1:]


def senses(text: str, outcome: str) -> set[str]:
    """What a sentence is read to say of kratom and an outcome."""
    said = (line.removeprefix("kratom ") for line in stated(text) if line.startswith("kratom "))
    return {line.removesuffix(f" {outcome}") for line in said if line.endswith(f" {outcome}")}


@pytest.mark.parametrize("kind", ["benefit", "risk"])
@pytest.mark.parametrize("sense", SENSES)
def test_every_way_to_say_it_has_its_sense(kind, sense):
    part = TREE[kind]
    found = missed = 0
    for line, words in product(part[sense.replace(" ", "_")], part["words"]):
        got = senses(filled(line, words), words["name"])
        assert got <= {sense}, filled(line, words)
        found, missed = found + bool(got), missed + (not got)
    assert found >= 0.95 * (found + missed)


@pytest.mark.parametrize("row", TREE["said"], ids=lambda row: row["text"])
def test_what_turns_a_sentence(row):
    assert stated(row["text"]) == set(row["says"])
