"""Repeated kratom changes its own conversion to 7-OH, by prediction; and it is a victim too."""

from __future__ import annotations

import numpy as np
import pytest

from interaction_chain import Dose, ratio, run, tea

PARENT, PRODUCT = "mitragynine_plasma", "hydroxymitragynine_plasma"
FLUXES = ("mitragynine_gut_cyp3a_flux", "mitragynine_liver_cyp3a_flux")
INACTIVATION = {
    "mitragynine.cyp3a_gut_inactivation_rate": 0.0,
    "mitragynine.cyp3a_liver_inactivation_rate": 0.0,
}


def shares(changed: dict[str, float] | None = None) -> tuple[float, float]:
    """Return 7-OH over mitragynine, areas of the first and of the last of 28 intervals of 6 h."""
    doses = [dose for n in range(28) for dose in tea(6.0 * n, 4.0)]
    hours = np.arange(0, 168.01, 0.25)
    found = run(doses, hours, [PARENT, PRODUCT], changed=changed)
    areas = [
        [np.trapezoid(found[q][inside], hours[inside]) for q in (PARENT, PRODUCT)]
        for inside in (hours <= 6, hours >= 162)
    ]
    return tuple(product / parent for parent, product in areas)


def test_repeated_kratom_turns_less_of_itself_into_7_oh():
    first, last = shares()
    assert last < 0.9 * first


def test_it_is_the_loss_of_enzyme_that_does_it():
    first, last = shares()
    none_first, none_last = shares(INACTIVATION)
    assert last / first < 0.9 * none_last / none_first


@pytest.mark.parametrize("probe, quantity", [
    ("midazolam_oral", "midazolam_plasma"),
    ("dextromethorphan_oral", "dextromethorphan_plasma"),
])  # fmt: skip
def test_a_week_of_leaf_does_more_to_a_probe_than_one_cup(probe: str, quantity: str):
    once = ratio(Dose(0, probe, 2.5), tea(0.0, 4.0), quantity)
    week = [dose for n in range(29) for dose in tea(6.0 * n, 4.0)]
    weekly = ratio(Dose(168, probe, 2.5), week, quantity)
    assert weekly["auc_inf"] > once["auc_inf"] > 1


def test_ketoconazole_raises_mitragynine_and_delays_7_oh():
    azole = [Dose(0.0, "ketoconazole_oral", 400)]
    dose = Dose(1.0, "mitragynine_oral", 39)
    assert ratio(dose, azole, PARENT, metrics=("auc_last",))["auc_last"] > 1.15
    assert ratio(dose, azole, PRODUCT, metrics=("cmax",))["cmax"] < 0.9


def test_an_inhibitor_takes_nothing_that_is_not_there():
    """Without ketoconazole the recipe in which others inhibit is kratom alone."""
    plain = run([*tea()], [0.0, 1.0, 12.0], [PARENT, PRODUCT])
    none = run([*tea(), Dose(0, "ketoconazole_oral", 0.0)], [0.0, 1.0, 12.0], [PARENT, PRODUCT])
    for quantity in (PARENT, PRODUCT):
        assert none[quantity] == pytest.approx(plain[quantity], rel=1e-6)


@pytest.mark.parametrize("entry, milligrams, least, most", [
    ("methadone_oral", 40.0, 1.0, 1.4),
    ("buprenorphine_sublingual", 8.0, 1.0, 2.5),
    ("fentanyl_intravenous", 0.1, 1.0, 3.0),
])  # fmt: skip
@pytest.mark.parametrize("with_what", ["kratom", "itraconazole"])
def test_opioids_are_victims(entry: str, milligrams: float, least: float, most: float, with_what):
    quantity = f"{entry.split('_')[0]}_plasma"
    given = (
        [dose for n in range(13) for dose in tea(6.0 * n, 4.0)]
        if with_what == "kratom"
        else [Dose(24.0 * n, "itraconazole_oral", 200) for n in range(4)]
    )
    found = ratio(Dose(72, entry, milligrams), given, quantity, hours=np.arange(0, 24.01, 0.25),
                  metrics=("auc_last",))  # fmt: skip
    assert least + 0.005 < found["auc_last"] < most
