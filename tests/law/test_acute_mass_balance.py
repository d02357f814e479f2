"""Nothing is made or lost in the acute chain: drugs, receptors, carbon dioxide and oxygen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from acute_chain import present, typical
from speciosa.core.acute import AcuteSolver
from speciosa.evidence.load import Evidence
from speciosa.exposure.acute_fentanyl import ACUTE_FENTANYL
from speciosa.exposure.acute_naloxone import PRODUCTS, acute_naloxone
from speciosa.models.overdose import overdose
from speciosa.receptor.acute_mu import ACUTE_MU, LIGANDS, binding_set
from speciosa.response.acute_gas import ACUTE_GAS, contents, pressures

PEOPLE = 50


@pytest.fixture(scope="module")
def table(evidence: Evidence) -> dict[str, Any]:
    return typical(overdose(), present(PEOPLE, tolerant=1.0, mg=2.0), evidence)


def some(rng: Any, low: float, high: float) -> Any:
    return rng.uniform(low, high, PEOPLE)


def test_fentanyl_leaves_by_clearance_alone(table: dict[str, Any]) -> None:
    rng, p = np.random.default_rng(1), table["acute_fentanyl"]
    x = {name: some(rng, 0, 3e3) for name in ("central", "shallow", "deep")}
    x["effect"] = some(rng, 0, 100)
    s = {"blood_flow": some(rng, 100, 600)}
    s |= ACUTE_FENTANYL.outputs(np, x, s, p)
    rates = ACUTE_FENTANYL.rates(np, x, s, p)
    lost = sum(rates[name] for name in ("central", "shallow", "deep"))
    assert lost == pytest.approx(-p["CL"] * x["central"] / p["V1"], rel=1e-9)


@pytest.mark.parametrize("product", PRODUCTS)
def test_naloxone_at_rest_leaves_by_clearance_and_lost_bioavailability(
    product: str, evidence: Evidence
) -> None:
    stage, rng = acute_naloxone(product), np.random.default_rng(2)
    p = typical(overdose(product), present(PEOPLE, tolerant=1.0, mg=2.0), evidence)[
        "acute_naloxone"
    ]
    x = {name: some(rng, 0, kind.scale) for name, kind in stage.states.items()}
    s = {"blood_flow": np.full(PEOPLE, 60.0)}  # low flow: volumes as they are
    rates = stage.rates(np, x, s, p)
    inside = rates["depot"] * p["F"] + rates["first_transit"] + rates["second_transit"]
    inside = inside + rates["central"] * p["V"] + rates["peripheral"] * p["V2"]
    assert inside == pytest.approx(-p["CL"] * x["central"], rel=1e-8)


def test_receptors_stay_between_none_and_all(table: dict[str, Any]) -> None:
    rng, p = np.random.default_rng(3), table["acute_mu"]
    s = {f"acute_{ligand}_effect": some(rng, 0, 500) for ligand in LIGANDS}
    half = some(rng, 0, 1)
    full = ACUTE_MU.rates(np, {"held_fentanyl": half, "held_naloxone": 1 - half}, s, p)
    assert np.all(full["held_fentanyl"] + full["held_naloxone"] < 0)
    none = ACUTE_MU.rates(np, {"held_fentanyl": 0 * half, "held_naloxone": 0 * half}, s, p)
    assert np.all(none["held_fentanyl"] > 0) and np.all(none["held_naloxone"] > 0)


def test_the_binding_set_varies_as_the_assay_correlates_it(table: dict[str, Any]) -> None:
    rng = np.random.default_rng(4)
    p = dict(table["acute_mu"])
    for ligand in LIGANDS:
        for score in ("one", "two", "three"):
            p[f"score_{score}_{ligand}"] = rng.standard_normal(200_000)
        half, koff, n = binding_set(p, ligand)
        rows = np.stack([np.log(half), np.log(koff), n])
        wanted = [p[f"{name}_{ligand}"] for name in ("sd_half", "sd_koff", "sd_n")]
        assert rows.std(axis=1) == pytest.approx(wanted, rel=0.01)
        found = np.corrcoef(rows)
        assert found[0, 1] == pytest.approx(p[f"r_half_koff_{ligand}"], abs=0.01)
        assert found[0, 2] == pytest.approx(p[f"r_half_n_{ligand}"], abs=0.01)
        assert found[1, 2] == pytest.approx(p[f"r_koff_n_{ligand}"], abs=0.01)


def test_the_blood_equation_and_its_inverse_undo_each_other(table: dict[str, Any]) -> None:
    rng, p = np.random.default_rng(5), table["acute_gas"]
    co2, oxygen = some(rng, 20, 90), some(rng, 5, 120)
    back = pressures(np, *contents(np, co2, oxygen, p), p)
    assert back[0] == pytest.approx(co2, rel=1e-9)
    assert back[1] == pytest.approx(oxygen, rel=1e-9)


def test_gas_moves_between_stores_and_is_made_only_by_metabolism(table: dict[str, Any]) -> None:
    """With closed lungs, what lungs, brain and tissue gain is what metabolism makes or takes."""
    rng, p = np.random.default_rng(6), table["acute_gas"]
    x = {
        "alveolar_co2": some(rng, 30, 60), "alveolar_oxygen": some(rng, 20, 110),
        "brain_co2_content": some(rng, 0.60, 0.62), "brain_oxygen_content": some(rng, 2e-4, 1e-3),
        "tissue_co2_content": some(rng, 0.60, 0.62), "tissue_oxygen_content": some(rng, 2e-4, 1e-3),
    }  # fmt: skip
    s = {"brain_flow": some(rng, 30, 90), "tissue_flow": some(rng, 200, 400)}
    s["blood_flow"] = s["brain_flow"] + s["tissue_flow"]
    s |= {"minute_ventilation": np.zeros(PEOPLE), "wakefulness": some(rng, 0.1, 1)}
    s |= ACUTE_GAS.outputs(np, x, s, p)
    rates = ACUTE_GAS.rates(np, x, s, p)
    awake = s["wakefulness"] ** p["metabolism_exponent"]
    for gas, sign, word in (("co2", 1, "output"), ("oxygen", -1, "use")):
        gained = rates[f"alveolar_{gas}"] * p["alveolar_volume"] / p["pressure_per_content"]
        made = 0.0
        for place in ("brain", "tissue"):
            gained = gained + rates[f"{place}_{gas}_content"] * p[f"{place}_volume"]
            left = np.minimum(s[f"{place}_oxygen"] / p["metabolism_oxygen_pressure"], 1.0)
            least = np.maximum(awake, p[f"metabolism_floor_{gas}"])
            made = made + sign * least * left * p[f"{place}_{gas}_{word}"]
        assert gained == pytest.approx(made, rel=1e-9)


def test_nothing_given_nothing_happens(evidence: Evidence) -> None:
    model = overdose()
    table = typical(model, present(1, tolerant=1.0, mg=0.0), evidence)
    solver = AcuteSolver(
        model, recorded=["minute_ventilation", "acute_mu_fentanyl"], seconds=600.0, every=10.0
    )
    outcome = solver.solve(table, 1, {})
    assert outcome.samples["minute_ventilation"] / 405.86 == pytest.approx(
        np.ones((60, 1)), rel=2e-4
    )
    assert np.all(outcome.samples["acute_mu_fentanyl"] == 0.0)
