"""How a planned trial would behave: power, type I error, bias and coverage, by resampling.

People are simulated once, everybody in every arm; trials of any size are drawn from them. What is
not known about the truth (the worlds) and chance (the trials within a world) are told apart: each
trial takes place in one world, and the power in every world is given beside the mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from speciosa.core.errors import InputError
from speciosa.core.notice import SIMULATED
from speciosa.evidence.load import Evidence
from speciosa.trial.run import Progress, run_trial
from speciosa.trial.study import Study, load_study
from speciosa.trial.visits import primary_of
from speciosa.verdict.analysis import direction
from speciosa.verdict.ancova import least_squares
from speciosa.verdict.document import plain
from speciosa.verdict.operating import Contrast, Found, Plan, plan, simulate_trials, truth_of
from speciosa.verdict.pool import World, worlds
from speciosa.verdict.sample_size import power_of_means, power_of_proportions

Array = NDArray[Any]
WORLDS, PEOPLE = 10, 100
FEWEST, MOST = 5, 2000  # people per arm
FARTHEST = 10_000  # people per arm beyond which no formula is asked
BEYOND = 5  # simulated sizes are not extrapolated further than so many times the largest one
RESAMPLED = (
    "People are simulated once, in every arm, and resampled with replacement into trials; in a "
    "null trial every arm does what placebo does. Power is the mean over worlds, by_world that of "
    "each; an error is that of the resampling."
)


def power(
    study: Study | str | Path,
    *,
    sizes: Sequence[int] = (50, 100, 200),
    trials: int = 1000,
    target: float = 0.8,
    people: int = PEOPLE,
    draws: int = WORLDS,
    evidence: Evidence | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Return the operating characteristics of the trial that a study plans.

    Args:
        study: a study, the path of its file, or the name of a shipped one.
        sizes: people per arm of each trial.
        trials: how many of each size, with and without effect.
        target: power that the sample size is asked for.
        people, draws: simulated people of a world, and worlds.
        evidence: the numbers; by default the evidence set that the study names.
        on_progress: called whenever some people are simulated.

    Returns:
        A plain document: ``rows`` by contrast, estimand and size; ``sample_sizes``; the pool.
    """
    laid_down = study if isinstance(study, Study) else load_study(study)
    sizes = sorted(set(sizes))
    _check(sizes, trials, target)
    planned = plan(laid_down)
    arms = tuple(arm for arm in laid_down.arms if arm.name in planned.arms)
    simulated = replace(laid_down.resized(draws=draws, people=people), arms=arms)
    run = run_trial(simulated, evidence=evidence, on_progress=on_progress)
    pool = worlds(run, planned.arms)
    given = {
        (c.name, s): textbooks(planned, pool, c, s)
        for c in planned.contrasts
        for s in planned.strategies
    }
    rows: list[dict[str, Any]] = []
    for place, size in enumerate(sizes):
        first = 2 * place * trials
        real = simulate_trials(planned, pool, size, trials, null=False, first=first)
        null = simulate_trials(planned, pool, size, trials, null=True, first=first + trials)
        rows += [
            _row(planned, given[c.name, s], c, s, size, real[c.name, s], null[c.name, s])
            for c in planned.contrasts
            for s in planned.strategies
        ]
    return dict(
        plain(
            {
                "study": _about(laid_down),
                "pool": {
                    "worlds": len(pool), "people_per_world": people, "arms": planned.arms,
                    "screened_out": float(np.mean([world.screened for world in pool])),
                    **{key: run.info[key] for key in ("asked", "solved", "failed", "seconds")},
                },
                "notice": f"{SIMULATED.capitalize()}. {RESAMPLED}",
                "sizes": list(sizes), "trials": trials, "target": target,
                "rows": rows,
                "sample_sizes": [
                    _needed(planned, given[c.name, s], c, s, rows, target)
                    for c in planned.contrasts
                    for s in planned.strategies
                ],
                "boundaries": planned.bounds,
            }
        )
    )  # fmt: skip


