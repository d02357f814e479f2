"""Claims and instruments: what a record of each must hold."""

from __future__ import annotations

import pytest

from speciosa.core.errors import InputError
from speciosa.evidence.instrument import instrument_from
from speciosa.evidence.load import load_evidence

CLAIM = """
[arms]
placebo = "placebo"
kratom = "kratom leaf 4 g every 6 h for 28 d"
lofexidine = "lofexidine 0.54 mg every 6 h for 7 d"

[[claim]]
id = "mine"
paraphrase = "It helps."
place = "page 1"
edges = ["claimed.kratom_withdrawal"]
disorder = "opioid"
endpoint = "cows"
visit = "day 3"
population = "adults"
arm = "kratom"
versus = "placebo"
comparator = "lofexidine"
threshold = 4
size = "comparator"
hedge = "may"
"""


def read(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return load_evidence().claims_in(path)


def test_a_claim_file_is_read(tmp_path):
    (claim,) = read(tmp_path, CLAIM)
    assert claim.edges == ("claimed.kratom_withdrawal",)
    assert claim.regimens[claim.arm].startswith("kratom leaf")
    assert claim.threshold == 4.0


@pytest.mark.parametrize(
    "old, new, what",
    [
        ('comparator = "lofexidine"\n', "", '"comparator" is missing'),
        ('comparator = "lofexidine"', 'comparator = "clonidine"', 'arm "clonidine"'),
        ("claimed.kratom_withdrawal", "claimed.kratom_withdrawel", "is no record"),
        ('endpoint = "cows"', 'endpoint = "cow"', "is no instrument"),
        ('disorder = "opioid"', 'disorder = "opium"', 'disorder "opium"'),
        ('size = "comparator"', 'size = "huge"', 'size "huge"'),
        ('hedge = "may"', 'hedge = "could"', 'hedge "could"'),
        ("threshold = 4", 'threshold = "4"', "not a number"),
        ("threshold = 4", "threshold = -4", "negative"),
        ("visit", "vist", 'unknown key "vist"'),
        ('edges = ["claimed.kratom_withdrawal"]', "edges = 3", '"edges" is 3'),
        ("[[claim]]", "[[claims]]", 'unknown key "claims"'),
    ],
)
def test_a_wrong_claim_is_refused(tmp_path, old, new, what):
    with pytest.raises(InputError) as caught:
        read(tmp_path, CLAIM.replace(old, new))
    assert what in caught.value.what
    assert "mine.toml" in caught.value.where
    assert caught.value.cure


def test_two_claims_of_one_id_are_refused(tmp_path):
    again = CLAIM[CLAIM.index("[[claim]]") :]
    with pytest.raises(InputError, match="stands twice"):
        read(tmp_path, CLAIM + again)


@pytest.mark.parametrize(
    "changes, what",
    [
        ({"better": "more"}, 'better "more"'),
        ({"difference": 0}, "not positive"),
        ({"grade": "A"}, 'source is "assumed"'),
        ({"bands": {"severe": 9, "mild": 2}}, "out of order"),
        ({"bands": 3}, "not a table"),
        ({"unitt": "point"}, 'unknown key "unitt"'),
        ({"title": None}, '"title" is missing'),
    ],
)
def test_a_wrong_instrument_is_refused(changes, what):
    good = {
        "title": "Scale", "unit": "point", "better": "lower", "difference": 1, "source": "assumed",
        "grade": "E",
    }  # fmt: skip
    assert instrument_from("scale", good).difference == 1.0
    table = {k: v for k, v in {**good, **changes}.items() if v is not None}
    with pytest.raises(InputError) as caught:
        instrument_from("scale", table, "instruments.toml")
    assert what in caught.value.what
