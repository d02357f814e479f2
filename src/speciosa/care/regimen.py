"""A regimen: a product and its phases, read from one plain line and printed as one."""

from __future__ import annotations

from dataclasses import dataclass

from speciosa.care.parser import read_phases, read_product
from speciosa.care.phase import Phase
from speciosa.care.product import Product
from speciosa.care.reader import Reader
from speciosa.care.shelf import ROUTES
from speciosa.care.tokens import cut, plain
from speciosa.core.errors import InputError, nearest


@dataclass(frozen=True)
class Regimen:
    """What is given, how much, how often and for how long.

    Phases follow one another; a phase starts when the one before it ends, or on its own first
    day. A phase that waits for a condition ends with its days whether the condition was met or
    not, and the next phase then begins.

    Args:
        product: what is given.
        phases: one or more, in order.
        stops: whether the line ends with "then stop".

    >>> str(Regimen.parse("buprenorphine 8000 ug once when cows>=8 on day 1 then 16mg daily"))
    'buprenorphine 8 mg once when COWS >= 8 on day 1 then 16 mg daily'
    """

    product: Product
    phases: tuple[Phase, ...]
    stops: bool = False

    def __post_init__(self) -> None:
        if not self.phases:
            raise InputError(
                f"{self.product.name} has no dose", cure='Write "4 g every 6 h for 14 d".'
            )
        phases = tuple(_fitted(self.product, phase) for phase in self.phases)
        object.__setattr__(self, "phases", phases)
        self.spans()

    @staticmethod
    def parse(text: str) -> Regimen:
        """Read one regimen; see :func:`parse_regimen`."""
        return parse_regimen(text)

    def spans(self) -> tuple[tuple[Phase, int, int | None], ...]:
        """Return each phase with the days from the study's start to its start and to its end.

        The end is ``None`` where the phase lasts as long as the study.

        Raises:
            InputError: if phases overlap, or one that is not the last has no end.
        """
        spans: list[tuple[Phase, int, int | None]] = []
        begin: int | None = 0
        for phase in self.phases:
            if begin is None:
                raise InputError(
                    "a phase follows one that has no end",
                    str(self.product),
                    'Add "for 14 d" to the earlier one.',
                )
            start = begin if phase.first_day is None else phase.first_day - 1
            if start < begin:
                raise InputError(
                    f"day {phase.first_day} is before the phase ahead of it ends",
                    str(self.product),
                    f"Start it on day {begin + 1} or later.",
                )
            lasts = phase.lasts()
            begin = None if lasts is None else start + lasts
            spans.append((phase, start, begin))
        if self.stops and begin is None:
            raise InputError(
                '"then stop" follows a phase without end', str(self.product), 'Add "for 14 d".'
            )
        return tuple(spans)

    def __str__(self) -> str:
        parts = [_phase_text(self.product, phase) for phase in self.phases]
        return f"{self.product} {' then '.join(parts)}".rstrip() + (
            " then stop" if self.stops else ""
        )


def parse_regimen(text: str) -> Regimen:
    """Read one regimen.

    Args:
        text: such as ``"kratom leaf 4 g every 6 h for 14 d then stop"``.

    Raises:
        InputError: names the word that is not understood and the nearest valid ones.

    >>> print(parse_regimen("Melatonin 5mg at 21:00 daily for 4 weeks"))
    melatonin 5 mg at 21:00 daily for 28 d
    """
    regimens = parse_regimens(text)
    if len(regimens) != 1:
        raise InputError(
            f"{len(regimens)} regimens where one is expected", f'in "{text}"', "Write one of them."
        )
    return regimens[0]


def parse_regimens(text: str) -> tuple[Regimen, ...]:
    """Read regimens joined by `` + ``.

    >>> [r.product.name for r in parse_regimens("kratom leaf 2 g once + melatonin 5 mg daily")]
    ['kratom leaf', 'melatonin']
    """
    reader = Reader(cut(text))
    try:
        return read_regimens(reader)
    except InputError as error:
        if error.where.startswith("in "):
            raise
        where = f'in "{text.strip()}"' + (f", {error.where}" if error.where else "")
        raise InputError(error.what, where, error.cure) from None


def read_regimens(reader: Reader) -> tuple[Regimen, ...]:
    """Read all regimens that a reader holds."""
    regimens: list[Regimen] = []
    while True:
        product = read_product(reader)
        phases, stops = read_phases(reader, product)
        regimens.append(Regimen(product, phases, stops))
        if not reader.accept("+"):
            break
    if reader.token is not None:
        reader.fail()
    return tuple(regimens)


def _fitted(product: Product, phase: Phase) -> Phase:
    """Return the phase with the product's usual route left unsaid; refuse what does not fit."""
    if phase.amount > product.slip_above:
        raise InputError(
            f"{plain(phase.amount)} {product.unit} of {product.name} is beyond anything described",
            cure="Check the unit: g, mg and ug are understood.",
        )
    if phase.route and phase.route not in product.routes:
        raise InputError(
            f"{product.name} has no route {phase.route}", cure=nearest(phase.route, product.routes)
        )
    if phase.route != product.routes[0]:
        return phase
    return Phase(phase.amount, phase.timing, "", phase.first_day, phase.days, phase.taper_days)


def _phase_text(product: Product, phase: Phase) -> str:
    words = []
    if product.constituents or phase.amount:
        words.append(f"{plain(phase.amount)} {product.unit}")
    if len(product.routes) > 1:
        words.append(ROUTES[phase.route or product.routes[0]][0])
    words.append(str(phase))
    return " ".join(word for word in words if word)
