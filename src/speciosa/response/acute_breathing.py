"""Breathing second by second: wakefulness, two chemoreflexes, their delays, and opioids on each.

``ACUTE_DELAY`` carries arterial and brain gases to their receptors. A delay of K/Q is a chain of
three first-order steps of rate 3 Q/K; against the true delay the first trough of ventilation is
1.8 % high and the oxygen threshold is crossed 0.4 s late. ``ACUTE_BREATHING`` turns them into
ventilation:

    w = W (1 - R^P3)                                    wakefulness
    7 s Dp' = (1 - R^P1) 2.5 (f - 3.67) - Dp            peripheral reflex, f the receptor's rate
    60 s Dc' = (1 - R^P1) 2 (PBC - 45.27) - Dc          central reflex
    300 s h' = 1 + 10 (clip(PBO, 29.8, 37) - 32)/32 - h  hypoxic gain
    VE = max(0, w + max(0, Dp (h if Dp >= 0 else 1) + Dc))

``R`` is the share of receptors that the opioid holds. People who use daily have both exponents
larger by one factor. Breathing fails with blood flow.

Covariates: ``tolerant`` (1 in people who use opioids daily, 0 in others).

Sources: Magosso and Ursino 2001, Mann 2022; records under ``acute.*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage, State

STEPS = 3  # of each delay
_SENSED = {"arterial_co2": "peripheral", "arterial_oxygen": "peripheral", "brain_co2": "central"}


def _delayed(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """What the receptors meet: the end of each chain, or no delay where blood hardly flows."""
    slow = s["blood_flow"] < p["failing_flow"]
    return {f"sensed_{gas}": xp.where(slow, s[gas], x[f"{gas}_{STEPS - 1}"]) for gas in _SENSED}


def _delay_rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Each step follows the one before it."""
    found = {}
    for gas, way in _SENSED.items():
        rate = STEPS * s["blood_flow"] / p[f"{way}_volume"]
        before = s[gas]
        for step in range(STEPS):
            found[f"{gas}_{step}"] = rate * (before - x[f"{gas}_{step}"])
            before = x[f"{gas}_{step}"]
    return found


ACUTE_DELAY = Stage(
    name="acute_delay",
    needs={"blood_flow": "L/h", **dict.fromkeys(_SENSED, "mmHg")},
    gives={f"sensed_{gas}": "mmHg" for gas in _SENSED},
    outputs=_delayed,
    direct=("blood_flow", *_SENSED),
    rates=_delay_rates,
    states={
        f"{gas}_{step}": State("mmHg", scale=50.0, start=f"start_{gas}")
        for gas in _SENSED
        for step in range(STEPS)
    },
    parameters={
        "peripheral_volume": Parameter("acute.peripheral_delay_volume", "L"),
        "central_volume": Parameter("acute.central_delay_volume", "L"),
        "failing_flow": Parameter("acute.failing_flow", "L/h"),
        **{f"start_{gas}": Parameter(f"acute.start_{gas}", "mmHg") for gas in _SENSED},
    },
)


