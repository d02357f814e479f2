"""Laws of binding: shares are shares, antagonists only take away, nothing gives nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opioid_chain import central
from speciosa.core.dimensions import check_dimensions
from speciosa.receptor.alpha2 import AGONISTS, alpha2
from speciosa.receptor.mu import ALKALOIDS, OPIOIDS, mu

MU = mu(OPIOIDS)
MU_VALUES = central(MU)
ALPHA2 = alpha2()
ALPHA2_VALUES = central(ALPHA2)
ANTAGONISTS = ("naloxone", "naltrexone")
AGONISTS_OF_MU = tuple(sorted(set(OPIOIDS) - set(ANTAGONISTS)))

level = st.floats(min_value=0.0, max_value=1e5, allow_nan=False)
levels = st.fixed_dictionaries({source: level for source in MU.needs})


def receptor(concentrations: dict[str, float]) -> dict[str, float]:
    return MU.outputs(np, {}, {**dict.fromkeys(MU.needs, 0.0), **concentrations}, MU_VALUES)


def relief(concentrations: dict[str, float]) -> float:
    s = {**dict.fromkeys(ALPHA2.needs, 0.0), **concentrations}
    return float(ALPHA2.outputs(np, {}, s, ALPHA2_VALUES)["alpha2_relief"])


@given(levels)
def test_occupancies_are_shares_that_add_to_less_than_one(s):
    found = receptor(s)
    each = [found[f"mu_occupancy_{ligand}"] for ligand in (*OPIOIDS, *ALKALOIDS)]
    assert all(0.0 <= share < 1.0 for share in each)
    assert sum(each) < 1.0
    assert found["mu_occupancy"] == pytest.approx(sum(each), abs=1e-12)


@given(levels)
def test_the_signal_is_a_share_and_no_part_exceeds_the_whole(s):
    found = receptor(s)
    assert 0.0 <= found["mu_signal"] <= 1.0
    assert found["mu_signal_prescribed"] <= found["mu_signal"] + 1e-12
    assert found["mu_blockade"] <= found["mu_occupancy"] + 1e-12


@given(levels, st.sampled_from(ANTAGONISTS), st.floats(min_value=0.01, max_value=1e4))
def test_an_antagonist_never_raises_the_signal(s, antagonist, more):
    source = f"{antagonist}_effect"
    before, after = receptor(s), receptor({**s, source: s[source] + more})
    assert after["mu_signal"] <= before["mu_signal"] + 1e-12
    assert after["mu_agonist_drive"] <= before["mu_agonist_drive"] + 1e-12


@pytest.mark.parametrize("agonist", AGONISTS_OF_MU)
@pytest.mark.parametrize("antagonist", ANTAGONISTS)
def test_an_antagonist_takes_most_of_an_agonists_signal_away(agonist, antagonist):
    alone = receptor({f"{agonist}_effect": MU_VALUES[f"K_{agonist}"]})
    source = f"{antagonist}_effect"
    both = receptor(
        {
            f"{agonist}_effect": MU_VALUES[f"K_{agonist}"],
            source: 100.0 * MU_VALUES[f"K_{antagonist}"],
        }
    )
    assert both["mu_signal"] < 0.05 * alone["mu_signal"]


@given(st.sampled_from(OPIOIDS), st.floats(min_value=1e-3, max_value=1e4), level)
def test_more_of_one_ligand_holds_more_and_leaves_less_to_the_others(ligand, more, start):
    background = dict.fromkeys(MU.needs, 50.0)
    source = f"{ligand}_effect"
    before = receptor({**background, source: start})
    after = receptor({**background, source: start + more})
    for other in (*OPIOIDS, *ALKALOIDS):
        key = f"mu_occupancy_{other}"
        if other == ligand:
            assert after[key] >= before[key]
        else:
            assert after[key] <= before[key]


def test_nothing_in_the_body_gives_nothing():
    assert set(receptor({}).values()) == {0.0}
    assert relief({}) == 0.0


def test_a_partial_agonist_added_to_a_full_one_lowers_the_signal():
    full = receptor({"fentanyl_effect": 5.0 * MU_VALUES["K_fentanyl"]})
    mixed = receptor(
        {
            "fentanyl_effect": 5.0 * MU_VALUES["K_fentanyl"],
            "buprenorphine_effect": 50.0 * MU_VALUES["K_buprenorphine"],
        }
    )
    assert mixed["mu_signal"] < full["mu_signal"]
    assert mixed["mu_occupancy"] > full["mu_occupancy"]


@settings(max_examples=50)
@given(level, level, st.floats(min_value=0.0, max_value=1e4))
def test_alpha2_relief_stays_below_its_maximum_and_mitragynine_only_takes_away(one, two, blocker):
    s = {"lofexidine_plasma": one, "clonidine_plasma": two}
    assert 0.0 <= relief(s) <= ALPHA2_VALUES["most"]
    assert relief({**s, "mitragynine_brain": blocker}) <= relief(s)


@pytest.mark.parametrize("drug", AGONISTS)
def test_half_of_the_greatest_relief_comes_at_the_half_concentration(drug):
    half = relief({f"{drug}_plasma": ALPHA2_VALUES[f"K_{drug}"]})
    assert half == pytest.approx(ALPHA2_VALUES["most"] / 2, rel=1e-12)


@pytest.mark.parametrize(
    "stage",
    [
        MU,
        mu(("buprenorphine",), kratom=False),
        mu(()),
        ALPHA2,
        alpha2(()),
        alpha2(("clonidine",), kratom=False),
    ],
    ids=lambda stage: f"{stage.name}:{len(stage.needs)}",
)
def test_units_balance(stage):
    check_dimensions(stage)
