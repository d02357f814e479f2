"""Many trials of one size, drawn from simulated worlds and analysed as their protocol says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.errors import SpeciosaError
from speciosa.trial.study import HYPOTHETICAL, Study
from speciosa.trial.visits import primary_of, strategies
from speciosa.verdict.analysis import Observed, analyse, direction
from speciosa.verdict.estimate import Estimate
from speciosa.verdict.group_sequential import Boundaries, boundaries
from speciosa.verdict.multiplicity import fixed_sequence, holm
from speciosa.verdict.pool import Enrolled, World, crossed_over, enrol

Array = NDArray[Any]
BY_VISIT = ("treatment policy", HYPOTHETICAL)  # strategies that a model of visits can estimate
ROLES = ("placebo", "kratom", "melatonin", "both")


@dataclass(frozen=True)
class Contrast:
    """A comparison: its name, its arms' places in the pool and their weights."""

    name: str
    arm: str
    versus: str
    places: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Plan:
    """What every trial has in common.

    Args:
        study: the protocol.
        arms: arms that take part, in the order of the pool.
        contrasts, strategies: what is estimated.
        bounds: of a group-sequential design.
    """

    study: Study
    arms: tuple[str, ...]
    contrasts: tuple[Contrast, ...]
    strategies: tuple[str, ...]
    bounds: Boundaries | None

    def method(self, strategy: str) -> str:
        """Return the method used for a strategy: a model of visits cannot estimate all of them."""
        if self.study.protocol.design.kind == "crossover":
            return "paired difference"
        asked = self.study.protocol.analysis.method
        return "ancova" if asked == "mmrm" and strategy not in BY_VISIT else asked


@dataclass(frozen=True)
class Found:
    """What trials found on one contrast under one strategy, a row per trial.

    Args:
        world: of each trial.
        value: estimate, NaN where none exists.
        p_value: one-sided.
        covers: whether the interval of the estimate holds the truth.
        truth: of the trial's world.
        rejects: whether the trial claims benefit.
        people: how many it took.
    """

    world: Array
    value: Array
    p_value: Array
    covers: Array
    truth: Array
    rejects: Array
    people: Array


def plan(study: Study) -> Plan:
    """Return what the trials of a study have in common."""
    design, analysis = study.protocol.design, study.protocol.analysis
    pairs = analysis.compare
    wanted = {arm for pair in pairs for arm in pair}
    by_role = {arm.role: arm.name for arm in reversed(study.arms)}
    cube = design.kind == "factorial" and all(role in by_role for role in ROLES)
    if design.kind == "factorial" and not cube:
        raise SpeciosaError(
            "a factorial design lacks an arm",
            "[design] kind",
            f"It has the roles {', '.join(ROLES)}.",
        )
    wanted |= {by_role[role] for role in ROLES} if cube else set()
    if study.estimand["rescue"] == HYPOTHETICAL:
        raise SpeciosaError(
            "no analysis here estimates what would have been without a rescue", "[estimand] rescue",
            "Name treatment policy, while on treatment or composite.",
        )  # fmt: skip
    control = study.arm("placebo").name
    arms = tuple(arm.name for arm in study.arms if arm.name in wanted | {control})
    found = [
        Contrast(f"{arm} - {other}", arm, other, (arms.index(other), arms.index(arm)), (-1.0, 1.0))
        for arm, other in pairs
    ]
    if cube:
        places = tuple(arms.index(by_role[role]) for role in ROLES)
        both = by_role["both"]
        found.append(Contrast("interaction", both, control, places, (1.0, -1.0, -1.0, 1.0)))
    bounds = None
    if design.kind == "group-sequential":
        bounds = boundaries(design.boundary, design.looks, alpha=analysis.alpha, sides=1)
    return Plan(study, arms, tuple(found), strategies(study), bounds)


def truth_of(plan: Plan, world: World, contrast: Contrast, strategy: str) -> float:
    """Return what an endless trial in the world would estimate.

    For a difference of means it is the mean twin difference; for a ratio, the estimate from
    everybody in every arm.
    """
    method = plan.method(strategy)
    if method in ("ancova", "mmrm", "paired difference"):
        values = (world.last if method == "mmrm" else world.truth)[strategy]
        means = values[:, contrast.places].mean(axis=0)
        return float(means @ np.array(contrast.weights))
    people = np.tile(np.arange(world.people), len(contrast.places))
    group = np.repeat(np.arange(len(contrast.places)), world.people)
    arm = np.array(contrast.places)[group]
    exact = replace(world, observed=world.truth)
    try:
        return analyse(exact.seen(people, arm, group, strategy), method, contrast.weights).value
    except SpeciosaError:
        return float("nan")


