"""The grammar of a regimen, as a small recursive descent: one function for each kind of clause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from speciosa.care.phase import (
    DAILY_CLOCKS,
    DAILY_WORDS,
    After,
    AsNeeded,
    Daily,
    Every,
    Once,
    OnceWhen,
    Phase,
    Timing,
)
from speciosa.care.product import Product
from speciosa.care.reader import CLOCK, Reader
from speciosa.care.shelf import ROUTES, SHELF
from speciosa.care.watched import COMPARATORS, EVENTS, SCALES, Condition
from speciosa.core.errors import InputError

_MILLIGRAMS = {
    **dict.fromkeys(("g", "gram", "grams"), Decimal(1000)),
    **dict.fromkeys(("mg", "milligram", "milligrams"), Decimal(1)),
    **dict.fromkeys(("ug", "mcg", "microgram", "micrograms"), Decimal("0.001")),
}
_HOURS = {
    **dict.fromkeys(("h", "hour", "hours"), Decimal(1)),
    **dict.fromkeys(("min", "minute", "minutes"), 1 / Decimal(60)),
    **dict.fromkeys(("d", "day", "days"), Decimal(24)),
    **dict.fromkeys(("wk", "week", "weeks"), Decimal(168)),
}
_NOT_AMOUNTS = {
    "every",
    "daily",
    "twice",
    "three",
    "four",
    "once",
    "as",
    "at",
    "after",
    "for",
    "from",
    "on",
}
_TIMES_DAILY = {words: count for count, words in DAILY_WORDS.items()}


@dataclass
class _Said:
    """What the words of one phase have said so far."""

    often: str = ""
    hours: Decimal = Decimal(0)
    clocks: tuple[float, ...] = ()
    condition: Condition | None = None
    event: str = ""
    delay: Decimal = Decimal(0)
    first_day: int | None = None
    days: int | None = None
    taper_days: int = 0
    per_day: int = 0
    apart: Decimal = Decimal(0)


def read_product(reader: Reader) -> Product:
    """Read a product and its stated composition."""
    named = {name: product for product in SHELF for name in (product.name, *product.synonyms)}
    names = [product.name for product in SHELF]
    product = named[reader.need(*names, quietly=[n for n in named if n not in names])]
    if not product.constituents or not reader.accept("("):
        return product
    while True:
        words = {w: c for c in product.constituents for w in (c.shown, c.name, *c.synonyms)}
        shown = [c.shown for c in product.constituents]
        word = reader.need(*shown, quietly=[w for w in words if w not in shown])
        content = reader.number() * _MILLIGRAMS[_mass(reader)]
        reader.need("/")
        content /= _MILLIGRAMS[_mass(reader)] / _MILLIGRAMS[product.unit]
        product = product.with_stated(words[word].name, float(content))
        if reader.need(",", ")") == ")":
            return product


def read_phases(reader: Reader, product: Product) -> tuple[tuple[Phase, ...], bool]:
    """Read the phases of a regimen and whether it ends with "then stop"."""
    phases = [_phase(reader, product)]
    while reader.accept("then"):
        if reader.accept("stop"):
            return tuple(phases), True
        if not phases[-1].taper_days and reader.accept(quietly=["tapered over"]):
            last = phases[-1]
            taper = _days(reader)
            phases[-1] = Phase(
                last.amount, last.timing, last.route, last.first_day, last.days, taper
            )
        else:
            phases.append(_phase(reader, product))
    return tuple(phases), False


def _phase(reader: Reader, product: Product) -> Phase:
    amount = _amount(reader, product)
    routes = {word: route for route in product.routes for word in ROUTES[route]}
    short = [ROUTES[route][0] for route in product.routes] if len(product.routes) > 1 else []
    word = reader.accept(*short, quietly=[w for w in routes if w not in short])
    said = _Said()
    while any(clause(reader, said) for clause in _CLAUSES):
        pass
    if amount and not (said.often or said.event):
        reader.fail()
    return Phase(
        amount, _timing(said), routes.get(word, ""), said.first_day, said.days, said.taper_days
    )


def _amount(reader: Reader, product: Product) -> float:
    """Read an amount in the unit of the product; a product that holds nothing needs none."""
    token = reader.token
    signed = token is not None and token.text == "-"
    if not product.constituents and not signed:
        number = reader.maybe_number()
        if number is None:
            return 0.0
    else:
        if token is not None and token.text in _NOT_AMOUNTS:
            cure = f'Write an amount, as in "4 {product.unit}".'
            raise InputError("how much is not said", cure=cure)
        number = reader.number()
    return float(number * _MILLIGRAMS[_mass(reader)] / _MILLIGRAMS[product.unit])


def _mass(reader: Reader) -> str:
    return reader.need(
        "g", "mg", "ug", quietly=[w for w in _MILLIGRAMS if w not in ("g", "mg", "ug")]
    )


def _time(reader: Reader, *units: str) -> Decimal:
    """Read a length of time and return it in hours."""
    number = reader.number()
    hours = {unit: _HOURS[unit] for unit in units}
    synonyms = [
        word for word, hour in _HOURS.items() if hour in hours.values() and word not in units
    ]
    return number * _HOURS[reader.need(*units, quietly=synonyms)]


def _days(reader: Reader) -> int:
    hours = _time(reader, "d", "wk")
    days = hours / 24
    if days != int(days):
        raise InputError(
            f"{days} d is not a whole number of days", cure=f"Write {max(1, round(days))} d."
        )
    return int(days)


def _often(reader: Reader, said: _Said) -> bool:
    if said.often or said.event:
        return False
    word = reader.accept(
        "every", *_TIMES_DAILY, "once", "as needed", quietly=["once daily", "every day"]
    )
    said.often = {"once daily": "daily", "every day": "daily"}.get(word, word)
    if word == "every":
        said.hours = _time(reader, "h", "d", "wk")
    return bool(word)


def _at(reader: Reader, said: _Said) -> bool:
    if not said.apart and reader.accept("at least"):
        said.apart = _time(reader, "h")
        reader.need("apart")
        return True
    if said.clocks or said.event or not reader.accept("at"):
        return False
    clock = reader.accept_kind("clock", CLOCK)
    if clock is None:
        if said.often:
            reader.fail()
        said.delay = _time(reader, "min", "h")
        reader.need("after")
        said.event = _event(reader)
        return True
    clocks = [float(clock.number)]
    while reader.accept("and"):
        clock = reader.accept_kind("clock", CLOCK)
        clocks.append(float(clock.number) if clock is not None else reader.fail())
    said.clocks = tuple(clocks)
    return True


def _after(reader: Reader, said: _Said) -> bool:
    if said.often or said.event or said.clocks or not reader.accept("after"):
        return False
    said.event = _event(reader)
    return True


def _event(reader: Reader) -> str:
    return reader.need(*(e.word for e in EVENTS), quietly=[s for e in EVENTS for s in e.synonyms])


def _when(reader: Reader, said: _Said) -> bool:
    if said.condition or said.often not in ("once", "as needed") or not reader.accept("when"):
        return False
    scale = reader.need(*(s.word for s in SCALES), quietly=[w for s in SCALES for w in s.synonyms])
    comparator = reader.need(*COMPARATORS)
    said.condition = Condition(scale, comparator, float(reader.number()))
    return True


def _start(reader: Reader, said: _Said) -> bool:
    if said.first_day is not None:
        return False
    if reader.accept("from day"):
        said.first_day = reader.whole("as a day")
        return True
    if said.days is not None:
        return False
    if reader.accept("on day"):
        said.first_day, said.days = reader.whole("as a day"), 1
        return True
    if reader.accept("on days"):
        said.first_day = reader.whole("as a day")
        reader.need("to", quietly=["-"])
        last = reader.whole("as a day")
        if last < said.first_day:
            raise InputError(
                f"day {last} comes before day {said.first_day}", cure="Write the earlier day first."
            )
        said.days = last - said.first_day + 1
        return True
    return False


def _length(reader: Reader, said: _Said) -> bool:
    if said.days is None and reader.accept("for"):
        said.days = _days(reader)
        return True
    if said.days is not None and not said.taper_days and reader.accept("tapered over"):
        said.taper_days = _days(reader)
        return True
    return False


def _limit(reader: Reader, said: _Said) -> bool:
    if said.per_day or said.often != "as needed" or not reader.accept("up to"):
        return False
    said.per_day = reader.whole("per day")
    reader.need("per day", quietly=["a day", "daily"])
    return True


_CLAUSES: tuple[Callable[[Reader, _Said], bool], ...] = (
    _often,
    _at,
    _after,
    _when,
    _start,
    _length,
    _limit,
)


def _timing(said: _Said) -> Timing | None:
    if said.apart and said.often != "as needed":
        raise InputError(
            "only as-needed doses are kept apart", cure='Write "every 6 h" for regular doses.'
        )
    if said.event:
        return After(said.event, float(said.delay))
    if said.often == "as needed":
        return _as_needed(said)
    if said.often == "once":
        return _once(said)
    if said.often == "every":
        if len(said.clocks) > 1:
            raise InputError(
                "an interval starts at one clock time", cure='Write "at 09:00 and 21:00 daily".'
            )
        return Every(float(said.hours), said.clocks[0] if said.clocks else None)
    if said.often:
        return _daily(said)
    if said.clocks:
        raise InputError("how often is not said", cure='Add "daily" or "once" to the clock time.')
    return None


def _as_needed(said: _Said) -> AsNeeded:
    if said.condition is None or said.clocks:
        raise InputError(
            "when it is needed is not said",
            cure='Write "as needed when craving > 6 up to 3 per day".',
        )
    if not said.per_day:
        raise InputError("how many a day at most is not said", cure='Add "up to 3 per day".')
    return AsNeeded(said.condition, said.per_day, float(said.apart) if said.apart else 1.0)


def _once(said: _Said) -> Once | OnceWhen:
    if len(said.clocks) > 1 or (said.clocks and said.condition):
        raise InputError(
            "once is at one clock time or when a score is met", cure='Write "once at 20:00".'
        )
    if said.condition is not None:
        return OnceWhen(said.condition)
    return Once(said.clocks[0] if said.clocks else None)


def _daily(said: _Said) -> Daily:
    count = _TIMES_DAILY[said.often]
    if said.clocks and count > 1 and len(said.clocks) != count:
        raise InputError(
            f"{said.often} has {len(said.clocks)} clock times", cure=f"Write {count} of them."
        )
    return Daily(said.clocks or DAILY_CLOCKS[count])
