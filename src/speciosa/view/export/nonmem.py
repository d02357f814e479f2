"""A study's people as NONMEM data: what each was given, and what was found in plasma.

One table per arm in the columns that :func:`speciosa.core.event_table.read_events` reads. Dose
entries are the first compartments, in nmol; analytes follow them, in their units.
"""

from __future__ import annotations

from collections.abc import Sequence

from speciosa.core.event_table import DOSE, Event, write_events
from speciosa.core.notice import SIMULATED
from speciosa.view.export.profiles import Profiles

LIST = "compartments.csv"


def nonmem(made: Profiles, *, every: float = 1.0) -> dict[str, str]:
    """Return file name -> text: a table per arm, and the list of compartments.

    Args:
        made: the people.
        every: h between the samples that are kept.
    """
    places = compartments(made)
    found = {f"data-{arm}.csv": write_events(events(made, arm, every)) for arm in made.arms}
    lines = ["CMT,NAME,UNIT,NOTE"]
    for name, place in places.items():
        lines.append(f"{place},{name},{made.units.get(name, 'nmol')},{SIMULATED.replace(',', ';')}")
    return {**found, LIST: "\n".join([*lines, ""])}


def compartments(made: Profiles) -> dict[str, int]:
    """Return dose entry or analyte -> CMT, from 1."""
    return {name: place for place, name in enumerate((*made.entries, *made.units), start=1)}


def events(made: Profiles, arm: str, every: float = 1.0) -> Sequence[Event]:
    """Return the records of an arm's people, numbered from 1."""
    places, taken = compartments(made), made.arms[arm]
    kept = [k for k, at in enumerate(taken.hours) if abs(at / every - round(at / every)) < 1e-9]
    found = [
        Event(who + 1, hours, float(amount), DOSE, places[entry], mdv=1)
        for hours, entry, amounts in taken.given
        for who, amount in enumerate(amounts)
        if amount > 0
    ]
    found += [
        Event(who + 1, float(taken.hours[k]), cmt=places[name], dv=float(values[k, who]))
        for name, values in taken.concentrations.items()
        for k in kept
        for who in range(values.shape[1])
    ]
    return found
