"""A small door to gradients: the course of a decision-free model as a function of its numbers.

The same stages and the same kernel step as in a run, on a mesh of dose and reading times (finer
where something must be integrated), with chosen numbers as JAX arrays. What a stage derives before
a run (eigenvectors of its compartments, for one) is computed by its own NumPy code; its Jacobian is
taken by central differences, everything after it by reverse mode through the steps.

Supports first-order gradients, not nested ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.engine import prepare_jax
from speciosa.core.errors import InputError
from speciosa.core.events import clock_rows, dosed
from speciosa.core.kernel import Kernel
from speciosa.core.stage import Stage
from speciosa.core.units import conversion_factor
from speciosa.core.wiring import Model, signals

Array = NDArray[np.float64]
NUDGE = 1e-5  # relative step of the differences: their error is below 1e-8
QUARTER = 0.25  # h, longest step where something is integrated
AFTER_DOSE = (0.02, 0.05, 0.1, 0.17)  # h, finer steps after a dose
CLOSE = 1e-9  # h


@dataclass(frozen=True)
class Schedule:
    """What N people are given and when they are read.

    Args:
        doses: dose entry -> (time in h, person, amount in nmol) of every dose.
        reads: (time in h, person, quantity) of every observation; one number comes back for each.
        people: N.
        start_clock_hour: clock hour of time zero.
    """

    doses: Mapping[str, Sequence[tuple[float, int, float]]]
    reads: Sequence[tuple[float, int, str]]
    people: int
    start_clock_hour: float = 8.0

    @property
    def quantities(self) -> tuple[str, ...]:
        """What is read, each once."""
        return tuple(dict.fromkeys(quantity for _, _, quantity in self.reads))


Forward = Callable[[Mapping[str, Any]], Any]


def forward(
    model: Model,
    schedule: Schedule,
    numbers: Mapping[str, tuple[float, str]],
    covariates: Mapping[str, Array],
    moved: Sequence[str],
) -> Forward:
    """Return a function from chosen numbers to what is read, which JAX can differentiate.

    Args:
        model: a wired model without decisions.
        schedule: doses and observations.
        numbers: record -> value and unit, of everything the model rests on.
        covariates: name -> row (N,).
        moved: records that are arguments: the function takes record -> row (N,) or number, in the
            record's unit, and returns an array (reads,).

    Raises:
        InputError: the model decides something, or does not rest on a record that is to move.
    """
    if model.decisions:
        raise InputError(
            f'"{model.decisions[0].name}" decides', "fit",
            "Only what no decision acts on can be differentiated, such as concentrations.",
        )  # fmt: skip
    resting = set(model.records())
    for name in moved:
        if name not in resting:
            raise InputError(
                f'what was observed does not rest on "{name}"', "fit",
                f"It rests on: {', '.join(sorted(resting))}.",
            )  # fmt: skip
    return _Course(prepare_jax(), model, schedule, numbers, covariates, tuple(moved))


class _Course:
    """The compiled function of :func:`forward`."""

    def __init__(
        self, jax: Any, model: Model, schedule: Schedule,
        numbers: Mapping[str, tuple[float, str]], covariates: Mapping[str, Array],
        moved: tuple[str, ...],
    ) -> None:  # fmt: skip
        self.jax, self.model, self.moved, self.people = jax, model, moved, schedule.people
        self.quantities = schedule.quantities
        self.kernel = Kernel(
            jax, model, (), (), (), (), schedule.people, schedule.start_clock_hour, 1, False
        )
        hours = _grid(schedule, bool(any(stage.states for stage in model.stages)))
        self.times = {"hours": hours, "step": np.diff(np.append(hours, hours[-1] + QUARTER))}
        self.doses = {e: np.zeros((hours.size, schedule.people)) for e in model.entries()}
        for entry, rows in schedule.doses.items():
            if entry not in self.doses:
                known = ", ".join(self.doses) or "none"
                raise InputError(f'nothing takes "{entry}"', "fit", f"Dose entries here: {known}.")
            for at, person, amount in rows:
                self.doses[entry][_place(hours, at), person] += amount
        place = {quantity: k for k, quantity in enumerate(self.quantities)}
        self.where = tuple(np.array(column, dtype=np.int64) for column in (
            [_place(hours, at) for at, _, _ in schedule.reads],
            [place[quantity] for _, _, quantity in schedule.reads],
            [person for _, person, _ in schedule.reads],
        ))  # fmt: skip
        self.parts = [
            _Derived(jax, stage, numbers, covariates, moved, schedule.people)
            for stage in model.stages
        ]

    def __call__(self, values: Mapping[str, Any]) -> Any:
        jax, jnp = self.jax, self.jax.numpy
        rows = {name: jnp.broadcast_to(values[name], (self.people,)) for name in self.moved}
        p = {part.stage.name: part(rows) for part in self.parts}
        x, z = self._start(p)
        chunk = {"parameters": p}

        def step(state: Any, at: Any) -> Any:
            x, z = state
            both = {s.name: {**x.get(s.name, {}), **z.get(s.name, {})} for s in self.model.stages}
            middle = at["hours"] + at["step"] / 2
            held = clock_rows(middle, self.kernel.start_clock_hour)
            found = signals(jnp, self.model, both, held, p)
            read = jnp.stack([jnp.broadcast_to(found[q], (self.people,)) for q in self.quantities])
            both = dosed(self.model, both, at["doses"], p)
            x = {n: {k: both[n][k] for k in given} for n, given in x.items()}
            z = {n: {k: both[n][k] for k in given} for n, given in z.items()}
            return self._advance(chunk, x, z, at), read

        times = {k: jnp.asarray(v) for k, v in self.times.items()}
        times["doses"] = {entry: jnp.asarray(rows) for entry, rows in self.doses.items()}
        _, read = jax.lax.scan(step, (x, z), times)
        return read[self.where]

    def _advance(self, chunk: Any, x: Any, z: Any, at: Any) -> Any:
        if x:
            return self.kernel._advance(chunk, x, z, {}, at)[:2]
        jnp, p = self.jax.numpy, chunk["parameters"]
        return x, {
            stage.name: {
                name: z[stage.name][name] * jnp.exp(-p[stage.name][mode.rate] * at["step"])
                for name, mode in stage.modes.items()
            }
            for stage in self.model.stages
            if stage.modes
        }

    def _start(self, p: Any) -> tuple[Any, Any]:
        jnp = self.jax.numpy

        def row(stage: Stage, start: Any) -> Any:
            value = p[stage.name][start] if isinstance(start, str) else start
            return jnp.broadcast_to(jnp.asarray(value, dtype=float), (self.people,))

        stages = self.model.stages
        x = {s.name: {n: row(s, k.start) for n, k in s.states.items()} for s in stages if s.states}
        z = {s.name: {n: row(s, k.start) for n, k in s.modes.items()} for s in stages if s.modes}
        return x, z


class _Derived:
    """The parameters of one stage as a differentiable function of the numbers that move."""

    def __init__(
        self, jax: Any, stage: Stage, numbers: Mapping[str, tuple[float, str]],
        covariates: Mapping[str, Array], moved: tuple[str, ...], people: int,
    ) -> None:  # fmt: skip
        self.jax, self.stage, self.people = jax, stage, people
        self.factor, self.record = {}, {}
        self.fixed: dict[str, Array] = {}
        for symbol, parameter in stage.parameters.items():
            value, unit = numbers[parameter.record]
            factor = conversion_factor(unit, parameter.unit)
            if parameter.record in moved:
                self.record[symbol], self.factor[symbol] = parameter.record, factor
            else:
                self.fixed[symbol] = np.full(people, value * factor)
        for name in stage.covariates:
            self.fixed[name] = np.broadcast_to(covariates[name], (people,)).astype(float)
        self.symbols = tuple(self.record)
        self.derived = tuple(stage.derived) if stage.derive is not None else ()
        self.linked = self._linked() if self.derived and self.symbols else None

    def __call__(self, rows: Mapping[str, Any]) -> dict[str, Any]:
        own = {s: rows[self.record[s]] * self.factor[s] for s in self.symbols}
        found = {**self.fixed, **own}
        if not self.derived:
            return found
        if self.linked is None:
            return {**found, **dict(zip(self.derived, self._derive(np.zeros((0, 0))), strict=True))}
        made = self.linked(self.jax.numpy.stack([own[s] for s in self.symbols]))
        return {**found, **{name: made[k] for k, name in enumerate(self.derived)}}

    def _derive(self, given: Any) -> Array:
        """Return what is derived for rows of the moved symbols, (derived, N or several times N)."""
        assert self.stage.derive is not None
        times = given.shape[1] // self.people if len(given) else 1
        fixed = {name: np.tile(row, times) for name, row in self.fixed.items()}
        wide = (times * self.people,)
        try:
            with np.errstate(all="ignore"):
                made = self.stage.derive({**fixed, **dict(zip(self.symbols, given, strict=True))})
        except (ValueError, np.linalg.LinAlgError):  # where a sampler tried what cannot be
            return np.full((len(self.derived), *wide), np.nan)
        return np.stack([np.broadcast_to(made[k], wide) for k in self.derived])

    @np.errstate(all="ignore")  # nan where a sampler tried what cannot be
    def _value_and_slope(self, given: Array) -> tuple[Array, Array]:
        """Return what is derived and its Jacobian (symbols, derived, N), all in one call."""
        count = len(self.symbols)
        steps = NUDGE * np.maximum(np.abs(given), 1e-12)
        moved = np.repeat(given[:, None], 2 * count + 1, axis=1)  # (symbols, variants, N)
        for k in range(count):
            moved[k, 1 + k] += steps[k]
            moved[k, 1 + count + k] -= steps[k]
        made = self._derive(moved.reshape(count, -1)).reshape(len(self.derived), -1, self.people)
        up, down = made[:, 1 : 1 + count], made[:, 1 + count :]
        slope = np.swapaxes(up - down, 0, 1) / (2.0 * steps[:, None])
        return np.ascontiguousarray(made[:, 0]), np.ascontiguousarray(slope)

    def _linked(self) -> Callable[[Any], Any]:
        jax, jnp = self.jax, self.jax.numpy
        shape = (len(self.derived), self.people)
        value = jax.ShapeDtypeStruct(shape, np.float64)
        slope = jax.ShapeDtypeStruct((len(self.symbols), *shape), np.float64)

        @jax.custom_jvp
        def made(given: Any) -> Any:
            return jax.pure_callback(
                lambda rows: self._derive(np.asarray(rows)), value, given, vmap_method="sequential"
            )

        @made.defjvp
        def _(primals: Any, tangents: Any) -> Any:
            (given,), (change,) = primals, tangents
            found, jacobian = jax.pure_callback(
                lambda rows: self._value_and_slope(np.asarray(rows)), (value, slope), given,
                vmap_method="sequential",
            )  # fmt: skip
            return found, jnp.einsum("kdn,kn->dn", jacobian, change)

        return made


def _grid(schedule: Schedule, integrated: bool) -> Array:
    doses = np.unique([at for rows in schedule.doses.values() for at, _, _ in rows] or [0.0])
    reads = np.unique([at for at, _, _ in schedule.reads])
    hours = np.concatenate([[0.0], doses, reads])
    if integrated:
        last = float(hours.max())
        even = np.arange(0.0, last, QUARTER)
        fine = (doses[:, None] + np.asarray(AFTER_DOSE)).ravel()
        hours = np.concatenate([hours, even, fine[fine < last]])
    hours = np.sort(hours)
    return np.asarray(hours[np.append(True, np.diff(hours) > CLOSE)], float)


def _place(hours: Array, at: float) -> int:
    return int(np.abs(hours - at).argmin())
