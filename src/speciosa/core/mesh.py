"""The time mesh: one per study and arm, never moved by who is in the chunk.

Every step lies inside one quarter of an hour, so whatever changes by the clock (light, bedtime,
decisions) changes between steps. Steps are small after a dose and grow to a quarter of an hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

QUARTER = 0.25  # h, the clock of everything that is decided
GROWTH = 2.0  # from one step to the next after a dose


@dataclass(frozen=True)
class Refinement:
    """Small steps after certain times.

    ``first`` is the size of the steps after each of ``hours``; ``held`` h later they begin to grow.
    """

    hours: tuple[float, ...]
    first: float
    held: float = 0.0


@dataclass(frozen=True)
class Mesh:
    """One row per step, shape (K,): when it starts, how long it is and what happens at its start.

    ``asked`` (K, D) says which decisions are asked, ``doses`` (K, P) the nominal amount of each
    scheduled product, ``sample`` the place in the day's samples (-1: none), ``event`` whether
    anything at all happens. Padding steps have length zero and no event.
    """

    hours: NDArray[np.float64]
    step: NDArray[np.float64]
    asked: NDArray[np.bool_]
    doses: NDArray[np.float64]
    sample: NDArray[np.int32]
    event: NDArray[np.bool_]

    @property
    def quarter(self) -> NDArray[np.uint32]:
        """The quarter of an hour that each step starts in, counted from the study's start."""
        return np.floor(self.hours / QUARTER + 1e-6).astype(np.uint32)


def build_mesh(
    *,
    hours: float,
    start_clock_hour: float,
    decision_hours: Sequence[Sequence[float]],
    doses: Sequence[Sequence[tuple[float, float]]],
    sample_hours: Sequence[float],
    refinements: Sequence[Refinement] = (),
    longest: float = QUARTER,
) -> Mesh:
    """Return the mesh of a study arm.

    Args:
        hours: length of the study, h.
        start_clock_hour: clock hour of time zero.
        decision_hours: for every decision the clock hours at which it is asked.
        doses: for every product its scheduled (hours since start, amount).
        sample_hours: clock hours at which quantities are sampled, every day.
        refinements: where small steps are needed.
        longest: longest step, h; a quarter of an hour divided by a whole number.
    """
    starts = np.arange(0.0, hours - 1e-9, QUARTER)
    pieces = {round(q / QUARTER): _even(longest) for q in starts}
    for refinement in refinements:
        for begin in refinement.hours:
            _refine(pieces, begin, refinement, longest)
    times, steps = [], []
    for place, start in enumerate(starts):
        inside = pieces[place]
        times.append(start + np.concatenate([[0.0], np.cumsum(inside)[:-1]]))
        steps.append(inside)
    at, step = np.concatenate(times), np.concatenate(steps)
    return _with_events(at, step, start_clock_hour, decision_hours, doses, sample_hours)


def split_days(mesh: Mesh, width: int) -> list[Mesh]:
    """Return one mesh per day, each padded to ``width`` steps.

    Raises:
        ValueError: if a day has more steps than ``width``.
    """
    day = np.floor(mesh.hours / 24.0 + 1e-9).astype(int)
    return [_padded(_take(mesh, np.flatnonzero(day == d)), width) for d in np.unique(day)]


def halved(mesh: Mesh) -> Mesh:
    """Return the same mesh with every step cut in two; events stay where they were."""
    count = mesh.step.size
    first = np.arange(2 * count) % 2 == 0
    twice = np.repeat(np.arange(count), 2)
    half = mesh.step[twice] / 2.0
    return Mesh(
        hours=mesh.hours[twice] + np.where(first, 0.0, half),
        step=half,
        asked=mesh.asked[twice] & first[:, None],
        doses=np.where(first[:, None], mesh.doses[twice], 0.0),
        sample=np.where(first, mesh.sample[twice], -1).astype(np.int32),
        event=mesh.event[twice] & first,
    )


def most_steps(meshes: Sequence[Mesh], multiple: int = 16) -> int:
    """Return the steps of the longest day of several meshes, rounded up to a multiple."""
    longest = 0
    for mesh in meshes:
        day = np.floor(mesh.hours / 24.0 + 1e-9).astype(int)
        longest = max(longest, int(np.bincount(day).max()))
    return -(-longest // multiple) * multiple


def _even(longest: float) -> NDArray[np.float64]:
    count = max(1, round(QUARTER / longest))
    return np.full(count, QUARTER / count)


def _refine(
    pieces: dict[int, NDArray[np.float64]], begin: float, refinement: Refinement, longest: float
) -> None:
    place, size = int(np.floor(begin / QUARTER + 1e-6)), refinement.first
    growing = place * QUARTER + refinement.held
    while place in pieces and size < longest:
        inside, filled = [], 0.0
        while filled < QUARTER - 1e-9:
            left = QUARTER - filled
            take = left if left < 1.5 * size and left <= longest else min(size, left)
            inside.append(take)
            filled += take
            if place * QUARTER + filled >= growing + 1e-9:
                size = min(size * GROWTH, longest)
        if len(inside) > pieces[place].size:
            pieces[place] = np.array(inside)
        place += 1


def _with_events(
    at: NDArray[np.float64],
    step: NDArray[np.float64],
    start: float,
    decision_hours: Sequence[Sequence[float]],
    doses: Sequence[Sequence[tuple[float, float]]],
    sample_hours: Sequence[float],
) -> Mesh:
    count = at.size
    place = {round(t * 1e6): k for k, t in enumerate(at)}
    clock = np.round((start + at) % 24.0, 6)
    asked = np.zeros((count, len(decision_hours)), dtype=bool)
    for column, hours in enumerate(decision_hours):
        asked[:, column] = np.isin(clock, np.round(np.asarray(hours, dtype=float), 6))
    amounts = np.zeros((count, len(doses)))
    for column, given in enumerate(doses):
        for when, amount in given:
            if round(when * 1e6) in place:
                amounts[place[round(when * 1e6)], column] += amount
            elif when < at[-1] + step[-1] - 1e-9:
                raise ValueError(f"a dose at {when} h does not lie on the quarter-hour clock")
    sample = np.full(count, -1, dtype=np.int32)
    for index, hour in enumerate(sample_hours):
        sample[clock == round(hour, 6)] = index
    event = asked.any(axis=1) | (amounts != 0.0).any(axis=1) | (sample >= 0)
    return Mesh(hours=at, step=step, asked=asked, doses=amounts, sample=sample, event=event)


def _take(mesh: Mesh, rows: NDArray[np.intp]) -> Mesh:
    return Mesh(**{name: getattr(mesh, name)[rows] for name in mesh.__dataclass_fields__})


def _padded(mesh: Mesh, width: int) -> Mesh:
    missing = width - mesh.step.size
    if missing < 0:
        raise ValueError(f"a day has {mesh.step.size} steps, more than {width}")
    end = mesh.hours[-1] + mesh.step[-1]
    return replace(
        mesh,
        hours=np.concatenate([mesh.hours, np.full(missing, end)]),
        step=np.concatenate([mesh.step, np.zeros(missing)]),
        asked=np.concatenate([mesh.asked, np.zeros((missing, mesh.asked.shape[1]), dtype=bool)]),
        doses=np.concatenate([mesh.doses, np.zeros((missing, mesh.doses.shape[1]))]),
        sample=np.concatenate([mesh.sample, np.full(missing, -1, dtype=np.int32)]),
        event=np.concatenate([mesh.event, np.zeros(missing, dtype=bool)]),
    )
