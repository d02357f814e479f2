"""Which inputs move an answer: indices from arrays, with no model in sight.

Designs hand out standard normal scores, one row per run; the answers come back as one number per
row. Sobol indices follow Saltelli A et al. Comput Phys Commun 2010;181:259 and Morris screening
Campolongo F et al. Environ Model Softw 2007;22:1509, both through SALib.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.errors import InputError, SpeciosaError

Array = NDArray[np.float64]
EDGE = 1e-4  # scores of a design stay within 3.7 standard deviations
NEGLIGIBLE = 1e-3  # singular value, as a share of the largest, under which a direction is lost
TAKES_PART = 0.3  # weight in a lost direction from which an input belongs to it
STEP = 0.1  # standard deviations, for sensitivities by central differences


@dataclass(frozen=True)
class Sobol:
    """Shares of the variance of an answer.

    Args:
        name: the input.
        first, total: its share alone, and with every interaction it takes part in.
        first_error, total_error: half widths of their bootstrap 95 % intervals.
    """

    name: str
    first: float
    total: float
    first_error: float
    total_error: float


@dataclass(frozen=True)
class Morris:
    """Screening by elementary effects: mean, mean size and spread, per unit of the design."""

    name: str
    mean: float
    size: float
    spread: float
    size_error: float


@dataclass(frozen=True)
class Identifiability:
    """What observations can tell apart.

    Args:
        names: the inputs.
        rank: how many directions of them the observations fix.
        singular_values: of the scaled sensitivity matrix, largest first.
        collinearity: 1 over the smallest singular value of the matrix with columns of unit length;
            above 10 to 15 a set is poorly identifiable (Brun R et al. Water Resour Res
            2001;37:1015).
        lost: groups of inputs that can change together and leave every observation as it is; a
            group of one does not act on any.
    """

    names: tuple[str, ...]
    rank: int
    singular_values: tuple[float, ...]
    collinearity: float
    lost: tuple[tuple[str, ...], ...]


def salib(part: str) -> Any:
    """Return a module of SALib, which is installed apart.

    Raises:
        SpeciosaError: it is not installed.
    """
    from importlib import import_module

    try:
        return import_module(f"SALib.{part}")
    except ImportError as error:
        raise SpeciosaError(
            "SALib is not installed", "sensitivity", "pip install speciosa[sensitivity]"
        ) from error


def problem(names: Sequence[str], low: float = 0.0, high: float = 1.0) -> dict[str, Any]:
    """Return SALib's description of independent uniform inputs."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[low, high]] * len(names)}


def sobol_design(names: Sequence[str], base: int, seed: int) -> Array:
    """Return ``base * (inputs + 2)`` rows of uniforms in (0, 1): a Saltelli sample.

    Args:
        names: the inputs.
        base: points of the base sample, a power of 2.
        seed: of the scrambling.
    """
    if base < 2 or base & (base - 1):
        raise InputError(f"{base} base points", "sensitivity", "Give a power of 2, such as 64.")
    rows = salib("sample.sobol").sample(problem(names), base, calc_second_order=False, seed=seed)
    return np.clip(np.asarray(rows, float), EDGE, 1.0 - EDGE)


def sobol_indices(names: Sequence[str], answers: Array, seed: int = 1) -> tuple[Sobol, ...]:
    """Return first-order and total indices, the largest total first.

    Args:
        names: the inputs of :func:`sobol_design`.
        answers: one number per row of that design.
        seed: of the bootstrap.
    """
    answers = np.asarray(answers, float)
    if not np.isfinite(answers).all():
        raise InputError("an answer is not finite", "sensitivity", "Look at the run's failures.")
    if np.ptp(answers) == 0.0:  # nothing moves it: every share is 0
        return tuple(Sobol(name, 0.0, 0.0, 0.0, 0.0) for name in names)
    found = salib("analyze.sobol").analyze(
        problem(names), answers, calc_second_order=False, seed=seed
    )
    rows = zip(names, *(map(float, found[k]) for k in ("S1", "ST", "S1_conf", "ST_conf")),
               strict=True)  # fmt: skip
    return tuple(sorted((Sobol(*row) for row in rows), key=lambda each: -each.total))


def morris_design(names: Sequence[str], trajectories: int, seed: int) -> Array:
    """Return ``trajectories * (inputs + 1)`` rows of uniforms: one input changes per row."""
    rows = salib("sample.morris").sample(
        problem(names, 0.05, 0.95), trajectories, num_levels=4, seed=seed
    )
    return np.asarray(rows, float)


