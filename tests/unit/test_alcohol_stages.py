"""Alcohol from the receptor on: benzodiazepines, adaptation, CIWA-Ar, complications, craving."""

from __future__ import annotations

import numpy as np
import pytest

from alcohol_chain import at_record
from speciosa.core.stage import Moment
from speciosa.exposure.acamprosate import ACAMPROSATE
from speciosa.exposure.benzodiazepine import CHLORDIAZEPOXIDE, LORAZEPAM
from speciosa.receptor.gaba import gaba
from speciosa.response.alcohol_adaptation import ALCOHOL_ADAPTATION
from speciosa.response.alcohol_craving import ALCOHOL_CRAVING
from speciosa.response.drinking import (
    ALCOHOL_DROPOUT,
    DRINKING,
    DRINKING_WITH_CARE,
    hazard_ratio,
    leaving_hazard,
    relapse_drugs,
)
from speciosa.response.seizure import COMPLICATIONS, DELIRIUM, SEIZURE
from speciosa.symptom.ciwa import CIWA

MG = {"lorazepam": 1e6 / 321.16, "chlordiazepoxide": 1e6 / 299.76}  # nmol
SEVERE = {
    "hyperexcitability_unrelieved": 0.175,
    "benzodiazepine_block": 0.0,
    "mitragynine_plasma": 0.0,
}


@pytest.mark.parametrize(("drug", "share"), [(LORAZEPAM, 0.62), (CHLORDIAZEPOXIDE, 0.38)])
def test_the_usual_amount_comes_to_the_calibrated_block(drug, share) -> None:
    name, p = drug.name, at_record(drug)
    every, store = 6.0, {mode: 0.0 for mode in drug.modes}
    gains = drug.entries[f"{name}_oral"]
    loads = []
    for hour in np.arange(0, 400, 0.1):
        if abs(hour / every - round(hour / every)) < 0.01:
            dose = p["usual"] * every * MG[name]  # usual is mg per hour
            store = {m: store[m] + dose * p[gains[m]] for m in store}
        rates = {m: p[mode.rate] for m, mode in drug.modes.items()}
        store = {m: store[m] * np.exp(-0.1 * rates[m]) for m in store}
        loads.append(drug.outputs(np, store, {}, p))
    last = loads[-240:]  # a day
    assert np.mean([one[f"{name}_load"] for one in last]) == pytest.approx(1.0, rel=0.02)
    assert np.mean([one[f"{name}_block"] for one in last]) == pytest.approx(share, abs=0.01)
    assert loads[0][f"{name}_load"] < 0.1 * loads[60][f"{name}_load"]  # it comes late


def test_a_dose_of_a_benzodiazepine_fades() -> None:
    p = at_record(LORAZEPAM)
    gains = LORAZEPAM.entries["lorazepam_oral"]
    blocks = []
    for hour in (0.0, 4.0, 60.0):
        x = {
            m: 2 * MG["lorazepam"] * p[gains[m]] * np.exp(-p[mode.rate] * hour)
            for m, mode in LORAZEPAM.modes.items()
        }
        blocks.append(float(LORAZEPAM.outputs(np, x, {}, p)["lorazepam_block"]))
    assert blocks[0] == pytest.approx(0, abs=1e-9)
    assert blocks[1] > 5 * blocks[2] > 0


def test_acamprosate_reaches_its_level_at_the_usual_amount_and_no_more() -> None:
    p = at_record(ACAMPROSATE)
    per_mg = p["gain"] / p["molar_mass"]
    steady = 666 * per_mg / (1 - np.exp(-p["loss"] * 8))
    level = lambda store: ACAMPROSATE.outputs(np, {"acamprosate_store": store}, {}, p)  # noqa: E731
    assert 0.9 < steady * np.exp(-p["loss"] * 4) < 1.1  # half way between two doses
    assert level(3.0)["acamprosate_level"] == 1.0
    assert level(0.5)["acamprosate_level"] == 0.5


def test_two_benzodiazepines_block_what_the_other_leaves() -> None:
    stage = gaba(("lorazepam", "chlordiazepoxide"))
    s = {"alcohol_plasma": 0.0, "lorazepam_block": 0.5, "chlordiazepoxide_block": 0.2,
         "lorazepam_load": 0.6, "chlordiazepoxide_load": 0.4}  # fmt: skip
    y = stage.outputs(np, {}, s, at_record(stage))
    assert y["benzodiazepine_block"] == pytest.approx(0.6)
    assert y["benzodiazepine_load"] == pytest.approx(1.0)
    assert y["alcohol_effect"] == 0


def test_adaptation_gains_slower_than_it_is_lost() -> None:
    p = at_record(ALCOHOL_ADAPTATION)
    x = {"adapted": 0.3, "excitability": 0.0, "unrelieved": 0.0}
    s = {"benzodiazepine_block": 0.0, "in_treatment": 0.0, "claimed_withdrawal_relief": 0.0}
    up, down = (
        ALCOHOL_ADAPTATION.rates(
            np, x, s | {"alcohol_effect": e, "alcohol_deficit": max(0.3 - e, 0.0)}, p
        )
        for e in (0.5, 0.1)
    )
    assert -down["adapted"] / up["adapted"] == pytest.approx(168 / 40)
    assert up["excitability"] == 0 < down["excitability"]


def test_what_is_claimed_eases_what_is_felt_and_not_what_seizures_follow() -> None:
    p = at_record(ALCOHOL_ADAPTATION)
    x = {"adapted": 0.3, "excitability": 0.1, "unrelieved": 0.1}
    s = {"benzodiazepine_block": 0.0, "in_treatment": 1.0, "alcohol_effect": 0.0,
         "alcohol_deficit": 0.3}  # fmt: skip
    none, half = (
        ALCOHOL_ADAPTATION.rates(np, x, s | {"claimed_withdrawal_relief": r}, p) for r in (0.0, 0.5)
    )
    assert half["excitability"] < none["excitability"]
    assert half["unrelieved"] == none["unrelieved"] == none["excitability"]


