"""Non-compartmental analysis: what a trial reads off a sampled concentration profile.

A model's half-life and a trial's half-life are different things: the second depends on when blood
was taken and on what the assay could see. Simulated profiles therefore go through the same
reading before they stand beside published numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
FEWEST, MOST = 3, 8  # points of a terminal slope


@dataclass(frozen=True)
class TerminalSlope:
    """The log-linear end of a profile.

    Args:
        rate: lambda_z, 1/h.
        intercept: ln of the fitted concentration at time zero.
        points: how many of the last quantifiable points it rests on.
        adjusted_r2: of the fit.
    """

    rate: float
    intercept: float
    points: int
    adjusted_r2: float

    @property
    def half_life(self) -> float:
        """Half-life, h."""
        return float(np.log(2) / self.rate)


@dataclass(frozen=True)
class ProfileReading:
    """What non-compartmental analysis says of one profile (concentration unit as given, h).

    ``terminal`` is None where no slope could be fitted; ``auc_inf`` and ``half_life`` are then
    nan and ``why`` says what was missing.
    """

    cmax: float
    tmax: float
    auc_last: float
    auc_inf: float
    last_time: float
    quantifiable: int
    terminal: TerminalSlope | None
    why: str = ""

    @property
    def half_life(self) -> float:
        """Half-life, h; nan without a terminal slope."""
        return self.terminal.half_life if self.terminal else float("nan")


def read_profile(
    times: ArrayLike, concentrations: ArrayLike, *, quantification_limit: float = 0.0
) -> ProfileReading:
    """Read one concentration profile as a trial would.

    Samples below the limit count as zero before the first quantifiable one and are dropped after
    it. Areas are linear trapezoids; the terminal slope is the log-linear fit to the last 3 to 8
    samples after the peak with the best adjusted r squared.

    Args:
        times: sampling times, h, rising.
        concentrations: one per time, nM (or any unit).
        quantification_limit: lowest concentration the assay reports, same unit.

    Raises:
        ValueError: if the two differ in length or the times do not rise.

    Example:
        >>> import numpy as np
        >>> t = np.array([0, 0.5, 1, 2, 4, 8, 12, 24])
        >>> r = read_profile(t, 100 * (np.exp(-0.1 * t) - np.exp(-3 * t)))
        >>> (r.tmax, round(r.half_life, 2))
        (1.0, 6.93)
    """
    t, c = _checked(times, concentrations)
    seen = (c >= quantification_limit) & (c > 0)
    if not seen.any():
        nan = float("nan")
        return ProfileReading(0.0, nan, 0.0, nan, nan, 0, None, "nothing above the limit")
    first = int(np.argmax(seen))
    keep = seen.copy()
    keep[:first] = True
    t, c = t[keep], np.where(seen, c, 0.0)[keep]
    peak = int(np.argmax(c))
    auc_last = float(np.trapezoid(c, t))
    terminal = terminal_slope(t[peak + 1 :], c[peak + 1 :])
    tail = c[-1] / terminal.rate if terminal else float("nan")
    why = "" if terminal else f"no falling slope through {FEWEST} samples after the peak"
    return ProfileReading(
        cmax=float(c[peak]),
        tmax=float(t[peak]),
        auc_last=auc_last,
        auc_inf=auc_last + float(tail),
        last_time=float(t[-1]),
        quantifiable=int(seen.sum()),
        terminal=terminal,
        why=why,
    )


def terminal_slope(times: Array, concentrations: Array) -> TerminalSlope | None:
    """Return the best log-linear fit to the last 3 to 8 of these samples, or None.

    Args:
        times: sampling times after the peak, h.
        concentrations: positive concentrations at those times.

    Example:
        >>> import numpy as np
        >>> t = np.array([2.0, 4.0, 8.0, 12.0])
        >>> fit = terminal_slope(t, 50 * np.exp(-0.25 * t))
        >>> round(fit.rate, 6), fit.points >= 3
        (0.25, True)
    """
    best: TerminalSlope | None = None
    for points in range(FEWEST, min(MOST, len(times)) + 1):
        fit = _log_linear(times[-points:], np.log(concentrations[-points:]))
        if fit.rate > 0 and (best is None or fit.adjusted_r2 > best.adjusted_r2):
            best = fit
    return best


def partial_area(times: ArrayLike, concentrations: ArrayLike, start: float, stop: float) -> float:
    """Return the linear-trapezoid area between two moments, interpolated at the ends.

    Args:
        times: sampling times, h, rising.
        concentrations: one per time.
        start, stop: the window, h, inside the sampled span.

    Raises:
        ValueError: if the window is empty or reaches outside the samples.

    Example:
        >>> partial_area([0, 1, 3], [0, 2, 2], 0.5, 2.0)
        2.75
    """
    t, c = _checked(times, concentrations)
    if not t[0] <= start < stop <= t[-1]:
        raise ValueError(f"partial_area: {start} to {stop} h is not inside {t[0]} to {t[-1]} h")
    inside = (t > start) & (t < stop)
    grid = np.concatenate(([start], t[inside], [stop]))
    return float(np.trapezoid(np.interp(grid, t, c), grid))


def _log_linear(times: Array, logs: Array) -> TerminalSlope:
    centred = times - times.mean()
    slope = float((centred * logs).sum() / (centred**2).sum())
    intercept = float(logs.mean() - slope * times.mean())
    spread = float(((logs - logs.mean()) ** 2).sum())
    left = float(((logs - intercept - slope * times) ** 2).sum())
    unexplained = left / spread if spread > 0 else 1.0
    points = len(times)
    adjusted = 1 - unexplained * (points - 1) / (points - 2)
    return TerminalSlope(-slope, intercept, points, adjusted)


def _checked(times: ArrayLike, concentrations: ArrayLike) -> tuple[Array, Array]:
    t = np.asarray(times, dtype=float)
    c = np.asarray(concentrations, dtype=float)
    if t.ndim != 1 or t.shape != c.shape or len(t) < 2:
        raise ValueError(f"times and concentrations must match: {t.shape} and {c.shape}")
    if not (np.diff(t) > 0).all():
        raise ValueError("sampling times must rise")
    return t, c
