"""The people of a study file: adults, in ranges as wide as a population has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.load import load_evidence
from speciosa.people.cohort import DRUGS, USUAL, Habit, Population, Range
from speciosa.trial.form import Form

NAME = "[population]"
SIZES = {"people_per_arm": 40, "draws": 100}  # keys that are not about who takes part
POPULATION_KEYS = (*(f.name for f in fields(Population)), *SIZES)
ADULT = 18.0  # years
WHOLE = 0.011  # by how much shares that were rounded may miss 1
NARROWEST = 10.0  # years or kg that two standard deviations must reach on either side
SHARES = ("men", "smokers")
WEIGHTS = ("weight_men", "weight_women")
RECORDS = ("use_level", "dropout_rate", "adherence")  # keys that name a record of the evidence
HABIT_KEYS = ("drug", "share", "daily_amount_mg", "uses_per_day")


def read_population(form: Form, table: Mapping[str, Any], disorder: str = "opioid") -> Population:
    """Return who takes part.

    Args:
        form: the study file.
        table: its table of people, without the sizes.
        disorder: whose usual people stand for what the table leaves out.

    Raises:
        InputError: a key or value that cannot be; somebody under 18; a range so narrow that it
            would speak of a person.
    """
    kinds = {f.name: str(f.type) for f in fields(Population)}
    given = {key: _value(form, key, value, kinds[key]) for key, value in table.items()}
    people = replace(USUAL[disorder], **given)
    _refuse_persons(form, people)
    _refuse_uneven(form, people)
    return people


def _value(form: Form, key: str, value: Any, kind: str) -> Any:
    place = f"{NAME} {key}"
    if key in ("age", "hours_since_last_use"):
        return _range(form, value, key)
    if key == "habits":
        if not isinstance(value, list):
            raise InputError(
                f"{value!r} is not a list", form.where(place, key), "Write [{ drug = ... }]."
            )
        return tuple(_habit(form, row) for row in value)
    if key == "cyp2d6":
        return _genotypes(form, value)
    if key == "years_of_use":
        return form.pair(value, place, key, 0.0)
    if key in SHARES:
        return form.number(value, place, key, 0.0, 1.0)
    if key in WEIGHTS:
        return form.number(value, place, key, 30.0)
    if key in RECORDS:
        return _record(form, value, place, key)
    return form.typed(value, kind, place, key)


def _record(form: Form, value: Any, place: str, key: str) -> str:
    """Return the id of a record that the evidence has."""
    known = load_evidence().numbers
    if not isinstance(value, str) or value not in known:
        cure = nearest(str(value), known) if isinstance(value, str) else "Put its id in quotes."
        raise InputError(f'no record "{value}"', form.where(place, key), cure)
    return str(value)


def _range(form: Form, value: Any, key: str) -> Range:
    place = f"{NAME} {key}"
    found: Range = form.fill(Range, value, place)
    if found.sd < 0 or not 0 <= found.low <= found.mean <= found.high:
        raise InputError(
            f"{key} is not a range",
            form.where(place, key),
            "Write 0 <= low <= mean <= high and sd >= 0.",
        )
    return found


def _genotypes(form: Form, value: Any) -> dict[float, float]:
    place = f"{NAME} cyp2d6"
    if not isinstance(value, Mapping) or not value:
        raise InputError(
            f"{value!r} is not a table",
            form.where(place, "cyp2d6"),
            'Write { "1" = 0.6 }: activity score and share.',
        )
    found = {}
    for score, share in value.items():
        try:
            number = float(score)
        except ValueError:
            raise InputError(
                f'"{score}" is not an activity score',
                form.where(place, score),
                "Write 0, 0.5, 1 or 2.",
            ) from None
        found[form.number(number, place, score, 0.0)] = form.number(share, place, score, 0.0, 1.0)
    if not sum(found.values()) > 0:
        raise InputError("nobody has any score", form.where(place, "cyp2d6"), "Give shares.")
    return found


def _habit(form: Form, row: Any) -> Habit:
    name = f"{NAME} habits"
    given = dict(form.table(row, name, HABIT_KEYS))
    for key in HABIT_KEYS:
        if key not in given:
            raise InputError(f'"{key}" is missing', form.where(name), "Each habit needs four keys.")
    form.one_of(given["drug"], DRUGS, f"{name} drug")
    low, high = form.pair(given["uses_per_day"], name, "uses_per_day", 1.0)
    amount = form.pair(given["daily_amount_mg"], name, "daily_amount_mg", 0.0)
    if amount[0] == 0.0:
        raise InputError(
            "a habit of nothing", form.where(name, "daily_amount_mg"), "Write amounts above 0."
        )
    share = form.number(given["share"], name, "share", 0.0, 1.0)
    return Habit(given["drug"], share, amount, (int(low), int(high)))


def _refuse_uneven(form: Form, people: Population) -> None:
    """What divides the people adds up to all of them."""
    parts = {"cyp2d6": [*people.cyp2d6.values()], "habits": [one.share for one in people.habits]}
    for key, shares in parts.items():
        if shares and abs(sum(shares) - 1.0) > WHOLE:
            raise InputError(
                f"the shares of {key} make {sum(shares):g}", form.where(f"{NAME} {key}", key),
                "Let them add up to 1.",
            )  # fmt: skip


def _refuse_persons(form: Form, people: Population) -> None:
    """Adults only, and ranges no narrower than 10 years and 10 kg either way."""
    if people.age.low < ADULT:
        raise InputError(
            f"people of {people.age.low:g} years",
            form.where(f"{NAME} age", "age"),
            f"Only adults are simulated: low is at least {ADULT:g}.",
        )
    nearest_end = min(people.age.mean - people.age.low, people.age.high - people.age.mean)
    if min(2 * people.age.sd, nearest_end) < NARROWEST:
        raise InputError(
            "ages lie in a narrow range",
            form.where(f"{NAME} age", "age"),
            f"Let low, high and two sd reach {NARROWEST:g} years from the mean: this tool speaks "
            "of populations.",
        )
    if 2 * people.weight_cv * min(people.weight_men, people.weight_women) < NARROWEST:
        raise InputError(
            "weights lie in a narrow range",
            form.where(f"{NAME} weight_cv", "weight_cv"),
            f"Let two sd reach {NARROWEST:g} kg: this tool speaks of populations.",
        )
