"""The alcohol recipe: from drinks and doses to withdrawal, complications, sleep and drinking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from speciosa.core.stage import Decision, Row, Rows, Stage
from speciosa.core.wiring import Model, wire
from speciosa.exposure.acamprosate import ACAMPROSATE
from speciosa.exposure.alcohol import ALCOHOL
from speciosa.exposure.benzodiazepine import CHLORDIAZEPOXIDE, LORAZEPAM
from speciosa.exposure.melatonin import melatonin
from speciosa.models.opioid import ALPHA2, KRATOM, LIGANDS, WITHOUT_KRATOM, mood_of
from speciosa.receptor.alpha2 import alpha2
from speciosa.receptor.gaba import gaba
from speciosa.receptor.melatonin import MT1
from speciosa.receptor.mu import RECRUITING, mu
from speciosa.receptor.uncoupling import UNCOUPLING
from speciosa.response.adaptation import ADAPTATION
from speciosa.response.alcohol_adaptation import ALCOHOL_ADAPTATION
from speciosa.response.alcohol_craving import ALCOHOL_CRAVING
from speciosa.response.bedtime import BEDTIME, LIGHT
from speciosa.response.behaviour import CUE
from speciosa.response.breathing import breathing
from speciosa.response.claimed import claimed
from speciosa.response.clock import CLOCK, RETINA
from speciosa.response.drinking import (
    DRINKING_BEHAVIOUR,
    DRINKING_BEHAVIOUR_WITH_CARE,
    relapse_drugs,
)
from speciosa.response.pain import PAIN
from speciosa.response.seizure import COMPLICATIONS, DELIRIUM, SEIZURE
from speciosa.response.sleep import sleep_disturbance
from speciosa.response.stress import stress
from speciosa.response.therapy import RELAPSE_DRUG, therapy, treatments
from speciosa.symptom.ciwa import CIWA
from speciosa.symptom.function import function
from speciosa.symptom.sleep import NIGHT, night_readout
from speciosa.symptom.withdrawal import WITHDRAWAL

BENZODIAZEPINES = {"lorazepam": LORAZEPAM, "chlordiazepoxide": CHLORDIAZEPOXIDE}
MORNING = night_readout("alcohol")
OWN_ENTRIES = {  # doses that this recipe alone can take
    entry for stage in (ALCOHOL, ACAMPROSATE, *BENZODIAZEPINES.values()) for entry in stage.entries
}


def alcohol(
    entries: Iterable[str],
    decisions: tuple[Decision, ...] = (),
    *,
    behaviour: bool = True,
) -> Model:
    """Return the wired alcohol model for the products of a study.

    Kratom has all that it has among opioids here too: its own dependence, breathing and COWS.

    Args:
        entries: dose entries that the study's products use; they decide which drugs are wired.
            Alcohol is always there.
        decisions: as-needed and rescue decisions of the study's arms, and those that hold their
            psychosocial treatment.
        behaviour: whether cues, relapse, drinking and leaving are decided; without, nobody drinks
            and nobody leaves.

    Example:
        >>> model = alcohol(["lorazepam_oral", "naltrexone_oral"])
        >>> {"ciwa", "seizure_hazard", "lorazepam_block"} <= set(model.units)
        True
    """
    entries = set(entries)
    ligands = tuple(name for name, one in LIGANDS.items() if entries & set(one.entries))
    agonists = tuple(name for name, one in ALPHA2.items() if entries & set(one.entries))
    calming = tuple(name for name, one in BENZODIAZEPINES.items() if entries & set(one.entries))
    acamprosate = bool(entries & set(ACAMPROSATE.entries))
    kratom = any(entries & set(stage.entries) for stage in KRATOM)
    cared = treatments(decisions)
    stages: list[Stage] = [
        ALCOHOL,
        *(BENZODIAZEPINES[name] for name in calming),
        *((ACAMPROSATE,) if acamprosate else ()),
        *(LIGANDS[name] for name in ligands),
        *(ALPHA2[name] for name in agonists),
        *(KRATOM if kratom else (WITHOUT_KRATOM,)),
        gaba(calming),
        mu(ligands, kratom=kratom),
        *((UNCOUPLING,) if set(ligands) & set(RECRUITING) else ()),
        alpha2(agonists, kratom=kratom),
        claimed("alcohol"),
        ALCOHOL_ADAPTATION,
        CIWA,
        COMPLICATIONS,
        ADAPTATION,
        WITHDRAWAL,
        ALCOHOL_CRAVING,
        relapse_drugs(naltrexone="naltrexone" in ligands, acamprosate=acamprosate),
        breathing(
            ethanol="alcohol_plasma",
            benzodiazepine="benzodiazepine_load",
            drive="mu_breathing_drive" if kratom else "mu_agonist_drive",
        ),
        LIGHT,
        RETINA,
        CLOCK,
        melatonin("alcohol_plasma"),
        MT1,
        sleep_disturbance("alcohol", care=bool(cared), symptom="hyperexcitability"),
        NIGHT,
        stress("ciwa"),
        PAIN,
        function("ciwa", "drinking_today"),
    ]
    stages += mood_of(stages, "ciwa", "drinking_today")
    if cared:
        stages.append(therapy(cared, "relapse_drug_cover", RELAPSE_DRUG))
    if not behaviour:
        stages.append(WITHOUT_DRINKING)
    drinking = DRINKING_BEHAVIOUR_WITH_CARE if cared else DRINKING_BEHAVIOUR
    habits = (CUE, *drinking) if behaviour else ()
    return wire(stages, (MORNING, BEDTIME, *habits, SEIZURE, DELIRIUM, *decisions))


def _without_drinking(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Nobody decides, so abstinence is not counted: craving stays as it is while drinking."""
    held = dict.fromkeys(WITHOUT_DRINKING.gives, 0.0)
    return held | {"in_treatment": 1.0}


WITHOUT_DRINKING = Stage(
    name="without_drinking",
    needs={},
    gives={
        "cue": "1",
        "in_treatment": "1",
        "using_today": "1",
        "drinking_today": "1",
        "days_abstinent": "d",
    },
    outputs=_without_drinking,
)
