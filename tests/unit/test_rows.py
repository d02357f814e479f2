"""Long tables: read a few people at a time they give what the whole table gives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from small_trial import TEXT, make_small, small_study
from speciosa.core.errors import InputError
from speciosa.trial import folder as folder_module
from speciosa.trial import rows as rows_module
from speciosa.trial.folder import parts, table_in
from speciosa.trial.rows import Rows, batches, collected, means_by_draw
from speciosa.trial.run import run_trial
from speciosa.trial.summary import finished
from speciosa.verdict.appraise import judge_run
from speciosa.verdict.effect import EndpointSpec, contrast_by_draw, effect, level
from speciosa.verdict.flow import flow, retention
from speciosa.verdict.record import TrialRecord
from speciosa.verdict.tables import standard_tables

ARMS, PEOPLE, CHUNK = ("placebo", "kratom"), 70, 40
COWS = EndpointSpec("cows", "COWS", "points", "lower", 1.0)


@pytest.fixture
def long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rows:
    """Five draws of seventy people in chunks of forty, so that draws stand in several chunks."""
    random = np.random.default_rng(4)
    (tmp_path / "subjects").mkdir()
    number = np.arange(5 * PEOPLE)
    for n, mine in enumerate(np.split(number, range(CHUNK, number.size, CHUNK))):
        for i, arm in enumerate(ARMS):
            score = random.normal(10 - 2 * i, 3, mine.size)
            score[random.random(mine.size) < 0.1] = np.nan
            score[mine // PEOPLE == 3] = np.nan  # a draw of which nothing is known
            frame = pl.DataFrame(
                {
                    "draw": mine // PEOPLE, "person": mine % PEOPLE, "arm": [arm] * mine.size,
                    "cows": score, "age": random.normal(40, 9, mine.size),
                    "failed": np.isnan(score), "drug": ["fentanyl", "heroin"] * (mine.size // 2),
                    "dropout_day": np.where(random.random(mine.size) < 0.4, 9.0, np.nan),
                }
            )  # fmt: skip
            frame.write_parquet(tmp_path / "subjects" / f"part-{n * len(ARMS) + i:05d}.parquet")
    monkeypatch.setattr(folder_module, "MANY", 100)
    monkeypatch.setattr(rows_module, "TOGETHER", 2 * CHUNK * len(ARMS))
    found = table_in(tmp_path, "subjects", ARMS)
    assert isinstance(found, Rows)
    return found


def test_a_batch_holds_every_arm_of_its_people(long: Rows) -> None:
    seen = list(long.batches(["draw", "person", "arm"]))
    assert len(seen) > 2
    assert sum(map(len, seen)) == len(long) == 2 * 5 * PEOPLE
    for batch in seen:
        assert (batch.group_by("draw", "person").len()["len"] == len(ARMS)).all()
    assert {arm for b in batches(long, ["arm"], ["kratom"]) for arm in b["arm"]} == {"kratom"}


def test_contrasts_are_those_of_the_whole_table(long: Rows) -> None:
    whole = collected(long)
    for weights in ({"kratom": 1.0, "placebo": -1.0}, {"kratom": 1.0}):
        mine, theirs = (contrast_by_draw(t, "cows", weights, 2.0) for t in (long, whole))
        assert mine.draw.tolist() == theirs.draw.tolist() == [0, 1, 2, 4]
        assert mine.people.tolist() == theirs.people.tolist()
        assert mine.asked == theirs.asked == 5 * PEOPLE
        np.testing.assert_allclose(mine.delta, theirs.delta, rtol=1e-12)
        np.testing.assert_allclose(mine.error, theirs.error, rtol=1e-12)
    assert effect(long, COWS, "kratom", "placebo").estimate == pytest.approx(
        effect(whole, COWS, "kratom", "placebo").estimate
    )
    assert level(long, COWS, "kratom").estimate == pytest.approx(
        level(whole, COWS, "kratom").estimate
    )


def test_means_counts_and_tables_are_those_of_the_whole_table(long: Rows) -> None:
    whole = collected(long)
    key = ["arm", "draw"]
    mine, theirs = (means_by_draw(t, ["cows", "age"]).sort(key) for t in (long, whole))
    assert mine.select(key).equals(theirs.select(key))
    for column in ("cows", "age"):
        assert mine[column].is_null().to_list() == theirs[column].is_null().to_list()
        np.testing.assert_allclose(
            mine[column].drop_nulls().to_numpy(), theirs[column].drop_nulls().to_numpy()
        )
    assert mine["cows"].null_count() == len(ARMS)
    assert flow(long, ARMS, 28) == flow(whole, ARMS, 28)
    assert retention(long, ARMS, 14) == retention(whole, ARMS, 14)
    made = [
        standard_tables(TrialRecord(t, (COWS,), ARMS, control="placebo"), 28) for t in (long, whole)
    ]
    for part in ("flow", "baseline", "disposition"):
        assert made[0][part] == made[1][part]
    assert [row["label"] for row in made[0]["baseline"]] == [
        "Age", "Uses fentanyl", "Uses heroin",
    ]  # fmt: skip


def test_a_person_who_stands_twice_is_found_in_a_long_table_too(long: Rows) -> None:
    first = long.files[0]
    frame = pl.read_parquet(first)
    pl.concat([frame, frame[:1]]).write_parquet(first)
    with pytest.raises(InputError, match="stands in two rows"):
        TrialRecord(long, (COWS,), ARMS, control="placebo")


def test_more_files_than_five_digits_stay_in_order(tmp_path: Path) -> None:
    (tmp_path / "subjects").mkdir()
    for number in (99_999, 100_000, 7):
        (tmp_path / "subjects" / f"part-{number:05d}.parquet").touch()
    assert [int(file.stem[5:]) for file in parts(tmp_path, "subjects")] == [7, 99_999, 100_000]


def test_a_run_that_is_read_in_parts_has_the_same_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_small(monkeypatch)
    held = run_trial(small_study(), out=tmp_path / "run")
    assert isinstance(held.subjects, pl.DataFrame)
    told = finished(tmp_path / "run").means
    monkeypatch.setattr(folder_module, "MANY", 10)
    monkeypatch.setattr(rows_module, "TOGETHER", 60)
    again = run_trial(small_study(), out=tmp_path / "run", resume=True)
    assert isinstance(again.subjects, Rows)
    first, second = (judge_run(run).document for run in (held, again))
    same(dict(first), dict(second))
    assert finished(tmp_path / "run").means == told


def same(first: Any, second: Any, where: str = "") -> None:
    """The two documents agree, numbers to the last digits; only the time may differ."""
    if isinstance(first, dict):
        assert first.keys() == second.keys(), where
        for key in first.keys() - {"seconds"}:
            same(first[key], second[key], f"{where}/{key}")
    elif isinstance(first, (list, tuple)):
        assert len(first) == len(second), where
        for k, (a, b) in enumerate(zip(first, second, strict=True)):
            same(a, b, f"{where}/{k}")
    elif isinstance(first, float):
        assert second == pytest.approx(first, rel=1e-9, abs=1e-12), where
    else:
        assert first == second, where


# ---- memory -------------------------------------------------------------------------------------

READ = """
import json, resource, sys
from pathlib import Path
from speciosa.evidence.load import load_evidence
from speciosa.trial.folder import table_in
from speciosa.trial.kept import JUDGED
from speciosa.trial.run import prepared, record_of
from speciosa.trial.study import load_study
from speciosa.verdict.appraise import judge_run

