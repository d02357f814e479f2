"""One simulated pool in which no remedy does anything, and studies resampled from it.

The engine simulates the default study with every edge of the remedies at zero: claimed effects and
what melatonin does to sleep at 0, and kratom a million times too weak for the mu receptor. A study
draws people from the pool, each arm by itself, so that arms differ by who is in them alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from default_trial import FILLED, Clinic
from speciosa.evidence.load import Evidence
from speciosa.trial.run import Runner, TrialRun, record_of

REMEDIES = ("kratom", "melatonin", "both")
ARMS = ("placebo", "both")  # where both do nothing, each does nothing
NOTHING = 1e-9  # half-width of an edge at zero: as good as none, and the engine's shapes stay
TOO_WEAK = 1e6
ZERO = ("sleep.gain_slope", "sleep.latency_gain")
NOT_EDGES = ("claimed.rise_rate", "claimed.fade_rate", "claimed.softness")
NOT_OF_REMEDIES = ("care.counselling_size", "mu.efficacy_hydroxymitragynine")


def without_remedies(known: Evidence) -> Evidence:
    """Return the evidence with every remedy edge at zero, all graded as if measured."""
    source = next(iter(known.sources))
    measured = {"grade": "A", "source": source, "verified": "yes"}
    none = {"value": 0.0, "spread": {"shape": "normal", "low": -NOTHING, "high": NOTHING}}
    edges = [name for name in known.numbers if name.startswith("claimed.")]
    values = {
        name: {**none, "bounds": None, **measured}
        for name in (*edges, *ZERO) if name not in NOT_EDGES
    }  # fmt: skip
    weak = {"shape": "loguniform", "low": TOO_WEAK, "high": 1.001 * TOO_WEAK}
    values["mu.kratom_offset"] = {"value": TOO_WEAK, "spread": weak, "bounds": None, **measured}
    others = {n: measured for n in known.numbers if n not in values}
    return known.replace({**others, **values}, "no remedy acts")


@dataclass(frozen=True)
class NullPool:
    """Everybody of the pool under every arm, and the run that their record stands in."""

    run: TrialRun
    people: int

    def difference(self, endpoint: str) -> float:
        """Return the mean twin difference of both remedies from placebo."""
        wide = self.run.subjects.pivot(
            on="arm", index=["draw", "person"], values=f"true_{endpoint}"
        )
        return float(np.mean((wide["both"] - wide["placebo"]).to_numpy()))

    def studies(self, count: int, *, draws: int, people: int, seed: int) -> Iterator[TrialRun]:
        """Yield runs of studies whose arms are drawn from the pool's people."""
        rng = np.random.default_rng(seed)
        everybody = self.run.subjects.sort("arm", "draw", "person")
        draw, person = np.indices((draws, people)).reshape(2, -1)
        study = replace(self.run.study, draws=draws, people=people)
        table = pl.DataFrame({"draw": range(draws)})
        for _ in range(count):
            arms = []
            for arm in study.arms:
                own = everybody[rng.integers(0, everybody.height, draw.size)]
                arms.append(own.with_columns(
                    pl.Series("draw", draw), pl.Series("person", person), arm=pl.lit(arm.name)
                ))  # fmt: skip
            edges = table.with_columns(
                pl.Series("mu.kratom_offset", rng.normal(size=draws)),
                pl.Series("claimed.melatonin_withdrawal", rng.normal(size=draws)),
            )
            yield replace(self.run, study=study, subjects=pl.concat(arms), draws=edges)


def null_pool(clinic: Clinic, arms: Sequence[str] = ARMS, calls: int = 1) -> NullPool:
    """Simulate the pool on the engine that a clinic has compiled.

    Args:
        clinic: the default study.
        arms: which of its arms.
        calls: how often the engine's width of people is filled.
    """
    evidence = without_remedies(clinic.evidence)
    runner = Runner.__new__(Runner)
    runner.plan, runner.evidence, runner.narrow = clinic.plan, evidence, None
    runner.engine, runner.constants = clinic.runner.engine, clinic.runner.constants
    tables: dict[str, list[pl.DataFrame]] = {"subjects": [], "visits": [], "courses": []}
    for call in range(calls):
        number = np.arange(call * FILLED, (call + 1) * FILLED)
        people = runner.recruit(number, number % clinic.study.people)
        for name in arms:
            arm = clinic.arm(name)
            outcome = runner.solve(arm, people)
            (_, made), = runner.written(arm, {0: people}, {0: (outcome, None)})  # fmt: skip
            for table, parts in tables.items():
                parts.append(made[table])
    whole = {table: pl.concat(parts) for table, parts in tables.items()}
    run = record_of(clinic.plan, clinic.study, evidence, whole, 0.0)
    return NullPool(run, calls * FILLED)
