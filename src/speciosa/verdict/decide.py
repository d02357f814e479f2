"""The verdict rule: one pure function from draws to a word.

It is the same for a claim that pleases and for one that does not. Its thresholds are part of the
protocol, written before the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

import numpy as np

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.record import GRADES
from speciosa.verdict.effect import Better, EndpointSpec, is_better

FALSE_CLAIMS = 0.05  # of null studies, those that may read supported; a test resamples some


class Word(StrEnum):
    """The words a verdict may take."""

    UNSAFE = "unsafe"
    CONTRADICTED = "contradicted"
    SUPPORTED = "supported"
    PLAUSIBLE = "plausible, untested"
    NOT_SUPPORTED = "not supported"
    NO_VERDICT = "no verdict"


@dataclass(frozen=True)
class DecisionRule:
    """Thresholds of the verdict rule, all probabilities or shares.

    Args:
        unsafe: probability of a harm above its limit that makes a claim unsafe.
        contradicted: probability of a meaningful worsening that contradicts a claim.
        no_difference: probability of a difference under half the smallest meaningful one that
            contradicts a claim, where the evidence is strong.
        supported: probability of a meaningful benefit that supports a claim, evidence strong.
        plausible: probability of a meaningful benefit that leaves a claim plausible.
        weakest_grade: the weakest grade of evidence that counts as strong.
        failure_limit: share of simulations that may fail before there is no verdict.
        fewest_draws: fewest draws from which a word is given.

    >>> DecisionRule.from_table({"supported": 0.9}).supported
    0.9
    """

    unsafe: float = 0.5
    contradicted: float = 0.8
    no_difference: float = 0.95
    supported: float = 0.8
    plausible: float = 0.2
    weakest_grade: str = "B"
    failure_limit: float = 0.01
    fewest_draws: int = 10

    def __post_init__(self) -> None:
        """Refuse a threshold that is not a probability and a grade that does not exist."""
        for name in (
            "unsafe",
            "contradicted",
            "no_difference",
            "supported",
            "plausible",
            "failure_limit",
        ):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} must lie between 0 and 1", "[decision]")
        if self.plausible > self.supported:
            raise InputError("plausible must not exceed supported", "[decision]")
        _grade_rank(self.weakest_grade)

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> DecisionRule:
        """Read the rule from a study's ``[decision]`` table; unknown keys are refused."""
        known = [each.name for each in fields(cls)]
        for key in table:
            if key not in known:
                raise InputError(f'unknown key "{key}"', "[decision]", nearest(key, known))
        return cls(**dict(table))

    def strong(self, grade: str) -> bool:
        """Whether a grade is strong enough for a firm verdict."""
        return _grade_rank(grade) <= _grade_rank(self.weakest_grade)


@dataclass(frozen=True)
class Decision:
    """A verdict word with the probabilities it follows from and its reasons in words."""

    word: Word
    probability: float
    probability_worse: float
    probability_no_difference: float
    reasons: tuple[str, ...] = field(default=())


def _grade_rank(grade: str) -> int:
    if grade not in GRADES:
        raise InputError(f'unknown grade "{grade}"', "verdict", nearest(grade, GRADES))
    return list(GRADES).index(grade)


def decide(
    deltas: Sequence[float] | np.ndarray,
    smallest: float,
    *,
    better: Better,
    weakest_grade: str,
    harms: Mapping[str, float] | None = None,
    rule: DecisionRule | None = None,
) -> Decision:
    """Give the verdict that a trial's draws lead to.

    Args:
        deltas: the effect in each draw, in the unit of the endpoint.
        smallest: the smallest meaningful difference, same unit; zero if any difference matters.
        better: the direction in which people are better off.
        weakest_grade: grade of the weakest number that the claim rests on.
        harms: name -> probability that the harm exceeds its limit.
        rule: thresholds; the defaults where none is given.

    >>> print(decide([-3.0] * 9 + [0.0], 2.0, better="lower", weakest_grade="E").word)
    plausible, untested
    >>> print(decide([-3.0] * 9 + [0.0], 2.0, better="lower", weakest_grade="B").word)
    supported
    >>> print(decide([-3.0] * 10, 2.0, better="lower", weakest_grade="A", harms={"od": 0.5}).word)
    unsafe
    """
    rule = rule or DecisionRule()
    draws = np.asarray(deltas, dtype=float)
    if draws.size == 0 or not np.isfinite(draws).all():
        raise InputError("a verdict needs finite draws", "decide", "Count failed draws apart.")
    if smallest < 0:
        raise InputError(
            "the smallest meaningful difference is negative", "decide", "Give its size."
        )
    found = standing(draws, smallest, better)
    p, q, none = (np.count_nonzero(each) / draws.size for each in found)
    word, reasons = _word(p, q, none, weakest_grade, harms or {}, rule)
    return Decision(word, p, q, none, reasons)


def standing(
    deltas: np.ndarray, smallest: float, better: Better
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return in which draws people are better, worse, and not different, by what matters."""
    spec = EndpointSpec("", "", "", better, smallest)
    return is_better(spec, deltas), is_better(spec, -deltas), np.abs(deltas) < smallest / 2


def word_of(p: float, q: float, none: float, grade: str, rule: DecisionRule) -> Word:
    """Return the word that probabilities lead to, where no harm counts.

    Args:
        p, q, none: of people being better, worse, and not different, by what matters.
        grade: of the weakest number that the claim rests on.
        rule: thresholds.
    """
    return _word(p, q, none, grade, {}, rule)[0]


def _word(
    p: float, q: float, none: float, grade: str, harms: Mapping[str, float], rule: DecisionRule
) -> tuple[Word, tuple[str, ...]]:
    """Apply the rule in its fixed order: harm first, then contradiction, then benefit."""
    over = {name: chance for name, chance in harms.items() if chance >= rule.unsafe}
    if over:
        return Word.UNSAFE, tuple(
            f"{name} exceeds its limit with probability {chance:.2f}, at least {rule.unsafe:g}"
            for name, chance in over.items()
        )
    strong = rule.strong(grade)
    weak = f"the weakest number it rests on has grade {grade}, below {rule.weakest_grade}"
    if q >= rule.contradicted:
        return Word.CONTRADICTED, (
            f"people are meaningfully worse off with probability {q:.2f}, "
            f"at least {rule.contradicted:g}",
        )
    if none >= rule.no_difference and strong:
        return Word.CONTRADICTED, (
            f"the difference is under half of what matters with probability {none:.2f}, "
            f"at least {rule.no_difference:g}, and the evidence is of grade {grade}",
        )
    benefit = f"a meaningful benefit has probability {p:.2f}"
    if p >= rule.supported and strong:
        return Word.SUPPORTED, (f"{benefit}, at least {rule.supported:g}, grade {grade}",)
    if p >= rule.plausible:
        why = [f"{benefit}, at least {rule.plausible:g}"]
        why.append(weak if p >= rule.supported else f"it is below {rule.supported:g}")
        return Word.PLAUSIBLE, tuple(why)
    why = [f"{benefit}, below {rule.plausible:g}"]
    if none >= rule.no_difference:
        why.append(f"a difference that small would contradict the claim, but {weak}")
    return Word.NOT_SUPPORTED, tuple(why)
