"""Courses over time for the report: medians, the spread of people, doubt about parameters."""

from __future__ import annotations

from typing import Any

import polars as pl

from speciosa.trial.run import TrialRun

BY_DAY = ("ciwa", "sows_gossop", "cows", "craving", "total_sleep_time", "adaptation", "ventilation")
AT_FIRST = (
    "mitragynine_plasma",
    "hydroxymitragynine_plasma",
    "melatonin_plasma",
    "buprenorphine_plasma",
    "lofexidine_plasma",
    "mu_occupancy",
    "alcohol_plasma",
    "benzodiazepine_block",
)
LABELS = {
    "sows_gossop": ("Withdrawal (SOWS-Gossop)", "points"),
    "cows": ("Withdrawal (COWS)", "points"),
    "ciwa": ("Withdrawal (CIWA-Ar)", "points"),
    "craving": ("Craving", "points"),
    "total_sleep_time": ("Total sleep time", "min"),
    "adaptation": ("Adaptation to opioids (tolerance and dependence)", "share of full"),
    "ventilation": ("Ventilation at the visit", "share of rest"),
    "mitragynine_plasma": ("Mitragynine in plasma", "nM"),
    "hydroxymitragynine_plasma": ("7-hydroxymitragynine in plasma", "nM"),
    "melatonin_plasma": ("Melatonin in plasma", "nM"),
    "buprenorphine_plasma": ("Buprenorphine in plasma", "nM"),
    "lofexidine_plasma": ("Lofexidine in plasma", "nM"),
    "alcohol_plasma": ("Alcohol in blood", "mg/L"),
    "benzodiazepine_block": ("Withdrawal blocked by benzodiazepines", "share"),
    "mu_occupancy": ("Mu receptors occupied by all ligands", "share"),
}
INSTRUMENT = {"ciwa": "ciwa_ar"}  # where it is not called as the quantity is
FIRST_SAMPLE = 0.0  # 08:00 of day 1
PER_DAY = 8  # three-hourly samples


def course_entries(run: TrialRun) -> dict[str, Any]:
    """Return quantity -> label, unit, bands, days and, per arm, the lines of its course.

    A line is the median over draws of each draw's median; ``people`` the median over draws of its
    5 and 95 % points; ``parameters`` the 5 and 95 % points over draws of its median.
    """
    there = set(run.courses["quantity"].unique())
    entries = {}
    for step, quantities in (("day", BY_DAY), ("three_hours", AT_FIRST)):
        for quantity in quantities:
            if quantity in there:
                entries[quantity] = _entry(run, quantity, step)
    return entries


def _entry(run: TrialRun, quantity: str, step: str) -> dict[str, Any]:
    rows = run.courses.filter((pl.col("quantity") == quantity) & (pl.col("step") == step))
    lines = (
        rows.group_by("arm", "index")
        .agg(
            pl.col("median").median().alias("median"),
            pl.col("low").median().alias("people_low"),
            pl.col("high").median().alias("people_high"),
            pl.col("median").quantile(0.05, "linear").alias("parameters_low"),
            pl.col("median").quantile(0.95, "linear").alias("parameters_high"),
        )
        .sort("arm", "index")
    )
    index = lines["index"].unique().sort().to_list()
    days = [i + 1 for i in index] if step == "day" else [1 + i / PER_DAY for i in index]
    label, unit = LABELS[quantity]
    return {
        "label": label,
        "unit": unit,
        "days": days,
        "bands": _bands(run, quantity),
        "arms": {
            arm.name: {
                column: lines.filter(pl.col("arm") == arm.name)[column].to_list()
                for column in (
                    "median",
                    "people_low",
                    "people_high",
                    "parameters_low",
                    "parameters_high",
                )
            }
            for arm in run.study.arms
        },
    }


def _bands(run: TrialRun, quantity: str) -> list[dict[str, Any]]:
    instrument = run.evidence.instruments.get(INSTRUMENT.get(quantity, quantity))
    if instrument is None or not instrument.bands:
        return []
    starts = [start for _, start in instrument.bands]
    ends = [*starts[1:], instrument.high]
    return [
        {"name": name, "low": start, "high": end}
        for (name, start), end in zip(instrument.bands, ends, strict=True)
    ]
