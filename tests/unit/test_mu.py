from __future__ import annotations

import numpy as np
import pytest

from opioid_chain import central
from speciosa.receptor.mu import OPIOIDS, mu


def outputs(stage, **concentrations):
    s = {**dict.fromkeys(stage.needs, 0.0), **concentrations}
    return stage.outputs(np, {}, s, central(stage))


def test_an_unknown_ligand_is_named():
    with pytest.raises(ValueError, match="tramadol"):
        mu(("tramadol",))


def test_constants_become_molar():
    p = central(mu(("fentanyl",), kratom=False))
    assert p["K_fentanyl"] == pytest.approx(1.14 * 1000 / 336.5, rel=1e-3)


def test_the_offset_scales_both_alkaloids_and_nothing_else():
    stage = mu(OPIOIDS)
    p = central(stage)
    doubled = stage.derive({**p, "offset": 2 * p["offset"]})
    for name in ("mitragynine", "hydroxymitragynine"):
        assert doubled[f"K_{name}"] == pytest.approx(2 * p[f"K_{name}"])
    for name in OPIOIDS:
        assert doubled[f"K_{name}"] == p[f"K_{name}"]


def test_two_ligands_share_by_their_constants():
    stage = mu(("fentanyl", "naloxone"), kratom=False)
    p = central(stage)
    found = outputs(stage, fentanyl_effect=p["K_fentanyl"], naloxone_effect=2 * p["K_naloxone"])
    assert found["mu_occupancy_fentanyl"] == pytest.approx(0.25)
    assert found["mu_occupancy_naloxone"] == pytest.approx(0.5)
    assert found["mu_blockade"] == pytest.approx(0.5)
    assert found["mu_agonist_drive"] == pytest.approx(0.25)


def test_the_signal_has_reserve():
    """A third of the receptors held by a full agonist gives most of the signal."""
    stage = mu(("fentanyl",), kratom=False)
    found = outputs(stage, fentanyl_effect=0.5 * central(stage)["K_fentanyl"])
    drive, n, half = 1 / 3, 2.4, 0.15
    wanted = drive**n * (1 + half**n) / (drive**n + half**n)
    assert found["mu_signal"] == pytest.approx(wanted, rel=1e-9)
    assert found["mu_signal"] > 0.8


def test_only_buprenorphine_and_methadone_count_as_prescribed():
    stage = mu(OPIOIDS)
    p = central(stage)
    heroin = outputs(stage, morphine_effect=p["K_morphine"])
    assert heroin["mu_signal"] > 0.5
    assert heroin["mu_signal_prescribed"] == 0.0
    care = outputs(stage, buprenorphine_effect=p["K_buprenorphine"])
    assert care["mu_signal_prescribed"] == pytest.approx(care["mu_signal"])


def test_kratom_can_be_left_out():
    stage = mu(("buprenorphine",), kratom=False)
    assert not any(
        "mitragynine" in name for name in (*stage.needs, *stage.gives, *stage.parameters)
    )
