"""One return to the usual dose: what becomes of breathing, as the person then is and otherwise.

After a run, every person takes the usual dose of their drug once, with the spread that street
doses have. Breathing over the next hours follows from the same exposure, receptor and breathing
equations in closed form: concentrations are sums of decaying modes, adaptation stands still for
so short a time, and whatever else is at the receptor stays as it is. The same return is then
looked at with tolerance as it was on arrival, and after weeks without any opioid with tolerance
lost; the latter with alcohol in the blood and with somebody there who gives naloxone. An overdose
is life-threatening where breathing stays low for minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.events import held_rows
from speciosa.core.linear_drug import decayed, mode_arrays
from speciosa.core.stage import Parameter, Row, Rows, Stage
from speciosa.core.wiring import Model, signals
from speciosa.exposure.naloxone import NALOXONE
from speciosa.models.arrival import DOSE, ENTRY
from speciosa.models.opioid import HABITUAL
from speciosa.models.taken import ALONE, Taken
from speciosa.response.breathing import breathing

Array = NDArray[np.float64]
Nested = Mapping[str, Mapping[str, Any]]
STRATA = 4  # street doses per person, one from each quarter of their distribution
POINTS = 90  # moments that are looked at
MINUTES = {"fentanyl": 1.0, "heroin": 1.0, "oxycodone": 4.0}  # between two of them
SPRAY = "naloxone_intranasal"
ALCOHOL = breathing(ethanol="alcohol_plasma")


def _nothing(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    return {}


def _constants(p: Rows) -> dict[str, Row]:
    """Naloxone's constant in nM and the spray in nmol."""
    mass = p["molar_mass"]
    return {"constant": p["constant_mass"] / mass, "spray": p["spray_mass"] / mass}


RESCUE = Stage(
    name="rescue",
    needs={},
    gives={},
    outputs=_nothing,
    parameters={
        "lasting": Parameter("breathing.overdose_lasting", "min"),
        "alcohol": Parameter("breathing.alcohol_on_board", "mg/L"),
        "delay": Parameter("breathing.rescue_delay", "min"),
        "notice": Parameter("acute.notice_share", "1"),
        "abstinent": Parameter("breathing.lost_tolerance_days", "h"),
        "spray_mass": Parameter("breathing.rescue_naloxone", "ng"),
        "constant_mass": Parameter("mu.constant_naloxone", "ng/L"),
        "molar_mass": Parameter("molecule.naloxone.molar_mass", "ng/nmol"),
    },
    derive=_constants,
    derived={"constant": "nM", "spray": "nmol"},
)
EXTRA = (NALOXONE, ALCOHOL, RESCUE)  # beside the model's own stages


@dataclass(frozen=True)
class Circumstance:
    """How a return to use is looked at.

    Args:
        name: in columns and reports.
        kept: with tolerance as it was on arrival.
        lost: after weeks without any opioid or treatment, when tolerance has faded.
        alcohol: with alcohol in the blood.
        helped: with somebody there who gives naloxone.
    """

    name: str
    kept: bool = False
    lost: bool = False
    alcohol: bool = False
    helped: bool = False


CIRCUMSTANCES = (
    Circumstance("as_they_are"),
    Circumstance("tolerance_kept", kept=True),
    Circumstance("tolerance_lost", lost=True),
    Circumstance("lost_with_naloxone", lost=True, helped=True),
    Circumstance("lost_with_alcohol", lost=True, alcohol=True),
    Circumstance("lost_with_alcohol_and_naloxone", lost=True, alcohol=True, helped=True),
)


@dataclass(frozen=True)
class Before:
    """People as the run left them.

    Args:
        model: the wired model.
        parameters: stage -> symbol -> value.
        extra: the same for :data:`EXTRA` and, where the model integrates a drug, its linear form.
        covariates: the usual doses (nmol) and ``street_dose_spread``.
        arrived: adaptation trackers on arrival.
        final: stage -> state or mode -> row at the end.
        memory: decision -> row at the end.
        hours: when that is.
        start_clock_hour: clock hour of time zero.
        share: a uniform in (0, 1) of each person, which places the street doses.
        minutes: between two moments that are looked at, by the person's drug (:data:`MINUTES`).
    """

    model: Model
    parameters: Nested
    extra: Nested
    covariates: Mapping[str, Any]
    arrived: Mapping[str, Any]
    final: Nested
    memory: Nested
    hours: float
    start_clock_hour: float
    share: Array
    minutes: Array


