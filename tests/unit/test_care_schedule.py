"""Doses on the clock of a study."""

from __future__ import annotations

import pytest

from speciosa.care.regimen import Regimen
from speciosa.care.schedule import doses, triggers


def _doses(text: str, days: float = 35, **kwargs):
    return [(d.hours, round(d.amount, 9)) for d in doses(Regimen.parse(text), days=days, **kwargs)]


def test_every_six_hours_from_the_start():
    given = _doses("kratom leaf 4 g every 6 h for 14 d then stop")
    assert len(given) == 56
    assert given[:3] == [(0.0, 4.0), (6.0, 4.0), (12.0, 4.0)]
    assert given[-1] == (330.0, 4.0)


@pytest.mark.parametrize(
    ("text", "first_day"),
    [
        ("melatonin 5 mg daily", [0.0]),
        ("melatonin 5 mg at 21:00 daily", [13.0]),
        ("melatonin 5 mg at 07:30 daily", [23.5]),
        ("melatonin 5 mg twice daily", [0.0, 12.0]),
        ("melatonin 5 mg three times daily", [0.0, 6.0, 12.0]),
        ("melatonin 5 mg four times daily", [0.0, 4.0, 8.0, 12.0]),
        ("melatonin 5 mg at 21:00 and 07:00 daily", [13.0, 23.0]),
    ],
)
def test_clock_times_of_daily_doses(text, first_day):
    given = [hours for hours, _ in _doses(text, days=3)]
    assert given == [24.0 * day + hour for day in range(3) for hour in first_day]


def test_a_study_that_starts_at_another_hour_keeps_the_clock():
    given = _doses("melatonin 5 mg at 21:00 daily for 2 d", start_clock_hour=20.0)
    assert given == [(1.0, 5.0), (25.0, 5.0)]
    assert _doses("melatonin 5 mg daily for 2 d", start_clock_hour=20.0) == [
        (12.0, 5.0),
        (36.0, 5.0),
    ]
    assert _doses("melatonin 5 mg every 12 h for 1 d", start_clock_hour=20.0) == [
        (0.0, 5.0),
        (12.0, 5.0),
    ]


def test_phases_follow_one_another():
    given = _doses("buprenorphine 16 mg daily for 2 d then 8 mg daily for 2 d then stop")
    assert given == [(0.0, 16.0), (24.0, 16.0), (48.0, 8.0), (72.0, 8.0)]


def test_a_phase_may_start_later():
    assert _doses("kratom leaf 2 g once at 20:00 on day 3") == [(60.0, 2.0)]
    assert _doses("kratom leaf 2 g daily from day 3 for 2 d") == [(48.0, 2.0), (72.0, 2.0)]
    assert _doses("kratom leaf 2 g once then 1 g daily for 1 d") == [(0.0, 2.0), (24.0, 1.0)]


def test_doses_end_with_the_study():
    assert len(_doses("kratom leaf 4 g every 6 h", days=7)) == 28
    assert len(_doses("kratom leaf 4 g every 6 h for 28 d", days=7)) == 28
    assert _doses("kratom leaf 4 g once on day 8", days=7) == []
    assert _doses("naltrexone extended release 380 mg every 28 d", days=60) == [
        (0.0, 380.0),
        (672.0, 380.0),
        (1344.0, 380.0),
    ]


def test_a_taper_falls_in_equal_steps():
    given = _doses("lofexidine 0.54 mg every 6 h for 7 d tapered over 3 d")
    assert len(given) == 40
    by_day = {day: {a for h, a in given if h // 24 == day} for day in range(10)}
    assert by_day[6] == {0.54}
    assert [by_day[day] for day in (7, 8, 9)] == [{0.405}, {0.27}, {0.135}]


def test_no_dose_is_no_dose():
    assert _doses("kratom leaf 0 g every 6 h") == []
    assert _doses("placebo at 21:00 daily") == []


def test_waiting_doses_are_not_scheduled_and_later_phases_are():
    regimen = Regimen.parse(
        "buprenorphine 8 mg once when COWS >= 8 on day 1 then 16 mg daily for 28 d"
    )
    given = doses(regimen, days=35)
    assert len(given) == 28 and given[0].hours == 24.0 and given[0].amount == 16.0
    (trigger,) = triggers(regimen, days=35)
    assert (trigger.first_hour, trigger.last_hour) == (0.0, 24.0)


def test_triggers_carry_what_they_wait_for():
    (rescue,) = triggers(Regimen.parse("naloxone 2 mg IM at 30 min after apnoea"), days=7)
    assert rescue.quantity == "ventilation" and rescue.comparator == "<="
    assert rescue.threshold == "care.apnoea.ventilation"
    assert rescue.timing.delay == 0.5 and rescue.last_hour == 168.0
    text = "7-OH tablet 20 mg as needed when SOWS > 6 from day 2 for 3 d up to 3 per day"
    (needed,) = triggers(Regimen.parse(text), days=7)
    assert (needed.quantity, needed.threshold) == ("sows_gossop", 6.0)
    assert (needed.first_hour, needed.last_hour) == (24.0, 96.0)
    assert triggers(Regimen.parse("kratom leaf 4 g every 6 h"), days=7) == ()
