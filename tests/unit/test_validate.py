# ruff: noqa: E501
"""Validation: anyone's table of published results, read liberally, run and scored."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from speciosa.care.regimen import parse_regimens
from speciosa.core.errors import InputError
from speciosa.core.random import Streams
from speciosa.evidence.load import load_evidence
from speciosa.evidence.results import PublishedResult
from speciosa.people.cohort import Population
from speciosa.trial.lab import Laboratory, Protocol, Samples
from speciosa.trial.observed import observation, statistic
from speciosa.trial.quantity import quantities_named
from speciosa.trial.reading import _carried, _profile, read
from speciosa.trial.setting import setting_of, usual_setting
from speciosa.trial.validate import _plan, regimens_of, unit_named
from speciosa.verdict.scorecard import summary, validate

HEADER = (
    "id,population,regimen,reference_regimen,quantity,metric,at,value,low,high,unit,n,role,times,"
    "lloq,margin"
)
ROWS = """\
tea,Healthy,kratom leaf (mitragynine 19.5 mg/g) 2 g once,,Mitragynine,Cmax,dose 1,32.6,,,ng/ml,5,,0;0.5;0.75;1;1.5;2;3;4;6;8;12;24,0.5 nM,
molar,Healthy,kratom leaf (mitragynine 19.5 mg/g) 2 g once,,mitragynine,Cmax,dose 1,81.9,,,nM,5,,0;0.5;0.75;1;1.5;2;3;4;6;8;12;24,0.5 nM,
metabolite,healthy,kratom leaf (mitragynine 19.5 mg/g) 2 g once,,7-OH-mitragynine/mitragynine,AUC,,0.25,,,ratio,,calibration,0;1;2;4;8;12;24,,3-fold
double,healthy,melatonin 10 mg once,melatonin 5 mg once,melatonin,AUC,dose 1,2,,,1,,,0;0.5;1;2;4,,
naltrexone,healthy,naltrexone 50 mg once,,mu occupancy,mean,4 h,95,,,%,,,,,
absurd,healthy,naltrexone 50 mg once,,mu occupancy,mean,4 h,5,,,%,,,,,2
sober,alcohol,melatonin 5 mg at 22:00 daily for 28 d,placebo,PSQI,mean_difference,day 28,0,,,point,,,,,
tramadol,opioid,tramadol 200 mg daily for 7 d,,retention,fraction,day 7,0.72,,,1,,,,,
mood,healthy,melatonin 5 mg once,,happiness,mean,day 1,1,,,1,,,,,
litres,healthy,melatonin 5 mg once,,melatonin,Cmax,,1,,,L,,,,,
number,healthy,melatonin 5 mg once,,melatonin,Cmax,,eight,,,nM,,,,,
"""


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "mine.csv"
    path.write_text(f"{HEADER}\n{ROWS}", encoding="utf-8")
    seen = []
    found = validate(path, draws=2, people=20, on_progress=seen.append)
    return found, {row["id"]: row for row in found["results"]}, seen


def test_every_row_is_answered_and_the_answer_is_json(scored):
    found, rows, seen = scored
    assert len(rows) == len(ROWS.splitlines())
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    counts = found["summary"]
    assert (counts["failed"], counts["not_run"]) == (1, 4)
    assert counts["passed"] == len(rows) - 5
    assert counts["failures"] == ["absurd"]
    assert seen[-1].solved == seen[-1].asked


def test_mass_and_molar_units_agree(scored):
    _, rows, _ = scored
    assert rows["tea"]["predicted"] == pytest.approx(rows["molar"]["predicted"] * 0.3985, rel=1e-3)
    assert rows["tea"]["low"] <= rows["tea"]["predicted"] <= rows["tea"]["high"]


def test_a_reference_makes_a_ratio_on_the_same_people(scored):
    _, rows, _ = scored
    # absorption and elimination are linear in the dose; the gland's own share is the same in both
    assert rows["double"]["predicted"] == pytest.approx(2.0, rel=0.02)
    assert rows["double"]["high"] - rows["double"]["low"] < 0.05


def test_shares_may_be_percent(scored):
    _, rows, _ = scored
    assert rows["naltrexone"]["predicted"] > 80
    assert rows["naltrexone"]["accepted"] == pytest.approx([85, 105])
    assert rows["absurd"]["pass"] is False


def test_people_who_leave_alcohol_are_simulated_too(scored):
    """Gendy 2020: no difference in sleep between melatonin and placebo."""
    _, rows, _ = scored
    assert rows["sober"]["pass"] is True
    assert -1.5 < rows["sober"]["predicted"] < 0


@pytest.mark.parametrize(
    "name, reason",
    [
        ("tramadol", "tramadol"),
        ("mood", 'quantity "happiness"'),
        ("litres", "does not convert"),
        ("number", "not a number"),
    ],
)
def test_what_cannot_be_run_is_named_with_its_reason(scored, name, reason):
    _, rows, _ = scored
    assert rows[name]["pass"] is None
    assert rows[name]["predicted"] is None
    assert reason in rows[name]["reason"]


def test_default_times_are_told(scored):
    _, rows, _ = scored
    assert not rows["tea"]["notes"]
    assert any("limit" in note for note in rows["metabolite"]["notes"])


@pytest.mark.parametrize("more, what", [({"people": 5}, "5 people"), ({"draws": 0}, "0 draws")])
def test_too_few_is_refused(more, what):
    with pytest.raises(InputError, match=what):
        validate(**more)


def test_a_bad_file_is_one_error(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("name,dose\nx,5\n", encoding="utf-8")
    with pytest.raises(InputError, match='column "id" is missing'):
        validate(path)


def test_roles_are_counted_apart():
    rows = [
        {"id": "a", "pass": True, "role": "calibration", "fold_error": 2.0},
        {"id": "b", "pass": False, "role": "validation", "fold_error": 0.25},
        {"id": "c", "pass": None, "role": "validation", "fold_error": None},
    ]
    found = summary(rows)
    assert found["by_role"]["validation"] == {
        "passed": 0, "failed": 1, "not_run": 1, "median_fold_error": 4.0,
    }  # fmt: skip
    assert found["by_role"]["calibration"]["passed"] == 1


# ---- when a result is read -------------------------------------------------------------------

UNITS = {
    "mitragynine_plasma": "nM", "buprenorphine_plasma": "nM", "mu_occupancy": "1", "cows": "1",
    "sows_gossop": "1", "total_sleep_time": "min", "mu_occupancy_buprenorphine": "1",
}  # fmt: skip


def hours(regimen, quantity, metric, at, population="opioid", **more):
    unit = more.pop("unit", "1")
    result = PublishedResult("x", regimen, quantity, metric, 1.0, unit, population, at=at, **more)
    made = observation(result, quantities_named(quantity, UNITS), [regimens_of(regimen)])
    return made.readings[0].hours, made


def test_times_count_from_the_dose_that_is_named():
    daily = "kratom leaf 4 g daily for 28 d"
    for at, first in [("", 0.0), ("dose 28", 648.0), ("day 15", 336.0), ("last dose", 648.0)]:
        found, _ = hours(daily, "mitragynine", "cmax", at, "healthy", times=(0.0, 1.0))
        assert found == (first, first + 1.0)
    clocked, _ = hours("melatonin 5 mg at 21:00 daily for 28 d", "mitragynine", "cmax", "dose 2",
                       "healthy", times=(0.0, 1.0))  # fmt: skip
    assert clocked == (37.0, 38.0)


def test_default_times_end_with_the_next_dose():
    found, made = hours("kratom leaf 4 g every 6 h for 2 d", "mitragynine", "auc_last", "dose 2")
    assert (found[0], found[-1]) == (6.0, 12.0)
    assert "up to the next dose" in made.readings[0].notes
    last, _ = hours("kratom leaf 4 g every 6 h for 2 d", "mitragynine", "auc_last", "dose 8")
    assert last[-1] == 42.0 + 120.0


def test_scores_are_read_at_visits_and_occupancy_at_its_hour():
    assert hours("placebo", "SOWS", "mean", "days 2-3")[0] == (3.5, 27.5, 51.5)
    assert hours("placebo", "SOWS", "mean", "days 2-3")[1].readings[0].lead == 1
    assert hours("placebo", "TST", "mean", "day 2", unit="min")[0] == (30.0,)
    assert hours("buprenorphine 16 mg daily for 3 d", "mu occupancy", "mean", "52 h")[0] == (52.0,)
    assert hours("placebo", "retention", "fraction", "week 2")[0] == (13 * 24 + 3.5,)


def test_what_is_randomised_later_is_counted_from_then():
    """Ling 2009 and Dunn 2017 randomised only who was still there after the first weeks."""
    found, made = hours("placebo", "opioid_free since day 29", "fraction", "day 35")
    assert found == (28 * 24 + 3.5, 34 * 24 + 3.5)
    values = {
        "in_treatment": np.array([[1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0]]),
        "days_abstinent": np.array([[9.0, 9.0, 9.0, 9.0], [3.0, 1.0, 9.0, 9.0]]),
    }
    rows = np.arange(4)
    samples = Samples(np.array(found), values, 0 * rows, rows, rows > 9, Streams(rows, rows))
    seen = read(
        made, made.readings[0], samples, limits={}, constants={"behaviour.urine_window": 3.0}
    )
    assert seen[:3].tolist() == [1.0, 0.0, 0.0]  # free, positive, gone since
    assert np.isnan(seen[3])  # was not there to be randomised
    with pytest.raises(InputError, match="is not before"):
        hours("placebo", "retention since day 29", "fraction", "day 20")
    with pytest.raises(InputError, match="not understood"):
        quantities_named("relapse since day 29", UNITS)


@pytest.mark.parametrize(
    "case, what",
    [
        (("placebo", "retention", "fraction", "week 2", "healthy"), "healthy people"),
        (("placebo", "COWS", "fraction", "day 2"), "yes or no"),
        (("placebo", "COWS", "mean", ""), '"at" is empty'),
        (("placebo", "COWS", "half_life", "day 1"), "no meaning"),
        (("melatonin 5 mg daily for 2 d", "mu occupancy", "mean", "dose 5"), "no dose 5"),
        (("melatonin 5 mg daily", "mu occupancy", "mean", "last dose"), "no last dose"),
        (("placebo", "SOWS", "fraction_mild", "day 2"), "band of the COWS"),
    ],
)
def test_what_makes_no_sense_is_refused(case, what):
    with pytest.raises(InputError, match=what):
        hours(*case)


@pytest.mark.parametrize(
    "text, name",
    [
        ("7-OH", "hydroxymitragynine_plasma"),
        ("Plasma Buprenorphine", "buprenorphine_plasma"),
        ("SOWS-Gossop", "sows_gossop"),
        ("buprenorphine mu occupancy", "mu_occupancy_buprenorphine"),
        ("mu occupancy of buprenorphine", "mu_occupancy_buprenorphine"),
        ("Retention", "in_treatment"),
    ],
)
def test_words_of_other_tables(text, name):
    units = UNITS | {"hydroxymitragynine_plasma": "nM"}
    assert quantities_named(text, units)[0].name == name


@pytest.mark.parametrize(
    "text", ["mitragynine in urine", "whole blood methadone", "SOWS-Handelsman"]
)
def test_another_meaning_is_no_synonym(text):
    with pytest.raises(InputError, match="is not computed"):
        quantities_named(text, UNITS)


def test_comparisons():
    for text, sign in [("COWS below 5", "<"), ("COWS >= 13", ">="), ("cows at most 4", "<=")]:
        assert quantities_named(text, UNITS)[0].compare == sign


@pytest.mark.parametrize(
    "text, wanted",
    [("ng·h/ml", "ng*h/mL"), ("Points", "1"), ("nmol/l", "nmol/L"), ("", "1"), ("hr", "h"),
     ("ng/mL", "ng/mL"), ("%", "%"), ("nM", "nM"), ("min", "min")],
)  # fmt: skip
def test_units_are_spelled_our_way(text, wanted):
    assert unit_named(text) == wanted


# ---- what is read ------------------------------------------------------------------------------


def test_the_limit_shortens_a_half_life():
    times = np.array([0, 1, 2, 4, 8, 12, 24, 48, 72, 96])
    profile = (100 * np.exp(-0.5 * times) + 2 * np.exp(-0.02 * times))[:, None]
    seen, all_ = (_profile("half_life", profile, times, limit)[0] for limit in (2.0, 0.0))
    assert seen < 0.5 * all_


def test_the_last_score_is_carried_forward_after_leaving():
    scores = np.array([[5.0, 5.0], [6.0, 6.0], [7.0, 7.0]])
    present = np.array([[1.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    assert _carried(scores, present).tolist() == [[5.0, 5.0], [6.0, 5.0], [7.0, 5.0]]


def test_a_difference_is_taken_within_each_draw():
    result = PublishedResult("x", "placebo", "cows", "mean_difference", 1.0, "1", "opioid",
                             reference_regimen="placebo", at="day 1")  # fmt: skip
    lines = [regimens_of("placebo")] * 2
    made = observation(result, quantities_named("cows", UNITS), lines)
    arms = [np.array([1.0, 3.0, 5.0, np.nan]), np.array([0.0, 1.0, 1.0, 1.0])]
    assert statistic(made, arms, {0: [0, 1], 1: [2, 3]}).tolist() == [1.5, 4.0]


def test_settings_change_the_people():
    assert setting_of("healthy", "", ()).population.smokers == 0.0
    assert setting_of("opioid", "x:bot", ()).population.use_level == "behaviour.use_level_xbot"
    methadone = parse_regimens("methadone 30 mg once")
    assert setting_of("opioid", "", methadone).population.dropout_rate.endswith("methadone")
    with pytest.raises(InputError, match="setting"):
        setting_of("opioid", "spa", ())


@pytest.mark.parametrize("outcome, day, line, where", [
    ("sows_gossop", 7.0, "placebo once", "inpatient"),
    ("in_treatment", 7.0, "lofexidine 0.54 mg every 6 h for 7 d then stop", "inpatient"),
    ("cows", 5.0, "buprenorphine 8 mg daily for 3 d then 4 mg daily for 2 d", "inpatient"),
    ("cows", 1.0, "buprenorphine 8 mg once when COWS >= 8 on day 1", "START"),
    ("in_treatment", 84.0, "methadone 80 mg daily", "START"),
    ("relapsed", 168.0, "buprenorphine 16 mg daily for 168 d", "X:BOT"),
    ("in_treatment", 84.0, "naltrexone extended release 380 mg every 28 d for 84 d", "X:BOT"),
    ("abstinent", 28.0, "kratom leaf 4 g every 6 h for 28 d", ""),
])  # fmt: skip
def test_a_trial_without_a_stated_setting_is_where_such_trials_are(outcome, day, line, where):
    assert usual_setting(outcome, day, parse_regimens(line)) == where


def test_a_setting_that_was_not_stated_is_told_and_shared_by_both_arms():
    published = PublishedResult(
        "x", "lofexidine 0.54 mg every 6 h for 7 d", "SOWS", "mean", 0.7, "1", "opioid",
        reference_regimen="placebo", at="days 1-7",
    )  # fmt: skip
    plan = _plan(published, load_evidence(), UNITS)
    assert plan.reason == ""
    assert "setting not stated: inpatient" in plan.notes
    assert {arm.setting.name for arm in plan.arms} == {"inpatient"}
    stated = _plan(replace(published, setting="outpatient"), load_evidence(), UNITS)
    assert {arm.setting.name for arm in stated.arms} == {"outpatient"}
    assert not any("setting" in note for note in stated.notes)


def test_the_laboratory_samples_at_any_moment_and_a_longer_day_changes_nothing():
    given = parse_regimens("melatonin 5 mg once")
    people = Population(habits=())
    one = Protocol(given, people, (0.0, 0.7, 3.0))
    two = Protocol(given, people, (0.0, 0.7, 1.0, 3.0, 26.0))
    laboratory = Laboratory(load_evidence(), [one, two], ["melatonin_plasma"], width=20)
    first, second = (laboratory.run(p, seed=3, draws=1, people=20) for p in (one, two))
    assert not first.failed.any()
    short, long = first.values["melatonin_plasma"], second.at("melatonin_plasma", one.hours)
    assert np.allclose(short, long, rtol=1e-3)
    assert (short[1] > short[0]).all()


def test_a_single_dose_may_be_the_reference_of_many():
    result = PublishedResult(
        "x",
        "kratom leaf 4 g daily for 28 d",
        "mitragynine",
        "auc_last",
        2.0,
        "1",
        at="dose 28",
        times=(0.0, 4.0),
        reference_regimen="kratom leaf 4 g once",
    )
    lines = [regimens_of(result.regimen), regimens_of(result.reference_regimen)]
    many, single = observation(result, quantities_named("mitragynine", UNITS), lines).readings
    assert (many.hours, single.hours) == ((648.0, 652.0), (0.0, 4.0))
    assert any("last" in note for note in single.notes)


def test_nothing_over_nothing_is_no_number():
    result = PublishedResult(
        "x",
        "placebo",
        "cows",
        "fraction_ratio",
        1.0,
        "1",
        "opioid",
        reference_regimen="placebo",
        at="day 1",
    )
    lines = [regimens_of("placebo")] * 2
    made = observation(result, quantities_named("retention", UNITS), lines)
    assert np.isnan(statistic(made, [np.zeros(2), np.zeros(2)], {0: [0, 1]})).all()
