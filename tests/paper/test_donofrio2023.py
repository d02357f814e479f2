"""D'Onofrio 2023 (10.1001/jamanetworkopen.2023.6108): precipitated withdrawal by buprenorphine.

9 of 1200 people (0.75 %, about 0.4 to 1.4 %) given buprenorphine in withdrawal, in emergency
departments where fentanyl was common. Here the receptor is filled by buprenorphine at once, with
everything else as the chain has it, and a rise of 5 COWS points counts. The chain gives none, also
where there is no withdrawal yet: what precipitated withdrawal needs is not in it, and the second
test says so, so that a change which brings it will be seen.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from returning import arrived
from speciosa.core.reference import beginning
from speciosa.people.cohort import Range
from speciosa.response.adaptation import onset
from speciosa.trial.design import design
from speciosa.trial.run import recruited

PEOPLE = 1000
OCCUPIED = 3.0  # buprenorphine over its constant: three quarters of otherwise free receptors
HABITUAL = ("fentanyl", "heroin_morphine", "oxycodone")


@cache
def scores(mean_hours: float) -> tuple[np.ndarray, np.ndarray]:
    """COWS before and just after buprenorphine, so many hours after the last use."""
    here = arrived()
    people = replace(
        here.study.population,
        hours_since_last_use=Range(mean_hours, mean_hours / 4, mean_hours / 2, 2 * mean_hours),
    )
    study = replace(here.study, population=people, people=PEOPLE)
    plan, who = design(study, here.evidence), np.arange(PEOPLE)
    group = recruited(plan, here.evidence, np.zeros_like(who), who)
    p, model = group.parameters, plan.model
    states = beginning(model.stages, p, PEOPLE, group.start)
    stages = {stage.name: stage for stage in model.stages}
    found = dict.fromkeys(stages["mu"].needs, 0.0)
    for name in HABITUAL:
        found |= stages[name].outputs(np, states[name], {}, p[name])
    a, w, x = p["adaptation"], p["withdrawal_scales"], states["adaptation"]
    adapted = a["fast_weight"] * x["adapted_fast"] + (1 - a["fast_weight"]) * x["adapted_slow"]
    pair = []
    for dose in (0.0, OCCUPIED):
        found["buprenorphine_effect"] = dose * p["mu"]["K_buprenorphine"]
        signal = stages["mu"].outputs(np, {}, found, p["mu"])["mu_signal"]
        share = a["immediate_share"]
        felt = share * onset(np, adapted - signal, a["onset_width"])
        felt = felt + (1 - share) * x["drive_delayed"]
        scale = stages["withdrawal_scales"]
        pair.append(scale.outputs(np, {}, {"withdrawal": felt}, w)["cows"])
    return pair[0], pair[1]


def test_in_withdrawal_it_is_seldom_precipitated() -> None:
    before, after = scores(16.0)
    waiting = before >= 8
    assert waiting.mean() > 0.3
    assert np.mean((after - before >= 5)[waiting]) <= 0.014
    assert after[waiting].mean() < 0.5 * before[waiting].mean()


@pytest.mark.parametrize("hours", [2.0, 6.0])
def test_known_gap_begun_too_soon_it_is_not_precipitated_either(hours: float) -> None:
    before, after = scores(hours)
    assert np.mean(after - before >= 5) < 0.01
