"""Every stage of every recipe: units balance, and JAX, NumPy and the symbol tracer run one law.

States, signals and parameters are drawn at random around what people in the default trial have;
the traced equations are evaluated by a few lines of their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from expressions import evaluate
from speciosa.care.psychosocial import parse_care
from speciosa.care.therapy import care_decision
from speciosa.core.dimensions import check_dimensions, trace
from speciosa.core.engine import prepare_jax
from speciosa.core.stage import Decision, Moment, Stage
from speciosa.core.wiring import Model, feedback_loops
from speciosa.evidence.load import Evidence
from speciosa.exposure.alkaloids import OTHERS
from speciosa.exposure.perpetrators import PERPETRATORS
from speciosa.exposure.probes import PROBES
from speciosa.models.alcohol import OWN_ENTRIES, alcohol
from speciosa.models.drinking_history import UNMOVED
from speciosa.models.interaction import interaction
from speciosa.models.opioid import ALPHA2, HABITUAL, KRATOM, LIGANDS, MELATONIN, opioid
from speciosa.models.overdose import overdose
from speciosa.people.cohort import Population, recruit
from speciosa.people.parameters import propensities, sample, use_doses

PEOPLE = 40
SHARES = {"1", "rad"}
ENTRIES = {
    entry
    for stage in (*KRATOM, *HABITUAL, *LIGANDS.values(), *ALPHA2.values(), MELATONIN)
    for entry in stage.entries
}
ALKALOIDS = {entry for stage in OTHERS.values() for entry in stage.entries}
INTERACTING = ALKALOIDS | {
    entry for stage in (*PROBES.values(), *PERPETRATORS.values()) for entry in stage.entries
}
CARE = care_decision(parse_care("CBT + contingency management + mutual help + CBT-I"), "arm", 28)
RECIPES = {
    "alcohol": alcohol(ENTRIES | OWN_ENTRIES, (CARE,)),
    "alcohol, no product": alcohol(()),
    "alcohol, nobody decides": alcohol(ENTRIES | OWN_ENTRIES, behaviour=False),
    "everything": opioid(ENTRIES),
    "no product": opioid(()),
    "psychosocial treatment": opioid(ENTRIES, (CARE,)),
    "everything, nobody decides": opioid(ENTRIES, behaviour=False),
    "no product, nobody decides": opioid((), behaviour=False),
    "drugs that interact": interaction(ENTRIES | INTERACTING, behaviour=False, habits=False),
    "drugs that interact, no kratom": interaction(INTERACTING - ALKALOIDS, behaviour=False),
    "acute overdose": overdose(),
    "the other alkaloids": interaction(ENTRIES | ALKALOIDS, behaviour=False),
}
# A stage that differs between recipes is looked at in each form that it has.
STAGES = {
    f"{stage.name}({', '.join(sorted(stage.needs))})": stage
    for model in RECIPES.values()
    for stage in model.stages
}
DECISIONS = {one.name: one for model in RECIPES.values() for one in model.decisions}


@pytest.fixture(scope="module")
def parameters(evidence: Evidence) -> dict[str, dict[str, Any]]:
    """Rows of forty people of forty draws, for every stage and decision."""
    who = np.arange(PEOPLE)
    population = Population()
    cohort = recruit(population, 5, who, who)
    cohort = cohort.with_covariates(propensities(evidence, population, cohort))
    cohort = cohort.with_covariates(use_doses(evidence, cohort))
    begin = ("adaptation_start_fast", "adaptation_start_slow", "withdrawal_slow_start", *UNMOVED)
    cohort = cohort.with_covariates(dict.fromkeys(begin, 0.5))
    present = {"tolerant": 1.0, "rescue_delay": 1 / 60, "rescue_amount": 6e3, "rescue_doses": 1.0}
    cohort = cohort.with_covariates(present)
    found = {}
    for key, part in (STAGES | DECISIONS).items():
        found[key] = sample([part], evidence, cohort)[part.name]
    return found


def around(rng: np.random.Generator, unit: str) -> np.ndarray:
    """Random signals: shares up to 1, hours of a night, all else of any size from 0.01 to 100."""
    if unit in SHARES:
        return rng.uniform(0.02, 0.98, PEOPLE)
    if unit == "h":
        return rng.uniform(4, 8, PEOPLE)
    return 10 ** rng.uniform(-2, 2, PEOPLE)


def close(found: Any, wanted: Any, what: str) -> None:
    found, wanted = np.broadcast_to(found, PEOPLE), np.broadcast_to(wanted, PEOPLE)
    assert np.isfinite(wanted).all(), what
    size = np.abs(wanted) + 1e-3 * np.max(np.abs(wanted)) + 1e-300  # differences may cancel
    assert np.max(np.abs(found - wanted) / size) < 1e-11, what


@pytest.mark.parametrize("key", STAGES)
def test_units_balance(key: str) -> None:
    check_dimensions(STAGES[key])


@pytest.mark.parametrize("key", STAGES)
def test_three_array_modules_run_the_same_equations(
    key: str, parameters: dict[str, dict[str, Any]]
) -> None:
    stage: Stage = STAGES[key]
    jnp = prepare_jax().numpy
    rng = np.random.default_rng(len(key))
    kinds = {**stage.states, **stage.modes}
    x = {name: kind.scale * rng.uniform(0.1, 0.9, PEOPLE) for name, kind in kinds.items()}
    s = {
        q: around(rng, unit) for q, unit in {"hours": "h", "clock_hour": "h", **stage.needs}.items()
    }
    p = parameters[key]
    outputs, rates = trace(stage)
    mine = stage.outputs(np, x, s, p)
    theirs = stage.outputs(jnp, x, s, p)
    known = {**x, **s, **p}
    assert mine.keys() == theirs.keys() == outputs.keys() == stage.gives.keys()
    for name, tree in outputs.items():
        close(theirs[name], mine[name], f"{stage.name} {name} in JAX")
        close(evaluate(tree, known), mine[name], f"{stage.name} {name} traced")
    if stage.rates is None:
        return
    s |= {name: np.broadcast_to(row, PEOPLE) for name, row in mine.items()}
    slopes, again = stage.rates(np, x, s, p), stage.rates(jnp, x, s, p)
    assert slopes.keys() == again.keys() == rates.keys() == stage.states.keys()
    for name, tree in rates.items():
        close(again[name], slopes[name], f"{stage.name} d({name})/dt in JAX")
        close(evaluate(tree, {**x, **s, **p}), slopes[name], f"{stage.name} d({name})/dt traced")


@pytest.mark.parametrize("key", STAGES)
def test_no_name_of_a_stage_means_two_things(key: str) -> None:
    stage = STAGES[key]
    names = [
        *stage.states, *stage.modes, *stage.needs, *stage.gives, *stage.parameters,
        *stage.covariates, *stage.derived,
    ]  # fmt: skip
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", DECISIONS)
def test_decisions_are_the_same_in_numpy_and_jax(
    name: str, parameters: dict[str, dict[str, Any]]
) -> None:
    decision: Decision = DECISIONS[name]
    jnp = prepare_jax().numpy
    rng = np.random.default_rng(len(name))
    s = {q: around(rng, unit) for q, unit in decision.watches.items()}
    memory = {row: rng.integers(0, 3, PEOPLE).astype(float) for row in decision.memory}
    u = tuple(rng.uniform(size=PEOPLE) for _ in range(decision.uniforms))
    moment = Moment(np.float64(100.0), np.float64((*decision.hours, 8.0)[0]), np.float64(4.0))
    given = {**s, **memory}
    mine = decision.decide(np, moment, given, memory, u, parameters[name])
    theirs = decision.decide(jnp, moment, given, memory, u, parameters[name])
    assert mine[0].keys() == theirs[0].keys() <= decision.memory.keys()
    assert mine[1].keys() == theirs[1].keys() == set(decision.doses)
    for kind in (0, 1):
        for row, value in mine[kind].items():
            close(theirs[kind][row], value, f"{name} {row}")


def test_the_loops_of_the_whole_model_are_listed() -> None:
    model: Model = RECIPES["everything"]
    loops = feedback_loops(model)
    assert ("melatonin", "melatonin_plasma", "clock") in loops
    clock = next(stage for stage in model.stages if stage.name == "clock")
    melatonin = next(stage for stage in model.stages if stage.name == "melatonin")
    assert set(melatonin.needs) & set(clock.gives)  # clock -> melatonin -> clock
    places = {stage.name: place for place, stage in enumerate(model.stages)}
    for giver, quantity, reader in loops:
        assert places[giver] >= places[reader]
        states = next(stage for stage in model.stages if stage.name == reader).states
        assert states, f"{giver} -> {quantity} -> {reader} does not pass through a state"


def test_craving_leads_to_use_and_use_to_exposure_through_decisions() -> None:
    model = RECIPES["everything"]
    decisions = {one.name: one for one in model.decisions}
    assert "craving" in decisions["use"].watches
    assert "using_today" in decisions["use"].gives
    assert "using_today" in decisions["take"].watches
    taken = {stage for entry in decisions["take"].doses for stage, _, _ in model.entries()[entry]}
    assert taken == {"fentanyl", "heroin_morphine", "oxycodone"}


def test_craving_leads_to_drinking_and_drinking_to_alcohol_in_the_blood() -> None:
    model = RECIPES["alcohol"]
    decisions = {one.name: one for one in model.decisions}
    assert "craving" in decisions["drinking"].watches
    assert "drinking_today" in decisions["drinking"].gives
    assert "drinking_today" in decisions["drink"].watches
    taken = {stage for entry in decisions["drink"].doses for stage, _, _ in model.entries()[entry]}
    assert taken == {"alcohol"}


def test_nothing_claimed_and_no_kratom_reaches_the_hazard_of_seizures_as_a_benefit() -> None:
    model = RECIPES["alcohol"]
    giver = {quantity: stage for stage in model.stages for quantity in stage.gives}
    stage = giver["seizure_hazard"]
    assert "hyperexcitability" not in stage.needs
    rates = trace(giver["hyperexcitability_unrelieved"])[1]
    assert "claimed_withdrawal_relief" in str(rates["excitability"])
    assert "claimed_withdrawal_relief" not in str(rates["unrelieved"])
    p = {"points": 125.9, "reference": 22.0, "seizure_rate": 2.4e-3, "seizure_power": 2.0,
         "delirium_rate": 1e-3, "delirium_power": 2.0, "strain_time": 24.0,
         "kratom_hazard_ratio": 1.3, "kratom_half": 100.0}  # fmt: skip
    x = {"strain": 1.0, "seizure_sum": 0.0, "delirium_sum": 0.0}
    s = {"hyperexcitability_unrelieved": 0.1, "benzodiazepine_block": 0.0}
    without, much = (
        stage.outputs(np, x, s | {"mitragynine_plasma": level}, p)["seizure_hazard"]
        for level in (0.0, 1000.0)
    )
    assert 1 < much / without < 1.3
