"""A comparison at equal effect, as a reader sees it: in the report and in a terminal."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from speciosa.view.matched import print_matched
from speciosa.view.report import environment


@pytest.fixture
def found() -> dict[str, Any]:
    outcome = {
        "id": "dependence", "label": "Dependence", "unit": "share of full", "estimate": -0.02,
        "low": -0.07, "high": 0.01, "worse": 0.35, "better": 0.65, "much_worse": 0.0,
        "much_better": 0.05, "monte_carlo_error": 0.01, "error_of_mean": 0.002, "falls": "better",
        "probability": 0.65, "decides": "mitragynine.peripheral_flow", "agree": True,
        "variance_shares": {"truth": 0.25, "person": 0.5, "batch": 0.25},
        "without": {"mitragynine.peripheral_flow": -0.004, "all edges": -0.004},
        "moved": {"mitragynine.peripheral_flow": 0.02},
    }  # fmt: skip
    law = {
        "jurisdiction": "Oklahoma, United States", "law": "63-1-1432.4", "verified": "read",
        "dated": "2026-11-22", "arm": 0.0, "against": 1.0,
    }  # fmt: skip
    return {
        "arm": "7-OH isolate", "against": "Kratom leaf", "equal": "Mean COWS",
        "equality": {
            "within": 0.2, "largest_difference_left": 0.06, "mean_difference_left": 0.0,
            "unmatched_draws": 1, "draws": 20,
            "amount_factor": {"median": 1, "low": 0.1, "high": 9},
        },
        "edges": ["mitragynine.peripheral_flow"], "outcomes": [outcome], "laws": [law],
    }  # fmt: skip


def test_the_report_says_which_way_how_surely_and_which_edge(found: dict[str, Any]):
    text = environment().get_template("matched.html.j2").render(matched=found)
    assert "Kratom leaf worse" in text  # the difference is better for the isolate
    assert "0.65" in text
    assert "peripheral_<wbr>flow" in text
    assert "1 of 20 worlds could not be matched" in text
    assert "Oklahoma" in text
    assert "simulated, not observed" in text.lower()
    assert "it is no advice" in text


def test_a_terminal_shows_the_same(found: dict[str, Any]):
    out = io.StringIO()
    print_matched(found, to=Console(file=out, width=120))
    text = out.getvalue()
    assert "19 of 20 worlds" in text
    assert "0.65" in text
    assert "mitragynine.peripheral_flow" in text


def test_nothing_is_printed_where_nothing_is_matched():
    out = io.StringIO()
    print_matched(None, to=Console(file=out))
    assert out.getvalue() == ""
