"""A drug with a varying clearance: the exact stage where the enzyme is at its usual level."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from interaction_chain import PERSON, values
from speciosa.exposure.buprenorphine import BUPRENORPHINE, BUPRENORPHINE_VARYING
from speciosa.exposure.fentanyl import FENTANYL, FENTANYL_VARYING
from speciosa.exposure.methadone import METHADONE, METHADONE_VARYING

PAIRS = {
    "methadone_oral": (METHADONE, METHADONE_VARYING),
    "buprenorphine_sublingual": (BUPRENORPHINE, BUPRENORPHINE_VARYING),
    "fentanyl_intravenous": (FENTANYL, FENTANYL_VARYING),
}
TIMES = np.array([0.02, 0.5, 2.0, 12.0, 48.0])
DOSE = 1000.0


def varying(entry: str, activity: float, times=TIMES):
    """Return amounts (states, times), parameters and the stage, under one constant activity."""
    stage = PAIRS[entry][1]
    p, names = values(stage, PERSON), list(stage.states)
    start = np.array([DOSE * float(p[stage.entries[entry].get(n, "none")])
                      if n in stage.entries[entry] else 0.0 for n in names])  # fmt: skip
    s = {next(iter(stage.needs)): activity}

    def rate(t, y):
        found = stage.rates(np, dict(zip(names, y, strict=True)), s, p)
        return np.array([float(np.asarray(found[n])) for n in names])

    solved = solve_ivp(rate, (0, times[-1]), start, "LSODA", t_eval=times, rtol=1e-10, atol=1e-12)
    return dict(zip(names, solved.y, strict=True)), p, stage


@pytest.mark.parametrize("entry", PAIRS)
def test_at_the_usual_activity_it_is_the_exact_drug(entry: str):
    exact = PAIRS[entry][0]
    p = values(exact, PERSON)
    z = {
        mode: DOSE * p[symbol] * np.exp(-np.multiply.outer(p[exact.modes[mode].rate], TIMES))
        for mode, symbol in exact.entries[entry].items()
    }
    wanted = exact.outputs(np, z, {}, p)
    amounts, q, stage = varying(entry, 1.0)
    found = stage.outputs(np, amounts, {}, q)
    for quantity in exact.gives:
        assert found[quantity] == pytest.approx(np.ravel(wanted[quantity]), rel=1e-5), quantity


@pytest.mark.parametrize("entry", PAIRS)
def test_less_enzyme_more_drug(entry: str):
    plasma = f"{entry.split('_')[0]}_plasma"
    runs = []
    for activity in (1.0, 0.5, 0.1):
        amounts, p, stage = varying(entry, activity)
        runs.append(stage.outputs(np, amounts, {}, p)[plasma])
    late = [run[-2] for run in runs]
    assert late[0] < late[1] < late[2]


def test_nothing_vanishes_but_through_clearance_and_the_first_pass():
    """Without the enzyme and all of the clearance its own, the body keeps what reaches it."""
    for entry, (_, stage) in PAIRS.items():
        p, names = values(stage, PERSON) | {"fm": 1.0}, list(stage.states)
        body = [n for n in names if "effect" not in n]
        x = {n: 10.0 for n in names}
        change = stage.rates(np, x, {next(iter(stage.needs)): 0.0}, p)
        escapes = 1 + float(p["ratio"])
        total = sum(float(np.asarray(change[n])) for n in body)
        if entry == "methadone_oral":  # absorption arrives in full: nothing is extracted
            assert total == pytest.approx(10.0 * p["ka"] * (escapes - 1))
        else:
            assert total == pytest.approx(0.0, abs=1e-9)


def test_a_high_extraction_drug_feels_its_enzyme_less():
    """Half the enzyme takes less than half of fentanyl's clearance and nearly half of none."""
    stage = FENTANYL_VARYING
    p = values(stage, PERSON)
    x = {n: 0.0 for n in stage.states} | {"fentanyl_central_amount": 1.0}
    out = [stage.rates(np, x, {"cyp3a_liver_activity": a}, p) for a in (1.0, 0.5)]
    lost = [-sum(float(np.asarray(r[n])) for n in stage.states if "effect" not in n) for r in out]
    assert 0.6 < lost[1] / lost[0] < 0.8
