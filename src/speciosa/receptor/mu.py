"""The mu-opioid receptor: competitive occupancy and the agonist signal with receptor reserve.

Opioids count by their total effect-site concentration over constants seen in people; the kratom
alkaloids by unbound brain concentration over in-vitro constants times one offset, whose true value
nobody knows and on which the answer for kratom hangs. The in-vitro binding set of the acute
overdose model belongs to that model alone.

Two edges set mitragynine apart from 7-hydroxymitragynine, and each can be switched off: it is a
weaker agonist, so that it also antagonises (``mu.mitragynine_antagonism``; off, it has the efficacy
of 7-hydroxymitragynine), and what it adds to the depression of breathing has a ceiling
(``breathing.mitragynine_ceiling_edge``; off, ``mu_breathing_drive`` is the whole drive).

Where a ligand recruits arrestin the signal is that of receptors that are still coupled, and weak
agonists lose most (:mod:`speciosa.receptor.uncoupling`); ``mu_agonist_drive``, which breathing
reads, is that of all.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.power import raised
from speciosa.core.stage import Parameter, Row, Rows, Stage

OPIOIDS = (
    "fentanyl",
    "morphine",
    "monoacetylmorphine",
    "oxycodone",
    "methadone",
    "buprenorphine",
    "naloxone",
    "naltrexone",
)
ALKALOIDS = ("mitragynine", "hydroxymitragynine")
RECRUITING = ("fentanyl", "methadone", "morphine", "monoacetylmorphine", "oxycodone")
PRESCRIBED = ("buprenorphine", "methadone")
BLOCKING = ("buprenorphine", "naltrexone", "methadone", "naloxone")


def occupancies(doses: dict[str, Row]) -> dict[str, Row]:
    """Return the share of receptors each ligand holds, all competing for the same sites.

    Args:
        doses: ligand -> concentration over its constant, pure numbers of at least zero.

    >>> occupancies({"one": 1.0, "other": 2.0})
    {'one': 0.25, 'other': 0.5}
    """
    free = 1 / (1 + sum(doses.values()))
    return {ligand: dose * free for ligand, dose in doses.items()}


def signal(xp: Any, drive: Row, p: Rows) -> Row:
    """Return the agonist signal S = E^n (1 + E50^n) / (E^n + E50^n): 0 at E = 0, 1 at E = 1.

    Args:
        xp: array module.
        drive: agonist drive E, pure number.
        p: ``n`` and ``half``, which is E50 to the power n.
    """
    power = raised(xp, drive, p["n"])
    return power * (1 + p["half"]) / (power + p["half"])


def coupled(efficacy: Row, lost: Row) -> Row:
    """Return by what a ligand's signal is multiplied where receptors are uncoupled.

    Args:
        efficacy: share of a full agonist's, 0 to 1.
        lost: ``k U``, pure number of at least zero.

    Example:
        >>> [round(coupled(efficacy, 3.0), 2) for efficacy in (1.0, 0.75, 0.36)]
        [1.0, 0.57, 0.34]
    """
    return 1 / (1 + (1 - efficacy) * lost)


def mu(ligands: tuple[str, ...], kratom: bool = True, others: tuple[str, ...] = ()) -> Stage:
    """Return the mu-receptor stage for the ligands of a model.

    Args:
        ligands: opioids and antagonists present, by name; each needs ``<ligand>_effect`` in nM.
        kratom: whether mitragynine and 7-hydroxymitragynine in the brain compete too.
        others: other alkaloids of leaf that compete too; each needs ``<name>_brain`` in nM.

    Example:
        >>> stage = mu(("buprenorphine", "naloxone"), kratom=False)
        >>> sorted(stage.needs)
        ['buprenorphine_effect', 'naloxone_effect']
    """
    unknown = sorted(set(ligands) - set(OPIOIDS))
    if unknown:
        raise ValueError(f"mu: no constants for {', '.join(unknown)}; known: {', '.join(OPIOIDS)}")
    alkaloids = (*(ALKALOIDS if kratom else ()), *others)
    present = (*ligands, *alkaloids)
    sources = {ligand: f"{ligand}_effect" for ligand in ligands}
    sources |= {alkaloid: f"{alkaloid}_brain" for alkaloid in alkaloids}
    recruiting = [ligand for ligand in ligands if ligand in RECRUITING]

    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        held = occupancies(
            {ligand: xp.maximum(s[sources[ligand]] / p[f"K_{ligand}"], 0.0) for ligand in present}
        )
        drives = {ligand: p[f"eps_{ligand}"] * held[ligand] for ligand in present}
        total, none = sum(held.values()), 0.0 * sum(held.values())
        drive = sum(drives.values())
        signals, more = drives, {}
        if recruiting:
            lost = p["uncoupling"] * s["mu_uncoupled"]
            signals = {name: drives[name] * coupled(p[f"eps_{name}"], lost) for name in present}
            more["mu_recruitment"] = sum(p[f"pull_{name}"] * held[name] for name in recruiting)
        if kratom:
            more["mu_breathing_drive"] = drive - _above_ceiling(drives["mitragynine"], p)
        ours = [signals[name] for name in PRESCRIBED if name in signals]
        return {
            **{f"mu_occupancy_{ligand}": held[ligand] for ligand in present},
            "mu_occupancy": total,
            "mu_agonist_drive": drive,
            "mu_signal": signal(xp, sum(signals.values()), p),
            "mu_blockade": sum((held[name] for name in BLOCKING if name in held), none),
            "mu_signal_prescribed": signal(xp, sum(ours), p) if ours else none,
            **more,
        }

    gives = [f"mu_occupancy_{ligand}" for ligand in present]
    gives += ["mu_occupancy", "mu_agonist_drive", "mu_signal", "mu_blockade"]
    gives += ["mu_breathing_drive"] if kratom else []
    gives += ["mu_recruitment"] if recruiting else []
    needs = {source: "nM" for source in sources.values()}
    needs |= {"mu_uncoupled": "1"} if recruiting else {}
    return Stage(
        name="mu",
        needs=needs,
        gives={quantity: "1" for quantity in (*gives, "mu_signal_prescribed")},
        outputs=outputs,
        direct=tuple(needs),
        parameters=_parameters(ligands, alkaloids),
        derive=_derivation(ligands, alkaloids),
        derived={f"K_{ligand}": "nM" for ligand in present}
        | {"half": "1"}
        | ({"eps_mitragynine": "1"} if kratom else {}),
    )


def _above_ceiling(drive: Row, p: Rows) -> Row:
    """Return what of mitragynine's drive breathing does not feel: it saturates at the ceiling."""
    load = p["ceiling_edge"] * drive / p["ceiling"]
    return drive * load / (1 + load)


