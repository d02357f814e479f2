"""What was swallowed is in the body, eliminated or lost: nothing appears and nothing vanishes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import cumulative_simpson

from kratom_chain import HYDROXYMITRAGYNINE, MITRAGYNINE, Run, run, tea, values

# Two doses; the grid has a point on each and is fine where the fluxes move.
TIMES = np.unique(np.concatenate((np.arange(0, 20, 0.01), np.arange(20, 60.01, 0.02))))
SECOND = 8.0
LEAF = [tea(39), tea(78, SECOND)]
TABLET = [(0.0, "hydroxymitragynine_oral", 40_000.0), (SECOND, "hydroxymitragynine_oral", 9_000.0)]
DEEP = {"mitragynine.deep_flow": 10.0}


def total(flux: np.ndarray) -> np.ndarray:
    """Time integral, on either side of the second dose, where fluxes have a corner."""
    cut = int(np.searchsorted(TIMES, SECOND))
    before = cumulative_simpson(flux[: cut + 1], x=TIMES[: cut + 1], initial=0)
    after = cumulative_simpson(flux[cut:], x=TIMES[cut:], initial=0)
    return np.concatenate((before[:-1], before[-1] + after))


def given(doses: list[tuple[float, str, float]], entry: str, share: float) -> np.ndarray:
    return sum(share * a * (t <= TIMES) for t, e, a in doses if e == entry) + 0.0 * TIMES


def swallowed_side(r: Run, name: str, p: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Content of stomach and lumen, and what the lumen has lost."""
    stomach = r.states[f"{name}_stomach"]
    lumen = p["chain"] * stomach + r.states[f"{name}_lumen"]
    return stomach + lumen, total(p["kt"] * lumen)


def test_mitragynine() -> None:
    r, p = run(LEAF, TIMES, DEEP), values(MITRAGYNINE, DEEP)
    q, inhibition = r.quantities, values(MITRAGYNINE)["Ki"]
    inside, lost = swallowed_side(r, "mitragynine", p)
    for space in ("central", "peripheral", "deep"):
        inside = inside + r.states[f"mitragynine_{space}"]
    gut_activity = q["cyp3a_gut_enzyme"] / (1 + q["gut_inhibitor"] / inhibition)
    liver_activity = q["cyp3a_liver_enzyme"] / (1 + q["liver_inhibitor"] / inhibition)
    in_gut = p["CLu"] * p["fm3"] * p["rg"] * gut_activity * q["mitragynine_gut_unbound"]
    share = p["fm3"] * liver_activity + 1 - p["fm3"]
    in_liver = p["CLu"] * share * q["mitragynine_liver_unbound"]
    swallowed = given(LEAF, "mitragynine_oral", p["Fst"])
    assert inside + lost + total(in_gut + in_liver) == pytest.approx(
        swallowed, abs=1e-5 * swallowed[-1]
    )


@pytest.mark.parametrize("doses", [LEAF, TABLET, LEAF + TABLET], ids=["leaf", "tablet", "both"])
def test_hydroxymitragynine(doses: list[tuple[float, str, float]]) -> None:
    r, p = run(doses, TIMES), values(HYDROXYMITRAGYNINE)
    q = r.quantities
    inside, lost = swallowed_side(r, "hydroxymitragynine", p)
    inside = inside + r.states["hydroxymitragynine_central"]
    inside = inside + r.states["hydroxymitragynine_peripheral"]
    in_gut = (
        p["CLu"] * p["fm3"] * p["rg"] * q["cyp3a_gut_activity"]
        * q["hydroxymitragynine_gut_unbound"]
    )  # fmt: skip
    in_liver = (
        p["CLu"] * (p["fm3"] * q["cyp3a_liver_activity"] + 1 - p["fm3"])
        * q["hydroxymitragynine_liver_unbound"]
    )  # fmt: skip
    formed = p["f7"] * total(q["mitragynine_gut_cyp3a_flux"] + q["mitragynine_liver_cyp3a_flux"])
    source = formed + given(doses, "hydroxymitragynine_oral", p["Fst"])
    assert source[-1] > 1000
    assert inside + lost + total(in_gut + in_liver) == pytest.approx(source, abs=1e-5 * source[-1])


def test_no_dose_no_kratom() -> None:
    q = run([], [0.0, 24.0, 240.0]).quantities
    for name in ("mitragynine_plasma", "hydroxymitragynine_plasma", "mitragynine_gut_unbound"):
        assert (q[name] == 0).all()


def test_enzyme_stays_between_none_and_all_and_comes_back() -> None:
    heavy = [tea(120, 6.0 * i) for i in range(28)]
    q = run(heavy, np.arange(0, 24 * 28, 1.0)).quantities
    for name in ("cyp3a_gut_enzyme", "cyp3a_liver_enzyme"):
        assert (q[name] > 0).all()
        assert (q[name] <= 1 + 1e-9).all()
        assert q[name].min() < 0.7
        assert q[name][-1] > q[name].min() + 0.2
