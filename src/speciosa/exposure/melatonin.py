"""Melatonin: swallowed doses and the gland's own, in one body.

Two amounts share one clearance, the swallowed part and the part the gland made, so that total and
endogenous concentration are both known. Absorption is exact: an immediate-release tablet passes a
short transit, whose mean time is the absorption lag, and a depot; a prolonged-release tablet gives
a quarter that way and the rest from a slow depot. Clearance is well-stirred and follows CYP1A2;
synthesis runs inside a window of circadian phase and falls with light. The three transit steps
stand for a pure delay: peaks come out 2 % lower than with a sharp lag. Where a recipe has alcohol,
the gland makes less while it is in the blood: synthesis times half/(half + alcohol).

Sources: Fourtillan 2000, 2001; Andersen 2016; DeMuro 2000; Stowe 2025 (window and light); Ekman
1993 (alcohol).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from speciosa.core.stage import Equations, Mode, Parameter, Row, Rows, Stage, State

TRANSIT_SPACING = (0.75, 1.0, 1.25)  # three transit steps; unequal, or they would share one mode
SPACED_MEAN = sum(1 / spacing for spacing in TRANSIT_SPACING)
FLOWS = ("absorption_a", "absorption_b", "absorption_c", "absorption_d")


def synthesis_window(xp: Any, ahead: Row, edge: Row, smoothing: Row) -> Row:
    """Return the share (0 to 1) of full synthesis that the circadian phase allows.

    A periodic logistic: 1 inside the window, 0 outside, without a jump inside a step.

    Args:
        xp: array module.
        ahead: cosine of the distance from the middle of the window.
        edge: cosine of half the window.
        smoothing: width of the edge, in units of the cosine.

    Example:
        >>> import numpy as np
        >>> distance = np.array([0.0, 3.0])
        >>> open_, shut = synthesis_window(np, np.cos(distance), np.cos(1.1781), 0.05)
        >>> bool(open_ > 0.999), bool(shut < 0.001)
        (True, True)
    """
    return 0.5 * (1 + xp.tanh((ahead - edge) / (2 * smoothing)))


def hepatic_availability(flow: Row, intrinsic: Row) -> Row:
    """Return the share that escapes a well-stirred liver; both arguments in one unit.

    Example:
        >>> round(hepatic_availability(105.0, 595.0), 3)
        0.15
    """
    return flow / (flow + intrinsic)


def intrinsic_clearance(p: Rows, activity: Row) -> Row:
    """Return unbound hepatic clearance (L/h/kg) under a relative CYP1A2 ``activity``."""
    induction = 1 + p["smoker"] * (p["smoker_induction"] - 1)
    share = p["cyp1a2_share"] * activity * induction + 1 - p["cyp1a2_share"]
    return p["intrinsic_clearance"] * share


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {
        "melatonin_plasma": (x["swallowed"] + x["made"]) / p["volume"],
        "melatonin_endogenous": x["made"] / p["volume"],
        "melatonin_window": synthesis_window(
            xp,
            s["circadian_cosine"] * p["centre_cos"] + s["circadian_sine"] * p["centre_sin"],
            p["edge_cos"],
            p["smoothing"],
        ),
    }


def under_alcohol(alcohol: Row, half: Row) -> Row:
    """Return the share of synthesis that alcohol in the blood leaves, both in mg/L.

    Example:
        >>> under_alcohol(0.0, 1000.0), under_alcohol(1000.0, 1000.0)
        (1.0, 0.5)
    """
    return half / (half + alcohol)


def _rates(alcohol: str | None) -> Equations:
    def rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        intrinsic = intrinsic_clearance(p, s["cyp1a2_activity"])
        available = hepatic_availability(p["hepatic_flow"], intrinsic)
        loss = intrinsic * available / p["volume_per_kg"]
        absorbed = x["prolonged"]
        for flow in FLOWS:
            absorbed = absorbed + x[flow]
        bioavailability = xp.minimum(p["gut_share"] * available, 1)
        light = xp.maximum(0, 1 - p["light_suppression"] * s["light_drive"])
        synthesis = p["synthesis"] * s["melatonin_window"] * light
        synthesis = synthesis * s["melatonin_synthesis_factor"]
        if alcohol is not None:
            drunk = xp.maximum(s[alcohol], 0.0)
            synthesis = synthesis * under_alcohol(drunk, p["alcohol_half"])
        return {
            "swallowed": bioavailability * absorbed - loss * x["swallowed"],
            "made": synthesis - loss * x["made"],
        }

    return rates


def _absorption(p: Rows) -> dict[str, Row]:
    """Absorption after transit and depot as decaying flows: a hypoexponential density, 1/h."""
    rates = [spacing * SPACED_MEAN / p["lag"] for spacing in TRANSIT_SPACING]
    depot = p["immediate_rate"]
    for rate in rates:
        # where the depot meets a transit rate the two modes merge, although the flow is smooth
        depot = np.where(np.abs(depot - rate) < 1e-4 * rate, rate * (1 + 1e-4), depot)
    rates.append(depot)
    found: dict[str, Row] = {}
    for place, (flow, rate) in enumerate(zip(FLOWS, rates, strict=True)):
        gain = rate
        for other, rival in enumerate(rates):
            if other != place:
                gain = gain * rival / (rival - rate)
        found[f"{flow}_rate"], found[f"{flow}_gain"] = rate, gain
        found[f"{flow}_share"] = gain * p["prolonged_immediate_share"]
    found["prolonged_gain"] = p["prolonged_rate"] * (1 - p["prolonged_immediate_share"])
    return found


def _derive(p: Rows) -> dict[str, Row]:
    usual = hepatic_availability(p["hepatic_flow"], p["intrinsic_clearance"])
    volume = p["volume_per_kg"] * p["weight"]
    ageing = np.exp(-p["synthesis_ageing"] * (p["age"] - p["reference_age"]))
    return {
        "volume": volume,
        "gut_share": np.minimum(p["gut_availability"], p["bioavailability_cap"] / usual),
        "synthesis": p["synthesis_rate"] / p["molar_mass"] * p["weight"] * ageing,
        "made_at_start": p["level_at_start"] * volume,
        "centre_cos": np.cos(p["window_centre"]),
        "centre_sin": np.sin(p["window_centre"]),
        "edge_cos": np.cos(p["window_half_width"]),
        **_absorption(p),
    }


NEEDS = {
    "circadian_cosine": "1",
    "circadian_sine": "1",
    "light_drive": "1/h",
    "cyp1a2_activity": "1",
    "melatonin_synthesis_factor": "1",
}
STATES = {
    "swallowed": State("nmol", 1000.0),
    "made": State("nmol", 20.0, "made_at_start"),
}
MODES = {
    **{flow: Mode("nmol/h", f"{flow}_rate", 1e4) for flow in FLOWS},
    "prolonged": Mode("nmol/h", "prolonged_rate", 1e3),
}
PARAMETERS = {
    "hepatic_flow": Parameter("melatonin.hepatic_flow", "L/h/kg"),
    "intrinsic_clearance": Parameter("melatonin.intrinsic_clearance", "L/h/kg"),
    "volume_per_kg": Parameter("melatonin.volume", "L/kg"),
    "cyp1a2_share": Parameter("melatonin.cyp1a2_share", "1"),
    "smoker_induction": Parameter("melatonin.smoker_induction", "1"),
    "immediate_rate": Parameter("melatonin.immediate_absorption_rate", "1/h"),
    "prolonged_rate": Parameter("melatonin.prolonged_absorption_rate", "1/h"),
    "prolonged_immediate_share": Parameter("melatonin.prolonged_immediate_share", "1"),
    "lag": Parameter("melatonin.absorption_lag", "h"),
    "gut_availability": Parameter("melatonin.gut_availability", "1"),
    "bioavailability_cap": Parameter("melatonin.bioavailability_cap", "1"),
    "molar_mass": Parameter("melatonin.molar_mass", "ug/nmol"),
    "synthesis_rate": Parameter("melatonin.synthesis_rate", "ug/h/kg"),
    "synthesis_ageing": Parameter("melatonin.synthesis_ageing", "1/year"),
    "reference_age": Parameter("melatonin.synthesis_reference_age", "year"),
    "light_suppression": Parameter("melatonin.light_suppression", "h"),
    "window_centre": Parameter("melatonin.window_centre", "rad"),
    "window_half_width": Parameter("melatonin.window_half_width", "rad"),
    "smoothing": Parameter("melatonin.window_smoothing", "1"),
    "level_at_start": Parameter("melatonin.level_at_start", "nM"),
}
DERIVED = {
    "volume": "L",
    "gut_share": "1",
    "synthesis": "nmol/h",
    "made_at_start": "nmol",
    "centre_cos": "1",
    "centre_sin": "1",
    "edge_cos": "1",
    "prolonged_gain": "1/h",
    **{f"{flow}_{part}": "1/h" for flow in FLOWS for part in ("rate", "gain", "share")},
}
ENTRIES = {
    "melatonin_oral": {flow: f"{flow}_gain" for flow in FLOWS},
    "melatonin_prolonged": {
        **{flow: f"{flow}_share" for flow in FLOWS},
        "prolonged": "prolonged_gain",
    },
}


def melatonin(alcohol: str | None = None) -> Stage:
    """Return the melatonin stage.

    Args:
        alcohol: name of the quantity that holds blood ethanol, in mg/L; None leaves it out.

    Example:
        >>> sorted(set(melatonin("alcohol_plasma").needs) - set(MELATONIN.needs))
        ['alcohol_plasma']
    """
    more = {} if alcohol is None else {"alcohol_half": Parameter("melatonin.alcohol_half", "mg/L")}
    return Stage(
        name="melatonin",
        needs=NEEDS | ({} if alcohol is None else {alcohol: "mg/L"}),
        gives={"melatonin_plasma": "nM", "melatonin_endogenous": "nM", "melatonin_window": "1"},
        outputs=_outputs,
        direct=("circadian_cosine", "circadian_sine"),
        rates=_rates(alcohol),
        states=STATES,
        modes=MODES,
        parameters=PARAMETERS | more,
        covariates={"weight": "kg", "age": "year", "smoker": "1"},
        derive=_derive,
        derived=DERIVED,
        entries=ENTRIES,
    )


MELATONIN = melatonin()
