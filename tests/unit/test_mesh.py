"""The time mesh: quarters of an hour, small steps after doses, events where they belong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speciosa.core.mesh import (
    GROWTH,
    QUARTER,
    Mesh,
    Refinement,
    build_mesh,
    halved,
    most_steps,
    split_days,
)

QUARTERS = st.integers(min_value=0, max_value=4 * 72 - 1).map(lambda place: place * QUARTER)


def mesh(**changed) -> Mesh:
    plan = {
        "hours": 72.0,
        "start_clock_hour": 8.0,
        "decision_hours": [(10.0,), (12.0, 0.0)],
        "doses": [[(0.0, 4.0), (6.0, 4.0)], [(13.0, 5.0)]],
        "sample_hours": (8.0, 11.5),
        "refinements": (Refinement((0.0, 6.0, 13.0), 0.015),),
    }
    return build_mesh(**{**plan, **changed})


def test_an_empty_plan_is_even_quarters() -> None:
    found = mesh(decision_hours=[], doses=[], sample_hours=(), refinements=())
    assert np.array_equal(found.hours, np.arange(0, 72, QUARTER))
    assert set(found.step) == {QUARTER}
    assert not found.event.any()


def test_doses_and_decisions_land_exactly_on_their_times() -> None:
    found = mesh()
    assert found.hours[found.doses[:, 0] > 0].tolist() == [0.0, 6.0]
    assert found.hours[found.doses[:, 1] > 0].tolist() == [13.0]
    assert found.hours[found.asked[:, 0]].tolist() == [2.0, 26.0, 50.0]
    assert found.hours[found.asked[:, 1]].tolist() == [4.0, 16.0, 28.0, 40.0, 52.0, 64.0]
    assert found.hours[found.sample == 1].tolist() == [3.5, 27.5, 51.5]
    assert found.hours[found.sample == 0].tolist() == [0.0, 24.0, 48.0]
    something = (found.doses > 0).any(axis=1) | found.asked.any(axis=1) | (found.sample >= 0)
    assert np.array_equal(found.event, something)


def test_two_doses_of_one_product_at_one_time_are_added() -> None:
    found = mesh(doses=[[(6.0, 4.0), (6.0, 2.0)]])
    assert found.doses.sum() == found.doses[found.hours == 6.0, 0] == 6.0


@pytest.mark.parametrize("when", [6.1, 71.9])
def test_a_dose_off_the_clock_is_refused(when: float) -> None:
    with pytest.raises(ValueError, match="does not lie on the quarter-hour clock"):
        mesh(doses=[[(when, 1.0)]])


def test_a_dose_after_the_end_is_not_given() -> None:
    assert mesh(doses=[[(72.0, 1.0)]]).doses.sum() == 0.0


def test_steps_are_small_after_a_dose_and_grow() -> None:
    found = mesh()
    after = found.step[found.hours >= 6.0 - 1e-9]
    planned = 0.015 * GROWTH ** np.arange(after.size)
    assert after[:3] == pytest.approx(planned[:3])
    assert np.all(after <= 1.5 * planned)  # the rest of a quarter may be taken in one step
    assert found.step[found.hours >= 12.0].max() == pytest.approx(QUARTER)


def test_steps_stay_small_for_as_long_as_asked() -> None:
    found = mesh(refinements=(Refinement((6.0,), 0.02, 0.3),))
    after = found.step[found.hours >= 6.0 - 1e-9]
    elapsed = np.cumsum(after) - after
    assert np.all(after[elapsed < 0.3 - 1e-9] <= 0.02 * 1.5)
    assert after[np.searchsorted(elapsed, 1.0)] == pytest.approx(QUARTER)
    usual = mesh(refinements=(Refinement((6.0,), 0.02),))
    assert usual.step.size < found.step.size < usual.step.size + 0.3 / 0.02 + 2
    sound(found, 72.0)


def sound(found: Mesh, hours: float) -> None:
    """What holds of every mesh: no gap, no overlap, no step across a quarter of an hour."""
    assert np.allclose(found.hours[1:], (found.hours + found.step)[:-1], atol=1e-9)
    assert found.hours[0] == 0.0
    assert found.hours[-1] + found.step[-1] == pytest.approx(hours)
    assert np.all(found.step > 0)
    assert np.all(found.step <= QUARTER + 1e-12)
    ends = np.floor((found.hours + found.step) / QUARTER - 1e-6)
    assert np.array_equal(found.quarter, ends.astype(np.uint32))


@settings(max_examples=60, deadline=None)
@given(
    times=st.lists(QUARTERS, max_size=12, unique=True),
    first=st.floats(min_value=0.004, max_value=0.3),
    held=st.sampled_from([0.0, 0.1, 0.6]),
    longest=st.sampled_from([QUARTER, QUARTER / 2]),
)
def test_every_mesh_is_whole_and_inside_quarters(times, first, held, longest) -> None:
    found = mesh(
        doses=[[(when, 1.0) for when in times]],
        refinements=(Refinement(tuple(times), first, held),),
        longest=longest,
    )
    sound(found, 72.0)
    sound(halved(found), 72.0)
    assert found.doses.sum() == len(times)
    assert np.all(found.step <= longest + 1e-12)
    for when in times:
        assert found.step[found.hours == when] <= first * 1.5 + 1e-12


def test_overlapping_refinements_keep_the_finer_steps() -> None:
    fine = Refinement((6.0,), 0.006)
    both = mesh(refinements=(Refinement((6.0,), 0.1), fine))
    assert np.array_equal(both.step, mesh(refinements=(fine,)).step)


def test_halving_keeps_events_where_they_were() -> None:
    whole, half = mesh(), halved(mesh())
    assert half.step.size == 2 * whole.step.size
    for name in ("asked", "doses", "event", "sample"):
        kept = getattr(half, name)
        assert np.array_equal(kept[::2], getattr(whole, name))
    assert not half.event[1::2].any()
    assert not half.doses[1::2].any()
    assert np.all(half.sample[1::2] == -1)


def test_days_are_split_and_padded_with_nothing() -> None:
    whole = mesh()
    width = most_steps([whole])
    days = split_days(whole, width)
    assert width % 16 == 0
    assert [day.hours[0] for day in days] == [0.0, 24.0, 48.0]
    for number, day in enumerate(days):
        assert day.step.size == width
        assert day.step.sum() == pytest.approx(24.0)
        padding = day.step == 0.0
        assert padding.any()
        assert not day.event[padding].any()
        assert np.all(day.hours[padding] == 24.0 * (number + 1))
    assert sum(day.doses.sum() for day in days) == whole.doses.sum()


def test_a_day_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 32"):
        split_days(mesh(), 32)


def test_one_width_serves_every_arm() -> None:
    busy = mesh(refinements=(Refinement(tuple(np.arange(0, 72, 2.0)), 0.006),))
    assert most_steps([mesh(), busy]) == most_steps([busy]) > most_steps([mesh()])
