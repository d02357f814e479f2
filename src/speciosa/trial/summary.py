"""What each arm came to: the mean of every endpoint, and two finished runs side by side."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from speciosa.core.errors import InputError
from speciosa.trial.folder import table_in
from speciosa.trial.rows import Table, means_by_draw
from speciosa.trial.study import Study, load_study


@dataclass(frozen=True)
class ArmMean:
    """The mean of an endpoint in an arm, over draws: median and 5 to 95 %.

    Args:
        arm, endpoint: their ids.
        label, unit: of the endpoint, for a reader.
        estimate, low, high: over draws, in the unit; nan where everybody failed.
    """

    arm: str
    endpoint: str
    label: str
    unit: str
    estimate: float
    low: float
    high: float

    def document(self) -> dict[str, Any]:
        """Return it as plain values; what is not finite becomes None."""
        return {key: None if value != value else value for key, value in asdict(self).items()}


def arm_means(study: Study, subjects: Table) -> tuple[ArmMean, ...]:
    """Return the mean of every endpoint in every arm.

    Args:
        study: what was asked.
        subjects: one row per draw, person and arm; failed people have no values.
    """
    found = []
    by_draw = means_by_draw(subjects, [endpoint.id for endpoint in study.endpoints])
    for endpoint in study.endpoints:
        for arm in study.arms:
            means = by_draw.filter(pl.col("arm") == arm.name)[endpoint.id].drop_nulls()
            means = means * endpoint.per
            low, middle, high = (_quantile(means, q) for q in (0.05, 0.5, 0.95))
            found.append(
                ArmMean(arm.name, endpoint.id, endpoint.label, endpoint.unit, middle, low, high)
            )
    return tuple(found)


@dataclass(frozen=True)
class Finished:
    """A finished run as its folder holds it."""

    folder: Path
    study: Study
    info: dict[str, Any]
    means: tuple[ArmMean, ...]


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side.

    Args:
        first, second: the runs.
        inputs: what was put in, for each run; ``same`` says whether the two agree.
        rows: (arm, endpoint) in either run -> its mean in the first and in the second, or None.
    """

    first: Finished
    second: Finished
    inputs: dict[str, tuple[Any, Any]]
    rows: dict[tuple[str, str], tuple[ArmMean | None, ArmMean | None]]

    def document(self) -> dict[str, Any]:
        """Return the comparison as plain values, for ``--json``."""
        return {
            "runs": [str(self.first.folder), str(self.second.folder)],
            "inputs": {
                key: {"first": a, "second": b, "same": a == b}
                for key, (a, b) in self.inputs.items()
            },
            "endpoints": [
                {
                    "arm": arm, "endpoint": endpoint, "first": a and a.document(),
                    "second": b and b.document(), "difference": difference(a, b),
                }
                for (arm, endpoint), (a, b) in self.rows.items()
            ],
        }  # fmt: skip


def finished(folder: str | Path) -> Finished:
    """Read a finished run.

    Raises:
        InputError: there is none in the folder, or it was not finished.
    """
    at = Path(folder)
    if not (at / "run.json").is_file():
        begun = (at / "manifest.json").is_file()
        raise InputError(
            "holds a run that is not finished" if begun else "holds no run",
            str(at),
            "Add --resume to the command that began it." if begun else "Name the folder of a run.",
        )
    try:
        info = json.loads((at / "run.json").read_text(encoding="utf-8"))
        study = load_study(at / "study.toml")
        subjects = table_in(at, "subjects", tuple(arm.name for arm in study.arms))
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise InputError(f"cannot be read: {error}", str(at), "Run the study again.") from error
    return Finished(at, study, info, arm_means(study, subjects))


def compare(first: str | Path, second: str | Path) -> Comparison:
    """Put two finished runs side by side.

    Args:
        first, second: run folders.

    Raises:
        InputError: a folder that holds no finished run.
    """
    a, b = finished(first), finished(second)
    keys = ("version", "seed", "draws", "asked", "solved", "failed", "device")
    inputs: dict[str, tuple[Any, Any]] = {"study": (a.study.id, b.study.id)}
    inputs |= {key: (a.info.get(key), b.info.get(key)) for key in keys}
    hashes = (a.info.get("hashes", {}), b.info.get("hashes", {}))
    inputs |= {f"{key} hash": (hashes[0].get(key), hashes[1].get(key)) for key in hashes[0]}
    left, right = ({(m.arm, m.endpoint): m for m in run.means} for run in (a, b))
    return Comparison(
        a, b, inputs, {key: (left.get(key), right.get(key)) for key in {**left, **right}}
    )


def _quantile(values: pl.Series, share: float) -> float:
    found = values.quantile(share, "linear")
    return float("nan") if found is None else float(found)


def difference(first: ArmMean | None, second: ArmMean | None) -> float | None:
    """Return the second estimate less the first; None where one of them is not there."""
    if first is None or second is None:
        return None
    apart = second.estimate - first.estimate
    return apart if math.isfinite(apart) else None
