"""The dimension check: what does not balance is refused with the stage, the quantity and why."""

from __future__ import annotations

from typing import Any

import pytest

from speciosa.core.dimensions import check_dimensions, dimension_of, trace
from speciosa.core.errors import InputError
from speciosa.core.stage import Mode, Parameter, Stage, State
from speciosa.core.symbol import SYMBOLS, symbol

LEVEL, HALF, RATE = symbol("level", "nM"), symbol("half", "nM"), symbol("rate", "1/h")
HOURS, LITRES = symbol("hours", "h"), symbol("litres", "L")


def drug(
    rate: Any = lambda xp, x, s, p: {"amount": -p["CL"] * s["level"]}, **changed: Any
) -> Stage:
    """One compartment whose parts a test may break."""
    parts: dict[str, Any] = {
        "needs": {},
        "gives": {"level": "nM"},
        "outputs": lambda xp, x, s, p: {"level": x["amount"] / p["V"]},
        "states": {"amount": State("nmol", 1.0)},
        "parameters": {
            "CL": Parameter("drug.clearance", "L/h"),
            "V": Parameter("drug.volume", "L"),
        },
    }
    return Stage("drug", rates=rate, **{**parts, **changed})


def test_a_sound_stage_passes() -> None:
    check_dimensions(drug())
    outputs, rates = trace(drug())
    assert (outputs["level"].op, rates["amount"].op) == ("div", "mul")


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (drug(lambda xp, x, s, p: {"amount": -p["CL"] * x["amount"]}), r"d\(amount\)/dt: declared"),
        (drug(lambda xp, x, s, p: {"amount": p["CL"] + p["V"]}), r"d\(amount\)/dt: add mixes"),
        (drug(lambda xp, x, s, p: {"amount": xp.exp(s["level"])}), "exp of a quantity"),
        (drug(gives={"level": "ug/L"}), "level: declared ug/L"),
        (drug(gives={"level": "nM", "more": "1"}), '"more" is declared but not computed'),
        (drug(lambda xp, x, s, p: {"amount": 0.0, "extra": 0.0}), '"extra" is computed but not'),
        (drug(lambda xp, x, s, p: {}), 'rate "amount" is declared but not computed'),
        (drug(modes={"gut": Mode("nmol", "CL", 1.0)},
              rate=lambda xp, x, s, p: {"amount": x["gut"]}), r"d\(amount\)/dt: declared"),
    ],
)  # fmt: skip
def test_a_broken_stage_is_refused(broken: Stage, told: str) -> None:
    with pytest.raises(InputError, match=told) as error:
        check_dimensions(broken)
    assert 'stage "drug"' in str(error.value)


@pytest.mark.parametrize(
    ("tree", "unit"),
    [
        (LEVEL / HALF, "1"), (RATE * HOURS, "1"), (LEVEL * LITRES, "nmol"), (LEVEL**2 / HALF, "nM"),
        (SYMBOLS.sqrt(LEVEL * HALF), "nM"), (SYMBOLS.exp(-RATE * HOURS), "1"),
        (SYMBOLS.maximum(LEVEL, 0), "nM"), (SYMBOLS.where(LEVEL > HALF, 0.0, RATE), "1/h"),
        (SYMBOLS.where(LEVEL > HALF, RATE, 0.0), "1/h"), ((LEVEL / HALF) ** (RATE * HOURS), "1"),
        (-LEVEL, "nM"), (LEVEL > HALF, "1"), (2.0, "1"),
    ],
)  # fmt: skip
def test_dimensions_are_computed_through_every_operation(tree: Any, unit: str) -> None:
    assert dimension_of(tree) == dimension_of(
        symbol("wanted", "dimensionless" if unit == "1" else unit)
    )


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        (LEVEL + RATE, "add mixes"), (LEVEL - 1, "sub mixes"), (LEVEL > RATE, "gt mixes"),
        (SYMBOLS.minimum(LEVEL, RATE), "min mixes"), (SYMBOLS.log(LEVEL), "log of a quantity"),
        (SYMBOLS.where(LEVEL > HALF, LEVEL, RATE), "where mixes"),
        (LEVEL ** (LEVEL / HALF), "variable exponent"), (2 ** LEVEL, "variable exponent"),
        (SYMBOLS.where(LEVEL > RATE, 1.0, 0.0), "gt mixes"),
    ],
)  # fmt: skip
def test_what_mixes_units_is_told(tree: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        dimension_of(tree)
