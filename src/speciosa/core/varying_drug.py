"""A drug declared as for :func:`speciosa.core.linear_drug.linear_drug`, whose clearance varies.

Where an enzyme's activity changes in time the compartments are no longer sums of decaying modes:
all of them are integrated. Clearance and what escapes the first pass follow a well-stirred liver:
with ``E`` the extraction at baseline, ``e = E/(1 - E)`` and ``s = fm a + 1 - fm`` what is left of
the intrinsic clearance under activity ``a``, both are multiples of their baseline,

    clearance  s (1 + e) / (1 + e s),    escape  (1 + e) / (1 + e s)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from speciosa.core.linear_drug import Link
from speciosa.core.stage import Parameter, Row, Rows, Stage, State

WHOLE = "whole"  # symbol of the gain where all of a dose enters a compartment


@dataclass(frozen=True)
class Cleared:
    """How a drug's clearance follows an enzyme.

    Args:
        rate: symbol of the elimination rate that follows it.
        activity: quantity that holds the enzyme's relative activity.
        share: record of the share of the clearance that the enzyme holds, fm.
        extraction: record of the hepatic extraction at baseline, E.
        first_pass: compartments whose outflow passes the liver before it reaches the body.
    """

    rate: str
    activity: str
    share: str
    extraction: str
    first_pass: tuple[str, ...] = ()


def varying_drug(
    name: str,
    *,
    cleared: Cleared,
    compartments: tuple[str, ...],
    links: tuple[Link, ...],
    entries: Mapping[str, Mapping[str, str | None]],
    outputs: Mapping[str, Mapping[str, str]],
    parameters: Mapping[str, Parameter],
    constants: Callable[[Rows], dict[str, Row]],
    covariates: Mapping[str, str] | None = None,
    scale: float = 1e5,
) -> Stage:
    """Return the stage of a drug with linear distribution and a clearance that follows an enzyme.

    Args:
        name: name of the stage.
        cleared: what varies and how.
        compartments, links, entries, outputs, parameters, constants, covariates, scale: as for
            :func:`speciosa.core.linear_drug.linear_drug`.

    Example:
        >>> import numpy as np
        >>> drug = varying_drug(
        ...     "example", cleared=Cleared("k", "cyp3a_liver_activity", "example.fm", "example.E"),
        ...     compartments=("plasma",), links=(Link("plasma", "k"),),
        ...     entries={"example_intravenous": {"plasma": None}},
        ...     outputs={"example_plasma": {"plasma": "V"}},
        ...     parameters={"k": Parameter("example.k", "1/h"), "V": Parameter("example.V", "L")},
        ...     constants=lambda p: {})
        >>> p = {"k": 0.5, "V": 10.0, "fm": 1.0, "extraction": 0.5}
        >>> p |= drug.derive(p)
        >>> x, s = {"example_plasma_amount": 100.0}, {"cyp3a_liver_activity": 0.0}
        >>> float(drug.rates(np, x, s, p)["example_plasma_amount"])
        0.0
    """
    state = {compartment: f"{name}_{compartment}_amount" for compartment in compartments}
    gains = {
        entry: {state[c]: symbol or WHOLE for c, symbol in parts.items()}
        for entry, parts in entries.items()
    }
    derived = _derived(links, entries, outputs, parameters)

    def derive(p: Rows) -> dict[str, Row]:
        values = {**constants(p), WHOLE: 1.0}
        found = {symbol: values[symbol] for symbol in derived if symbol != "ratio"}
        return found | {"ratio": p["extraction"] / (1 - p["extraction"])}

    def read_out(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        return {
            output: sum(x[state[c]] / p[volume] for c, volume in parts.items())
            for output, parts in outputs.items()
        }

    def rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        left = p["fm"] * s[cleared.activity] + 1 - p["fm"]
        escape = (1 + p["ratio"]) / (1 + p["ratio"] * left)
        change: dict[str, Row] = {state[c]: 0.0 for c in compartments}
        for link in links:
            flow = p[link.rate] * x[state[link.source]]
            if link.rate == cleared.rate:
                flow = flow * (left * escape)
            if not link.copies:
                change[state[link.source]] = change[state[link.source]] - flow
            if link.to is not None:
                arriving = flow * escape if link.source in cleared.first_pass else flow
                change[state[link.to]] = change[state[link.to]] + arriving
        return change

    return Stage(
        name=name,
        needs={cleared.activity: "1"},
        gives={output: "nM" for output in outputs},
        outputs=read_out,
        rates=rates,
        states={amount: State("nmol", scale) for amount in state.values()},
        parameters={
            **parameters,
            "fm": Parameter(cleared.share, "1"),
            "extraction": Parameter(cleared.extraction, "1"),
        },
        covariates=covariates or {},
        derive=derive,
        derived=derived,
        entries=gains,
    )


def _derived(
    links: tuple[Link, ...],
    entries: Mapping[str, Mapping[str, str | None]],
    outputs: Mapping[str, Mapping[str, str]],
    parameters: Mapping[str, Parameter],
) -> dict[str, str]:
    """Return symbol -> unit of everything that the equations read beside the parameters."""
    used = {link.rate: "1/h" for link in links}
    used |= {volume: "L" for parts in outputs.values() for volume in parts.values()}
    used |= {symbol or WHOLE: "1" for parts in entries.values() for symbol in parts.values()}
    found = {symbol: unit for symbol, unit in used.items() if symbol not in parameters}
    return found | {"ratio": "1"}
