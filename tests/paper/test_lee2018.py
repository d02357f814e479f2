"""Lee 2018 (X:BOT): relapse on buprenorphine after detoxification, from the individual records.

CTN-0094 individual data: four weeks running with a positive or missing urine from week 3 on had
come to 17 % by week 6, 40 % by week 12 and 60 % by week 24. People start some days after their
last use, as outpatients; who leaves counts as positive. The level of use and the rate of leaving
were calibrated to this trial.
"""

from __future__ import annotations

from functools import cache

import pytest

from opioid_trials import Seen, endpoint, run, study
from speciosa.people.cohort import Population, Range

ARM = {"buprenorphine": ("buprenorphine 16 mg daily for 168 d",)}
PEOPLE = Population(
    hours_since_last_use=Range(72.0, 36.0, 24.0, 168.0),
    residential_days=0,
    use_level="behaviour.use_level_xbot",
    dropout_rate="behaviour.dropout_rate_xbot",
)


@cache
def trial() -> Seen:
    return run(study(ARM, 168, PEOPLE))["buprenorphine"]


@pytest.mark.parametrize(("week", "seen"), [(6, 0.171), (12, 0.401), (24, 0.596)])
def test_relapsed_or_lost(week, seen):
    asked = endpoint("relapsed_or_lost", "share", 1, 7 * week)
    assert trial().values(asked, 1).mean() == pytest.approx(seen, abs=0.10)


def test_missed_visits_can_only_add_to_relapse():
    asked = endpoint("relapsed_or_lost", "share", 1, 168)
    assert (trial().values(asked, 1) >= trial().values(asked, 0)).all()


def test_relapse_by_the_models_own_record_is_part_of_it():
    lost = trial().values(endpoint("relapsed_or_lost", "share", 1, 168))
    assert (lost >= trial().values(endpoint("relapsed", "share", 1, 168))).all()
