"""The brain's answer to a steady mu signal: tolerance, dependence and the drive of withdrawal.

Two linear trackers follow the mu signal ``S`` with days-scale memories; their weighted mean is
the adaptation ``A``. Where the signal falls below what the person is adapted to, withdrawal
begins: ``W = max(0, A - S)`` with a soft onset (:func:`onset`). A share ``f`` of it is felt at
once (the noradrenergic share, which alpha-2 agonists ease), the rest through one lag of hours:

    dA1/dt = (S - A1)/tau1,  dA2/dt = (S - A2)/tau2,  A = w1 A1 + (1 - w1) A2
    dWo/dt = (W - Wo)/tau_o
    Wtot = [f W (1 - Ea2) + (1 - f) Wo] (1 - claimed relief)

The onset is soft because the kink of an exact maximum costs a Runge-Kutta step of a quarter hour
up to 4e-5 of local error; softened over 0.02 it costs under 1e-6 and moves COWS by under 0.1.
What this form does not give is dependence after one single dose: that would need a third,
hours-scale part (Compton 2004).

Covariates (name, unit): ``adaptation_start_fast`` (1), ``adaptation_start_slow`` (1),
``withdrawal_slow_start`` (1); all three from the person's drug history, see
:func:`after_history`.

Sources: the feedback structure is that of Gabrielsson and Peletier 2008; the numbers are records
under ``withdrawal.*``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speciosa.core.stage import Parameter, Row, Rows, Stage, State


def onset(xp: Any, excess: Row, width: Row) -> Row:
    """Return the drive of withdrawal: 0 without excess, the excess itself well above the width.

    Args:
        xp: array module.
        excess: adaptation less signal, pure number.
        width: excess at which half of it counts, pure number above 0.

    Example:
        >>> [round(float(onset(np, excess, 0.02)), 4) for excess in (-0.5, 0.02, 0.8)]
        [0.0, 0.01, 0.7995]
    """
    above = xp.maximum(excess, 0.0)
    return above * above * above / (above * above + width * width)


def _outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Adaptation, the drive of withdrawal and the withdrawal that is felt (all 0 to about 1)."""
    adaptation = p["fast_weight"] * x["adapted_fast"] + (1 - p["fast_weight"]) * x["adapted_slow"]
    drive = onset(xp, adaptation - s["mu_signal"], p["onset_width"])
    immediate = p["immediate_share"] * drive * (1 - s["alpha2_relief"])
    delayed = (1 - p["immediate_share"]) * x["drive_delayed"]
    felt = (immediate + delayed) * (1 - s["claimed_withdrawal_relief"])
    return {"adaptation": adaptation, "withdrawal_drive": drive, "withdrawal": felt}


def _rates(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Both trackers follow the signal; the delayed share follows the drive."""
    return {
        "adapted_fast": (s["mu_signal"] - x["adapted_fast"]) / p["fast_time"],
        "adapted_slow": (s["mu_signal"] - x["adapted_slow"]) / p["slow_time"],
        "drive_delayed": (s["withdrawal_drive"] - x["drive_delayed"]) / p["delay"],
    }


ADAPTATION = Stage(
    name="adaptation",
    needs={"mu_signal": "1", "alpha2_relief": "1", "claimed_withdrawal_relief": "1"},
    gives={"adaptation": "1", "withdrawal_drive": "1", "withdrawal": "1"},
    outputs=_outputs,
    direct=("mu_signal", "alpha2_relief", "claimed_withdrawal_relief"),
    rates=_rates,
    states={
        "adapted_fast": State("1", scale=1.0, start="adaptation_start_fast"),
        "adapted_slow": State("1", scale=1.0, start="adaptation_start_slow"),
        "drive_delayed": State("1", scale=1.0, start="withdrawal_slow_start"),
    },
    parameters={
        "fast_time": Parameter("withdrawal.adaptation_fast_time", "h"),
        "slow_time": Parameter("withdrawal.adaptation_slow_time", "h"),
        "fast_weight": Parameter("withdrawal.adaptation_fast_weight", "1"),
        "immediate_share": Parameter("withdrawal.immediate_share", "1"),
        "delay": Parameter("withdrawal.delay", "h"),
        "onset_width": Parameter("withdrawal.onset_width", "1"),
    },
    covariates={
        "adaptation_start_fast": "1",
        "adaptation_start_slow": "1",
        "withdrawal_slow_start": "1",
    },
)


def after_history(
    day: ArrayLike,
    since: ArrayLike,
    *,
    hours: float,
    days: float,
    p: Rows,
) -> dict[str, NDArray[np.float64]]:
    """Return the start covariates of a person with a history of daily use.

    The trackers are carried exactly through a signal that is constant within each sample.

    Args:
        day: mu signal over one typical day of use, samples along the first axis, (T,) or (T, N).
        since: mu signal from the end of the last such day until the study starts; may be empty.
        hours: time between two samples, h.
        days: length of the history, d; before it the person is taken as not adapted.
        p: ``fast_time``, ``slow_time`` and ``delay`` in h, ``fast_weight`` and ``onset_width``,
            as the stage has them; numbers or (N,) rows.

    Returns:
        ``adaptation_start_fast``, ``adaptation_start_slow`` and ``withdrawal_slow_start``.

    Example:
        >>> p = {"fast_time": 72.0, "slow_time": 456.0, "delay": 15.0}
        >>> p |= {"fast_weight": 0.61, "onset_width": 0.02}
        >>> start = after_history([0.9] * 24, [], hours=1.0, days=365, p=p)
        >>> {name: round(float(value), 3) for name, value in start.items()}
        {'adaptation_start_fast': 0.9, 'adaptation_start_slow': 0.9, 'withdrawal_slow_start': 0.0}
    """
    typical = np.asarray(day, dtype=float)
    tail = np.asarray(since, dtype=float).reshape((-1, *typical.shape[1:]))
    times = ("fast_time", "slow_time", "delay")
    keep = {name: np.exp(-hours / np.asarray(p[name], dtype=float)) for name in times}
    fast = _at_end_of_days(typical, keep["fast_time"], days)
    slow = _at_end_of_days(typical, keep["slow_time"], days)
    weight = np.asarray(p["fast_weight"])
    delayed = np.zeros(np.broadcast_shapes(np.shape(fast), np.shape(weight)))
    # One more typical day settles the hours-scale delay before the last stretch is followed.
    for signal in (*typical, *tail):
        drive = onset(np, weight * fast + (1 - weight) * slow - signal, p["onset_width"])
        delayed = drive + (delayed - drive) * keep["delay"]
        fast = signal + (fast - signal) * keep["fast_time"]
        slow = signal + (slow - signal) * keep["slow_time"]
    return {
        "adaptation_start_fast": fast,
        "adaptation_start_slow": slow,
        "withdrawal_slow_start": delayed,
    }


def _at_end_of_days(
    typical: NDArray[np.float64], keep: NDArray[np.float64], days: float
) -> NDArray[np.float64]:
    """A tracker that started at zero, after ``days`` repeats of the day (a geometric sum)."""
    once = np.zeros(np.broadcast_shapes(typical.shape[1:], keep.shape))
    for signal in typical:
        once = signal + (once - signal) * keep
    kept = keep ** len(typical)
    return once * (1 - kept**days) / (1 - kept)
