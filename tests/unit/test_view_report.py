"""The report: it answers first, fetches nothing, and says what must be said.

Every number here is synthetic: made up to look like a verdict document, no result of any run.
"""

from __future__ import annotations

import copy
import json
import math
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from speciosa.core.notice import INTENDED_USE, OUTSIDE
from speciosa.view.banners import banners_for
from speciosa.view.figures.courses import spread_labels
from speciosa.view.report import render, write_report

ARMS = [
    ("placebo", "Placebo", "placebo", []),
    ("kratom", "Kratom leaf", "kratom", ["kratom leaf 4 g every 6 h for 28 d"]),
    ("melatonin", "Melatonin", "melatonin", ["melatonin 5 mg at 21:00 daily for 28 d"]),
    ("both", "Both together", "both", ["kratom leaf 4 g every 6 h for 28 d",
                                       "melatonin 5 mg at 21:00 daily for 28 d"]),
    ("lofexidine", "Lofexidine", "standard", ["lofexidine 0.54 mg every 6 h for 7 d"]),
    ("buprenorphine", "Buprenorphine", "standard", ["buprenorphine 16 mg daily for 28 d"]),
]  # fmt: skip
SHIFTS = {"kratom": -0.9, "melatonin": -0.1, "both": -1.0, "lofexidine": -2.6,
          "buprenorphine": -5.1}  # fmt: skip


def effect(endpoint, label, arm, size, unit="points", better="lower", matter=2.0):
    estimate = SHIFTS[arm] * size
    sign = -1 if better == "lower" else 1
    chance = 1 / (1 + math.exp(-(sign * estimate - matter) / (0.4 * matter)))
    return {
        "endpoint": endpoint, "label": label, "arm": arm, "versus": "placebo",
        "estimate": estimate, "low": estimate - 1.1 * abs(size),
        "high": estimate + 0.9 * abs(size),
        "unit": unit, "better": better, "smallest_meaningful": matter,
        "probability": round(chance, 2), "probability_worse": 0.03, "monte_carlo_error": 0.4,
    }  # fmt: skip


def harm(endpoint, label, unit, arm, level, placebo, per=1, chance=0.1):
    return {
        "endpoint": endpoint, "label": label, "unit": unit, "per": per, "arm": arm,
        "estimate": level, "low": level * 0.4, "high": level * 1.8, "placebo_estimate": placebo,
        "standard_arm": "buprenorphine", "standard_estimate": placebo * 0.3,
        "probability_above_limit": chance,
    }  # fmt: skip


def harms(arm, factor):
    return [
        harm("overdose", "Overdose after leaving", "per 1000", arm, 11 * factor, 11, 1000, 0.21),
        harm("ventilation", "Fall in lowest breathing", "% of rest", arm, 9 * factor, 8, 1, 0.12),
        harm("stopping", "Withdrawal after stopping", "COWS points", arm, 3 * factor, 1.2, 1, 0.46),
        harm(
            "precipitated", "Precipitated withdrawal", "per 1000", arm, 14 * factor, 2, 1000, 0.05
        ),
    ]


def course(label, unit, size, fall, bands=(), per=1.0):
    days = [day / 2 for day in range(0, 71)]
    arms = {}
    for arm, *_ in ARMS:
        depth = 1 + 0.13 * SHIFTS.get(arm, 0)
        median = [
            size * depth * (0.25 + math.exp(-day / fall) * (1 - math.exp(-(day + 0.4) / 1.2)))
            for day in days
        ]
        arms[arm] = {
            "median": median,
            "people_low": [0.35 * value for value in median],
            "people_high": [1.75 * value for value in median],
            "parameters_low": [0.8 * value for value in median],
            "parameters_high": [1.2 * value for value in median],
        }
    return {"label": label, "unit": unit, "bands": list(bands), "days": days, "arms": arms}


