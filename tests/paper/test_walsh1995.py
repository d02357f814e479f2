"""Walsh 1995 (Psychopharmacology 119:268): buprenorphine in people maintained on methadone.

30 or 60 mg of methadone a day by mouth, then 2, 4 or 8 mg of buprenorphine under the tongue or 30
mg of methadone: buprenorphine, and not methadone, precipitated withdrawal. Here a day after the
last methadone. Missed: it was stronger on 60 mg than on 30 mg, and here it is weaker.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from speciosa.exposure.buprenorphine import BUPRENORPHINE
from speciosa.exposure.methadone import METHADONE
from withdrawal_chain import receptor, withdrawal_after

STOP = 14 * 24.0  # h, the last of the daily doses
LIGANDS = ("methadone", "buprenorphine")
MASS = {"methadone_oral": 309.4, "buprenorphine_sublingual": 467.6}


@cache
def worst(daily: float, entry: str, milligrams: float) -> float:
    """The highest COWS in the 6.5 h after the test dose."""
    doses = [(at, "methadone_oral", daily / 309.4e-6) for at in np.arange(0, STOP + 1, 24.0)]
    doses.append((STOP + 20.0, entry, milligrams / MASS[entry] * 1e6))
    mu = receptor([METHADONE, BUPRENORPHINE], LIGANDS, doses, STOP + 30.0)
    t, found = withdrawal_after(mu["mu_signal"], stop=STOP, days=200)
    return float(found["cows"][(t >= 20.0) & (t <= 26.5)].max())


@pytest.mark.parametrize("daily", [30.0, 60.0])
def test_buprenorphine_precipitates_and_methadone_does_not(daily: float) -> None:
    nothing = worst(daily, "methadone_oral", 0.0)
    rises = [worst(daily, "buprenorphine_sublingual", dose) - nothing for dose in (2.0, 4.0, 8.0)]
    assert 0.02 < rises[0] < rises[1] < rises[2] < 5.0  # mild, and more of it with more
    assert worst(daily, "methadone_oral", 30.0) <= nothing
