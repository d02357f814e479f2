"""Do two remedies do more together than apart? Four references, each named, none mixed.

Effects are fractions: 0 none, 1 full. Bliss takes the two as independent; the highest single agent
(HSA) asks only for more than the better of them; Loewe asks what a drug would do that is only a
dilution of the other, and alone passes the sham test (one drug split into two); ZIP and MuSyC fit
whole curves. A word of synergy needs an interval over simulated worlds that leaves out none.

Sources: Bliss 1939; Loewe 1926; Yadav 2015 (ZIP, 10.1016/j.csbj.2015.09.001); Meyer 2019 and
Wooten 2021 (MuSyC with detailed balance, 10.1038/s41467-021-24789-z).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, curve_fit

from speciosa.verdict.effect import interval

Array = NDArray[np.float64]
_SMALL = 1e-12
_STEEP = (0.2, 6.0)  # Hill coefficients that a fit may take
_FLAT = 0.02  # a surface that moves less than this has nothing to fit


def bliss(first: Any, second: Any) -> Any:
    """Return the effect of two independent agents.

    Args:
        first, second: fractions affected, 0 to 1.

    >>> round(bliss(0.3, 0.4), 12)
    0.58
    """
    return first + second - first * second


def highest_single(first: Any, second: Any) -> Any:
    """Return the effect of the better agent alone.

    >>> float(highest_single(0.3, 0.4))
    0.4
    """
    return np.maximum(first, second)


@dataclass(frozen=True)
class Hill:
    """A dose-response curve: ``bottom`` at dose 0, ``top`` at the end.

    Args:
        bottom, top: effect, as a fraction.
        half: dose of half of it; ``slope`` the Hill coefficient.

    >>> float(Hill(0.0, 0.8, 5.0, 1.0)(5.0))
    0.4
    """

    bottom: float
    top: float
    half: float
    slope: float

    def __call__(self, dose: Any) -> Any:
        """Return the effect of a dose."""
        ratio = (np.asarray(dose, float) / self.half) ** self.slope
        return self.bottom + (self.top - self.bottom) * ratio / (1 + ratio)

    def dose(self, effect: float) -> float:
        """Return the dose of an effect; nan where the curve does not reach it.

        >>> round(Hill(0.0, 0.8, 5.0, 1.0).dose(0.4), 9)
        5.0
        """
        span = self.top - self.bottom
        share = (effect - self.bottom) / span if abs(span) > _SMALL else np.nan
        if not 0 <= share < 1:
            return float("nan")
        return float(self.half * (share / (1 - share)) ** (1 / self.slope))


def fit_hill(doses: Sequence[float] | Array, effects: Sequence[float] | Array) -> Hill:
    """Return the Hill curve through some effects; flat where they do not move.

    >>> curve = Hill(0.0, 0.9, 2.0, 1.5)
    >>> found = fit_hill([0, 1, 2, 4, 8], [float(curve(d)) for d in (0, 1, 2, 4, 8)])
    >>> round(found.half, 3), round(found.top, 3)
    (2.0, 0.9)
    """
    x, y = np.asarray(doses, float), np.asarray(effects, float)
    bottom, largest = float(y[np.argmin(x)]), float(x.max())
    if np.ptp(y) < _FLAT:
        return Hill(bottom, float(y.mean()), largest, 1.0)

    def curve(dose: Array, top: float, log_half: float, slope: float) -> Array:
        return np.asarray(Hill(bottom, top, float(np.exp(log_half)), slope)(dose))

    smallest = float(x[x > 0].min())
    low = [-2.0, np.log(smallest / 100), _STEEP[0]]
    high = [2.0, np.log(largest * 100), _STEEP[1]]
    start = [float(np.clip(y[np.argmax(x)], -1.9, 1.9)), np.log(np.median(x[x > 0])), 1.0]
    (top, log_half, slope), _ = curve_fit(curve, x, y, p0=start, bounds=(low, high), maxfev=20000)
    return Hill(bottom, float(top), float(np.exp(log_half)), float(slope))


def combination_index(first: Hill, second: Hill, a: float, b: float, effect: float) -> float:
    """Return Loewe's index: below 1 is synergy; nan above what the weaker agent can do.

    Args:
        first, second: the agents alone.
        a, b: the doses that together have the effect.
        effect: as a fraction.

    >>> same = Hill(0.0, 1.0, 10.0, 2.0)
    >>> round(combination_index(same, same, 5.0, 5.0, float(same(10.0))), 9)
    1.0
    """
    return a / first.dose(effect) + b / second.dose(effect)


def loewe(first: Hill, second: Hill, a: float, b: float) -> float:
    """Return the effect of two doses if each were a dilution of the other.

    Args:
        first, second: the agents alone.
        a, b: their doses.

    Above what the weaker agent can do the stronger one alone is the reference.

    >>> same = Hill(0.0, 1.0, 10.0, 2.0)
    >>> round(loewe(same, same, 5.0, 5.0), 9) == round(float(same(10.0)), 9)
    True
    """
    alone = (float(first(a)), float(second(b)))
    if a <= 0 or b <= 0:
        return alone[0] if b <= 0 else alone[1]
    sign = 1.0 if first.top + second.top >= first.bottom + second.bottom else -1.0
    weaker = min(sign * first.top, sign * second.top)
    low, high = max(sign * x for x in alone), weaker * (1 - 1e-9)
    if high <= low:
        return sign * low

    def excess(y: float) -> float:
        return combination_index(first, second, a, b, sign * y) - 1

    low += max(abs(low), 1.0) * 1e-12
    if not np.isfinite(excess(low)) or excess(low) <= 0:
        return sign * low
    if excess(high) >= 0:
        return sign * high
    return sign * float(brentq(excess, low, high, xtol=1e-12))


def zip_reference(first: Hill, second: Hill, a: Any, b: Any) -> Any:
    """Return what ZIP expects: neither agent changes the other's potency or steepness.

    >>> one = Hill(0.0, 1.0, 1.0, 1.0)
    >>> float(zip_reference(one, one, 1.0, 1.0))
    0.75
    """
    return bliss(first(a), second(b))


def zip_delta(doses: tuple[Array, Array], surface: Array, first: Hill, second: Hill) -> Array:
    """Return ZIP's delta at every pair of doses: the fitted surface less what it expects.

    Args:
        doses: of each agent, 0 first.
        surface: effect of each pair, (first, second).
        first, second: the agents alone.
    """
    a, b = doses
    rows = np.array([np.asarray(fit_hill(b, surface[i])(b)) for i in range(a.size)])
    columns = np.array([np.asarray(fit_hill(a, surface[:, j])(a)) for j in range(b.size)]).T
    return np.asarray((rows + columns) / 2 - zip_reference(first, second, a[:, None], b[None]))


@dataclass(frozen=True)
class Musyc:
    """MuSyC's surface with detailed balance.

    Args:
        levels: effect with none, the first, the second and both: E0, E1, E2, E3.
        half: C1, C2; ``slope`` h1, h2.
        potency: alpha: how much the first makes the second more potent; 1 is none.

    >>> surface = Musyc((1.0, 0.4, 0.5, 0.2), (1.0, 1.0), (1.0, 1.0))
    >>> round(float(surface(1.0, 1.0)), 9)
    0.525
    """

    levels: tuple[float, float, float, float]
    half: tuple[float, float]
    slope: tuple[float, float]
    potency: float = 1.0

    def __call__(self, a: Any, b: Any) -> Any:
        """Return the effect of two doses."""
        (h1, h2), (c1, c2) = self.slope, self.half
        a, b = np.asarray(a, float), np.asarray(b, float)
        weights = (
            c1**h1 * c2**h2, a**h1 * c2**h2, c1**h1 * b**h2, (self.potency * a) ** h1 * b**h2,
        )  # fmt: skip
        return sum(w * e for w, e in zip(weights, self.levels, strict=True)) / sum(weights)

    @property
    def efficacy(self) -> float:
        """Beta: how far both go beyond the better one, as a share of what that does; 0 is none.

        >>> round(Musyc((1.0, 0.4, 0.5, 0.2), (1.0, 1.0), (1.0, 1.0)).efficacy, 9)
        0.333333333
        """
        none, first, second, both = self.levels
        rising = first + second >= 2 * none
        best = max(first, second) if rising else min(first, second)
        return (best - both) / (none - best) if abs(none - best) > _SMALL else float("nan")


def fit_musyc(doses: tuple[Array, Array], surface: Array, first: Hill, second: Hill) -> Musyc:
    """Return the MuSyC surface nearest to a surface, its edges held at the single curves.

    Args:
        doses: of each agent, 0 first.
        surface: effect of each pair.
        first, second: the agents alone, which give E0 to E2, halves and slopes.
    """
    a, b = np.meshgrid(*doses, indexing="ij")
    base = float(surface[0, 0])

    def made(both: float, log_potency: float) -> Musyc:
        levels = (base, first.top, second.top, both)
        return Musyc(levels, (first.half, second.half), (first.slope, second.slope),
                     float(np.exp(log_potency)))  # fmt: skip

    def flat(_: Array, both: float, log_potency: float) -> Array:
        return np.asarray(made(both, log_potency)(a, b)).ravel()

    start = float(np.clip(surface[-1, -1], -1.9, 1.9))
    fitted, _ = curve_fit(
        flat, a.ravel(), surface.ravel(), p0=[start, 0.0],
        bounds=([-2.0, -5.0], [2.0, 5.0]), maxfev=20000,
    )  # fmt: skip
    return made(*map(float, fitted))


@dataclass(frozen=True)
class Reference:
    """One reference model's answer over simulated worlds.

    Args:
        name: Bliss, highest single agent, Loewe, ZIP, MuSyC potency or efficacy.
        estimate, low, high: mean and 5-95 % over worlds: effect beyond the reference as a
            fraction, or the fitted parameter (log potency, efficacy).
        word: synergy or antagonism where the interval leaves out none, else none shown.
    """

    name: str
    estimate: float
    low: float
    high: float
    word: str


def word_of(low: float, high: float) -> str:
    """Return what an interval allows to say.

    >>> word_of(-0.01, 0.2), word_of(0.01, 0.2), word_of(-0.3, -0.1)
    ('none shown', 'synergy', 'antagonism')
    """
    if not (np.isfinite(low) and np.isfinite(high)):
        return "not defined"
    return "synergy" if low > 0 else "antagonism" if high < 0 else "none shown"


def against(doses: tuple[Array, Array], surface: Array) -> dict[str, float]:
    """Return how far one surface goes beyond each reference, on average over its inner doses.

    Args:
        doses: of each agent, ascending, 0 first.
        surface: effect as a fraction of each pair of doses, (first, second).
    """
    a, b = (np.asarray(axis, float) for axis in doses)
    first, second = fit_hill(a, surface[:, 0]), fit_hill(b, surface[0])
    inner = surface[1:, 1:]
    apart, other = surface[1:, :1], surface[:1, 1:]
    diluted = np.array([[loewe(first, second, x, y) for y in b[1:]] for x in a[1:]])
    moved = np.ptp(surface) >= _FLAT
    fitted = fit_musyc((a, b), surface, first, second) if moved else None
    return {
        "Bliss": float(np.mean(inner - bliss(apart, other))),
        "highest single agent": float(np.mean(inner - highest_single(apart, other))),
        "Loewe": float(np.mean(inner - diluted)),
        "ZIP": float(np.mean(zip_delta((a, b), surface, first, second)[1:, 1:])),
        "MuSyC potency (log alpha)": float(np.log(fitted.potency)) if fitted else 0.0,
        "MuSyC efficacy (beta)": fitted.efficacy if fitted else 0.0,
    }


def synergy(doses: tuple[Sequence[float], Sequence[float]], surfaces: Any) -> list[Reference]:
    """Return what each reference model says of simulated dose surfaces.

    Args:
        doses: of each agent, ascending, 0 first.
        surfaces: effect as a fraction, (worlds, first, second).
    """
    axes = (np.asarray(doses[0], float), np.asarray(doses[1], float))
    worlds: list[Mapping[str, float]] = [against(axes, np.asarray(one, float)) for one in surfaces]
    found = []
    for name in worlds[0]:
        values = np.array([world[name] for world in worlds])
        low, high = interval(values[np.isfinite(values)])
        found.append(Reference(name, float(np.nanmean(values)), low, high, word_of(low, high)))
    return found
