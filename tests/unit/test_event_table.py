"""Event tables: bolus, infusion, lag, steady state and additional doses agree with closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from speciosa.core.errors import InputError
from speciosa.core.event_table import Event, read_events, spread_out, write_events
from speciosa.core.linear_drug import Link, linear_drug
from speciosa.core.stage import Parameter, Stage, State
from speciosa.core.stage_run import run_events
from toy import DRUG

KA, K, V, DOSE = 1.3, 0.2, 20.0, 100.0
P = {"ka": KA, "k": K, "V": V}
STAGE = linear_drug(
    "example",
    compartments=("gut", "plasma"),
    links=(Link("gut", "ka", "plasma"), Link("plasma", "k")),
    entries={"oral": {"gut": None}, "intravenous": {"plasma": None}},
    outputs={"plasma": {"plasma": "V"}},
    parameters={
        symbol: Parameter(f"example.{symbol}", unit)
        for symbol, unit in (("ka", "1/h"), ("k", "1/h"), ("V", "L"))
    },
    constants=lambda p: {},
)  # fmt: skip
TIMES = (0.5, 1.0, 3.0, 7.5, 20.0)
ORAL, VEIN = 1, 2


def seen(*doses: Event, times: tuple[float, ...] = TIMES, **options: object) -> np.ndarray:
    looks = [Event(1, t) for t in times]
    return np.array(
        [row["plasma"] for row in run_events(STAGE, P, [*doses, *looks], **options)]  # type: ignore[arg-type]
    )


def after_oral(t: np.ndarray) -> np.ndarray:
    later = np.maximum(t, 0.0)
    return DOSE * KA / V / (KA - K) * (np.exp(-K * later) - np.exp(-KA * later))


def close(found: np.ndarray, wanted: np.ndarray) -> None:
    assert np.max(np.abs(found - wanted)) <= 1e-6 * np.max(np.abs(wanted))


def test_bolus() -> None:
    t = np.array(TIMES)
    close(seen(Event(1, 0.0, DOSE, 1, VEIN)), DOSE / V * np.exp(-K * t))
    close(seen(Event(1, 0.0, DOSE, 1, ORAL)), after_oral(t))


def test_infusion() -> None:
    t, rate = np.array(TIMES), 25.0
    length = DOSE / rate
    wanted = rate / V / K * (1 - np.exp(-K * np.minimum(t, length)))
    wanted = wanted * np.exp(-K * np.maximum(t - length, 0.0))
    close(seen(Event(1, 0.0, DOSE, 1, VEIN, rate=rate)), wanted)


def test_lag() -> None:
    t = np.array(TIMES)
    close(seen(Event(1, 0.0, DOSE, 1, ORAL), lags={"oral": 0.75}), after_oral(t - 0.75))


def test_additional_doses() -> None:
    t = np.array(TIMES)
    wanted = sum(after_oral(t - 6.0 * n) for n in range(4))
    close(seen(Event(1, 0.0, DOSE, 1, ORAL, ii=6.0, addl=3)), wanted)


@pytest.mark.parametrize("rate", [0.0, 50.0])
def test_steady_state(rate: float) -> None:
    t, tau = np.array((0.0, 0.5, 1.0, 3.0, 5.5)), 6.0
    found = seen(Event(1, 0.0, DOSE, 1, VEIN, rate=rate, ii=tau, ss=1), times=tuple(t))
    if not rate:
        close(found, DOSE / V * np.exp(-K * t) / (1 - np.exp(-K * tau)))
        return
    length = DOSE / rate
    trough = rate / V / K * (1 - np.exp(-K * length)) * np.exp(-K * (tau - length))
    trough /= 1 - np.exp(-K * tau)
    during = trough * np.exp(-K * t) + rate / V / K * (1 - np.exp(-K * np.minimum(t, length))) * (
        np.exp(-K * np.maximum(t - length, 0.0))
    )
    close(found, during)


def test_steady_state_of_a_stage_that_is_not_linear_is_where_many_doses_lead() -> None:
    p = {"ka": KA, "k": K, "V": V, "F": 0.5, "growth": 0.7, "stock_at_start": 0.1}
    steady = run_events(DRUG, p, [Event(1, 0.0, DOSE, 1, 1, ii=8.0, ss=1), Event(1, 3.0)])
    many = run_events(DRUG, p, [Event(1, 0.0, DOSE, 1, 1, ii=8.0, addl=30), Event(1, 243.0)])
    assert steady[0]["level"] == pytest.approx(many[0]["level"], rel=1e-6)
    assert steady[0]["stock"] == pytest.approx(1.0, rel=1e-6)


def test_reset_and_ties() -> None:
    doses = [Event(1, 0.0, DOSE, 1, VEIN), Event(1, 2.0, DOSE, 4, VEIN)]
    found = seen(*doses, times=(2.0, 3.0))  # the dose comes before the observation at its time
    close(found, DOSE / V * np.exp(-K * np.array([0.0, 1.0])))


def test_a_reset_ends_an_infusion() -> None:
    infusion = Event(1, 0.0, DOSE, 1, VEIN, rate=25.0)
    found = seen(infusion, Event(1, 2.0, evid=3), times=(1.0, 2.0, 5.0))
    close(found, np.array([25.0 / V / K * (1 - np.exp(-K)), 0.0, 0.0]))


def test_a_lagged_dose_at_steady_state() -> None:
    t, tau, lag = np.array((0.0, 0.5, 1.0, 5.5)), 6.0, 0.75
    found = seen(
        Event(1, 0.0, DOSE, 1, VEIN, ii=tau, ss=1), times=tuple(t), lags={"intravenous": lag}
    )
    close(found, DOSE / V * np.exp(-K * ((t - lag) % tau)) / (1 - np.exp(-K * tau)))


@pytest.mark.parametrize(
    "anew, said",
    [
        (Event(1, 3.0, evid=3), "EVID 3 before additional or lagged doses"),
        (Event(1, 3.0, DOSE, 4, VEIN), "EVID 4 before additional"),
        (Event(1, 3.0, DOSE, 1, VEIN, ii=6.0, ss=1), "SS 1 before additional"),
        (Event(1, 6.0, evid=3), "EVID 3 before additional"),
    ],
)
def test_a_new_beginning_among_doses_to_come_is_refused(anew: Event, said: str) -> None:
    with pytest.raises(InputError, match=said):
        seen(Event(1, 0.0, DOSE, 1, ORAL, ii=4.0, addl=2), anew)


def test_a_reset_after_a_dose_at_its_time_is_refused() -> None:
    with pytest.raises(InputError, match="EVID 3 after a dose at its time"):
        seen(Event(1, 0.0, DOSE, 1, VEIN), Event(1, 0.0, evid=3))


def test_what_the_table_leaves_out() -> None:
    rows = "ID,TIME,AMT,DV\n1,0,5,.\n1,1,.,.\n1,2,.,0.5\n"
    assert [(one.evid, one.mdv) for one in read_events("\ufeff" + rows)] == [(1, 1), (0, 1), (0, 0)]


def test_a_table_is_read_back_as_it_was_written() -> None:
    events = (Event(1, 0.0, 1 / 3, 1, 2, rate=0.1, ii=12.0, addl=2), Event(1, 0.0, dv=0.7))
    assert read_events(write_events(reversed(events))) == events
    assert len(spread_out(events)) == 4


def test_held_inputs_are_read_where_they_are_named_and_carried_forward() -> None:
    table = "ID,TIME,EVID,AMT,lux,asleep\n1,0,2,.,300,0\n1,1,1,5,300,0\n1,2,0,.,0.1,1\n"
    found = read_events(table, inputs=("lux", "asleep"))
    assert [dict(one.held)["lux"] for one in found] == [300.0, 300.0, 0.1]
    assert read_events(write_events(found), inputs=("lux", "asleep")) == found
    with pytest.raises(InputError, match='column "lux" is unknown'):
        read_events(table, inputs=("asleep",))
    with pytest.raises(InputError, match='no column "luxx"'):
        read_events(table, inputs=("lux", "asleep", "luxx"))
    with pytest.raises(InputError, match='lux "bright" is no number'):
        read_events(table.replace("0.1", "bright"), inputs=("lux", "asleep"))


def test_a_record_that_holds_an_input_changes_it() -> None:
    grows = Stage(
        "grown", {"speed": "1/h"}, {"size": "1"}, lambda xp, x, s, p: {"size": x["size"]},
        states={"size": State("1", 1.0)}, rates=lambda xp, x, s, p: {"size": s["speed"]},
    )  # fmt: skip
    held = [
        Event(1, 0.0, evid=2, held=(("speed", 2.0),)),
        Event(1, 1.0, evid=2, held=(("speed", 0.5),)),
    ]
    seen = run_events(grows, {}, [*held, Event(1, 3.0)])
    assert seen[0]["size"] == pytest.approx(2.0 * 1 + 0.5 * 2, abs=1e-9)


@pytest.mark.parametrize(
    "row, said",
    [
        ("1,0,5,7,1,0,0,0,0", "EVID 7"),
        ("1,0,5,1,1,-2,0,0,0", "RATE -2"),
        ("1,0,5,1,1,0,0,0,2", "SS 2"),
        ("1,0,5,1,1,0,0,3,0", "ADDL without II"),
        ("1,0,5,1,1,0,0,0,1", "SS without II"),
        ("1,0,5,1,1,0,8,0,0", "II without ADDL or SS"),
        ("1,0,5,0,1,0,0,0,0", "AMT where nothing is given"),
        ("1,0,99,1,1,1,8,0,1", "an infusion longer than II"),
        ("1,0,0,1,1,0,0,0,0", "a dose with AMT 0"),
        ("1,0,.,1,1,5,0,0,0", "a dose with AMT 0"),
        ("1,0,-5,1,1,5,0,0,0", "AMT below 0 with RATE or SS"),
        ("1,0,-5,1,1,0,8,0,1", "AMT below 0 with RATE or SS"),
        ("1,0,5,1,0,0,0,0,0", "a dose with CMT 0"),
        ("1,0,0,2,-1,0,0,0,0", "CMT -1"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(row: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_events(f"ID,TIME,AMT,EVID,CMT,RATE,II,ADDL,SS\n{row}\n")


def test_unknown_columns_and_compartments_are_refused() -> None:
    with pytest.raises(InputError, match=r'column "RAET" is unknown.*RATE'):
        read_events("ID,TIME,RAET\n1,0,3\n")
    with pytest.raises(InputError, match="CMT 3 is no dose entry"):
        seen(Event(1, 0.0, DOSE, 1, 3))
    with pytest.raises(InputError, match="more fields than columns"):
        read_events("ID,TIME\n1,0,3\n")
    with pytest.raises(InputError, match="fewer fields than columns"):
        read_events("ID,TIME,AMT\n1,0\n")
    with pytest.raises(InputError, match='column "TIME" stands twice'):
        read_events("ID,TIME,time\n1,0,3\n")
    with pytest.raises(InputError, match="MDV 2"):
        read_events("ID,TIME,MDV\n1,0,2\n")
    with pytest.raises(InputError, match='AMT "1_000" is no number'):
        read_events("ID,TIME,AMT\n1,0,1_000\n")
    with pytest.raises(InputError, match="TIME is not finite"):
        read_events("ID,TIME\n1,inf\n")
    with pytest.raises(InputError, match="is no number"):
        read_events("ID,TIME\n1,soon\n")
