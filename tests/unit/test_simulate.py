"""A quick look: people, exposures and ratios, and what it says beside them."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from speciosa.core.errors import InputError
from speciosa.core.notice import INTENDED_USE
from speciosa.evidence.load import load_evidence
from speciosa.trial.exposure import Quantiles, exposure
from speciosa.trial.simulate import Simulation, central, simulate
from speciosa.view.banners import banners
from speciosa.view.simulation import print_simulation


@pytest.fixture(scope="module")
def melatonin() -> Simulation:
    return simulate("melatonin 5 mg once", ["placebo once"], people=20, days=2)


@pytest.fixture(scope="module")
def after_use() -> Simulation:
    return simulate("kratom leaf 4 g once", people=20, days=1, population="opioid")


def printed(look: Simulation) -> str:
    out = io.StringIO()
    print_simulation(look, to=Console(file=out, width=100, highlight=False))
    return out.getvalue()


# ---- exposure -----------------------------------------------------------------------------------


def test_exposure_of_a_known_curve() -> None:
    hours = 0.25 * np.arange(96 * 3)
    doses = np.array([0.0, 24.0])
    rate = np.array([0.1, 0.3])
    curve = sum(
        np.where(hours[:, None] >= at, np.exp(-rate * np.maximum(hours[:, None] - at, 0)), 0)
        for at in doses
    )
    found = exposure(hours, curve, doses)
    np.testing.assert_allclose(found.half_life, np.log(2) / rate, rtol=1e-6)
    np.testing.assert_allclose(found.tmax, 0.0)  # from the second dose
    np.testing.assert_allclose(found.cmax, 1 + np.exp(-24 * rate), rtol=1e-12)
    whole = sum((1 - np.exp(-rate * (hours[-1] - at))) / rate for at in doses)
    np.testing.assert_allclose(found.auc, whole, rtol=0.02)  # trapezoids cut the second dose's rise


def test_no_half_life_where_the_last_dose_is_not_known_or_nothing_falls() -> None:
    hours = 0.25 * np.arange(96)
    curve = np.exp(-0.2 * hours)[:, None]
    assert np.isnan(exposure(hours, curve, np.empty(0)).half_life).all()
    assert np.isnan(exposure(hours, np.zeros((96, 1)), np.zeros(1)).half_life).all()
    rising = hours[:, None] + 1
    assert np.isnan(exposure(hours, rising, np.zeros(1)).half_life).all()


def test_people_without_a_value_are_left_out() -> None:
    assert Quantiles.of([1.0, np.nan, 3.0]).median == 2.0
    assert np.isnan(Quantiles.of([np.nan]).median)


def test_the_central_evidence_has_no_spread_and_people_still_differ() -> None:
    known = load_evidence()
    fixed = central(known)
    assert any(n.spread for n in known.numbers.values())
    assert not any(n.spread for n in fixed.numbers.values())
    assert {n.id for n in fixed.numbers.values() if n.between} == {
        n.id for n in known.numbers.values() if n.between
    }


# ---- the cohort ---------------------------------------------------------------------------------


def test_melatonin_is_read_without_what_the_body_makes(melatonin: Simulation) -> None:
    assert melatonin.people == 20
    assert melatonin.hours[-1] == 47.75
    assert (melatonin.asked, melatonin.failed) == (40, 0)
    one = melatonin.exposures["melatonin_plasma"]
    total = melatonin.courses["melatonin_plasma"]
    assert (one.cmax > 0).all() and (one.cmax <= total.max(axis=0) + 1e-9).all()
    assert ((one.half_life > 0.2) & (one.half_life < 3)).all()  # about 45 min in people
    assert one.cmax.std() > 0  # people differ


def test_placebo_changes_nothing_in_the_same_people(melatonin: Simulation) -> None:
    ratio = melatonin.ratios()["melatonin_plasma"]
    for kind in ("auc", "cmax"):
        found = ratio[kind]
        np.testing.assert_allclose([found.low, found.median, found.high], 1.0, rtol=1e-12)
    assert melatonin.added == ("placebo once",)


def test_twice_the_dose_is_twice_the_exposure(melatonin: Simulation) -> None:
    more = simulate("melatonin 10 mg once", ["placebo once"], people=20, days=2)
    for name in ("auc", "cmax"):
        once, twice = (
            getattr(each.exposures["melatonin_plasma"], name) for each in (melatonin, more)
        )
        np.testing.assert_allclose(twice / once, 2.0, rtol=2e-3)


def test_company_does_not_change_a_person(melatonin: Simulation) -> None:
    more = simulate("melatonin 5 mg once", ["placebo once"], people=150, days=2)
    both = (each.courses["melatonin_plasma"][:, :20] for each in (melatonin, more))
    np.testing.assert_array_equal(*both)


def test_people_who_used_arrive_with_opioid_and_withdraw(after_use: Simulation) -> None:
    held = after_use.courses["mu_occupancy"]
    assert (held[0] > after_use.courses["mu_occupancy_mitragynine"][0]).any()
    assert after_use.felt()["cows"]["highest"].median > 4
    assert set(after_use.exposures) == {"mitragynine_plasma", "hydroxymitragynine_plasma"}
    assert ((held >= 0) & (held <= 1)).all()


def test_people_who_use_nothing_have_no_opioid(melatonin: Simulation) -> None:
    assert not melatonin.courses["mu_occupancy"].any()
    np.testing.assert_allclose(melatonin.courses["ventilation"], 1.0)


@pytest.mark.slow
def test_the_whole_model_says_the_same_as_the_part_that_is_needed() -> None:
    part = simulate("kratom leaf 4 g once", people=20, days=1)
    whole = simulate("kratom leaf 4 g once", people=20, days=1, quantities=["cows", "psqi"])
    for name, course in part.courses.items():
        scale = np.abs(course).max() + 1e-12
        assert np.abs(whole.courses[name] - course).max() / scale < 1e-6, name


# ---- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("given, said", [
    ({"people": 19}, "19 people"),
    ({"population": "tobacco"}, '"tobacco" is no population'),
    ({"days": 0}, "0 days"),
    ({"quantities": ["cow"]}, 'no quantity "cow"'),
])  # fmt: skip
def test_what_cannot_be_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        simulate("melatonin 5 mg once", **given)  # type: ignore[arg-type]


def test_a_quantity_that_was_not_recorded_is_named(melatonin: Simulation) -> None:
    with pytest.raises(InputError, match='Did you mean "melatonin_plasma"'):
        melatonin.quantiles("melatonin_plasm")
    assert melatonin.quantiles("melatonin_plasma").shape == (3, 192)


# ---- what is said -------------------------------------------------------------------------------


def test_the_terminal_says_what_it_is_and_fits(melatonin: Simulation) -> None:
    text = printed(melatonin)
    assert max(len(line) for line in text.splitlines()) <= 100
    flat = " ".join(text.split())
    assert f"Simulated, not observed. {INTENDED_USE}" in flat
    assert "1.00 (1.00–1.00)" in flat
    assert "20 people who use no opioid" in flat
    assert "safe" not in flat and "recommend" not in flat


def test_an_agonist_with_a_sedative_raises_the_banner(melatonin: Simulation) -> None:
    banner = next(each.text for each in banners() if each.when == "agonist with sedative")
    assert banner not in " ".join(printed(melatonin).split())
    together = replace(melatonin, regimens=("morphine 10 mg once",), added=("diazepam 10 mg once",))
    assert banner in " ".join(printed(together).split())


def test_people_who_used_are_told_what_saves_lives(after_use: Simulation) -> None:
    text = " ".join(printed(after_use).split())
    assert "Methadone and buprenorphine lower mortality" in text
    assert "COWS, 0 to 48" in text


def test_the_document_is_plain_json(melatonin: Simulation) -> None:
    found = json.loads(json.dumps(melatonin.document(), allow_nan=False))
    assert found["simulated"] == "simulated, not observed"
    assert found["intended_use"] == INTENDED_USE
    assert found["people"] == 20
    assert found["exposure"]["alone"]["melatonin_plasma"]["cmax"]["median"] > 0
    assert found["ratios"]["melatonin_plasma"]["auc"]["median"] == pytest.approx(1)
    assert sum(found["evidence_grades"].values()) == len(melatonin.records)


def test_alcohol_in_people_who_drink_little_and_withdrawal_in_people_who_drank_much():
    look = simulate("alcohol 40 g once", people=20, days=1)
    peak = look.exposures["alcohol_plasma"].cmax * 46.069e-6  # mg/L
    assert 400 < np.median(peak) < 1200
    assert look.felt()["ventilation"]["lowest"].median < 1
    with pytest.raises(InputError, match="alcohol"):
        simulate("alcohol 40 g once", people=20, days=1, population="opioid")


def test_people_in_alcohol_withdrawal_have_a_ciwa_that_lorazepam_lowers():
    look = simulate(
        "placebo once", ["lorazepam 2 mg every 6 h for 2 d"], people=20, days=2,
        population="alcohol",
    )  # fmt: skip
    alone, with_it = (look.felt(together=t)["ciwa"]["mean"].median for t in (False, True))
    assert 3 < with_it < 0.85 * alone < 30
    assert "cows" not in look.courses
