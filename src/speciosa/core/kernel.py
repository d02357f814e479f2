"""The kernel: one day of a wired model as pure array functions, compiled by the engine.

A step asks what happens at its start (samples, decisions, doses) and then advances every state by
the six-stage method of fifth order with nodes at the quarters of the step (Butcher 1964, J Aust
Math Soc 4:179), while depots and constant-clearance drugs decay exactly, also at the stages: with
such nodes one exponential per decay and size of step is enough.

States are kept in double precision. Their rates of change may be computed in single precision
(``double`` false): what a step adds is a small part of a state, so its rounding is too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from speciosa.core.events import ask, dosed, held_rows, scheduled, with_steady
from speciosa.core.fast import Fast
from speciosa.core.random import Streams
from speciosa.core.wiring import Model, derivatives, signals

# Butcher's method: quarters of the step at which each stage after the first stands, its matrix,
# its weights.
QUARTERS = (1, 1, 2, 3, 4)
A = (
    (1 / 4,),
    (1 / 8, 1 / 8),
    (0.0, -1 / 2, 1.0),
    (3 / 16, 0.0, 0.0, 9 / 16),
    (-3 / 7, 2 / 7, 12 / 7, -12 / 7, 8 / 7),
)
B = (7 / 90, 0.0, 32 / 90, 12 / 90, 32 / 90, 7 / 90)
# The one direction, apart from scale, in which the weights can be changed so that the method is
# still of third order and exact to the fourth for a driven linear state. Scaled to give the true
# error of y' = -y at a step of 2, where a state is barely resolved; below that it errs upwards.
E = tuple(w / 1920 for w in (1.0, 0.0, -24.0, 66.0, -64.0, 21.0))


@dataclass(frozen=True)
class Kernel:
    """The pure functions of one day; ``width`` is the number of people per device."""

    jax: Any
    model: Model
    products: tuple[str, ...]
    recorded: tuple[str, ...]
    lowest: tuple[str, ...]
    highest: tuple[str, ...]
    width: int
    start_clock_hour: float
    days_per_batch: int
    trace: bool
    double: bool

    @property
    def xp(self) -> Any:
        """The array module of the stages' equations."""
        return Fast(self.jax.numpy)

    def one_day(self, chunk: Any, carry: Any, kept: Any, times: Any) -> Any:
        """Take every step of one day; return the carry, what is kept, and the trace if any."""
        jax = self.jax
        times = jax.tree.map(jax.numpy.asarray, times)
        steps, sizes, p = times.pop("steps"), times.pop("sizes"), chunk["parameters"]
        chunk = chunk | {"short": self._short(p), "decays": self._decays(p, sizes)}
        if self.trace:
            (carry, kept), seen = jax.lax.scan(partial(self._step, chunk), (carry, kept), times)
            return carry, kept, seen

        def step(k: Any, state: Any) -> Any:
            return self._step(chunk, state, {name: row[k] for name, row in times.items()})[0]

        # the padding after the day's last step is never walked
        carry, kept = jax.lax.fori_loop(0, steps, step, (carry, kept))
        return carry, kept, {}

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
        samples = jax.lax.dynamic_update_slice(
            kept["samples"], rows[None], (slot, 0 * slot, 0 * slot)
        )
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
            jnp,
            self.model,
            found,
            memory,
            p,
            stream,
            hours=at["hours"],
            quarter=at["quarter"],
            due=due,
            start_clock_hour=self.start_clock_hour,
        )
        after = held_rows(self.model, memory, middle, self.start_clock_hour)
        given = scheduled(
            jnp,
            given,
            self.products,
            chunk["content"],
            chunk["adherence"],
            chunk["supervised"],
            stream,
            amounts=at["doses"],
            hours=at["hours"],
            quarter=at["quarter"],
            days_per_batch=self.days_per_batch,
            in_treatment=after.get("in_treatment", 1.0),
        )
        both = dosed(self.model, both, given, p)
        x = {n: {k: both[n][k] for k in rows_} for n, rows_ in x.items()}
        z = {n: {k: both[n][k] for k in rows_} for n, rows_ in z.items()}
        return x, z, memory, rows, given

    def _advance(self, chunk: Any, x: Any, z: Any, memory: Any, at: Any) -> Any:
        jax = self.jax
        jnp = jax.numpy
        barrier, h = jax.lax.optimization_barrier, at["step"]
        held = held_rows(self.model, memory, at["hours"] + h / 2, self.start_clock_hour)
        held = barrier(with_steady(jnp, self.model, held, chunk["parameters"]))
        decayed = self._decayed(z, chunk["decays"], at["size"])
        p, (held, short, step) = chunk["short"], self._short((held, x, h))

        def slope(xs: Any, zs: Any, wanted: frozenset[str]) -> Any:
            both = {s.name: {**xs.get(s.name, {}), **zs.get(s.name, {})} for s in self.model.stages}
            found = signals(self.xp, self.model, both, held, p, barrier, wanted)
            return barrier(derivatives(self.xp, self.model, both, found, p)), found

        inside = self.model.moving(self.lowest)
        seen = (*self.lowest, *self.highest, *(self.recorded if self.trace else ()))
        first, found = slope(short, self._short(z), self.model.moving(seen))
        slopes, low, high = [first], self._rows(found, self.lowest), self._rows(found, self.highest)
        for quarter, row in zip(QUARTERS, A, strict=True):
            state = barrier(_combined(jax, short, slopes, row, step))
            rates, middle = slope(state, self._short(decayed[quarter]), inside)
            slopes.append(rates)
            # stage values lie inside the step: a brief trough between mesh points is not missed
            low = jnp.minimum(low, self._rows(middle, self.lowest))
        after = barrier(_combined(jax, x, slopes, B, h))
        return after, decayed[4], self._error(slopes, h), low, high, found

    def _rows(self, found: Mapping[str, Any], names: Sequence[str]) -> Any:
        jnp = self.jax.numpy
        rows = [jnp.broadcast_to(found[q], (self.width,)) for q in names]
        return jnp.stack(rows) if rows else jnp.zeros((0, self.width))

    def _short(self, rows: Any) -> Any:
        """Rows in the precision that rates are computed in."""
        if self.double:
            return rows
        single = self.jax.numpy.float32
        return self.jax.tree.map(lambda row: self.jax.numpy.asarray(row, dtype=single), rows)

    def _decays(self, p: Any, sizes: Any) -> Any:
        """What is left of each mode after a quarter of a step of each size, rows (S, width)."""
        jnp = self.jax.numpy

        def left(rate: Any) -> Any:
            return jnp.exp(-jnp.broadcast_to(rate, (self.width,)) * sizes[:, None] / 4)

        return {
            stage.name: {name: left(p[stage.name][mode.rate]) for name, mode in stage.modes.items()}
            for stage in self.model.stages
            if stage.modes
        }

    def _decayed(self, z: Any, decays: Any, size: Any) -> list[Any]:
        """The exact modes at the start, the quarters and the end of a step."""
        barrier, tree = self.jax.lax.optimization_barrier, self.jax.tree
        kept = tree.map(lambda rows: rows[size], decays)
        times = [z]
        for _ in range(4):
            times.append(barrier(tree.map(self.jax.numpy.multiply, times[-1], kept)))
        return times

    def _error(self, slopes: list[Any], h: Any) -> Any:
        jnp = self.jax.numpy
        worst = jnp.zeros(self.width)
        for stage in self.model.stages:
            for name, state in stage.states.items():
                local = sum(e * k[stage.name][name] for e, k in zip(E, slopes, strict=True) if e)
                worst = jnp.maximum(worst, jnp.abs(local * h) / state.scale)
        return worst


def _combined(jax: Any, x: Any, slopes: list[Any], row: tuple[float, ...], h: Any) -> Any:
    used = [(a, rates) for a, rates in zip(row, slopes, strict=True) if a]

    def one(value: Any, *rates: Any) -> Any:
        return value + h * sum(a * rate for (a, _), rate in zip(used, rates, strict=True))

    return jax.tree.map(one, x, *(rates for _, rates in used))