def morris_indices(
    names: Sequence[str], design: Array, answers: Array, seed: int = 1
) -> tuple[Morris, ...]:
    """Return elementary effects, the largest first."""
    found = salib("analyze.morris").analyze(
        problem(names, 0.05, 0.95), design, np.asarray(answers, float), num_levels=4, seed=seed
    )
    rows = zip(names, *(map(float, found[k]) for k in ("mu", "mu_star", "sigma", "mu_star_conf")),
               strict=True)  # fmt: skip
    return tuple(sorted((Morris(*row) for row in rows), key=lambda each: -each.size))


def scores(uniforms: Array) -> Array:
    """Turn a design of uniforms into standard normal scores."""
    from scipy.special import ndtri

    return np.asarray(ndtri(uniforms), float)


def sensitivity_matrix(answer: Callable[[Array], Array], inputs: int, step: float = STEP) -> Array:
    """Return d(observation)/d(score) at the centre, (observations, inputs), by central differences.

    Args:
        answer: rows of scores (R, inputs) -> observations (R, M), scaled by their errors.
        inputs: how many there are.
        step: in standard deviations.
    """
    moves = step * np.eye(inputs)
    found = np.asarray(answer(np.concatenate([moves, -moves])), float)
    return (found[:inputs] - found[inputs:]).T / (2.0 * step)


def identifiability(
    names: Sequence[str], matrix: Array, negligible: float = NEGLIGIBLE
) -> Identifiability:
    """Say which inputs the observations fix, from their scaled sensitivity matrix.

    Args:
        names: the inputs, as the columns of the matrix.
        matrix: change of each observation, in its own error, per standard deviation of each input.
        negligible: share of the largest under which a size or a singular value counts as none.

    >>> matrix = np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 1.0], [1.0, 2.0, 3.0]])
    >>> found = identifiability("abc", matrix)
    >>> found.rank, found.lost
    (2, (('a', 'b'),))
    """
    matrix = np.asarray(matrix, float)
    sizes = np.linalg.norm(matrix, axis=0)
    dead = sizes <= negligible * sizes.max(initial=0.0)
    lost: list[tuple[str, ...]] = [(name,) for name, none in zip(names, dead, strict=True) if none]
    alive = [name for name, none in zip(names, dead, strict=True) if not none]
    if not alive:
        return Identifiability(tuple(names), 0, (), float("inf"), tuple(lost))
    scaled = matrix[:, ~dead] / sizes[~dead]
    _, values, directions = np.linalg.svd(scaled, full_matrices=True)
    values = np.append(values, np.zeros(len(alive) - values.size))
    rank = int((values > negligible * values[0]).sum())
    lost += _groups(alive, directions[rank:])
    smallest = float(values[-1])
    return Identifiability(
        tuple(names), rank, tuple(map(float, values)),
        1.0 / smallest if smallest > 1e-12 else float("inf"), tuple(lost),
    )  # fmt: skip


def _groups(names: Sequence[str], directions: Array) -> list[tuple[str, ...]]:
    """Inputs that stand together in the lost directions, whatever basis they are given in."""
    if not len(directions):
        return []
    together = np.abs(directions.T @ directions) > TAKES_PART**2 / 2
    groups, seen = [], set()
    for i in range(len(names)):
        if i in seen or not together[i, i]:
            continue
        group, waiting = set(), [i]
        while waiting:
            j = waiting.pop()
            if j not in group:
                group.add(j)
                waiting += [k for k in np.flatnonzero(together[j]).tolist() if k not in group]
        seen |= group
        groups.append(tuple(names[j] for j in sorted(group)))
    return groups


def people_share(effects: Mapping[str, Array]) -> float:
    """Return the share of an effect's variance that is people and chance, not parameters.

    Args:
        effects: ``delta`` the effect in each draw and ``error`` the standard error that a finite
            cohort leaves in it.

    >>> round(people_share({"delta": np.array([1.0, -1.0] * 50), "error": np.full(100, 0.5)}), 2)
    0.25
    """
    delta, error = (np.asarray(effects[key], float) for key in ("delta", "error"))
    known = np.isfinite(error)
    whole = float(np.var(delta, ddof=1)) if delta.size > 1 else 0.0
    if whole <= 0.0 or not known.any():
        return float("nan")
    return float(min(1.0, np.mean(error[known] ** 2) / whole))
