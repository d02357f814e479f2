"""The kernel with its Runge-Kutta stages in a loop: it compiles in a third of the time.

Same method, same equations, sums in another order: results agree with :class:`Kernel` to rounding.
For a first look, where waiting for the compiler would be most of the wait.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from speciosa.core.events import held_rows, with_steady
from speciosa.core.kernel import QUARTERS, A, B, E, Kernel
from speciosa.core.wiring import derivatives, signals

STAGES = len(B)
PLACES = (0, *QUARTERS)


def _matrix() -> np.ndarray:
    matrix = np.zeros((STAGES, STAGES))
    for place, row in enumerate(A, 1):
        matrix[place, : len(row)] = row
    return matrix


class RolledKernel(Kernel):
    """One day of a wired model, its equations compiled once a step instead of once a stage.

    It keeps no trace.
    """

    def _advance(self, chunk: Any, x: Any, z: Any, memory: Any, at: Any) -> Any:
        jax = self.jax
        jnp = jax.numpy
        p, h = chunk["parameters"], at["step"]
        barrier = jax.lax.optimization_barrier
        held = held_rows(self.model, memory, at["hours"] + h / 2, self.start_clock_hour)
        held = barrier(with_steady(jnp, self.model, held, p))
        places, matrix = jnp.asarray(PLACES), jnp.asarray(_matrix())
        decayed = jax.tree.map(lambda *rows: jnp.stack(rows), *self._decayed(z, p, h / 4))
        begin = self._stacked(x)

        wanted = self.model.moving((*self.lowest, *self.highest))

        def one(place: Any, state: Any) -> Any:
            slopes, low, high = state
            xs = self._named(begin + h * jnp.tensordot(matrix[place], slopes, axes=1))
            zs = jax.tree.map(lambda rows: rows[places[place]], decayed)
            both = {s.name: {**xs.get(s.name, {}), **zs.get(s.name, {})} for s in self.model.stages}
            found = signals(self.xp, self.model, both, held, p, barrier, wanted)
            rates = self._stacked(derivatives(self.xp, self.model, both, found, p))
            slopes = jax.lax.dynamic_update_index_in_dim(slopes, rates, place, 0)
            low = jnp.minimum(low, self._rows(found, self.lowest))
            high = jnp.where(place == 0, self._rows(found, self.highest), high)
            return slopes, low, high

        start = (
            jnp.zeros((STAGES, *begin.shape)),
            jnp.full((len(self.lowest), self.width), jnp.inf),
            jnp.full((len(self.highest), self.width), -jnp.inf),
        )
        slopes, low, high = jax.lax.fori_loop(0, STAGES, one, start)
        after = self._named(begin + h * jnp.tensordot(jnp.asarray(B), slopes, axes=1))
        local = jnp.tensordot(jnp.asarray(E), slopes, axes=1)
        scale = np.array([s.scale for stage in self.model.stages for s in stage.states.values()])
        error = jnp.max(jnp.abs(local * h) / scale[:, None], axis=0)
        return after, jax.tree.map(lambda rows: rows[4], decayed), error, low, high, {}

    def _stacked(self, rows: Any) -> Any:
        """Return every state as one row of an array, in the order of the model."""
        jnp = self.jax.numpy
        return jnp.stack([
            jnp.broadcast_to(rows[stage.name][name], (self.width,))
            for stage in self.model.stages
            for name in stage.states
        ])  # fmt: skip

    def _named(self, rows: Any) -> dict[str, dict[str, Any]]:
        """Return the rows of an array by stage and state."""
        each = iter(range(rows.shape[0]))
        return {
            stage.name: {name: rows[next(each)] for name in stage.states}
            for stage in self.model.stages
            if stage.states
        }
