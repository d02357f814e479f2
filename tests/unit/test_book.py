"""The book is made from what runs: stages, numbers with their records, failures explained."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import speciosa
from expressions import evaluate
from speciosa.cli import app
from speciosa.core.dimensions import trace
from speciosa.core.symbol import symbol
from speciosa.evidence.load import load_evidence
from speciosa.verdict.benchmark import shipped_scorecard
from speciosa.view.book.formula import math, shared
from speciosa.view.book.markdown import anchor, prose
from speciosa.view.book.pages import filled, generated
from speciosa.view.book.stages import chapters, recipes
from speciosa.view.words import number

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {"without_behaviour", "without_kratom", "no_mitragynine", "care_arm",
             "phase_laboratory"}  # fmt: skip


@pytest.fixture(scope="module")
def pages():
    return generated(speciosa, app)


def test_every_stage_of_every_recipe_has_its_place():
    every = {p.name for model in recipes() for p in (*model.stages, *model.decisions)}
    told = {p.name for c in chapters() for p in (*c.stages, *c.decisions)}
    assert every - told <= ELSEWHERE


def test_every_output_and_rate_is_an_equation(pages):
    for chapter in chapters():
        text = pages[f"science/{chapter.room}/{chapter.module}.md"]
        wanted = sum(len(s.gives) + len(s.states) + len(s.modes) for s in chapter.stages)
        assert text.count('<math display="block">') >= wanted


def test_every_number_leads_to_its_record(pages):
    evidence = load_evidence()
    for chapter in chapters():
        text = pages[f"science/{chapter.room}/{chapter.module}.md"]
        for part in (*chapter.stages, *chapter.decisions):
            for parameter in part.parameters.values():
                found = re.search(
                    rf'href="\.\./\.\./(evidence/\w+)\.html#{re.escape(anchor(parameter.record))}"'
                    r">([^<]+)</a>",
                    text,
                )
                assert found, parameter.record
                assert f'id="{anchor(parameter.record)}"' in pages[f"{found[1]}.md"]
                assert found[2] == number(evidence.number(parameter.record).value, 3)
    whole = "".join(text for name, text in pages.items() if name.startswith("evidence/"))
    for name in (*evidence.numbers, *evidence.sources):
        assert f'<tr id="{anchor(name)}">' in whole, name


def test_every_equation_is_well_formed(pages):
    for name, text in pages.items():
        for found in re.findall(r"<math.*?</math>", text):
            ElementTree.fromstring(found.replace("&#x2061;", "").replace("&#x2062;", "")), name


def test_naming_shared_parts_changes_no_value():
    """Put the parts back and compute: the equations shown are those that run."""
    count = 0
    for chapter in chapters():
        for stage in chapter.stages:
            outputs, rates = trace(stage)
            named = {f"o {k}": v for k, v in outputs.items()} | {
                f"r {k}": v for k, v in rates.items()
            }
            parts, left = shared(named)
            values = _Varied()
            for key, part in parts:
                values[key] = evaluate(part, values)
            for key, value in named.items():
                if not hasattr(value, "op"):
                    continue
                try:
                    wanted = evaluate(value, values)
                except (ArithmeticError, ValueError):
                    continue
                assert evaluate(left[key], values) == pytest.approx(wanted, rel=1e-9, nan_ok=True)
                count += bool(parts)
    assert count > 20


class _Varied(dict):
    """Every name has a value of its own between 0.3 and 1.3."""

    def __missing__(self, name):
        self[name] = 0.3 + (sum(map(ord, name)) % 97) / 97
        return self[name]


def test_signs_of_a_formula():
    a, b = symbol("a"), symbol("b_low")
    assert math(a - (a + b)).count("<mo>(</mo>") == 1
    assert "<msub><mi>b</mi><mtext>low</mtext></msub>" in math(a * b)
    assert math((a + b) ** 2.0).startswith("<msup><mrow><mo>(</mo>")


def test_the_reference_has_every_public_name(pages):
    for name in speciosa.__all__:
        assert name == "__version__" or f"\n## {name}\n" in pages["reference/python.md"]
    assert "## speciosa validate" in pages["reference/commands.md"]
    assert "--shipped" in pages["reference/commands.md"]
    assert " at 0x" not in pages["reference/python.md"]


def test_docstrings_become_lists():
    assert "- `x`: a number." in prose("Do it.\n\nArgs:\n    x: a number.")


def explained() -> set[str]:
    """Names and patterns of failures in the book, without what was corrected since."""
    text = (ROOT / "docs" / "scorecard.md").read_text(encoding="utf-8")
    told = text.split("## Every failure")[1].split("### Read wrongly")[0]
    return set(re.findall(r"`([\w*?]+)`", told))


def unexplained(rows, told) -> list[str]:
    failed = [row["id"] for row in rows if row["pass"] is False]
    return [one for one in failed if not any(fnmatch.fnmatch(one, mark) for mark in told)]


def test_every_failure_is_explained():
    rows, told = shipped_scorecard()["results"], explained()
    assert unexplained(rows, told) == []
    assert all(len(mark.strip("*?")) >= 6 for mark in told)
    planted = {"id": "nobody2099_cmax", "pass": False}
    assert unexplained([*rows, planted], told) == ["nobody2099_cmax"]


def test_every_explanation_is_of_a_result_that_ships():
    names = [row["id"] for row in shipped_scorecard()["results"]]
    assert [mark for mark in explained() if not fnmatch.filter(names, mark)] == []


def test_marks_are_filled():
    text = filled((ROOT / "docs" / "scorecard.md").read_text(encoding="utf-8"))
    assert "<!-- generated" not in text
    assert text.count("<tr id=") == len(shipped_scorecard()["results"])
    with pytest.raises(KeyError):
        filled("<!-- generated: nothing known -->")
