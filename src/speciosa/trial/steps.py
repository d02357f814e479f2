"""Where a mesh needs small steps: at the start, after doses and where a habit may be followed."""

from __future__ import annotations

from collections.abc import Iterable

from speciosa.care.product import Product
from speciosa.care.schedule import START_CLOCK_HOUR
from speciosa.core.mesh import Refinement
from speciosa.core.wiring import Model
from speciosa.models.interaction import FINE_STEP, longest_step
from speciosa.trial.disorder import Disorder

AT_START = Refinement((0.0,), 0.02, 0.75)  # h: at first nothing is in balance
AFTER_USE = 0.01  # h, first step after an opioid may have been injected
AFTER_DOSE = 0.02  # h, first step after any other dose
AFTER_FAST = 0.004  # h, where an opioid's distribution is integrated and not exact
INJECTED = ("intravenous", "intramuscular")


def after_doses(
    model: Model, doses: Iterable[tuple[Product, str, float]]
) -> tuple[Refinement, ...]:
    """Return the small steps that scheduled doses need.

    Args:
        model: what is solved.
        doses: product, route and hours since the start of each dose.
    """
    steep, fast = model.steep_entries(), longest_step(model) <= FINE_STEP
    found: dict[tuple[float, float], set[float]] = {}
    for product, route, hours in doses:
        first = AFTER_USE if route in INJECTED else AFTER_DOSE
        found.setdefault((AFTER_FAST if fast else first, 0.0), set()).add(hours)
        for entry in steep.keys() & set(product.entries(route)):
            found.setdefault(steep[entry], set()).add(hours)
    return tuple(Refinement(tuple(sorted(hours)), *steps) for steps, hours in sorted(found.items()))


def after_use(disorder: Disorder, days: int) -> Refinement:
    """Return the small steps after the hours at which a disorder's habit may be followed."""
    slots = [(slot - START_CLOCK_HOUR) % 24.0 for slot in disorder.slots]
    hours = tuple(24.0 * day + slot for day in range(days) for slot in slots)
    return Refinement(hours, disorder.after_use)