def test_ciwa_ends_at_67() -> None:
    p = at_record(CIWA)
    at = lambda g: float(CIWA.outputs(np, {}, {"hyperexcitability": g}, p)["ciwa"])  # noqa: E731
    assert at(0.0) == 0
    assert at(0.1747) == pytest.approx(22, abs=0.05)
    assert at(5.0) == 67


def test_seizures_follow_severity_and_a_benzodiazepine_prevents_them() -> None:
    p = at_record(COMPLICATIONS)
    x = {"strain": 1.0, "seizure_sum": 0.0, "delirium_sum": 0.0}
    hazard = lambda **s: COMPLICATIONS.outputs(np, x, SEVERE | s, p)["seizure_hazard"]  # noqa: E731
    assert hazard() == pytest.approx(p["seizure_rate"], rel=0.01)  # at the reference severity
    assert hazard(hyperexcitability_unrelieved=0.35) > 3 * hazard()
    assert hazard(benzodiazepine_block=0.62) == pytest.approx(0.38 * hazard())
    assert hazard(mitragynine_plasma=1e5) == pytest.approx(1.3 * hazard(), rel=0.01)


@pytest.mark.parametrize("decision", [SEIZURE, DELIRIUM], ids=lambda one: one.name)
def test_an_event_is_drawn_with_the_hazard_gained_and_kept_once(decision) -> None:
    name = decision.name
    u = np.linspace(0.005, 0.995, 100)
    memory = {f"{name}_day": np.full(100, -1.0), f"{name}_before": np.full(100, 0.2)}
    s = {f"{name}_exposure": np.full(100, 0.2 + np.log(2))}
    memory, doses = decision.decide(np, Moment(30.0, 14.0, 1.0), s, memory, (u,), {})
    assert not doses
    assert np.sum(memory[f"{name}_day"] == 1) == 50
    s = {f"{name}_exposure": np.full(100, 1e3)}
    memory, _ = decision.decide(np, Moment(60.0, 20.0, 2.0), s, memory, (u,), {})
    assert np.sum(memory[f"{name}_day"] == 1) == 50  # the first one stays
    assert np.sum(memory[f"{name}_day"] == 2) == 50


def test_craving_falls_with_abstinence_and_rises_with_withdrawal() -> None:
    p = at_record(ALCOHOL_CRAVING)
    s = {"days_abstinent": 0.0, "hyperexcitability": 0.0, "cue": 0.0, "psqi": p["psqi_usual"],
         "claimed_craving_relief": 0.0}  # fmt: skip
    craving = lambda **c: ALCOHOL_CRAVING.outputs(np, {}, s | c, p)["craving"]  # noqa: E731
    odds = lambda q: q / (10 - q)  # noqa: E731
    assert craving() == pytest.approx(5.0)
    assert np.log(odds(craving(days_abstinent=1.0))) == pytest.approx(-0.70 - 0.12 / 7)
    week = np.log(odds(craving(days_abstinent=15.0)) / odds(craving(days_abstinent=8.0)))
    assert week == pytest.approx(-0.12)
    assert craving(hyperexcitability=0.1747) > craving() < craving(cue=1.0)
    assert craving(claimed_craving_relief=0.5) == pytest.approx(2.5)
    typical = ALCOHOL_CRAVING.outputs(np, {}, s | {"days_abstinent": 9.0, "cue": 1.0}, p)
    assert typical["craving_expected"] < typical["craving"]


def test_hazard_of_relapse_reads_drugs_care_craving_and_sleep() -> None:
    p = at_record(DRINKING, use_propensity=0.0, residential_days=0.0)
    s = {"craving": 2.0, "craving_expected": 2.0, "psqi": p["psqi_usual"],
         "naltrexone_cover": 0.0, "acamprosate_cover": 0.0}  # fmt: skip
    assert hazard_ratio(np, s, p) == pytest.approx(1.0)
    assert hazard_ratio(np, s | {"naltrexone_cover": 1.0}, p) == pytest.approx(0.77)
    assert hazard_ratio(np, s | {"care_log_odds": np.log(0.83)}, p) == pytest.approx(0.83)
    assert "care_log_odds" in DRINKING_WITH_CARE.watches


def test_covers_are_nothing_without_the_drugs() -> None:
    none = relapse_drugs(naltrexone=False, acamprosate=False)
    assert none.needs == {}
    assert set(none.outputs(np, {}, {}, {}).values()) == {0.0}
    both = relapse_drugs(naltrexone=True, acamprosate=True)
    s = {"mu_occupancy_naltrexone": 0.9, "acamprosate_level": 0.4}
    assert both.outputs(np, {}, s, {})["relapse_drug_cover"] == 0.9


def test_people_leave_sooner_when_they_drink_or_suffer() -> None:
    p = at_record(ALCOHOL_DROPOUT, frailty=1.0, dropout_rate=0.008)
    calm = {"ciwa": 10.0, "use_days_7": 0.0}
    outside, inside = (leaving_hazard(np, calm, living, p) for living in (0.0, 1.0))
    assert outside == pytest.approx(0.008)
    assert inside == pytest.approx(0.015)
    assert leaving_hazard(np, calm | {"use_days_7": 3.0}, 0.0, p) == pytest.approx(0.008 * np.e)
    assert leaving_hazard(np, calm | {"ciwa": 30.0}, 1.0, p) == pytest.approx(0.015 * np.e)
