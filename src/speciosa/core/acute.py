"""The solver door for minutes: a wired model in fixed steps of a fraction of a second.

Classical Runge-Kutta of order four over everybody at once, compiled once per model and length.
Every decision is asked at every step; scheduled doses are given at time zero. The day engine
(:mod:`speciosa.core.engine`) walks weeks on a quarter-hour mesh; this one walks an hour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.engine import cores, prepare_jax
from speciosa.core.events import ask, dosed, held_rows
from speciosa.core.random import Streams
from speciosa.core.reference import beginning
from speciosa.core.wiring import Model, derivatives, signals

Array = NDArray[np.float64]
SECOND = 1.0 / 3600.0  # h
STEP = 0.25  # s: the fastest mode, brain oxygen in hypoxia, asks for 0.59 s or less


@dataclass(frozen=True)
class AcuteOutcome:
    """What came back.

    Args:
        seconds: times of the samples, (T,).
        samples: quantity -> (T, N).
        lowest, highest: quantity -> extreme over every step, (N,); ``lowest_at`` and
            ``highest_at`` are when, s.
        memory: decision -> row -> (N,) at the end; times in it are in hours.
        failed: people with a number that is not finite, (N,).
    """

    seconds: Array
    samples: Mapping[str, Array]
    lowest: Mapping[str, Array]
    lowest_at: Mapping[str, Array]
    highest: Mapping[str, Array]
    highest_at: Mapping[str, Array]
    memory: Mapping[str, Mapping[str, Array]]
    failed: NDArray[np.bool_]


class AcuteSolver:
    """A compiled model for runs of minutes.

    Args:
        model: the wired model; modes are integrated like states.
        recorded: quantities to sample.
        watched: quantities whose extremes over every step are kept.
        seconds: length of the run, s.
        every: time between samples, s.
        step: length of a step, s; ``every`` is a whole number of steps.

    Raises:
        ValueError: a quantity that the model does not give, or times that do not fit.
    """

    def __init__(
        self,
        model: Model,
        *,
        recorded: Sequence[str],
        watched: Sequence[str] = (),
        seconds: float,
        every: float = 1.0,
        step: float = STEP,
    ) -> None:
        unknown = [q for q in (*recorded, *watched) if q not in model.units]
        if unknown:
            raise ValueError(f"the model does not give {', '.join(unknown)}")
        self.model, self.recorded, self.watched = model, tuple(recorded), tuple(watched)
        self.step, self.every = step, every
        self.inner, self.frames = round(every / step), round(seconds / every)
        if abs(self.inner * step - every) > 1e-9 or abs(self.frames * every - seconds) > 1e-6:
            raise ValueError("step, sampling interval and length must be multiples of each other")
        self.jax = prepare_jax()
        self._run = self.jax.jit(self._walk)

    def solve(
        self,
        parameters: Mapping[str, Mapping[str, Any]],
        people: int,
        doses: Mapping[str, Any],
    ) -> AcuteOutcome:
        """Solve N people from their declared start.

        Args:
            parameters: stage or decision -> symbol -> number or row (N,).
            people: N.
            doses: dose entry -> nmol at time zero, a number or (N,).
        """
        shares = cores() if people >= 8 * cores() else 1
        cuts = np.linspace(0, people, shares + 1).astype(int)
        given = {e: _row(doses.get(e, 0.0), people) for e in self.model.entries()}
        rows = {
            part: {symbol: _row(value, people) for symbol, value in symbols.items()}
            for part, symbols in parameters.items()
        }

        states = dosed(self.model, beginning(self.model.stages, rows, people), given, rows)
        memory = beginning(self.model.decisions, rows, people)
        number = np.arange(people, dtype=np.uint32)

        def share(i: int) -> Any:
            here = slice(cuts[i], cuts[i + 1])
            mine = self.jax.tree.map(lambda row: row[here], (rows, states, memory, number))
            return self.jax.tree.map(np.asarray, self._run(*mine))

        with ThreadPoolExecutor(shares) as threads:
            parts = list(threads.map(share, range(shares)))
        whole = self.jax.tree.map(lambda *found: np.concatenate(found, axis=-1), *parts)
        return self._outcome(*whole)

    # ---- inside the compiled program ---------------------------------------------------------

    def _walk(self, p: Any, states: Any, memory: Any, number: Any) -> Any:
        jax = self.jax
        jnp = jax.numpy
        stream = Streams(jnp.zeros_like(number), number)
        far = jnp.full((len(self.watched), *number.shape), jnp.inf)
        never = jnp.zeros((len(self.watched), *number.shape))
        carry = (states, memory, (far, never), (-far, never))
        frame = partial(self._frame, p, stream)
        carry, samples = jax.lax.scan(frame, carry, jnp.arange(self.frames))
        states, memory, low, high = carry
        return samples, memory, low, high

    def _frame(self, p: Any, stream: Streams, carry: Any, frame: Any) -> Any:
        jax = self.jax
        states, memory, _, _ = carry
        sample = self._rows(self._signals(states, memory, p), self.recorded, stream)
        step = partial(self._one_step, p, stream, frame * self.inner)
        return jax.lax.fori_loop(0, self.inner, step, carry), sample

    def _one_step(self, p: Any, stream: Streams, before: Any, k: Any, carry: Any) -> Any:
        jnp = self.jax.numpy
        states, memory, low, high = carry
        hours = (before + k) * (self.step * SECOND)
        found = self._signals(states, memory, p)
        memory, given = ask(
            jnp,
            self.model,
            found,
            memory,
            p,
            stream,
            hours=hours,
            quarter=before + k,
            due=[True] * len(self.model.decisions),
            start_clock_hour=0.0,
        )
        states = dosed(self.model, states, given, p)
        seen = self._rows(found, self.watched, stream)
        low = _better(jnp, low, seen, hours, jnp.less)
        high = _better(jnp, high, seen, hours, jnp.greater)
        return self._runge_kutta(states, memory, p), memory, low, high

    def _runge_kutta(self, states: Any, memory: Any, p: Any) -> Any:
        tree, h = self.jax.tree, self.step * SECOND

        def moved(by: float, slope: Any) -> Any:
            return tree.map(lambda x, d: x + by * d, states, slope)

        one = self._slope(states, memory, p)
        two = self._slope(moved(h / 2, one), memory, p)
        three = self._slope(moved(h / 2, two), memory, p)
        four = self._slope(moved(h, three), memory, p)
        return tree.map(
            lambda x, a, b, c, d: x + h / 6 * (a + 2 * b + 2 * c + d), states, one, two, three, four
        )

    def _signals(self, states: Any, memory: Any, p: Any) -> Any:
        held = held_rows(self.model, memory, 0.0, 0.0)
        barrier = self.jax.lax.optimization_barrier
        return signals(self.jax.numpy, self.model, states, held, p, barrier)

    def _slope(self, states: Any, memory: Any, p: Any) -> Any:
        found = self._signals(states, memory, p)
        slopes: dict[str, Any] = derivatives(self.jax.numpy, self.model, states, found, p)
        for stage in self.model.stages:
            fading = {
                n: -p[stage.name][m.rate] * states[stage.name][n] for n, m in stage.modes.items()
            }
            slopes[stage.name] = {**slopes.get(stage.name, {}), **fading}
        return slopes

    def _rows(self, found: Any, names: Sequence[str], stream: Streams) -> Any:
        jnp = self.jax.numpy
        shape = stream.person.shape
        rows = [jnp.broadcast_to(found[name], shape) for name in names]
        return jnp.stack(rows) if rows else jnp.zeros((0, *shape))

    def _outcome(self, samples: Any, memory: Any, low: Any, high: Any) -> AcuteOutcome:
        def named(rows: Any, factor: float = 1.0) -> dict[str, Array]:
            return {name: rows[i] * factor for i, name in enumerate(self.watched)}

        return AcuteOutcome(
            seconds=np.arange(self.frames, dtype=np.float64) * self.every,
            samples={name: samples[:, i] for i, name in enumerate(self.recorded)},
            lowest=named(low[0]),
            lowest_at=named(low[1], 3600.0),
            highest=named(high[0]),
            highest_at=named(high[1], 3600.0),
            memory=memory,
            failed=~np.isfinite(samples).all(axis=(0, 1)),
        )


def _better(jnp: Any, kept: Any, seen: Any, hours: Any, beats: Any) -> Any:
    value, at = kept
    new = beats(seen, value)
    return jnp.where(new, seen, value), jnp.where(new, hours, at)


def _row(value: Any, people: int) -> Array:
    return np.array(np.broadcast_to(np.asarray(value, dtype=float), (people,)))
