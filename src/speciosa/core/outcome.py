"""What came back of some people: outcomes, and how those of several groups are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

ROWS = ("samples", "minima", "maxima", "worst", "refined", "failed")  # people last


@dataclass(frozen=True)
class Outcome:
    """What came back: samples (days, S, R, N), daily minima (days, T, N), who failed and why.

    ``worst`` is each person's largest local error estimate in ranges, ``refined`` how often the
    mesh was halved for them. ``trace`` is there only if asked for: doses and memory at every event.
    """

    samples: np.ndarray
    minima: np.ndarray
    maxima: np.ndarray
    memory: dict[str, dict[str, np.ndarray]]
    final: dict[str, dict[str, np.ndarray]]
    worst: np.ndarray
    refined: np.ndarray
    failed: np.ndarray
    trace: list[dict[str, Any]] = field(default_factory=list)


def merged(kept: Outcome, place: np.ndarray, redone: Outcome) -> Outcome:
    """Return an outcome in which some people's results are replaced; the rest stay to the bit.

    Args:
        kept: the outcome of N people.
        place: which of them were solved again, (M,).
        redone: the outcome of those M people.
    """

    def choose(old: np.ndarray, new: np.ndarray) -> np.ndarray:
        found = old.copy()
        found[..., place] = new
        return found

    def nested(old: Any, new: Any) -> Any:
        return {n: {s: choose(v, new[n][s]) for s, v in part.items()} for n, part in old.items()}

    rows: dict[str, Any] = {
        name: choose(getattr(kept, name), getattr(redone, name)) for name in ROWS
    }
    return replace(
        kept,
        **rows,
        memory=nested(kept.memory, redone.memory),
        final=nested(kept.final, redone.final),
    )


def picked(outcome: Outcome, place: np.ndarray) -> Outcome:
    """Return the outcome of some of the people."""

    def nested(part: Any) -> Any:
        return {n: {s: v[place] for s, v in rows.items()} for n, rows in part.items()}

    rows: dict[str, Any] = {name: getattr(outcome, name)[..., place] for name in ROWS}
    return replace(
        outcome,
        **rows,
        memory=nested(outcome.memory),
        final=nested(outcome.final),
    )


def joined(parts: Sequence[Outcome]) -> Outcome:
    """Return the outcome of several groups of people as one, in their order."""
    first = parts[0]

    def both(*rows: Any) -> Any:
        return np.concatenate(rows, axis=-1)

    def nested(rows: list[Any]) -> Any:
        return {n: {s: both(*(r[n][s] for r in rows)) for s in part} for n, part in rows[0].items()}

    days = [[part.trace[k] for part in parts] for k in range(len(first.trace))]
    trace = [
        {
            kind: rows[0][kind] if kind == "mesh" else _joined_trace([r[kind] for r in rows])
            for kind in rows[0]
        }
        for rows in days
    ]
    return Outcome(
        **{name: both(*(getattr(part, name) for part in parts)) for name in ROWS},
        memory=nested([part.memory for part in parts]),
        final=nested([part.final for part in parts]),
        trace=trace,
    )


def _joined_trace(rows: list[Any]) -> Any:
    if isinstance(rows[0], dict):
        return {name: _joined_trace([row[name] for row in rows]) for name in rows[0]}
    return np.concatenate(rows, axis=-1)
