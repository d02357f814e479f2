"""A study file: what it says, and that whatever is wrong is told in one line, with a cure."""

from __future__ import annotations

import copy
import tomllib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from small_trial import TEXT
from speciosa.core.errors import InputError
from speciosa.trial.overdose import is_overdose
from speciosa.trial.study import Study, load_study, read_study, shipped

SHIPPED = sorted(
    file.stem for file in shipped().glob("*.toml") if not is_overdose(file)
)  # an acute overdose study has a form of its own
DEFAULT: dict[str, Any] = tomllib.loads((shipped() / "combination-opioid.toml").read_text("utf-8"))


def wrong(**edits: Any) -> str:
    """Return what is told of the small study after some lines were replaced."""
    text = TEXT
    for old, new in edits.pop("lines"):
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(InputError) as error:
        read_study(tomllib.loads(text), "mine.toml", text)
    told = str(error.value)
    assert "\n" not in told and told.startswith("mine.toml")
    return told


# ---- the default study --------------------------------------------------------------------------


def test_the_default_study_is_the_one_that_was_laid_down(study: Study) -> None:
    assert (study.days, study.follow_up_days, study.length) == (28, 7, 35)
    assert (study.people, study.draws, study.population.residential_days) == (40, 100, 3)
    regimens = {arm.name: [str(regimen) for regimen in arm.regimens] for arm in study.arms}
    assert regimens == {
        "placebo": [],
        "kratom": ["kratom leaf 4 g every 6 h for 28 d"],
        "melatonin": ["melatonin 5 mg at 21:00 daily for 28 d"],
        "both": ["kratom leaf 4 g every 6 h for 28 d", "melatonin 5 mg at 21:00 daily for 28 d"],
        "lofexidine": ["lofexidine 0.54 mg every 6 h for 7 d tapered over 3 d"],
        "buprenorphine": [
            "buprenorphine 8 mg once when COWS >= 8 on day 1 then 16 mg daily for 28 d"
        ],
    }
    assert study.primary == "sows_gossop_days_1_7"
    assert {one.id for one in study.endpoints if one.harm} == {
        "overdose", "lowest_ventilation", "precipitated_withdrawal", "withdrawal_after_stopping",
    }  # fmt: skip
    assert study.arm("standard").name == "lofexidine"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_study_can_be_read(name: str) -> None:
    study = load_study(name)
    assert study.id == name
    assert load_study(shipped() / f"{name}.toml").digest == study.digest


def test_the_digest_is_of_what_was_laid_down_and_not_of_the_words(study: Study) -> None:
    assert replace(study, text="", place="elsewhere").digest == study.digest
    assert study.resized(seed=study.seed).digest == study.digest
    others = (
        study.resized(seed=1), study.resized(draws=7), study.resized(people=41),
        replace(study, decision=replace(study.decision, supported=0.9)),
        replace(study, arms=study.arms[:-1]), replace(study, primary="overdose"),
    )  # fmt: skip
    digests = {study.digest, *(other.digest for other in others)}
    assert len(digests) == len(others) + 1


def test_a_study_can_be_resized_but_not_to_a_person(study: Study) -> None:
    small = study.resized(seed=3, draws=2, people=20)
    assert (small.seed, small.draws, small.people) == (3, 2, 20)
    with pytest.raises(InputError, match="at least 20 people: this tool speaks of populations"):
        study.resized(people=19)
    with pytest.raises(InputError, match="Give at least 1 draw"):
        study.resized(draws=0)


