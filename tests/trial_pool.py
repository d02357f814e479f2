"""A finished run made up in a moment: worlds with known effects, leaving and both paths.

People have a severity that the baseline shows; scores fall over three visits; whoever scores high
leaves more often. Treatment lowers every score by ``effect``; whoever has left loses it.
"""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np
import polars as pl

from speciosa.evidence.load import load_evidence
from speciosa.trial.run import TrialRun
from speciosa.trial.study import Study, read_study
from speciosa.trial.visits import estimand_column, primary_of, stays, strategies

TEXT = """
[study]
id = "planned"
question = "Would a trial of so many people find the effect?"
context_of_use = "To test the software."
disorder = "opioid"
days = 7
seed = 5
primary = "sows"

[population]
people_per_arm = 300
draws = 1

[design]
{design}

[visits]
days = [2, 4, 7]
{visits}

[analysis]
{analysis}

[[arm]]
name = "placebo"
role = "placebo"

[[arm]]
name = "kratom"
role = "kratom"

[[arm]]
name = "melatonin"
role = "melatonin"

[[arm]]
name = "both"
role = "both"

[[arm]]
name = "lofexidine"
role = "standard"

[[endpoint]]
id = "sows"
label = "Withdrawal on day 7"
scale = "{scale}"
statistic = "{statistic}"
days = [7, 7]
better = "{better}"
smallest_meaningful_difference = 2.0
unit = "points"
"""
DAYS = (2, 4, 7)
PAIR = 'compare = [["kratom", "placebo"]]'


def planned(
    *, design: str = "", visits: str = "", analysis: str = PAIR,
    scale: str = "sows_gossop", statistic: str = "last", better: str = "lower",
) -> Study:  # fmt: skip
    """Return the study with some of its protocol."""
    text = TEXT.format(
        design=design, visits=visits, analysis=analysis, scale=scale, statistic=statistic,
        better=better,
    )  # fmt: skip
    return read_study(tomllib.loads(text), "planned.toml", text)


def made_up(
    study: Study, *, effects: dict[str, float] | None = None, people: int = 400, worlds: int = 2,
    leaving: float = 0.2, seed: int = 3,
) -> TrialRun:  # fmt: skip
    """Return a run of the study.

    Args:
        study: arms and protocol.
        effects: points by which an arm lowers every score of whoever stays.
        people, worlds: how many.
        leaving: share of the placebo arm that leaves before the last visit, about.
        seed: of the people.
    """
    rng = np.random.default_rng(seed)
    subjects, visits = [], []
    for world in range(worlds):
        severity = rng.normal(12, 3, people)
        baseline = severity + rng.normal(0, 2, people)
        noise = rng.normal(0, 2, (people, len(DAYS)))
        drift = rng.normal(0, 2, (people, len(DAYS))).cumsum(axis=1) * 0.7
        untreated = severity[:, None] - 0.8 * np.array(DAYS) + drift
        u = rng.random((people, len(DAYS)))
        for arm in study.arms:
            gain = (effects or {}).get(arm.name, 0.0)
            stayed = untreated - gain
            hazard = leaving / 2 * np.exp(0.12 * (stayed - 9))
            leaves = u < np.minimum(hazard, 0.9)
            leaves[:, -1] = False
            gone = np.cumsum(np.hstack([np.zeros((people, 1), bool), leaves[:, :-1]]), 1) > 0
            path = np.where(gone, untreated, stayed)
            day = np.where(leaves.any(1), np.array(DAYS)[leaves.argmax(1)], np.nan)
            subjects.append(
                _subjects(study, world, arm.name, baseline, path, stayed, gone, noise, day)
            )
            visits.append(_visits(study, world, arm.name, path, stayed, gone, noise))
    info: dict[str, Any] = {
        "asked": people, "solved": people, "failed": 0, "seconds": 0.0, "draws": worlds
    }  # fmt: skip
    none = pl.DataFrame()
    return TrialRun(
        study, load_evidence(), pl.concat(subjects), none, none, (), info, pl.concat(visits)
    )


def _subjects(
    study: Study, world: int, arm: str, baseline: np.ndarray, path: np.ndarray,
    stayed: np.ndarray, gone: np.ndarray, noise: np.ndarray, day: np.ndarray,
) -> pl.DataFrame:  # fmt: skip
    people = len(baseline)
    last_seen = len(DAYS) - 1 - gone.sum(axis=1)
    on = path[np.arange(people), last_seen]
    of = {"treatment policy": path[:, -1], "hypothetical": stayed[:, -1], "while on treatment": on}
    primary = primary_of(study).id
    columns: dict[str, Any] = {
        "draw": [world] * people, "person": np.arange(people), "arm": [arm] * people,
        "male": np.arange(people) % 2 == 0, "smoker": np.arange(people) % 3 == 0,
        "drug": ["fentanyl"] * people, "age": 30.0 + np.arange(people) % 20,
        "baseline": baseline, "dropout_day": day, "failed": [False] * people,
    }  # fmt: skip
    if primary_of(study).statistic == "share":
        columns[primary] = columns[f"true_{primary}"] = np.isnan(day).astype(float)
        return pl.DataFrame(columns)
    for strategy in {*strategies(study), "treatment policy"}:
        name = estimand_column(primary, strategy)
        columns[f"true_{name}"] = of[strategy]
        columns[name] = of[strategy] + noise[:, -1]
    columns[f"true_{primary}"] = of[study.estimand["dropout"]]
    columns[primary] = of[study.estimand["dropout"]] + noise[:, -1]
    return pl.DataFrame(columns)


def _visits(
    study: Study, world: int, arm: str, path: np.ndarray, stayed: np.ndarray, gone: np.ndarray,
    noise: np.ndarray,
) -> pl.DataFrame:  # fmt: skip
    people = len(path)
    seen = ~gone | (study.protocol.visits.follow == "everybody")
    columns: dict[str, Any] = {
        "draw": [world] * path.size, "person": np.repeat(np.arange(people), len(DAYS)),
        "arm": [arm] * path.size, "day": np.tile(DAYS, people), "in_treatment": ~gone.ravel(),
        "observed": np.where(seen, path + noise, np.nan).ravel(), "path": path.ravel(),
    }  # fmt: skip
    if stays(study):
        columns["path_without_event"] = stayed.ravel()
    return pl.DataFrame(columns)
