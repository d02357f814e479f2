"""Two arms at equal effect: which way an outcome falls, how surely, and which edge decides it.

Reads tables of subjects only. The difference between twins, arm less the one that it is matched
with, varies for three reasons, which are told apart: what nobody knows (between draws), who people
are, and which batches they got (the same people with other batches). An edge decides if switching
it off moves the difference more than switching off any other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.care.limit import kept_share
from speciosa.core.files import write_whole
from speciosa.evidence.limits import limits
from speciosa.evidence.load import Evidence
from speciosa.trial.matched import AS_IS, OTHER_BATCH, matched_runs, plain
from speciosa.trial.matching import Matching
from speciosa.trial.study import Study
from speciosa.verdict.effect import INTERVAL, EndpointSpec

Array = NDArray[np.float64]
CLOSE = 1.96  # standard errors within which two means are said to agree
ALL = "all edges"


@dataclass(frozen=True)
class Spread:
    """Standard deviations of the twin difference, by where they come from, in its unit."""

    truth: float
    person: float
    batch: float

    @property
    def shares(self) -> dict[str, float]:
        """Each part's share of the variance."""
        parts = {name: value**2 for name, value in asdict(self).items()}
        total = sum(parts.values())
        return {name: value / total if total else 0.0 for name, value in parts.items()}


@dataclass(frozen=True)
class MatchedOutcome:
    """One outcome of a comparison at equal effect.

    Args:
        id, label, unit: of the endpoint.
        estimate: mean difference, arm less the one that it is matched with.
        low, high: its 5-95 % range over draws.
        worse, better: share of draws in which the arm is worse, or better, by anything.
        much_worse, much_better: the same, by at least the smallest meaningful difference.
        monte_carlo_error: standard error of one draw's difference that comes from the finite
            cohort, root mean square over draws.
        error_of_mean: the same of ``estimate``, the mean over draws.
        spread: where its variation comes from.
        without: edge -> the mean difference with it switched off; ``all edges`` with none left.
        moved: edge -> how far that moves the difference, root mean square over draws.
        decides: the edge that moves it most; empty if none moves its mean beyond chance.
        agree: whether, with every edge off, the two cannot be told apart in a simulated world of
            this size: the mean difference lies inside the 95 % Monte-Carlo interval of one draw.
    """

    id: str
    label: str
    unit: str
    estimate: float
    low: float
    high: float
    worse: float
    better: float
    much_worse: float
    much_better: float
    monte_carlo_error: float
    error_of_mean: float
    spread: Spread
    without: Mapping[str, float]
    moved: Mapping[str, float]
    decides: str
    agree: bool | None

    @property
    def falls(self) -> tuple[str, float]:
        """Which way it falls, ``worse`` or ``better`` for the arm, and with what probability."""
        way = "worse" if self.worse >= self.better else "better"
        return way, max(self.worse, self.better)

    def document(self) -> dict[str, Any]:
        """Return it as plain values."""
        way, probability = self.falls
        found = asdict(self) | {"falls": way, "probability": probability}
        found["variance_shares"] = self.spread.shares
        return found


def judge_matched(
    specs: Sequence[EndpointSpec],
    arms: tuple[str, str],
    as_it_is: pl.DataFrame,
    other_batches: pl.DataFrame,
    edges_off: Mapping[tuple[str, ...], pl.DataFrame],
) -> tuple[MatchedOutcome, ...]:
    """Judge every outcome of two arms that were made equal in one.

    Args:
        specs: the outcomes.
        arms: the arm and the one that it is matched with.
        as_it_is: its subjects.
        other_batches: the same people and amounts, other batches.
        edges_off: edges switched off -> subjects, matched anew.
    """
    single = {off[0]: rows for off, rows in edges_off.items() if len(off) == 1}
    every = [rows for off, rows in edges_off.items() if len(off) > 1]
    return tuple(_judge(spec, arms, as_it_is, other_batches, single, every) for spec in specs)


def twin_differences(rows: pl.DataFrame, spec: EndpointSpec, arms: tuple[str, str]) -> Array:
    """Return the true twin differences of an outcome, shape (draws, people); nan where one failed.

    >>> rows = pl.DataFrame({"draw": [0] * 4, "person": [0, 0, 1, 1], "arm": ["a", "b"] * 2,
    ...                      "true_cows": [9.0, 7.0, 12.0, 8.0]})
    >>> spec = EndpointSpec("cows", "COWS", "points", "lower", 4.0)
    >>> twin_differences(rows, spec, ("b", "a")).tolist()
    [[-2.0, -4.0]]
    """
    column = f"true_{spec.id}"
    wide = rows.pivot(values=column, index=["draw", "person"], on="arm").sort("draw", "person")
    difference = spec.per * (wide[arms[0]] - wide[arms[1]]).to_numpy()
    return np.asarray(difference, dtype=float).reshape(wide["draw"].n_unique(), -1)


def spread_of(first: Array, second: Array) -> Spread:
    """Return where twin differences vary, from two runs that differ in batches only.

    Args:
        first, second: twin differences, shape (draws, people).

    >>> rng = np.random.default_rng(1)
    >>> truth, person = 3 * rng.normal(size=(200, 1)), 2 * rng.normal(size=(200, 50))
    >>> one, two = (truth + person + rng.normal(size=(200, 50)) for _ in range(2))
    >>> found = spread_of(one, two)
    >>> round(found.truth), round(found.person), round(found.batch)
    (3, 2, 1)
    """
    batch = float(np.nanmean(np.square(first - second)) / 2)
    within = float(np.nanmean(np.nanvar(first, axis=1, ddof=1)))
    people = np.isfinite(first).sum(axis=1)
    means = np.nanmean(first, axis=1)
    between = float(np.var(means, ddof=1)) if means.size > 1 else 0.0
    truth = max(0.0, between - within / float(people.mean()))
    return Spread(np.sqrt(truth), np.sqrt(max(0.0, within - batch)), np.sqrt(batch))


