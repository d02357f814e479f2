"""Units: what converts, how exactly, and how a wrong one is refused."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from speciosa.core import units
from speciosa.core.errors import InputError
from speciosa.core.units import conversion_factor, convert, dimension
from speciosa.evidence.load import load_evidence
from speciosa.trial.recruited import recruited
from speciosa.trial.run import prepared
from speciosa.trial.study import load_study


@pytest.mark.parametrize(
    "value, start, end, wanted",
    [
        (1.0, "d", "h", 24.0),
        (2.0, "1/d", "1/h", 2.0 / 24.0),
        (50.0, "%", "1", 0.5),
        (1.0, "umol/L", "nM", 1000.0),
        (1.0, "ng/mL", "ug/L", 1.0),
        (60.0, "L/h", "L/min", 1.0),
        (3.0, "point", "1", 3.0),
        (180.0, "degree", "rad", np.pi),
        (20.0, "degC", "kelvin", 293.15),
        (1.0, "ug/h/kg", "mg/h/kg", 1e-3),
    ],
)
def test_convert(value, start, end, wanted):
    assert convert(value, start, end) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(
    "unit",
    ["1", "nM", "ng/mL", "pmol/L", "L/h/kg", "1/d", "d", "lux", "point", "year", "ug/h/kg", "mmHg",
     "%", "rad", "1/(nM*h)", "L/h/mmHg"],
)  # fmt: skip
def test_a_unit_of_the_project_is_understood_and_returns(unit):
    assert convert(convert(3.7, unit, unit), unit, unit) == 3.7
    assert conversion_factor(unit, unit) == 1.0
    assert dimension(unit)


def test_arrays_convert_elementwise():
    assert convert(np.array([0.0, 1.0]), "h", "min").tolist() == [0.0, 60.0]


def test_mass_becomes_amount_through_the_molar_mass():
    assert convert(398.5, "ng/mL", "nM", molar_mass=398.5) == pytest.approx(1000.0)
    assert convert(1000.0, "nM", "ng/mL", molar_mass=398.5) == pytest.approx(398.5)
    assert convert(281538.3, "pg*min/mL", "nM*h", molar_mass=232.28) == pytest.approx(
        20.2, rel=1e-2
    )
    assert convert(2.0, "d", "h", molar_mass=398.5) == 48.0


def test_dimensions_tell_rates_from_times():
    assert dimension("1/d") == dimension("1/year") != dimension("d")
    assert dimension("ng/mL") != dimension("nM")


@pytest.mark.parametrize("start, end", [("nM", "h"), ("ng/mL", "nM"), ("point", "h")])
def test_units_of_two_dimensions_are_refused(start, end):
    with pytest.raises(InputError, match="does not convert"):
        convert(1.0, start, end)


@pytest.mark.parametrize("unit", ["florins", "", "  ", "nM per"])
def test_a_unit_that_is_none_is_refused(unit):
    with pytest.raises(InputError) as caught:
        dimension(unit)
    assert caught.value.cure


def test_an_offset_is_no_factor():
    with pytest.raises(InputError, match="not a mere factor"):
        conversion_factor("degC", "kelvin")


def test_importing_units_does_not_import_pint():
    code = "import sys, speciosa.core.units; sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_conversion_that_ships_is_what_pint_computes():
    table = units._shipped()
    assert len(table) > 20
    for asked, told in table.items():
        assert tuple(told) == units.line(*asked.split(" -> ")), asked


def test_preparing_the_default_study_asks_nothing_of_pint(monkeypatch):
    def refuse(*_):
        raise AssertionError("pint is loaded for a conversion that the table lacks")

    units._line.cache_clear()
    monkeypatch.setattr(units, "line", refuse)
    evidence, somebody = load_evidence(), np.zeros(20, dtype=int)
    plan = prepared(load_study("combination-opioid"), evidence)
    people = recruited(plan, evidence, somebody, np.arange(20))
    assert people.cohort.draw.size == 20
    units._line.cache_clear()
