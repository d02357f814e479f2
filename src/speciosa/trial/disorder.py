"""What differs between disorders: the recipe, how people arrive, what is recorded and judged.

Everything else in a trial is the same for all. A quantity that only some studies ask for (mood,
pain, stress ...) stands in ``optional``: it is wired, and costs time, where an endpoint names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from speciosa.core.errors import InputError, nearest
from speciosa.core.wiring import Model
from speciosa.models import drinking_history
from speciosa.models.alcohol import alcohol
from speciosa.models.arrival import come
from speciosa.models.opioid import opioid
from speciosa.response.behaviour import SLOTS
from speciosa.response.drinking import SLOTS as DRINKING_SLOTS

Nested = dict[str, dict[str, Any]]
Arrival = Callable[
    [Model, Mapping[str, Mapping[str, Any]], Mapping[str, Any]], tuple[dict[str, Any], Nested]
]
SLEEP = ("total_sleep_time", "sleep_onset_latency", "sleep_efficiency", "psqi")
OPTIONAL: tuple[str, ...] = (  # scores of any disorder that are recorded only where asked for
    "hdrs",
    "phq9",
    "gad7",
    "anhedonia",
    "pss10",
    "cortisol",
    "pain_tolerance",
    "function",
    "working_days",
    "judgement",
    "adaptation",
)
KRATOM = (
    "mitragynine_plasma",
    "hydroxymitragynine_plasma",
    "mu_occupancy_mitragynine",
    "mu_occupancy_hydroxymitragynine",
)


@dataclass(frozen=True)
class Disorder:
    """What a trial needs to know of a disorder.

    Args:
        name: as a study file writes it.
        recipe: dose entries, decisions and ``behaviour`` -> the wired model.
        come: model, parameters and covariates -> usual doses and start of every moved state.
        taking: the decision by which people take what they are dependent on.
        slots: clock hours at which they may.
        always: quantities that every trial records.
        behaving: those that it records where people use and leave.
        if_there: those that it records where the study's products bring them.
        scores: scales that an endpoint may name; each is a quantity of the model.
        optional: further scales, recorded where an endpoint names them.
        after_use: first step after somebody may have taken it, h.
        events: events that an endpoint may name.
        lowest, highest: quantities whose daily extremes are kept.
        arriving: quantities without which nobody's arrival can be worked out.
        unmoved: covariates that are 0 in people without a history.
        definitions: records that define events.
        history: records that a person's history rests on.
    """

    name: str
    recipe: Callable[..., Model]
    come: Arrival
    taking: str
    slots: tuple[float, ...]
    always: tuple[str, ...]
    behaving: tuple[str, ...]
    if_there: tuple[str, ...]
    scores: tuple[str, ...]
    events: tuple[str, ...]
    lowest: tuple[str, ...]
    highest: tuple[str, ...]
    arriving: tuple[str, ...]
    unmoved: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    optional: tuple[str, ...] = field(default=OPTIONAL)
    after_use: float = 0.01

    def scales(self) -> tuple[str, ...]:
        """Return every scale or event that an endpoint may name."""
        return (*self.scores, *SLEEP, *self.events, *self.lowest, *self.optional)

    def recorded(self, model: Model, asked: Iterable[str], behaviour: bool) -> tuple[str, ...]:
        """Return the quantities that a trial records.

        Args:
            model: the whole recipe.
            asked: scales of the study's endpoints.
            behaviour: whether people use and leave.
        """
        wanted = [*self.always, *(self.behaving if behaviour else ())]
        wanted += [one for one in self.if_there if one in model.units]
        wanted += [one for one in asked if one in model.units]
        return tuple(dict.fromkeys(wanted))


OPIOID = Disorder(
    name="opioid",
    recipe=opioid,
    come=come,
    taking="take",
    slots=SLOTS,
    always=(
        "cows",
        "sows_gossop",
        "oows",
        "craving",
        "withdrawal",
        "adaptation",
        "mu_occupancy",
        "mu_signal",
        "ventilation",
        "melatonin_plasma",
        *SLEEP,
    ),
    behaving=(
        "in_treatment",
        "using_today",
        "days_abstinent",
        "relapsed_day",
        "dropout_day",
        "use_days_7",
    ),
    if_there=(
        *KRATOM,
        "buprenorphine_plasma",
        "mu_occupancy_buprenorphine",
        "mu_occupancy_methadone",
        "mu_occupancy_naltrexone",
        "mu_occupancy_naloxone",
        "methadone_plasma",
        "lofexidine_plasma",
        "clonidine_plasma",
        "alpha2_relief",
    ),
    scores=("cows", "sows_gossop", "oows", "craving"),
    events=(
        "retained",
        "abstinent",
        "retained_and_abstinent",
        "relapsed",
        "relapsed_or_lost",
        "overdose",
        "precipitated_withdrawal",
    ),
    lowest=("ventilation",),
    highest=("cows",),
    arriving=("adaptation",),
    unmoved=("adaptation_start_fast", "adaptation_start_slow", "withdrawal_slow_start"),
    definitions=(
        "scales.precipitated_rise",
        "scales.precipitated_occupancy",
        "behaviour.attendance",
        "behaviour.urine_window",
        "behaviour.abstinent_days",
        "behaviour.relapse_weeks",
        "behaviour.relapse_from",
    ),
    history=(
        "behaviour.frailty",
        "behaviour.dropout_rate_residential",
        "behaviour.usual_dose_margin",
        "behaviour.street_dose_spread",
        "behaviour.habit_start",
        "behaviour.habit_fade",
    ),
)
ALCOHOL = Disorder(
    name="alcohol",
    recipe=alcohol,
    come=drinking_history.come,
    taking="drink",
    slots=DRINKING_SLOTS,
    always=(
        "ciwa",
        "hyperexcitability",
        "gaba_adaptation",
        "alcohol_plasma",
        "benzodiazepine_block",
        "seizure_hazard",
        "delirium_hazard",
        "seizure_day",
        "delirium_day",
        "craving",
        "cows",
        "mu_occupancy",
        "ventilation",
        "melatonin_plasma",
        *SLEEP,
    ),
    behaving=(
        "in_treatment",
        "using_today",
        "drinking_today",
        "days_abstinent",
        "relapsed_day",
        "dropout_day",
        "use_days_7",
    ),
    if_there=(*KRATOM, "mu_occupancy_naltrexone", "acamprosate_level"),
    scores=("ciwa", "craving", "cows", "sows_gossop"),
    events=(
        "retained",
        "abstinent",
        "retained_and_abstinent",
        "relapsed",
        "overdose",
        "seizure",
        "delirium",
    ),
    lowest=("ventilation",),
    highest=("ciwa", "cows"),
    arriving=("hyperexcitability_unrelieved",),
    unmoved=(*OPIOID.unmoved, *drinking_history.UNMOVED),
    definitions=("behaviour.abstinent_days",),
    history=("behaviour.frailty", "drinking.most_of_capacity"),
    after_use=0.04,
)
DISORDERS = {one.name: one for one in (OPIOID, ALCOHOL)}


def disorder_named(name: str) -> Disorder:
    """Return a disorder by its name.

    Raises:
        InputError: there is none of that name.

    Example:
        >>> disorder_named("opioid").highest
        ('cows',)
    """
    if name not in DISORDERS:
        raise InputError(f'no disorder "{name}"', "[study] disorder", nearest(name, DISORDERS))
    return DISORDERS[name]