def claim(name, text, arm, verdict, chance, grade="E", bins=True):
    found = effect("sows", "Withdrawal (SOWS-Gossop, days 1–7)", arm, 1.0)
    offset = [
        (0.3, 0.55, 22, -5.2, 0.95, "plausible, untested"),
        (0.55, 1.7, 29, -1.4, 0.34, "plausible, untested"),
        (1.7, 5.5, 31, -0.2, 0.0, "not supported"),
        (5.5, 10.0, 18, 0.0, 0.0, "not supported"),
    ]
    return {
        "id": name, "paraphrase": text, "verdict": verdict, "probability": chance,
        "probability_worse": 0.03, "effect": {**found, "probability": chance},
        "comparator": {**effect("sows", "Withdrawal", "buprenorphine", 1.0), "probability": 0.99,
                       "probability_worse": 0.0},
        "harms": harms(arm, 1.3), "weakest_grade": grade,
        "weakest": {"record": "mu.kratom_offset", "value": 1.7, "unit": "1", "grade": grade,
                    "note": "No one has measured it in people."},
        "by_offset": [
            {"low": low, "high": high, "draws": draws, "estimate": size, "low_effect": size - 1.2,
             "high_effect": size + 1.0, "probability": share, "verdict": word}
            for low, high, draws, size, share, word in offset
        ] if bins else [],
    }  # fmt: skip


def record(name, value, unit, grade, bearing=False):
    return {
        "id": name, "value": value, "unit": unit, "grade": grade, "verified": "memory",
        "source": "assumed", "citation": "", "note": "A synthetic line.", "load_bearing": bearing,
    }  # fmt: skip


def synthetic():
    """A verdict document in the shape a run writes, with synthetic numbers."""
    treated = [arm for arm, *_ in ARMS if arm != "placebo"]
    sows = [effect("sows", "Withdrawal (SOWS-Gossop, days 1–7)", arm, 1.0) for arm in treated]
    sleep = [effect("tst", "Sleep (days 22–28)", arm, -9.0, "min", "higher", 30) for arm in treated]
    craving = [effect("craving", "Craving", arm, 0.45, "points", "lower", 1) for arm in treated]
    label = "In treatment and abstinent, day 28"
    stay = [effect("stay", label, arm, -7.0, "points in 100", "higher", 10) for arm in treated]
    factors = dict(zip([arm for arm, *_ in ARMS], [1.0, 1.3, 1.0, 1.4, 0.9, 0.3], strict=True))
    table = [entry for arm, factor in factors.items() for entry in harms(arm, factor)]
    table.sort(key=lambda entry: entry["endpoint"])
    days = list(range(29))
    cows = [
        {"name": "mild", "low": 5, "high": 12},
        {"name": "moderate", "low": 13, "high": 24},
        {"name": "moderately severe", "low": 25, "high": 36},
    ]
    return {
        "study": {
            "id": "synthetic",
            "question": "Do kratom leaf and melatonin, alone or together, ease opioid withdrawal "
            "beside ordinary care, and at what risk?",
            "context_of_use": "To decide whether a trial in people would be worth its risk.",
            "disorder": "opioid", "days": 35, "people_per_arm": 40, "draws": 100, "seed": 7,
            "hash": "0123abcd", "decision": {},
        },
        "arms": [
            {"id": name, "label": label, "regimens": given, "care": "ordinary care", "role": role}
            for name, label, role, given in ARMS
        ],
        "claims": [
            claim("eases", "Kratom leaf eases opioid withdrawal.", "kratom",
                  "plausible, untested", 0.31),
            claim("sleep", "Melatonin eases opioid withdrawal.", "melatonin", "not supported", 0.02,
                  "E", False),
            claim("synergy", "The two together do more than either.", "both", "unsafe", 0.33),
            claim("pain", "Kratom relieves pain.", "kratom", "contradicted", 0.0, "B"),
        ],
        "effects": sows + craving + sleep + stay,
        "interaction": [{"endpoint": "sows", "label": "Withdrawal", "estimate": 0.02, "low": -0.4,
                         "high": 0.5, "probability": 0.0}],
        "harms": table,
        "flow": [{"arm": arm, "randomised": 4000, "started": 3990, "dropped": 2600 - 300 * place,
                  "completed": 1390 + 300 * place} for place, (arm, *_) in enumerate(ARMS)],
        "retention": [{"arm": arm, "days": days,
                       "share": [0.3 + 0.1 * place + (0.7 - 0.1 * place) * math.exp(-day / 6)
                                 for day in days],
                       "at_risk": [4000 - 80 * day for day in days]}
                      for place, (arm, *_) in enumerate(ARMS)],
        "courses": {
            "cows": course("Withdrawal (COWS)", "points", 17, 6, cows),
            "craving": course("Craving", "points", 6, 20),
            "mitragynine_plasma": course("Mitragynine in plasma", "nM", 300, 30),
            "mu_occupancy": course("Mu occupancy", "1", 0.4, 40),
        },
        "evidence": [record("mu.kratom_offset", 1.7, "1", "E", True),
                     record("mitragynine.clearance", 133, "L/h", "A", True),
                     record("withdrawal.tau", 19, "d", "B"),
                     record("melatonin.ki", 0.081, "nM", "C")],
        "run": {"seed": 7, "asked": 24000, "solved": 23998, "failed": 2, "why": ["2 step limits"],
                "draws": 100, "seconds": 372.0, "version": "0.1.0", "device": "2 CPU cores",
                "hashes": {"study": "0123abcd", "evidence": "4567ef01"}},
    }  # fmt: skip


