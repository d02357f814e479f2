"""What the judge is handed: a trial's record and protocol as plain values, checked on arrival."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from speciosa.core.errors import InputError, nearest
from speciosa.trial.rows import Table, batches, means_by_draw
from speciosa.verdict.effect import EndpointSpec
from speciosa.verdict.twins import People, Twins

KEY = ("draw", "person", "arm")


@dataclass(frozen=True)
class TrialRecord:
    """The record of one trial, one row per draw, person and arm.

    Args:
        subjects: columns ``draw``, ``person``, ``arm`` and one column per endpoint (NaN or null
            where it was not observed); ``dropout_day`` (NaN = stayed) where the flow is wanted.
        endpoints: benefits and harms that were laid down in the protocol.
        arms: arm ids in the order of the protocol.
        control: id of the placebo arm.
        standard: ids of the standard-care arms.
        draws: one row per draw: ``draw`` and one column per sampled parameter; may be empty.
        shown: harms that every arm shows and no claim is judged by.

    >>> rows = pl.DataFrame({"draw": [0, 0], "person": [0, 0], "arm": ["a", "b"], "cows": [9., 7.]})
    >>> cows = EndpointSpec("cows", "COWS", "points", "lower", 4.0)
    >>> TrialRecord(rows, (cows,), ("a", "b"), control="a").control
    'a'
    """

    subjects: Table
    endpoints: tuple[EndpointSpec, ...]
    arms: tuple[str, ...]
    control: str
    standard: tuple[str, ...] = ()
    draws: pl.DataFrame | None = None
    shown: tuple[EndpointSpec, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a record that lacks a column or an arm, or that holds a person twice."""
        wanted = [*KEY, *(endpoint.id for endpoint in (*self.endpoints, *self.shown))]
        present = self.subjects.columns
        for column in wanted:
            if column not in present:
                cure = nearest(column, present)
                raise InputError(f'no column "{column}"', "subjects table", cure)
        for arm in (self.control, *self.standard):
            if arm not in self.arms:
                raise InputError(f'no arm "{arm}"', "trial record", nearest(arm, self.arms))
        seen: set[str] = set()
        twice = False
        for rows in batches(self.subjects, KEY):
            seen |= set(rows["arm"].unique())
            twice = twice or bool(rows.is_duplicated().any())
        unknown = sorted(seen - set(self.arms))
        if unknown:
            raise InputError(
                f'arm "{unknown[0]}" is not in the protocol',
                "subjects table",
                nearest(unknown[0], self.arms),
            )
        if twice:
            raise InputError(
                "the same draw, person and arm stands in two rows",
                "subjects table",
                "Give each person one row per draw and arm.",
            )

    @cached_property
    def twins(self) -> People:
        """The subjects as people, for contrasts; a table that is not held stays as it is."""
        held = self.subjects
        return Twins.of(held) if isinstance(held, pl.DataFrame) else held

    @cached_property
    def means(self) -> pl.DataFrame:
        """``arm``, ``draw`` and the mean of every endpoint, null where nobody has a value."""
        endpoints = [each.id for each in (*self.endpoints, *self.shown)]
        return means_by_draw(self.subjects, endpoints, self.arms)

    @property
    def benefits(self) -> tuple[EndpointSpec, ...]:
        """The endpoints that a treatment is hoped to move."""
        return tuple(endpoint for endpoint in self.endpoints if endpoint.benefit)

    @property
    def harms(self) -> tuple[EndpointSpec, ...]:
        """The endpoints that a treatment may harm."""
        return tuple(endpoint for endpoint in self.endpoints if not endpoint.benefit)

    def endpoint(self, name: str) -> EndpointSpec:
        """Return one endpoint by its id, or name the nearest."""
        for endpoint in self.endpoints:
            if endpoint.id == name:
                return endpoint
        ids = [endpoint.id for endpoint in self.endpoints]
        raise InputError(f'no endpoint "{name}"', "trial record", nearest(name, ids))
