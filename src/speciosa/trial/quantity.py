"""What a published result speaks of: the words of other people's tables, as quantities of ours.

Spelling is free, meaning is not: whole blood, urine or another scale is no synonym.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.results import OUTCOMES

CONCENTRATION, SHARE, SCORE, SLEEP, OUTCOME, OTHER = (
    "concentration", "share", "score", "sleep", "outcome", "other",
)  # fmt: skip
MOLECULES = {  # word -> molecule, in lower case without hyphens
    **{name: name for name in (
        "mitragynine", "hydroxymitragynine", "melatonin", "buprenorphine", "methadone",
        "lofexidine", "clonidine", "naltrexone", "naloxone", "fentanyl", "morphine",
        "monoacetylmorphine", "oxycodone", "midazolam", "dextromethorphan", "caffeine",
        "fluvoxamine", "ketoconazole", "itraconazole", "speciociliatine", "speciogynine",
        "paynantheine", "mitraciliatine", "isopaynantheine",
    )},
    **dict.fromkeys(
        ("7 oh mitragynine", "7 oh", "7oh", "7 ohmg", "7 hydroxymitragynine", "oh mitragynine",
         "7oh mitragynine", "7 ohm"), "hydroxymitragynine"),
    **dict.fromkeys(
        ("6 mam", "6 monoacetylmorphine", "6 acetylmorphine", "6mam", "mam"), "monoacetylmorphine"),
    "mtg": "mitragynine",
    **dict.fromkeys(("alcohol", "ethanol", "blood alcohol", "blood ethanol"), "alcohol"),
}  # fmt: skip
NAMES = {  # word -> (quantity of the model, kind)
    **dict.fromkeys(("cows", "clinical opiate withdrawal scale"), ("cows", SCORE)),
    **dict.fromkeys(("sows", "sows gossop", "sows g", "short opiate withdrawal scale"),
                    ("sows_gossop", SCORE)),
    **dict.fromkeys(("oows", "objective opiate withdrawal scale"), ("oows", SCORE)),
    **dict.fromkeys(("ciwa", "ciwa ar"), ("ciwa", SCORE)),
    "craving": ("craving", SCORE),
    "withdrawal score": ("withdrawal_score", SCORE),
    **dict.fromkeys(("hdrs", "hdrs 17", "ham d", "hamd", "hamilton depression rating scale"),
                    ("hdrs", SCORE)),
    **dict.fromkeys(("phq9", "phq 9"), ("phq9", SCORE)),
    **dict.fromkeys(("gad7", "gad 7"), ("gad7", SCORE)),
    **dict.fromkeys(("pss10", "pss 10", "perceived stress scale"), ("pss10", SCORE)),
    **dict.fromkeys(("pain tolerance", "cold pressor tolerance"), ("pain_tolerance", SCORE)),
    **dict.fromkeys(("tst", "total sleep time", "sleep time"), ("total_sleep_time", SLEEP)),
    **dict.fromkeys(("sol", "sleep onset latency", "sleep latency"),
                    ("sleep_onset_latency", SLEEP)),
    **dict.fromkeys(("se", "sleep efficiency"), ("sleep_efficiency", SLEEP)),
    "psqi": ("psqi", SLEEP),
    **dict.fromkeys(("endogenous melatonin", "melatonin endogenous"),
                    ("melatonin_endogenous", CONCENTRATION)),
    **dict.fromkeys(("mu occupancy", "mu opioid receptor occupancy", "mor occupancy",
                     "mu receptor occupancy", "μ occupancy"), ("mu_occupancy", SHARE)),
    "mt1 occupancy": ("mt1_occupancy", SHARE),
    **dict.fromkeys(("in treatment", "retention", "retained", "completion", "completed",
                     "treatment retention"), ("in_treatment", OUTCOME)),
    **dict.fromkeys(("relapsed", "relapse"), ("relapsed", OUTCOME)),
    **dict.fromkeys(("abstinent", "abstinence", "retained and abstinent"), ("abstinent", OUTCOME)),
    **dict.fromkeys(("opioid positive", "opioid positive urine", "positive urine"),
                    ("opioid_positive", OUTCOME)),
    **dict.fromkeys(("opioid free", "opioid free urine", "negative urine"),
                    ("opioid_free", OUTCOME)),
}  # fmt: skip
EVENTS = {"seizure": "seizure_day", "delirium": "delirium_day"}  # outcome -> day of the first
DROPOUT = ("dropout", "dropped out", "attrition")
COMPARES = {
    "<": ("<", "below", "under", "less than"), "<=": ("<=", "≤", "at most"),
    ">": (">", "above", "over", "more than", "greater than"), ">=": (">=", "≥", "at least"),
}  # fmt: skip
SHARES = ("sleep_efficiency", "ventilation", "alpha2_relief", "mu_signal")
NEEDS = {  # outcome -> quantities that it is made of
    "seizure": ("in_treatment", "seizure_day"),
    "delirium": ("in_treatment", "delirium_day"),
    "in_treatment": ("in_treatment",),
    "relapsed": ("in_treatment", "days_abstinent", "relapsed_day"),
    "abstinent": ("in_treatment", "days_abstinent"),
    "opioid_positive": ("in_treatment", "days_abstinent"),
    "opioid_free": ("in_treatment", "days_abstinent"),
}
SINCE = ("in_treatment", "opioid_free")  # outcomes that may be counted from a later day on
FORMS = ("plasma", "serum", "concentration", "total")  # words that change no meaning here
_WORDS = sorted((re.escape(w) for words in COMPARES.values() for w in words), key=len, reverse=True)
_OCCUPANCY = re.compile(r"^(?:mu occupancy (?:of |by )?(?P<after>.+)|(?P<before>.+) mu occupancy)$")
_SINCE = re.compile(r"^(?P<name>.+) since day (?P<day>[1-9][0-9]*)$")
_THRESHOLD = re.compile(
    rf"^(?P<name>.*?)\s*(?P<sign>{'|'.join(_WORDS)})\s*(?P<size>[0-9.]+)(?:\s*points?)?$"
)


@dataclass(frozen=True)
class Quantity:
    """Something that can be read.

    Args:
        name: the model's quantity, or an outcome.
        kind: concentration, share, score, sleep, outcome or other.
        unit: of the model's quantity.
        molecule: for a concentration.
        compare: where it is the truth of a comparison: ``<``, ``<=``, ``>`` or ``>=``.
        threshold: what it is compared with, in ``unit``.
        complement: whether the share of those for whom it is not true is meant.
        since_day: for an outcome of those only who were in treatment on that day, 0 for everybody.
    """

    name: str
    kind: str
    unit: str = "1"
    molecule: str = ""
    compare: str = ""
    threshold: float = 0.0
    complement: bool = False
    since_day: int = 0

    @property
    def needs(self) -> tuple[str, ...]:
        """Quantities of the model that it is read from."""
        return NEEDS.get(self.name, (self.name,))


def quantities_named(text: str, units: Mapping[str, str]) -> tuple[Quantity, ...]:
    """Return the quantity that is meant, or the two of a ratio ``a / b``.

    Args:
        text: as somebody's table has it.
        units: the model's quantities and their units.

    Raises:
        InputError: nothing that the model computes.

    >>> units = {"hydroxymitragynine_plasma": "nM", "mitragynine_plasma": "nM", "cows": "1"}
    >>> [q.name for q in quantities_named("7-OH-mitragynine/mitragynine", units)]
    ['hydroxymitragynine_plasma', 'mitragynine_plasma']
    >>> one, = quantities_named("COWS below 5", units)
    >>> one.name, one.compare, one.threshold
    ('cows', '<', 5.0)
    """
    parts = [part.strip() for part in text.split("/")]
    if len(parts) > 2 or not all(parts):
        raise InputError(f'quantity "{text}" is not understood', cure='Write one, or "a / b".')
    return tuple(_one(part, units) for part in parts)


def _one(text: str, units: Mapping[str, str]) -> Quantity:
    plain = " ".join(re.sub(r"[-_]", " ", text.lower()).split())
    found = _THRESHOLD.match(plain)
    if found and found["name"]:
        sign = next(sign for sign, words in COMPARES.items() if found["sign"] in words)
        inner = _one(found["name"], units)
        return replace(inner, compare=sign, threshold=float(found["size"]))
    since = _SINCE.match(plain)
    if since:
        inner = _one(since["name"], units)
        if inner.name not in SINCE:
            raise InputError(f'"{text}" is not understood', cure=nearest(inner.name, SINCE))
        return replace(inner, since_day=int(since["day"]))
    if plain in DROPOUT:
        return Quantity("in_treatment", OUTCOME, complement=True)
    if plain in NAMES:
        name, kind = NAMES[plain]
        return _checked(name, kind, text, units)
    occupancy = _OCCUPANCY.match(plain)
    if occupancy:
        ligand = occupancy["after"] or occupancy["before"]
        return _checked(f"mu_occupancy_{MOLECULES.get(ligand, ligand)}", SHARE, text, units)
    bare = " ".join(word for word in plain.split() if word not in FORMS)
    if bare in MOLECULES:
        return _checked(f"{MOLECULES[bare]}_plasma", CONCENTRATION, text, units)
    return _checked(plain.replace(" ", "_"), "", text, units)


def _checked(name: str, kind: str, text: str, units: Mapping[str, str]) -> Quantity:
    if kind == OUTCOME or name in OUTCOMES:
        return Quantity(name, OUTCOME)
    if name not in units:
        known = [*NAMES, *MOLECULES, *units]
        raise InputError(f'quantity "{text}" is not computed', cure=nearest(text.lower(), known))
    unit = units[name]
    if not kind:
        share = name in SHARES or "occupancy" in name
        kind = CONCENTRATION if unit in ("nM", "mg/L") else SHARE if share else OTHER
    molecule = name.rsplit("_", 1)[0] if kind == CONCENTRATION else ""
    return Quantity(name, kind, unit, molecule)