def simulate_trials(
    plan: Plan, pool: Sequence[World], per_arm: int, trials: int, *, null: bool, first: int = 0
) -> dict[tuple[str, str], Found]:
    """Draw and analyse trials of one size.

    Args:
        plan: what they have in common.
        pool: worlds; trials take turns.
        per_arm: people in each arm (in each sequence of a crossover).
        trials: how many.
        null: whether every arm does what placebo does.
        first: number of the first trial; trials with other numbers are independent.

    Returns:
        What was found by the contrast's name and the strategy.
    """
    control = plan.arms.index(plan.study.arm("placebo").name)
    used = [world.without_effect(control) for world in pool] if null else list(pool)
    keys = [(c, s) for c in plan.contrasts for s in plan.strategies]
    truths = {
        (c.name, s): np.array([0.0 if null else truth_of(plan, w, c, s) for w in pool])
        for c, s in keys
    }
    rows: dict[tuple[str, str], list[tuple[float, float, bool, bool, float]]] = {
        (c.name, s): [] for c, s in keys
    }
    which = np.arange(trials) % len(pool)
    for trial in range(trials):
        world, number = used[which[trial]], first + trial
        enrolled = _enrolled(plan, world, per_arm, number)
        for contrast, strategy in keys:
            truth = truths[contrast.name, strategy][which[trial]]
            rows[contrast.name, strategy].append(
                _one(plan, world, enrolled, contrast, strategy, truth, per_arm, number)
            )
    found = {}
    for key, each in rows.items():
        value, p, covers, rejects, people = (np.array(part) for part in zip(*each, strict=True))
        found[key] = Found(which, value, p, covers, truths[key][which], rejects, people)
    return _together(plan, found)


def _enrolled(plan: Plan, world: World, per_arm: int, number: int) -> Enrolled:
    block = plan.study.protocol.design.block
    arms = range(len(plan.arms))
    return enrol(world, list(arms), per_arm, seed=plan.study.seed, trial=number, block=block)


def _one(
    plan: Plan, world: World, enrolled: Enrolled, contrast: Contrast, strategy: str,
    truth: float, per_arm: int, number: int,
) -> tuple[float, float, bool, bool, float]:  # fmt: skip
    """Estimate, one-sided p, whether the interval covers, whether it rejects, people."""
    method, alpha = plan.method(strategy), plan.study.protocol.analysis.alpha
    better = direction(method, primary_of(plan.study).better)
    size = float(per_arm * len(contrast.places))
    if method == "paired difference":
        pair = (contrast.places[0], contrast.places[-1])
        seed = plan.study.seed
        apart = crossed_over(world, pair, per_arm, strategy, seed=seed, trial=number)
        spread = float(apart.std(ddof=1)) / math.sqrt(apart.size)
        found = Estimate(float(apart.mean()), spread, apart.size - 1)
        p = found.one_sided(better)
        return found.value, p, found.covers(truth), p < alpha, float(apart.size)
    mine = np.flatnonzero(np.isin(enrolled.arm, contrast.places))
    group = np.array([contrast.places.index(arm) for arm in enrolled.arm[mine]])
    data = world.seen(enrolled.person[mine], enrolled.arm[mine], group, strategy)
    looks = plan.bounds.information if plan.bounds else (1.0,)
    p, people, rejects = 1.0, size, False
    value, covers = float("nan"), False
    for look, share in enumerate(looks):
        part = data if share == 1.0 else data.of(np.arange(math.ceil(share * group.size)))
        estimate = _estimated(plan, part, method, contrast)
        if estimate is None:
            continue
        p, value, covers = estimate.one_sided(better), estimate.value, estimate.covers(truth)
        people = float(part.group.size)
        rejects = p < (plan.bounds.nominal(look) if plan.bounds else alpha)
        if rejects:
            break
    return value, p, covers, rejects, people


def _estimated(plan: Plan, data: Observed, method: str, contrast: Contrast) -> Estimate | None:
    analysis = plan.study.protocol.analysis
    try:
        return analyse(
            data, method, contrast.weights, structure=analysis.structure, freedom=analysis.freedom
        )
    except SpeciosaError:
        return None


def _together(plan: Plan, found: dict[tuple[str, str], Found]) -> dict[tuple[str, str], Found]:
    """Judge the contrasts of each trial together, as the protocol's multiplicity asks."""
    rule = plan.study.protocol.analysis.multiplicity
    if rule == "none" or plan.bounds:
        return found
    adjust, alpha = (holm if rule == "holm" else fixed_sequence), plan.study.protocol.analysis.alpha
    judged = dict(found)
    for strategy in plan.strategies:
        names = [c.name for c in plan.contrasts if c.name != "interaction"]
        p = np.stack([found[name, strategy].p_value for name in names], axis=1)
        adjusted = np.array([adjust(row) for row in p])
        for place, name in enumerate(names):
            rejects = adjusted[:, place] < alpha
            judged[name, strategy] = replace(found[name, strategy], rejects=rejects)
    return judged
