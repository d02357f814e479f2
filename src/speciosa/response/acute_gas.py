"""Oxygen and carbon dioxide in lungs, blood, brain and other tissue, second by second.

Contents of blood follow the equation of Spencer and its inverse; alveoli, brain and tissue are
stores with inflow, outflow and metabolism:

    VA dPA/dt = Va (PI - PA) + lambda Q (1 - S)(v - e)
    VB db/dt = QB (a - vB) + production,   tissue alike

Venous blood leaves a store at the store's pressures; arterial blood is end-capillary blood with a
shunt. Metabolism falls with wakefulness down to a floor, and with oxygen where there is little.
Negative pressures and contents count as none.

Covariates: none.

Sources: Magosso and Ursino 2001 as in Mann 2022; records under ``acute.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage, State

_SPENCER = {name: "1" for name in ("a1", "a2", "z", "c1", "c2")} | {
    **dict.fromkeys(("k1", "k2"), "mmHg"),
    **dict.fromkeys(("alpha1", "alpha2", "beta1", "beta2"), "1/mmHg"),
}
_CONTENTS = (
    "arterial_co2_content", "arterial_oxygen_content", "venous_co2_content",
    "venous_oxygen_content", "capillary_co2_content", "capillary_oxygen_content",
    "brain_venous_co2_content", "brain_venous_oxygen_content",
    "tissue_venous_co2_content", "tissue_venous_oxygen_content",
)  # fmt: skip


def contents(xp: Any, co2: Row, oxygen: Row, p: Rows) -> tuple[Row, Row]:
    """Return the CO2 and O2 contents of blood, L/L, at pressures in mmHg (Spencer)."""
    co2, oxygen = xp.maximum(co2, 0.0), xp.maximum(oxygen, 0.0)
    carbon = co2 * (1 + p["beta2"] * oxygen) / (p["k2"] * (1 + p["alpha2"] * oxygen))
    oxy = oxygen * (1 + p["beta1"] * co2) / (p["k1"] * (1 + p["alpha1"] * co2))
    u_carbon, u_oxy = carbon ** (1 / p["a2"]), oxy ** (1 / p["a1"])
    return (
        p["z"] * p["c2"] * u_carbon / (1 + u_carbon),
        p["z"] * p["c1"] * u_oxy / (1 + u_oxy),
    )


def pressures(xp: Any, co2: Row, oxygen: Row, p: Rows) -> tuple[Row, Row]:
    """Return the CO2 and O2 pressures of blood, mmHg, with contents in L/L: Spencer inverted."""
    co2, oxygen = xp.maximum(co2, 0.0), xp.maximum(oxygen, 0.0)
    dc = p["k2"] * (co2 / (p["z"] * p["c2"] - co2)) ** p["a2"]
    do = p["k1"] * (oxygen / (p["z"] * p["c1"] - oxygen)) ** p["a1"]
    crossed = p["alpha1"] * p["alpha2"] * dc * do
    carbon = _root(
        xp,
        p["beta1"] + p["alpha1"] * p["beta2"] * do,
        1 + p["beta2"] * do - p["beta1"] * dc - crossed,
        dc * (1 + p["alpha2"] * do),
    )
    oxy = _root(
        xp,
        p["beta2"] + p["alpha2"] * p["beta1"] * dc,
        1 + p["beta1"] * dc - p["beta2"] * do - crossed,
        do * (1 + p["alpha1"] * dc),
    )
    return carbon, oxy


def _root(xp: Any, a: Row, b: Row, c: Row) -> Row:
    """The positive root of a P^2 + b P - c = 0."""
    return (xp.sqrt(b * b + 4 * a * c) - b) / (2 * a)


def _store(xp: Any, co2: Row, oxygen: Row, p: Rows) -> tuple[Row, Row]:
    """Pressures of a store from its contents."""
    carbon = (co2 - p["store_co2_intercept"]) / p["store_co2_slope"]
    oxy = oxygen / p["store_oxygen_slope"]
    return xp.maximum(carbon, 0.0), xp.maximum(oxy, 0.0)


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Contents at every place, and the pressures that matter."""
    brain_co2, brain_oxygen = _store(xp, x["brain_co2_content"], x["brain_oxygen_content"], p)
    tissue = _store(xp, x["tissue_co2_content"], x["tissue_oxygen_content"], p)
    brain_c, brain_o = contents(xp, brain_co2, brain_oxygen, p)
    tissue_c, tissue_o = contents(xp, *tissue, p)
    end_c, end_o = contents(xp, x["alveolar_co2"], x["alveolar_oxygen"], p)
    share = s["brain_flow"] / (s["brain_flow"] + s["tissue_flow"])
    venous_c = share * brain_c + (1 - share) * tissue_c
    venous_o = share * brain_o + (1 - share) * tissue_o
    arterial_c = (1 - p["shunt"]) * end_c + p["shunt"] * venous_c
    arterial_o = (1 - p["shunt"]) * end_o + p["shunt"] * venous_o
    arterial_co2, arterial_oxygen = pressures(xp, arterial_c, arterial_o, p)
    found = (
        arterial_c, arterial_o, venous_c, venous_o, end_c, end_o,
        brain_c, brain_o, tissue_c, tissue_o,
    )  # fmt: skip
    return {
        **dict(zip(_CONTENTS, found, strict=True)),
        "arterial_co2": arterial_co2,
        "arterial_oxygen": arterial_oxygen,
        "brain_co2": brain_co2,
        "brain_oxygen": brain_oxygen,
        "tissue_oxygen": tissue[1],
        "oxygen_saturation": _saturation(xp, arterial_co2, arterial_oxygen, p),
    }


