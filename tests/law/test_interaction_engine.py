"""The engine gives what SciPy gives where clearances vary, stiff fentanyl included."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from interaction_chain import Dose, run
from speciosa.evidence.load import load_evidence
from speciosa.models.interaction import recipe
from speciosa.trial.design import design
from speciosa.trial.recruited import recruited
from speciosa.trial.simulate import QUARTER_HOURS, _read, _study, central

LINE = "fentanyl 0.1 mg once + midazolam 2.5 mg once + methadone 10 mg once"
MORE = ("itraconazole 200 mg once", "kratom leaf (mitragynine 20 mg/g, 7-OH 0 mg/g) 2 g once")
QUANTITIES = (
    "fentanyl_plasma",
    "fentanyl_effect",
    "midazolam_plasma",
    "methadone_plasma",
    "mitragynine_plasma",
    "hydroxymitragynine_plasma",
    "cyp3a_gut_activity",
    "cyp3a_liver_activity",
)
DOSES = [
    Dose(0, "fentanyl_intravenous", 0.1),
    Dose(0, "midazolam_oral", 2.5),
    Dose(0, "methadone_oral", 10.0),
    Dose(0, "itraconazole_oral", 200.0),
    Dose(0, "mitragynine_oral", 40.0),
]
CLOSELY = (0, 7, 19)


@pytest.fixture(scope="module")
def evidence():
    return central(load_evidence())


def test_every_quantity_within_1e_4_of_its_range(evidence):
    base, added = _read(LINE, MORE)
    study = _study(base, added, 20, "healthy", 1, 5)
    plan = design(
        study, evidence, behaviour=False, sample_hours=QUARTER_HOURS,
        quantities=lambda model: QUANTITIES, recipe=partial(recipe, habits=False),
    )  # fmt: skip
    group = recruited(plan, evidence, np.zeros(20, int), np.arange(20))
    outcome = plan.engine(width=64).solve(
        plan.meshes["together"], group.parameters, group.cohort.streams, group.supplies,
        enabled=plan.enabled["together"], start=group.start,
    )  # fmt: skip
    assert not outcome.failed.any()
    found = outcome.samples[0]  # (samples, quantities, people)
    hours = 0.25 * np.arange(96)
    names = {stage.name for stage in plan.model.stages}
    for person in CLOSELY:
        table = {
            stage: {
                symbol: np.broadcast_to(value, 20)[person]
                for symbol, value in group.parameters[stage].items()
            }
            for stage in names
        }
        wanted = run(DOSES, [*hours], QUANTITIES, whole=plan.model, table=table)
        for place, quantity in enumerate(QUANTITIES):
            mine, theirs = (
                found[1:, place, person],
                wanted[quantity][1:],
            )  # a sample precedes a dose
            apart = np.abs(mine - theirs).max() / np.abs(theirs).max()
            assert apart < 1e-4, (person, quantity)