def return_to_use(people: Before) -> dict[str, Array]:
    """Return circumstance -> chance (0-1) of a life-threatening overdose at one return, (N,).

    Args:
        people: who they are at the end of the run.
    """
    found = signals(
        np,
        people.model,
        {stage.name: people.final.get(stage.name, {}) for stage in people.model.stages},
        held_rows(people.model, people.memory, people.hours, people.start_clock_hour),
        people.parameters,
    )
    minutes, rescue = people.minutes, people.extra["rescue"]
    drugs = [_drug(people, stage) for stage in HABITUAL]
    count = people.share.shape[0]
    sprayed = _naloxone(people, minutes)
    adaptation = {each.name: _adaptation(people, each) for each in CIRCUMSTANCES}
    below = {each.name: np.zeros((STRATA, count), dtype=int) for each in CIRCUMSTANCES}
    seen = {each.name: np.full((STRATA, count), POINTS) for each in CIRCUMSTANCES if each.helped}
    for point in range(1, POINTS + 1):
        at = [drug.after(point * minutes / 60.0) for drug in drugs]
        lost = _receptor(people, {name: row[0] for rows in at for name, row in rows.items()}, True)
        as_is = _receptor(
            people, found | {name: row[0] + row[1] for rows in at for name, row in rows.items()}
        )
        for each in CIRCUMSTANCES:
            receptor = lost if each.lost else as_is
            drive = receptor.drive
            if each.helped:
                since = np.maximum(point - seen[each.name], 0)
                held = np.take_along_axis(sprayed, since, axis=0)
                drive = drive / (1 + held * (1 - receptor.occupied))
            left = _ventilation(people, each, drive, adaptation[each.name])
            if each.helped:
                noticed = np.where(left < rescue["notice"], point, POINTS)
                seen[each.name] = np.minimum(seen[each.name], noticed)
            below[each.name] += left < people.parameters["breathing"]["low"]
    unknown = ~np.isfinite(found["adaptation"] + np.zeros(count))
    return {
        name: np.where(unknown, np.nan, (points * minutes >= rescue["lasting"]).mean(axis=0))
        for name, points in below.items()
    }


@dataclass(frozen=True)
class _Receptor:
    """What breathing feels of the receptor, and how much of it is held."""

    drive: Array
    occupied: Array


@dataclass(frozen=True)
class _Drug:
    """A drug of habit after one more dose.

    Args:
        taken: the usual dose, just taken, and what is left over from before, (2, N).
        street: the doses that street use makes of the usual one, as factors, (STRATA, N).
    """

    taken: Taken
    street: Array

    def after(self, hours: Array) -> dict[str, tuple[Array, Array]]:
        """Return what the dose brings some hours later, nM, (STRATA, N), and what is left, (N,)."""
        found = self.taken.after(hours)
        return {name: (dose * self.street, left) for name, (dose, left) in found.items()}


def _drug(people: Before, stage: Stage) -> _Drug:
    from scipy.special import ndtri

    wired = next(one for one in people.model.stages if one.name == stage.name)
    p = people.parameters[stage.name] if wired.modes else people.extra[stage.name]
    _, rates, gains = mode_arrays(stage, p, ENTRY[stage.name])
    dose = np.asarray(people.covariates[DOSE[stage.name]])
    modes = np.zeros((len(rates), 2, len(people.share)))
    modes[:, 0] = gains.reshape(len(gains), -1) * dose
    if wired.modes:
        modes[:, 1] = [people.final[stage.name][mode] for mode in stage.modes]
    places = (np.arange(STRATA)[:, None] + people.share) / STRATA
    spread = np.asarray(people.covariates["street_dose_spread"]) * ndtri(places)
    street = np.ones_like(spread) if stage.name == "oxycodone" else np.exp(spread)
    return _Drug(Taken.of(stage, p, modes, rates), street)


def _receptor(people: Before, found: Mapping[str, Any], alone: bool = False) -> _Receptor:
    """The receptor at what is found, or with nothing but drugs of habit there."""
    stage = ALONE if alone else next(one for one in people.model.stages if one.name == "mu")
    given = stage.outputs(
        np, {}, {**dict.fromkeys(stage.needs, 0.0), **found}, people.parameters["mu"]
    )
    drive = given.get("mu_breathing_drive", given["mu_agonist_drive"])
    return _Receptor(np.asarray(drive), np.asarray(given["mu_occupancy"]))


def _columns(rows: Array) -> Array:
    """Rows over people with a place for moments between mode and person."""
    return rows.reshape(len(rows), 1, -1)


def _naloxone(people: Before, minutes: Array) -> Array:
    """Naloxone at the effect site over its constant, so many moments after breathing is seen to
    fail, (moments, N); 0 until the spray is given."""
    p, rescue = people.extra["naloxone"], people.extra["rescue"]
    _, rates, gains = mode_arrays(NALOXONE, p, SPRAY)
    since = np.arange(POINTS + 1)[:, None] * minutes - rescue["delay"]
    modes = decayed(
        _columns(gains) * rescue["spray"], _columns(rates), np.maximum(since, 0.0) / 60.0
    )
    read = NALOXONE.outputs(np, dict(zip(NALOXONE.modes, modes, strict=True)), {}, p)
    held = np.maximum(read["naloxone_effect"], 0.0) / rescue["constant"]
    return np.asarray(np.where(since > 0, held, 0.0))


def _adaptation(people: Before, each: Circumstance) -> Array:
    """What breathing is used to under one circumstance."""
    p, trackers = people.parameters["adaptation"], people.final["adaptation"]
    fast, slow = trackers["adapted_fast"], trackers["adapted_slow"]
    if each.kept:
        fast, slow = people.arrived["adapted_fast"], people.arrived["adapted_slow"]
    if each.lost:
        waited = people.extra["rescue"]["abstinent"]
        fast = fast * np.exp(-waited / p["fast_time"])
        slow = slow * np.exp(-waited / p["slow_time"])
    return np.asarray(p["fast_weight"] * fast + (1 - p["fast_weight"]) * slow)


def _ventilation(people: Before, each: Circumstance, drive: Array, adaptation: Array) -> Array:
    """Breathing as a share of rest under one circumstance."""
    blood = people.extra["rescue"]["alcohol"] if each.alcohol else 0.0
    s = {"mu_agonist_drive": drive, "adaptation": adaptation, "alcohol_plasma": blood}
    return np.asarray(ALCOHOL.outputs(np, {}, s, people.extra["breathing"])["ventilation"])