def _saturation(xp: Any, co2: Row, oxygen: Row, p: Rows) -> Row:
    """Share of haemoglobin with oxygen; read out only."""
    shifted = oxygen * xp.exp(
        p["saturation_bohr"] * xp.log(p["saturation_co2"] / xp.maximum(co2, p["co2_least"]))
    )
    raised = (shifted / p["saturation_half"]) ** p["saturation_slope"]
    return raised / (1 + raised)


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Four balances of gas."""
    breath = p["alveolar_share"] * s["minute_ventilation"]
    carried = p["pressure_per_content"] * s["blood_flow"] * (1 - p["shunt"])
    lung_co2 = s["venous_co2_content"] - s["capillary_co2_content"]
    lung_oxygen = s["venous_oxygen_content"] - s["capillary_oxygen_content"]
    found = {
        "alveolar_co2": breath * (p["inspired_co2"] - x["alveolar_co2"]) + carried * lung_co2,
        "alveolar_oxygen": breath * (p["inspired_oxygen"] - x["alveolar_oxygen"])
        + carried * lung_oxygen,
    }
    found = {name: rate / p["alveolar_volume"] for name, rate in found.items()}
    awake = s["wakefulness"] ** p["metabolism_exponent"]
    for place in ("brain", "tissue"):
        left = xp.minimum(s[f"{place}_oxygen"] / p["metabolism_oxygen_pressure"], 1.0)
        made = xp.maximum(awake, p["metabolism_floor_co2"]) * left * p[f"{place}_co2_output"]
        used = xp.maximum(awake, p["metabolism_floor_oxygen"]) * left * p[f"{place}_oxygen_use"]
        flow = s[f"{place}_flow"]
        co2 = s["arterial_co2_content"] - s[f"{place}_venous_co2_content"]
        oxygen = s["arterial_oxygen_content"] - s[f"{place}_venous_oxygen_content"]
        found[f"{place}_co2_content"] = (flow * co2 + made) / p[f"{place}_volume"]
        found[f"{place}_oxygen_content"] = (flow * oxygen - used) / p[f"{place}_volume"]
    return found


_NUMBERS = {
    "alveolar_volume": "L", "brain_volume": "L", "tissue_volume": "L",
    "pressure_per_content": "mmHg", "shunt": "1", "store_co2_slope": "1/mmHg",
    "store_oxygen_slope": "1/mmHg", "store_co2_intercept": "1", "inspired_oxygen": "mmHg",
    "inspired_co2": "mmHg", "alveolar_share": "1", "brain_co2_output": "L/h",
    "brain_oxygen_use": "L/h", "tissue_co2_output": "L/h", "tissue_oxygen_use": "L/h",
    "metabolism_exponent": "1", "metabolism_floor_co2": "1", "metabolism_floor_oxygen": "1",
    "metabolism_oxygen_pressure": "mmHg", "saturation_co2": "mmHg", "saturation_bohr": "1",
    "saturation_slope": "1", "saturation_half": "mmHg",
}  # fmt: skip
_STATES = {
    "alveolar_co2": ("mmHg", 50.0), "alveolar_oxygen": ("mmHg", 100.0),
    "brain_co2_content": ("1", 0.6), "brain_oxygen_content": ("1", 1e-3),
    "tissue_co2_content": ("1", 0.6), "tissue_oxygen_content": ("1", 1e-3),
}  # fmt: skip

ACUTE_GAS = Stage(
    name="acute_gas",
    needs={
        "brain_flow": "L/h",
        "tissue_flow": "L/h",
        "blood_flow": "L/h",
        "minute_ventilation": "L/h",
        "wakefulness": "1",
    },
    gives={
        **dict.fromkeys(_CONTENTS, "1"),
        "arterial_co2": "mmHg",
        "arterial_oxygen": "mmHg",
        "brain_co2": "mmHg",
        "brain_oxygen": "mmHg",
        "tissue_oxygen": "mmHg",
        "oxygen_saturation": "1",
    },
    outputs=_outputs,
    direct=("brain_flow", "tissue_flow"),
    rates=_rates,
    states={
        name: State(unit, scale=scale, start=f"start_{name}")
        for name, (unit, scale) in _STATES.items()
    },
    parameters={
        **{name: Parameter(f"acute.spencer_{name}", unit) for name, unit in _SPENCER.items()},
        **{name: Parameter(f"acute.{name}", unit) for name, unit in _NUMBERS.items()},
        **{
            f"start_{name}": Parameter(f"acute.start_{name}", unit)
            for name, (unit, _) in _STATES.items()
        },
        "co2_least": Parameter("acute.saturation_co2_least", "mmHg"),
    },
)
