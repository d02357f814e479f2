"""The course of every quantity of a run, from its own tables, and what its regimens give."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from speciosa.care.schedule import doses, triggers
from speciosa.trial.study import Arm, Study
from speciosa.verdict.course import INSTRUMENT

STEPS = {"day": "whole study, by day", "three_hours": "first days, by hour"}
PER_DAY = 8  # three-hourly samples
TRUE = ("in_treatment", "using_today", "drinking_today")  # true of a person or not
HIDDEN = ("dropout_day", "relapsed_day", "seizure_day", "delirium_day", *TRUE)
LINES = ("median", "people_low", "people_high", "parameters_low", "parameters_high")
Courses = dict[str, dict[str, Any]]  # step -> quantity -> entry


@cache
def picture_file() -> Mapping[str, Any]:
    """Return what ``picture.toml`` says of stages and quantities."""
    at = files("speciosa.view.explorer").joinpath("picture.toml")
    return tomllib.loads(at.read_text(encoding="utf-8"))


def words_for(quantity: str) -> tuple[str, str]:
    """Return the label and the unit of a quantity.

    >>> words_for("mu_occupancy_mitragynine")
    ('Mu receptors occupied by mitragynine', 'share')
    """
    known = picture_file()["quantity"].get(quantity)
    if known:
        return known[0], known[1]
    if quantity.startswith("mu_occupancy_"):
        return f"Mu receptors occupied by {quantity.removeprefix('mu_occupancy_')}", "share"
    plain = quantity.replace("_", " ")
    if quantity.endswith("_plasma"):
        return f"{plain.removesuffix(' plasma').capitalize()} in plasma", "nM"
    return plain.capitalize(), "1"


def courses(table: pl.DataFrame, arms: Sequence[str], bands: Mapping[str, Any]) -> Courses:
    """Return every quantity's course, as ``verdict.json`` gives those that it holds.

    Args:
        table: the run's ``courses``: arm, quantity, step, index, draw, low, median, high.
        arms: ids of the arms, in order.
        bands: quantity -> severity bands of its scale.
    """
    key = ("quantity", "step", "arm", "index")
    lines = (
        table.filter(~pl.col("quantity").is_in(HIDDEN))
        .group_by(key)
        .agg(
            pl.col("median").median(),
            pl.col("low").median().alias("people_low"),
            pl.col("high").median().alias("people_high"),
            pl.col("median").quantile(0.05, "linear").alias("parameters_low"),
            pl.col("median").quantile(0.95, "linear").alias("parameters_high"),
        )
        .sort(key)
    )
    found: Courses = {step: {} for step in STEPS}
    for (quantity, step), part in lines.partition_by("quantity", "step", as_dict=True).items():
        label, unit = words_for(str(quantity))
        by_arm = {str(k[0]): rows for k, rows in part.partition_by("arm", as_dict=True).items()}
        index = part["index"].unique().sort().to_list()
        found[str(step)][str(quantity)] = {
            "label": label,
            "unit": unit,
            "days": [i + 1 for i in index] if step == "day" else [1 + i / PER_DAY for i in index],
            "bands": list(bands.get(str(quantity), ())),
            "arms": {
                arm: {name: by_arm[arm][name].to_list() for name in LINES}
                for arm in arms
                if arm in by_arm
            },
        }
    return found


def shares(daily: pl.DataFrame, arms: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the share of people of whom something is true, by day.

    Args:
        daily: the run's days: draw, person, arm, day and a column per quantity of :data:`TRUE`.
        arms: ids of the arms, in order.
    """
    named = [name for name in TRUE if name in daily.columns]
    by_draw = daily.group_by("arm", "draw", "day").agg(
        pl.col(name).cast(pl.Float64).fill_nan(None).mean() for name in named
    )
    found = {}
    for name in named:
        lines = (
            by_draw.group_by("arm", "day")
            .agg(
                pl.col(name).median().alias("median"),
                pl.col(name).quantile(0.05, "linear").alias("parameters_low"),
                pl.col(name).quantile(0.95, "linear").alias("parameters_high"),
            )
            .sort("day")
        )
        label, unit = words_for(name)
        columns = ("median", "parameters_low", "parameters_high")
        found[name] = {
            "label": label, "unit": unit, "bands": [],
            "days": lines["day"].unique().sort().to_list(),
            "arms": {
                arm: {"people_low": None, "people_high": None}
                | {c: lines.filter(pl.col("arm") == arm)[c].to_list() for c in columns}
                for arm in arms
            },
        }  # fmt: skip
    return found


def scale_bands(instruments: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the severity bands of every scale that has some."""
    found = {}
    for name, instrument in instruments.items():
        if instrument.bands:
            starts = [start for _, start in instrument.bands]
            ends = [*starts[1:], instrument.high]
            found[name] = [
                {"name": word, "low": start, "high": end}
                for (word, start), end in zip(instrument.bands, ends, strict=True)
            ]
    for quantity, name in INSTRUMENT.items():
        if name in found:
            found[quantity] = found[name]
    return found


def given(study: Study) -> dict[str, dict[str, Any]]:
    """Return what the regimens say is given per day: product -> entry with a line per arm."""
    days = list(range(1, study.length + 1))
    entries: dict[str, dict[str, Any]] = {}
    for arm in study.arms:
        for regimen in arm.regimens:
            product = regimen.product
            label = f"{str(product)[0].upper()}{str(product)[1:]}"
            entry = entries.setdefault(
                product.key,
                {"label": f"{label}, given by schedule", "unit": f"{product.unit} a day",
                 "days": days, "bands": [], "arms": {}},
            )  # fmt: skip
            amounts = entry["arms"].setdefault(arm.name, dict.fromkeys(LINES, None))
            total = amounts["median"] or [0.0] * study.length
            for dose in doses(regimen, days=study.length):
                total[min(int(dose.hours // 24), study.length - 1)] += dose.amount
            amounts["median"] = total
    return entries


def waiting(arm: Arm, days: int) -> list[str]:
    """Return the regimens of an arm whose doses wait for something: no schedule shows them."""
    return [str(each) for each in arm.regimens if triggers(each, days=days)]


def survival(events: pl.DataFrame, subjects: pl.DataFrame, arms: Sequence[str], days: int) -> Any:
    """Return, per arm, the share that has neither used nor left so far, day by day.

    Args:
        events: the run's events: draw, person, arm, day, event.
        subjects: one row per draw, person and arm.
        arms: ids of the arms.
        days: days of treatment.
    """
    solved = subjects.filter(~pl.col("failed")).select("draw", "person", "arm")
    first = (
        events.filter(pl.col("event").is_in(["use", "dropout"]))
        .join(solved, on=["draw", "person", "arm"], how="semi")
        .group_by("draw", "person", "arm")
        .agg(pl.col("day").min())
    )
    curves = []
    for arm in arms:
        total = solved.filter(pl.col("arm") == arm).height
        ended = first.filter(pl.col("arm") == arm)["day"]
        left = [total - int((ended <= day).sum()) for day in range(days + 1)]
        share = [count / total if total else 0.0 for count in left]
        curves.append({"arm": arm, "days": list(range(days + 1)), "share": share, "at_risk": left})
    return curves
