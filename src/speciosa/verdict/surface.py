"""A dose surface read off a run whose arms are the pairs of two remedies' amounts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.trial.rows import means_by_draw
from speciosa.trial.run import TrialRun
from speciosa.trial.study import Arm, Study
from speciosa.verdict.document import plain
from speciosa.verdict.synergy import synergy

Array = NDArray[np.float64]
AMOUNTS = {"kratom": re.compile(r"kratom leaf ([\d.]+) g"),
           "melatonin": re.compile(r"^melatonin ([\d.]+) mg")}  # fmt: skip
FEWEST = 3  # amounts of each remedy, none among them, below which there is no surface


def amounts(arm: Arm) -> tuple[float, float] | None:
    """Return an arm's amounts of kratom (g) and melatonin (mg); None if it gets anything else."""
    found = {"kratom": 0.0, "melatonin": 0.0}
    for regimen in arm.regimens:
        hits = {name: pattern.search(str(regimen)) for name, pattern in AMOUNTS.items()}
        named = [(name, hit) for name, hit in hits.items() if hit]
        if len(named) != 1:
            return None
        name, hit = named[0]
        found[name] += float(hit[1])
    return found["kratom"], found["melatonin"]


def grid_of(study: Study) -> tuple[list[float], list[float], Mapping[tuple[float, float], str]]:
    """Return the amounts of each remedy and the arm of each pair; empty where there is no grid."""
    arms = {pair: arm.name for arm in reversed(study.arms) if (pair := amounts(arm)) is not None}
    first, second = (sorted({pair[k] for pair in arms}) for k in (0, 1))
    whole = all((a, b) in arms for a in first for b in second)
    if not whole or min(len(first), len(second)) < FEWEST:
        return [], [], {}
    return first, second, arms


def surfaces(run: TrialRun, endpoint: str) -> tuple[list[float], list[float], Array]:
    """Return the amounts and, in each world, each pair's effect as a share of placebo's score.

    Args:
        run: a run whose arms form a grid.
        endpoint: a score of which less is better; its floor is 0.
    """
    first, second, arms = grid_of(run.study)
    means = means_by_draw(run.subjects, [endpoint])
    by_arm = {
        name: dict(rows.select("draw", endpoint).iter_rows())
        for (name,), rows in means.group_by("arm")
    }
    base = by_arm[arms[0.0, 0.0]]
    worlds = []
    for draw in sorted(base):
        level = np.array([[by_arm[arms[a, b]].get(draw) for b in second] for a in first], float)
        if np.isfinite(level).all() and level[0, 0] > 0:
            worlds.append(1 - level / level[0, 0])
    return first, second, np.array(worlds)


def surface_entry(run: TrialRun) -> dict[str, Any] | None:
    """Return what a verdict document holds of a dose surface; None where a run has none.

    Args:
        run: a finished run.
    """
    first, second, _ = grid_of(run.study)
    endpoint = next(e for e in run.study.endpoints if e.id == run.study.primary)
    if not first or endpoint.better != "lower":
        return None
    first, second, worlds = surfaces(run, endpoint.id)
    if not worlds.size:
        return None
    return dict(plain({
        "endpoint": endpoint.label, "draws": len(worlds), "people_per_arm": run.study.people,
        "kratom_g": first, "melatonin_mg": second, "surface": worlds.mean(axis=0),
        "references": synergy((first, second), worlds),
    }))  # fmt: skip


def shown(entry: Mapping[str, Any]) -> Sequence[Sequence[str]]:
    """Return the mean surface as a table of percentages, melatonin across.

    >>> shown({"kratom_g": [0, 2], "melatonin_mg": [0, 5], "surface": [[0, 0.1], [0.2, 0.31]]})
    [['', '0 mg', '5 mg'], ['0 g', '0 %', '10 %'], ['2 g', '20 %', '31 %']]
    """
    rows = [["", *(f"{b:g} mg" for b in entry["melatonin_mg"])]]
    for amount, row in zip(entry["kratom_g"], entry["surface"], strict=True):
        rows.append([f"{amount:g} g", *(f"{100 * share:.0f} %" for share in row)])
    return rows
