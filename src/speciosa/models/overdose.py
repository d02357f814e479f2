"""The acute overdose recipe: fentanyl into a vein, breathing, blood flow, and naloxone by somebody.

One product of naloxone is wired; nobody there is the same model with no dose at hand. The recipe
is solved in steps of a quarter of a second by :mod:`speciosa.core.acute`.
"""

from __future__ import annotations

from speciosa.core.wiring import Model, wire
from speciosa.exposure.acute_fentanyl import ACUTE_FENTANYL
from speciosa.exposure.acute_naloxone import acute_naloxone
from speciosa.receptor.acute_mu import ACUTE_MU
from speciosa.response.acute_breathing import ACUTE_BREATHING, ACUTE_DELAY
from speciosa.response.acute_circulation import ACUTE_CIRCULATION
from speciosa.response.acute_gas import ACUTE_GAS
from speciosa.response.acute_rescue import ARREST, SPELL, helper


def overdose(naloxone: str = "intramuscular") -> Model:
    """Return the wired acute overdose model.

    Args:
        naloxone: product that somebody present may give: intramuscular, autoinjector or
            intranasal.

    Example:
        >>> sorted(decision.name for decision in overdose().decisions)
        ['arrest', 'helper', 'spell']
    """
    product = acute_naloxone(naloxone)
    (entry,) = product.entries
    return wire(
        [
            ACUTE_FENTANYL,
            product,
            ACUTE_MU,
            ACUTE_CIRCULATION,
            ACUTE_GAS,
            ACUTE_DELAY,
            ACUTE_BREATHING,
        ],
        (ARREST, helper(entry), SPELL),
    )
