"""The reference course of alcohol withdrawal: CIWA-Ar hour by hour, untreated and treated.

The plan's reference person drank 235 g a day, has 158 mg/100 mL at the last drink, eliminates by
220 C/(C + 27) mg/L/h and is adapted to 0.30. Treated, a fractional block sets in 18 h after the
last drink; its two sizes are calibrated to Rajmohan 2013.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from speciosa.receptor.gaba import GABA
from speciosa.response.alcohol_adaptation import ALCOHOL_ADAPTATION
from speciosa.response.sleep import sleep_disturbance
from speciosa.symptom.ciwa import CIWA
from withdrawal_chain import values

P = values(ALCOHOL_ADAPTATION)
SLEEP = sleep_disturbance("alcohol", symptom="hyperexcitability")
START, LAG = 18.0, 1.5
HOURS = (18, 24, 30, 36, 48, 60, 72, 96)


def followed(
    hours: tuple[float, ...], block: float = 0.0, attended: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return hyperexcitability and the disturbance of sleep at hours since the last drink."""
    gaba, night = values(GABA), values(SLEEP)

    def rates(t: float, y: np.ndarray) -> list[float]:
        effect = GABA.outputs(np, {}, {"alcohol_plasma": y[0]}, gaba)["alcohol_effect"]
        s = {
            "alcohol_effect": effect, "in_treatment": attended, "claimed_withdrawal_relief": 0.0,
            "benzodiazepine_block": block * max(0.0, 1 - np.exp(-(t - START) / LAG)),
        }  # fmt: skip
        x = {"adapted": y[1], "excitability": y[2], "unrelieved": y[2]}
        s |= ALCOHOL_ADAPTATION.outputs(np, x, s, P)
        change = ALCOHOL_ADAPTATION.rates(np, x, s, P)
        woken = {"quick": y[3], "lasting": y[4]}
        sleep = SLEEP.rates(np, woken, {"hyperexcitability": y[2]}, night)
        left = -220 * y[0] / (y[0] + 27)
        return [left, change["adapted"], change["excitability"], sleep["quick"], sleep["lasting"]]

    start = [1580.0, 0.30, 0.0, night["maintained"], night["lasting_start"]]
    found = solve_ivp(
        rates, (0, hours[-1]), start, t_eval=hours, rtol=1e-8, atol=1e-10, max_step=0.25
    )
    woken = {"quick": found.y[3], "lasting": found.y[4]}
    return found.y[2], SLEEP.outputs(np, woken, {}, night)["sleep_disturbance"]


def ciwa(hours: tuple[float, ...], block: float = 0.0, attended: float = 0.0) -> np.ndarray:
    """Return CIWA-Ar at hours since the last drink."""
    s = {"hyperexcitability": followed(hours, block, attended)[0]}
    return np.asarray(CIWA.outputs(np, {}, s, values(CIWA))["ciwa"])


def test_untreated_over_five_days() -> None:
    hours = (8, 12, 18, 24, 30, 36, 48, 72, 96, 120)
    wanted = (3, 11, 18, 21, 22, 21, 18, 11, 6, 4)  # printed without decimals
    assert ciwa(hours) == pytest.approx(wanted, abs=0.5)


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        (0.0, (18.1, 21.3, 22.0, 21.3, 18.2, 14.5, 11.1, 6.3)),
        (0.62, (18.1, 16.8, 14.0, 11.8, 8.5, 6.2, 4.5, 2.5)),
        (0.38, (18.1, 18.5, 17.1, 15.4, 12.2, 9.3, 7.0, 3.9)),
    ],
)
def test_treated_from_eighteen_hours(block: float, wanted: tuple[float, ...]) -> None:
    assert ciwa(HOURS, block) == pytest.approx(wanted, abs=0.5)


@pytest.mark.parametrize(("block", "improved"), [(0.62, 0.704), (0.38, 0.548)])
def test_improvement_at_48_hours(block: float, improved: float) -> None:
    """Rajmohan 2013: 70.4 % on lorazepam and 54.8 % on chlordiazepoxide, in attended care."""
    before, after = ciwa((START, START + 48), block, attended=0.2)
    assert 1 - after / before == pytest.approx(improved, abs=0.06)


def test_attended_care_alone_takes_a_fifth() -> None:
    assert ciwa((30,), attended=1.0)[0] / ciwa((30,))[0] == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("day", [2, 7, 30])
def test_sleep_keeps_to_the_curve_of_untreated_abstinence(day: int) -> None:
    """W(d) = 0.60 exp(-d/5) + 0.40 exp(-d/180)."""
    wanted = 0.60 * np.exp(-day / 5) + 0.40 * np.exp(-day / 180)
    assert followed((24.0 * day,))[1][0] == pytest.approx(wanted, abs=0.1)
