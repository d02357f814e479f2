"""The terminal: within 100 columns, verdict first, plain when piped. All numbers are synthetic."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from speciosa.evidence.record import Number, Spread
from speciosa.trial.run import Progress
from speciosa.view.evidence_table import lines_of, print_number, print_numbers
from speciosa.view.progress import Pace, PeopleDone, people_progress, spoken
from speciosa.view.terminal import console, print_verdict
from speciosa.view.words import answer, number, one_in, with_interval, worsening


def synthetic():
    """The least verdict document that a table needs, with synthetic numbers."""
    effect = {
        "endpoint": "sows", "label": "Withdrawal (SOWS-Gossop, days 1–7)", "arm": "k",
        "versus": "p", "estimate": -0.9, "low": -3.1, "high": 0.4, "unit": "points",
        "better": "lower", "smallest_meaningful": 2.0, "probability": 0.31,
    }  # fmt: skip
    harm = {
        "endpoint": "od", "label": "Overdose", "unit": "per 1000", "per": 1000, "arm": "k",
        "estimate": 12.0, "low": 4.0, "high": 25.0, "placebo_estimate": 9.0, "standard_arm": "b",
        "standard_estimate": 2.0, "probability_above_limit": 0.2,
    }  # fmt: skip
    claim = {
        "id": "eases", "verdict": "plausible, untested", "probability": 0.31,
        "probability_worse": 0.03, "weakest_grade": "E", "effect": effect, "harms": [harm],
        "paraphrase": "Kratom leaf eases opioid withdrawal as well as what is given today does.",
        "comparator": {**effect, "arm": "b", "estimate": -5.0, "low": -6.2, "high": -4.1,
                       "probability": 0.99},
        "weakest": {"record": "mu.kratom_offset", "value": 1.7, "unit": "1", "grade": "E"},
    }  # fmt: skip
    arms = [{"id": "p", "label": "Placebo"}, {"id": "k", "label": "Kratom leaf"},
            {"id": "b", "label": "Buprenorphine"}]  # fmt: skip
    run = {"asked": 12000, "solved": 11999, "failed": 1, "why": ["1 step limit"]}
    return {"study": {"question": "Does it help?", "draws": 100}, "arms": arms,
            "claims": [claim], "harms": [harm], "run": run}  # fmt: skip


def printed(document, **settings):
    out = io.StringIO()
    print_verdict(document, "out/report.html", to=Console(file=out, highlight=False, **settings))
    return out.getvalue()


def test_the_verdict_comes_first_then_the_table_then_what_next():
    text = printed(synthetic(), width=100)
    order = ["Does it help?", "Plausible, untested  probability 0.31", "In 31 of 100 simulated",
             "Harm: overdose 12 (4 to 25) per 1000, above its limit in 20 of 100", "Comparator",
             "1 failed (1 step limit)", "Simulated, not observed", "Report   out/report.html",
             "speciosa evidence mu.kratom_offset"]  # fmt: skip
    places = [text.index(each) for each in order]
    assert places == sorted(places)


def test_it_fits_a_hundred_columns():
    assert max(len(line) for line in printed(synthetic(), width=100).splitlines()) <= 100


def test_it_fits_eighty_columns_with_every_harm_on_a_line_of_its_own():
    lines = printed(synthetic(), width=80).splitlines()
    assert max(len(line) for line in lines) <= 80
    harm = next(place for place, line in enumerate(lines) if line.startswith("Harm, mean"))
    wide = printed(synthetic(), width=100)
    for each in synthetic()["harms"]:
        label = f"{each['label']} ({each['unit']})"
        assert label in lines[harm:] and label not in wide.splitlines()


def test_no_color_is_respected_and_a_pipe_is_plain(monkeypatch):
    coloured = printed(synthetic(), width=100, force_terminal=True, color_system="standard")
    assert "\x1b[1;33m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "33m" not in printed(synthetic(), width=100, force_terminal=True)
    assert "\x1b" not in printed(synthetic(), width=100)
    assert console(io.StringIO()).width == 100


def test_brackets_in_a_label_are_printed_as_they_are():
    document = synthetic()
    document["claims"][0]["paraphrase"] = "A claim [red]in brackets[/red]."
    assert "[red]" in printed(document, width=100)


def test_a_run_without_claims_prints():
    assert "No run record" in printed({"study": {"question": "?"}}, width=100)


def test_progress_is_silent_when_piped_and_counts_failures():
    out = io.StringIO()
    with people_progress(100, to=Console(file=out)) as people:
        people.add(60, failed=2)
        people.add(40)
    assert (people.done, people.failed, out.getvalue()) == (100, 2, "")


def test_progress_shows_people_rate_and_failures_in_a_terminal():
    out = io.StringIO()
    with people_progress(100, to=Console(file=out, force_terminal=True, width=100)) as people:
        people.add(60, failed=2)
    assert "60 of 100 people" in out.getvalue()
    assert "2 failed" in out.getvalue()


def test_what_an_earlier_run_had_done_does_not_make_it_look_fast():
    clock = iter([0.0, 10.0, 20.0, 30.0, 30.0, 32.0])
    people = PeopleDone(0, pace=Pace(now=lambda: next(clock)))
    people.follow(Progress(asked=1000, solved=500, failed=0, seconds=1.0, found=500))
    assert people.pace.rate is None and "–/s · – left · 0 failed" in people.line()
    for solved in (560, 660, 760):
        people.follow(Progress(asked=1000, solved=solved, failed=0, seconds=1.0, found=500))
    assert people.pace.rate == 10.0  # 200 people in 20 s; the first 60 had waited for the compiler
    assert people.pace.left(240) == 24.0
    assert people.pace.left(240) == 22.0  # it counts down until the next report


def test_a_long_run_without_a_terminal_writes_lines(monkeypatch):
    monkeypatch.setattr("speciosa.view.progress.EVERY", 0.0)
    out = io.StringIO()
    with people_progress(2000, to=Console(file=out, width=40)) as people:
        people.add(1500, failed=3)
        people.add(500)
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("1,500 of 2,000 people, ") and lines[0].endswith("3 failed")
    assert "0 s left" in lines[1]


def test_times_are_told_in_two_words():
    assert [spoken(s) for s in (0.2, 59.6, 3599, 86_400)] == [
        "0 s", "1 min 0 s", "59 min 59 s", "24 h 0 min",
    ]  # fmt: skip


def test_a_record_is_told_in_full_with_its_weakness():
    record = Number("mu.offset", 1.7, "1", "assumed", "E", Spread("lognormal", 0.3, 10.0))
    lines = lines_of(record)
    assert lines["Grade"] == "E, assumed"
    assert lines["Spread"] == "0.300 to 10.0 (lognormal)"
    assert lines["Verified"] == "an assumption"
    out = io.StringIO()
    print_number(record, to=Console(file=out, width=100))
    print_numbers([record], to=Console(file=out, width=100))
    assert "mu.offset" in out.getvalue()
    assert "1 number: 1 of grade E" in out.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0996, "0.10"), (0.999, "1.0"), (99.6, "100"), (-0.04, "−0.040"), (1e6, "1,000,000"),
     (float("nan"), "–"), (0, "0")],
)  # fmt: skip
def test_numbers_round_to_what_they_bear(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("share", "text"), [(1 / 3, "3 in 10"), (0.19, "1 in 5"), (0.004, "1 in 250"), (0.5, "half")]
)
def test_shares_read_as_one_in_so_many(share, text):
    assert one_in(share) == text


def test_an_interval_has_the_decimals_of_its_largest_end():
    assert with_interval({"estimate": 0.96, "low": -0.04, "high": 12.0}) == "1 (0 to 12)"


def test_the_sentence_never_hides_the_wrong_way():
    claim = synthetic()["claims"][0]
    assert worsening(claim, 100) == "In 3 of 100 it makes this worse by as much."
    assert worsening({**claim, "probability_worse": 0.0}, 100).startswith("In none")


def test_where_any_difference_matters_the_sentence_says_so():
    claim = synthetic()["claims"][0]
    claim["effect"]["smallest_meaningful"] = 0.0
    assert "lowers withdrawal (SOWS-Gossop, days 1–7) by any amount" in answer(
        claim, {"k": "Kratom leaf", "p": "Placebo", "b": "Buprenorphine"}, 100
    ).replace("Withdrawal", "withdrawal")
