"""Loading a folder of evidence: what is refused, what is resolved, and what the digest sees."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time

import pytest

from speciosa.core.errors import InputError
from speciosa.evidence.load import Evidence, load_evidence

RECORD = """
[drug.clearance]
value = 2.0
unit = "L/h"
spread = { shape = "lognormal", low = 1.0, high = 4.0 }
source = "smith2020"
grade = "A"
verified = "yes"
"""
SOURCE = '[smith2020]\ncitation = "Smith 2020"\nkind = "primary"\n'
OTHER = RECORD.replace("clearance", "volume").replace('"L/h"', '"L"')


@pytest.fixture
def folder(tmp_path):
    for name in ("records", "sources", "sets", "results", "claims"):
        (tmp_path / name).mkdir()
    (tmp_path / "records" / "drug.toml").write_text(RECORD)
    (tmp_path / "sources" / "drug.toml").write_text(SOURCE)
    return tmp_path


def test_a_folder_is_read(folder):
    evidence = load_evidence(folder)
    assert isinstance(evidence, Evidence)
    assert evidence.number("drug.clearance").value == 2.0
    assert evidence.source("smith2020").citation == "Smith 2020"
    with pytest.raises(TypeError):
        evidence.numbers["x"] = None


def test_a_wrong_name_gets_the_nearest(folder):
    evidence = load_evidence(folder)
    with pytest.raises(InputError, match=r'no record "drug.clearence".*"drug.clearance"'):
        evidence.number("drug.clearence")
    with pytest.raises(InputError, match=r'no source "smith2021".*"smith2020"'):
        evidence.source("smith2021")


def test_a_source_that_is_not_there_is_refused(folder):
    (folder / "sources" / "drug.toml").write_text(SOURCE.replace("smith", "smyth"))
    with pytest.raises(InputError, match=r'drug.toml, drug.clearance.*"smith2020".*"smyth2020"'):
        load_evidence(folder)


@pytest.mark.parametrize("kind, text", [("records", RECORD), ("sources", SOURCE)])
def test_an_id_that_stands_in_two_files_is_refused(folder, kind, text):
    (folder / kind / "again.toml").write_text(text)
    with pytest.raises(InputError, match=r"stands twice") as caught:
        load_evidence(folder)
    assert "again.toml" in caught.value.where
    assert "drug.toml" in caught.value.where


@pytest.mark.parametrize(
    "text, what",
    [
        ("[drug.clearance\nvalue = 1", "not valid TOML"),
        (RECORD + RECORD, "not valid TOML"),
        ("value = 3", "stands outside any table"),
        ("[drug.clearance]\n", '"value" is missing'),
        (RECORD.replace("unit", "units"), 'unknown key "units"'),
        (RECORD + "deeper = { a = 1 }\n", 'unknown key "deeper"'),
    ],
)
def test_a_broken_file_is_named(folder, text, what):
    (folder / "records" / "drug.toml").write_text(text)
    with pytest.raises(InputError) as caught:
        load_evidence(folder)
    assert what in caught.value.what
    assert "drug.toml" in caught.value.where


def test_a_file_that_is_not_text_is_named(folder):
    (folder / "records" / "drug.toml").write_bytes(b"\xff\xfe[a]")
    with pytest.raises(InputError, match=r"drug.toml: not UTF-8"):
        load_evidence(folder)


def test_a_folder_without_records_is_refused(tmp_path):
    with pytest.raises(InputError, match="no folder records/"):
        load_evidence(tmp_path)


def test_the_digest_sees_content_and_not_layout(folder, tmp_path_factory):
    first = load_evidence(folder).digest
    other = tmp_path_factory.mktemp("other")
    (other / "records").mkdir()
    (other / "sources").mkdir()
    lines = RECORD.strip().splitlines()
    reordered = "\n".join([lines[0], *reversed(lines[1:])])
    (other / "records" / "renamed.toml").write_text("# a comment\n" + reordered)
    (other / "sources" / "s.toml").write_text(SOURCE)
    assert load_evidence(other).digest == first
    (other / "records" / "renamed.toml").write_text(reordered.replace("2.0", "2.1"))
    assert load_evidence(other).digest != first
    assert len(first) == 64


def test_replace_gives_new_evidence_and_leaves_the_old(folder):
    evidence = load_evidence(folder)
    changed = evidence.replace({"drug.clearance": 3.0})
    assert changed.number("drug.clearance").value == 3.0
    assert changed.number("drug.clearance").spread is None
    assert evidence.number("drug.clearance").value == 2.0
    assert changed.digest != evidence.digest
    assert (changed.name, changed.replace({"drug.clearance": 4.0}).name) == (
        "evidence+",
        "evidence+",
    )


def test_evidence_and_claims_travel_between_workers(folder):
    changed = load_evidence(folder).replace({"drug.clearance": 3.0}, "mine")
    back = pickle.loads(pickle.dumps(changed))
    assert (back.digest, back.name) == (changed.digest, "mine")
    with pytest.raises(TypeError):
        back.numbers["x"] = None
    claims = load_evidence().claims
    assert pickle.loads(pickle.dumps(dict(claims))) == claims
    assert len({*claims.values()}) == len(claims)


def test_replace_refuses_what_is_not_there(folder):
    evidence = load_evidence(folder)
    with pytest.raises(InputError, match=r'"drug.clearance"'):
        evidence.replace({"drug.clearanc": 3.0})
    with pytest.raises(InputError, match="not in sources"):
        evidence.replace({"drug.clearance": {"source": "nobody1999"}})


def test_an_overlay_replaces_values_by_name_or_path(folder):
    (folder / "records" / "more.toml").write_text(OTHER)
    text = '[set]\nname = "hopeful"\n[drug.clearance]\nvalue = 9.0\ngrade = "E"\n'
    (folder / "sets" / "hopeful.toml").write_text(text)
    by_name = load_evidence(folder, overlay="hopeful")
    by_path = load_evidence(folder, overlay=folder / "sets" / "hopeful.toml")
    assert by_name.name == by_path.name == "hopeful"
    assert by_name.digest == by_path.digest != load_evidence(folder).digest
    assert by_name.number("drug.clearance").grade == "E"
    assert by_name.number("drug.volume") == load_evidence(folder).number("drug.volume")


@pytest.mark.parametrize(
    "text, what",
    [
        ("[drug.clearanse]\nvalue = 1.0\n", 'no record "drug.clearanse"'),
        ("[drug.clearance]\nvalu = 1.0\n", 'unknown key "valu"'),
        ('[drug.clearance]\nunit = "L/d"\n', "unit"),
    ],
)
def test_a_wrong_overlay_is_refused(folder, text, what):
    (folder / "sets" / "bad.toml").write_text(text)
    with pytest.raises(InputError) as caught:
        load_evidence(folder, overlay="bad")
    assert what in caught.value.what


def test_an_unknown_set_gets_the_nearest():
    with pytest.raises(InputError, match=r'no evidence set "artikle".*"article"'):
        load_evidence(overlay="artikle")


def test_the_shipped_evidence_loads_fast_and_without_pint():
    code = (
        "import time; from speciosa.evidence.load import load_evidence; t = time.perf_counter();"
        "load_evidence(); print(time.perf_counter() - t);"
        "import sys; assert 'pint' not in sys.modules"
    )
    best = min(
        float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)
        for _ in range(3)
    )
    assert best < 0.15


def test_the_shipped_evidence_is_read_once():
    load_evidence()
    start = time.perf_counter()
    assert load_evidence() is load_evidence()
    assert time.perf_counter() - start < 0.01
