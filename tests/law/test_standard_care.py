"""In the default study real treatments must do what trials have shown them to do.

Buprenorphine eases withdrawal more than lofexidine (Gowing 2017) and lofexidine more than placebo
(Alam 2020), with everything sampled that nobody knows; twins make few people enough.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from opioid_trials import Seen, run
from speciosa.evidence.load import load_evidence
from speciosa.trial.study import load_study

ARMS = ("placebo", "lofexidine", "buprenorphine")
DRAWS, PEOPLE, DAYS = 8, 20, 7


@cache
def first_week() -> dict[str, Seen]:
    full = load_study("combination-opioid").resized(draws=DRAWS, people=PEOPLE)
    arms = tuple(arm for arm in full.arms if arm.name in ARMS)
    return run(replace(full, arms=arms, days=DAYS, follow_up_days=0), evidence=load_evidence())


def primary(arm: str) -> np.ndarray:
    """SOWS-Gossop over days 1-7, true values, (draws, people)."""
    seen = first_week()[arm]
    asked = next(e for e in seen.study.endpoints if e.id == seen.study.primary)
    return seen.values(asked).reshape(DRAWS, PEOPLE)


def test_the_order_of_treatments_on_withdrawal():
    means = [primary(arm).mean() for arm in ("buprenorphine", "lofexidine", "placebo")]
    assert means == sorted(means)
    assert means[2] - means[0] > 2.0  # the smallest meaningful difference


def test_lofexidine_beats_placebo_in_most_draws():
    gain = (primary("placebo") - primary("lofexidine")).mean(axis=1)
    assert (gain > 0).mean() >= 0.8


def test_every_twin_has_a_value_in_every_arm():
    for arm in ARMS:
        assert np.isfinite(primary(arm)).all()
