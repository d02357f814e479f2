"""Under inhibition nothing appears and nothing vanishes: gut wall, liver and body balance."""

from __future__ import annotations

import numpy as np
import pytest

from interaction_chain import PERSON, values
from speciosa.exposure.alkaloids import OTHERS
from speciosa.exposure.mitragynine import mitragynine
from speciosa.exposure.perpetrators import PERPETRATORS
from speciosa.exposure.probes import PROBES

PEOPLE = 200


@pytest.fixture(scope="module")
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_mitragynine_as_a_victim(rng: np.random.Generator):
    stage = mitragynine(inhibited=True, others=tuple(OTHERS))
    p = values(stage)
    kinds = {**stage.states, **stage.modes}
    x = {name: kind.scale * rng.uniform(0, 1, PEOPLE) for name, kind in kinds.items()}
    s = {q: rng.uniform(0, 50, PEOPLE) for q in stage.needs}
    s |= {q: rng.uniform(0, 1, PEOPLE) for q in stage.needs if q.endswith("enzyme")}
    found = stage.outputs(np, x, s, p)
    lumen = p["chain"] * x["mitragynine_stomach"] + x["mitragynine_lumen"]
    absorbed = p["ka"] * np.maximum(lumen, 0)
    to_blood = p["CLp"] * p["Qv"] / (p["Qv"] + p["CLp"] * p["fu"])
    outflow = to_blood * found["mitragynine_gut_unbound"]
    assert outflow + found["mitragynine_gut_cyp3a_flux"] == pytest.approx(absorbed, rel=1e-9)
    liver = found["mitragynine_liver_unbound"] / p["fu"]
    entering = outflow + p["Qh"] * found["mitragynine_plasma"]
    leaving = p["Qh"] * liver + p["CLh"] * (1 - p["fm3"]) * liver
    assert leaving + found["mitragynine_liver_cyp3a_flux"] == pytest.approx(entering, rel=1e-9)


def test_an_inhibitor_takes_cyp3a_from_mitragynine(rng: np.random.Generator):
    stage = mitragynine(inhibited=True)
    p = values(stage)
    x = {n: 0.0 for n in (*stage.states, *stage.modes)} | {"mitragynine_lumen": 1000.0}
    s = dict.fromkeys(stage.needs, 1.0)
    none, some = (
        stage.outputs(np, x, s | {"cyp3a_gut_inhibition": i, "cyp3a_liver_inhibition": i}, p)
        for i in (0.0, 20.0)
    )
    for flux in ("mitragynine_gut_cyp3a_flux", "mitragynine_liver_cyp3a_flux"):
        assert some[flux] < 0.5 * none[flux]
    assert some["mitragynine_liver_unbound"] > none["mitragynine_liver_unbound"]


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_is_absorbed_cleared_or_there(name: str, rng: np.random.Generator):
    """What leaves the depot and does not arrive was taken by gut and liver."""
    stage, p = PROBES[name], values(PROBES[name], PERSON)
    s = {q: rng.uniform(0.05, 1, PEOPLE) for q in stage.needs}
    depot, central = rng.uniform(0, 100, PEOPLE), rng.uniform(0, 100, PEOPLE)
    change = stage.rates(
        np, {f"{name}_depot": depot, f"{name}_central": central}, s, p
    )[f"{name}_central"]  # fmt: skip
    (own,) = (q for q in stage.needs if q != "cyp3a_gut_activity")
    intrinsic = p["CLu0"] * (p["fm"] * p["level"] * s[own] + 1 - p["fm"])
    swallowed = p["ka"] * depot
    in_gut = swallowed * p.get("gut_loss", 0.0) * s.get("cyp3a_gut_activity", 0.0)
    in_gut = in_gut / (1 + p.get("gut_loss", 0.0) * s.get("cyp3a_gut_activity", 0.0))
    passing = swallowed - in_gut + p["Qh"] * p["blood"] * central / p["volume"]  # into the liver
    taken = passing * intrinsic / (p["Qh"] + intrinsic)
    assert change == pytest.approx(swallowed - in_gut - taken, rel=1e-9)


@pytest.mark.parametrize("name", [*PERPETRATORS, *OTHERS])
def test_what_is_swallowed_ends_in_clearance(name: str):
    """Dose over clearance is the area: nothing is lost but through it and in the lumen."""
    stage = {**PERPETRATORS, **OTHERS}[name]
    p = values(stage)
    area = sum(
        p[weight] * p[gain] / p[mode.rate]
        for (gain, mode), weight in zip(
            zip(stage.entries[f"{name}_oral"].values(), stage.modes.values(), strict=True),
            [f"weight_{name}_plasma_{i}" for i in range(len(stage.modes))],
            strict=True,
        )
    )
    reaching = 1.0
    if name in OTHERS:
        reaching = p["Fst"] * p["ka"] / (p["ka"] + p["kt"])
    assert area == pytest.approx(reaching / p["CL"], rel=1e-5)
