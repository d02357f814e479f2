from __future__ import annotations

import numpy as np
import pytest

from opioid_chain import central
from speciosa.receptor.alpha2 import alpha2


def relief(stage, **concentrations):
    s = {**dict.fromkeys(stage.needs, 0.0), **concentrations}
    return stage.outputs(np, {}, s, central(stage))["alpha2_relief"]


def test_the_published_form_for_lofexidine_alone():
    stage = alpha2(("lofexidine",), kratom=False)
    nanomolar = 5.0 * 1000 / 259.1  # 5 ng/mL
    assert relief(stage, lofexidine_plasma=nanomolar) == pytest.approx(0.78 * 5 / 7.5, rel=1e-3)


def test_two_agonists_together_relieve_more_than_either_and_less_than_the_sum():
    stage = alpha2(kratom=False)
    one, two = relief(stage, lofexidine_plasma=10.0), relief(stage, clonidine_plasma=5.0)
    both = relief(stage, lofexidine_plasma=10.0, clonidine_plasma=5.0)
    assert max(one, two) < both < one + two


def test_mitragynine_of_a_usual_dose_hardly_matters():
    stage = alpha2(("lofexidine",))
    alone = relief(stage, lofexidine_plasma=10.0)
    assert 0.99 * alone < relief(stage, lofexidine_plasma=10.0, mitragynine_brain=4.0) < alone


def test_without_a_drug_there_is_no_relief_and_nothing_is_needed():
    stage = alpha2(())
    assert relief(stage) == 0.0
    assert not stage.needs


def test_an_unknown_drug_is_named():
    with pytest.raises(ValueError, match="guanfacine"):
        alpha2(("guanfacine",))
