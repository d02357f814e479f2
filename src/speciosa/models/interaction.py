"""Recipes in which drugs change each other's clearance, and in which the other alkaloids are asked.

:func:`interaction` is the opioid recipe with some stages exchanged: enzymes that several drugs
inhibit, mitragynine as a victim too, methadone, buprenorphine and fentanyl with a clearance that
follows CYP3A, and the probe drugs, inhibitors and other alkaloids that the products bring. The
opioid recipe itself stays as it is: there clearances are constant and exact. Fentanyl with a
varying clearance is stiff, so its runs take steps of :data:`FINE_STEP` at most; drugs of people's
habits keep constant clearance everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from speciosa.core.mesh import QUARTER
from speciosa.core.stage import Decision, Stage
from speciosa.core.wiring import Model, wire
from speciosa.exposure.alkaloids import LIGANDS as ALKALOID_LIGANDS
from speciosa.exposure.alkaloids import OTHERS
from speciosa.exposure.buprenorphine import BUPRENORPHINE_VARYING
from speciosa.exposure.enzymes import activity, turnover
from speciosa.exposure.fentanyl import FENTANYL_VARYING
from speciosa.exposure.methadone import METHADONE_VARYING
from speciosa.exposure.mitragynine import MITRAGYNINE, mitragynine
from speciosa.exposure.perpetrators import INHIBITS, PERPETRATORS, inhibition
from speciosa.exposure.probes import PROBES
from speciosa.models.opioid import HABITUAL_LIGANDS, KRATOM, LIGANDS, mood_of, opioid
from speciosa.receptor.mu import mu
from speciosa.receptor.serotonin import SEROTONIN

VICTIMS = {
    "methadone": METHADONE_VARYING,
    "buprenorphine": BUPRENORPHINE_VARYING,
    "fentanyl": FENTANYL_VARYING,
}
DRINK_STEP = QUARTER / 2  # h, longest step with alcohol: what is left of a drink goes in minutes
FINE_STEP = 0.025  # h, longest step where fentanyl's own clearance varies (-50 /h, -150 at worst)


def takes_part(entries: Collection[str], stages: dict[str, Stage]) -> tuple[str, ...]:
    """Return the names of the stages that the dose entries reach.

    >>> takes_part({"midazolam_oral"}, PROBES)
    ('midazolam',)
    """
    return tuple(name for name, stage in stages.items() if set(entries) & set(stage.entries))


def interacts(entries: Collection[str]) -> bool:
    """Return whether products with these dose entries need this recipe.

    They do if a probe drug or an inhibitor is among them, the other alkaloids are asked for, or
    kratom meets an opioid that CYP3A clears.

    >>> interacts({"mitragynine_oral", "melatonin_oral"})
    False
    >>> interacts({"mitragynine_oral", "methadone_oral"})
    True
    """
    asked = takes_part(entries, PROBES | PERPETRATORS | OTHERS)
    kratom = set(entries) & set(MITRAGYNINE.entries)
    return bool(asked) or bool(kratom and takes_part(entries, VICTIMS))


def interaction(
    entries: Iterable[str],
    decisions: tuple[Decision, ...] = (),
    *,
    behaviour: bool = True,
    habits: bool = True,
) -> Model:
    """Return the wired model in which drugs change each other's clearance.

    Args:
        entries: dose entries that the products use.
        decisions: as-needed, rescue and induction decisions.
        behaviour: whether cues, use and leaving are decided.
        habits: whether people come with a habit: fentanyl then keeps its constant clearance, so
            that they can arrive at a steady state.

    Example:
        >>> model = interaction({"midazolam_oral", "mitragynine_oral"}, behaviour=False)
        >>> {"midazolam", "mitragynine"} <= {stage.name for stage in model.stages}
        True
    """
    entries = set(entries)
    base = opioid(entries, decisions, behaviour=behaviour)
    inhibitors = takes_part(entries, PERPETRATORS)
    others = takes_part(entries, OTHERS)
    kratom = bool(takes_part(entries, {stage.name: stage for stage in KRATOM}))
    cyp3a = kratom or any(INHIBITS[name] == "cyp3a" for name in inhibitors)
    enzymes = [activity(kratom=kratom, inhibited=bool(inhibitors))]
    enzymes += [turnover(inhibited=bool(inhibitors))] if kratom else []
    swapped = {stage.name: stage for stage in enzymes}
    if kratom:
        swapped["mitragynine"] = mitragynine(inhibited=bool(inhibitors), others=others)
    if cyp3a:
        swapped |= {
            name: stage for name, stage in VICTIMS.items() if not (habits and name == "fentanyl")
        }
    ligands = [name for name in ALKALOID_LIGANDS if name in others]
    if ligands:
        present = (*HABITUAL_LIGANDS, *takes_part(entries, LIGANDS))
        swapped["mu"] = mu(present, kratom=kratom, others=tuple(ligands))
    more = [PROBES[name] for name in takes_part(entries, PROBES)]
    more += [PERPETRATORS[name] for name in inhibitors] + [OTHERS[name] for name in others]
    more += [inhibition(inhibitors)] if inhibitors else []
    if "speciogynine" in others:
        more.append(SEROTONIN)
        swapped["mood"] = mood_of([OTHERS["speciogynine"]])[-1]
    stages = [swapped.pop(one.name, one) for one in base.stages if one.name != "without_kratom"]
    if not kratom:
        more += [_NO_MITRAGYNINE, swapped["enzyme_activity"]]
    return wire((*stages, *more), base.decisions)


_NO_MITRAGYNINE = Stage(
    name="no_mitragynine",
    needs={},
    gives={"mitragynine_plasma": "nM"},
    outputs=lambda xp, x, s, p: {"mitragynine_plasma": 0.0},
)


def longest_step(model: Model) -> float:
    """Return the longest step in h that a model allows: a quarter of an hour, or less.

    >>> longest_step(interaction({"fentanyl_intravenous", "mitragynine_oral"}, habits=False))
    0.025
    """
    states = {state for stage in model.stages for state in stage.states}
    if states & FENTANYL_VARYING.states.keys():
        return FINE_STEP
    return DRINK_STEP if any(stage.name == "alcohol" for stage in model.stages) else QUARTER


def recipe(
    entries: Iterable[str],
    decisions: tuple[Decision, ...] = (),
    *,
    behaviour: bool = True,
    habits: bool = True,
) -> Model:
    """Return the recipe that products call for: this one, or the opioid recipe as it stands."""
    entries = set(entries)
    if interacts(entries):
        return interaction(entries, decisions, behaviour=behaviour, habits=habits)
    return opioid(entries, decisions, behaviour=behaviour)
