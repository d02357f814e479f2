"""Products: their molecules, their batches and what is stated about them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from speciosa.care import shelf
from speciosa.care.product import batch_number, composition_factors, unit_covariate
from speciosa.care.regimen import Regimen
from speciosa.core.errors import InputError
from speciosa.evidence.load import load_evidence
from speciosa.evidence.sample import draw_value

ATOMIC_WEIGHTS = {"C": 12.011, "H": 1.008, "N": 14.007, "O": 15.999, "Cl": 35.45, "F": 18.998,
                  "S": 32.06, "Ca": 40.078}  # fmt: skip
# Dose entries that the stages of exposure declare.
ENTRIES = {
    "mitragynine_oral",
    "hydroxymitragynine_oral",
    "melatonin_oral",
    "melatonin_prolonged",
    "buprenorphine_sublingual",
    "methadone_oral",
    "lofexidine_oral",
    "clonidine_oral",
    "naltrexone_oral",
    "naltrexone_injection",
    "naloxone_intramuscular",
    "naloxone_intravenous",
    "naloxone_intranasal",
    "fentanyl_intravenous",
    "heroin_intravenous",
    "morphine_oral",
    "morphine_intravenous",
    "oxycodone_oral",
    "midazolam_oral",
    "dextromethorphan_oral",
    "caffeine_oral",
    "fluvoxamine_oral",
    "ketoconazole_oral",
    "itraconazole_oral",
    "alcohol_oral",
    "alcohol_intravenous",
    "lorazepam_oral",
    "chlordiazepoxide_oral",
    "acamprosate_oral",
}


def _mass(formula: str) -> float:
    total, place = 0.0, 0
    while place < len(formula):
        size = 2 if formula[place : place + 2] in ATOMIC_WEIGHTS else 1
        element, place = formula[place : place + size], place + size
        digits = ""
        while place < len(formula) and formula[place].isdigit():
            digits, place = digits + formula[place], place + 1
        total += ATOMIC_WEIGHTS[element] * int(digits or 1)
    return total


def _molecules() -> dict:
    numbers = load_evidence().numbers
    return {k: v for k, v in numbers.items() if k.startswith("molecule.")}


def test_every_molar_mass_is_the_sum_over_its_formula():
    assert len(_molecules()) >= 20
    for name, number in _molecules().items():
        assert number.value == pytest.approx(_mass(number.locator), abs=6e-4), name


def test_the_shelf_covers_every_dose_entry_and_no_other():
    found = {e for p in shelf.SHELF for route in p.routes for e in p.entries(route)}
    assert found == ENTRIES


@pytest.mark.parametrize("product", shelf.SHELF, ids=lambda p: p.key)
def test_every_product_rests_on_records_that_exist(product):
    evidence = load_evidence()
    for constituent in product.constituents:
        assert evidence.number(constituent.content).unit in ("mg/g", "mg/mg")
        assert evidence.number(constituent.content).unit == f"mg/{product.unit}"
        assert evidence.number(constituent.molar_mass).unit == "g/mol"
        if constituent.batch_cv:
            assert evidence.number(constituent.batch_cv).unit == "1"
    assert product.key.isidentifier() and product.key == product.key.lower()


def test_no_two_products_share_a_word():
    words = [w.lower() for p in shelf.SHELF for w in (p.name, *p.synonyms)]
    assert len(words) == len(set(words))


def test_every_source_in_the_products_file_is_used_or_named():
    folder = Path(shelf.__file__).parents[1] / "evidence"
    sources = tomllib.loads((folder / "sources" / "products.toml").read_text("utf-8"))
    records = (folder / "records" / "products.toml").read_text("utf-8")
    for name in sources:
        assert name in records, name


def test_two_grams_of_the_trial_leaf_hold_the_39_mg_that_the_trial_states():
    factors = composition_factors(shelf.KRATOM_LEAF_K51, 0.0)
    milligrams = 2.0 * factors["mitragynine_oral"] * 398.503 / 1e6
    assert milligrams == pytest.approx(39.0, rel=0.01)


def test_a_median_leaf_dose_in_nmol():
    factors = composition_factors(shelf.KRATOM_LEAF, 0.0)
    assert 4.0 * factors["mitragynine_oral"] == pytest.approx(4 * 15e6 / 398.503, rel=1e-9)


def test_batches_of_leaf_have_the_recorded_median_and_variation():
    scores = np.asarray([draw_score(k / 20001) for k in range(1, 20001)])
    content = composition_factors(shelf.KRATOM_LEAF, scores)["mitragynine_oral"] * 398.503 / 1e6
    assert np.median(content) == pytest.approx(15.0, rel=1e-3)
    assert np.std(content) / np.mean(content) == pytest.approx(0.35, rel=0.01)


def draw_score(share: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(share))


def test_a_gram_never_holds_more_than_a_gram():
    strongest = composition_factors(shelf.KRATOM_EXTRACT, 40.0)["mitragynine_oral"]
    assert strongest * 398.503 / 1e6 == pytest.approx(1000.0)


def test_leaf_never_exceeds_the_limit_of_hydroxymitragynine():
    number = load_evidence().number("product.kratom_leaf.hydroxymitragynine")
    assert draw_value(number, np.linspace(-5, 5, 101)).max() <= 0.12


def test_values_of_draws_broadcast_against_batches():
    product = shelf.KRATOM_LEAF
    values = {r: load_evidence().number(r).value for r in product.records()}
    values["product.kratom_leaf.mitragynine"] = np.array([[10.0], [20.0]])
    found = composition_factors(product, np.zeros((1, 3)), values)["mitragynine_oral"]
    assert found.shape == (2, 3)
    np.testing.assert_allclose(found[1], 2 * found[0])


def test_what_is_stated_overrides_the_median_and_ends_the_lottery():
    stated = Regimen.parse("kratom leaf (mitragynine 13.3 mg/g) 4 g once").product
    assert not stated.varies() and shelf.KRATOM_LEAF.varies()
    factors = composition_factors(stated, np.array([-2.0, 0.0, 2.0]))
    np.testing.assert_allclose(factors["mitragynine_oral"], 13.3e6 / 398.503)
    assert "product.kratom_leaf.mitragynine" not in stated.records()
    assert unit_covariate(stated, "mitragynine_oral") != unit_covariate(
        shelf.KRATOM_LEAF, "mitragynine_oral"
    )


def test_the_parts_of_prolonged_release_melatonin_make_the_whole():
    factors = composition_factors(shelf.MELATONIN_PROLONGED, 0.0)
    whole = composition_factors(shelf.MELATONIN, 0.0)["melatonin_oral"]
    assert set(factors) == {"melatonin_oral", "melatonin_prolonged"}
    assert sum(factors.values()) == pytest.approx(whole)
    assert factors["melatonin_oral"] == pytest.approx(0.25 * whole)


def test_the_route_decides_the_entry():
    assert list(composition_factors(shelf.NALOXONE, 0.0)) == ["naloxone_intramuscular"]
    assert list(composition_factors(shelf.NALOXONE, 0.0, route="intravenous")) == [
        "naloxone_intravenous"
    ]


def test_placebo_holds_nothing():
    assert composition_factors(shelf.PLACEBO, np.zeros(3)) == {}


def test_a_labelled_7_oh_tablet_holds_5_to_28_per_cent_more():
    scores = np.array([-1.645, 1.645])
    found = composition_factors(shelf.HYDROXYMITRAGYNINE_TABLET, scores)["hydroxymitragynine_oral"]
    np.testing.assert_allclose(found * 414.502 / 1e6, [1.05, 1.28], rtol=0.01)


@pytest.mark.parametrize("content", [-1.0, 1001.0, float("nan"), float("inf")])
def test_impossible_contents_are_refused(content):
    with pytest.raises(InputError, match="impossible"):
        shelf.KRATOM_LEAF.with_stated("mitragynine", content)


def test_a_constituent_is_stated_once():
    with pytest.raises(InputError, match="twice"):
        shelf.KRATOM_LEAF.with_stated("7-OH", 0.1).with_stated("hydroxymitragynine", 0.1)


def test_an_unknown_constituent_names_the_nearest():
    with pytest.raises(InputError, match='Did you mean "mitragynine"'):
        shelf.KRATOM_LEAF.with_stated("mitraginine", 10.0)


def test_a_new_batch_every_fourteen_days():
    days = load_evidence().number("product.batch.days").value
    assert batch_number([0.0, 13.9 * 24, 14 * 24, 28 * 24], days).tolist() == [0, 0, 1, 2]
