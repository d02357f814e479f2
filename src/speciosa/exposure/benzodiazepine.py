"""Benzodiazepines as what they do: a fractional block of withdrawal that comes late and fades.

A dose adds to a store that empties with the drug's half-life; what is felt follows the store with
a lag. Its ``load`` is 1 where the usual daily amount has become steady; there the share of
withdrawal that is blocked is the calibrated one, and another load shifts its odds:

    dX/dt = -k X + doses,  dY/dt = (X - Y)/lag,  load = Y k/(usual amount per hour)
    block = B load/(1 - B + B load)

Covariates: none.

Sources: the blocks are calibrated to Rajmohan 2013; lag, half-lives and usual amounts are records
under ``benzodiazepine.*``, from memory or assumed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from speciosa.core.stage import Mode, Parameter, Row, Rows, Stage

BENZODIAZEPINES = ("lorazepam", "chlordiazepoxide")


def blocked(load: Row, share: Row) -> Row:
    """Return the share of withdrawal that is blocked at a load, where load 1 blocks ``share``.

    Example:
        >>> blocked(0.0, 0.62), blocked(1.0, 0.62), round(blocked(2.0, 0.62), 2)
        (0.0, 0.62, 0.77)
    """
    odds = share * load
    return odds / (1 - share + odds)


def benzodiazepine(name: str) -> Stage:
    """Return the stage of a benzodiazepine.

    Args:
        name: lorazepam or chlordiazepoxide; names the records and the dose entry.

    Example:
        >>> sorted(benzodiazepine("lorazepam").gives)
        ['lorazepam_block', 'lorazepam_load']
    """

    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        load = xp.maximum(x[f"{name}_fading"] + x[f"{name}_coming"], 0.0)
        return {f"{name}_load": load, f"{name}_block": blocked(load, p["share"])}

    return Stage(
        name=name,
        needs={},
        gives={f"{name}_load": "1", f"{name}_block": "1"},
        outputs=outputs,
        modes={
            f"{name}_fading": Mode("1", "loss", 1.0),
            f"{name}_coming": Mode("1", "onset", 1.0),
        },
        parameters={
            "share": Parameter(f"benzodiazepine.{name}_block", "1"),
            "half_life": Parameter(f"benzodiazepine.{name}_half_life", "h"),
            "lag": Parameter("benzodiazepine.onset_lag", "h"),
            "usual": Parameter(f"benzodiazepine.{name}_usual_amount", "mg/h"),
            "molar_mass": Parameter(f"molecule.{name}.molar_mass", "mg/nmol"),
        },
        derive=_derive,
        derived={"loss": "1/h", "onset": "1/h", "gain_fading": "1/nmol", "gain_coming": "1/nmol"},
        entries={
            f"{name}_oral": {f"{name}_fading": "gain_fading", f"{name}_coming": "gain_coming"}
        },
    )


def _derive(p: Rows) -> dict[str, Row]:
    """The two modes of store and effect: the effect rises as the difference of both."""
    loss, onset = np.log(2.0) / p["half_life"], 1 / p["lag"]
    gain = p["molar_mass"] * loss / p["usual"] * onset / (onset - loss)
    return {"loss": loss, "onset": onset, "gain_fading": gain, "gain_coming": -gain}


LORAZEPAM = benzodiazepine("lorazepam")
CHLORDIAZEPOXIDE = benzodiazepine("chlordiazepoxide")