@pytest.fixture(scope="module")
def page():
    return render(synthetic())


class Text(HTMLParser):
    """The words of a page without scripts and styles, and every address it would fetch."""

    def __init__(self):
        super().__init__()
        self.words, self.fetched, self._quiet, self.open = [], [], 0, []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self._quiet += tag in ("script", "style", "title")
        if tag not in ("meta", "br", "wbr", "link", "img", "input"):
            self.open.append(tag)
        for key in ("src", "srcset", "action", "data"):
            if values.get(key):
                self.fetched.append(values[key])
        if tag == "link" or (tag == "a" and not values["href"].startswith("#")):
            self.fetched.append(values.get("href"))

    def handle_endtag(self, tag):
        self._quiet -= tag in ("script", "style", "title")
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        if not self._quiet:
            self.words.append(data)


def text_of(page):
    parser = Text()
    parser.feed(page)
    assert parser.open == []
    return " ".join(" ".join(parser.words).split()), parser.fetched


def test_the_page_fetches_nothing_and_is_well_formed(page):
    _, fetched = text_of(page)
    assert fetched == []
    assert "default-src 'none'" in page


def test_the_first_screen_answers_the_four_questions_in_order(page):
    words, _ = text_of(page)
    places = [
        words.index(each)
        for each in (
            "What was asked", "Do kratom leaf and melatonin",
            "The answer", "In 31 of 100 simulated worlds, kratom leaf lowers withdrawal",
            "buprenorphine does in 99", "What it costs", "Withdrawal after stopping",
            "The weakest thing it rests on", "mu.kratom_offset", "Every claim",
        )
    ]  # fmt: skip
    assert places == sorted(places)


def test_a_verdict_never_stands_without_probability_and_grade(page):
    rows = re.findall(r"<tr[^>]*><th scope=\"row\">.*?</tr>", page, re.S)
    verdicts = [row for row in rows if 'data-label="Verdict"' in row]
    assert len(verdicts) == 4
    for row in verdicts:
        assert re.search(r"probability [\d.]+<", row)
        assert re.search(r'class="grade" title="[^"]+">[A-E]<', row)


def test_what_must_be_said_is_said(page):
    words, _ = text_of(page)
    for needed in (INTENDED_USE, OUTSIDE, "Methadone and buprenorphine lower mortality",
                   "BMJ 2017;357:j1550", "Naloxone", "should be at hand", "112"):  # fmt: skip
        assert needed in words


def test_every_figure_says_that_it_is_simulated(page):
    payload = json.loads(re.search(r'id="figures">(.*?)</script>', page, re.S).group(1))
    drawn = set(re.findall(r'data-figure="([^"]+)"', page))
    assert drawn == set(payload)
    assert len(drawn) > 20
    for figure in payload.values():
        notes = [note["text"] for note in figure["layout"]["annotations"]]
        assert "simulated, not observed" in notes


def test_every_figure_is_one_that_plotly_accepts(page):
    graph_objects = pytest.importorskip("plotly.graph_objects")
    raw = re.search(r'id="figures">(.*?)</script>', page, re.S).group(1)
    for figure in json.loads(re.sub(r'"@\w+"', '"#123456"', raw)).values():
        graph_objects.Figure(figure)


