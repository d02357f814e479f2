"""The one solver door: a wired model, a mesh and many people, solved together in JAX.

People are the last axis, every state its own row, and everybody in an arm shares one mesh. Depots
and constant-clearance drugs are exact at every Runge-Kutta stage; the rest is of fifth order. The
embedded error is carried per person, so that the caller can solve again on half the mesh whoever
exceeds the bound; who still fails is counted, never dropped.
One compiled program serves every day, arm and chunk of a study, whatever its length.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from speciosa.core.kernel import Kernel
from speciosa.core.mesh import Mesh, halved, split_days
from speciosa.core.outcome import Outcome, joined
from speciosa.core.random import Streams
from speciosa.core.wiring import Model

TOLERANCE = 5e-3  # embedded error in ranges, far above that of the solution: docs/performance.md
# Fusion may not look across a stage's barrier: it would compute the stage again in every reader
# (measured: half the speed). No operation is split over threads: each core has people of its own.
# Vectors are as wide as the processor has them.
CPU_OPTIONS = {
    "xla_disable_hlo_passes": "cse_barrier_expander,cpu-parallel-task-assigner",
    "xla_cpu_prefer_vector_width": 512,
}
SIZES = 16  # sizes of step that a day may have
SHARES = 2  # parts that people may be solved in, whatever the machine: one per core of a small one
CORES = "SPECIOSA_CORES"  # environment variable: cores this process may use


@dataclass(frozen=True)
class Supply:
    """What one unit of a scheduled product brings: dose entry -> nmol per unit, shape (B, N).

    ``B`` counts batches; a dose on day ``d`` uses batch ``d // days_per_batch``. ``adherence`` is
    the probability that a dose is taken, a number or (N,). It is 1 on the first
    ``supervised_days`` days.
    """

    name: str
    content: Mapping[str, np.ndarray]
    adherence: Any = 1.0
    supervised_days: int = 0


def prepare_jax() -> Any:
    """Import JAX in float64 with the compilation cache; return it."""
    import jax

    if not getattr(prepare_jax, "done", False):
        jax.config.update("jax_enable_x64", True)
        # people are shared out over threads by us: a day runs in the thread that asks for it
        jax.config.update("jax_cpu_enable_async_dispatch", False)
        os.environ.setdefault("NPROC", str(cores()))  # size of the compiler's own pool of threads
        folder = os.environ.get("SPECIOSA_CACHE", str(Path.home() / ".cache" / "speciosa"))
        jax.config.update("jax_compilation_cache_dir", folder)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
        prepare_jax.done = True  # type: ignore[attr-defined]
    return jax


def device() -> str:
    """Return the kind of device that runs are solved on: cpu or gpu."""
    return str(prepare_jax().devices()[0].platform)


def cores() -> int:
    """Return how many cores this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, int(os.environ.get(CORES, usable or 1)))


