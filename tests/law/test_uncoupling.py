"""Laws of uncoupling: it costs weak agonists, spares full ones, passes, and nothing brings none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opioid_chain import central
from speciosa.core.dimensions import check_dimensions
from speciosa.models.alcohol import alcohol
from speciosa.receptor.mu import OPIOIDS, RECRUITING, coupled, mu
from speciosa.receptor.uncoupling import UNCOUPLING

MU, P = mu(OPIOIDS), central(mu(OPIOIDS))
TIME = central(UNCOUPLING)["time"]
share = st.floats(min_value=0.0, max_value=1.0)
lost = st.floats(min_value=0.0, max_value=100.0)


def receptor(uncoupled: float, **concentrations: float) -> dict[str, float]:
    s = {**dict.fromkeys(MU.needs, 0.0), **concentrations, "mu_uncoupled": uncoupled}
    return MU.outputs(np, {}, s, P)


@given(share, lost, lost)
def test_it_only_takes_away_and_the_more_the_weaker_a_ligand(efficacy, one, more):
    assert 0.0 < coupled(efficacy, one + more) <= coupled(efficacy, one) <= 1.0
    assert coupled(efficacy, one) <= coupled(1.0, one) == 1.0
    assert efficacy * coupled(efficacy, one) <= efficacy


@pytest.mark.parametrize("ligand", ["fentanyl", "methadone"])
def test_a_full_agonist_does_not_feel_it(ligand):
    dose = {f"{ligand}_effect": P[f"K_{ligand}"]}
    assert receptor(0.6, **dose)["mu_signal"] == pytest.approx(receptor(0.0, **dose)["mu_signal"])


@pytest.mark.parametrize("ligand", ["buprenorphine", "morphine"])
def test_a_partial_agonist_does_and_breathing_does_not(ligand):
    dose = {f"{ligand}_effect": 3.0 * P[f"K_{ligand}"]}
    fresh, spent = receptor(0.0, **dose), receptor(0.4, **dose)
    assert spent["mu_signal"] < fresh["mu_signal"]
    for same in ("mu_agonist_drive", "mu_breathing_drive", "mu_occupancy", "mu_blockade"):
        assert spent[same] == fresh[same]


def test_only_full_agonists_and_their_kin_recruit():
    for source in set(MU.needs) - {"mu_uncoupled"}:
        pull = receptor(0.0, **{source: 1e3})["mu_recruitment"]
        assert (pull > 0) == (source.removesuffix("_effect") in RECRUITING), source


@given(share, share)
def test_it_follows_what_recruits_and_passes_within_hours(now, pull):
    rate = UNCOUPLING.rates(np, {"uncoupled": now}, {"mu_recruitment": pull}, {"time": TIME})
    assert rate["uncoupled"] == pytest.approx((pull - now) / TIME)
    assert 0.5 <= TIME <= 8.0


def test_it_is_wired_where_something_recruits():
    names = {stage.name for stage in alcohol(["methadone_oral"]).stages}
    assert "uncoupling" in names
    assert "uncoupling" not in {stage.name for stage in alcohol(["naltrexone_oral"]).stages}


def test_units_balance():
    check_dimensions(UNCOUPLING)
    check_dimensions(MU)
