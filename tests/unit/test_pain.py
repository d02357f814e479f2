"""Pain tolerance: baseline without a signal, longer with one, never beyond the test's end."""

from __future__ import annotations

import numpy as np
import pytest

from alone import centre
from speciosa.core.dimensions import check_dimensions
from speciosa.response.pain import PAIN, pain

P = centre(PAIN)


def tolerance(signal: float, adaptation: float = 0.0) -> float:
    s = {"mu_signal": signal, "adaptation": adaptation}
    return float(PAIN.outputs(np, {}, s, P)["pain_tolerance"])


def test_without_a_signal_it_is_the_baseline():
    assert tolerance(0.0) == pytest.approx(P["baseline"])


def test_it_grows_with_the_signal_up_to_the_end_of_the_test():
    assert P["baseline"] < tolerance(0.05) < tolerance(0.2) < tolerance(1.0) <= P["longest"]
    late = PAIN.outputs(np, {}, {"mu_signal": 1.0, "adaptation": 0.0}, P | {"gain": 1e3})
    assert late["pain_tolerance"] == P["longest"]


def test_what_is_tolerated_relieves_no_pain_and_withdrawal_does_not_shorten_it():
    assert tolerance(0.4, 0.4) == pytest.approx(P["baseline"])
    assert tolerance(0.0, 0.7) == pytest.approx(P["baseline"])
    assert tolerance(0.4, 0.1) > tolerance(0.4, 0.2)


def test_a_recipe_without_adaptation_reads_the_signal_alone():
    plain = pain(adapted=False)
    assert set(plain.needs) == {"mu_signal"}
    found = plain.outputs(np, {}, {"mu_signal": 0.1}, centre(plain))["pain_tolerance"]
    assert found == pytest.approx(tolerance(0.1))
    check_dimensions(plain)
    check_dimensions(PAIN)
