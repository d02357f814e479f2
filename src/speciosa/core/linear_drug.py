"""A drug with constant clearance as one declarative stage.

A module that describes such a drug lists compartments, first-order links and what is read out;
:func:`linear_drug` turns the list into a :class:`~speciosa.core.stage.Stage` whose compartments
are solved exactly as decaying modes. :func:`steady_modes` gives the modes of someone who has taken
the drug at a fixed interval for a long time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.modes import Modes, linear_modes
from speciosa.core.stage import Mode, Parameter, Row, Rows, Stage

Array = NDArray[np.float64]
Constants = Callable[[Rows], dict[str, Row]]

# Equal rates in a chain merge their eigenvectors; neighbours this far apart keep the chain's mean
# and change its variance by 3 % (three steps), while the modes stay well separated.
CHAIN_SPACING = 1.25


@dataclass(frozen=True)
class Link:
    """First-order movement out of one compartment.

    Args:
        source: compartment whose amount sets the flow.
        rate: symbol of the rate constant, 1/h.
        to: compartment that receives it; None is out of the body.
        copies: the target follows the source without taking from it, as an effect site does.
    """

    source: str
    rate: str
    to: str | None = None
    copies: bool = False


def exchange(one: str, other: str, out: str, back: str) -> tuple[Link, Link]:
    """Return the links by which two compartments exchange drug at rates ``out`` and ``back``."""
    return Link(one, out, other), Link(other, back, one)


def effect_site(source: str, rate: str, to: str = "effect") -> tuple[Link, Link]:
    """Return the links of an effect site: dCe/dt = ke0 (Cp - Ce), taking no drug from plasma.

    Its amount is counted in the volume of ``source``, so both are read out with that volume.
    """
    return Link(source, rate, to, copies=True), Link(to, rate)


def chain_rates(mean_time: Row, steps: int) -> tuple[Row, ...]:
    """Return the rates of a chain of ``steps`` nearly equal steps with the given mean time in all.

    Args:
        mean_time: mean time through the whole chain, h.
        steps: number of steps.

    >>> rates = chain_rates(6.0, 3)
    >>> round(sum(1 / rate for rate in rates), 12)
    6.0
    """
    times = [CHAIN_SPACING**place for place in range(steps)]
    return tuple(sum(times) / (time * mean_time) for time in times)


def linear_drug(
    name: str,
    *,
    compartments: tuple[str, ...],
    links: tuple[Link, ...],
    entries: Mapping[str, Mapping[str, str | None]],
    outputs: Mapping[str, Mapping[str, str]],
    parameters: Mapping[str, Parameter],
    constants: Constants,
    covariates: Mapping[str, str] | None = None,
    scale: float = 1e5,
) -> Stage:
    """Return the stage of a drug whose compartments obey linear equations.

    Args:
        name: name of the stage.
        compartments: names of the compartments, amounts in nmol.
        links: every first-order flow between them and out of the body.
        entries: dose entry -> {compartment: symbol of the fraction of the dose that enters it, or
            None for all of it}.
        outputs: quantity in nM -> {compartment: symbol of the volume in L that it is read out
            with}.
        parameters: symbol -> parameter, as in a stage.
        constants: function of the parameters and covariates that returns every rate, fraction and
            volume named above (those that are parameters already may be left out).
        covariates: symbol -> unit, as in a stage.
        scale: typical amount in the body, nmol.

    Example:
        >>> drug = linear_drug(
        ...     "example", compartments=("gut", "plasma"),
        ...     links=(Link("gut", "ka", "plasma"), Link("plasma", "k")),
        ...     entries={"example_oral": {"gut": None}},
        ...     outputs={"example_plasma": {"plasma": "V"}},
        ...     parameters={s: Parameter(f"example.{s}", u)
        ...                 for s, u in (("ka", "1/h"), ("k", "1/h"), ("V", "L"))},
        ...     constants=lambda p: {})
        >>> p = drug.derive({"ka": 1.0, "k": 0.1, "V": 50.0})
        >>> round(float(p["rate_0"]), 6), round(float(p["rate_1"]), 6)
        (0.1, 1.0)
    """
    order = range(len(compartments))
    mode_names = {i: f"{name}_mode_{i}" for i in order}
    gain_symbols = {entry: {mode_names[i]: f"gain_{entry}_{i}" for i in order} for entry in entries}
    weight_symbols = {output: [f"weight_{output}_{i}" for i in order] for output in outputs}

    def derive(p: Rows) -> dict[str, Row]:
        values = {**p, **constants(p)}
        modes = _solve(values, compartments, links, entries, outputs)
        shape = np.broadcast_shapes(*(np.shape(value) for value in values.values()))
        found = {f"rate_{i}": modes.rates[i].reshape(shape) for i in order}
        for entry, symbols in gain_symbols.items():
            rows = modes.gains[entry]
            found |= {s: rows[i].reshape(shape) for i, s in enumerate(symbols.values())}
        for output, weights in weight_symbols.items():
            rows = modes.weights[output]
            found |= {s: rows[i].reshape(shape) for i, s in enumerate(weights)}
        return found

    def read_out(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        return {
            output: sum(p[weights[i]] * x[mode_names[i]] for i in order)
            for output, weights in weight_symbols.items()
        }

    derived = {f"rate_{i}": "1/h" for i in order}
    derived |= {s: "1" for symbols in gain_symbols.values() for s in symbols.values()}
    derived |= {s: "1/L" for weights in weight_symbols.values() for s in weights}
    return Stage(
        name=name,
        needs={},
        gives={output: "nM" for output in outputs},
        outputs=read_out,
        modes={mode_names[i]: Mode("nmol", f"rate_{i}", scale) for i in order},
        parameters=parameters,
        covariates=covariates or {},
        derive=derive,
        derived=derived,
        entries=gain_symbols,
    )


def _solve(
    values: Rows,
    compartments: tuple[str, ...],
    links: tuple[Link, ...],
    entries: Mapping[str, Mapping[str, str | None]],
    outputs: Mapping[str, Mapping[str, str]],
) -> Modes:
    people = int(np.prod(np.broadcast_shapes(*(np.shape(value) for value in values.values()))))
    place = {compartment: i for i, compartment in enumerate(compartments)}
    rows = {name: np.ravel(value) for name, value in values.items()}
    matrix = np.zeros((people, len(place), len(place)))
    for link in links:
        if not link.copies:
            matrix[:, place[link.source], place[link.source]] -= rows[link.rate]
        if link.to is not None:
            matrix[:, place[link.to], place[link.source]] += rows[link.rate]

    def vectors(
        parts: Mapping[str, Mapping[str, Any]], read: Callable[[Any], Any]
    ) -> dict[str, Array]:
        made = {}
        for key, compartment_values in parts.items():
            made[key] = np.zeros((people, len(place)))
            for compartment, symbol in compartment_values.items():
                made[key][:, place[compartment]] = read(symbol)
        return made

    doses = vectors(entries, lambda symbol: 1.0 if symbol is None else rows[symbol])
    readings = vectors(outputs, lambda symbol: 1.0 / rows[symbol])
    return linear_modes(matrix, doses, readings)


def steady_modes(rates: Array, gains: Array, dose: Row, interval: Row) -> Array:
    """Return the modes just after a dose at periodic steady state.

    Args:
        rates: decay rates of the modes, 1/h, modes along the first axis.
        gains: what one nmol adds to each mode.
        dose: size of each dose, nmol.
        interval: time between doses, h.

    >>> import numpy as np
    >>> rates, gains = np.array([0.1]), np.array([1.0])
    >>> z = steady_modes(rates, gains, 100.0, 24.0)
    >>> bool(np.isclose(z, 100.0 + decayed(z, rates, 24.0)).all())
    True
    """
    return gains * dose / -np.expm1(-rates * interval)


def decayed(modes: Array, rates: Array, hours: Row) -> Array:
    """Return ``modes`` after ``hours`` without a dose; rates in 1/h, modes along the first axis."""
    return modes * np.exp(-rates * hours)


def mode_arrays(stage: Stage, derived: Rows, entry: str) -> tuple[tuple[str, ...], Array, Array]:
    """Return the names, rates and gains of a stage's modes for one dose entry.

    Args:
        stage: a stage made by :func:`linear_drug`.
        derived: what its ``derive`` returned.
        entry: one of its dose entries.

    Returns:
        Names, then rates (1/h) and gains with the modes along the first axis: what
        :func:`steady_modes` takes.
    """
    names = tuple(stage.modes)
    rates = np.stack([np.asarray(derived[stage.modes[mode].rate]) for mode in names])
    gains = np.stack([np.asarray(derived[stage.entries[entry][mode]]) for mode in names])
    return names, rates, gains
