"""The scorecard: predictions beside published results, passed or failed, with fold errors.

A result passes when the median over draws lies inside its margin
(:func:`speciosa.evidence.results.accepted`). What could not be run is named with its reason.
Calibration and validation results are counted apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from speciosa.core.errors import InputError
from speciosa.evidence.load import load_evidence
from speciosa.evidence.result_table import Refusal, ignored_columns, read_result_table
from speciosa.evidence.results import ROLES, PublishedResult, accepted, fold_error, passes
from speciosa.trial.run import Progress
from speciosa.trial.study import FEWEST_PEOPLE
from speciosa.trial.validate import Prediction, predictions

INTERVAL = (5.0, 95.0)  # percentiles over draws
SHOWN = (
    "quantity", "metric", "population", "regimen", "reference_regimen", "at", "setting", "n",
    "source", "grade",
)  # fmt: skip


def validate(
    datasets: str | Path | None = None,
    *,
    draws: int = 10,
    people: int = 20,
    seed: int = 1,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Predict published results and say which predictions pass.

    Args:
        datasets: a CSV file in the columns of :mod:`speciosa.evidence.result_table`; without one
            the results that ship.
        draws: draws of what nobody knows.
        people: people per draw.
        seed: of the random streams.
        on_progress: called with person-days asked and done.

    Returns:
        ``results``, one table per result (predicted, low and high are the median over draws and
        its 90 % interval, in the result's unit; ``pass`` is None where it was not run), and
        ``summary``, the counts.

    Raises:
        InputError: the file cannot be read, or draws or people are too few.
    """
    if people < FEWEST_PEOPLE:
        raise InputError(
            f"{people} people", "people", f"A cohort has at least {FEWEST_PEOPLE} people."
        )
    if draws < 1:
        raise InputError(f"{draws} draws", "draws", "Give at least 1 draw.")
    began = time.monotonic()
    evidence = load_evidence()
    refused: tuple[Refusal, ...] = ()
    results: Iterable[PublishedResult] = evidence.results.values()
    if datasets is not None:
        results, refused = read_result_table(datasets)
    found = predictions(
        results, evidence, draws=draws, people=people, seed=seed, on_progress=on_progress
    )
    rows = [scored(one) for one in found]
    for one in refused:  # in the order of the file
        rows.insert(one.place, _refused(one))
    ignored = [] if datasets is None else list(ignored_columns(datasets))
    about: dict[str, Any] = {"ignored_columns": ignored} if ignored else {}
    about |= {"draws": draws, "people": people, "seed": seed, "seconds": time.monotonic() - began}
    return {"results": rows, "summary": summary(rows) | about}


def scored(prediction: Prediction) -> dict[str, Any]:
    """Return a prediction beside what was published."""
    result, ran = prediction.result, not prediction.reason
    draws = prediction.draws[np.isfinite(prediction.draws)]
    predicted, low, high = (
        (float(np.median(draws)), *map(float, np.percentile(draws, INTERVAL)))
        if draws.size
        else (None, None, None)
    )
    fold = fold_error(result, predicted) if predicted is not None else float("nan")
    return {
        "id": result.id,
        "published": result.value,
        "published_low": result.low,
        "published_high": result.high,
        "predicted": predicted,
        "low": low,
        "high": high,
        "unit": result.unit,
        "role": result.role,
        "accepted": list(accepted(prediction.judged)) if ran else None,
        "pass": predicted is not None and passes(prediction.judged, predicted) if ran else None,
        "fold_error": fold if np.isfinite(fold) else None,
        **{name: getattr(result, name) for name in SHOWN},
        "reason": prediction.reason,
        "notes": list(prediction.notes),
    }


def summary(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the counts over all results and by role, and the ids of the failures.

    >>> summary([{"id": "a", "pass": True, "role": "validation", "fold_error": 1.1}])["passed"]
    1
    """
    rows = list(rows)
    return _counts(rows) | {
        "by_role": {
            role: _counts([row for row in rows if row["role"] == role])
            | {"median_fold_error": _typical_fold(row for row in rows if row["role"] == role)}
            for role in ROLES
        },
        "failures": [row["id"] for row in rows if row["pass"] is False],
    }


def _counts(rows: list[dict[str, Any]]) -> dict[str, int]:
    seen = [row["pass"] for row in rows]
    return {"passed": seen.count(True), "failed": seen.count(False), "not_run": seen.count(None)}


def _typical_fold(rows: Iterable[dict[str, Any]]) -> float | None:
    """The median of how many-fold off a prediction is, whichever the direction."""
    folds = [row["fold_error"] for row in rows if row["fold_error"]]
    return float(np.exp(np.median(np.abs(np.log(folds))))) if folds else None


def _refused(refusal: Refusal) -> dict[str, Any]:
    empty = (
        "published",
        "published_low",
        "published_high",
        "predicted",
        "low",
        "high",
        "accepted",
        "pass",
        "fold_error",
    )
    name = refusal.id or f"line {refusal.line}"
    return (
        {"id": name, "unit": "", "role": "", "notes": [f"line {refusal.line}"]}
        | dict.fromkeys(empty)
        | {name: "" for name in SHOWN}
        | {"reason": refusal.reason}
    )
