"""Arrival: usual doses that years of use are survived with, and what a break makes of them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from speciosa.core.linear_drug import decayed
from speciosa.evidence.load import load_evidence
from speciosa.models.arrival import DOSE, EARLY, ENTRY, arrive, bearable
from speciosa.models.opioid import HABITUAL, opioid
from speciosa.people.cohort import Cohort, Population, recruit
from speciosa.people.parameters import propensities, sample, use_doses

DRAWS, PEOPLE = 30, 30
FACTORS = np.geomspace(0.1, 12.0, 14)  # of the usual dose
USES_A_MONTH = 90
MODEL = opioid([])
Table = dict[str, dict[str, Any]]


@cache
def arrived() -> tuple[Cohort, Table, dict[str, Any]]:
    """People of the default study, their parameters and their usual doses."""
    evidence, population = load_evidence(), Population()
    rows = np.arange(DRAWS * PEOPLE)
    cohort = recruit(population, 5, rows // PEOPLE, rows % PEOPLE)
    cohort = cohort.with_covariates(propensities(evidence, population, cohort))
    cohort = cohort.with_covariates(use_doses(evidence, cohort))
    unmoved = ("adaptation_start_fast", "adaptation_start_slow", "withdrawal_slow_start")
    cohort = cohort.with_covariates(dict.fromkeys(unmoved, 0.0))
    table = sample((*MODEL.stages, *MODEL.decisions), evidence, cohort)
    return cohort, table, bearable(table, cohort.covariates)


def lowest_ventilation(days_without: float) -> np.ndarray:
    """Return the lowest ventilation after one use of each of ``FACTORS`` usual doses, (F, N)."""
    cohort, table, usual = arrived()
    interval = 24.0 / cohort.covariates["uses_per_day"]
    since = interval if days_without == 0 else np.full_like(interval, 24.0 * days_without)
    covariates = {**cohort.covariates, **usual, "hours_since_last_use": since}
    start = arrive(table, covariates)
    weight, adapted = table["adaptation"]["fast_weight"], start["adaptation"]
    tolerance = weight * adapted["adapted_fast"] + (1 - weight) * adapted["adapted_slow"]
    stages = {stage.name: stage for stage in MODEL.stages}
    lowest = np.ones((FACTORS.size, interval.size))
    for place, factor in enumerate(FACTORS):
        for hours in EARLY:
            found: dict[str, Any] = dict.fromkeys(stages["mu"].needs, 0.0)
            for drug in HABITUAL:
                p, symbols = table[drug.name], drug.entries[ENTRY[drug.name]]
                x = {
                    mode: decayed(
                        start[drug.name][mode] + p[symbols[mode]] * usual[DOSE[drug.name]] * factor,
                        p[rate.rate], hours,
                    )
                    for mode, rate in drug.modes.items()
                }  # fmt: skip
                found.update(drug.outputs(np, x, {}, p))
            drive = stages["mu"].outputs(np, {}, found, table["mu"])["mu_agonist_drive"]
            s = {"mu_agonist_drive": drive, "adaptation": tolerance}
            left = stages["breathing"].outputs(np, {}, s, table["breathing"])["ventilation"]
            lowest[place] = np.minimum(lowest[place], left)
    return lowest


@cache
def chance_of_overdose(days_without: float) -> np.ndarray:
    """Return each person's chance that one use of the usual dose, as it varies, is too much."""
    _, table, _ = arrived()
    seen, take = lowest_ventilation(days_without), table["take"]
    limit = np.broadcast_to(table["breathing"]["low"], seen.shape[1:])
    spread = np.broadcast_to(take["street_dose_spread"], seen.shape[1:])
    habit = np.exp(-days_without / load_evidence().number("behaviour.habit_fade").value)
    share = take["lapse_dose_share"] + (1 - take["lapse_dose_share"]) * habit
    reach = [np.interp(-one, -column, np.log(FACTORS), left=-9, right=9)
             for one, column in zip(limit, seen.T, strict=True)]  # fmt: skip
    return ndtr((np.log(share) - np.asarray(reach)) / spread)


def test_usual_doses_are_lowered_or_left_alone() -> None:
    cohort, _, usual = arrived()
    for name, row in usual.items():
        assert (row <= cohort.covariates[name] * (1 + 1e-12)).all()
        assert ((row > 0) == (cohort.covariates[name] > 0)).all()
    total = sum(usual.values()) / sum(cohort.covariates[name] for name in usual)
    assert 0.5 < (total == 1.0).mean() < 0.95  # most habits are left as they are


def test_people_with_full_tolerance_overdose_in_about_one_to_two_percent_of_months() -> None:
    month = 1 - (1 - chance_of_overdose(0)) ** USES_A_MONTH
    assert 0.005 < month.mean() < 0.02


@pytest.mark.parametrize("days", [3.0, 7.0, 14.0])
def test_a_use_is_several_times_as_dangerous_after_a_break(days: float) -> None:
    assert chance_of_overdose(days).mean() > 5 * chance_of_overdose(0).mean()


def test_the_usual_dose_keeps_its_margin_to_low_ventilation() -> None:
    _, table, _ = arrived()
    margin = np.exp(3.0 * np.broadcast_to(table["take"]["street_dose_spread"], (DRAWS * PEOPLE,)))
    seen = lowest_ventilation(0)
    limit = np.broadcast_to(table["breathing"]["low"], (DRAWS * PEOPLE,))
    at_margin = [np.interp(np.log(m), np.log(FACTORS), column)
                 for m, column in zip(margin, seen.T, strict=True)]  # fmt: skip
    assert (np.asarray(at_margin) > 0.9 * limit).mean() > 0.97


def test_a_model_without_breathing_leaves_the_doses() -> None:
    cohort, table, _ = arrived()
    without = {name: rows for name, rows in table.items() if name != "breathing"}
    doses = bearable(without, cohort.covariates)
    assert all((doses[name] == cohort.covariates[name]).all() for name in doses)
