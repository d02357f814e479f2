"""What decides an answer and the credibility record, on a page and in a terminal.

Every number here is synthetic.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from speciosa import cli
from speciosa.trial.study import load_study
from speciosa.verdict.credibility import credibility
from speciosa.verdict.decide import DecisionRule
from speciosa.verdict.document import plain
from speciosa.verdict.effect import EndpointSpec, effect
from speciosa.verdict.information import decides
from speciosa.view.report import context, render
from speciosa.view.sensitivity import print_credibility, print_sensitivity, turn_words
from speciosa.view.terminal import console

SPEC = EndpointSpec("sows", "Withdrawal", "points", "lower", 2.0)
WORLDS = 60


def told() -> dict:
    """What decides an effect that one number makes and another does not touch."""
    z = np.linspace(-2.0, 2.0, WORLDS)
    rows = [
        {"draw": d, "person": 0, "arm": arm, "sows": 10.0 - (1.5 + z[d] if arm == "kratom" else 0)}
        for d in range(WORLDS)
        for arm in ("placebo", "kratom")
    ]
    draws = pl.DataFrame({
        "draw": range(WORLDS), "mu.kratom_offset": np.exp(z), "idle": np.sin(29.0 * z),
    })  # fmt: skip
    found = effect(pl.DataFrame(rows), SPEC, "kratom", "placebo")
    return dict(plain(decides(found, 0.1, draws, SPEC, DecisionRule(), "E")))


def document() -> dict:
    """A verdict document with one claim."""
    entry = {
        "endpoint": "sows", "label": "Withdrawal", "arm": "kratom", "versus": "placebo",
        "estimate": -1.5, "low": -3.0, "high": 0.0, "unit": "points", "better": "lower",
        "smallest_meaningful": 2.0,
    }  # fmt: skip
    claim = {
        "id": "k1", "paraphrase": "Kratom eases withdrawal.", "verdict": "plausible, untested",
        "probability": 0.4, "effect": entry, "weakest_grade": "E", "headline": True,
        "weakest": {"record": "mu.kratom_offset"}, "decides": told(),
    }  # fmt: skip
    study = load_study("combination-opioid")
    return {
        "study": {"question": study.question, "id": study.id, "draws": WORLDS},
        "arms": [{"id": "placebo", "role": "placebo"}, {"id": "kratom", "role": "kratom"}],
        "claims": [claim], "effects": [entry], "credibility": credibility(study),
    }  # fmt: skip


def test_the_page_names_what_decides_and_what_would_turn_it() -> None:
    page = render(document())
    assert 'id="decides"' in page
    assert "The one number most worth measuring" in page
    assert "standard deviations of <code>mu.<wbr>kratom_<wbr>offset</code>" in page
    assert "tornado-k1" in {figure.id for figure in context(document())["figures"]}


def test_every_claim_says_what_decides_it() -> None:
    two = document()
    second = {**two["claims"][0], "id": "k2", "headline": False, "paraphrase": "Kratom calms."}
    two["claims"].append(second)
    page = render(two)
    table = page.split("What decides each verdict")[1].split("</table>")[0]
    assert table.count('<th scope="row">') == 2
    assert "Kratom calms." in table
    assert {"tornado-k1", "tornado-k2"} <= {figure.id for figure in context(two)["figures"]}


def test_the_page_carries_every_cell_of_the_record() -> None:
    page = render(document())
    assert 'id="credibility"' in page
    for row in document()["credibility"]["assessment"]:
        assert f'<th scope="row">{row["item"]}</th>' in page
    assert "Not stated." not in page


def test_a_document_that_tells_neither_has_no_such_section() -> None:
    bare = document()
    bare["claims"][0].pop("decides")
    bare.pop("credibility")
    page = render(bare)
    assert 'id="decides"' not in page
    assert 'id="credibility"' not in page


def test_the_tornado_is_longest_for_the_number_that_decides() -> None:
    numbers = told()["numbers"]
    assert numbers[0]["record"] == "mu.kratom_offset"
    assert abs(numbers[0]["high"] - numbers[0]["low"]) > 1.0
    assert not numbers[1]["beyond_chance"]


def test_the_terminal_fits_and_says_simulated() -> None:
    found = {
        "question": "Does it?", "decides": told(), "flip": None, "identifiable": None,
        "morris": [], "sobol": [], "cost": {"person_courses": 40, "days": 3, "failed": 0},
    }  # fmt: skip
    for show, what in (
        (print_sensitivity, found),
        (print_credibility, credibility(load_study("combination-alcohol"))),
    ):
        out = io.StringIO()
        show(what, to=console(out))
        assert max(len(line) for line in out.getvalue().splitlines()) <= 100
        assert "Simulated, not observed." in out.getvalue()


@pytest.mark.parametrize("at, words", [(0.0, "stands at its centre, 1.7"), (1.2, "(1.2 sd)")])
def test_what_turns_it_is_said_in_words(at: float, words: str) -> None:
    flip = {
        "record": "mu.kratom_offset", "from": 1.7, "to": 5.0, "unit": "1",
        "standard_deviations": at, "expected": "not supported", "confirmed": True,
        "worlds": 100, "found": "not supported", "probability": 0.17,
    }  # fmt: skip
    said = turn_words(flip, told())
    assert words in said
    assert "Run so in 100 worlds: not supported, probability 0.17." in said


class TestCommands:
    def run(self, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(list(words))
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    def test_credibility_prints_one_object(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, err = self.run(capsys, "credibility", "combination-opioid", "--json")
        assert (code, err) == (0, "")
        assert json.loads(out)["study"] == "combination-opioid"

    @pytest.mark.parametrize(
        "words, what",
        [
            (("fit", "nowhere.csv", "--parameters", "lofexidine.clearance"), "no such file"),
            (("fit", "nowhere.csv", "--parameters", "lofexidine.clearence"), "no record"),
            (("sensitivity", "combination-opioid", "--claim", "nothing"), "no claim"),
            (("sensitivity", "combination-opiod"), "no study"),
            (("credibility", "combination-opioid", "--check", "--people", "3"), "3 people"),
        ],
    )
    def test_what_cannot_be_is_one_line(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], what: str,
    ) -> None:  # fmt: skip
        monkeypatch.chdir(tmp_path)
        code, out, err = self.run(capsys, *words)
        assert code == 2
        assert out == ""
        assert err.count("\n") == 1
        assert what in err
