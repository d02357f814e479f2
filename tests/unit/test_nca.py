"""Non-compartmental readings against profiles whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from speciosa.core.nca import partial_area, read_profile, terminal_slope

TIMES = np.array([0, 0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 36, 48.0])


def two_phases(t: np.ndarray) -> np.ndarray:
    return 90 * np.exp(-0.8 * t) + 10 * np.exp(-0.02 * t)


def test_one_phase_gives_back_its_rate_and_area() -> None:
    dense = np.linspace(0, 48, 4801)
    reading = read_profile(dense, 50 * np.exp(-0.2 * dense))
    assert reading.terminal is not None
    assert reading.terminal.rate == pytest.approx(0.2, rel=1e-9)
    assert reading.half_life == pytest.approx(np.log(2) / 0.2, rel=1e-9)
    assert reading.auc_inf == pytest.approx(50 / 0.2, rel=1e-5)
    assert (reading.cmax, reading.tmax) == (50.0, 0.0)


def test_area_is_the_linear_trapezoid() -> None:
    reading = read_profile([0, 1, 2, 4], [0, 10, 6, 2])
    assert reading.auc_last == pytest.approx(5 + 8 + 8)


def test_half_life_depends_on_how_long_blood_is_taken() -> None:
    early = TIMES <= 6
    short = read_profile(TIMES[early], two_phases(TIMES[early]))
    long = read_profile(TIMES, two_phases(TIMES))
    assert long.half_life == pytest.approx(np.log(2) / 0.02, rel=0.02)
    assert short.half_life < 0.6 * long.half_life


def test_a_limit_shortens_the_window_and_the_half_life() -> None:
    seen = read_profile(TIMES, two_phases(TIMES), quantification_limit=8.5)
    free = read_profile(TIMES, two_phases(TIMES))
    assert seen.last_time == 8
    assert seen.half_life < free.half_life


def test_samples_below_the_limit_are_zero_before_and_dropped_after() -> None:
    times = [0, 1, 2, 3, 4, 5, 6, 7]
    sparse = read_profile(times, [0.2, 4, 8, 4, 2, 0.4, 1, 0.1], quantification_limit=0.5)
    by_hand = read_profile([0, 1, 2, 3, 4, 6], [0, 4, 8, 4, 2, 1])
    assert sparse.auc_last == pytest.approx(by_hand.auc_last)
    assert sparse.auc_inf == pytest.approx(by_hand.auc_inf)
    assert sparse.quantifiable == 5


def test_the_slope_rests_on_three_to_eight_points_after_the_peak() -> None:
    t = np.arange(1.0, 30.0)
    exact = terminal_slope(t, np.exp(-0.1 * t))
    noisy = terminal_slope(t, np.exp(-0.1 * t + 0.3 * np.sin(7 * t)))
    assert exact is not None and 3 <= exact.points <= 8
    assert noisy is not None and 3 <= noisy.points <= 8
    assert terminal_slope(t[:2], np.exp(-t[:2])) is None


def test_the_best_adjusted_r_squared_wins() -> None:
    t = np.array([2, 4, 6, 8, 10, 12.0])
    c = np.exp(-0.1 * t)
    c[0] *= 3  # still distributing: four or five points fit perfectly, six do not
    best = terminal_slope(t, c)
    assert best is not None
    assert best.points < 6
    assert best.rate == pytest.approx(0.1, rel=1e-9)


@pytest.mark.parametrize("level", [0.0, 0.3])
def test_nothing_above_the_limit_is_said_not_hidden(level: float) -> None:
    reading = read_profile([0, 1, 2], [level] * 3, quantification_limit=0.5)
    assert reading.cmax == 0 and reading.terminal is None
    assert reading.why == "nothing above the limit"
    assert np.isnan(reading.auc_inf)


def test_a_rising_profile_has_no_half_life() -> None:
    reading = read_profile([0, 1, 2, 3], [0, 1, 2, 3])
    assert np.isnan(reading.half_life)
    assert "3 samples after the peak" in reading.why


def test_partial_areas_add_up_to_the_whole() -> None:
    c = two_phases(TIMES)
    parts = partial_area(TIMES, c, 0, 5) + partial_area(TIMES, c, 5, 48)
    assert parts == pytest.approx(read_profile(TIMES, c).auc_last)
    with pytest.raises(ValueError, match="not inside"):
        partial_area(TIMES, c, 0, 49)


def test_unordered_or_unequal_input_is_refused() -> None:
    with pytest.raises(ValueError, match="rise"):
        read_profile([0, 2, 1], [1, 2, 3])
    with pytest.raises(ValueError, match="match"):
        read_profile([0, 1, 2], [1, 2])