# ---- what is wrong is told ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("seed = 7", "sede = 7", 'line 9, [study]: unknown key "sede". Did you mean "seed"?'),
        ("[population]", "[populations]",
         'line 12: unknown key "populations". Did you mean "population"?'),
        ("draws = 3", "drawss = 3", '[population]: unknown key "drawss". Did you mean "draws"?'),
        ("draws = 3", "draws = 3.5", "[population] draws: 3.5 is not a whole number"),
        ("draws = 3", 'draws = "3"', "[population] draws: '3' is not a whole number"),
        ("draws = 3", "draws = 0", "no draw. Give at least 1 draw."),
        ("= 20", "= 19", "19 people per arm. A cohort has at least 20 people"),
        ("draws = 3", "draws = 3\nage = { mean = 17, sd = 10, low = 7, high = 40 }",
         "line 15, [population] age: people of 7 years. Only adults are simulated"),
        ("draws = 3", "draws = 3\nage = { mean = 40, sd = 4, low = 18, high = 65 }",
         "ages lie in a narrow range"),
        ("draws = 3", "draws = 3\nage = { mean = 40, sd = 10, low = 35, high = 45 }",
         "ages lie in a narrow range"),
        ("draws = 3", "draws = 3\nweight_cv = 0.05", "weights lie in a narrow range"),
        ("draws = 3", "draws = 3\nmen = 1.5", "1.5 is out of range. Write a number from 0 to 1."),
        ("draws = 3", "draws = 3\nsmokers = nan", "nan is not a number"),
        ("draws = 3", 'draws = 3\ncyp2d6 = { poor = 1.0 }', '"poor" is not an activity score'),
        ("draws = 3", 'draws = 3\nhabits = [{ drug = "fentanil", share = 1.0 }]',
         '"daily_amount_mg" is missing'),
        ("draws = 3", 'draws = 3\nhabits = [{ drug = "fentanil", share = 1.0, '
         "daily_amount_mg = [1, 2], uses_per_day = [4, 8] }]",
         '"fentanil" is unknown. Did you mean "fentanyl"?'),
        ("draws = 3", "draws = 3\nyears_of_use = [9, 1]", "[9, 1] is not a range"),
        ('role = "placebo"', 'role = "plaecbo"', 'Did you mean "placebo"?'),
        ('role = "standard"', 'role = "melatonin"', 'no arm has the role "standard"'),
        ('role = "placebo"', 'role = "melatonin"', 'no arm has the role "placebo"'),
        ('name = "lofexidine"', 'name = "placebo"', 'two arms are called "placebo"'),
        ('name = "lofexidine"', 'label = "Lofexidine"', '"name" is missing'),
        ("melatonin 5 mg at 21:00", "melatonine 5 mg at 21:00", 'Did you mean "melatonin"?'),
        ("melatonin 5 mg at 21:00", "melatonin 5 kg at 21:00", '[[arm]] "melatonin", in'),
        ('regimens = ["melatonin', 'regimens = [5, "melatonin', "is not a list of regimens"),
        ('id = "sleep"', 'id = "sows"', 'two endpoints are called "sows"'),
        ('scale = "sows_gossop"', 'scale = "sows_gosop"', 'Did you mean "sows_gossop"?'),
        ('statistic = "mean"', 'statistic = "average"', '"average" is unknown. Valid: "mean"'),
        ("days = [1, 2]", "days = [2, 1]", "[2, 1] is not a range. Write [low, high]."),
        ("days = [1, 2]", "days = [1, 9]", 
         'line 35, [[endpoint]] "sows": days 1 to 9 are outside the study. It lasts 3 days.'),
        ("days = [1, 2]", "days = [0, 2]", "days 0 to 2 are outside the study"),
        ("difference = 2.0", "difference = 0", "is not above 0"),
        ('better = "lower"', 'better = "less"', '"less" is unknown. Valid: "lower", "higher".'),
        ('unit = "points"', "", '"unit" is missing'),
        ('primary = "sows"', 'primary = "sowss"',
         '"sowss" is not among the endpoints. Did you mean "sows"?'),
        ('id = "small"', 'id = "../small"', '"../small" is no id'),
        ('disorder = "opioid"', 'disorder = "opoid"', '"opoid" is unknown. Did you mean "opioid"?'),
        ('context_of_use = "To test the software."', 'context_of_use = " "', "is empty"),
        ("[population]", '[hypotheses]\nevidence_set = "articles"\n[population]',
         '[hypotheses] evidence_set: "articles" is unknown. Did you mean "article"?'),
        ("[population]", '[estimand]\ndropout = "composit"\n[population]',
         'Did you mean "composite"?'),
        ("[population]", "[decision]\nsupported = 80\n[population]", "80 is out of range"),
        ("[population]", '[decision]\nweakest_grade = "F"\n[population]', '"F" is unknown'),
    ],
)  # fmt: skip
def test_whatever_is_wrong_is_told_with_its_place_and_a_cure(old: str, new: str, told: str) -> None:
    assert told in wrong(lines=[(old, new)])


def test_tables_that_are_missing_are_told() -> None:
    for kind in ("arm", "endpoint"):
        table = tomllib.loads(TEXT)
        del table[kind]
        with pytest.raises(InputError, match=rf"no \[\[{kind}\]\]"):
            read_study(table)


def test_a_file_that_is_no_study_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r'no study file "combination-opiod".*Did you mean "combination-opioid"'
    ):
        load_study("combination-opiod")
    broken = tmp_path / "broken.toml"
    broken.write_text("[study\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"broken\.toml: is not TOML: .*line 1"):
        load_study(broken)
    broken.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        load_study(broken)


# ---- nothing is worse than an error -------------------------------------------------------------

JUNK = st.one_of(
    st.sampled_from([True, "", "x", [], {}, float("nan"), float("inf"), -1, 0, 1e300]),
    st.integers(min_value=-(10**6), max_value=10**6), st.floats(), st.text(max_size=8),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a nested table."""
    found = [path] if path else []
    parts = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, part in parts:
        found += places(part, (*path, key))
    return found


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(places(DEFAULT)), junk=JUNK)
def test_junk_anywhere_is_an_error_of_the_reader_or_a_study(
    place: tuple[Any, ...], junk: Any
) -> None:
    table = copy.deepcopy(DEFAULT)
    node: Any = table
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = junk
    with suppress(InputError):  # anything else that is raised fails the test
        found = read_study(table, "mine.toml")
        assert found.people >= 20
        assert found.population.age.low >= 18
        assert found.decision.supported <= 1