def _exponents(p: Rows) -> dict[str, Row]:
    """Both exponents, larger by one factor in people who use daily."""
    factor = 1 + (p["tolerance_factor"] - 1) * p["tolerant"]
    return {"reflex_power": p["reflex"] * factor, "wakeful_power": p["wakeful"] * factor}


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Wakefulness as a share of rest, and ventilation."""
    held = xp.minimum(xp.maximum(s["acute_mu_fentanyl"], 0.0), 1.0)
    wakefulness = 1 - held ** p["wakeful_power"]
    peripheral = x["peripheral"] * xp.where(x["peripheral"] < 0, 1.0, x["hypoxic"])
    reflexes = xp.maximum(peripheral + x["central"], 0.0)
    full = xp.maximum(p["drive"] * wakefulness + reflexes, 0.0)
    flow = s["blood_flow"]
    failing = xp.where(flow <= p["failing_flow"], full * flow / p["failing_flow"], full)
    return {
        "wakefulness": wakefulness,
        "minute_ventilation": xp.where(flow <= p["no_breath_flow"], 0.0, failing),
    }


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """The two reflexes and the gain that falls in lasting hypoxia."""
    held = xp.minimum(xp.maximum(s["acute_mu_fentanyl"], 0.0), 1.0)
    open_ = 1 - held ** p["reflex_power"]
    level = xp.exp((s["sensed_arterial_oxygen"] - p["oxygen_centre"]) / p["oxygen_width"])
    ratio = xp.maximum(s["sensed_arterial_co2"], p["co2_least"]) / p["co2_reference"]
    rate = p["co2_gain"] * xp.log(ratio) * (p["most"] + p["least"] * level) / (1 + level)
    brain = xp.minimum(xp.maximum(s["brain_oxygen"], p["hypoxic_low"]), p["hypoxic_high"])
    hypoxic = 1 + p["hypoxic_gain"] * (brain - p["hypoxic_scale"]) / p["hypoxic_scale"]
    central = open_ * p["central_gain"] * (s["sensed_brain_co2"] - p["central_rest"])
    return {
        "peripheral": (open_ * p["peripheral_gain"] * (rate - p["rest"]) - x["peripheral"])
        / p["peripheral_time"],
        "central": (central - x["central"]) / p["central_time"],
        "hypoxic": (hypoxic - x["hypoxic"]) / p["hypoxic_time"],
    }


ACUTE_BREATHING = Stage(
    name="acute_breathing",
    needs={
        "acute_mu_fentanyl": "1",
        "blood_flow": "L/h",
        "brain_oxygen": "mmHg",
        **{f"sensed_{gas}": "mmHg" for gas in _SENSED},
    },
    gives={"wakefulness": "1", "minute_ventilation": "L/h"},
    outputs=_outputs,
    direct=("acute_mu_fentanyl", "blood_flow"),
    rates=_rates,
    states={
        "peripheral": State("L/h", scale=400.0, start="start_peripheral"),
        "central": State("L/h", scale=400.0, start="start_central"),
        "hypoxic": State("1", scale=1.0, start="start_hypoxic"),
    },
    parameters={
        "drive": Parameter("acute.wakefulness_drive", "L/h"),
        "reflex": Parameter("acute.chemoreflex_exponent", "1"),
        "wakeful": Parameter("acute.wakefulness_exponent", "1"),
        "tolerance_factor": Parameter("acute.tolerance_factor", "1"),
        "failing_flow": Parameter("acute.failing_flow", "L/h"),
        "no_breath_flow": Parameter("acute.no_breath_flow", "L/h"),
        "oxygen_centre": Parameter("acute.carotid_oxygen_centre", "mmHg"),
        "oxygen_width": Parameter("acute.carotid_oxygen_width", "mmHg"),
        "co2_gain": Parameter("acute.carotid_co2_gain", "1"),
        "co2_reference": Parameter("acute.carotid_co2_reference", "mmHg"),
        "co2_least": Parameter("acute.saturation_co2_least", "mmHg"),
        "most": Parameter("acute.carotid_most", "1"),
        "least": Parameter("acute.carotid_least", "1"),
        "rest": Parameter("acute.carotid_rest", "1"),
        "peripheral_gain": Parameter("acute.peripheral_gain", "L/h"),
        "peripheral_time": Parameter("acute.peripheral_time", "h"),
        "central_gain": Parameter("acute.central_gain", "L/h/mmHg"),
        "central_rest": Parameter("acute.central_rest", "mmHg"),
        "central_time": Parameter("acute.central_time", "h"),
        "hypoxic_time": Parameter("acute.hypoxic_time", "h"),
        "hypoxic_gain": Parameter("acute.hypoxic_gain", "1"),
        "hypoxic_scale": Parameter("acute.hypoxic_scale", "mmHg"),
        "hypoxic_low": Parameter("acute.hypoxic_low", "mmHg"),
        "hypoxic_high": Parameter("acute.hypoxic_high", "mmHg"),
        "start_peripheral": Parameter("acute.start_peripheral_drive", "L/h"),
        "start_central": Parameter("acute.start_central_drive", "L/h"),
        "start_hypoxic": Parameter("acute.start_hypoxic_gain", "1"),
    },
    covariates={"tolerant": "1"},
    derive=_exponents,
    derived={"reflex_power": "1", "wakeful_power": "1"},
)
