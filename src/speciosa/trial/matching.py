"""A study's ``[matched]`` table: two arms that are to be compared at equal effect.

The amounts of one arm are scaled, draw by draw, until a mean endpoint equals that of the other.
This says nothing about a person and finds no best dose: it takes away one difference between two
populations, so that the others can be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from speciosa.core.errors import InputError
from speciosa.trial.form import Form

KEYS = ("arm", "against", "endpoint", "within", "outcomes", "edges", "whole_products")


@dataclass(frozen=True)
class Matching:
    """What is matched with what, and what is then compared.

    Args:
        arm: the arm whose amounts are scaled.
        against: the arm that it is matched with.
        endpoint: id of the endpoint whose mean is made equal.
        within: how equal, in the endpoint's unit.
        outcomes: ids of the endpoints that are compared.
        edges: records that are set to 0, one after another and all together, to see which of them
            decides the answer.
        whole_products: whether products bring all their alkaloids.
    """

    arm: str
    against: str
    endpoint: str
    within: float
    outcomes: tuple[str, ...]
    edges: tuple[str, ...] = ()
    whole_products: bool = False


def read_matching(
    reader: Form, table: Any, arms: tuple[str, ...], endpoints: tuple[str, ...]
) -> Matching | None:
    """Read the table ``[matched]``; None where a study has none.

    Args:
        reader: of the study file.
        table: what stands under ``[matched]``, or None.
        arms, endpoints: names of the study's arms and endpoints.

    Raises:
        InputError: an arm or endpoint that is not there, or nothing to compare.
    """
    if table is None:
        return None
    name = "[matched]"
    given = dict(reader.table(table, name, KEYS))
    for key in ("arm", "against", "endpoint"):
        options = endpoints if key == "endpoint" else arms
        reader.one_of(str(given.get(key, "")), options, f"{name} {key}")
    outcomes, edges = (given.get(key, []) for key in ("outcomes", "edges"))
    for key, listed in (("outcomes", outcomes), ("edges", edges)):
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise InputError(f'"{key}" is not a list of names', reader.where(name, key), "List it.")
    for outcome in outcomes:
        reader.one_of(outcome, endpoints, f"{name} outcomes")
    if not outcomes or given["arm"] == given["against"]:
        raise InputError(
            "nothing is compared", reader.where(name), "Name two arms and at least one outcome."
        )
    within = reader.number(given.get("within"), f"{name} within", "within", 0.0, 1e6)
    whole = given.get("whole_products", False)
    if not isinstance(whole, bool):
        raise InputError(
            f'"whole_products" is {whole!r}', reader.where(name), "Write true or false."
        )
    return Matching(
        given["arm"],
        given["against"],
        given["endpoint"],
        within,
        tuple(outcomes),
        tuple(edges),
        whole,
    )