class Engine:
    """A compiled model: build it once, solve any arm, any length and any people with it.

    Args:
        model: the wired model.
        products: names of the scheduled products, in the mesh's column order.
        recorded: quantities to sample at the mesh's sample points.
        lowest, highest: quantities whose daily minimum and maximum are kept.
        samples: sample points per day.
        width: people per share in one call; part of the contract that results do not depend on
            chunking, nor on how many shares are solved at once.
        steps: steps per day, after padding (:func:`speciosa.core.mesh.most_steps`).
        start_clock_hour: clock hour of time zero.
        days_per_batch: days until a new product batch.
        batches: batches supplied.
        trace: also return doses and memory at every event (tests and exports).
        tolerance: what the embedded error of a person may come to, in ranges.
        double: whether rates of change are computed in double precision; states always are.
    """

    def __init__(
        self,
        model: Model,
        *,
        products: Sequence[str] = (),
        recorded: Sequence[str],
        lowest: Sequence[str] = (),
        highest: Sequence[str] = (),
        samples: int,
        steps: int,
        width: int = 512,
        start_clock_hour: float = 8.0,
        days_per_batch: int = 14,
        trace: bool = False,
        tolerance: float = TOLERANCE,
        double: bool = True,
    ) -> None:
        self.model, self.products, self.recorded = model, tuple(products), tuple(recorded)
        self.lowest, self.highest = tuple(lowest), tuple(highest)
        self.samples, self.steps, self.width = samples, steps, width
        self.start_clock_hour, self.days_per_batch = start_clock_hour, days_per_batch
        self.trace, self.tolerance = trace, tolerance
        self.jax = prepare_jax()
        self.device = self.jax.devices()[0]
        self.people = width * SHARES
        self._kernel = Kernel(
            self.jax,
            model,
            self.products,
            self.recorded,
            self.lowest,
            self.highest,
            width,
            start_clock_hour,
            days_per_batch,
            trace,
            double,
        )
        self._program = self.jax.jit(self._kernel.one_day, compiler_options=self._options())
        self._compiling, self._compiled = Lock(), False
        self._rows: set[tuple[str, str]] = set()  # parameters that differ between people

    def _options(self) -> dict[str, Any] | None:
        """Compiler options of this kind of device."""
        return CPU_OPTIONS if self.device.platform == "cpu" else None

    def _day(self, *arguments: Any) -> Any:
        """Solve a day; of several threads that come at first, one compiles and the others wait."""
        if self._compiled:
            return self._program(*arguments)
        with self._compiling:
            found = self._program(*arguments)
            self._compiled = True
            return found

    # ---- the public verb -------------------------------------------------------------------

    def solve(
        self,
        mesh: Mesh,
        parameters: Mapping[str, Mapping[str, Any]],
        streams: Streams,
        supplies: Sequence[Supply] = (),
        enabled: Sequence[bool] | None = None,
        start: Mapping[str, Mapping[str, Any]] | None = None,
        halvings: int = 0,
        on_day: Callable[[int, int], None] = lambda day, days: None,
    ) -> Outcome:
        """Solve up to ``self.people`` people of one arm and return their outcome.

        Args:
            mesh: the arm's mesh.
            parameters: stage or decision -> symbol -> number or row (N,).
            streams: stream keys of the N people.
            supplies: one per product of ``self.products``.
            enabled: per decision, whether this arm has it.
            start: stage -> state or mode -> row (N,), where people do not start as declared.
            halvings: how often every step of the mesh is cut in two.
            on_day: called after each simulated day with (days done, days in all).
        """
        parts = 2**halvings
        for _ in range(halvings):
            mesh = halved(mesh)
        days = [part for day in split_days(mesh, self.steps * parts) for part in _cut(day, parts)]
        chunk = self._chunk(parameters, streams, supplies, enabled)
        begin = self._start(chunk, start or {})
        count = streams.person.shape[0]
        return self._everywhere(days, chunk, begin, count, on_day, parts)

    def _everywhere(
        self,
        days: list[Mesh],
        chunk: dict[str, Any],
        carry: Any,
        count: int,
        on_day: Callable[[int, int], None],
        parts: int,
    ) -> Outcome:
        """Solve the shares of the people, one thread for each core, and join the outcomes.

        All threads run the one program of the one device: it is compiled once.
        """
        shares = range(-(-count // self.width))
        quiet = lambda day, days: None  # noqa: E731

        def share(i: int) -> Outcome:
            rows = slice(i * self.width, (i + 1) * self.width)
            mine, begin = (self._share(part, rows) for part in (chunk, carry))
            people = min(count - i * self.width, self.width)
            follow = on_day if i == 0 else quiet
            return self._pass(days, mine, begin, people, follow, parts)

        if len(shares) == 1:
            return share(0)
        with ThreadPoolExecutor(min(cores(), SHARES)) as threads:
            return joined(list(threads.map(share, shares)))

    def _share(self, part: Any, rows: slice) -> Any:
        def cut(value: Any) -> Any:
            people = np.ndim(value) and np.shape(value)[-1] == self.people
            return value[..., rows] if people else value

        return self.jax.tree.map(cut, part)

    def _pass(
        self,
        days: list[Mesh],
        chunk: dict[str, Any],
        carry: Any,
        count: int,
        on_day: Callable[[int, int], None],
        parts: int,
    ) -> Outcome:
        total = len(days) // parts
        put = partial(self.jax.device_put, device=self.device)
        chunk, carry = put(chunk), put(carry)
        samples, minima, maxima, traces = [], [], [], []

        def read(kept: Any) -> None:
            samples.append(np.asarray(kept["samples"])[:-1, :, :count])
            minima.append(np.asarray(kept["lowest"])[:, :count])
            maxima.append(np.asarray(kept["highest"])[:, :count])
            on_day(len(samples), total)

        before = None  # where days run by themselves, one is read while the next is under way
        for number, day in enumerate(days):
            if number % parts == 0:
                kept = put(self._blank())
            carry, kept, seen = self._day(chunk, carry, kept, put(self._times(day)))
            if self.trace:
                traces.append(_host(seen) | {"mesh": day})
            if (number + 1) % parts == 0:
                if before is not None:
                    read(before)
                before = kept
        read(before)
        people = partial(_first, count=count)
        worst = np.asarray(carry["worst"])[:count]
        return Outcome(
            samples=np.stack(samples),
            minima=np.stack(minima),
            maxima=np.stack(maxima),
            memory=people(carry["memory"]),
            final=people(
                {
                    n: {**carry["x"].get(n, {}), **carry["z"].get(n, {})}
                    for n in {*carry["x"], *carry["z"]}
                }
            ),
            worst=worst,
            refined=np.full(count, parts.bit_length() - 1),
            failed=~np.isfinite(worst) | (worst > self.tolerance),
            trace=traces,
        )

    # ---- arguments -------------------------------------------------------------------------

    def _chunk(
        self,
        parameters: Mapping[str, Mapping[str, Any]],
        streams: Streams,
        supplies: Sequence[Supply],
        enabled: Sequence[bool] | None,
    ) -> dict[str, Any]:
        if streams.person.shape[0] > self.people:
            raise ValueError(f"a chunk holds at most {self.people} people")
        pad = self._pad
        rows = {n: {s: pad(v) for s, v in own.items()} for n, own in parameters.items()}
        return {
            "parameters": self._alike(rows),
            "key": pad(streams.key),
            "person": pad(streams.person),
            "content": {s.name: {e: pad(v) for e, v in s.content.items()} for s in supplies},
            "adherence": {s.name: pad(s.adherence) for s in supplies},
            "supervised": np.array([s.supervised_days for s in supplies], dtype=np.int32),
            "enabled": np.asarray(
                [True] * len(self.model.decisions) if enabled is None else enabled, dtype=bool
            ),
        }

    def _alike(self, parameters: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Spread over everybody the numbers that were rows when the engine was first used: other
        evidence, in which a number has no spread, is then served by the same program."""
        self._rows = self._rows or {
            (n, s) for n, own in parameters.items() for s, value in own.items() if value.ndim
        }
        return {
            n: {s: np.broadcast_to(v, self.people) if (n, s) in self._rows else v
                for s, v in own.items()}
            for n, own in parameters.items()
        }  # fmt: skip

    def _pad(self, value: Any) -> Any:
        """Repeat the last person up to the fixed width; numbers stay numbers."""
        row = np.asarray(value)
        if row.dtype.kind in "ib":
            row = row.astype(float)
        if row.ndim == 0:
            return row
        missing = self.people - row.shape[-1]
        if missing == 0:
            return row
        return np.concatenate([row, np.repeat(row[..., -1:], missing, axis=-1)], axis=-1)

    def _times(self, day: Mesh) -> dict[str, Any]:
        sizes, size = np.unique(np.round(day.step, 12), return_inverse=True)
        if sizes.size > SIZES:
            raise ValueError(f"a day has steps of {sizes.size} sizes, more than {SIZES}")
        return {
            "sizes": np.pad(sizes, (0, SIZES - sizes.size)),
            "size": size.astype(np.int32),
            "hours": day.hours,
            "step": day.step,
            "quarter": day.quarter,
            "asked": day.asked,
            "doses": day.doses,
            "event": day.event,
            "steps": np.int32(np.count_nonzero(day.step)),
            "sample": np.where(day.sample < 0, self.samples, day.sample).astype(np.int32),
        }

    def _start(
        self, chunk: dict[str, Any], start: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Any]:
        def row(value: float | str, rows: Mapping[str, Any], given: Any = None) -> np.ndarray:
            found = rows[value] if isinstance(value, str) else value
            found = found if given is None else self._pad(given)
            return np.array(np.broadcast_to(np.asarray(found, dtype=float), (self.people,)))

        p = chunk["parameters"]
        return {
            "x": {
                s.name: {
                    n: row(v.start, p[s.name], start.get(s.name, {}).get(n))
                    for n, v in s.states.items()
                }
                for s in self.model.stages
                if s.states
            },
            "z": {
                s.name: {
                    n: row(v.start, p[s.name], start.get(s.name, {}).get(n))
                    for n, v in s.modes.items()
                }
                for s in self.model.stages
                if s.modes
            },
            "memory": {
                d.name: {n: row(v, p[d.name]) for n, v in d.memory.items()}
                for d in self.model.decisions
            },
            "worst": np.zeros(self.people),
        }

    def _blank(self) -> dict[str, np.ndarray]:
        return {
            "samples": np.full((self.samples + 1, len(self.recorded), self.width), np.nan),
            "lowest": np.full((len(self.lowest), self.width), np.inf),
            "highest": np.full((len(self.highest), self.width), -np.inf),
        }


def _first(rows: Mapping[str, Mapping[str, Any]], count: int) -> dict[str, dict[str, np.ndarray]]:
    return {n: {s: np.asarray(v)[:count] for s, v in part.items()} for n, part in rows.items()}


def _host(seen: Any) -> dict[str, Any]:
    return {
        kind: {
            n: ({s: np.asarray(v) for s, v in r.items()} if isinstance(r, dict) else np.asarray(r))
            for n, r in part.items()
        }
        for kind, part in seen.items()
    }


def _cut(day: Mesh, parts: int) -> list[Mesh]:
    size = day.step.size // parts
    return [
        Mesh(**{n: getattr(day, n)[i * size : (i + 1) * size] for n in day.__dataclass_fields__})
        for i in range(parts)
    ]
