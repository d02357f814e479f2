"""Decisions: cues, use and its counts, the doses really taken, relapse, leaving treatment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from speciosa.core.stage import Decision, Moment
from speciosa.response.behaviour import (
    BEHAVIOUR,
    CUE,
    DROPOUT,
    SLOTS,
    TAKE,
    USE,
    chance_of_use,
    dropout_hazard,
)
from withdrawal_chain import values

PERSON = {
    "residential_days": 0.0,
    "use_propensity": -2.0,
    "habit_start": 1.0,
    "use_dose_fentanyl": 1000.0,
    "use_dose_heroin": 0.0,
    "use_dose_oxycodone": 0.0,
    "dropout_rate": 0.0055,
    "dropout_rate_residential": 0.27,
    "frailty": 1.0,
}
CALM = {"craving": 3.0, "withdrawal_score": 0.0, "mu_blockade": 0.0, "psqi": 5.0}
NEVER, ALWAYS = 1 - 1e-12, 1e-12


def _values(decision: Decision, **changed: Any) -> dict[str, Any]:
    p = values(decision)
    p |= {name: value for name, value in PERSON.items() if name in decision.covariates}
    return p | changed


def _start(decision: Decision, p: dict[str, Any]) -> dict[str, Any]:
    return {name: p[v] if isinstance(v, str) else v for name, v in decision.memory.items()}


def _at(day: int, clock_hour: float = 10.0) -> Moment:
    return Moment(24.0 * day + clock_hour - 8, clock_hour, float(day))


def _follow(uses: list[int], s: Any = None, **changed: Any) -> list[dict[str, Any]]:
    """Ask the use decision daily and let the chance settle each day as told."""
    p = _values(USE, **changed)
    memory, kept = _start(USE, p), []
    watched = CALM | {"in_treatment": 1.0} | (s or {})
    for day, used in enumerate(uses):
        u = (ALWAYS if used else NEVER,)
        memory, doses = USE.decide(np, _at(day), watched, memory, u, p)
        assert not doses
        kept.append(memory)
    return kept


@pytest.mark.parametrize("decision", BEHAVIOUR, ids=lambda d: d.name)
def test_every_decision_keeps_its_memory_and_gives_rows_of_it(decision: Decision) -> None:
    p = _values(decision)
    s = CALM | {
        "in_treatment": 1.0, "sows_gossop": 5.0, "use_days_7": 0.0, "using_today": 0.0,
        "habit": 1.0,
    }  # fmt: skip
    watched = {name: s[name] for name in decision.watches}
    u = (0.5,) * decision.uniforms
    moment, start = _at(0, decision.hours[0]), _start(decision, p)
    memory, doses = decision.decide(np, moment, watched, start, u, p)
    assert set(memory) == set(decision.memory)
    assert set(decision.gives) <= set(decision.memory)
    assert set(doses) == set(decision.doses)


def test_a_cue_comes_with_its_chance_and_fades_by_a_day() -> None:
    p = _values(CUE)
    s = {"in_treatment": np.ones(3)}
    memory = {"cue": np.array([0.0, 1.0, 1.0])}
    met, _ = CUE.decide(np, _at(5), s, memory, (np.array([0.14, 0.16, 0.99]),), p)
    assert met["cue"] == pytest.approx([1.0, np.exp(-1), np.exp(-1)])


def test_no_cue_in_residence_unless_the_person_has_left() -> None:
    p = _values(CUE, residential_days=3.0)
    u = (np.full(2, 0.01),)
    s = {"in_treatment": np.array([1.0, 0.0])}
    inside, _ = CUE.decide(np, _at(2), s, {"cue": np.zeros(2)}, u, p)
    after, _ = CUE.decide(np, _at(3), s, {"cue": np.zeros(2)}, u, p)
    assert inside["cue"].tolist() == [0.0, 1.0]
    assert after["cue"].tolist() == [1.0, 1.0]


def test_the_chance_of_use_has_the_stated_odds() -> None:
    p = _values(USE)

    def logit(**changed: float) -> float:
        chance = chance_of_use(np, CALM | changed, 0.5, p)
        return float(np.log(chance / (1 - chance)))

    assert logit() == pytest.approx(-2.0 + 3 * 0.157 + 3.5 * 0.5)
    assert logit(craving=4.0) - logit() == pytest.approx(np.log(1.17), abs=0.001)  # McHugh 2014
    assert logit(withdrawal_score=10.0) - logit() == pytest.approx(1.2)
    assert logit(psqi=9.0) - logit() == pytest.approx(0.2)
    assert logit(psqi=2.0) == pytest.approx(logit())


def test_blockade_prevents_use() -> None:
    p = _values(USE)
    free = chance_of_use(np, CALM, 1.0, p)
    full = chance_of_use(np, CALM | {"mu_blockade": 1.0}, 1.0, p)
    half = chance_of_use(np, CALM | {"mu_blockade": 0.5}, 1.0, p)
    assert full / free == pytest.approx(1 - 0.92)
    assert half / free == pytest.approx(1 - 0.92 * 0.5**1.5)


def test_nobody_uses_in_residence_and_leaving_ends_it() -> None:
    p = _values(USE, residential_days=3.0)
    s = CALM | {"in_treatment": np.array([1.0, 0.0])}
    memory = {name: np.full(2, value) for name, value in _start(USE, p).items()}
    inside, _ = USE.decide(np, _at(2), s, memory, (np.full(2, ALWAYS),), p)
    after, _ = USE.decide(np, _at(3), s, memory, (np.full(2, ALWAYS),), p)
    assert inside["using_today"].tolist() == [0.0, 4.0]
    assert after["using_today"].tolist() == [4.0, 4.0]


def test_use_counts_are_exact_over_seven_days() -> None:
    uses = [1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    kept = _follow(uses)
    for day, memory in enumerate(kept):
        assert memory["use_days_7"] == sum(uses[max(0, day - 6) : day + 1])
        assert memory["days_used_total"] == sum(uses[: day + 1])
    assert [m["days_abstinent"] for m in kept[:7]] == [0, 1, 0, 0, 1, 2, 3]
    assert all(m["first_use_day"] == 0 for m in kept)
    assert [m["first_use_day"] for m in _follow([0, 0, 1, 1])] == [-1, -1, 2, 2]


def test_habit_fades_without_use_and_stays_high_with_it() -> None:
    idle = _follow([0] * 10)
    assert idle[-1]["habit"] == pytest.approx(np.exp(-1))
    busy = _follow([1] * 60)
    blocked = _follow([1] * 60, {"mu_blockade": 1.0})
    assert 0.6 < busy[-1]["habit"] < 1
    assert blocked[-1]["habit"] == pytest.approx(np.exp(-6))


def test_doses_of_a_day_fall_with_the_habit() -> None:
    once_a_fortnight = _follow([0] * 5 + [1] + [0] * 14 + [1])
    assert _follow([1])[0]["using_today"] == 4
    assert once_a_fortnight[5]["using_today"] == 2
    assert once_a_fortnight[-1]["using_today"] == 1


def test_relapse_by_seven_days_counts_from_day_21() -> None:
    early = _follow([1] * 30)
    assert [m["relapsed_day"] for m in early[25:29]] == [-1, -1, 27, 27]
    late = _follow([0] * 30 + [1] * 6 + [0] + [1] * 8)
    assert [m["relapsed_day"] for m in late[41:45]] == [-1, -1, 43, 43]


def test_relapse_by_weeks_needs_four_in_a_row() -> None:
    weekly = [1, 0, 0, 0, 0, 0, 0]
    never = [0] * 7
    steady = _follow(weekly * 7)
    broken = _follow(never * 3 + weekly * 3 + never + weekly * 3)
    assert [m["relapsed_day"] for m in steady[47:49]] == [-1, 48]
    assert broken[-1]["relapsed_day"] == -1
    assert broken[41]["weeks_with_use_streak"] == 3
    assert broken[48]["weeks_with_use_streak"] == 0


def _doses_by_slot(using: float, **person: float) -> list[float]:
    p = _values(TAKE, street_dose_spread=0.0, **person)
    s = {"using_today": using, "habit": 1.0}
    entry = "oxycodone_oral" if person else "fentanyl_intravenous"
    return [
        float(TAKE.decide(np, _at(1, hour), s, {"uses_total": 0.0}, (0.3, 0.3), p)[1][entry])
        for hour in SLOTS
    ]


@pytest.mark.parametrize(
    ("using", "slots"),
    [(0, [0, 0, 0, 0]), (1, [0, 0, 1, 0]), (2, [0, 1, 0, 1]), (4, [1, 1, 1, 1])],
)
def test_doses_are_taken_at_their_slots(using: float, slots: list[int]) -> None:
    assert _doses_by_slot(using) == pytest.approx([1000.0 * slot for slot in slots])


def test_only_the_persons_drug_is_taken() -> None:
    person = {"use_dose_fentanyl": 0.0, "use_dose_oxycodone": 5e4}
    p = _values(TAKE, **person)
    memory, doses = TAKE.decide(
        np, _at(1, SLOTS[0]), {"using_today": 4.0, "habit": 1.0}, {"uses_total": 2.0}, (0.2, 0.7), p
    )
    assert doses == {"fentanyl_intravenous": 0, "heroin_intravenous": 0, "oxycodone_oral": 5e4}
    assert memory["uses_total"] == 3


def test_street_doses_vary_log_normally_around_the_usual_one() -> None:
    rng = np.random.default_rng(5)
    u = tuple(rng.uniform(size=(2, 20_000)))
    p = _values(TAKE)
    s = {"using_today": np.full(20_000, 4.0), "habit": 1.0}
    _, doses = TAKE.decide(np, _at(1, SLOTS[0]), s, {"uses_total": np.zeros(20_000)}, u, p)
    logs = np.log(doses["fentanyl_intravenous"] / 1000.0)
    assert logs.mean() == pytest.approx(0, abs=0.01)
    assert logs.std() == pytest.approx(0.3, abs=0.01)


def test_a_dose_is_smaller_once_the_habit_is_gone() -> None:
    p = _values(TAKE, street_dose_spread=0.0)
    taken = [
        float(TAKE.decide(np, _at(1, SLOTS[2]), {"using_today": 1.0, "habit": habit},
                          {"uses_total": 0.0}, (0.3, 0.3), p)[1]["fentanyl_intravenous"])
        for habit in (1.0, 0.5, 0.0)
    ]  # fmt: skip
    share = p["lapse_dose_share"]
    assert taken == pytest.approx([1000.0, 500.0 * (1 + share), 1000.0 * share])


def _hazard(residential: float = 0.0, **changed: float) -> float:
    s = {"withdrawal_score": 0.0, "sows_gossop": 8.8, "mu_blockade": 0.0, "use_days_7": 0.0}
    return float(dropout_hazard(np, s | changed, residential, _values(DROPOUT)))


def test_the_outpatient_hazard_follows_use_blockade_and_score() -> None:
    assert _hazard() == pytest.approx(0.0055)
    assert _hazard(use_days_7=3.0) / _hazard() == pytest.approx(6.25, abs=0.02)
    guarded = _hazard(use_days_7=1.0, mu_blockade=1.0) / _hazard(mu_blockade=1.0)
    assert guarded == pytest.approx(1.67, abs=0.02)
    assert _hazard(withdrawal_score=10.0) / _hazard() == pytest.approx(np.exp(0.6))


def test_the_residential_hazard_follows_sows() -> None:
    assert _hazard(1.0) == pytest.approx(0.27)
    protected = 1 - _values(DROPOUT)["blockade_protects"]
    assert _hazard(1.0, mu_blockade=1.0) / _hazard(1.0) == pytest.approx(protected)
    assert _hazard(1.0, sows_gossop=6.1) / _hazard(1.0) == pytest.approx(np.exp(-0.2 * 2.7))
    assert _hazard(1.0, use_days_7=7.0) == pytest.approx(_hazard(1.0))


def test_leaving_is_for_good_and_dated() -> None:
    p = _values(DROPOUT, residential_days=2.0)
    s = {"withdrawal_score": 0.0, "sows_gossop": 8.8, "mu_blockade": 0.0, "use_days_7": 0.0}
    memory = {"in_treatment": np.ones(2), "dropout_day": np.full(2, -1.0)}
    days = ((0, [0.9, 0.9]), (1, [0.2, 0.9]), (2, [0.9, 0.9]), (3, [0.001, 0.004]))
    seen = []
    for day, u in days:
        memory, _ = DROPOUT.decide(np, _at(day), s, memory, (np.array(u),), p)
        seen.append(memory["in_treatment"].tolist())
    assert seen == [[1, 1], [0, 1], [0, 1], [0, 0]]
    assert memory["dropout_day"].tolist() == [1, 3]
