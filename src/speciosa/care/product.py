"""What a product is made of: its constituents, how batches differ and the molecules in a unit.

A product is neither a regimen nor an arm. Amounts are given in its ``unit``; its constituents say
how much of each molecule one unit holds, by reference to the evidence, and through which dose
entry the molecule reaches the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from speciosa.care.tokens import plain
from speciosa.core.errors import InputError, nearest
from speciosa.evidence.load import load_evidence

BATCH_DAYS = "product.batch.days"
_NMOL_PER_MG = 1e6  # nmol of a molecule of 1 g/mol in a milligram: pure conversion


@dataclass(frozen=True)
class Constituent:
    """One molecule of a product.

    Args:
        name: what it is called; the molecule, unless ``molecule`` says otherwise.
        content: record of its mass per unit of product, mg/g or mg/mg.
        batch_cv: record of the coefficient of variation between batches; empty for none.
        entries: (route, dose entry) pairs; empty while no stage simulates the molecule.
        synonyms: other words for it in a stated composition; the first is the one shown.
        molecule: the molecule where two constituents share one.
        asleep: (route, dose entry) pairs that count only in the product as a whole
            (:meth:`Product.whole`).
        asleep_cv: record of the variation between batches that counts only there.
        shared: record of the correlation, between batches, with the constituent that names the
            product's strength; empty for the same score.
    """

    name: str
    content: str
    batch_cv: str = ""
    entries: tuple[tuple[str, str], ...] = ()
    synonyms: tuple[str, ...] = ()
    molecule: str = ""
    asleep: tuple[tuple[str, str], ...] = ()
    asleep_cv: str = ""
    shared: str = ""

    def awake(self) -> Constituent:
        """Return the constituent with everything that it brings to the product as a whole."""
        return replace(
            self,
            entries=self.entries or self.asleep,
            batch_cv=self.batch_cv or self.asleep_cv,
            asleep=(),
            asleep_cv="",
        )

    @property
    def molar_mass(self) -> str:
        """The record of its molar mass, g/mol."""
        return f"molecule.{self.molecule or self.name}.molar_mass"

    @property
    def shown(self) -> str:
        """The word for it that is printed."""
        return self.synonyms[0] if self.synonyms else self.name

    def entry(self, route: str) -> str:
        """Return the dose entry that a route leads to; empty where there is none."""
        return dict(self.entries).get(route, "")


@dataclass(frozen=True)
class Stated:
    """What a label or a report states: ``content`` mg of ``constituent`` per unit of product."""

    constituent: str
    content: float


@dataclass(frozen=True)
class Uptake:
    """The share of a dose that is taken up, as a power of the dose.

    Args:
        reference: record of the dose for which the stage's share holds, in the product's unit.
        exponent: record of the power of dose over reference.
    """

    reference: str
    exponent: str


@dataclass(frozen=True)
class Product:
    """Something that can be given.

    Args:
        name: as written in a regimen.
        key: snake_case name, for quantities and streams.
        unit: the unit of its amounts, ``g`` or ``mg``.
        constituents: what it holds.
        routes: how it can be given, the usual one first.
        synonyms: other names.
        slip_above: amounts beyond this, in ``unit``, are taken for a slip of the unit and
            refused. It is not a statement about safety.
        stated: contents that override the evidence and have no batch spread.
        uptake: how the share taken up changes with the dose; None where it does not.

    >>> from speciosa.care.shelf import KRATOM_LEAF
    >>> str(KRATOM_LEAF.with_stated("mitragynine", 13.3))
    'kratom leaf (mitragynine 13.3 mg/g)'
    """

    name: str
    key: str
    unit: str
    constituents: tuple[Constituent, ...] = ()
    routes: tuple[str, ...] = ("oral",)
    synonyms: tuple[str, ...] = ()
    slip_above: float = 1e4
    stated: tuple[Stated, ...] = ()
    uptake: Uptake | None = None

    def __str__(self) -> str:
        if not self.stated:
            return self.name
        shown = ", ".join(
            f"{self.constituent(s.constituent).shown} {plain(s.content)} mg/{self.unit}"
            for s in self.stated
        )
        return f"{self.name} ({shown})"

    def constituent(self, word: str) -> Constituent:
        """Return a constituent by its name or a synonym.

        Raises:
            InputError: if the product has none of that name.
        """
        for one in self.constituents:
            if word.lower() in (one.name, *(s.lower() for s in one.synonyms)):
                return one
        words = [w for one in self.constituents for w in (one.name, *one.synonyms)]
        raise InputError(f'{self.name} has no constituent "{word}"', cure=nearest(word, words))

    def with_stated(self, constituent: str, content: float) -> Product:
        """Return the product with a stated content, which removes the spread between batches.

        Args:
            constituent: name or synonym.
            content: mg per unit of product, at most the whole unit.
        """
        name = self.constituent(constituent).name
        most = 1000.0 if self.unit == "g" else 2.0  # a label in mg may understate by half
        if not 0.0 <= content <= most:
            raise InputError(
                f"{plain(content)} mg/{self.unit} of {name} is impossible",
                f"composition of {self.name}",
                f"State between 0 and {plain(most)} mg/{self.unit}.",
            )
        if any(s.constituent == name for s in self.stated):
            raise InputError(
                f"{name} is stated twice", f"composition of {self.name}", "State it once."
            )
        stated = sorted((*self.stated, Stated(name, float(content))), key=lambda s: s.constituent)
        return replace(self, stated=tuple(stated))

    def whole(self) -> Product:
        """Return the product with its other alkaloids and the batch variation of each.

        >>> from speciosa.care.shelf import KRATOM_LEAF
        >>> "speciociliatine_oral" in KRATOM_LEAF.entries()
        False
        >>> "speciociliatine_oral" in KRATOM_LEAF.whole().entries()
        True
        """
        return replace(self, constituents=tuple(one.awake() for one in self.constituents))

    def entries(self, route: str = "") -> tuple[str, ...]:
        """Return the dose entries of a route (default: the usual one)."""
        found = (c.entry(route or self.routes[0]) for c in self.constituents)
        return tuple(entry for entry in found if entry)

    def records(self) -> tuple[str, ...]:
        """Return the ids of the records that its composition rests on, each once."""
        stated = {s.constituent for s in self.stated}
        ids: list[str] = []
        for one in self.constituents:
            if not one.entries:
                continue
            ids.append(one.molar_mass)
            ids += [] if one.name in stated else [one.content]
            ids += [one.batch_cv] if one.batch_cv and one.name not in stated else []
            ids += [one.shared] if one.batch_cv and one.shared and one.name not in stated else []
        if self.uptake is not None:
            ids += [self.uptake.reference, self.uptake.exponent]
        return tuple(dict.fromkeys(ids))

    def varies(self) -> bool:
        """Return whether batches differ in anything that is simulated."""
        stated = {s.constituent for s in self.stated}
        return any(
            one.batch_cv and one.entries and one.name not in stated for one in self.constituents
        )


def content(
    product: Product, constituent: Constituent, scores: ArrayLike, values: Mapping[str, Any]
) -> Any:
    """Return how much of a constituent one unit of product holds, mg.

    Args:
        product: what is given.
        constituent: one of its constituents.
        scores: standard-normal score of each batch.
        values: record id -> value, a number or one per draw or person.
    """
    scores = np.asarray(scores, dtype=float)
    for stated in product.stated:
        if stated.constituent == constituent.name:
            return np.full(scores.shape, stated.content)
    median = np.asarray(values[constituent.content], dtype=float)
    if not constituent.batch_cv:
        return median + np.zeros_like(scores)
    sd = np.sqrt(np.log1p(np.square(np.asarray(values[constituent.batch_cv], dtype=float))))
    most = 1000.0 if product.unit == "g" else np.inf  # a gram holds no more than a gram
    return np.minimum(median * np.exp(sd * scores), most)


def taken_up(product: Product, amount: float, values: Mapping[str, Any] | None = None) -> Any:
    """Return the amount that, taken up as the reference dose is, gives what this dose gives.

    Args:
        product: what is given.
        amount: in the product's unit.
        values: record id -> value, as for :func:`composition_factors`.

    >>> from speciosa.care.shelf import BUPRENORPHINE, METHADONE
    >>> round(float(taken_up(BUPRENORPHINE, 2.0)), 2), taken_up(METHADONE, 2.0)
    (4.33, 2.0)
    """
    if product.uptake is None or amount <= 0.0:
        return amount
    values = _central(product) if values is None else values
    relative = amount / np.asarray(values[product.uptake.reference], dtype=float)
    return amount * relative ** np.asarray(values[product.uptake.exponent], dtype=float)


def composition_factors(
    product: Product,
    scores: ArrayLike,
    values: Mapping[str, Any] | None = None,
    route: str = "",
    own: Mapping[str, ArrayLike] | None = None,
) -> dict[str, Any]:
    """Return nmol per unit of product for each dose entry.

    One score belongs to a batch: a strong batch is strong in everything that varies. A constituent
    that is only partly ``shared`` has a score of its own beside it.

    Args:
        product: what is given.
        scores: standard-normal score of each batch, any shape.
        own: constituent -> its own standard-normal score of each batch; 0 where left out.
        values: record id -> value, for every id of ``product.records()``; numbers, or arrays that
            broadcast against ``scores``. Default: the central values of the evidence.
        route: how it is given; default the usual route.

    >>> from speciosa.care.shelf import MELATONIN
    >>> {k: round(float(v), 2) for k, v in composition_factors(MELATONIN, 0.0).items()}
    {'melatonin_oral': 4305.09}
    """
    values = _central(product) if values is None else values
    factors: dict[str, Any] = {}
    for one in product.constituents:
        entry = one.entry(route or product.routes[0])
        if entry:
            mass = content(product, one, _scores(one, scores, values, own or {}), values)
            molar_mass = np.asarray(values[one.molar_mass], dtype=float)
            factors[entry] = factors.get(entry, 0.0) + mass * _NMOL_PER_MG / molar_mass
    return factors


def _scores(
    one: Constituent, scores: ArrayLike, values: Mapping[str, Any], own: Mapping[str, ArrayLike]
) -> Any:
    if not (one.shared and one.batch_cv):
        return scores
    shared = np.asarray(values[one.shared], dtype=float)
    mine = np.asarray(own.get(one.name, 0.0), dtype=float)
    return shared * np.asarray(scores, dtype=float) + np.sqrt(1 - np.square(shared)) * mine


def _central(product: Product) -> dict[str, float]:
    evidence = load_evidence()
    return {name: evidence.number(name).value for name in product.records()}


def batch_number(hours: ArrayLike, days: float) -> Any:
    """Return which batch is open: 0, 1, 2 ...

    Args:
        hours: hours since the study's start.
        days: how long a batch lasts, the value of ``product.batch.days``.

    >>> batch_number([0.0, 335.75, 336.0], 14.0).tolist()
    [0, 0, 1]
    """
    return np.floor(np.asarray(hours, dtype=float) / (24.0 * days) + 1e-9).astype(int)


def unit_covariate(product: Product, entry: str, amount: float = 1.0) -> str:
    """Return the name of the held quantity: how many nmol a unit of product gives an entry.

    Args:
        product: what is given.
        entry: one of its dose entries.
        amount: the dose; it is named where a unit of a large dose gives less than one of a small.

    >>> from speciosa.care.shelf import BUPRENORPHINE, KRATOM_LEAF
    >>> unit_covariate(KRATOM_LEAF, "mitragynine_oral")
    'kratom_leaf_mitragynine_oral_per_unit'
    >>> unit_covariate(BUPRENORPHINE, "buprenorphine_sublingual", 8.0)
    'buprenorphine_buprenorphine_sublingual_per_unit_of_8'
    """
    stated = "".join(
        f"_{s.constituent}_{plain(s.content).replace('.', 'p')}" for s in product.stated
    )
    dose = f"_of_{plain(amount).replace('.', 'p')}" if product.uptake else ""
    return f"{product.key}{stated}_{entry}_per_unit{dose}"
