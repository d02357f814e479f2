"""Regimens: what the lines mean, and what is said when they mean nothing."""

from __future__ import annotations

import pytest

from speciosa.care.phase import After, AsNeeded, Daily, Every, Once, OnceWhen, Phase
from speciosa.care.regimen import Regimen, parse_regimen, parse_regimens
from speciosa.care.shelf import KRATOM_LEAF, MELATONIN, NALOXONE
from speciosa.care.suggest import suggest
from speciosa.care.watched import Condition
from speciosa.core.errors import InputError

CANONICAL = [
    "kratom leaf 4 g every 6 h for 14 d then stop",
    "melatonin 5 mg at 21:00 daily for 28 d",
    "buprenorphine 16 mg daily for 14 d then 8 mg daily for 7 d then stop",
    "7-OH tablet 20 mg as needed when craving > 6 up to 3 per day",
    "naloxone 2 mg IM at 30 min after apnoea",
    "melatonin 5 mg once",
    "melatonin 2 mg once at 20:00",
    "kratom leaf 2 g twice daily",
    "kratom leaf 2 g three times daily from day 3 for 2 d",
    "lofexidine 0.54 mg every 6 h for 7 d then 0.36 mg every 6 h for 3 d then stop",
    "lofexidine 0.54 mg every 6 h for 7 d tapered over 3 d",
    "buprenorphine 8 mg once when COWS >= 8 on day 1 then 16 mg daily for 28 d",
    "kratom leaf (mitragynine 13.3 mg/g) 4 g once",
    "kratom leaf (7-OH 0.1 mg/g, mitragynine 13.3 mg/g, speciociliatine 5 mg/g) 4 g once",
    "naltrexone extended release 380 mg every 28 d",
    "methadone 30 mg at 09:00 and 21:00 daily",
    "morphine 10 mg IV every 5 h for 2 d",
    "7-OH tablet 20 mg as needed when craving > 6 for 7 d up to 3 per day at least 4 h apart",
    "placebo",
    "placebo at 21:00 daily for 28 d",
    "kratom leaf 0 g",
    "melatonin 3 mg once on day 2",
]


@pytest.mark.parametrize("text", CANONICAL)
def test_canonical_lines_print_as_they_were_written(text):
    assert str(parse_regimen(text)) == text


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("  Kratom\u00a0LEAF  4g every 6hours for 2 weeks THEN stop ", CANONICAL[0]),
        ("leaf 4000 mg every 6 h for 14 days then stop", CANONICAL[0]),
        ("melatonin 5000 \u00b5g daily at 21:00 for 28 d", CANONICAL[1]),
        ("melatonin 5000 \u03bcg at 21:00 daily for 28 d", CANONICAL[1]),
        ("melatonin 5000 mcg at 21:00 daily for 28 d", CANONICAL[1]),
        (
            "7\u2011hydroxymitragynine 20 mg as needed when craving > 6 up to 3 a day",
            CANONICAL[3],
        ),
        ("naloxone 2 mg intramuscular at 30 minutes after apnea", CANONICAL[4]),
        ("naloxone 2 mg at 0.5 h after apnoea", CANONICAL[4]),
        ("lofexidine 540 ug every 6 h for 7 d then tapered over 3 d", CANONICAL[10]),
        (
            "buprenorphine 8 mg once when cows\u22658 on day 1 then 16 mg once daily for 28 d",
            CANONICAL[11],
        ),
        ("kratom leaf(mitragynine 0.0133 g/g)4 g once", CANONICAL[12]),
        ("naltrexone XR 380 mg every 4 weeks", CANONICAL[14]),
        ("kratom leaf 2 g at 08:00 and 20:00 daily", CANONICAL[7]),
        ("kratom leaf 2 g three times daily on days 3\u20134", CANONICAL[8]),
    ],
)
def test_other_spellings_mean_the_same(written, printed):
    assert parse_regimen(written) == parse_regimen(printed)
    assert str(parse_regimen(written)) == printed


def test_a_line_becomes_typed_values():
    regimen = parse_regimen("kratom leaf 4 g every 6 h for 14 d then 2 g twice daily from day 20")
    assert regimen == Regimen(
        KRATOM_LEAF,
        (Phase(4.0, Every(6.0), days=14), Phase(2.0, Daily((8.0, 20.0)), first_day=20)),
    )
    assert parse_regimen("melatonin 5 mg once").phases[0].timing == Once()
    assert parse_regimen("naloxone 2 mg IV after apnoea").phases[0] == Phase(
        2.0, After("apnoea"), "intravenous"
    )
    needed = parse_regimen("melatonin 1 mg as needed when SOWS <= 4 up to 2 per day").phases[0]
    assert needed.timing == AsNeeded(Condition("SOWS", "<=", 4.0), 2)
    when = parse_regimen("clonidine 0.1 mg once when COWS > 12").phases[0]
    assert when.timing == OnceWhen(Condition("COWS", ">", 12.0))


def test_the_usual_route_is_the_same_said_or_unsaid():
    assert parse_regimen("naloxone 2 mg IM once") == parse_regimen("naloxone 2 mg once")
    assert Regimen(NALOXONE, (Phase(2.0, Once(), "intramuscular"),)).phases[0].route == ""


