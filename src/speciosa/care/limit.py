"""Whether a batch of a kratom product keeps to a law on 7-hydroxymitragynine."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speciosa.care.product import Product, composition_factors
from speciosa.evidence.limits import Limit
from speciosa.evidence.load import load_evidence

SEVEN = "hydroxymitragynine_oral"
_MG_PER_NMOL = 1e-6  # mg in a nmol of a molecule of 1 g/mol: pure conversion


def alkaloid_masses(
    product: Product,
    scores: ArrayLike,
    values: Mapping[str, Any] | None = None,
    own: Mapping[str, ArrayLike] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Return mg of each alkaloid in one unit of product, by its dose entry.

    Args:
        product: a kratom product; its other alkaloids count too.
        scores, values, own: as for :func:`speciosa.care.product.composition_factors`.
    """
    factors = composition_factors(product.whole(), scores, values, own=own)
    evidence = load_evidence()
    return {
        entry: np.asarray(nmol)
        * _MG_PER_NMOL
        * evidence.number(f"molecule.{entry.removesuffix('_oral')}.molar_mass").value
        for entry, nmol in factors.items()
    }


def keeps_to(
    limit: Limit, product: Product, serving: float, masses: Mapping[str, ArrayLike]
) -> NDArray[np.bool_]:
    """Return which batches keep to a law.

    Args:
        limit: the law.
        product: what is given.
        serving: amount taken at once, in the product's unit.
        masses: what :func:`alkaloid_masses` returned.

    Example:
        >>> from speciosa.care.shelf import HYDROXYMITRAGYNINE_TABLET, KRATOM_LEAF
        >>> from speciosa.evidence.limits import limits
        >>> two_per_cent = limits()[0]
        >>> [bool(keeps_to(two_per_cent, one, 4.0, alkaloid_masses(one, 0.0)))
        ...  for one in (KRATOM_LEAF, HYDROXYMITRAGYNINE_TABLET)]
        [True, False]
    """
    seven = np.asarray(masses.get(SEVEN, 0.0))
    whole = sum((np.asarray(one) for one in masses.values()), np.zeros(()))
    share = np.divide(seven, whole, out=np.zeros(np.shape(whole)), where=whole > 0)
    kept = (share <= limit.most_share) & (seven * serving <= limit.most_per_serving)
    if product.unit == "g":  # a tablet's own mass is not in the model
        kept &= seven <= limit.most_per_gram
    return np.asarray(kept)


def kept_share(limit: Limit, product: Product, serving: float, batches: int = 400) -> float:
    """Return the share of batches of a product that keep to a law.

    Each alkaloid that varies has luck of its own; everything nobody knows is at its central value.

    Args:
        limit: the law.
        product: what is given.
        serving: amount taken at once, in the product's unit.
        batches: how many are looked at.

    Example:
        >>> from speciosa.care.shelf import KRATOM_LEAF
        >>> from speciosa.evidence.limits import limits
        >>> kept_share(limits()[0], KRATOM_LEAF, 4.0)
        1.0
    """
    whole = product.whole()
    names = [one.name for one in whole.constituents if one.shared and one.batch_cv]
    scores = quantiles(len(names) + 1, batches)
    masses = alkaloid_masses(product, scores[0], own=dict(zip(names, scores[1:], strict=True)))
    return float(np.broadcast_to(keeps_to(limit, product, serving, masses), batches).mean())


def quantiles(rows: int, count: int) -> list[NDArray[np.float64]]:
    """Return rows of standard-normal quantiles, each in another fixed order (no chance in it).

    >>> [round(float(row.std()), 1) for row in quantiles(2, 400)]
    [1.0, 1.0]
    """
    middle = (np.arange(count) + 0.5) / count
    values = np.array([NormalDist().inv_cdf(float(p)) for p in middle])
    strides = [n for n in range(1, count) if gcd(n, count) == 1]
    picked = strides[:: max(1, len(strides) // (rows + 1))][1 : rows + 1]
    return [values[(np.arange(count) * stride) % count] for stride in picked]
