"""How many people: the formulas that stand beside simulation, as textbooks have them.

Every function returns a number that is not rounded (people per arm, unless it says otherwise) so
that :func:`whole` rounds it once, at the end. ``sides`` is 1 or 2; ``alpha`` is the level over all
sides.

Sources: Julious, Stat Med 2004;23:1921-86 (means, proportions); Schoenfeld, Biometrics
1983;39:499-503 (events); Borm, J Clin Epidemiol 2007;60:1234-8 (covariates).
"""

from __future__ import annotations

import math

from scipy import stats

from speciosa.core.errors import InputError


def quantiles(alpha: float, power: float, sides: int = 2) -> float:
    """Return z of the level plus z of the power.

    >>> round(quantiles(0.05, 0.8), 3)
    2.802
    """
    if not (0 < alpha < 1 and 0 < power < 1 and sides in (1, 2)):
        raise InputError(
            f"level {alpha:g}, power {power:g}, sides {sides}", "sample size",
            "Name a level and a power between 0 and 1 and one or two sides.",
        )  # fmt: skip
    return float(stats.norm.ppf(1 - alpha / sides) + stats.norm.ppf(power))


def whole(people: float) -> int:
    """Return the next whole number of people."""
    return math.ceil(people - 1e-9)


def means(
    difference: float,
    sd: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    sides: int = 2,
    sd_versus: float | None = None,
    ratio: float = 1.0,
) -> float:
    """Return people in the first arm to compare two means (normal approximation).

    Args:
        difference, sd: in the unit of the outcome.
        sd_versus: of the second arm, where it differs.
        ratio: people in the second arm for each in the first.

    >>> whole(means(0.5, 1.0))
    63
    """
    second = sd if sd_versus is None else sd_versus
    return (sd**2 + second**2 / ratio) * (quantiles(alpha, power, sides) / difference) ** 2


def means_by_t(
    difference: float, sd: float, *, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> int:
    """Return people per arm for the t test of two means, by the noncentral t distribution.

    >>> means_by_t(0.5, 1.0)
    64
    """
    people = max(2, whole(means(difference, sd, alpha=alpha, power=power, sides=sides)) - 5)
    while power_of_means(people, difference, sd, alpha=alpha, sides=sides) < power:
        people += 1
    return people


def power_of_means(
    people: float, difference: float, sd: float, *, alpha: float = 0.05, sides: int = 2
) -> float:
    """Return the power of the t test of two means with so many people per arm."""
    freedom = 2 * people - 2
    distance = abs(difference) / (sd * math.sqrt(2 / people))
    limit = stats.t.ppf(1 - alpha / sides, freedom)
    found = stats.nct.sf(limit, freedom, distance)
    if sides == 2:
        found += stats.nct.cdf(-limit, freedom, distance)
    return float(found)


def proportions(
    first: float, second: float, *, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float:
    """Return people per arm to compare two proportions (pooled variance under no difference).

    >>> whole(proportions(0.3, 0.5))
    93
    """
    z = stats.norm.ppf(1 - alpha / sides)
    pooled, own = _spreads(first, second)
    return float((z * pooled + stats.norm.ppf(power) * own) ** 2 / (first - second) ** 2)


def power_of_proportions(
    people: float, first: float, second: float, *, alpha: float = 0.05, sides: int = 2
) -> float:
    """Return the power of comparing two proportions with so many people per arm."""
    pooled, own = _spreads(first, second)
    z = stats.norm.ppf(1 - alpha / sides)
    return float(stats.norm.cdf((abs(first - second) * math.sqrt(people) - z * pooled) / own))


def events(
    hazard_ratio: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    sides: int = 2,
    share: float = 0.5,
) -> float:
    """Return the events, over both arms, that a log-rank test needs (Schoenfeld).

    Args:
        hazard_ratio: of the two arms.
        share: of the people in the first arm.

    >>> whole(events(0.7))
    247
    """
    return quantiles(alpha, power, sides) ** 2 / (share * (1 - share) * math.log(hazard_ratio) ** 2)


def interaction(
    contrast: float, sd: float, *, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float:
    """Return people in each of the four cells for the contrast (both - A) - (B - neither).

    >>> whole(interaction(0.67, 2.0, sides=1))
    221
    """
    return 4 * (quantiles(alpha, power, sides) * sd / contrast) ** 2


def main_effect(
    difference: float, sd: float, *, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> float:
    """Return people in each of the four cells for a main effect, if there is no interaction."""
    return means(difference, sd, alpha=alpha, power=power, sides=sides) / 2


def with_covariate(people: float, correlation: float) -> float:
    """Return the people that analysis of covariance needs instead.

    >>> with_covariate(64, 0.5)
    48.0
    """
    return people * (1 - correlation**2)


def with_dropout(people: float, dropout: float) -> float:
    """Return the people to randomise so that enough stay."""
    return people / (1 - dropout)


def _spreads(first: float, second: float) -> tuple[float, float]:
    """Standard deviations of a difference of proportions: pooled, and as they are."""
    middle = (first + second) / 2
    own = first * (1 - first) + second * (1 - second)
    return math.sqrt(2 * middle * (1 - middle)), math.sqrt(own)
