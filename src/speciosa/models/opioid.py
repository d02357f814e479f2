"""The opioid recipe: from doses and a habit to withdrawal, craving, sleep, breathing and use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from speciosa.core.stage import Decision, Row, Rows, Stage
from speciosa.core.wiring import Model, wire
from speciosa.exposure.buprenorphine import BUPRENORPHINE
from speciosa.exposure.clonidine import CLONIDINE
from speciosa.exposure.enzymes import ACTIVITY, TURNOVER
from speciosa.exposure.fentanyl import FENTANYL
from speciosa.exposure.heroin_morphine import HEROIN_MORPHINE
from speciosa.exposure.hydroxymitragynine import HYDROXYMITRAGYNINE
from speciosa.exposure.lofexidine import LOFEXIDINE
from speciosa.exposure.melatonin import MELATONIN
from speciosa.exposure.methadone import METHADONE
from speciosa.exposure.mitragynine import MITRAGYNINE
from speciosa.exposure.naloxone import NALOXONE
from speciosa.exposure.naltrexone import NALTREXONE
from speciosa.exposure.oxycodone import OXYCODONE
from speciosa.receptor.alpha2 import alpha2
from speciosa.receptor.melatonin import MT1
from speciosa.receptor.mu import mu
from speciosa.receptor.serotonin import SEROTONIN
from speciosa.receptor.uncoupling import UNCOUPLING
from speciosa.response.adaptation import ADAPTATION
from speciosa.response.bedtime import BEDTIME, LIGHT
from speciosa.response.behaviour import BEHAVIOUR, BEHAVIOUR_WITH_CARE
from speciosa.response.breathing import BREATHING, breathing
from speciosa.response.claimed import CLAIMED
from speciosa.response.clock import CLOCK, RETINA
from speciosa.response.craving import CRAVING
from speciosa.response.mood import mood
from speciosa.response.pain import PAIN
from speciosa.response.sleep import SLEEP_MAINTAINED, sleep_disturbance
from speciosa.response.stress import STRESS
from speciosa.response.therapy import therapy, treatments
from speciosa.symptom.function import FUNCTION
from speciosa.symptom.sleep import MORNING, NIGHT
from speciosa.symptom.withdrawal import WITHDRAWAL

KRATOM = (MITRAGYNINE, HYDROXYMITRAGYNINE, TURNOVER, ACTIVITY)
HABITUAL = (FENTANYL, HEROIN_MORPHINE, OXYCODONE)
HABITUAL_LIGANDS = ("fentanyl", "morphine", "monoacetylmorphine", "oxycodone")
LIGANDS = {
    "buprenorphine": BUPRENORPHINE,
    "methadone": METHADONE,
    "naloxone": NALOXONE,
    "naltrexone": NALTREXONE,
}
ALPHA2 = {"lofexidine": LOFEXIDINE, "clonidine": CLONIDINE}


def opioid(
    entries: Iterable[str],
    decisions: tuple[Decision, ...] = (),
    *,
    behaviour: bool = True,
) -> Model:
    """Return the wired opioid model for the products of a study.

    Args:
        entries: dose entries that the study's products use; they decide which drugs are wired.
            The drugs of people's habits are always there.
        decisions: as-needed, rescue and induction decisions of the study's arms, and those that
            hold their psychosocial treatment.
        behaviour: whether cues, use, leaving and taking are decided (off for human-laboratory
            and decision-free runs; then nobody uses and nobody leaves).

    Example:
        >>> model = opioid(["mitragynine_oral", "buprenorphine_sublingual"])
        >>> "buprenorphine" in [stage.name for stage in model.stages]
        True
    """
    entries = set(entries)
    ligands = [name for name, stage in LIGANDS.items() if entries & set(stage.entries)]
    agonists = tuple(name for name, stage in ALPHA2.items() if entries & set(stage.entries))
    cared = treatments(decisions)
    kratom = any(entries & set(stage.entries) for stage in KRATOM)
    stages: list[Stage] = [
        *HABITUAL,
        *(LIGANDS[name] for name in ligands),
        *(ALPHA2[name] for name in agonists),
        *(KRATOM if kratom else (WITHOUT_KRATOM,)),
        mu((*HABITUAL_LIGANDS, *ligands), kratom=kratom),
        UNCOUPLING,
        alpha2(agonists, kratom=kratom),
        CLAIMED,
        ADAPTATION,
        WITHDRAWAL,
        CRAVING,
        breathing(drive="mu_breathing_drive") if kratom else BREATHING,
        LIGHT,
        RETINA,
        CLOCK,
        MELATONIN,
        MT1,
        sleep_disturbance("opioid", maintained=True, care=True) if cared else SLEEP_MAINTAINED,
        NIGHT,
        STRESS,
        PAIN,
        FUNCTION,
    ]
    stages += mood_of(stages)
    if cared:
        stages.append(therapy(cared))
    if not behaviour:
        stages.append(WITHOUT_BEHAVIOUR)
    with_care = BEHAVIOUR_WITH_CARE if cared else BEHAVIOUR
    habits = with_care if behaviour else ()
    return wire(stages, (MORNING, BEDTIME, *habits, *decisions))


def mood_of(
    stages: Iterable[Stage], symptom: str = "withdrawal", using: str = "using_today"
) -> list[Stage]:
    """Return the mood stage, after the serotonin receptor where an alkaloid reaches it.

    Args:
        stages: the other stages of a recipe.
        symptom, using: as for :func:`speciosa.response.mood.mood`.

    Example:
        >>> [stage.name for stage in mood_of([])]
        ['mood']
    """
    if any("speciogynine_plasma" in stage.gives for stage in stages):
        return [SEROTONIN, mood(symptom, using, "serotonin_1a_activation")]
    return [mood(symptom, using)]


def cut_down(model: Model, quantities: Iterable[str], keep: Iterable[Decision] = ()) -> Model:
    """Return the part of a model that certain quantities rest on; their values are the same.

    Args:
        model: a wired model.
        quantities: what must still be there.
        keep: decisions that stay, with all that they watch.

    Example:
        >>> small = cut_down(opioid(["mitragynine_oral"]), ["mitragynine_plasma"])
        >>> sorted(stage.name for stage in small.stages)
        ['enzyme_turnover', 'mitragynine']
    """
    parts: tuple[Stage | Decision, ...] = (*model.stages, *model.decisions)
    giver = {quantity: part for part in parts for quantity in part.gives}
    kept = {decision.name for decision in keep}
    asked = {*quantities} | {q for decision in keep for q in decision.watches}
    while asked:
        part = giver.get(asked.pop())  # the clock has no giver
        if part is not None and part.name not in kept:
            kept.add(part.name)
            asked |= set(part.needs if isinstance(part, Stage) else part.watches)
    return wire(
        [stage for stage in model.stages if stage.name in kept],
        [decision for decision in model.decisions if decision.name in kept],
    )


def _without_kratom(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {"mitragynine_plasma": 0.0, "cyp1a2_activity": 1.0}


WITHOUT_KRATOM = Stage(
    name="without_kratom",
    needs={},
    gives={"mitragynine_plasma": "nM", "cyp1a2_activity": "1"},
    outputs=_without_kratom,
)


def _without_behaviour(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {"cue": 0.0, "in_treatment": 1.0, "using_today": 0.0}


WITHOUT_BEHAVIOUR = Stage(
    name="without_behaviour",
    needs={},
    gives={"cue": "1", "in_treatment": "1", "using_today": "1"},
    outputs=_without_behaviour,
)
