"""The language of regimens: what is printed reads back, and bad input never surprises."""

from __future__ import annotations

import string

from hypothesis import example, given, settings
from hypothesis import strategies as st

from speciosa.care.phase import After, AsNeeded, Daily, Every, Once, OnceWhen, Phase
from speciosa.care.regimen import Regimen, parse_regimen, parse_regimens
from speciosa.care.schedule import doses
from speciosa.care.shelf import SHELF
from speciosa.care.suggest import suggest
from speciosa.care.watched import COMPARATORS, SCALES, Condition
from speciosa.core.errors import InputError

DAYS = st.integers(1, 60)
CLOCK = st.integers(0, 95).map(lambda quarter: quarter / 4.0)
TEXT = (
    "kratom leaf extract 7-OH tablet melatonin naloxone buprenorphine placebo g mg ug µg h d wk "
    "min every daily twice three times once as needed when craving COWS > >= < at 21:00 08:15 on "
    "day days from for tapered over up to per least apart after apnoea then stop + ( ) , / - 0 1 "
    "2.5 6 14 IM IV mitragynine and 999999 1e9 ½ 0.1.2 :: 7:5"
)
WORDS = TEXT.split()


@st.composite
def conditions(draw) -> Condition:
    scale = draw(st.sampled_from(SCALES))
    threshold = draw(st.floats(scale.low, scale.high, exclude_min=True, exclude_max=True))
    return Condition(scale.word, draw(st.sampled_from(COMPARATORS)), threshold)


@st.composite
def timings(draw):
    kind = draw(st.sampled_from((Every, Daily, Once, AsNeeded, OnceWhen, After)))
    if kind is Every:
        days = draw(st.booleans())
        hours = draw(st.integers(1, 40)) * 24.0 if days else draw(st.integers(1, 400)) / 4.0
        return Every(hours, draw(CLOCK) if days and draw(st.booleans()) else None)
    if kind is Daily:
        return Daily(tuple(draw(st.lists(CLOCK, min_size=1, max_size=5, unique=True))))
    if kind is Once:
        return Once(draw(st.none() | CLOCK))
    if kind is AsNeeded:
        apart = draw(st.integers(4, 96)) / 4.0
        return AsNeeded(draw(conditions()), draw(st.integers(1, 24)), apart)
    if kind is OnceWhen:
        return OnceWhen(draw(conditions()))
    return After("apnoea", draw(st.integers(0, 96)) / 4.0)


@st.composite
def regimens(draw) -> Regimen:
    product = draw(st.sampled_from(SHELF))
    for constituent in product.constituents:
        if draw(st.integers(0, 4)) == 0:
            product = product.with_stated(constituent.name, draw(st.floats(0.0, 2.0)))
    phases, next_day, count = [], 1, draw(st.integers(1, 3))
    for place in range(count):
        amount = draw(st.floats(0.0, product.slip_above))
        timing = draw(timings())
        last = place == count - 1
        days = draw(DAYS) if not last or draw(st.booleans()) else None
        days = None if isinstance(timing, Once) else days
        tapered = days and isinstance(timing, Every | Daily) and draw(st.booleans())
        taper = draw(DAYS) if tapered else 0
        first = next_day + draw(st.integers(0, 5)) if draw(st.booleans()) else None
        route = draw(st.sampled_from(product.routes))
        phases.append(Phase(amount, timing, route, first, days, taper))
        next_day = (first or next_day) + (phases[-1].lasts() or 0)
    ends = phases[-1].lasts() is not None
    return Regimen(product, tuple(phases), stops=ends and draw(st.booleans()))


@given(regimens())
@settings(max_examples=300, deadline=None)
def test_what_is_printed_reads_back_the_same(regimen):
    text = str(regimen)
    assert parse_regimen(text) == regimen
    assert str(parse_regimen(text)) == text


