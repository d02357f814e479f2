"""The one solver door: a wired model, a mesh and many people, solved together in JAX.

People are the last axis, every state its own row, and everybody in an arm shares one mesh. Depots
and constant-clearance drugs are exact at every Runge-Kutta stage; the rest is Tsit5 (Tsitouras
2011, Comput Math Appl 62:770). The embedded error is carried per person; who exceeds it is solved
again on half the mesh, and who still fails is counted, never dropped. One compiled program serves
every day, arm and chunk of a study, whatever its length.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from speciosa.core.events import ask, dosed, held_rows, scheduled
from speciosa.core.mesh import Mesh, halved, split_days
from speciosa.core.random import Streams
from speciosa.core.wiring import Model, derivatives, signals

# Tsit5: nodes, matrix, weights (the last row) and embedded error weights.
C = (0.161, 0.327, 0.9, 0.9800255409045097, 1.0, 1.0)
A = (
    (0.161,),
    (-0.008480655492356989, 0.335480655492357),
    (2.8971530571054935, -6.359448489975075, 4.3622954328695815),
    (5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525),
    (
        5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401,
        -0.028269050394068383,
    ),
    (
        0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081,
        2.324710524099774,
    ),
)
E = (
    -0.00178001105222577714, -0.0008164344596567469, 0.007880878010261995, -0.1447110071732629,
    0.5823571654525552, -0.45808210592918697, 0.015151515151515152,
)
DEVICES = 2  # host devices: one per core of the smallest machine


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


def prepare_jax() -> Any:
    """Import JAX in float64 with one host device per core and the compilation cache; return it."""
    import jax

    if not getattr(prepare_jax, "done", False):
        jax.config.update("jax_enable_x64", True)
        if os.environ.get("JAX_PLATFORMS", "cpu") == "cpu":
            jax.config.update("jax_num_cpu_devices", DEVICES)
        folder = os.environ.get("SPECIOSA_CACHE", str(Path.home() / ".cache" / "speciosa"))
        jax.config.update("jax_compilation_cache_dir", folder)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
        prepare_jax.done = True  # type: ignore[attr-defined]
    return jax


class Engine:
    """A compiled model: build it once, solve any arm, any length and any people with it.

    Args:
        model: the wired model.
        products: names of the scheduled products, in the mesh's column order.
        recorded: quantities to sample at the mesh's sample points.
        lowest, highest: quantities whose daily minimum and maximum are kept.
        samples: sample points per day.
        width: people per host device in one call; part of the contract that results do not
            depend on chunking.
        steps: steps per day, after padding (:func:`speciosa.core.mesh.most_steps`).
        start_clock_hour: clock hour of time zero.
        days_per_batch: days until a new product batch.
        batches: batches supplied.
        trace: also return doses and memory at every event (tests and exports).
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
        tolerance: float = 1e-6,
    ) -> None:
        self.model, self.products, self.recorded = model, tuple(products), tuple(recorded)
        self.lowest, self.highest = tuple(lowest), tuple(highest)
        self.samples, self.steps, self.width = samples, steps, width
        self.start_clock_hour, self.days_per_batch = start_clock_hour, days_per_batch
        self.trace, self.tolerance = trace, tolerance
        self.jax = prepare_jax()
        self.devices = self.jax.devices()[:DEVICES]
        self.people = width * len(self.devices)
        self._day = self._compiled()

    # ---- the public verb -------------------------------------------------------------------

    def solve(
        self,
        mesh: Mesh,
        parameters: Mapping[str, Mapping[str, Any]],
        streams: Streams,
        supplies: Sequence[Supply] = (),
        enabled: Sequence[bool] | None = None,
        start: Mapping[str, Mapping[str, Any]] | None = None,
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
            on_day: called after each simulated day with (days done, days in all).
        """
        count = streams.person.shape[0]
        chunk = self._chunk(parameters, streams, supplies, enabled)
        begin = self._start(chunk, start or {})
        outcome = self._pass(split_days(mesh, self.steps), chunk, begin, count, on_day)
        over = (outcome.worst > self.tolerance) | ~np.isfinite(outcome.worst)
        if not over.any():
            return outcome
        return self._again(mesh, chunk, begin, count, outcome, over)

    def _again(
        self, mesh: Mesh, chunk: dict[str, Any], begin: Any, count: int, first: Outcome,
        over: np.ndarray,
    ) -> Outcome:
        finer, outcome = mesh, first
        for halvings in (1, 2):
            finer = halved(finer)
            days = [half for day in split_days(finer, self.steps * 2**halvings)
                    for half in _cut(day, 2**halvings)]
            redone = self._pass(days, chunk, begin, count, lambda day, days: None, 2**halvings)
            outcome = _merge(outcome, redone, over, halvings)
            over = (outcome.worst > self.tolerance) | ~np.isfinite(outcome.worst)
            if not over.any():
                break
        broken = ~np.isfinite(outcome.worst) | (outcome.worst > self.tolerance)
        return Outcome(**{**outcome.__dict__, "failed": broken})

    def _pass(
        self, days: list[Mesh], chunk: dict[str, Any], carry: Any, count: int,
        on_day: Callable[[int, int], None], parts: int = 1,
    ) -> Outcome:
        total = len(days) // parts
        samples, minima, maxima, traces = [], [], [], []
        for number, day in enumerate(days):
            if number % parts == 0:
                kept = self._blank()
            carry, kept, seen = self._day(chunk, carry, kept, self._times(day))
            if self.trace:
                traces.append(_host(seen) | {"mesh": day})
            if (number + 1) % parts == 0:
                samples.append(np.asarray(kept["samples"])[:-1, :, :count])
                minima.append(np.asarray(kept["lowest"])[:, :count])
                maxima.append(np.asarray(kept["highest"])[:, :count])
                on_day((number + 1) // parts, total)
        people = partial(_first, count=count)
        worst = np.asarray(carry["worst"])[:count]
        return Outcome(
            samples=np.stack(samples), minima=np.stack(minima), maxima=np.stack(maxima),
            memory=people(carry["memory"]),
            final=people({n: {**carry["x"].get(n, {}), **carry["z"].get(n, {})}
                          for n in {*carry["x"], *carry["z"]}}),
            worst=worst, refined=np.zeros(count, dtype=int),
            failed=~np.isfinite(worst) | (worst > self.tolerance), trace=traces,
        )

    # ---- arguments -------------------------------------------------------------------------

    def _chunk(
        self, parameters: Mapping[str, Mapping[str, Any]], streams: Streams,
        supplies: Sequence[Supply], enabled: Sequence[bool] | None,
    ) -> dict[str, Any]:
        if streams.person.shape[0] > self.people:
            raise ValueError(f"a chunk holds at most {self.people} people")
        pad = self._pad
        return {
            "parameters": {n: {s: pad(v) for s, v in rows.items()} for n, rows in parameters.items()},
            "key": pad(streams.key), "person": pad(streams.person),
            "content": {s.name: {e: pad(v) for e, v in s.content.items()} for s in supplies},
            "adherence": {s.name: pad(s.adherence) for s in supplies},
            "supervised": np.array([s.supervised_days for s in supplies], dtype=np.int32),
            "enabled": np.asarray(
                [True] * len(self.model.decisions) if enabled is None else enabled, dtype=bool
            ),
        }

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

    def _times(self, day: Mesh) -> dict[str, np.ndarray]:
        return {
            "hours": day.hours, "step": day.step, "quarter": day.quarter, "asked": day.asked,
            "doses": day.doses, "event": day.event,
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
            "x": {s.name: {n: row(v.start, p[s.name], start.get(s.name, {}).get(n))
                           for n, v in s.states.items()}
                  for s in self.model.stages if s.states},
            "z": {s.name: {n: row(v.start, p[s.name], start.get(s.name, {}).get(n))
                           for n, v in s.modes.items()}
                  for s in self.model.stages if s.modes},
            "memory": {d.name: {n: row(v, p[d.name]) for n, v in d.memory.items()}
                       for d in self.model.decisions},
            "worst": np.zeros(self.people),
        }

    def _blank(self) -> dict[str, np.ndarray]:
        return {
            "samples": np.full((self.samples + 1, len(self.recorded), self.people), np.nan),
            "lowest": np.full((len(self.lowest), self.people), np.inf),
            "highest": np.full((len(self.highest), self.people), -np.inf),
        }

    # ---- the kernel ------------------------------------------------------------------------

    def _compiled(self) -> Any:
        jax = self.jax
        from jax.sharding import NamedSharding, PartitionSpec
        from jax.sharding import Mesh as Devices

        devices = Devices(np.array(self.devices), ("people",))

        def along(value: Any) -> Any:
            row = np.shape(value)
            people = row and row[-1] == self.people
            return PartitionSpec(*([None] * (len(row) - 1)), "people") if people else PartitionSpec()

        def call(chunk: Any, carry: Any, kept: Any, times: Any) -> Any:
            specs = (
                *jax.tree.map(along, (chunk, carry, kept)),
                jax.tree.map(lambda row: PartitionSpec(), times),
            )
            key = (jax.tree.structure(specs), tuple(map(np.shape, jax.tree.leaves((chunk, times)))))
            if key not in programs:
                out = (specs[1], specs[2], self._trace_specs(PartitionSpec))
                mapped = jax.shard_map(
                    self._one_day, mesh=devices, in_specs=specs, out_specs=out, check_vma=False
                )
                programs[key] = (jax.jit(mapped), jax.tree.map(
                    lambda spec: NamedSharding(devices, spec), specs))
            program, places = programs[key]
            if id(chunk) != held.get("id"):
                held["id"], held["chunk"] = id(chunk), jax.device_put(chunk, places[0])
            carry, kept = jax.device_put((carry, kept), places[1:3])
            return program(held["chunk"], carry, kept, jax.device_put(times, places[3]))

        programs: dict[Any, Any] = {}
        held: dict[str, Any] = {}
        return call

    def _trace_specs(self, spec: Any) -> Any:
        if not self.trace:
            return {}
        row = spec(None, "people")
        return {
            "given": {entry: row for entry in self.model.entries()},
            "memory": {d.name: {n: row for n in d.memory} for d in self.model.decisions},
            "recorded": {q: row for q in self.recorded},
        }

    def _one_day(self, chunk: Any, carry: Any, kept: Any, times: Any) -> Any:
        jax = self.jax
        jnp = jax.numpy
        step = partial(self._step, chunk)
        (carry, kept), seen = jax.lax.scan(step, (carry, kept), jax.tree.map(jnp.asarray, times))
        return carry, kept, seen

    def _step(self, chunk: Any, state: Any, at: Any) -> Any:
        jax = self.jax
        jnp = jax.numpy
        carry, kept = state
        x, z, memory, rows, given = jax.lax.cond(
            at["event"],
            lambda old: self._happen(chunk, old, at),
            lambda old: (*old, self._no_rows(), self._no_doses()),
            (carry["x"], carry["z"], carry["memory"]),
        )
        after_x, after_z, error, low, high, found = self._advance(chunk, x, z, memory, at)
        slot = at["sample"]
        samples = jax.lax.dynamic_update_slice(kept["samples"], rows[None], (slot, 0 * slot, 0 * slot))
        kept = {
            "samples": samples,
            "lowest": jnp.minimum(kept["lowest"], low),
            "highest": jnp.maximum(kept["highest"], high),
        }
        worst = jnp.where(error > carry["worst"], error, carry["worst"])
        worst = jnp.where(jnp.isfinite(error), worst, jnp.inf)
        carry = {"x": after_x, "z": after_z, "memory": memory, "worst": worst}
        seen = {}
        if self.trace:
            recorded = {q: jnp.broadcast_to(found[q], worst.shape) for q in self.recorded}
            seen = {"given": given, "memory": memory, "recorded": recorded}
        return (carry, kept), seen

    def _no_rows(self) -> Any:
        return self.jax.numpy.full((len(self.recorded), self.width), np.nan)

    def _no_doses(self) -> dict[str, Any]:
        return {entry: self.jax.numpy.zeros(self.width) for entry in self.model.entries()}

    def _happen(self, chunk: Any, old: Any, at: Any) -> Any:
        """Sample, then ask every decision that is due in order, then give all doses."""
        jnp = self.jax.numpy
        x, z, memory = old
        p = chunk["parameters"]
        both = {s.name: {**x.get(s.name, {}), **z.get(s.name, {})} for s in self.model.stages}
        middle = at["hours"] + at["step"] / 2
        held = held_rows(self.model, memory, middle, self.start_clock_hour)
        found = signals(jnp, self.model, both, held, p)
        rows = self._rows(found, self.recorded)
        stream = Streams(chunk["key"], chunk["person"])
        due = [at["asked"][i] & chunk["enabled"][i] for i in range(len(self.model.decisions))]
        memory, given = ask(
            jnp, self.model, found, memory, p, stream, hours=at["hours"], quarter=at["quarter"],
            due=due, start_clock_hour=self.start_clock_hour,
        )
        after = held_rows(self.model, memory, middle, self.start_clock_hour)
        given = scheduled(
            jnp, given, self.products, chunk["content"], chunk["adherence"], chunk["supervised"],
            stream, amounts=at["doses"], hours=at["hours"], quarter=at["quarter"],
            days_per_batch=self.days_per_batch, in_treatment=after.get("in_treatment", 1.0),
        )
        both = dosed(self.model, both, given, p)
        x = {n: {k: both[n][k] for k in rows_} for n, rows_ in x.items()}
        z = {n: {k: both[n][k] for k in rows_} for n, rows_ in z.items()}
        return x, z, memory, rows, given

    def _advance(self, chunk: Any, x: Any, z: Any, memory: Any, at: Any) -> Any:
        jax = self.jax
        jnp = jax.numpy
        p, h = chunk["parameters"], at["step"]
        held = held_rows(self.model, memory, at["hours"] + h / 2, self.start_clock_hour)

        def slope(xs: Any, zs: Any) -> Any:
            both = {s.name: {**xs.get(s.name, {}), **zs.get(s.name, {})} for s in self.model.stages}
            found = signals(jnp, self.model, both, held, p, jax.lax.optimization_barrier)
            rates = derivatives(jnp, self.model, both, found, p)
            return jax.lax.optimization_barrier(rates), found

        first, found = slope(x, z)
        slopes, low, high = [first], self._rows(found, self.lowest), self._rows(found, self.highest)
        for node, row in zip(C, A, strict=True):
            xs = _combined(jax, x, slopes, row, h)
            zs = self._decayed(z, p, node * h)
            rates, seen = slope(xs, zs)
            slopes.append(rates)
            # stage values lie inside the step: a brief trough between mesh points is not missed
            low = jnp.minimum(low, self._rows(seen, self.lowest))
            high = jnp.maximum(high, self._rows(seen, self.highest))
        return xs, zs, self._error(slopes, h), low, high, found

    def _rows(self, found: Mapping[str, Any], names: Sequence[str]) -> Any:
        jnp = self.jax.numpy
        rows = [jnp.broadcast_to(found[q], (self.width,)) for q in names]
        return jnp.stack(rows) if rows else jnp.zeros((0, self.width))

    def _decayed(self, z: Any, p: Any, span: Any) -> Any:
        jnp = self.jax.numpy
        return {
            stage.name: {
                name: z[stage.name][name] * jnp.exp(-p[stage.name][mode.rate] * span)
                for name, mode in stage.modes.items()
            }
            for stage in self.model.stages
            if stage.modes
        }

    def _error(self, slopes: list[Any], h: Any) -> Any:
        jnp = self.jax.numpy
        worst = jnp.zeros(self.width)
        for stage in self.model.stages:
            for name, state in stage.states.items():
                local = sum(e * k[stage.name][name] for e, k in zip(E, slopes, strict=True))
                worst = jnp.maximum(worst, jnp.abs(local * h) / state.scale)
        return worst


def _combined(jax: Any, x: Any, slopes: list[Any], row: tuple[float, ...], h: Any) -> Any:
    def one(value: Any, *rates: Any) -> Any:
        return value + h * sum(a * rate for a, rate in zip(row, rates, strict=True))

    return jax.tree.map(one, x, *slopes)


def _first(rows: Mapping[str, Mapping[str, Any]], count: int) -> dict[str, dict[str, np.ndarray]]:
    return {n: {s: np.asarray(v)[:count] for s, v in part.items()} for n, part in rows.items()}


def _host(seen: Any) -> dict[str, Any]:
    return {
        kind: {n: ({s: np.asarray(v) for s, v in r.items()} if isinstance(r, dict) else np.asarray(r))
               for n, r in part.items()}
        for kind, part in seen.items()
    }


def _cut(day: Mesh, parts: int) -> list[Mesh]:
    size = day.step.size // parts
    return [
        Mesh(**{n: getattr(day, n)[i * size : (i + 1) * size] for n in day.__dataclass_fields__})
        for i in range(parts)
    ]


def _merge(kept: Outcome, redone: Outcome, over: np.ndarray, halvings: int) -> Outcome:
    """Take the redone people's results, leave everybody else's to the bit."""

    def choose(old: np.ndarray, new: np.ndarray) -> np.ndarray:
        return np.where(over, new, old)

    def nested(old: Any, new: Any) -> Any:
        return {n: {s: choose(v, new[n][s]) for s, v in part.items()} for n, part in old.items()}

    return Outcome(
        samples=choose(kept.samples, redone.samples), minima=choose(kept.minima, redone.minima),
        maxima=choose(kept.maxima, redone.maxima), memory=nested(kept.memory, redone.memory),
        final=nested(kept.final, redone.final), worst=choose(kept.worst, redone.worst),
        refined=np.where(over, halvings, kept.refined), failed=choose(kept.failed, redone.failed),
        trace=kept.trace,
    )
