"""The course of opioid withdrawal, as published, from dose to COWS.

Short-acting opioids: onset 6 to 12 h, peak 24 to 48 h, below half of the peak by day 5 (clinical
overviews). Buprenorphine 8 mg a day stopped: Fudala 1990. Naloxone in people maintained on
morphine: Tompkins 2009. Before the first dose of treatment: START (CTN-0094 individual data).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from speciosa.core.stage import Stage
from speciosa.exposure.buprenorphine import BUPRENORPHINE
from speciosa.exposure.fentanyl import FENTANYL
from speciosa.exposure.heroin_morphine import HEROIN_MORPHINE
from speciosa.exposure.naloxone import NALOXONE
from speciosa.symptom.scales import cows_category, measure
from speciosa.symptom.withdrawal import WITHDRAWAL
from withdrawal_chain import STEP, receptor, values, withdrawal_after

MASS = {
    "fentanyl_intravenous": 336.5,
    "heroin_intravenous": 369.4,
    "morphine_intravenous": 285.3,
    "buprenorphine_sublingual": 467.6,
    "naloxone_intramuscular": 327.4,
}
Doses = list[tuple[float, str, float]]
HEROIN = (HEROIN_MORPHINE, ("morphine", "monoacetylmorphine"))
# Use a day, mg, and how often: the assumed habits of the default study.
HABITS = [
    ("heroin_intravenous", 120.0, 4),
    ("heroin_intravenous", 400.0, 4),
    ("fentanyl_intravenous", 1.0, 4),
    ("fentanyl_intravenous", 2.0, 6),
    ("fentanyl_intravenous", 4.0, 8),
]


def _daily(entry: str, milligrams: float, times: int, until: float) -> Doses:
    each = milligrams / times / MASS[entry] * 1e6
    return [(at, entry, each) for at in np.arange(0, until + STEP / 2, 24 / times)]


@cache
def _stopped(entry: str, milligrams: float, times: int, weeks: int = 52) -> tuple:
    """Hours since the last use, and withdrawal."""
    drug: Stage = FENTANYL if entry.startswith("fentanyl") else HEROIN_MORPHINE
    ligands = ("fentanyl",) if drug is FENTANYL else HEROIN[1]
    stop = 8 * 24.0
    mu = receptor([drug], ligands, _daily(entry, milligrams, times, stop), stop + 9 * 24)
    return withdrawal_after(mu["mu_signal"], stop=stop, days=7 * weeks)


@pytest.mark.parametrize("habit", HABITS, ids=lambda h: f"{h[0].split('_')[0]} {h[1]:g} mg")
def test_short_acting_opioids_begin_at_6_to_12_h_peak_at_24_to_48_h_halve_by_day_5(habit) -> None:
    t, found = _stopped(*habit)
    cows, score = found["cows"], found["withdrawal_score"]
    assert 6 <= t[np.argmax(cows >= 5)] <= 12  # mild withdrawal begins
    assert 24 <= t[np.argmax(cows)] <= 48
    assert 10 < cows.max() < 17  # the edge of mild and moderate, untreated
    assert score[t >= 5 * 24][0] < 0.5 * score.max()
    assert score[t >= 8 * 24][0] < 0.3 * score.max()


def test_buprenorphine_8_mg_stopped_is_mild_peaks_on_days_3_to_6_and_lasts_8_to_10_days() -> None:
    """Fudala 1990: 8 mg a day for 18 to 36 days, then placebo."""
    stop = 27 * 24.0
    doses = _daily("buprenorphine_sublingual", 8.0, 1, stop)
    mu = receptor([BUPRENORPHINE], ("buprenorphine",), doses, stop + 16 * 24)
    t, found = withdrawal_after(mu["mu_signal"], stop=stop, days=27)
    cows = found["cows"]
    felt = t[found["withdrawal_score"] > 0.5 * found["withdrawal_score"].max()]
    assert cows.max() < 8
    assert 3 <= t[np.argmax(cows)] / 24 <= 6
    assert 8 <= felt[-1] / 24 <= 10
    assert cows[t <= 24].max() < 2


@pytest.mark.parametrize("hours_since_morphine", [4.0, 5.0])
def test_naloxone_precipitates_withdrawal_in_people_on_morphine(hours_since_morphine) -> None:
    """Tompkins 2009: COWS 7.6 after naloxone 0.4 mg and 1.3 after placebo, on 120 mg a day."""
    stop = 8 * 24.0
    challenge = stop + hours_since_morphine
    peaks = {}
    for milligrams in (0.0, 0.4):
        amount = milligrams / MASS["naloxone_intramuscular"] * 1e6
        doses = _daily("morphine_intravenous", 120.0, 4, stop)
        doses.append((challenge, "naloxone_intramuscular", amount))
        mu = receptor([HEROIN_MORPHINE, NALOXONE], (*HEROIN[1], "naloxone"), doses, stop + 12)
        t, found = withdrawal_after(mu["mu_signal"], stop=stop, days=28)
        session = (t >= hours_since_morphine) & (t <= hours_since_morphine + 1)
        peaks[milligrams] = found["cows"][session].max()
    assert peaks[0.0] == pytest.approx(1.3, abs=1)
    assert 4.5 <= peaks[0.4] <= 10


def test_cows_before_the_first_dose_has_the_shares_seen_in_start() -> None:
    """START: none .01, mild .53, moderate .44, severe .015 before the first buprenorphine.

    People are taken to have used 16 (sd 6) h before, and at least the 12 h asked for.
    """
    people, rng = 6000, np.random.default_rng(7)
    hours = np.clip(rng.normal(16, 6, people), 12, 40)
    habit = rng.integers(0, len(HABITS), people)
    felt = np.empty(people)
    for place, entry in enumerate(HABITS):
        t, found = _stopped(*entry)
        felt[habit == place] = np.interp(hours[habit == place], t, found["withdrawal"])
    p = values(WITHDRAWAL)
    p["half"] = p["half"] * np.exp(0.32 * rng.normal(size=people))
    cows = WITHDRAWAL.outputs(np, {}, {"withdrawal": felt}, p)["cows"]
    written = measure(cows, rng.normal(size=people), sd=1.5, low=0, high=48)
    band = np.minimum(cows_category(written), 3)
    shares = np.bincount(band, minlength=4) / people
    assert shares == pytest.approx([0.011, 0.531, 0.442, 0.016], abs=0.06)
    assert np.median(written) == pytest.approx(12.4, abs=1.5)


def test_buprenorphine_on_board_eases_withdrawal_in_someone_adapted_to_a_full_agonist() -> None:
    """Greenwald 2014: at half of the receptors held, withdrawal is suppressed."""
    p = values(WITHDRAWAL)
    cows = {}
    for held in (0.2, 0.5, 0.8):
        drive = (0.36 * held) ** 2.4
        signal = drive * (1 + 0.15**2.4) / (drive + 0.15**2.4)
        felt = max(0.95 - signal, 0.0)
        cows[held] = WITHDRAWAL.outputs(np, {}, {"withdrawal": felt}, p)["cows"]
    assert cows[0.2] > 12
    assert cows[0.5] < 6
    assert cows[0.8] < 2
