"""Naloxone as rescue in the acute overdose chain: a depot, two transits, two compartments.

    dA0/dt = -ktr A0,  dA1/dt = F ktr A0 - ktr A1,  dA2/dt = ktr A1 - ka A2
    dC/dt = [ka A2 - CL C + Q (Cp - C)] s/V,  dCp/dt = Q (C - Cp)/Vp,  dCe/dt = ke (C - Ce)

``s`` is the shrinking of volumes in high blood flow. Each product keeps the disposition that it
was measured with. Repeated sprays lose bioavailability, which is not simulated.

Covariates: none.

Sources: Mann 2022 and its intranasal extension; records under ``naloxone.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage, State

PRODUCTS = ("intramuscular", "autoinjector", "intranasal")


def _shrink(xp: Any, flow: Row, p: Rows) -> Row:
    return 1 + 1 / (1 + xp.exp((p["flow_ratio"] - flow / p["flow_reference"]) / p["flow_width"]))


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Plasma and effect site, nM."""
    return {"acute_naloxone_plasma": x["central"], "acute_naloxone_effect": x["effect"]}


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Absorption in steps, then two compartments whose central volume follows blood flow."""
    exchanged = p["Q"] * (x["peripheral"] - x["central"])
    coming = p["ka"] * x["second_transit"] - p["CL"] * x["central"] + exchanged
    return {
        "depot": -p["ktr"] * x["depot"],
        "first_transit": p["ktr"] * (p["F"] * x["depot"] - x["first_transit"]),
        "second_transit": p["ktr"] * x["first_transit"] - p["ka"] * x["second_transit"],
        "central": coming * _shrink(xp, s["blood_flow"], p) / p["V"],
        "peripheral": -exchanged / p["V2"],
        "effect": p["ke0"] * (x["central"] - x["effect"]),
    }


def acute_naloxone(product: str) -> Stage:
    """Return the stage of one product.

    Args:
        product: intramuscular, autoinjector or intranasal.

    Example:
        >>> sorted(acute_naloxone("intranasal").entries)
        ['naloxone_intranasal']
    """
    if product not in PRODUCTS:
        raise ValueError(f"acute naloxone: {product!r} is none of {', '.join(PRODUCTS)}")
    entry = "naloxone_intranasal" if product == "intranasal" else "naloxone_intramuscular"
    return Stage(
        name="acute_naloxone",
        needs={"blood_flow": "L/h"},
        gives={"acute_naloxone_plasma": "nM", "acute_naloxone_effect": "nM"},
        outputs=_outputs,
        rates=_rates,
        states={
            **{name: State("nmol", 6e3) for name in ("depot", "first_transit", "second_transit")},
            **{name: State("nM", 20.0) for name in ("central", "peripheral", "effect")},
        },
        parameters={
            "F": Parameter(f"naloxone.{product}_bioavailability", "1"),
            "ktr": Parameter(f"naloxone.{product}_transit_rate", "1/h"),
            "ka": Parameter(f"naloxone.{product}_absorption_rate", "1/h"),
            "CL": Parameter(f"naloxone.{product}_clearance", "L/h"),
            "V": Parameter(f"naloxone.{product}_central_volume", "L"),
            "Q": Parameter(f"naloxone.{product}_exchange_clearance", "L/h"),
            "V2": Parameter(f"naloxone.{product}_peripheral_volume", "L"),
            "ke0": Parameter("naloxone.effect_site_rate", "1/h"),
            "flow_reference": Parameter("acute.volume_flow_reference", "L/h"),
            "flow_ratio": Parameter("acute.volume_flow_ratio", "1"),
            "flow_width": Parameter("acute.volume_flow_width", "1"),
        },
        derive=lambda p: {"all_of_it": 1.0},
        derived={"all_of_it": "1"},
        entries={entry: {"depot": "all_of_it"}},
    )
