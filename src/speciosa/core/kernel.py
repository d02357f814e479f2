"""The kernel: one day of a wired model as pure array functions, compiled by the engine.

A step asks what happens at its start (samples, decisions, doses) and then advances every state by
Tsit5 (Tsitouras 2011, Comput Math Appl 62:770) while depots and constant-clearance drugs decay
exactly, also at the Runge-Kutta stages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from speciosa.core.events import ask, dosed, held_rows, scheduled, with_steady
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
        5.86145544294642,
        -12.92096931784711,
        8.159367898576159,
        -0.071584973281401,
        -0.028269050394068383,
    ),
    (
        0.09646076681806523,
        0.01,
        0.4798896504144996,
        1.379008574103742,
        -3.290069515436081,
        2.324710524099774,
    ),
)
E = (
    -0.00178001105222577714,
    -0.0008164344596567469,
    0.007880878010261995,
    -0.1447110071732629,
    0.5823571654525552,
    -0.45808210592918697,
    0.015151515151515152,
)


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

    def one_day(self, chunk: Any, carry: Any, kept: Any, times: Any) -> Any:
        """Take every step of one day; return the carry, what is kept, and the trace if any."""
        jax = self.jax
        times = jax.tree.map(jax.numpy.asarray, times)
        steps = times.pop("steps")
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
        p, h = chunk["parameters"], at["step"]
        barrier = jax.lax.optimization_barrier
        held = held_rows(self.model, memory, at["hours"] + h / 2, self.start_clock_hour)
        held = barrier(with_steady(jnp, self.model, held, p))

        def slope(xs: Any, zs: Any) -> Any:
            both = {s.name: {**xs.get(s.name, {}), **zs.get(s.name, {})} for s in self.model.stages}
            found = signals(jnp, self.model, both, held, p, barrier)
            rates = derivatives(jnp, self.model, both, found, p)
            return barrier(rates), found

        first, found = slope(x, z)
        slopes, low, high = [first], self._rows(found, self.lowest), self._rows(found, self.highest)
        for node, row in zip(C, A, strict=True):
            xs = barrier(_combined(jax, x, slopes, row, h))
            zs = barrier(self._decayed(z, p, node * h))
            rates, seen = slope(xs, zs)
            slopes.append(rates)
            # stage values lie inside the step: a brief trough between mesh points is not missed
            low = jnp.minimum(low, self._rows(seen, self.lowest))
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
