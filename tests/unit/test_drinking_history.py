"""How people with alcohol dependence arrive: what they can bear, what is left, what has begun."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from alcohol_chain import drinkers
from speciosa.exposure.alcohol import ALCOHOL
from speciosa.people.cohort import Range
from speciosa.response.drinking import SLOTS

PEOPLE = 60


@pytest.fixture(scope="module")
def arrived():
    return drinkers(PEOPLE)


def test_nobody_drinks_more_than_they_can_eliminate(arrived) -> None:
    cohort, table, usual, _ = arrived
    wanted = cohort.covariates["use_dose_alcohol"]
    assert np.all(usual["use_dose_alcohol"] <= wanted)
    a_day = usual["use_dose_alcohol"] * table["alcohol"]["swallowed"] * len(SLOTS)
    assert np.all(a_day <= 0.85 * 24 * table["alcohol"]["capacity"] * (1 + 1e-12))
    assert np.any(usual["use_dose_alcohol"] < wanted)  # some are lowered


def test_everybody_is_adapted_and_withdrawal_has_begun_in_most(arrived) -> None:
    _, _, _, start = arrived
    brain = start["alcohol_adaptation"]
    assert np.all((brain["adapted"] > 0.01) & (brain["adapted"] < 0.5))
    assert np.mean(brain["excitability"] > 0.02) > 0.5
    assert np.array_equal(brain["excitability"], brain["unrelieved"])


def test_the_sooner_somebody_comes_the_more_is_left() -> None:
    soon, late = (
        drinkers(PEOPLE, hours_since_last_use=Range(h, 0.0, h, h))[3]["alcohol"]["blood"]
        for h in (6.0, 20.0)
    )
    assert np.all(soon >= late)
    assert np.median(soon) > 10 * np.median(late)


def test_the_implicit_steps_follow_the_equations_of_the_stage(arrived) -> None:
    """From the last drink to time zero against SciPy, started where the usual day ends."""
    from speciosa.models.drinking_history import _usual_day

    cohort, table, usual, start = arrived
    p = table["alcohol"]
    body, _ = _usual_day(p, usual["use_dose_alcohol"] * p["swallowed"])
    for who in range(5):
        mine = {k: np.broadcast_to(v, PEOPLE)[who] for k, v in p.items()}

        def rates(t: float, y: np.ndarray) -> list[float]:
            gut = body["gut"][who] * np.exp(-mine["absorption"] * t)  # noqa: B023
            x = {"blood": y[0], "tissue": y[1], "gut": gut}
            change = ALCOHOL.rates(np, x, ALCOHOL.outputs(np, x, {}, mine), mine)  # noqa: B023
            return [change["blood"], change["tissue"]]

        since = cohort.covariates["hours_since_last_use"][who]
        found = solve_ivp(
            rates, (0, since), [body["blood"][who], body["tissue"][who]], method="LSODA", rtol=1e-8
        ).y[:, -1]
        assert start["alcohol"]["blood"][who] == pytest.approx(found[0], abs=150)  # mg of 30 g
        assert start["alcohol"]["tissue"][who] == pytest.approx(found[1], abs=300)


def test_people_do_not_depend_on_who_is_beside_them(arrived) -> None:
    alone = drinkers(7)[3]
    for stage, rows in alone.items():
        for state, row in rows.items():
            assert np.array_equal(row, arrived[3][stage][state][:7]), (stage, state)