def _parameters(ligands: tuple[str, ...], alkaloids: tuple[str, ...]) -> dict[str, Parameter]:
    found = {
        "n": Parameter("mu.signal_slope", "1"),
        "E50": Parameter("mu.signal_half_drive", "1"),
    }
    for ligand in (*ligands, *alkaloids):
        symbol = "efficacy" if ligand == "mitragynine" else "eps"
        found[f"{symbol}_{ligand}"] = Parameter(f"mu.efficacy_{ligand}", "1")
    for ligand in ligands:
        found[f"constant_{ligand}"] = Parameter(f"mu.constant_{ligand}", "ng/L")
        found[f"molar_mass_{ligand}"] = Parameter(f"molecule.{ligand}.molar_mass", "ng/nmol")
        if ligand in RECRUITING:
            found[f"pull_{ligand}"] = Parameter(f"mu.recruitment_{ligand}", "1")
            found["uncoupling"] = Parameter("mu.uncoupling", "1")
    for alkaloid in alkaloids:
        found[f"affinity_{alkaloid}"] = Parameter(f"mu.affinity_{alkaloid}", "nM")
    if alkaloids:
        found["offset"] = Parameter("mu.kratom_offset", "1")
    if "mitragynine" in alkaloids:
        found["antagonism"] = Parameter("mu.mitragynine_antagonism", "1")
        found["ceiling_edge"] = Parameter("breathing.mitragynine_ceiling_edge", "1")
        found["ceiling"] = Parameter("breathing.mitragynine_ceiling", "1")
    return found


def _derivation(ligands: tuple[str, ...], alkaloids: tuple[str, ...]) -> Any:
    def derive(p: Rows) -> dict[str, Row]:
        found = {f"K_{name}": p[f"constant_{name}"] / p[f"molar_mass_{name}"] for name in ligands}
        found |= {f"K_{name}": p[f"affinity_{name}"] * p["offset"] for name in alkaloids}
        if "mitragynine" in alkaloids:
            own, other = p["efficacy_mitragynine"], p["eps_hydroxymitragynine"]
            found["eps_mitragynine"] = p["antagonism"] * own + (1 - p["antagonism"]) * other
        return found | {"half": p["E50"] ** p["n"]}

    return derive
