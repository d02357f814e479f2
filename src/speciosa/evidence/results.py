"""Published results and how near a prediction must come: the columns of ``speciosa validate``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.record import GRADES, VERIFIED, as_float, refuse_unknown

PHARMACOKINETIC, SCORE, FRACTION = "pharmacokinetic", "score", "fraction"
POPULATIONS = ("healthy", "opioid", "alcohol")
ROLES = ("calibration", "validation")

# What is read off the simulated quantity, and the kind that sets the default margin. ``share`` is
# the mean of a quantity that is itself a share (an occupancy, sleep efficiency); ``fraction`` is
# the share of people of whom an outcome is true; ``fraction_<band>`` the share in a severity band,
# ``fraction_below_12`` the share with four COWS readings running below 12; ``peak_day`` counts
# days from the last dose or, without one, from the start; ``ratio`` is a ratio of areas (of means,
# where the quantity is no concentration). With a reference regimen a metric becomes a ratio to it,
# unless it is a difference.
METRICS = {
    "cmax": PHARMACOKINETIC,
    "tmax": PHARMACOKINETIC,
    "auc_inf": PHARMACOKINETIC,
    "auc_last": PHARMACOKINETIC,
    "half_life": PHARMACOKINETIC,
    "concentration": PHARMACOKINETIC,
    "cmax_ratio": PHARMACOKINETIC,
    "auc_inf_ratio": PHARMACOKINETIC,
    "ratio": PHARMACOKINETIC,
    "mean": SCORE,
    "median": SCORE,
    "peak": SCORE,
    "peak_day": SCORE,
    "lowest": SCORE,
    "mean_difference": SCORE,
    "share": FRACTION,
    "fraction": FRACTION,
    "fraction_none": FRACTION,
    "fraction_mild": FRACTION,
    "fraction_moderate": FRACTION,
    "fraction_severe": FRACTION,
    "fraction_below_12": FRACTION,
    "fraction_difference": FRACTION,
    "fraction_ratio": PHARMACOKINETIC,
}
# Quantities of people rather than of the model: still in treatment, relapsed by then, abstinent
# (in treatment and not using for a week), positive for opioids (used within three days, of those
# who are there), free of opioids (there, and not positive), had a seizure or delirium by then.
# "... since day 29" counts only those who were in treatment on that day.
OUTCOMES = (
    "in_treatment", "relapsed", "abstinent", "opioid_positive", "opioid_free",
    "seizure", "delirium",
)  # fmt: skip
ALIASES = {  # other spellings, in lower case without blanks, hyphens and underscores
    "max": "peak", "maximum": "peak", "min": "lowest", "minimum": "lowest", "average": "mean",
    "auc": "auc_last", "auclast": "auc_last", "auc0t": "auc_last", "auc0last": "auc_last",
    "aucinf": "auc_inf", "aucinfinity": "auc_inf", "auc0inf": "auc_inf", "auc0∞": "auc_inf",
    "auc∞": "auc_inf", "thalf": "half_life", "t1/2": "half_life", "t½": "half_life",
    "terminalhalflife": "half_life", "proportion": "fraction", "percentage": "fraction",
    "percent": "fraction", "difference": "mean_difference", "conc": "concentration",
}  # fmt: skip
AGAINST_REFERENCE = tuple(m for m in METRICS if m.endswith(("_ratio", "_difference")))
DEFAULT_TIMES = (
    0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0,
    8.0, 12.0, 24.0, 36.0, 48.0, 72.0, 96.0, 120.0,
)  # fmt: skip
SMALL_STUDY = 6  # below this many people a pharmacokinetic mean may be 2-fold off
FOLD, FOLD_SMALL = 1.25, 2.0
MOST_FOLD = 2.0  # a bare margin above it is no fold
SCORE_SHARE, SCORE_POINTS = 0.20, 1.0
FRACTION_POINTS = 0.10
_MARGIN = re.compile(
    r"^\s*(?:within\s+)?(?:±|\+/-|\+-)?\s*([0-9.]+)\s*"
    r"(-?\s*fold|x|×|%|percent|(?:percentage\s+)?points?|)\s*$",
    re.IGNORECASE,
)
_AT = re.compile(
    r"^(?:(?P<unit>day|days|week|weeks|night|nights)\s+(?P<a>-?[0-9.]+)(?:\s*-\s*(?P<b>[0-9.]+))?"
    r"|(?P<c>[0-9.]+)(?:\s*-\s*(?P<d>[0-9.]+))?\s*(?P<clock>h|min|d))?"
    r"(?:\s*(?P<dose>before|after|at)?\s*(?:the\s+)?(?:(?P<which>first|last)\s+)?dose"
    r"(?:\s+(?P<nth>[1-9][0-9]*))?)?$"
)
LAST = -1  # the last dose, as a number of a dose
_HOURS = {"h": 1.0, "min": 1 / 60, "d": 24.0}


@dataclass(frozen=True)
class PublishedResult:
    """One published figure and the circumstances in which it was seen.

    Args:
        id: unique id.
        regimen: what was given, in the regimen language; several joined by `` + ``; ``placebo``
            for none.
        quantity: what was seen, a quantity of the model; ``a / b`` is the metric of ``a`` over
            that of ``b``.
        metric: what is read off it, one of ``METRICS``.
        value: the published centre, in ``unit``.
        unit: its unit.
        population: ``healthy``, ``opioid`` or ``alcohol``.
        reference_regimen: the other arm; a metric that ends in ``_difference`` is less it, any
            other is over it.
        at: when: ``dose 28``, ``4 h``, ``35-65 min``, ``day 3``, ``days 1-7``, ``week 12``, ``day
            1 before dose``, ``4 h after dose 3``; empty for the whole course. Hours and minutes
            count from the first dose unless another is named.
        low: lower end of the interval of the centre, in ``unit``.
        high: upper end of that interval.
        n: how many people.
        role: ``calibration`` or ``validation``.
        times: sampling times in hours after the dose; empty means ``DEFAULT_TIMES``.
        lloq: quantification limit with its unit, as in ``0.5 nM``; a bare number is nM.
        margin: tolerance on the centre: ``2-fold``, ``20 %``, ``10 points`` or a number in
            ``unit`` (a bare number above 1 and up to 2 is a fold, but for times).
        spread: how single people or studies spread about the centre, as printed; no margin.
        setting: where it was seen, if it matters: ``inpatient``, ``outpatient``, a trial's name.
        source, locator, grade, verified, note: as in a record.
        file: the file it stands in.
    """

    id: str
    regimen: str
    quantity: str
    metric: str
    value: float
    unit: str
    population: str = "healthy"
    reference_regimen: str = ""
    at: str = ""
    low: float | None = None
    high: float | None = None
    n: int | None = None
    role: str = "validation"
    times: tuple[float, ...] = ()
    lloq: str = ""
    margin: str = ""
    spread: str = ""
    setting: str = ""
    source: str = ""
    locator: str = ""
    grade: str = ""
    verified: str = ""
    note: str = ""
    file: str = ""

    def __post_init__(self) -> None:
        where = f"{self.file}, {self.id}" if self.file else self.id
        for key, value, valid in (
            ("metric", self.metric, METRICS),
            ("population", self.population, POPULATIONS),
            ("role", self.role, ROLES),
            ("grade", self.grade or "A", GRADES),
            ("verified", self.verified or "yes", VERIFIED),
        ):
            if value not in valid:
                raise InputError(f'{key} "{value}" is unknown', where, nearest(value, valid))
        self._check_numbers(where)
        hours_of(self.at, where)
        if self.margin:
            _margin_of(self, where)
        _limit_of(self.lloq, where)

    def _check_numbers(self, where: str) -> None:
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            raise InputError(
                f"value {self.value:g} is not between low {low:g} and high {high:g}",
                where,
                "Order them low <= value <= high.",
            )
        if self.kind == PHARMACOKINETIC and self.value <= 0:
            raise InputError(f"{self.metric} is {self.value:g}", where, "It must be positive.")
        if self.metric in AGAINST_REFERENCE and not self.reference_regimen:
            raise InputError(
                f'metric "{self.metric}" has no reference_regimen',
                where,
                "Say which regimen it is compared with.",
            )
        if any(b <= a for a, b in zip(self.times, self.times[1:], strict=False)):
            raise InputError("times do not increase", where, "Order them.")
        if self.n is not None and self.n < 1:
            raise InputError(f"n is {self.n}", where, "Count at least one person.")

    @property
    def kind(self) -> str:
        """``pharmacokinetic``, ``score`` or ``fraction``; ratios are held to a fold."""
        return PHARMACOKINETIC if self.compared == "ratio" else METRICS[self.metric]

    @property
    def compared(self) -> str:
        """How it stands against its reference: ``ratio``, ``difference`` or empty."""
        if not self.reference_regimen:
            return ""
        return "difference" if self.metric.endswith("_difference") else "ratio"

    @property
    def quantification_limit(self) -> tuple[float, str] | None:
        """The limit and its unit, or ``None``."""
        return _limit_of(self.lloq, self.id)

    @property
    def sampled_at(self) -> tuple[float, ...]:
        """Sampling times, hours after the dose."""
        return self.times or DEFAULT_TIMES


def metric_named(text: str) -> str:
    """Return the metric that is meant; what is none is returned as it is.

    >>> metric_named("Cmax"), metric_named("AUC0-inf"), metric_named("Half-life")
    ('cmax', 'auc_inf', 'half_life')
    """
    bare = re.sub(r"[\s_\-()]+", "", text.lower())
    same = {name.replace("_", ""): name for name in METRICS}
    return same.get(bare) or ALIASES.get(bare, text)


@dataclass(frozen=True)
class At:
    """Hours at which a result is read, from the start or from a dose.

    ``dose`` is ``before``, ``after`` or empty; ``nth`` the number of the dose that the hours count
    from (:data:`LAST` for the last), 0 where none is named; ``clock`` whether the text speaks of
    hours or minutes, which count from the first dose where none is named.
    """

    start: float
    end: float
    dose: str = ""
    nth: int = 0
    clock: bool = False


def hours_of(text: str, where: str = "") -> At | None:
    """Return the hours that ``text`` speaks of, or ``None`` for the whole course.

    Day 1 is the first 24 hours and week 1 the first 168.

    >>> hours_of("days 1-7")
    At(start=0.0, end=168.0, dose='', nth=0, clock=False)
    >>> hours_of("90 min").end, hours_of("dose 28").nth
    (1.5, 28)
    """
    plain = " ".join(re.sub("[\u2010-\u2015\u2212]", "-", text).lower().replace(",", " ").split())
    if not plain:
        return None
    found = _AT.match(re.sub(r"\b(h)(?:ours?|rs?)\b|\b(min)(?:utes?|s)\b", r"\1\2", plain))
    named = found and (found["dose"] or found["which"] or found["nth"])
    if not found or not (found["unit"] or found["clock"] or named):
        raise InputError(
            f'"at" is "{text}"',
            where,
            'Write "dose 1", "4 h", "35-65 min", "day 3", "days 1-7" or "week 12".',
        )
    if found["clock"]:
        step = _HOURS[found["clock"]]
        start, end = float(found["c"]) * step, float(found["d"] or found["c"]) * step
    elif found["unit"]:
        step = 168.0 if found["unit"].startswith("week") else 24.0
        start, end = (float(found["a"]) - 1) * step, float(found["b"] or found["a"]) * step
    else:
        start = end = 0.0
    if end < start:
        raise InputError(f'"at" is "{text}"', where, "Order the two times.")
    nth = {"last": LAST, "first": 1}.get(found["which"] or "", int(found["nth"] or 0))
    dose = "" if found["dose"] in (None, "at") else found["dose"]
    return At(start, end, dose, nth, clock=bool(found["clock"]) and found["clock"] != "d")


def accepted(result: PublishedResult) -> tuple[float, float]:
    """Return the interval, in the result's unit, inside which a prediction passes.

    A stated ``margin`` alone counts. Without one it is the published interval of the centre or
    the default of the kind, whichever reaches further on each side: 1.25-fold for
    pharmacokinetics (2-fold below six people), 20 % or 1 point for scores, 10 points for
    fractions. Every margin is a tolerance on the published centre.

    >>> accepted(PublishedResult("a", "melatonin 5 mg once", "melatonin_plasma", "cmax", 8.0, "nM"))
    (6.4, 10.0)
    """
    if result.margin:
        return _around(result.value, *_margin_of(result, result.id))
    low, high = _around(result.value, *_default_margin(result))
    return (
        low if result.low is None else min(low, result.low),
        high if result.high is None else max(high, result.high),
    )


def passes(result: PublishedResult, predicted: float) -> bool:
    """Say whether a prediction, in the result's unit, lies inside :func:`accepted`.

    What could not be predicted (not a number) does not pass.
    """
    low, high = accepted(result)
    return low <= predicted <= high


def fold_error(result: PublishedResult, predicted: float) -> float:
    """Return predicted over published, or nan where either is not positive."""
    return predicted / result.value if predicted > 0 and result.value > 0 else float("nan")


def _default_margin(result: PublishedResult) -> tuple[str, float]:
    if result.kind == PHARMACOKINETIC:
        small = result.n is not None and result.n < SMALL_STUDY
        return "fold", FOLD_SMALL if small else FOLD
    if result.kind == FRACTION:
        return "plus", FRACTION_POINTS * (100 if result.unit == "%" else 1)
    return "plus", max(SCORE_SHARE * abs(result.value), SCORE_POINTS)


def bare_fold(result: PublishedResult) -> float | None:
    """Return the fold that a margin without a word is, or None where it is in the unit.

    A concentration, an area or a ratio is held to a fold, so that a bare number from 1 to 2 is one.

    >>> bare_fold(PublishedResult("a", "kratom leaf 4 g once", "mitragynine", "cmax", 82.0, "nM",
    ...                           margin="1.25"))
    1.25
    """
    size = _number(result.margin)
    timed = result.metric in ("tmax", "half_life") and result.compared != "ratio"
    if size is None or timed or result.kind != PHARMACOKINETIC or not 1 < size <= MOST_FOLD:
        return None
    return size


def _margin_of(result: PublishedResult, where: str) -> tuple[str, float]:
    fold = bare_fold(result)
    if fold is not None:
        return "fold", fold
    text = result.margin.strip()
    if result.unit[-1:].isalpha() and text.lower().endswith(result.unit.lower()):
        text = text[: -len(result.unit)]
    found = _MARGIN.match(text)
    size, word = (_number(found[1]), found[2].lower()) if found else (None, "")
    kind = "fold" if "fold" in word or word in ("x", "×") else "plus"
    kind = "share" if word in ("%", "percent") else kind
    if size is None or size <= 0 or (kind == "fold" and size < 1):
        raise InputError(
            f'margin "{result.margin}"', where, 'Write "2-fold", "20 %" or a number in the unit.'
        )
    if word.endswith(("point", "points")) and result.kind == FRACTION and result.unit != "%":
        size /= 100
    return kind, size


def _limit_of(text: str, where: str) -> tuple[float, str] | None:
    if not text:
        return None
    found = re.match(r"^\s*([0-9.eE+-]*[0-9.])\s*(.*)$", text)
    size, unit = (_number(found[1]), found[2]) if found else (None, "")
    if size is None or size < 0:
        raise InputError(f'lloq "{text}"', where, 'Write "0.5 nM".')
    return size, unit.strip() or "nM"


def _around(value: float, kind: str, size: float) -> tuple[float, float]:
    if kind == "fold":
        return min(value / size, value * size), max(value / size, value * size)
    reach = size * abs(value) / 100 if kind == "share" else size
    return value - reach, value + reach


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


RESULT_KEYS = tuple(f.name for f in fields(PublishedResult) if f.name != "file")
REQUIRED = ("id", "regimen", "quantity", "metric", "value", "unit")
OWN_REQUIRED = (*REQUIRED, "role", "source", "grade", "verified")  # of the results that ship


def result_from(table: Mapping[str, Any], file: str = "") -> PublishedResult:
    """Make a result from a TOML table of the project's own; source and role are compulsory."""
    where = f"{file}, {table.get('id', 'a result without id')}"
    refuse_unknown(table, RESULT_KEYS, where)
    for key in OWN_REQUIRED:
        if table.get(key, "") == "":
            raise InputError(f'"{key}" is missing', where, f"Keys: {', '.join(OWN_REQUIRED)}.")
    given = dict(table)
    for key in ("value", "low", "high"):
        if key in table:
            given[key] = as_float(table[key], key, where)
    if "times" in table:
        given["times"] = tuple(as_float(t, "times", where) for t in table["times"])
    for key in ("margin", "lloq"):
        given[key] = str(table.get(key, ""))
    return PublishedResult(file=file, **given)
