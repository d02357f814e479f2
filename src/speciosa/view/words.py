"""Numbers and sentences for a reader: short, rounded to what the evidence bears, person-first."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

MINUS = "\N{MINUS SIGN}"
DASH = "–"

GLOSSARY = {
    "COWS": "Clinical Opiate Withdrawal Scale: 11 signs that a clinician scores, 0 to 48.",
    "SOWS-Gossop": "Short Opiate Withdrawal Scale: 10 symptoms that the person scores, 0 to 30.",
    "OOWS": "Objective Opiate Withdrawal Scale: signs that an observer sees.",
    "CIWA-Ar": "Clinical Institute Withdrawal Assessment for Alcohol, revised: 0 to 67.",
    "PSQI": "Pittsburgh Sleep Quality Index: sleep over a month, 0 (good) to 21 (poor).",
    "mu": "The receptor through which opioids act.",
    "occupancy": "The share of receptors that a substance holds.",
    "offset": "How much more, or less, of a substance it takes in a person than in a dish.",
    "draw": "One simulated world: one set of values for everything that is not known exactly.",
    "twin": "The same simulated person, given another treatment.",
}


def number(value: float | None, figures: int = 2) -> str:
    """Round to significant figures; whole numbers keep up to three.

    >>> number(0.0316), number(-3.14159), number(312.4), number(12345), number(None)
    ('0.032', '−3.1', '312', '12,300', '–')
    """
    if value is None or not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    kept = max(figures, 3) if size >= 2 else figures
    rounded = round(value, kept - 1 - size)
    return _signed(rounded, max(0, figures - 1 - math.floor(math.log10(abs(rounded)))))


def _signed(value: float, decimals: int) -> str:
    text = f"{abs(value):,.{decimals}f}"
    return f"{MINUS}{text}" if value < 0 and float(text.replace(",", "")) else text


def interval(low: float | None, high: float | None) -> str:
    """Two ends of an interval with the same number of decimals.

    >>> interval(-3.06, 0.42), interval(4.2, 25.0)
    ('−3.1 to 0.4', '4 to 25')
    """
    if low is None or high is None or not math.isfinite(low) or not math.isfinite(high):
        return DASH
    decimals = decimals_for(low, high)
    return f"{_signed(low, decimals)} to {_signed(high, decimals)}"


def decimals_for(*values: float) -> int:
    """Decimals that give the largest of some values two significant figures."""
    largest = max(abs(value) for value in values)
    return max(0, 1 - math.floor(math.log10(largest))) if largest > 0 else 0


def with_interval(entry: Mapping[str, Any], decimals: int | None = None) -> str:
    """An estimate with its interval, all with the same decimals.

    Args:
        entry: a mapping with ``estimate``, ``low`` and ``high``.
        decimals: decimals shared with neighbours in a column; by size where none are given.

    >>> with_interval({"estimate": -1.234, "low": -3.06, "high": 0.42})
    '−1.2 (−3.1 to 0.4)'
    """
    parts = [entry.get(key) for key in ("estimate", "low", "high")]
    if any(part is None or not math.isfinite(part) for part in parts):
        return number(parts[0])
    if decimals is None:
        decimals = decimals_for(*parts)  # type: ignore[arg-type]
    estimate, low, high = (_signed(part, decimals) for part in parts)  # type: ignore[arg-type]
    return f"{estimate} ({low} to {high})"


def meaningful(entry: Mapping[str, Any]) -> str:
    """An estimate with its interval, no finer than a twentieth of what people notice.

    >>> meaningful({"estimate": -2e-6, "low": -1e-5, "high": 0.0, "smallest_meaningful": 2.0})
    '0.0 (0.0 to 0.0)'
    """
    smallest = entry.get("smallest_meaningful")
    parts = [entry.get(key) for key in ("estimate", "low", "high")]
    if not smallest or any(part is None or not math.isfinite(part) for part in parts):
        return with_interval(entry)
    finest = max(0, math.ceil(-math.log10(smallest / 20)))
    return with_interval(entry, min(decimals_for(*parts), finest))  # type: ignore[arg-type]


def probability(value: float | None) -> str:
    """A probability with the two decimals that a hundred draws bear.

    >>> probability(0.02), probability(1.0), probability(None)
    ('0.02', '1.00', '–')
    """
    return DASH if value is None or not math.isfinite(value) else f"{value:.2f}"


def worlds(share: float | None, draws: int) -> str:
    """A probability as a count of simulated worlds.

    >>> worlds(0.31, 100)
    '31 of 100'
    """
    if share is None or not math.isfinite(share):
        return DASH
    return f"{round(share * draws):,} of {draws:,}"


def one_in(share: float | None) -> str:
    """A share in the form a lay reader grasps.

    >>> one_in(0.025), one_in(0.31), one_in(0), one_in(1), one_in(0.67)
    ('1 in 40', '3 in 10', 'none seen', 'all', '7 in 10')
    """
    if share is None or not math.isfinite(share):
        return DASH
    if share <= 0:
        return "none seen"
    if share >= 0.995:
        return "all"
    if share < 0.2:
        return f"1 in {float(number(1 / share).replace(',', '')):,.0f}"
    tenths = Fraction(max(1, min(9, round(share * 10))), 10)
    return "half" if tenths == Fraction(1, 2) else f"{round(share * 10)} in 10"


def mid(label: str) -> str:
    """A label as it reads inside a sentence: no capital unless it is a name or a short form.

    >>> mid("Kratom leaf"), mid("SOWS-Gossop, days 1–7"), mid("7-OH tablet")
    ('kratom leaf', 'SOWS-Gossop, days 1–7', '7-OH tablet')
    >>> mid("Perceived Stress Scale, 10 items")
    'Perceived Stress Scale, 10 items'
    """
    second = label.split(" ")[1:2]
    if second and second[0][:1].isupper() and second[0][1:2].islower():
        return label  # a name of several words
    if len(label) > 1 and label[0].isupper() and (label[1].islower() or label[1] == " "):
        return label[0].lower() + label[1:]
    return label


def unit_words(value: float | None, unit: str) -> str:
    """A number as it was stated with its unit, none where the unit is 1; one point, two points.

    >>> unit_words(2, "points"), unit_words(1, "points"), unit_words(0.5, "1")
    ('2 points', '1 point', '0.5')
    """
    text = DASH if value is None else f"{value:g}".replace("-", MINUS)
    if unit in ("", "1"):
        return text
    return f"{text} {unit[:-1] if text == '1' and unit.endswith('s') else unit}"


def verb(better: str) -> str:
    """What a treatment does to an endpoint when people are better off."""
    return "lowers" if better == "lower" else "raises"


def labels(document: Mapping[str, Any]) -> dict[str, str]:
    """Words for each arm id, of the study shown and of others that claims were put to.

    >>> labels({"claims": [{"effect": {"arm": "both_with_counselling"}}]})
    {'both_with_counselling': 'Both with counselling'}
    """
    found: dict[str, str] = {}
    for claim in document.get("claims", []):
        other = claim.get("comparator") or {}
        for name in (claim["effect"].get("arm"), claim["effect"].get("versus"), other.get("arm")):
            if name:
                found[name] = (name[:1].upper() + name[1:]).replace("_", " ")
    for study in document.get("studies", []):
        found |= study.get("labels", {})
    return found | {arm["id"]: arm.get("label") or arm["id"] for arm in document.get("arms", [])}


def answer(claim: Mapping[str, Any], names: Mapping[str, str], draws: int) -> str:
    """The answer in one plain sentence with its probability.

    >>> effect = {"label": "Withdrawal", "arm": "k", "versus": "p", "unit": "points",
    ...           "better": "lower", "smallest_meaningful": 2.0, "probability": 0.31}
    >>> claim = {"effect": effect, "probability": 0.31,
    ...          "comparator": {"arm": "b", "probability": 0.99}}
    >>> names = {"k": "Kratom leaf", "p": "Placebo", "b": "Buprenorphine"}
    >>> print(answer(claim, names, 100))
    In 31 of 100 simulated worlds, kratom leaf lowers withdrawal by a difference that people notice
    (2 points or more, beside placebo); buprenorphine does in 99.
    """
    effect = claim["effect"]
    own = effect.get("draws") or draws
    sentence = (
        f"In {worlds(claim['probability'], own)} simulated worlds, "
        f"{mid(names.get(effect['arm'], effect['arm']))} {verb(effect['better'])} "
        f"{mid(effect['label'])} by {_noticed(effect, names)}"
    )
    other = claim.get("comparator") or {}
    if other.get("probability") is None:
        return f"{sentence}."
    count = round(other["probability"] * (other.get("draws") or draws))
    return f"{sentence}; {mid(names.get(other['arm'], other['arm']))} does in {count:,}."


def _noticed(effect: Mapping[str, Any], names: Mapping[str, str]) -> str:
    beside = f"beside {mid(names.get(effect['versus'], effect['versus']))}"
    if not effect["smallest_meaningful"]:
        return f"any amount ({beside})"
    size = unit_words(effect["smallest_meaningful"], effect["unit"])
    return f"a difference that people notice ({size} or more, {beside})"


def worsening(claim: Mapping[str, Any], draws: int) -> str:
    """The second half of the answer: how often things go the wrong way by as much."""
    share = claim.get("probability_worse")
    if share is None:
        return ""
    own = claim["effect"].get("draws") or draws
    if round(share * own) == 0:
        return "In none does it make this worse by as much."
    return f"In {worlds(share, own)} it makes this worse by as much."


def explain(text: str) -> str:
    """Wrap the field terms of a text with their one-line explanation, as safe HTML.

    >>> explain("occupancy < 1")
    '<dfn title="The share of receptors that a substance holds.">occupancy</dfn> &lt; 1'
    """
    escaped = html.escape(text)
    for term, meaning in GLOSSARY.items():
        escaped = re.sub(
            rf"(?<![\w-]){re.escape(term)}(?![\w-])(?![^<]*>)(?![^<]*</dfn>)",
            f'<dfn title="{html.escape(meaning)}">{term}</dfn>',
            escaped,
            count=1,
        )
    return escaped


def duration(seconds: float | None) -> str:
    """Seconds as a reader says them.

    >>> duration(42), duration(95), duration(7300)
    ('42 s', '1 min 35 s', '2 h 1 min')
    """
    if seconds is None or not math.isfinite(seconds):
        return DASH
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
