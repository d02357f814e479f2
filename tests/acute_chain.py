"""The typical person of the public overdose model, and its scenes, solved for tests."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from speciosa.core.acute import AcuteOutcome, AcuteSolver
from speciosa.core.units import conversion_factor
from speciosa.core.wiring import Model
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.models.overdose import overdose

RECORDED = (
    "minute_ventilation", "arterial_oxygen", "arterial_co2", "brain_oxygen", "brain_co2",
    "acute_mu_fentanyl", "blood_flow", "acute_fentanyl_plasma",
)  # fmt: skip
WATCHED = ("minute_ventilation", "arterial_oxygen", "arterial_co2", "brain_oxygen")
FENTANYL, NALOXONE = 336.4, 327.27  # g/mol, as in the published model
HELP = {  # -> product, mg
    "none": ("intramuscular", 0.0),
    "IM": ("intramuscular", 2.0),
    "autoinjector": ("autoinjector", 2.0),
    "IN": ("intranasal", 4.0),
}


def nmol(mg: Any, molar_mass: float) -> Any:
    """Amounts in mg as nmol."""
    return np.asarray(mg, dtype=float) * 1e6 / molar_mass


def typical(model: Model, covariates: dict[str, Any], evidence: Evidence) -> dict[str, Any]:
    """Every record at its value: the typical person."""
    table = {}
    for part in (*model.stages, *model.decisions):
        rows = {}
        for symbol, parameter in part.parameters.items():
            number = evidence.number(parameter.record)
            rows[symbol] = number.value * conversion_factor(number.unit, parameter.unit)
        rows |= {name: covariates[name] for name in part.covariates}
        derive = getattr(part, "derive", None)
        table[part.name] = rows | (derive(rows) if derive else {})
    return table


def present(people: int, *, tolerant: Any, mg: float, delay_s: float = 60.0) -> dict[str, Any]:
    """Covariates of people with somebody there who has one dose; 0 mg is nobody."""
    everyone = np.ones(people)
    return {
        "tolerant": everyone * tolerant,
        "rescue_delay": everyone * delay_s / 3600.0,
        "rescue_amount": everyone * nmol(mg, NALOXONE),
        "rescue_doses": everyone * (mg > 0),
    }


@cache
def scene(help_: str, doses: tuple[float, ...], tolerant: tuple[float, ...]) -> AcuteOutcome:
    """Typical people with the given mg of fentanyl into a vein, one hour."""
    product, mg = HELP[help_]
    model = overdose(product)
    solver = AcuteSolver(model, recorded=RECORDED, watched=WATCHED, seconds=3660.0, every=1.0)
    covariates = present(len(doses), tolerant=np.array(tolerant), mg=mg)
    table = typical(model, covariates, load_evidence())
    given = {"fentanyl_intravenous": nmol(doses, FENTANYL)}
    return solver.solve(table, len(doses), given)
