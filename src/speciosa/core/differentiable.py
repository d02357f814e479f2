"""A small door to gradients: the course of a model without chance as a function of its numbers.

The same stages and the same method as in a run, on a mesh of dose and reading times (finer
where something must be integrated), with chosen numbers as JAX arrays. What a stage derives before
a run (eigenvectors of its compartments, for one) is computed by its own NumPy code; its Jacobian is
taken by central differences, everything after it by forward mode through the steps: nobody's course
rests on anybody else's numbers, so one tangent for each number serves everybody. Decisions without
chance and without doses, such as the hour of going to bed, are asked as in a run.

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
from speciosa.core.events import ask, dosed, held_rows, with_steady
from speciosa.core.kernel import QUARTERS, A, B
from speciosa.core.random import Streams
from speciosa.core.stage import Decision, Stage
from speciosa.core.units import conversion_factor
from speciosa.core.wiring import Model, derivatives, signals

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
        model: a wired model, none of whose decisions takes chances or gives doses.
        schedule: doses and observations.
        numbers: record -> value and unit, of everything the model rests on.
        covariates: name -> row (N,).
        moved: records that are arguments: the function takes record -> row (N,) or number, in the
            record's unit, and returns an array (reads,).

    Raises:
        InputError: chance or a decided dose acts on what is read, or it does not rest on a record
            that is to move.
    """
    chancy = [each.name for each in model.decisions if each.uniforms or each.doses]
    if chancy:
        raise InputError(
            f'"{chancy[0]}" decides by chance or gives doses', "fit",
            "Only what no such decision acts on can be differentiated, such as concentrations.",
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
        self.begins = schedule.start_clock_hour
        hours = _grid(schedule, bool(any(stage.states for stage in model.stages)))
        self.times = {"hours": hours, "step": np.diff(np.append(hours, hours[-1] + QUARTER))}
        clock = (schedule.start_clock_hour + hours) % 24.0
        self.times["due"] = np.array(
            [[_among(hour, each.hours) for each in model.decisions] for hour in clock], dtype=bool
        ).reshape(hours.size, len(model.decisions))
        self.stream = Streams(
            np.zeros(self.people, dtype=np.uint32), np.arange(self.people, dtype=np.uint32)
        )
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
        self._solve = self._with_gradient()
        every: tuple[Stage | Decision, ...] = (*model.stages, *model.decisions)
        self.parts = [
            _Derived(jax, part, numbers, covariates, moved, schedule.people) for part in every
        ]

    def __call__(self, values: Mapping[str, Any]) -> Any:
        jnp = self.jax.numpy
        rows = [jnp.broadcast_to(values[name], (self.people,)) for name in self.moved]
        return self._solve(jnp.stack(rows) if rows else jnp.zeros((0, self.people)))

    def _with_gradient(self) -> Callable[[Any], Any]:
        """Return the course of rows (numbers, N), whose gradient is taken forward."""
        jax, jnp = self.jax, self.jax.numpy
        whose, count = self.where[2], len(self.moved)

        @jax.custom_vjp
        def solve(rows: Any) -> Any:
            return self._read(rows)

        def forth(rows: Any) -> Any:
            ways = jnp.repeat(jnp.eye(count)[:, :, None], self.people, axis=2)
            read, slopes = jax.vmap(lambda way: jax.jvp(self._read, (rows,), (way,)))(ways)
            return read[0], slopes

        def back(slopes: Any, change: Any) -> Any:
            return (jnp.zeros((count, self.people)).at[:, whose].add(slopes * change),)

        solve.defvjp(forth, back)
        return solve if count else self._read

    def _read(self, rows: Any) -> Any:
        jax, jnp = self.jax, self.jax.numpy
        own = {name: rows[k] for k, name in enumerate(self.moved)}
        p = {part.stage.name: part(own) for part in self.parts}
        x, z, memory = self._start(p)
        begins = self.begins

        def step(state: Any, at: Any) -> Any:
            x, z, memory = state
            both = {s.name: {**x.get(s.name, {}), **z.get(s.name, {})} for s in self.model.stages}
            middle = at["hours"] + at["step"] / 2
            found = signals(jnp, self.model, both, held_rows(self.model, memory, middle, begins), p)
            read = jnp.stack([jnp.broadcast_to(found[q], (self.people,)) for q in self.quantities])
            memory, _ = ask(
                jnp, self.model, found, memory, p, self.stream, hours=at["hours"], quarter=0,
                due=at["due"], start_clock_hour=begins,
            )  # fmt: skip
            both = dosed(self.model, both, at["doses"], p)
            x = {n: {k: both[n][k] for k in given} for n, given in x.items()}
            z = {n: {k: both[n][k] for k in given} for n, given in z.items()}
            return (*self._advance(p, x, z, memory, at), memory), read

        times = {k: jnp.asarray(v) for k, v in self.times.items()}
        times["doses"] = {entry: jnp.asarray(rows) for entry, rows in self.doses.items()}
        _, read = jax.lax.scan(step, (x, z, memory), times)
        return read[self.where]

    def _advance(self, p: Any, x: Any, z: Any, memory: Any, at: Any) -> tuple[Any, Any]:
        """Take one step: what only decays exactly, the rest by the method of a run."""
        if not x:
            return x, self._decayed(z, p, at["step"])
        jax, h = self.jax, at["step"]
        held = held_rows(self.model, memory, at["hours"] + h / 2, self.begins)
        held = with_steady(jax.numpy, self.model, held, p)
        decayed = [self._decayed(z, p, quarters * h / 4) for quarters in range(5)]

        barrier = jax.lax.optimization_barrier  # else every reader computes its signals again

        def slope(xs: Any, zs: Any) -> Any:
            both = {s.name: {**xs.get(s.name, {}), **zs.get(s.name, {})} for s in self.model.stages}
            found = signals(jax.numpy, self.model, both, held, p, barrier)
            return barrier(derivatives(jax.numpy, self.model, both, found, p))

        slopes = [slope(x, z)]
        for quarter, row in zip(QUARTERS, A, strict=True):
            slopes.append(slope(_moved(jax, x, slopes, row, h), decayed[quarter]))
        return _moved(jax, x, slopes, B, h), decayed[4]

    def _decayed(self, z: Any, p: Any, hours: Any) -> Any:
        exp = self.jax.numpy.exp
        return {
            s.name: {n: z[s.name][n] * exp(-p[s.name][m.rate] * hours) for n, m in s.modes.items()}
            for s in self.model.stages
            if s.modes
        }

    def _start(self, p: Any) -> tuple[Any, Any, Any]:
        jnp = self.jax.numpy

        def row(stage: Stage | Decision, start: Any) -> Any:
            value = p[stage.name][start] if isinstance(start, str) else start
            return jnp.broadcast_to(jnp.asarray(value, dtype=float), (self.people,))

        stages = self.model.stages
        x = {s.name: {n: row(s, k.start) for n, k in s.states.items()} for s in stages if s.states}
        z = {s.name: {n: row(s, k.start) for n, k in s.modes.items()} for s in stages if s.modes}
        decisions = self.model.decisions
        return x, z, {d.name: {n: row(d, v) for n, v in d.memory.items()} for d in decisions}


class _Derived:
    """The parameters of one stage or decision as a differentiable function of what moves."""

    def __init__(
        self, jax: Any, stage: Stage | Decision, numbers: Mapping[str, tuple[float, str]],
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
        self.derive = stage.derive if isinstance(stage, Stage) else None
        self.derived = tuple(stage.derived) if isinstance(stage, Stage) and self.derive else ()
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
        assert self.derive is not None
        times = given.shape[1] // self.people if len(given) else 1
        fixed = {name: np.tile(row, times) for name, row in self.fixed.items()}
        wide = (times * self.people,)
        try:
            with np.errstate(all="ignore"):
                made = self.derive({**fixed, **dict(zip(self.symbols, given, strict=True))})
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


def _moved(jax: Any, x: Any, slopes: list[Any], row: Sequence[float], h: Any) -> Any:
    used = [(a, rates) for a, rates in zip(row, slopes, strict=True) if a]

    def one(value: Any, *rates: Any) -> Any:
        return value + h * sum(a * rate for (a, _), rate in zip(used, rates, strict=True))

    return jax.tree.map(one, x, *(rates for _, rates in used))


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


def _among(clock_hour: float, hours: Sequence[float]) -> bool:
    return any(abs(clock_hour - hour) < CLOSE for hour in hours)


def _place(hours: Array, at: float) -> int:
    return int(np.abs(hours - at).argmin())
