"""Operating characteristics: what is asked is checked, and known answers are found again."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from speciosa.cli import main
from speciosa.core.errors import InputError, SpeciosaError
from speciosa.verdict import power as module
from speciosa.verdict.operating import plan, simulate_trials
from speciosa.verdict.pool import enrol, worlds
from speciosa.verdict.power import by_probit, power, read_sizes
from speciosa.verdict.sample_size import power_of_means
from speciosa.view.power import print_power, write_power
from trial_pool import PAIR, made_up, planned

BOTH = f'estimands = ["treatment policy", "while on treatment"]\n{PAIR}'


@pytest.fixture(scope="module")
def document():
    patch = pytest.MonkeyPatch()
    patch.setattr(
        module, "run_trial",
        lambda study, **_: made_up(study, effects={"kratom": 2.0}, worlds=study.draws),
    )  # fmt: skip
    with patch.context():
        study = planned(analysis=BOTH)
        found = power(study, sizes=(30, 60, 120), trials=120, draws=3, people=100)
    patch.undo()
    return found


def row(document, estimand, size):
    found = [
        r for r in document["rows"] if r["estimand"] == estimand and r["people_per_arm"] == size
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("estimand", ["treatment policy", "while on treatment"])
def test_power_grows_and_agrees_with_the_formula(document, estimand):
    powers = [row(document, estimand, size)["power"] for size in (30, 60, 120)]
    assert powers == sorted(powers) and powers[-1] > powers[0] + 0.2
    for size in (30, 60, 120):
        one = row(document, estimand, size)
        assert one["power"] == pytest.approx(one["power_by_formula"], abs=0.13)
        assert one["power_error"] == pytest.approx(np.sqrt(one["power"] * (1 - one["power"]) / 120))
        assert abs(one["bias"]) < 4 * one["bias_error"]
        assert one["coverage"] > 0.88
        assert one["type_one_error"] < 0.1
        assert np.mean(one["power_by_world"]) == pytest.approx(one["power"])


def test_the_document_says_how_trials_were_made(document):
    assert "resampled" in document["notice"] and "not observed" in document["notice"].lower()
    assert document["pool"]["worlds"] == 3
    json.dumps(document, allow_nan=False)


def test_the_sample_size_for_a_target(document):
    for each in document["sample_sizes"]:
        assert 30 < each["simulated"] < 160
        assert each["simulated"] == pytest.approx(each["formula"], rel=0.35)


def test_a_size_is_found_again_from_exact_powers():
    rows = [
        {"people_per_arm": n, "power_by_world": [power_of_means(n, 0.5, 1.0, alpha=0.025, sides=1)]}
        for n in (30, 60, 90)
    ]
    assert by_probit(rows, 0.025, 0.8) == pytest.approx(64, abs=2)
    certain = [{**r, "power_by_world": [p]} for r, p in zip(rows, (0.8, 1.0, 1.0), strict=True)]
    assert by_probit(certain, 0.025, 0.8) == pytest.approx(30, abs=4)
    half = [{**r, "power_by_world": [*r["power_by_world"], 0.0]} for r in rows]
    assert by_probit(half, 0.025, 0.8) is None


def test_the_page_and_the_terminal_show_it(document, tmp_path):
    page = write_power(document, tmp_path / "power").read_text(encoding="utf-8")
    assert "Power curve" in page and "not observed" in page
    assert "://" not in page.split("<script")[0]
    shown = Console(record=True, width=100, file=open("/dev/null", "w"))  # noqa: SIM115
    print_power(document, to=shown)
    text = shown.export_text()
    assert "people per arm" in text and "Coverage" in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 100


@pytest.mark.parametrize(
    ("options", "words"),
    [({"sizes": (2,)}, "people per arm"), ({"trials": 5}, "trials"), ({"target": 2.0}, "target")],
)
def test_what_cannot_be_asked(options, words):
    with pytest.raises(InputError, match=words):
        power(planned(), **options)


def test_sizes_are_whole_numbers():
    assert read_sizes("100, 50") == [50, 100]
    with pytest.raises(InputError, match="list of sizes"):
        read_sizes("many")


def test_people_are_allocated_in_blocks_within_strata():
    study = planned(design='strata = ["male"]\nblock = 3', analysis=PAIR)
    pool = worlds(made_up(study), plan(study).arms)
    found = enrol(pool[0], [0, 1], 30, seed=1, trial=4, block=3)
    again = enrol(pool[0], [0, 1], 30, seed=1, trial=4, block=3)
    assert (found.group == again.group).all() and (found.person == again.person).all()
    for stratum in (0, 1):
        mine = found.group[pool[0].strata[found.person] == stratum]
        whole = mine[: mine.size - mine.size % 6].reshape(-1, 6)
        assert (whole.sum(axis=1) == 3).all()


def test_screening_turns_people_away_and_says_so():
    study = planned(design="screening = [12, 20]", analysis=PAIR)
    pool = worlds(made_up(study), plan(study).arms)
    assert pool[0].covariates[:, 0].min() >= 12
    assert 0.3 < pool[0].screened < 0.7
    narrow = planned(design="screening = [29, 30]", analysis=PAIR)
    with pytest.raises(SpeciosaError, match="screening"):
        worlds(made_up(narrow), plan(narrow).arms)


def test_a_group_sequential_trial_takes_fewer_people():
    design = 'kind = "group-sequential"\nlooks = [0.5, 1.0]\nboundary = "obrien-fleming"'
    study = planned(design=design, analysis=PAIR)
    pool = worlds(made_up(study, effects={"kratom": 4.0}), plan(study).arms)
    found = simulate_trials(plan(study), pool, 60, 40, null=False)
    one = found["kratom - placebo", "treatment policy"]
    assert one.rejects.mean() > 0.9
    assert set(one.people) <= {60.0, 120.0} and one.people.mean() < 110


def test_several_arms_are_judged_together():
    pairs = 'compare = [["melatonin", "placebo"], ["kratom", "placebo"]]'
    alone = planned(analysis=pairs)
    pool = worlds(made_up(alone, effects={"kratom": 2.5}), plan(alone).arms)
    rejected = {}
    for rule in ("none", "holm", "fixed sequence"):
        study = planned(analysis=f'{pairs}\nmultiplicity = "{rule}"')
        found = simulate_trials(replace(plan(alone), study=study), pool, 60, 60, null=False)
        rejected[rule] = found["kratom - placebo", "treatment policy"].rejects.sum()
    assert rejected["fixed sequence"] < rejected["holm"] <= rejected["none"]


def test_whoever_is_not_followed_is_missing_under_treatment_policy():
    study = planned(visits='follow = "while in treatment"', analysis=PAIR)
    run = made_up(study, leaving=0.4)
    world = worlds(run, plan(study).arms)[0]
    place = plan(study).arms.index("kratom")
    gone = ~world.staying[:, place, -1]
    assert 0.2 < gone.mean() < 0.7
    assert (np.isnan(world.observed["treatment policy"][:, place]) == gone).all()
    assert np.isfinite(world.truth["treatment policy"]).all()


def command(words, monkeypatch, capsys):
    monkeypatch.setattr(
        module, "run_trial",
        lambda study, **_: made_up(study, effects={"kratom": 2.0}, worlds=study.draws),
    )  # fmt: skip
    with pytest.raises(SystemExit) as left:
        main(words)
    return left.value.code, capsys.readouterr()


def test_the_command_prints_one_object_and_writes_its_page(tmp_path, monkeypatch, capsys):
    study = tmp_path / "planned.toml"
    study.write_text(planned(analysis=BOTH).text, encoding="utf-8")
    words = ["power", str(study), "--n", "20,40", "--trials", "30", "--draws", "2", "--json"]
    code, told = command([*words, "--out", str(tmp_path / "out")], monkeypatch, capsys)
    assert code == 0
    document = json.loads(told.out)
    assert [row["people_per_arm"] for row in document["rows"]] == [20, 20, 40, 40]
    assert json.loads((tmp_path / "out" / "power.json").read_text()) == document
    assert (tmp_path / "out" / "power.html").stat().st_size > 100_000


def test_the_command_tells_a_mistake_in_one_line(monkeypatch, capsys):
    code, told = command(["power", "combination-opioid", "--n", "few"], monkeypatch, capsys)
    assert code == 2 and told.out == ""
    assert told.err == 'speciosa: --n: "few" is no list of sizes. Write 50,100,200.\n'
