"""Published results: margins, times, and tables that anyone may bring."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from speciosa.core.errors import InputError
from speciosa.evidence.result_table import COLUMNS, read_result_table
from speciosa.evidence.results import (
    DEFAULT_TIMES,
    LAST,
    At,
    PublishedResult,
    accepted,
    fold_error,
    hours_of,
    metric_named,
    passes,
    result_from,
)


def result(metric="cmax", value=8.0, unit="nM", **more):
    return PublishedResult(
        "a", "melatonin 5 mg once", "melatonin_plasma", metric, value, unit, **more
    )


@pytest.mark.parametrize(
    "more, wanted",
    [
        ({}, (6.4, 10.0)),
        ({"n": 6}, (6.4, 10.0)),
        ({"n": 5}, (4.0, 16.0)),
        ({"low": 5.0, "high": 9.0}, (5.0, 10.0)),
        ({"low": 7.0, "high": 20.0}, (6.4, 20.0)),
        ({"low": 1.0, "high": 90.0, "margin": "2-fold"}, (4.0, 16.0)),
        ({"margin": "25 %"}, (6.0, 10.0)),
        ({"margin": "3"}, (5.0, 11.0)),
        ({"margin": "2"}, (4.0, 16.0)),
        ({"margin": "1.25x"}, (6.4, 10.0)),
        ({"margin": "± 3 nM"}, (5.0, 11.0)),
        ({"metric": "tmax", "unit": "h", "margin": "1.5"}, (6.5, 9.5)),
        ({"metric": "mean", "unit": "point", "margin": "2 points"}, (6.0, 10.0)),
        ({"metric": "share", "unit": "1", "value": 0.41, "margin": "20 points"}, (0.21, 0.61)),
        ({"metric": "share", "unit": "%", "value": 41.0, "margin": "20 points"}, (21.0, 61.0)),
        ({"metric": "mean", "unit": "point"}, (6.4, 9.6)),
        ({"metric": "mean", "unit": "point", "value": 2.0}, (1.0, 3.0)),
        ({"metric": "mean", "unit": "point", "value": -8.0}, (-9.6, -6.4)),
        ({"metric": "share", "unit": "1", "value": 0.41}, (0.31, 0.51)),
        ({"metric": "fraction", "unit": "%", "value": 41.0}, (31.0, 51.0)),
    ],
)
def test_the_margin_is_a_tolerance_on_the_centre(more, wanted):
    assert accepted(result(**more)) == pytest.approx(wanted)


def test_a_prediction_passes_inside_and_fails_outside():
    assert passes(result(), 6.4)
    assert passes(result(), 10.0)
    assert not passes(result(), 6.39)
    assert not passes(result(), 10.01)
    assert not passes(result(), float("nan"))


def test_fold_error_needs_two_positive_numbers():
    assert fold_error(result(), 16.0) == 2.0
    assert math.isnan(fold_error(result("mean", -8.0, "min"), 16.0))
    assert math.isnan(fold_error(result(), -1.0))


def test_the_quantification_limit_has_a_unit():
    assert result(lloq="20 pg/mL").quantification_limit == (20.0, "pg/mL")
    assert result(lloq="0.5").quantification_limit == (0.5, "nM")
    assert result().quantification_limit is None


def test_default_times():
    assert result().sampled_at == DEFAULT_TIMES
    assert result(times=(0.0, 2.0)).sampled_at == (0.0, 2.0)
    assert DEFAULT_TIMES[-1] == 120.0


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("", None),
        ("4 h", At(4.0, 4.0)),
        ("35-65 min", At(35 / 60, 65 / 60)),
        ("2 d", At(48.0, 48.0)),
        ("day 3", At(48.0, 72.0)),
        ("days 1-7", At(0.0, 168.0)),
        ("week 12", At(11 * 168.0, 12 * 168.0)),
        ("weeks 5-24", At(4 * 168.0, 24 * 168.0)),
        ("day 1 before dose", At(0.0, 24.0, "before")),
        ("day 1 after dose", At(0.0, 24.0, "after")),
        ("Dose 28", At(0.0, 0.0, nth=28)),
        ("first dose", At(0.0, 0.0, nth=1)),
        ("before dose 3", At(0.0, 0.0, "before", 3)),
        ("4 h after dose 28", At(4.0, 4.0, "after", 28)),
        ("0\u201324 hours after the last dose", At(0.0, 24.0, "after", LAST)),
    ],
)
def test_when_a_result_is_read(text, wanted):
    found = hours_of(text)
    if wanted is None:
        assert found is None
    else:
        assert (found.start, found.end) == pytest.approx((wanted.start, wanted.end))
        assert (found.dose, found.nth) == (wanted.dose, wanted.nth)


@pytest.mark.parametrize("text", ["noon", "day", "3", "days 7-1", "4 parsecs", "h"])
def test_a_time_that_is_none_is_refused(text):
    with pytest.raises(InputError, match='"at" is'):
        hours_of(text)


@pytest.mark.parametrize(
    "more, what",
    [
        ({"metric": "cmaxx"}, 'metric "cmaxx"'),
        ({"population": "rats"}, 'population "rats"'),
        ({"role": "fit"}, 'role "fit"'),
        ({"low": 9.0}, "not between"),
        ({"value": 0.0}, "cmax is 0"),
        ({"times": (1.0, 1.0)}, "times do not increase"),
        ({"n": 0}, "n is 0"),
        ({"margin": "lots"}, 'margin "lots"'),
        ({"margin": "0.5-fold"}, 'margin "0.5-fold"'),
        ({"margin": "-1"}, 'margin "-1"'),
        ({"lloq": "low"}, 'lloq "low"'),
        ({"metric": "mean_difference"}, "reference_regimen"),
    ],
)
def test_a_wrong_result_is_refused(more, what):
    with pytest.raises(InputError) as caught:
        result(**more)
    assert what in caught.value.what


def test_a_reference_makes_a_ratio_unless_the_metric_is_a_difference():
    assert (result().compared, result().kind) == ("", "pharmacokinetic")
    mean = result("mean", 1.5, "1", reference_regimen="placebo")
    assert (mean.compared, mean.kind) == ("ratio", "pharmacokinetic")
    assert accepted(mean) == pytest.approx((1.2, 1.875))
    less = result("mean_difference", -2.0, "point", reference_regimen="placebo")
    assert (less.compared, less.kind) == ("difference", "score")


@pytest.mark.parametrize(
    "text, wanted",
    [("Cmax", "cmax"), ("AUC", "auc_last"), ("AUCinf", "auc_inf"), ("Half-Life", "half_life"),
     ("MAX", "peak"), ("fraction below 12", "fraction_below_12"), ("cmin", "cmin")],
)  # fmt: skip
def test_metrics_are_known_by_other_spellings(text, wanted):
    assert metric_named(text) == wanted


def test_our_own_results_name_their_source():
    table = {
        "id": "a", "regimen": "placebo", "quantity": "cows", "metric": "mean", "value": 3,
        "unit": "point", "role": "validation", "grade": "A", "verified": "yes",
    }  # fmt: skip
    with pytest.raises(InputError, match=r'x.toml, a: "source" is missing'):
        result_from(table, "x.toml")
    assert result_from({**table, "source": "smith2020", "times": [0, 1]}).times == (0.0, 1.0)


HEADER = ",".join(COLUMNS)
ROW = (
    "mine,healthy,melatonin 5 mg once,,melatonin_plasma,cmax,,8,,,nM,12,validation,0 1;2 4,0.5 nM,"
)


def written(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_anyones_table_is_read(tmp_path):
    results, refused = read_result_table(written(tmp_path, f"\ufeff{HEADER}\n{ROW}\n\n"))
    assert refused == ()
    assert results[0].times == (0.0, 1.0, 2.0, 4.0)
    assert (results[0].n, results[0].low, results[0].lloq) == (12, None, "0.5 nM")


@pytest.mark.parametrize("between", [";", "\t"])
def test_a_table_of_a_spreadsheet_is_read(tmp_path, between):
    header, row = HEADER.replace(",", between), ROW.replace("0 1;2 4", "0 1 2 4")
    text = f"{header}\n{row.replace(',', between)}\n"
    results, refused = read_result_table(written(tmp_path, text))
    assert refused == ()
    assert results[0].times == (0.0, 1.0, 2.0, 4.0)


def test_a_refused_row_keeps_its_place(tmp_path):
    bad = ROW.replace(",8,", ",,").replace("mine", "bad")
    rows = f"{HEADER}\n{ROW}\n{bad}\n{ROW.replace('mine', 'other')}\n"
    results, refused = read_result_table(written(tmp_path, rows))
    assert [result.id for result in results] == ["mine", "other"]
    assert [(one.id, one.line, one.place) for one in refused] == [("bad", 3, 1)]


def test_the_example_of_the_command_is_read():
    examples = Path(__file__).parents[2] / "examples"
    results, refused = read_result_table(examples / "published.csv")
    assert refused == ()
    assert {result.population for result in results} == {"healthy", "opioid"}


def test_a_table_that_is_no_text_is_an_error(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes("id;regimen".encode("utf-16"))
    with pytest.raises(InputError, match="is not UTF-8 text"):
        read_result_table(path)
    path.write_text("")
    with pytest.raises(InputError, match="the file is empty"):
        read_result_table(path)


def test_the_compulsory_columns_are_enough(tmp_path):
    text = "id,regimen,quantity,metric,value,unit\nx,placebo,cows,mean,3,point\n"
    results, refused = read_result_table(written(tmp_path, text))
    assert (results[0].population, results[0].role, refused) == ("healthy", "validation", ())


@pytest.mark.parametrize(
    "header, what",
    [
        (HEADER.replace("metric", "metrik"), 'unknown column "metrik"'),
        (HEADER.replace(",unit", ""), 'column "unit" is missing'),
        (HEADER + ",id", 'column "id" stands twice'),
        ("", 'column "id" is missing'),
    ],
)
def test_a_wrong_header_is_an_error(tmp_path, header, what):
    with pytest.raises(InputError) as caught:
        read_result_table(written(tmp_path, f"{header}\n{ROW}\n"))
    assert what in caught.value.what
    assert caught.value.where == "mine.csv, header"


@pytest.mark.parametrize(
    "row, reason",
    [
        (ROW.replace(",8,", ",eight,"), '"value" is "eight", not a number'),
        (ROW.replace(",8,", ",nan,"), "not finite"),
        (ROW.replace(",8,", ",,"), '"value" is empty'),
        (ROW.replace(",12,", ",12.5,"), "not a whole number"),
        (ROW.replace("cmax", "cmin"), 'metric "cmin"'),
        (ROW.replace("0 1;2 4", "0 x"), '"times" is "x"'),
        (ROW + ",extra", "cells under"),
        (ROW.replace("mine", "good"), "stands twice"),
    ],
)
def test_a_wrong_row_is_refused_with_its_reason_and_the_rest_go_on(tmp_path, row, reason):
    good = ROW.replace("mine", "good")
    results, refused = read_result_table(written(tmp_path, f"{HEADER}\n{good}\n{row}\n"))
    assert [r.id for r in results] == ["good"]
    assert len(refused) == 1
    assert reason in refused[0].reason
    assert refused[0].line == 3


def test_spelling_is_free_and_foreign_columns_are_left_out(tmp_path):
    header = "ID, Population ,Regimen,Reference regimen,Quantity,Metric,value,Unit,Role,doi,Times"
    row = "x,OUD,placebo,,COWS,Mean,3,,Test,10.1/x,[0; 1.5]"
    results, refused = read_result_table(written(tmp_path, f"{header}\n{row}\n"))
    assert refused == ()
    one = results[0]
    assert (one.population, one.metric, one.unit, one.role) == ("opioid", "mean", "1", "validation")
    assert one.times == (0.0, 1.5)


def test_a_missing_table_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_result_table(tmp_path / "none.csv")