def read_sizes(text: str) -> list[int]:
    """Return sizes written as whole numbers joined by commas.

    >>> read_sizes("50, 100,200")
    [50, 100, 200]
    """
    try:
        return sorted({int(part) for part in text.split(",")})
    except ValueError:
        raise InputError(f'"{text}" is no list of sizes', "--n", "Write 50,100,200.") from None


def _check(sizes: Sequence[int], trials: int, target: float) -> None:
    if not sizes or min(sizes) < FEWEST or max(sizes) > MOST:
        raise InputError(
            f"people per arm {list(sizes)}", "--n", f"Name sizes from {FEWEST} to {MOST}."
        )
    if trials < 20 or not 0.05 < target < 0.999:
        raise InputError(
            f"{trials} trials, target {target:g}", "power",
            "Ask for at least 20 trials and a target power such as 0.8.",
        )  # fmt: skip


def _about(study: Study) -> dict[str, Any]:
    primary, protocol = primary_of(study), study.protocol
    return {
        "id": study.id, "question": study.question, "seed": study.seed, "hash": study.digest,
        "primary": primary.label, "unit": primary.unit, "better": primary.better,
        "design": protocol.design, "visits": protocol.visits, "analysis": protocol.analysis,
        "arms": [{"id": a.name, "label": a.title, "role": a.role} for a in study.arms],
    }  # fmt: skip


def _row(
    planned: Plan, given: Sequence[Textbook] | None, contrast: Contrast, strategy: str, size: int,
    found: Found, empty: Found,
) -> dict[str, Any]:  # fmt: skip
    """Return what the trials of one size came to, with and without effect."""
    apart = found.value - found.truth
    known = np.isfinite(apart)
    count = int(known.sum())
    bias = float(apart[known].mean()) if count else float("nan")
    bias_error = float(apart[known].std(ddof=1) / math.sqrt(count)) if count > 1 else float("nan")
    return {
        "contrast": contrast.name, "arm": contrast.arm, "versus": contrast.versus,
        "estimand": strategy, "method": planned.method(strategy), "people_per_arm": size,
        **_share("power", found.rejects),
        "power_by_world": [
            float(found.rejects[found.world == world].mean()) for world in np.unique(found.world)
        ],
        "power_by_formula": by_formula(planned, given, contrast, strategy, size),
        **_share("type_one_error", empty.rejects),
        "truth": float(np.mean(found.truth)),
        "bias": bias, "bias_error": bias_error,
        **_share("coverage", found.covers[known]),
        "not_estimable": int((~known).sum()),
        "expected_people": float(found.people.mean()),
    }  # fmt: skip


def _share(name: str, happened: Array) -> dict[str, float]:
    """Return a share of trials and its Monte-Carlo error."""
    if not happened.size:
        return {name: float("nan"), f"{name}_error": float("nan")}
    share = float(np.mean(happened))
    return {name: share, f"{name}_error": math.sqrt(share * (1 - share) / happened.size)}


@dataclass(frozen=True)
class Textbook:
    """What a formula is given of one world: the true contrast and how far it is blurred.

    Args:
        effect: difference of means, log ratio, or share of the arm.
        spread: residual SD, or share of what the arm is compared with.
        seen: share of the people with an outcome, or with an event.
    """

    effect: float
    spread: float
    seen: float


def textbooks(
    planned: Plan, pool: Sequence[World], contrast: Contrast, strategy: str
) -> list[Textbook] | None:
    """Return what a formula needs, world by world; None where there is no formula."""
    method = planned.method(strategy)
    if planned.bounds or method not in ("ancova", "mmrm", "logistic", "log-rank", "cox"):
        return None
    found = []
    for world in pool:
        if method == "logistic":
            versus, arm = world.truth[strategy][:, contrast.places].mean(axis=0)
            found.append(Textbook(float(arm), float(versus), 1.0))
            continue
        effect = truth_of(planned, world, contrast, strategy)
        if method in ("ancova", "mmrm"):
            found.append(Textbook(effect, *_blur(planned, world, contrast, strategy)))
        else:
            events = float(world.left[:, contrast.places].mean())
            found.append(Textbook(effect, 1.0, events))
    return found


