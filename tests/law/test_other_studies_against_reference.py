"""The engine gives what SciPy gives in the studies of two products and of the dose surface too.

As :mod:`test_engine_against_reference`. The two studies have the same people. In the default suite
twenty of them are followed for a day in the arms of both, of the surface in its corners, with one
engine; each study in its whole length, with every arm and endpoint, is a slow test.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agreement import Agreement
from default_trial import Clinic, events, replayed
from speciosa.evidence.load import Evidence
from speciosa.trial.study import Study, load_study

PEOPLE, FEWER = 20, 8
CORNERS = ("melatonin_10mg", "kratom_8g_melatonin_10mg", "lofexidine")


def first_day_of_both() -> Study:
    """Return one day of both studies in one: arms of both, endpoints of both."""
    products, surface = load_study("leaf-or-isolate"), load_study("synergy-surface")
    of_one, of_other = (replace(one.population, residential_days=0) for one in (products, surface))
    assert of_one == of_other
    ends = [replace(one, days=(1, 1)) for one in (*products.endpoints, *surface.endpoints)]
    corners = (arm for arm in surface.arms if arm.name in CORNERS)
    return replace(
        products, days=1, follow_up_days=0, arms=(*products.arms, *corners),
        endpoints=tuple({one.id: one for one in ends}.values()),
    )  # fmt: skip


def solved(study: Study, evidence: Evidence, people: int) -> Agreement:
    clinic = Clinic.of(study, evidence, width=people // 2)
    who = clinic.recruit(range(people))
    found = {arm.name: clinic.solve(arm.name, who) for arm in study.arms}
    traces = [[events(day, people) for day in outcome.trace] for outcome in found.values()]
    again = replayed(clinic, list(found), traces, who, rtol=1e-8)
    return Agreement(clinic, who, found, again)


def agree(seen: Agreement, moving: int) -> None:
    seen.endpoints(moving=moving)
    seen.samples({})
    seen.decisions()
    given = [np.ptp(seen.clinic.sample(one, "cows")) for one in seen.solved.values()]
    assert min(given) > 1.0  # something happens in every arm


def test_twenty_people_for_a_day(evidence: Evidence) -> None:
    agree(solved(first_day_of_both(), evidence, PEOPLE), moving=30)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "moving"), [("leaf-or-isolate", 16), ("synergy-surface", 17)])
def test_the_whole_of_it(evidence: Evidence, name: str, moving: int) -> None:
    agree(solved(load_study(name), evidence, FEWER), moving=moving)
