from __future__ import annotations

import numpy as np
import pytest

from speciosa.core.linear_drug import Link, effect_site, exchange, linear_drug
from speciosa.core.stage import Parameter

UNITS = {"ka": "1/h", "k": "1/h", "V": "L", "F": "1"}


@pytest.fixture
def drug():
    return linear_drug(
        "example",
        compartments=("gut", "plasma", "effect"),
        links=(Link("gut", "ka", "plasma"), Link("plasma", "k"), *effect_site("plasma", "ke0")),
        entries={"example_oral": {"gut": "F"}, "example_intravenous": {"plasma": None}},
        outputs={"example_plasma": {"plasma": "V"}, "example_effect": {"effect": "V"}},
        parameters={symbol: Parameter(f"example.{symbol}", unit) for symbol, unit in UNITS.items()},
        constants=lambda p: {"ke0": 3.0 * p["k"]},
    )


def at(drug, p, entry, hours):
    d = {**p, **drug.derive(p)}
    x = {
        mode: d[drug.entries[entry][mode]] * np.exp(-d[spec.rate] * hours)
        for mode, spec in drug.modes.items()
    }
    return drug.outputs(np, x, {}, d)


def test_one_compartment_is_the_closed_form(drug):
    p = {"ka": 1.1, "k": 0.2, "V": 40.0, "F": 0.5}
    wanted = 0.5 * 1.1 / (40.0 * 0.9) * (np.exp(-0.2 * 3) - np.exp(-1.1 * 3))
    assert at(drug, p, "example_oral", 3.0)["example_plasma"] == pytest.approx(wanted, rel=1e-10)
    wanted = np.exp(-0.2 * 3) / 40.0
    assert at(drug, p, "example_intravenous", 3.0)["example_plasma"] == pytest.approx(wanted)


def test_the_effect_site_follows_without_taking(drug):
    p = {"ka": 1.1, "k": 0.2, "V": 40.0, "F": 0.5}
    d = drug.derive(p)
    assert sorted(round(float(d[f"rate_{i}"]), 9) for i in range(3)) == [0.2, 0.6, 1.1]
    wanted = 0.6 / 0.4 * (np.exp(-0.2 * 2) - np.exp(-0.6 * 2)) / 40.0
    assert at(drug, p, "example_intravenous", 2.0)["example_effect"] == pytest.approx(wanted)


def test_absorption_as_fast_as_elimination_is_still_solved(drug):
    p = {"ka": 0.2, "k": 0.2, "V": 40.0, "F": 1.0}
    wanted = 0.2 * 3 * np.exp(-0.2 * 3) / 40.0
    assert at(drug, p, "example_oral", 3.0)["example_plasma"] == pytest.approx(wanted, rel=1e-5)


def test_rows_of_people_and_single_numbers_give_the_same(drug):
    many = {"ka": np.array([1.1, 2.0]), "k": np.array([0.2, 0.1]), "V": 40.0, "F": 0.5}
    rows = at(drug, many, "example_oral", 1.0)["example_plasma"]
    assert rows.shape == (2,)
    alone = at(drug, {"ka": 2.0, "k": 0.1, "V": 40.0, "F": 0.5}, "example_oral", 1.0)
    assert rows[1] == alone["example_plasma"]


def test_a_clearance_that_is_not_positive_is_refused(drug):
    with pytest.raises(ValueError, match="positive"):
        drug.derive({"ka": 1.0, "k": 0.0, "V": 40.0, "F": 0.5})


def test_exchange_conserves_the_drug():
    out, back = exchange("one", "other", "k12", "k21")
    assert (out.source, out.to, back.source, back.to) == ("one", "other", "other", "one")
    assert not out.copies and not back.copies