at, evidence = Path(sys.argv[1]), load_evidence()
study = load_study(at / "study.toml")
arms = tuple(arm.name for arm in study.arms)
tables = {name: table_in(at, name, arms) for name in JUDGED}
judged = judge_run(record_of(prepared(study, evidence), study, evidence, tables, 1.0)).document
print(json.dumps({
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "people": len(tables["subjects"]), "judged": judged["tables"]["flow"]["people"],
}))
"""


@pytest.mark.slow
def test_memory_of_the_judge_does_not_grow_with_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_small(monkeypatch)
    seed = tmp_path / "seed"
    run_trial(small_study(), out=seed)
    found = {draws: judged(seed, tmp_path / str(draws), draws) for draws in (50, 500)}
    assert [each["judged"] for each in found.values()] == [10_000, 100_000]
    assert found[500]["people"] == 3 * 100_000
    assert found[500]["peak"] < 600.0  # MiB, beside which a solver has room
    assert found[500]["peak"] < 1.25 * found[50]["peak"]


def judged(seed: Path, at: Path, draws: int) -> dict[str, Any]:
    """Write a run of two hundred people a draw out of a small one's tables, and judge it in a
    process of its own."""
    each, chunk = 200, 800
    text = TEXT.replace("draws = 3", f"draws = {draws}")
    at.mkdir()
    (at / "study.toml").write_text(text.replace("people_per_arm = 20", f"people_per_arm = {each}"))
    arms = small_study().arms
    number = np.arange(draws * each)
    for table in ("subjects", "visits", "courses"):
        (at / table).mkdir()
        for i in range(len(arms)):
            frame = pl.read_parquet(parts(seed, table)[i])
            for n, mine in enumerate(np.split(number, range(chunk, number.size, chunk))):
                rows = frame if table == "courses" and n == 0 else frame[:0]
                if table == "subjects":
                    rows = frame[np.arange(mine.size) % len(frame)].with_columns(
                        draw=pl.Series(mine // each), person=pl.Series(mine % each)
                    )
                rows.write_parquet(at / table / f"part-{n * len(arms) + i:05d}.parquet")
    ended = subprocess.run(
        [sys.executable, "-c", READ, str(at)], capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    return dict(json.loads(ended.stdout.splitlines()[-1]))
