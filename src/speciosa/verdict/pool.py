"""Simulated people, everybody in every arm, from whom trials are drawn.

A trial draws people with replacement from one simulated world, allocates them in blocks, and sees
each of them in the arm that they came to. What would have been in the other arms is known too: it
is the truth that the trial's estimate is held to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.core.errors import SpeciosaError
from speciosa.core.random import streams, uniform
from speciosa.trial.randomisation import allocate, stratum_of
from speciosa.trial.rows import collected
from speciosa.trial.run import TrialRun
from speciosa.trial.study import HYPOTHETICAL, Study
from speciosa.trial.visits import estimand_column, primary_of, strategies
from speciosa.verdict.analysis import Observed

Array = NDArray[Any]
FEWEST = 10  # people of a world that are left after screening


@dataclass(frozen=True)
class World:
    """One simulated world; P people, A arms, K visits.

    Args:
        observed, truth: strategy -> the primary endpoint with and without noise, (P, A).
        covariates: adjusted for, (P, q).
        strata: of the randomisation, (P,).
        visits: observed scale, (P, A, K).
        staying: whether the person is still in treatment at the visit, (P, A, K).
        last: strategy -> the noise-free scale at the last visit, (P, A).
        time, left: day of leaving or the last day, and whether it was leaving, (P, A).
        screened: share that the screening turned away.
    """

    observed: dict[str, Array]
    truth: dict[str, Array]
    covariates: Array
    strata: Array
    visits: Array
    staying: Array
    last: dict[str, Array]
    time: Array
    left: Array
    screened: float

    @property
    def people(self) -> int:
        """How many there are."""
        return len(self.strata)

    def without_effect(self, control: int) -> World:
        """Return the world in which every arm does what one arm does."""

        def same(values: Array) -> Array:
            return np.repeat(values[:, [control]], values.shape[1], axis=1)

        return replace(
            self,
            observed={name: same(values) for name, values in self.observed.items()},
            truth={name: same(values) for name, values in self.truth.items()},
            last={name: same(values) for name, values in self.last.items()},
            visits=same(self.visits), staying=same(self.staying),
            time=same(self.time), left=same(self.left),
        )  # fmt: skip

    def seen(self, person: Array, arm: Array, group: Array, strategy: str) -> Observed:
        """Return what a trial observes of people in their arms, for one strategy.

        Where leaving is hypothetical, whoever left is missing from then on.
        """
        visits = self.visits[person, arm]
        outcome = self.observed.get(strategy, self.observed[next(iter(self.observed))])[person, arm]
        if strategy == HYPOTHETICAL:
            stayed = self.staying[person, arm]
            visits = np.where(stayed, visits, np.nan)
            policy = self.observed["treatment policy"][person, arm]
            outcome = np.where(stayed[:, -1], policy, np.nan)
        return Observed(
            group, outcome, self.covariates[person], visits,
            self.time[person, arm], self.left[person, arm],
        )  # fmt: skip


def worlds(run: TrialRun, arms: Sequence[str]) -> list[World]:
    """Return the worlds of a run, one per draw.

    Raises:
        SpeciosaError: people failed in every arm, or the screening leaves hardly anybody.
    """
    subjects, visits = collected(run.subjects), collected(run.visits)
    draws = subjects["draw"].unique(maintain_order=True)
    found = [
        _world(run.study, subjects.filter(pl.col("draw") == draw),
               visits.filter(pl.col("draw") == draw), arms)
        for draw in draws
    ]  # fmt: skip
    if min(world.people for world in found) < FEWEST:
        raise SpeciosaError(
            f"screening leaves fewer than {FEWEST} people of a world", "[design] screening",
            "Widen the range, or simulate more people.",
        )  # fmt: skip
    return found


def _world(
    study: Study, subjects: pl.DataFrame, visits: pl.DataFrame, arms: Sequence[str]
) -> World:
    """Return one world from its subjects and visits."""
    primary = primary_of(study)
    rows = subjects.filter(pl.col("arm").is_in(list(arms)))
    rows = rows.with_columns(place=pl.col("arm").replace_strict(_places(arms)))
    rows = rows.sort("person", "place")
    people = rows["person"].n_unique()

    def table(column: str) -> Array:
        return rows[column].cast(pl.Float64).fill_null(np.nan).to_numpy().reshape(people, -1)

    names = {s: estimand_column(primary.id, s) for s in strategies(study)}
    names = {s: c if c in rows.columns else primary.id for s, c in names.items()}
    policy = estimand_column(primary.id, "treatment policy")
    if HYPOTHETICAL in names and policy in rows.columns:
        names.setdefault("treatment policy", policy)
    seen = visits.filter(pl.col("arm").is_in(list(arms)))
    seen = seen.with_columns(place=pl.col("arm").replace_strict(_places(arms)))
    seen = seen.sort("person", "place", "day")

    def at_visits(column: str) -> Array:
        values = seen[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
        return np.asarray(values.reshape(people, len(arms), -1))

    staying = at_visits("in_treatment") > 0.5
    day = table("dropout_day")
    known, screened = _eligible(
        study, table("baseline")[:, 0], np.asarray((table("failed") <= 0).all(axis=1))
    )
    whole = World(
        observed={s: _seen(study, s, table(c) * primary.per, staying) for s, c in names.items()},
        truth={s: table(f"true_{c}") * primary.per for s, c in names.items()},
        covariates=_covariates(
            [table(c)[:, 0] for c in study.protocol.analysis.covariates], people
        ),
        strata=stratum_of(
            [rows[c].to_numpy()[:: len(arms)] for c in study.protocol.design.strata], people
        ),
        visits=at_visits("observed"),
        staying=staying,
        last=_last(at_visits, staying, tuple(names)),
        time=np.where(np.isfinite(day), day, float(study.days)),
        left=np.isfinite(day),
        screened=screened,
    )
    return _kept(whole, known)


def _seen(study: Study, strategy: str, values: Array, staying: Array) -> Array:
    """Whoever left has no outcome under treatment policy unless everybody is followed."""
    followed = study.protocol.visits.follow == "everybody"
    if strategy != "treatment policy" or followed:
        return values
    return np.where(staying[..., -1], values, np.nan)


def _covariates(columns: Sequence[Array], people: int) -> Array:
    """Return the covariates that are known of anybody, (P, q)."""
    known = [column for column in columns if np.isfinite(column).any()]
    return np.column_stack(known) if known else np.zeros((people, 0))


def _places(arms: Sequence[str]) -> dict[str, int]:
    return {arm: place for place, arm in enumerate(arms)}


def _last(at_visits: Any, staying: Array, names: Sequence[str]) -> dict[str, Array]:
    """The path at the last visit under each strategy that a model of visits can estimate."""
    path = at_visits("path")
    found = {"treatment policy": path[..., -1]}
    if HYPOTHETICAL in names:
        found[HYPOTHETICAL] = at_visits("path_without_event")[..., -1]
    return {name: values for name, values in found.items() if name in names}


def _eligible(study: Study, baseline: Array, solved: Array) -> tuple[Array, float]:
    limits = study.protocol.design.screening
    if limits is None:
        return solved, 0.0
    fits = (baseline >= limits[0]) & (baseline <= limits[1])
    return solved & fits, float(1 - fits[solved].mean())


def _kept(world: World, known: Array) -> World:
    values = {name: getattr(world, name) for name in World.__dataclass_fields__}
    for name, value in values.items():
        if isinstance(value, dict):
            values[name] = {key: each[known] for key, each in value.items()}
        elif isinstance(value, np.ndarray):
            values[name] = value[known]
    return World(**values)


@dataclass(frozen=True)
class Enrolled:
    """Who takes part in one trial: their place in the pool, their arm and its number, (n,)."""

    person: Array
    arm: Array
    group: Array


def enrol(
    world: World, arms: Sequence[int], per_arm: int, *, seed: int, trial: int, block: int
) -> Enrolled:
    """Draw the people of one trial and allocate them.

    Args:
        world: whom to draw from, with replacement.
        arms: places of the arms in the world, in the order of the comparison.
        per_arm: people in each.
        seed, trial: name the stream.
        block: people of each arm in one block.
    """
    size = per_arm * len(arms)
    stream = streams(seed, np.full(size, trial), np.arange(size))
    u = uniform(np, stream, "enrolment", 0)
    person = np.minimum((u * world.people).astype(np.intp), world.people - 1)
    group = allocate(world.strata[person], len(arms), seed=seed, trial=trial, block=block)
    return Enrolled(person, np.asarray(arms)[group], group)


def crossed_over(
    world: World, pair: tuple[int, int], per_sequence: int, strategy: str, *, seed: int, trial: int
) -> Array:
    """Return within-person differences (second arm minus first) of a crossover trial, (2 n,).

    Periods are assumed to be alike: washout is complete and nothing carries over. Twins share the
    noise of their measurements, real periods do not, so each period takes another person's noise.
    """
    size = 2 * per_sequence
    stream = streams(seed, np.full(size, trial), np.arange(size))
    person, *others = (
        np.minimum(
            (uniform(np, stream, "enrolment", k) * world.people).astype(np.intp), world.people - 1
        )
        for k in range(3)
    )
    truth, observed = world.truth[strategy], world.observed[strategy]
    noise = observed - truth
    both = [truth[person, arm] + noise[other, arm] for arm, other in zip(pair, others, strict=True)]
    return np.asarray(both[1] - both[0])
