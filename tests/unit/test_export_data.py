"""Data out and in again: events with held inputs, NONMEM tables, concentrations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import road_runner
from speciosa.core.errors import InputError
from speciosa.core.event_table import read_events, write_events
from speciosa.models.opioid import cut_down, opioid
from speciosa.trial.study import load_study
from speciosa.view.export.adam import COMMON
from speciosa.view.export.data import petab_files
from speciosa.view.export.folder import export_any
from speciosa.view.export.nonmem import LIST, compartments, nonmem
from speciosa.view.export.pharmacokinetics import beginnings, codes, concentrations, readings
from speciosa.view.export.profiles import Profiles, Taken, profiles
from speciosa.view.export.reading import read
from speciosa.view.export.record import Record, changes
from speciosa.view.export.tables import event_table

HOURS = np.arange(0.0, 24.0, 0.5)
KA, K = 1.5, 0.2


def course(dose: float) -> np.ndarray:
    return dose * KA / (KA - K) * (np.exp(-K * HOURS) - np.exp(-KA * HOURS))


@pytest.fixture(scope="module")
def made() -> Profiles:
    both = Taken(
        HOURS,
        {"mitragynine_plasma": np.stack([course(1.0), course(2.0)], axis=1)},
        ((0.0, "mitragynine_oral", np.array([100.0, 200.0])),),
    )
    none = Taken(HOURS, {"mitragynine_plasma": np.zeros((HOURS.size, 2))}, ())
    return Profiles(
        np.array([0, 0]), np.array([0, 1]), {"mitragynine_plasma": "nM"},
        ("mitragynine_oral", "melatonin_oral"), {"kratom": both, "placebo": none},
    )  # fmt: skip


def test_what_the_export_writes_is_read_back() -> None:
    reading = read(cut_down(opioid(["melatonin_oral"]), ["melatonin_plasma"]))
    names = [one.name for one in reading.inputs]
    assert names
    table = {p.name: np.array([0.5, 0.7]) for p in reading.parameters}
    table |= {name: np.array([1.0, 2.0]) for name in names}
    hours = np.array([0.0, 13.25, 15.0])
    held = {n: np.array([[3.0, 4.0], [5.0, 4.0], [5.0, 1 / 3]]) for n in names}
    given = {entry: np.zeros((3, 2)) for entry in reading.entries}
    given["melatonin_oral"][1] = [20.0, 1e4 / 3]
    happened = Record(hours, given, held, 24.0)
    text = event_table(reading, table, happened, [6.0, 24.0])
    found = read_events(text, inputs=names)
    assert read_events(write_events(found), inputs=names) == found
    with pytest.raises(InputError, match=f'column "{names[0]}" is unknown'):
        read_events(text, inputs=names[1:])
    place = {state.name: i for i, state in enumerate(reading.states, start=1)}
    for person in range(2):
        mine = [one for one in found if one.id == person + 1]
        wanted = [
            (at, place[state], amount * table[gain][person])
            for at, now in changes(reading, happened, person)
            for state, amount, gain in now
            if gain
        ]
        assert [(e.time, e.cmt, e.amt) for e in mine if e.evid == 1] == wanted and wanted
        assert {0.0, 6.0, 24.0} <= {e.time for e in mine if e.evid != 1}
        for one in mine:
            now = np.searchsorted(hours, one.time, side="right") - 1
            assert dict(one.held) == {n: held[n][now, person] for n in names}


def test_nonmem_tables_hold_doses_and_concentrations(made: Profiles) -> None:
    files = nonmem(made, every=2.0)
    places = compartments(made)
    assert files[LIST].splitlines()[3].startswith(f"{places['mitragynine_plasma']},mitragynine")
    found = read_events(files["data-kratom.csv"])
    doses = [one for one in found if one.gives]
    assert [(one.id, one.amt, one.cmt) for one in doses] == [(1, 100.0, 1), (2, 200.0, 1)]
    seen = {one.time: one.dv for one in found if one.id == 2 and not one.gives}
    assert seen == dict(zip(HOURS[::4].tolist(), course(2.0)[::4].tolist(), strict=True))
    assert not any(one.gives for one in read_events(files["data-placebo.csv"]))


def test_concentrations_and_their_reading(made: Profiles) -> None:
    rows = concentrations(made)
    assert rows.height == 2 * 2 * HOURS.size
    assert set(rows.columns) - {"draw", "person", "arm"} <= set(COMMON)
    mine = rows.filter(pl.col("arm") == "kratom", pl.col("person") == 1).sort("ATPTN")
    assert mine["AVAL"].to_list() == course(2.0).tolist()
    read_off = readings(made)
    assert set(read_off["arm"]) == {"kratom"}  # nobody on placebo has any
    found = {
        (row["person"], row["PARAMCD"]): (row["AVAL"], row["AVALU"])
        for row in read_off.iter_rows(named=True)
    }
    begins = "MITR"
    assert found[1, begins + "CMAX"] == (course(2.0).max(), "nM")
    assert found[1, begins + "TMAX"] == (HOURS[course(2.0).argmax()], "h")
    assert found[0, begins + "LAMZ"][0] == pytest.approx(K, rel=1e-3)
    assert found[0, begins + "THLF"][0] == pytest.approx(np.log(2) / K, rel=1e-3)
    area = 1 / K * (1 - np.exp(-K * 23.5)) * KA / (KA - K) - 1 / (KA - K)
    assert found[0, begins + "AUCL"] == (pytest.approx(area, rel=0.02), "nM*h")


def test_codes_of_analytes_do_not_collide() -> None:
    assert list(
        beginnings({"speciogynine_plasma": "nM", "speciociliatine_plasma": "nM"}).values()
    ) == [
        "SPEC",
        "SPE2",
    ]
    assert codes({"hydroxymitragynine_plasma": "nM"}) == {"hydroxymitragynine_plasma": "HYDROXYM"}
    with pytest.raises(InputError, match="two analytes have one code"):
        codes({"mitragynine_plasma": "nM", "mitragynine_b_plasma": "nM"})


def test_what_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no plasma samples"):
        export_any("acute-overdose", "petab", out=tmp_path / "out")
    with pytest.raises(InputError, match="5 people"):
        export_any("combination-opioid", "nonmem", people=5, out=tmp_path / "out")
    with pytest.raises(InputError, match='Did you mean "nonmem"'):
        export_any("combination-opioid", "nonmen", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_study_s_own_people(tmp_path: Path) -> None:
    made = profiles(load_study("leaf-or-isolate"), 20)
    assert all(np.isfinite(c).all() for t in made.arms.values() for c in t.concentrations.values())
    assert any(taken.given for taken in made.arms.values())
    assert readings(made).height > 100
    export_any("leaf-or-isolate", "nonmem", out=tmp_path / "nonmem")
    for path in (tmp_path / "nonmem").glob("data-*.csv"):
        assert len({one.id for one in read_events(path.read_text())}) == 20


@pytest.mark.slow
@pytest.mark.skipif(not road_runner.here(), reason="libRoadRunner is not installed")
def test_the_calibration_problem_gives_its_own_measurements() -> None:
    files = petab_files("combination-opioid", 20)
    rows = [line.split("\t") for line in files["measurements.tsv"].splitlines()[1:]]
    names = sorted({row[0].removeprefix("seen_") for row in rows})
    hours = sorted({float(row[3]) for row in rows})
    found = road_runner.replayed(files["model.xml"], names, [road_runner.Job()], hours)[0]
    for quantity, _, value, at in rows:
        place = names.index(quantity.removeprefix("seen_"))
        peak = found[:, place].max()
        assert abs(found[hours.index(float(at)), place] - float(value)) < 1e-3 * peak
    assert len(files["parameters.tsv"].splitlines()) > 3
