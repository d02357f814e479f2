"""Settings: who is simulated for a published result, by population and by where it was seen."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from speciosa.care.regimen import Regimen
from speciosa.core.errors import InputError, nearest
from speciosa.models.alcohol import OWN_ENTRIES
from speciosa.people.cohort import USUAL, Population, Range

FILE = Path(__file__).with_name("settings.toml")
METHADONE_DROPOUT = "behaviour.dropout_rate_methadone"
INDUCTION_FAILURE = "behaviour.naltrexone_induction_failure"
INJECTED = "naltrexone_extended_release"
TREATMENTS = ("buprenorphine", "methadone", INJECTED)  # that people are kept on
WITHDRAWAL_DAYS = 14  # days by which treated withdrawal is over; longer is another question
# Days without opioids before injected naltrexone, hours: at least 3 d in the trial; rest assumed.
OPIOID_FREE = Range(120.0, 36.0, 72.0, 240.0)


@dataclass(frozen=True)
class Setting:
    """People and circumstances of a published result.

    Args:
        name: of the setting.
        population: who takes part.
        induction_failure: record of the share who never receive a first injection; empty for none.
        disorder: whose recipe simulates them.
    """

    name: str
    population: Population
    induction_failure: str = ""
    disorder: str = "opioid"


def setting_of(population: str, name: str, regimens: Sequence[Regimen]) -> Setting:
    """Return the setting of a published result.

    Methadone has its own rate of leaving. Before injected naltrexone people are free of opioids
    for some days, and some never receive it.

    Args:
        population: ``healthy``, ``opioid`` or ``alcohol``.
        name: a setting of ``settings.toml`` in any case; empty for the population's own.
        regimens: what is given.

    Raises:
        InputError: there is no such population or setting.

    >>> setting_of("healthy", "", ()).population.habits
    ()
    """
    known = {key.lower(): key for key in _settings()}
    chosen = (name if name and population != "healthy" else population).lower()
    if chosen not in known:
        raise InputError(f'setting "{name}" is unknown', cure=nearest(name, _settings()))
    changes = dict(_settings()[known[chosen]])
    if changes.pop("habits", "") == "none":
        changes["habits"] = ()
    if "hours_since_last_use" in changes:
        changes["hours_since_last_use"] = Range(**changes["hours_since_last_use"])
    products = {regimen.product.key for regimen in regimens}
    if "methadone" in products and population == "opioid" and "dropout_rate" not in changes:
        changes["dropout_rate"] = METHADONE_DROPOUT
    injected = INJECTED in products and population == "opioid"
    if injected:
        changes["hours_since_last_use"] = OPIOID_FREE
    drinking = population == "alcohol"
    people = replace(USUAL["alcohol" if drinking else "opioid"], **changes)
    entries = {e for r in regimens for route in r.product.routes for e in r.product.entries(route)}
    apart = drinking or (population == "healthy" and bool(entries & OWN_ENTRIES))
    disorder = "alcohol" if apart else "opioid"
    return Setting(known[chosen], people, INDUCTION_FAILURE if injected else "", disorder)


def usual_setting(outcome: str, last_day: float, regimens: Sequence[Regimen]) -> str:
    """Return where trials of opioid withdrawal and its treatment are held that state no setting.

    Relapse is counted from detoxification on; withdrawal without an agonist, or with one that is
    given for some days, is treated under one roof; an agonist that stays begins in outpatients who
    come in withdrawal. Everything else is left to the population's own setting (empty).

    Args:
        outcome: the quantity or outcome that is read.
        last_day: when it is read for the last time, days.
        regimens: what is given.

    >>> from speciosa.care.regimen import parse_regimens
    >>> usual_setting("sows_gossop", 7.0, parse_regimens("lofexidine 0.54 mg every 6 h for 7 d"))
    'inpatient'
    >>> usual_setting("in_treatment", 84.0, parse_regimens("buprenorphine 16 mg daily for 84 d"))
    'START'
    """
    ends = {r.product.key: r.spans()[-1][2] for r in regimens if r.product.key in TREATMENTS}
    if outcome == "relapsed" and ends and "methadone" not in ends:
        return "X:BOT"
    if INJECTED in ends:
        return "X:BOT"
    brief = all(end is not None and 1 < end <= WITHDRAWAL_DAYS for end in ends.values())
    if last_day <= WITHDRAWAL_DAYS and brief:
        return "inpatient"
    return "START" if ends and not brief else ""


@lru_cache(maxsize=1)
def _settings() -> dict[str, dict[str, Any]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
