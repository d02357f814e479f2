"""diffrax: Tsit5 under vmap on the exported equations, as one would write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from equations import function
from given import Given, stretches

LABEL = "diffrax Tsit5, vmap"
NEEDS = "diffrax"
SETTINGS = [{"relative": 10.0**-k} for k in (6, 8)]
STEPS = 20_000


class Solver:
    """One compiled function from cut to cut; everybody is cut where anybody is."""

    def __init__(self, given: Given) -> None:
        import jax

        jax.config.update("jax_enable_x64", True)
        jax.config.update("jax_num_cpu_devices", 1)
        self.jax, self.given = jax, given
        self.rates = function(
            given.text["rows"], jax.numpy,
            {"log": jax.numpy.log, "floor": jax.numpy.floor},
        )  # fmt: skip
        self.walked = jax.jit(self._walk, static_argnames=())

    def solve(
        self, jobs: Sequence[Mapping[str, Any]], setting: Mapping[str, Any], hours: Sequence[float]
    ) -> Any:
        """Return the states of the people when they are read, (N, T, S)."""
        cuts, read = self._cuts(jobs, self.given.hours)
        tables = [self._table(job, cuts) for job in jobs]
        p, added = (np.stack(rows, axis=1) for rows in zip(*tables, strict=True))
        y = np.array([[job["values"][n] for n in self.given.states] for job in jobs])
        found = np.asarray(self.walked(y, p, added, np.array(cuts), setting["relative"]))
        return np.moveaxis(found[read], 1, 0)[:, : len(hours)]

    def _cuts(
        self, jobs: Sequence[Mapping[str, Any]], hours: Sequence[float]
    ) -> tuple[list[float], list[int]]:
        """Return all cuts and all hours that are read, and the places of the latter less one."""
        hours = [round(at, 9) for at in hours]
        cuts = {piece.begin for job in jobs for piece in stretches(job, hours)} | {*hours}
        ordered = sorted(cuts)
        return ordered, [ordered.index(at) - 1 for at in hours]

    def _table(self, job: Mapping[str, Any], cuts: Sequence[float]) -> tuple[Any, Any]:
        """Return a person's numbers and what is added to their states at each cut."""
        given, values = self.given, job["values"]
        state = {name: i for i, name in enumerate(given.states)}
        held = {name: i for i, name in enumerate(given.names)}
        happening = {round(at, 9): now for at, now in job["changes"]}
        now = np.array([values[name] for name in given.names])
        p, added = [], np.zeros((len(cuts) - 1, len(given.states)))
        for k, at in enumerate(cuts[:-1]):
            for name, amount, gain in happening.get(at, ()):
                if gain:
                    added[k, state[name]] += amount * values[gain]
                elif name in held:
                    now[held[name]] = amount
            p.append(now.copy())
        return np.array(p), added

    def _walk(self, y: Any, p: Any, added: Any, cuts: Any, relative: Any) -> Any:
        import diffrax

        jnp, scales = self.jax.numpy, self.jax.numpy.asarray(self.given.scales)
        term = diffrax.ODETerm(lambda t, now, args: jnp.stack(self.rates(t, now, args)))

        def one(now: Any, args: Any, begin: Any, end: Any) -> Any:
            control = diffrax.PIDController(rtol=relative, atol=relative * scales)
            found = diffrax.diffeqsolve(
                term, diffrax.Tsit5(), begin, end, None, now, args,
                saveat=diffrax.SaveAt(t1=True), stepsize_controller=control, max_steps=STEPS,
            )  # fmt: skip
            return found.ys[0]

        def step(now: Any, at: Any) -> Any:
            args, more, begin, end = at
            after = self.jax.vmap(one, (0, 0, None, None))(now + more, args, begin, end)
            return after, after

        return self.jax.lax.scan(step, y, (p, added, cuts[:-1], cuts[1:]))[1]
