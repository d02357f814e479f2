"""ADaM tables of a run: what the trial's analysis says of them is what `verdict.json` says."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from small_trial import make_small, small_study
from speciosa.core.errors import InputError
from speciosa.trial.study import Study
from speciosa.verdict.appraise import appraise
from speciosa.verdict.effect import EndpointSpec, effect
from speciosa.view.export.adam import adam, datasets, subjects_from
from speciosa.view.export.profiles import Profiles, Taken
from speciosa.view.export.xpt import Dataset, write_xpt

pyreadstat = pytest.importorskip("pyreadstat")


@pytest.fixture(scope="module")
def study() -> Study:
    return small_study()


@pytest.fixture(scope="module")
def folder(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "small"
    with pytest.MonkeyPatch.context() as patch:
        make_small(patch)
        appraise(study, out=out)
    adam(out)
    return out


def transported(folder: Path, name: str) -> tuple[pl.DataFrame, object]:
    rows, about = pyreadstat.read_xport(str(folder / "adam" / f"{name}.xpt"))
    return pl.from_pandas(rows), about


def test_the_analysis_from_adam_is_the_verdicts(study: Study, folder: Path) -> None:
    verdict = json.loads((folder / "verdict.json").read_text())
    compared = 0
    for read in (
        lambda name: transported(folder, name)[0],
        lambda name: pl.read_parquet(folder / "adam" / f"{name}.parquet"),
    ):
        subjects = subjects_from(read("adsl"), read("adqs"), study)
        for entry in verdict["effects"]:
            endpoint = next(e for e in study.endpoints if e.id == entry["endpoint"])
            spec = EndpointSpec(
                endpoint.id, endpoint.label, endpoint.unit, endpoint.better,  # type: ignore[arg-type]
                endpoint.smallest_meaningful_difference, per=endpoint.per,
            )  # fmt: skip
            found = effect(subjects, spec, entry["arm"], entry["versus"])
            for name in ("estimate", "low", "high", "probability", "monte_carlo_error"):
                assert getattr(found, name) == pytest.approx(entry[name], rel=1e-12, abs=1e-12)
            compared += int(found.estimate != 0)
    assert compared >= 4


def test_transport_files_keep_types_labels_and_lengths(study: Study, folder: Path) -> None:
    for data in datasets(study, folder):
        rows, about = transported(folder, data.name.lower())
        assert about.table_name == data.name  # type: ignore[attr-defined]
        assert about.file_label == data.label  # type: ignore[attr-defined]
        assert about.column_names_to_labels == data.labels  # type: ignore[attr-defined]
        assert rows.columns == data.rows.columns and rows.height == data.rows.height
        assert all("(simulated)" in label for label in (data.label, *data.labels.values()))
        for name in rows.columns:
            if data.rows[name].dtype == pl.String:
                assert rows[name].fill_null("").to_list() == data.rows[name].to_list(), name
            else:
                assert rows[name].dtype == pl.Float64
                mine, theirs = (
                    each[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
                    for each in (data.rows, rows)
                )
                np.testing.assert_allclose(theirs, mine, rtol=1e-14)


def test_one_record_per_subject_parameter_and_visit(study: Study, folder: Path) -> None:
    rows = transported(folder, "adqs")[0]
    assert rows.height == rows.select("USUBJID", "PARAMCD", "AVISITN").unique().height
    assert {"COWS", "SOWS", "PSQI", "CRAVING"} <= set(rows["PARAMCD"])
    subjects = transported(folder, "adsl")[0]
    assert subjects.height == 3 * 3 * 20 == subjects["USUBJID"].n_unique()
    times = transported(folder, "adtte")[0]
    assert set(times["CNSR"]) <= {0.0, 1.0}
    assert times.height == 4 * subjects.height


def test_concentrations_are_of_subjects_and_once_each(study: Study, folder: Path) -> None:
    hours, people = np.arange(0.0, 24.0, 0.5), 20
    course = np.exp(-0.3 * hours)[:, None] * np.linspace(1.0, 2.0, people)
    taken = Taken(hours, {"melatonin_plasma": course}, ())
    number = np.arange(people)
    made = Profiles(
        np.zeros_like(number), number, {"melatonin_plasma": "nM"}, ("melatonin_oral",),
        {arm.name: taken for arm in study.arms},
    )  # fmt: skip
    *_, samples, parameters = datasets(study, folder, made)
    assert (samples.name, parameters.name) == ("ADPC", "ADPP")
    assert samples.rows.height == 3 * people * hours.size
    assert set(samples.rows["USUBJID"]) <= set(transported(folder, "adsl")[0]["USUBJID"])
    key = parameters.rows.select("USUBJID", "PARAMCD")
    assert key.height == key.unique().height == 3 * people * 5
    rates = parameters.rows.filter(pl.col("PARAMCD") == "MELALAMZ")["AVAL"]
    assert rates.len() == 3 * people
    assert np.allclose(rates, 0.3)
    rows, about = pyreadstat.read_xport(str(write_xpt(samples, folder)))
    assert about.column_names_to_labels == samples.labels
    assert rows["ATPTN"].max() == 23.5


def test_define_names_every_table_and_column(study: Study, folder: Path) -> None:
    root = ElementTree.parse(folder / "adam" / "define.xml").getroot()
    odm = {"o": "http://www.cdisc.org/ns/odm/v1.3"}
    tables = datasets(study, folder)
    assert [g.get("Name") for g in root.findall(".//o:ItemGroupDef", odm)] == [
        t.name for t in tables
    ]
    items = {item.get("OID") for item in root.findall(".//o:ItemDef", odm)}
    assert items == {f"IT.{t.name}.{c}" for t in tables for c in t.rows.columns}
    asked = {ref.get("ItemOID") for ref in root.findall(".//o:ItemRef", odm)}
    assert asked == items


@pytest.mark.parametrize(
    "name, label, said",
    [
        ("TOOLONGNAME", "short", "name"),
        ("lower", "short", "name"),
        ("FINE", "a label that is much longer than forty bytes", "label"),
        ("FINE", "é" * 21, "42 bytes"),
    ],
)
def test_what_would_be_cut_is_refused(name: str, label: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Dataset("ADXX", "Label", pl.DataFrame({name: [1.0]}), {name: label}, (name,))


def test_a_row_that_is_there_twice_is_refused() -> None:
    with pytest.raises(InputError, match="two rows have the same keys"):
        Dataset("ADXX", "Label", pl.DataFrame({"K": [1.0, 1.0]}), {"K": "Key"}, ("K",))
