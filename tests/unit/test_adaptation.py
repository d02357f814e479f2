"""Adaptation: what it follows, when withdrawal begins, what eases it, and how exactly it steps."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from speciosa.core.dimensions import check_dimensions
from speciosa.response.adaptation import ADAPTATION, after_history, onset
from speciosa.response.breathing import BREATHING, breathing
from speciosa.response.craving import CRAVING
from speciosa.symptom.withdrawal import WITHDRAWAL
from withdrawal_chain import march, values

P = values(ADAPTATION)
QUIET = {"mu_signal": 0.0, "alpha2_relief": 0.0, "claimed_withdrawal_relief": 0.0}
ADAPTED = {"adapted_fast": 0.9, "adapted_slow": 0.9, "drive_delayed": 0.0}


@pytest.mark.parametrize(
    "stage",
    [
        ADAPTATION,
        CRAVING,
        WITHDRAWAL,
        BREATHING,
        breathing(ethanol="ethanol_blood", benzodiazepine="benzodiazepine_effect"),
    ],
    ids=lambda stage: stage.name,
)
def test_units_balance(stage) -> None:
    check_dimensions(stage)


def test_a_steady_signal_gives_no_withdrawal_and_stays() -> None:
    s = QUIET | {"mu_signal": 0.9}
    given = ADAPTATION.outputs(np, ADAPTED, s, P)
    rates = ADAPTATION.rates(np, ADAPTED, {**s, **given}, P)
    assert given["adaptation"] == pytest.approx(0.9)
    assert given["withdrawal"] == pytest.approx(0, abs=1e-12)
    assert all(abs(rate) < 1e-12 for rate in rates.values())


def test_more_signal_than_adaptation_gives_no_withdrawal() -> None:
    assert ADAPTATION.outputs(np, ADAPTED, QUIET | {"mu_signal": 1.0}, P)["withdrawal_drive"] == 0


def test_the_immediate_share_is_felt_at_once_and_alone_is_eased_by_alpha2() -> None:
    later = ADAPTED | {"drive_delayed": 0.5}
    share = P["immediate_share"]
    none = ADAPTATION.outputs(np, later, QUIET, P)["withdrawal"]
    half = ADAPTATION.outputs(np, later, QUIET | {"alpha2_relief": 0.5}, P)["withdrawal"]
    at_once = ADAPTATION.outputs(np, ADAPTED, QUIET, P)["withdrawal"]
    assert at_once == pytest.approx(share * 0.9, rel=1e-3)
    assert none - half == pytest.approx(0.5 * share * 0.9, rel=1e-3)
    assert none - at_once == pytest.approx((1 - share) * 0.5)


def test_claimed_relief_is_a_share_of_everything_that_is_felt() -> None:
    later = ADAPTED | {"drive_delayed": 0.5}
    none = ADAPTATION.outputs(np, later, QUIET, P)
    some = ADAPTATION.outputs(np, later, QUIET | {"claimed_withdrawal_relief": 0.25}, P)
    assert some["withdrawal"] == pytest.approx(0.75 * none["withdrawal"])
    assert some["withdrawal_drive"] == none["withdrawal_drive"]


def test_adaptation_fades_as_two_exponentials() -> None:
    steps = 2001
    needs = {name: np.full(steps, level) for name, level in QUIET.items()}
    found = march(ADAPTATION, P, needs, ADAPTED)["adaptation"]
    t = np.arange(len(found)) * 0.2
    w = P["fast_weight"]
    closed = 0.9 * (w * np.exp(-t / P["fast_time"]) + (1 - w) * np.exp(-t / P["slow_time"]))
    assert np.abs(found - closed).max() < 1e-9


def test_the_soft_onset_stays_within_a_tenth_of_a_point_of_the_exact_maximum() -> None:
    p = values(WITHDRAWAL)
    excess = np.linspace(-0.2, 1, 601)
    exact = {"withdrawal": np.maximum(excess, 0)}
    soft = {"withdrawal": onset(np, excess, P["onset_width"])}
    far = WITHDRAWAL.outputs(np, {}, exact, p)["cows"] - WITHDRAWAL.outputs(np, {}, soft, p)["cows"]
    assert 0 < np.abs(far).max() < 0.1
    assert (soft["withdrawal"][excess <= 0] == 0).all()
    assert (np.diff(soft["withdrawal"]) >= 0).all()


def test_the_onset_of_withdrawal_costs_less_than_1e_6_at_a_quarter_hour() -> None:
    """The signal falls through the adaptation within a step; the step sees only a few points."""

    def signal(t: float) -> float:
        x = 8 * np.exp(-0.35 * t)
        drive = (0.75 * x / (1 + x)) ** 2.4
        return drive / (drive + 0.15**2.4)

    names = list(ADAPTATION.states)

    def rate(t: float, y: np.ndarray) -> np.ndarray:
        x = dict(zip(names, y, strict=True))
        s = QUIET | {"mu_signal": signal(t)}
        s |= ADAPTATION.outputs(np, x, s, P)
        rates = ADAPTATION.rates(np, x, s, P)
        return np.array([rates[name] for name in names])

    start = np.array([ADAPTED[name] for name in names])
    fine = solve_ivp(
        rate, (0, 24), start, rtol=1e-10, atol=1e-12, max_step=0.02, dense_output=True
    ).sol
    worst = 0.0
    for first in np.linspace(0, 0.25, 6):
        t, y = first, fine(first)
        while t < 23.5:
            k1 = rate(t, y)
            k2 = rate(t + 0.125, y + 0.125 * k1)
            k3 = rate(t + 0.125, y + 0.125 * k2)
            k4 = rate(t + 0.25, y + 0.25 * k3)
            y, t = y + 0.25 / 6 * (k1 + 2 * k2 + 2 * k3 + k4), t + 0.25
            worst = max(worst, float(np.abs(y - fine(t)).max()))
    assert fine(20.0)[2] > 0.1  # withdrawal has begun, so the kink was crossed
    assert worst < 1e-6


def test_the_history_matches_marching_through_it() -> None:
    hours = np.arange(24)
    day = np.where(hours % 6 < 3, 0.95, 0.4)
    start = after_history(day, [0.2, 0.1], hours=1.0, days=6, p=P)
    fast = slow = delayed = 0.0
    for signal in [*np.tile(day, 7), 0.2, 0.1]:
        for _ in range(200):
            h = 1 / 200
            adapted = P["fast_weight"] * fast + (1 - P["fast_weight"]) * slow
            delayed += h * (max(adapted - signal, 0) - delayed) / P["delay"]
            fast += h * (signal - fast) / P["fast_time"]
            slow += h * (signal - slow) / P["slow_time"]
    assert start["adaptation_start_fast"] == pytest.approx(fast, abs=1e-3)
    assert start["adaptation_start_slow"] == pytest.approx(slow, abs=1e-3)
    assert start["withdrawal_slow_start"] == pytest.approx(delayed, abs=5e-3)


def test_a_history_takes_many_people_at_once() -> None:
    p = P | {"fast_time": np.array([48.0, 96.0])}
    day = np.tile([[0.8, 0.4]], (24, 1))
    start = after_history(day, np.zeros((0, 2)), hours=1.0, days=400, p=p)
    assert start["adaptation_start_fast"] == pytest.approx([0.8, 0.4])
    assert start["adaptation_start_slow"] == pytest.approx([0.8, 0.4], rel=1e-3)


def test_craving_settles_where_withdrawal_cue_and_agonist_put_it() -> None:
    p = values(CRAVING)
    s = {"withdrawal": 0.7, "cue": 1.0, "mu_signal_prescribed": 0.0, "claimed_craving_relief": 0.0}
    at = {"urge": 3 + 4 + 1.5}
    assert CRAVING.rates(np, at, s, p)["urge"] == pytest.approx(0)
    medicated = s | {"withdrawal": 0.0, "cue": 0.0, "mu_signal_prescribed": 1.0}
    assert CRAVING.rates(np, {"urge": 3 - 2.0}, medicated, p)["urge"] == pytest.approx(0)
    relieved = s | {"claimed_craving_relief": 0.5}
    assert CRAVING.rates(np, {"urge": 4.25}, relieved, p)["urge"] == pytest.approx(0)


def test_craving_is_clipped_in_what_is_given_only() -> None:
    p = values(CRAVING)
    urges = np.array([-1.0, 4.0, 12.0])
    assert CRAVING.outputs(np, {"urge": urges}, {}, p)["craving"].tolist() == [0, 4, 10]


def _breath(drive: float, adaptation: float) -> dict[str, float]:
    s = {"mu_agonist_drive": drive, "adaptation": adaptation}
    return BREATHING.outputs(np, {}, s, values(BREATHING))


@pytest.mark.parametrize(("adaptation", "c50"), [(0.0, 0.42), (1.0, 1.82)])
def test_fentanyl_halves_breathing_at_the_published_concentration(adaptation, c50) -> None:
    """Algera 2021: C50 0.42 ng/mL without and 1.82 ng/mL with tolerance."""
    assert _breath(c50 / (c50 + 1.14), adaptation)["ventilation"] == pytest.approx(0.5, abs=0.01)


def test_tolerance_shifts_every_dose_alike_under_an_antagonist() -> None:
    p = values(BREATHING)
    agonist, antagonist, shift = 6.0, 4.0, 1 + p["tolerance_gain"]
    shifted = (agonist / shift) / (agonist / shift + (1 + antagonist) * p["half_odds"])
    given = _breath(agonist / (1 + agonist + antagonist), 1.0)
    assert given["ventilation"] == pytest.approx(1 - p["depression_maximum"] * shifted)


def test_buprenorphine_has_a_ceiling_between_the_two_published_ones() -> None:
    """Dahan 2005 saw about 50 % of resting ventilation left, Yang 2024 fits 33 %."""
    assert 0.33 <= _breath(0.36, 0.0)["ventilation"] <= 0.5


def test_breathing_is_whole_without_drug_and_lost_tolerance_is_what_kills() -> None:
    assert _breath(0.0, 0.0)["ventilation"] == _breath(0.0, 1.0)["ventilation"] == 1
    drive = 4.0 / (4.0 + 1.14)  # fentanyl 4 ng/mL at the effect site
    assert _breath(drive, 1.0)["low_ventilation"] == 0
    assert _breath(drive, 0.0)["low_ventilation"] == 1


def test_alcohol_takes_its_share_of_what_is_left() -> None:
    """van der Schrier 2017: 15.7 of 18.6 L/min at 1 g/L."""
    stage = breathing(ethanol="ethanol_blood")
    s = {"mu_agonist_drive": 0.2, "adaptation": 0.0, "ethanol_blood": np.array([0.0, 1e3, 2e3])}
    left = stage.outputs(np, {}, s, values(stage))["ventilation"]
    assert left[1] / left[0] == pytest.approx(15.7 / 18.6, abs=0.001)
    assert left[2] / left[0] == pytest.approx((15.7 / 18.6) ** 2, abs=0.001)
