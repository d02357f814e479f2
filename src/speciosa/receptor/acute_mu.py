"""The mu receptor of the acute overdose chain: slow, competitive binding of an in-vitro set.

    dR/dt = kon C^n (1 - R - N) - koff R,  dN/dt = konN CN^nN (1 - R - N) - koffN N

``R`` is the share held by the opioid and ``N`` by naloxone. In a population a person's set of
half-saturation, dissociation rate and exponent is drawn together, as the assay's bootstrap
correlates them. The set saturates at small doses and holds for this chain alone: it is never
mixed with :mod:`speciosa.receptor.mu`.

Covariates: none.

Sources: Mann 2022; records under ``acute.*``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from speciosa.core.stage import Parameter, Row, Rows, Stage, State

LIGANDS = ("fentanyl", "naloxone")
_SYMBOLS = {
    "half": ("half_saturation", "nM"),
    "koff": ("dissociation_rate", "1/h"),
    "n": ("binding_exponent", "1"),
    "sd_half": ("log_half_saturation_sd", "1"),
    "sd_koff": ("log_dissociation_sd", "1"),
    "sd_n": ("exponent_sd", "1"),
    "r_half_koff": ("half_dissociation_correlation", "1"),
    "r_half_n": ("half_exponent_correlation", "1"),
    "r_koff_n": ("dissociation_exponent_correlation", "1"),
    "score_one": ("binding_score_first", "1"),
    "score_two": ("binding_score_second", "1"),
    "score_three": ("binding_score_third", "1"),
}


def binding_set(p: Rows, ligand: str) -> tuple[Row, Row, Row]:
    """Return a person's half-saturation (nM), dissociation rate (1/h) and exponent.

    Args:
        p: the stage's parameters; three scores of zero give the typical set.
        ligand: fentanyl or naloxone.
    """
    q = {symbol: np.asarray(p[f"{symbol}_{ligand}"], dtype=float) for symbol in _SYMBOLS}
    one, two, three = (q[name] for name in ("score_one", "score_two", "score_three"))
    down = np.sqrt(1 - q["r_half_koff"] ** 2)  # the Cholesky factor of three correlations
    cross = (q["r_koff_n"] - q["r_half_koff"] * q["r_half_n"]) / down
    left = np.sqrt(1 - q["r_half_n"] ** 2 - cross**2)
    half = q["half"] * np.exp(q["sd_half"] * one)
    koff = q["koff"] * np.exp(q["sd_koff"] * (q["r_half_koff"] * one + down * two))
    n = q["n"] + q["sd_n"] * (q["r_half_n"] * one + cross * two + left * three)
    return half, koff, n


def _derive(p: Rows) -> dict[str, Row]:
    """Association at the unit concentration is koff over half-saturation to the power n."""
    found: dict[str, Row] = {}
    for ligand in LIGANDS:
        half, koff, n = binding_set(p, ligand)
        found[f"off_{ligand}"], found[f"power_{ligand}"] = koff, n
        found[f"on_{ligand}"] = koff * (p["unit_concentration"] / half) ** n
    return found


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """The shares held."""
    return {"acute_mu_fentanyl": x["held_fentanyl"], "acute_mu_naloxone": x["held_naloxone"]}


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Mass action of two ligands on the receptors that neither holds."""
    free = 1 - x["held_fentanyl"] - x["held_naloxone"]
    found = {}
    for ligand in LIGANDS:
        dose = xp.maximum(s[f"acute_{ligand}_effect"] / p["unit_concentration"], 0.0)
        binding = p[f"on_{ligand}"] * dose ** p[f"power_{ligand}"] * free
        found[f"held_{ligand}"] = binding - p[f"off_{ligand}"] * x[f"held_{ligand}"]
    return found


ACUTE_MU = Stage(
    name="acute_mu",
    needs={f"acute_{ligand}_effect": "nM" for ligand in LIGANDS},
    gives={f"acute_mu_{ligand}": "1" for ligand in LIGANDS},
    outputs=_outputs,
    rates=_rates,
    states={f"held_{ligand}": State("1", scale=1.0) for ligand in LIGANDS},
    parameters={
        "unit_concentration": Parameter("acute.concentration_unit", "nM"),
        **{
            f"{symbol}_{ligand}": Parameter(f"acute.{ligand}_{name}", unit)
            for ligand in LIGANDS
            for symbol, (name, unit) in _SYMBOLS.items()
        },
    },
    derive=_derive,
    derived={
        f"{symbol}_{ligand}": unit
        for ligand in LIGANDS
        for symbol, unit in (("off", "1/h"), ("on", "1/h"), ("power", "1"))
    },
)