def _judge(
    spec: EndpointSpec,
    arms: tuple[str, str],
    as_it_is: pl.DataFrame,
    other_batches: pl.DataFrame,
    single: Mapping[str, pl.DataFrame],
    every: Sequence[pl.DataFrame],
) -> MatchedOutcome:
    twins = twin_differences(as_it_is, spec, arms)
    delta = np.nanmean(twins, axis=1)
    harm = -spec.improvement(delta)
    error = _error(twins)
    low, high = np.quantile(delta, INTERVAL)
    means = {
        edge: np.nanmean(twin_differences(rows, spec, arms), axis=1)
        for edge, rows in single.items()
    }
    moved = {edge: float(np.sqrt(np.mean((mean - delta) ** 2))) for edge, mean in means.items()}
    without = {edge: float(mean.mean()) for edge, mean in means.items()}
    agree = None
    for rows in every:
        none = twin_differences(rows, spec, arms)
        without[ALL] = float(np.nanmean(none))
        agree = bool(abs(without[ALL]) <= CLOSE * _error(none) * np.sqrt(len(none)))
    most = max(moved, key=lambda edge: moved[edge], default="")
    decides = most if most and abs(without[most] - delta.mean()) > CLOSE * error else ""
    return MatchedOutcome(
        spec.id,
        spec.label,
        spec.unit,
        float(delta.mean()),
        float(low),
        float(high),
        float((harm > 0).mean()),
        float((harm < 0).mean()),
        float((harm >= spec.smallest_meaningful).mean()),
        float((harm <= -spec.smallest_meaningful).mean()),
        error * float(np.sqrt(len(twins))),
        error,
        spread_of(twins, twin_differences(other_batches, spec, arms)),
        without,
        moved,
        decides,
        agree,
    )


def _error(twins: Array) -> float:
    """Standard error of the mean over draws and people that comes from the finite cohort."""
    count = np.isfinite(twins).sum(axis=1)
    each = np.nanvar(twins, axis=1, ddof=1) / count
    return float(np.sqrt(each.mean() / len(twins)))


def matched_document(
    study: Study,
    *,
    evidence: Evidence | None = None,
    on_run: Callable[[str], None] = lambda name: None,
) -> dict[str, Any]:
    """Run and judge a study's matched arms and return the answer as plain values.

    Args:
        study: a study with a ``[matched]`` table.
        evidence: the numbers; by default those that the study names.
        on_run: called with the name of a variant before it is run.
    """
    matching = study.matching
    if matching is None:
        raise ValueError(f"study {study.id!r} has no [matched] table")
    runs = {run.name: run for run in matched_runs(study, evidence=evidence, on_run=on_run)}
    endpoints = {one.id: one for one in study.endpoints}
    specs = [
        EndpointSpec(
            id=one.id,
            label=one.label,
            unit=one.unit,
            better="lower" if one.better == "lower" else "higher",
            smallest_meaningful=one.smallest_meaningful_difference,
            per=one.per,
        )
        for one in (endpoints[outcome] for outcome in matching.outcomes)
    ]
    judged = judge_matched(
        specs,
        (matching.arm, matching.against),
        runs[AS_IS].subjects,
        runs[OTHER_BATCH].subjects,
        {run.off: run.subjects for run in runs.values() if run.off},
    )
    titles = {arm.name: arm.title for arm in study.arms}
    return {
        "arm": titles[matching.arm],
        "against": titles[matching.against],
        "equal": endpoints[matching.endpoint].label,
        "equality": plain(runs[AS_IS].equality),
        "edges": list(matching.edges),
        "outcomes": [one.document() for one in judged],
        "laws": _laws(study, matching, float(np.median(runs[AS_IS].equality.factor))),
    }


def _laws(study: Study, matching: Matching, factor: float) -> list[dict[str, Any]]:
    """Return, for every law that was read, the share of batches of each arm that keep to it."""
    arms = {arm.name: arm for arm in study.arms}
    given = {
        "arm": (arms[matching.arm].regimens[0], factor),
        "against": (arms[matching.against].regimens[0], 1.0),
    }
    return [
        {
            "jurisdiction": limit.jurisdiction,
            "law": limit.law,
            "verified": limit.verified,
            "dated": limit.dated.isoformat(),
            **{
                part: kept_share(limit, regimen.product, times * regimen.phases[0].amount)
                for part, (regimen, times) in given.items()
            },
        }
        for limit in limits()
    ]


def answered(
    document: Mapping[str, Any], study: Study, folder: Path, *, resume: bool = False
) -> dict[str, Any]:
    """Return a verdict document with the answer of the study's matched arms, where it has any.

    The answer is kept in the run folder as ``matched.json``.

    Args:
        document: what ``verdict.json`` holds.
        study: the study.
        folder: of the run.
        resume: read what an earlier run kept, where it did.
    """
    if study.matching is None:
        return dict(document)
    kept = folder / "matched.json"
    if not (resume and kept.is_file()):
        text = json.dumps(matched_document(study), indent=1, ensure_ascii=False)
        write_whole(kept, text + "\n")
    return {**document, "matched": json.loads(kept.read_text(encoding="utf-8"))}