def test_harm_stands_beside_benefit_at_equal_size(page):
    payload = json.loads(re.search(r'id="figures">(.*?)</script>', page, re.S).group(1))
    benefit, other = payload["effect-sows-placebo"]["layout"], payload["harm-overdose"]["layout"]
    assert benefit["height"] == other["height"]
    assert benefit["margin"] == other["margin"]
    assert {
        trace["marker"]["size"]
        for trace in payload["effect-sows-placebo"]["data"]
        if "marker" in trace
    } == {
        trace["marker"]["size"] for trace in payload["harm-overdose"]["data"] if "marker" in trace
    }


def test_vermillion_is_for_harm_alone(page):
    payload = json.loads(re.search(r'id="figures">(.*?)</script>', page, re.S).group(1))
    tinted = {name for name, figure in payload.items() if "#D55E00" in json.dumps(figure)}
    assert tinted == {name for name in payload if name.startswith("harm-")}


def test_no_wording_that_advises_or_calls_a_dose_safe(page):
    words, _ = text_of(page)
    for wrong in (r"\bsafe dose", r"\byou should\b", r"\brecommended dose", r"\boptimal dose",
                  r"\baddicts?\b", r"\babusers?\b", r"\bsignificant", r"\bclean\b"):  # fmt: skip
        assert not re.search(wrong, words, re.I), wrong


def test_hostile_text_cannot_break_out_of_the_page():
    nasty = "</script><img src=x onerror=alert(1)>"
    document = synthetic()
    document["study"]["question"] = nasty
    document["arms"][1]["label"] = nasty
    document["courses"]["cows"]["label"] = nasty
    _, fetched = text_of(render(document))
    assert fetched == []


def test_a_document_with_only_the_contract_keys_renders():
    document = copy.deepcopy(synthetic())
    del document["retention"]
    for entry in [*document["harms"], *(h for c in document["claims"] for h in c["harms"])]:
        del entry["probability_above_limit"]
    words, _ = text_of(render(document))
    assert "What it costs" in words


def test_a_run_without_claims_or_verdict_still_makes_a_page():
    document = synthetic()
    document |= {"claims": [], "courses": {}, "interaction": [], "evidence": []}
    assert "This run judged no claim" in text_of(render(document))[0]


def test_a_withheld_verdict_is_told_as_such():
    document = synthetic()
    document["claims"][0] |= {"verdict": "no verdict", "reasons": ["300 of 24000 failed"]}
    words, _ = text_of(render(document))
    assert "No verdict" in words
    assert "300 of 24000 failed" in words


def test_the_same_document_gives_the_same_bytes(tmp_path):
    first = write_report(synthetic(), tmp_path / "a.html").read_bytes()
    assert first == write_report(synthetic(), tmp_path / "b.html").read_bytes()


def test_alcohol_reports_carry_their_banner_and_opioid_agonists_the_warning():
    document = synthetic()
    document["study"]["disorder"] = "alcohol"
    assert [each.when for each in banners_for(document)] == ["alcohol", "agonist with sedative"]


def test_labels_move_apart_but_stay_on_the_axis():
    placed = spread_labels([5.0, 5.0, 5.0], 1.0, 0.0, 6.0)
    assert sorted(placed) == [4.0, 5.0, 6.0]


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_draws_every_figure_without_a_network(tmp_path):
    document = synthetic()
    document["courses"] = {"cows": document["courses"]["cows"]}
    page = write_report(document, tmp_path / "report.html")
    flags = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
        "--disable-background-networking --disable-component-update --window-size=1280,12000 "
        f"--virtual-time-budget=8000 --user-data-dir={tmp_path / 'profile'} --dump-dom"
    )
    dom = subprocess.run(
        [CHROMIUM, *flags.split(), page.as_uri()], capture_output=True, text=True, timeout=120
    ).stdout
    holders = re.findall(r'<div class="([^"]*)" data-figure="', dom)
    assert len(holders) > 10
    assert all("js-plotly-plot" in classes for classes in holders)
