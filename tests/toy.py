"""A small wired model whose answers are known in closed form, for tests of core.

A depot empties into one compartment that loses a constant share; a second state grows to a limit.
Somebody is asked at noon whether to take more, and once a day whether they stay.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from speciosa.core.stage import Decision, Mode, Moment, Parameter, Row, Rows, Stage, State
from speciosa.core.wiring import Model, wire

KA, K, V, GROWTH = 1.3, 0.2, 20.0, 0.7
Numbers = dict[str, dict[str, Any]]


def _level(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {"level": x["amount"] / p["V"], "stock": x["stock"]}


def _change(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {
        "amount": p["ka"] * x["depot"] - p["k"] * x["amount"],
        "stock": p["growth"] * x["stock"] * (1 - x["stock"]),
    }


DRUG = Stage(
    name="drug",
    needs={},
    gives={"level": "nM", "stock": "1"},
    outputs=_level,
    rates=_change,
    states={"amount": State("nmol", 100.0), "stock": State("1", 1.0, "stock_at_start")},
    modes={"depot": Mode("nmol", "ka", 100.0)},
    parameters={
        "ka": Parameter("toy.absorption", "1/h"),
        "k": Parameter("toy.loss", "1/h"),
        "V": Parameter("toy.volume", "L"),
        "F": Parameter("toy.share", "1"),
        "growth": Parameter("toy.growth", "1/h"),
        "stock_at_start": Parameter("toy.start", "1"),
    },
    entries={"drug_oral": {"depot": "F"}, "drug_bolus": {"amount": "F"}},
)


def _more(
    xp: Any, moment: Moment, s: Rows, memory: Rows, u: tuple[Row, ...], p: Rows
) -> tuple[dict[str, Row], dict[str, Row]]:
    given = xp.where(s["level"] < p["below"], 1.0, 0.0)
    return {"extra": memory["extra"] + given}, {"drug_bolus": given * p["amount"]}


MORE = Decision(
    name="more",
    watches={"level": "nM"},
    memory={"extra": 0.0},
    gives={"extra": "1"},
    hours=(12.0,),
    decide=_more,
    doses=("drug_bolus",),
    parameters={"below": Parameter("toy.below", "nM"), "amount": Parameter("toy.more", "nmol")},
)


def _stay(
    xp: Any, moment: Moment, s: Rows, memory: Rows, u: tuple[Row, ...], p: Rows
) -> tuple[dict[str, Row], dict[str, Row]]:
    return {"in_treatment": memory["in_treatment"] * xp.where(u[0] < p["chance"], 0.0, 1.0)}, {}


STAY = Decision(
    name="stay",
    watches={},
    memory={"in_treatment": 1.0},
    gives={"in_treatment": "1"},
    hours=(20.0,),
    uniforms=1,
    decide=_stay,
    parameters={"chance": Parameter("toy.leave", "1")},
)


def toy_model() -> Model:
    """Return the wired toy."""
    return wire([DRUG], [MORE, STAY])


def toy_numbers(people: int, **changed: Any) -> Numbers:
    """Return the toy's parameters for some people; loss differs between them."""
    drug = {
        "ka": KA, "k": K * (1 + 0.1 * np.arange(people)), "V": V, "F": 0.5, "growth": GROWTH,
        "stock_at_start": 0.1,
    }  # fmt: skip
    numbers: Numbers = {
        "drug": drug,
        "more": {"below": -1.0, "amount": 0.0},
        "stay": {"chance": 0.0},
    }
    for part in numbers.values():
        part.update({name: value for name, value in changed.items() if name in part})
    return numbers


def bateman(hours: Any, dose: float, k: Any) -> Any:
    """Return the level some hours after one oral dose, nM; zero before it."""
    after = np.maximum(hours, 0.0)
    return 0.5 * dose * KA / (KA - k) / V * (np.exp(-k * after) - np.exp(-KA * after))


def logistic(hours: Any) -> Any:
    """Return the stock some hours after the start."""
    return 1 / (1 + 9 * np.exp(-GROWTH * hours))