@given(st.lists(regimens(), min_size=1, max_size=3))
@settings(max_examples=50, deadline=None)
def test_joined_regimens_read_back_the_same(several):
    assert parse_regimens(" + ".join(map(str, several))) == tuple(several)


@given(regimens(), st.sampled_from((str.upper, str.lower, str.title)))
@settings(max_examples=100, deadline=None)
def test_case_and_spaces_carry_no_meaning(regimen, spelled):
    text = spelled(str(regimen)).replace(" ", " \u00a0 ")
    if len(text) <= 10_000:
        assert parse_regimen(text) == regimen


def _fault(text: str) -> str:
    """Return what is wrong with a text; empty where nothing is. Other exceptions escape."""
    try:
        parse_regimens(text)
    except InputError as error:
        return error.what
    return ""


def _reads_or_explains(text: str) -> None:
    if not _fault(text):
        found = parse_regimens(text)
        assert parse_regimens(" + ".join(map(str, found))) == found


@given(st.text(max_size=60) | st.text(string.printable, max_size=60))
@example("kratom leaf 4 g every 99999999999999999999999999999999 d")
@example("kratom leaf " + "9" * 1500 + " g once")
@example("kratom leaf 4 g once on day " + "9" * 400)
@example("kratom leaf 4 g once on day " + "9" * 5000)
@example("kratom leaf (mitragynine 1 mg/ug) 1 g once")
@example("²³ ٣ g")
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_with_a_reason(text):
    _reads_or_explains(text)
    assert isinstance(suggest(text), tuple)


@given(st.lists(st.sampled_from(WORDS), max_size=14), st.booleans())
@settings(max_examples=600, deadline=None)
def test_any_order_of_words_is_read_or_refused_with_a_reason(words, product_first):
    _reads_or_explains(" ".join((["kratom", "leaf", "4", "g"] if product_first else []) + words))


@given(regimens(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_damaged_line_is_read_or_refused_with_a_reason(regimen, data):
    text = str(regimen)
    place = data.draw(st.integers(0, len(text) - 1))
    _reads_or_explains(text[:place] + data.draw(st.text(max_size=3)) + text[place + 1 :])


@given(regimens(), st.data())
@settings(max_examples=100, deadline=None)
def test_the_next_word_of_a_line_is_among_those_suggested(regimen, data):
    words = str(regimen).replace("(", "( ").replace(")", " )").replace(",", " ,").split()
    place = data.draw(st.integers(0, len(words) - 1))
    before, word = "".join(f"{w} " for w in words[:place]), words[place]
    offered = {w.lower() for w in suggest(before)}
    if word.replace(".", "").isdigit():
        assert "<number>" in offered
    elif word[:1].isdigit() and ":" in word:
        assert "<time>" in offered
    else:
        assert word.lower() in offered or any(word.startswith(f"{w}/") for w in offered)


@given(st.lists(st.integers(0, 10_000), max_size=14))
@settings(max_examples=100, deadline=None)
def test_following_suggestions_never_leaves_the_language(choices):
    text = ""
    for choice in choices:
        offered = suggest(text)
        if not offered:
            break
        word = offered[choice % len(offered)]
        text += {"<number>": str(1 + choice % 9), "<time>": "21:00"}.get(word, word) + " "
        assert "not understood" not in _fault(text), text


@given(regimens(), st.integers(1, 90), st.integers(0, 95))
@settings(max_examples=150, deadline=None)
def test_doses_lie_on_the_quarter_inside_the_study_and_their_phase(regimen, days, start):
    given_doses = doses(regimen, days=days, start_clock_hour=start / 4.0)
    largest = max(phase.amount for phase in regimen.phases)
    for dose in given_doses:
        assert 0.0 <= dose.hours < 24.0 * days
        assert dose.hours * 4.0 == round(dose.hours * 4.0)
        assert 0.0 < dose.amount <= largest
    assert [d.hours for d in given_doses] == sorted(d.hours for d in given_doses)