def test_regimens_are_joined_by_plus():
    both = parse_regimens("kratom leaf 4 g every 6 h + melatonin 5 mg at 21:00 daily")
    assert [r.product for r in both] == [KRATOM_LEAF, MELATONIN]
    with pytest.raises(InputError, match="2 regimens"):
        parse_regimen("kratom leaf 4 g once + melatonin 5 mg once")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not finished"),
        ("kratum leaf 4 g once", 'Did you mean "kratom"'),
        ("kratom laef 4 g once", 'Did you mean "leaf"'),
        ("kratom leaf 4 g dialy", 'Did you mean "daily"'),
        ("kratom leaf every 6 h", "how much is not said"),
        ("kratom leaf 4 g", "not finished"),
        ("kratom leaf 4 every 6 h", '"every" is not understood'),
        ("kratom leaf 4 kg once", '"kg" is not understood'),
        ("kratom leaf -4 g once", "negative"),
        ("kratom leaf \u22124 g once", "negative"),
        ("kratom leaf 0,5 g once", '"," is not understood'),
        ("kratom leaf 4 g once 4 g once", '"4" is not understood'),
        ("fentanyl 100 mg once", "Check the unit"),
        ("kratom leaf 9999999 g once", "Check the unit"),
        ("melatonin 5 mg at 21:10 daily", "21:00"),
        ("melatonin 5 mg at 24:00 daily", "not a clock time"),
        ("melatonin 5 mg at 9 daily", '"daily" is not understood'),
        ("melatonin 5 mg every 20 min", '"min" is not understood'),
        ("melatonin 5 mg every 0.4 h", "0.5 h"),
        ("melatonin 5 mg every 0 h", "interval of 0 h"),
        ("melatonin 5 mg every 6 h at 21:00", "no fixed clock time"),
        ("melatonin 5 mg at 21:00 for 3 d", "not finished"),
        ("melatonin 5 mg at 21:00 and 21:00 daily", "repeated"),
        ("melatonin 5 mg twice daily at 21:00", "1 clock times"),
        ("naloxone 2 mg at 20 min after apnoea", "0.25 h"),
        ("naloxone 2 mg SL once", '"sl" is not understood'),
        ("7-OH 20 mg as needed when craving > 12 up to 3 per day", "runs from 0 to 10"),
        ("7-OH 20 mg as needed when craving > 10 up to 3 per day", "never be met"),
        ("7-OH 20 mg as needed when cravng > 2 up to 3 per day", 'Did you mean "craving"'),
        ("7-OH 20 mg as needed when craving > 2", "up to 3 per day"),
        ("7-OH 20 mg as needed up to 3 per day", "when it is needed"),
        ("7-OH 20 mg as needed when craving > 2 up to 0 per day", "up to 0 per day"),
        ("7-OH 20 mg as needed when craving > 2 up to 1.5 per day", "whole number"),
        ("melatonin 5 mg once at least 4 h apart", "as-needed"),
        ("kratom leaf 4 g every 6 h then 2 g daily", 'Add "for 14 d"'),
        ("kratom leaf 4 g every 6 h then stop", 'Add "for 14 d"'),
        ("kratom leaf 4 g daily for 5 d then 2 g daily from day 3", "day 6 or later"),
        ("kratom leaf 4 g daily for 1.5 d", "whole number of days"),
        ("kratom leaf 4 g daily for 0 d", "days of 0"),
        ("kratom leaf 4 g daily from day 0", "first day of 0"),
        ("kratom leaf 4 g daily on days 4 to 3", "day 3 comes before day 4"),
        ("kratom leaf 4 g once for 3 d", "once is one dose"),
        ("kratom leaf (mitragynine 2000 mg/g) 4 g once", "impossible"),
        ("kratom leaf (morphine 2 mg/g) 4 g once", '"morphine" is not understood'),
        ("kratom leaf 4 g once \u2600", "has no meaning"),
        ("melatonin 5 mg once " * 600, "characters"),
        ("melatonin " + "9" * 401 + " mg once", "digits"),
    ],
)
def test_faults_name_the_place_and_the_cure(text, says):
    with pytest.raises(InputError) as caught:
        parse_regimen(text)
    assert says in str(caught.value)
    assert caught.value.cure
    assert "in " in caught.value.where or len(text) > 400


def test_a_regimen_is_text():
    with pytest.raises(InputError, match="text"):
        parse_regimen(4)  # type: ignore[arg-type]


def test_values_are_checked_when_they_are_made():
    with pytest.raises(InputError, match="no dose"):
        Regimen(MELATONIN, ())
    with pytest.raises(InputError, match="no route"):
        Regimen(MELATONIN, (Phase(5.0, Once(), "intravenous"),))
    with pytest.raises(InputError, match="amount"):
        Phase(float("nan"), Once())
    with pytest.raises(InputError, match="how often"):
        Phase(1.0)
    with pytest.raises(InputError, match="taper"):
        Phase(1.0, Every(6.0), taper_days=3)
    with pytest.raises(InputError, match="not a clock hour"):
        Daily((24.0,))
    with pytest.raises(InputError, match="whole number"):
        Phase(1.0, Every(6.0), days=1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mel", {"melatonin"}),
        ("melatonin ", {"prolonged", "supplement", "<number>"}),
        ("melatonin 5", {"mg", "ug", "g"}),
        ("melatonin 5 mg e", {"every"}),
        ("7-OH tablet 20 mg as needed when ", {"craving", "COWS", "SOWS", "OOWS"}),
        ("naloxone 2 mg I", {"IM", "IV", "IN"}),
        ("melatonin 5 mg at ", {"<time>", "<number>"}),
        ("melatonin 5 mg at 21:00 daily for 28 d then ", {"stop", "<number>"}),
        ("nonsense ", set()),
        ("melatonin 5 mg \u2600", set()),
    ],
)
def test_suggestions_hold_what_may_follow(text, words):
    found = set(suggest(text))
    assert words <= found if words else not found


def test_then_is_not_offered_before_a_phase_is_whole():
    assert "then" not in suggest("melatonin 5 mg ")
    assert "then" in suggest("melatonin 5 mg daily for 2 d ")
