"""Visits and both paths of a person, from a run of the engine that is small enough to wait for."""

from __future__ import annotations

import tomllib

import numpy as np
import polars as pl
import pytest

from small_trial import TEXT, make_small
from speciosa.trial.run import run_trial
from speciosa.trial.study import read_study
from speciosa.trial.visits import estimand_column

PROTOCOL = """
[visits]
days = [1, 2]
follow = "while in treatment"

[analysis]
estimands = ["treatment policy", "while on treatment", "hypothetical"]
compare = [["melatonin", "placebo"]]

[population]
dropout_rate = "behaviour.dropout_rate_buprenorphine"
"""


@pytest.fixture(scope="module")
def run():
    text = TEXT.replace("[population]", PROTOCOL).replace("residential_days = 3", "")
    study = read_study(tomllib.loads(text), "visits.toml", text)
    with pytest.MonkeyPatch.context() as patch:
        make_small(patch)
        yield run_trial(study.resized(draws=3))


def test_a_visit_is_seen_only_while_in_treatment(run):
    rows = run.visits
    assert set(rows["day"]) == {1, 2}
    assert rows.height == run.subjects.height * 2
    seen = rows["observed"].is_not_nan()
    assert (seen == rows["in_treatment"]).all()


def test_who_never_leaves_has_one_path(run):
    stayed = run.subjects.filter(pl.col("dropout_day").is_nan()).select("draw", "person", "arm")
    rows = run.visits.join(stayed, on=["draw", "person", "arm"])
    assert rows.height > 0
    np.testing.assert_allclose(rows["path"], rows["path_without_event"], atol=1e-4)


def test_the_estimands_agree_in_who_never_leaves(run):
    stayed = run.subjects.filter(pl.col("dropout_day").is_nan())
    columns = [f"true_{estimand_column('sows', s)}" for s in run.study.protocol.analysis.estimands]
    values = stayed.select(columns).to_numpy()
    np.testing.assert_allclose(values, values[:, :1].repeat(3, axis=1), atol=1e-6)
    left = run.subjects.filter(pl.col("dropout_day").is_not_nan()).select(columns).to_numpy()
    assert left.shape[0] > 0
    assert np.ptp(left, axis=1).max() > 0.01


def test_the_baseline_is_the_same_in_every_arm(run):
    wide = run.subjects.pivot(on="arm", index=["draw", "person"], values="baseline")
    np.testing.assert_allclose(wide["melatonin"], wide["placebo"], rtol=1e-6)
    assert wide["placebo"].std() > 0.5


RESCUE = """
[design]
rescue = ["lofexidine 0.54 mg as needed when COWS > 8 up to 3 per day"]

[estimand]
rescue = "hypothetical"

[visits]
days = [1, 2]

[population]
"""


@pytest.fixture(scope="module")
def rescued(tmp_path_factory):
    text = TEXT.replace("[population]", RESCUE)
    study = read_study(tomllib.loads(text), "rescue.toml", text)
    at = tmp_path_factory.mktemp("rescue") / "run"
    with pytest.MonkeyPatch.context() as patch:
        make_small(patch)
        yield at, run_trial(study.resized(draws=2), out=at)


def test_a_rescue_lowers_withdrawal_below_the_path_without_it(rescued):
    _, trial = rescued
    rows = trial.visits.filter(arm="placebo", day=2)
    gain = (rows["path_without_event"] - rows["path"]).to_numpy()
    assert gain.mean() > 0.05 and (gain > 0.05).any()
    columns = trial.subjects.filter(arm="placebo")
    path = trial.visits.filter(arm="placebo")["path_without_event"].mean()
    assert columns["true_sows"].mean() == pytest.approx(path, rel=1e-4)


def test_the_decisions_tell_who_took_the_rescue_and_how_often(rescued):
    at, trial = rescued
    rows = pl.read_parquet(at / "decisions" / "*.parquet")
    taken = rows.filter(pl.col("decision").str.contains("lofexidine"), arm="placebo")
    assert taken.height > 0 and set(taken["value"]) <= {1.0, 2.0, 3.0}
    never = trial.visits.filter(arm="placebo").join(taken, on=["draw", "person"], how="anti")
    assert never.height > 0
    np.testing.assert_allclose(never["path_without_event"], never["path"], atol=1e-4)
    gone = rows.filter(decision="leave")
    left = trial.subjects.filter(pl.col("dropout_day").is_not_nan())
    assert gone.height >= left.height
    assert rows["day"].min() >= 1 and rows["day"].max() <= 3