def _blur(planned: Plan, world: World, contrast: Contrast, strategy: str) -> tuple[float, float]:
    """Return the residual SD of the first arm and the share of its people with an outcome."""
    everybody, none = np.arange(world.people), np.zeros(world.people, dtype=int)
    seen = world.seen(everybody, none + contrast.places[0], none, strategy)
    by_visit = planned.method(strategy) == "mmrm" and seen.visits is not None
    y = seen.visits[:, -1] if by_visit and seen.visits is not None else seen.outcome
    design = np.column_stack([np.ones(world.people), world.covariates])
    fit = least_squares(y, design)
    residual = y - design @ fit.coefficients
    sd = math.sqrt(float(np.nansum(residual**2)) / fit.freedom)
    return sd, float(np.isfinite(y).mean())


def by_formula(
    planned: Plan, given: Sequence[Textbook] | None, contrast: Contrast, strategy: str, size: float
) -> float | None:
    """Return the mean over worlds of the textbook power; None where there is no formula."""
    if given is None:
        return None
    method, alpha = planned.method(strategy), planned.study.protocol.analysis.alpha
    better = direction(method, primary_of(planned.study).better)
    cells = 2 if len(contrast.places) == 4 else 1
    powers = []
    for one in given:
        gain = one.effect - one.spread if method == "logistic" else one.effect
        gain = -gain if better == "lower" else gain
        if gain <= 0:
            powers.append(0.0)
        elif method == "logistic":
            powers.append(power_of_proportions(size, one.effect, one.spread, alpha=alpha, sides=1))
        elif method in ("ancova", "mmrm"):
            people = max(size * one.seen / cells, 2.0)
            powers.append(power_of_means(people, gain, one.spread, alpha=alpha, sides=1))
        else:
            z = gain * math.sqrt(size * one.seen / 2) - stats.norm.ppf(1 - alpha)
            powers.append(float(stats.norm.cdf(z)))
    return float(np.mean(powers))


def _needed(
    planned: Plan, given: Sequence[Textbook] | None, contrast: Contrast, strategy: str,
    rows: Sequence[Mapping[str, Any]], target: float,
) -> dict[str, Any]:  # fmt: skip
    """Return people per arm for a target power, by the simulated trials and by formula."""
    alpha = planned.study.protocol.analysis.alpha
    mine = [r for r in rows if r["contrast"] == contrast.name and r["estimand"] == strategy]
    formula = None
    if given is not None:
        formula = _reaching(
            lambda n: by_formula(planned, given, contrast, strategy, n) or 0.0, target
        )
    return {
        "contrast": contrast.name, "estimand": strategy, "power": target,
        "simulated": by_probit(mine, alpha, target), "formula": formula,
    }  # fmt: skip


def by_probit(rows: Sequence[Mapping[str, Any]], alpha: float, target: float) -> int | None:
    """Return people per arm at which the mean power over worlds reaches the target, or None.

    In each world z(power) = slope sqrt(n) - z(alpha), with the slope from all sizes. None where no
    size up to five times the largest one does: too many worlds hold too little benefit.
    """
    root = np.sqrt([row["people_per_arm"] for row in rows])
    share = np.clip([row["power_by_world"] for row in rows], 0.01, 0.99)  # (sizes, worlds)
    z, limit = stats.norm.ppf(share), float(stats.norm.ppf(1 - alpha))
    weight = stats.norm.pdf(z) ** 2 / (share * (1 - share))
    sure = np.asarray([row["power_by_world"] for row in rows]) >= 0.99
    weight[sure & (np.cumsum(sure, axis=0) > 1)] = 0.0  # the first size that never fails says all
    up = np.sum(weight * root[:, None] * (z + limit), axis=0)
    slope = up / np.sum(weight * root[:, None] ** 2, axis=0)
    farthest = BEYOND * max(row["people_per_arm"] for row in rows)
    return _reaching(
        lambda n: float(np.mean(stats.norm.cdf(slope * math.sqrt(n) - limit))), target, farthest
    )


def _reaching(
    power_at: Callable[[float], float], target: float, farthest: int = FARTHEST
) -> int | None:
    """Return the smallest whole number of people per arm with a power, up to a limit."""
    low, high = 2, farthest
    if power_at(high) < target:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power_at(middle) >= target else (middle + 1, high)
    return high
