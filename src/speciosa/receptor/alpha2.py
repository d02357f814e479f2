"""The alpha-2 adrenoceptor: how much of the noradrenergic share of withdrawal is held down.

Lofexidine and clonidine compete for the same receptors and share one maximum. Mitragynine binds
without stimulating, so it can only take away from them, and weakly: its constant is a thousand
times its unbound brain concentration.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage

AGONISTS = ("lofexidine", "clonidine")


def alpha2(drugs: tuple[str, ...] = AGONISTS, kratom: bool = True) -> Stage:
    """Return the alpha-2 stage; it gives ``alpha2_relief``, Ea2 of the withdrawal equation.

    Args:
        drugs: agonists present, of :data:`AGONISTS`; each needs ``<drug>_plasma`` in nM. Without
            any, the relief is zero.
        kratom: whether unbound brain mitragynine competes.

    Example:
        >>> sorted(alpha2(("lofexidine",)).needs)
        ['lofexidine_plasma', 'mitragynine_brain']
    """
    unknown = sorted(set(drugs) - set(AGONISTS))
    if unknown:
        raise ValueError(f"alpha2: no constants for {', '.join(unknown)}; known: {AGONISTS}")
    needs = {f"{drug}_plasma": "nM" for drug in drugs}
    if kratom and drugs:
        needs["mitragynine_brain"] = "nM"

    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        if not drugs:
            return {"alpha2_relief": 0.0 * p["most"]}
        doses = sum(xp.maximum(s[f"{d}_plasma"] / p[f"K_{d}"], 0.0) for d in drugs)
        blocked = s["mitragynine_brain"] / p["affinity"] if kratom else 0.0
        return {"alpha2_relief": p["most"] * doses / (1 + doses + blocked)}

    parameters = {"most": Parameter("alpha2.largest_relief", "1")}
    for drug in drugs:
        parameters[f"half_{drug}"] = Parameter(f"alpha2.half_concentration_{drug}", "ng/L")
        parameters[f"molar_mass_{drug}"] = Parameter(f"molecule.{drug}.molar_mass", "ng/nmol")
    if "mitragynine_brain" in needs:
        parameters["affinity"] = Parameter("alpha2.affinity_mitragynine", "nM")

    def derive(p: Rows) -> dict[str, Row]:
        return {f"K_{drug}": p[f"half_{drug}"] / p[f"molar_mass_{drug}"] for drug in drugs}

    return Stage(
        name="alpha2",
        needs=needs,
        gives={"alpha2_relief": "1"},
        outputs=outputs,
        direct=tuple(needs),
        parameters=parameters,
        derive=derive if drugs else None,
        derived={f"K_{drug}": "nM" for drug in drugs},
    )
