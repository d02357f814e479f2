"""The exact modes are the compartments: SciPy, told of the compartments alone, gives the same."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from opioid_chain import DRUGS, central, course
from speciosa.core.dimensions import check_dimensions
from speciosa.core.linear_drug import (
    CHAIN_SPACING,
    chain_rates,
    decayed,
    mode_arrays,
    steady_modes,
)
from speciosa.exposure.buprenorphine import BUPRENORPHINE
from speciosa.exposure.heroin_morphine import HEROIN_MORPHINE
from speciosa.exposure.methadone import METHADONE
from speciosa.exposure.naloxone import NALOXONE, STEPS

HOURS = np.array([0.05, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 24.0, 72.0])
ENTRIES = [(drug, entry) for drug in DRUGS for entry in drug.entries]


def integrate(rates_of_change, start):
    found = solve_ivp(
        rates_of_change,
        (0.0, HOURS[-1]),
        start,
        method="LSODA",
        t_eval=HOURS,
        rtol=1e-12,
        atol=1e-12,
    )
    assert found.success
    return found.y


def close(one, other):
    return np.max(np.abs(one - other)) < 1e-8 * np.max(np.abs(other))


def test_buprenorphine_modes_equal_its_compartments():
    p = central(BUPRENORPHINE, age=50.0, weight=90.0)
    clearance = 52.1 * (50.0 / 35.0) ** -0.233 * (90.0 / 72.4) ** 0.413
    dose = 1000.0

    def compartments(t, y):
        mouth, fast, slow, plasma, shallow, deep, effect = y
        release = mouth / (0.171 + 0.419 / 2)
        to_shallow = p["Q2"] * (plasma - shallow)
        to_deep = p["Q3"] * (plasma - deep)
        gained = 1.72 * fast + p["ka_slow"] * slow - clearance * plasma - to_shallow - to_deep
        return [
            -release,
            release - 1.72 * fast,
            -p["ka_slow"] * slow,
            gained / (p["V1"] * (1 + p["larger"])),  # somebody who uses opioids
            to_shallow / p["V2"],
            to_deep / p["V3"],
            p["ke0"] * (plasma - effect),
        ]

    start = [dose * 0.14 * 0.759, 0.0, dose * 0.14 * (1 - 0.759), 0.0, 0.0, 0.0, 0.0]
    y = integrate(compartments, start)
    doses = [(0.0, "buprenorphine_sublingual", dose)]
    found = course(BUPRENORPHINE, doses, HOURS, age=50.0, weight=90.0)
    assert close(found["buprenorphine_plasma"], y[3])
    assert close(found["buprenorphine_effect"], y[6])


def test_heroin_modes_equal_its_compartments():
    p = central(HEROIN_MORPHINE)

    def compartments(t, y):
        heroin, mam, mam_effect, morphine, shallow, deep, effect = y
        made = p["k_monoacetylmorphine"] * mam * p["V_monoacetylmorphine"]
        to_shallow, to_deep = p["Q2"] * (morphine - shallow), p["Q3"] * (morphine - deep)
        return [
            -p["k_heroin"] * heroin,
            p["k_heroin"] * heroin / p["V_monoacetylmorphine"] - p["k_monoacetylmorphine"] * mam,
            p["ke0_monoacetylmorphine"] * (mam - mam_effect),
            (made - p["CL"] * morphine - to_shallow - to_deep) / p["V1"],
            to_shallow / p["V2"],
            to_deep / p["V3"],
            p["ke0"] * (morphine - effect),
        ]

    y = integrate(compartments, [1000.0, *[0.0] * 6])
    found = course(HEROIN_MORPHINE, [(0.0, "heroin_intravenous", 1000.0)], HOURS)
    assert close(found["monoacetylmorphine_plasma"], y[1])
    assert close(found["monoacetylmorphine_effect"], y[2])
    assert close(found["morphine_plasma"], y[3])
    assert close(found["morphine_effect"], y[6])


@pytest.mark.parametrize("route", ["intravenous", "intramuscular", "intranasal"])
def test_naloxone_modes_equal_its_compartments(route):
    p = central(NALOXONE)
    if route == "intravenous":
        volumes = [p["V1"], p["V2"], p["V3"]]
        flows, clearance = [p["Q2"], p["Q3"]], p["CL"]
        chain, dose = [], 1000.0
    else:
        volumes = [p[f"V_{route}"], p[f"V2_{route}"], 1.0]
        flows, clearance = [p[f"Q_{route}"], 0.0], p[f"CL_{route}"]
        chain = list(chain_rates(2 / p[f"ktr_{route}"] + 1 / p[f"ka_{route}"], STEPS))
        dose = 1000.0 * p[f"F_{route}"]

    def compartments(t, y):
        plasma, shallow, deep, effect = y[:4]
        steps = y[4:]
        out = [rate * amount for rate, amount in zip(chain, steps, strict=True)]
        into = out[-1] if out else 0.0
        to_shallow, to_deep = flows[0] * (plasma - shallow), flows[1] * (plasma - deep)
        return [
            (into - clearance * plasma - to_shallow - to_deep) / volumes[0],
            to_shallow / volumes[1],
            to_deep / volumes[2],
            p["ke0"] * (plasma - effect),
            *(gain - loss for gain, loss in zip([0.0, *out], out, strict=False)),
        ]

    start = [0.0, 0.0, 0.0, 0.0, dose, 0.0] if chain else [dose / volumes[0], 0.0, 0.0, 0.0]
    y = integrate(compartments, start)
    found = course(NALOXONE, [(0.0, f"naloxone_{route}", 1000.0)], HOURS)
    assert close(found["naloxone_plasma"], y[0])
    assert close(found["naloxone_effect"], y[3])


@pytest.mark.parametrize(
    ("drug", "entry"), ENTRIES, ids=lambda value: getattr(value, "name", value)
)
def test_no_dose_no_drug_and_twice_the_dose_twice_the_drug(drug, entry):
    nothing = course(drug, [(0.0, entry, 0.0)], HOURS)
    once = course(drug, [(0.0, entry, 10.0)], HOURS)
    twice = course(drug, [(0.0, entry, 20.0)], HOURS)
    for quantity in drug.gives:
        assert not np.any(nothing[quantity])
        assert np.allclose(2 * once[quantity], twice[quantity], rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("drug", "entry"), ENTRIES, ids=lambda value: getattr(value, "name", value)
)
def test_concentrations_never_fall_below_zero(drug, entry):
    hours = np.concatenate([np.linspace(0, 2, 81), np.linspace(3, 2000, 400)])
    found = course(drug, [(0.0, entry, 1000.0)], hours)
    for values in found.values():
        assert values.min() >= -1e-9 * max(values.max(), 1.0)


@pytest.mark.parametrize("drug", DRUGS, ids=lambda drug: drug.name)
def test_units_balance(drug):
    check_dimensions(drug)


@settings(max_examples=30, deadline=None)
@given(
    drug_entry=st.sampled_from(ENTRIES),
    dose=st.floats(min_value=0.1, max_value=1e5),
    interval=st.floats(min_value=2.0, max_value=48.0),
)
def test_a_steady_state_returns_to_itself_after_each_interval(drug_entry, dose, interval):
    drug, entry = drug_entry
    _, rates, gains = mode_arrays(drug, central(drug), entry)
    now = steady_modes(rates, gains, dose, interval)
    later = decayed(now, rates, interval) + gains * dose
    assert np.allclose(now, later, rtol=1e-9, atol=0)


def test_a_steady_state_is_what_many_doses_lead_to():
    p = central(METHADONE)
    names, rates, gains = mode_arrays(METHADONE, p, "methadone_oral")
    x = dict(zip(names, steady_modes(rates, gains, 1e5, 24.0), strict=True))
    started = METHADONE.outputs(np, x, {}, p)["methadone_plasma"]
    doses = [(24.0 * day, "methadone_oral", 1e5) for day in range(61)]
    built = course(METHADONE, doses, 24.0 * 60)["methadone_plasma"]
    assert started == pytest.approx(built, rel=1e-8)


def test_people_are_solved_each_on_their_own():
    ages, weights = np.array([20.0, 35.0, 64.0]), np.array([50.0, 72.4, 110.0])
    p = central(BUPRENORPHINE)
    given = {symbol: p[symbol] for symbol in (*BUPRENORPHINE.parameters,)}
    given["opioid_dependent"] = 1.0
    together = BUPRENORPHINE.derive({**given, "age": ages, "weight": weights})
    for i, (age, weight) in enumerate(zip(ages, weights, strict=True)):
        alone = BUPRENORPHINE.derive({**given, "age": age, "weight": weight})
        assert all(together[symbol][i] == alone[symbol] for symbol in BUPRENORPHINE.derived)


@given(st.floats(min_value=0.01, max_value=1e4), st.integers(min_value=1, max_value=5))
def test_a_chain_keeps_its_mean_time_and_its_steps_apart(mean_time, steps):
    rates = chain_rates(mean_time, steps)
    assert sum(1 / rate for rate in rates) == pytest.approx(mean_time, rel=1e-12)
    for one, other in pairwise(rates):
        assert one / other == pytest.approx(CHAIN_SPACING, rel=1e-12)
