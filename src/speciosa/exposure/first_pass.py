"""Gut wall and liver in balance: the closed forms that the kratom alkaloids share.

Enterocytes empty at about 250 per hour and the liver at about 30: far faster than anything the
brain notices. Both are therefore taken to be in balance with what flows in, at every moment.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from speciosa.core.stage import Row, Rows

_APART = 1e-6  # relative distance kept between two rates of a chain


def release_chain(p: Rows) -> dict[str, Row]:
    """Write stomach -> lumen -> (absorbed or lost) as two exactly decaying modes.

    The lumen's content is ``chain * stomach + lumen_mode``.

    Args:
        p: ``kge`` gastric emptying, ``ka`` absorption and ``kt`` loss from the lumen, 1/h;
            ``Fst`` share that survives the stomach.

    Returns:
        ``k_lumen`` (1/h), ``chain`` (1), and what one nmol swallowed adds to each mode,
        ``gain_stomach`` and ``gain_lumen`` (1).

    Example:
        >>> d = release_chain({"kge": 3.0, "ka": 1.75, "kt": 0.25, "Fst": 1.0})
        >>> bool(abs(d["chain"] * d["gain_stomach"] + d["gain_lumen"]) < 1e-12)  # empty at first
        True
    """
    emptying = np.asarray(p["kge"], dtype=float)
    leaving = np.asarray(p["ka"], dtype=float) + p["kt"]
    near = np.abs(leaving - emptying) < _APART * emptying
    leaving = np.where(near, emptying * (1 + 2 * _APART), leaving)
    chain = emptying / (leaving - emptying)
    survives = p["Fst"] + 0.0 * chain
    return {
        "k_lumen": leaving,
        "chain": chain,
        "gain_stomach": survives,
        "gain_lumen": -survives * chain,
    }


def balanced_concentration(
    xp: Any, inflow: Row, *, linear: Row, saturable: Row, free: Row, slope: Row
) -> Row:
    """Return the concentration at which a well-stirred space loses what flows into it.

    Solves ``inflow = linear x + saturable x / (free + slope x)`` for its positive root, in the
    form that does not cancel.

    Args:
        xp: array module.
        inflow: nmol/h.
        linear: clearance that nothing inhibits, L/h.
        saturable: clearance that the substance itself inhibits, L/h.
        free: 1 plus the inhibition by others at the same site (1).
        slope: reciprocal of the inhibition constant, 1/nM.

    Example:
        >>> import numpy as np
        >>> x = balanced_concentration(
        ...     np, 100.0, linear=2.0, saturable=6.0, free=1.0, slope=0.1)
        >>> round(float(2.0 * x + 6.0 * x / (1.0 + 0.1 * x)), 9)
        100.0
    """
    total = linear * free + saturable
    load = inflow * slope / total
    share = linear * free / total
    heavy = load - 1
    sizes = xp.maximum(heavy, -heavy) + xp.sqrt(heavy * heavy + 4 * share * load)
    below = 2 / sizes
    above = sizes / xp.where(heavy < 0, 2, 2 * share * load)
    return inflow * free / total * xp.where(heavy < 0, below, above)
