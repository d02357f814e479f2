"""The rolled kernel: the same answers as the plain one, to rounding."""

from __future__ import annotations

import numpy as np

from speciosa.core.engine import Engine, Supply
from speciosa.core.mesh import Refinement, build_mesh, most_steps
from speciosa.core.outcome import Outcome
from speciosa.core.random import streams
from toy import toy_model, toy_numbers

PEOPLE, SAMPLES = 6, (8.0, 12.0, 20.0)
MESH = build_mesh(
    hours=48.0, start_clock_hour=8.0, decision_hours=[(12.0,), (20.0,)],
    doses=[((0.0, 2.0), (24.0, 1.0))], sample_hours=SAMPLES,
    refinements=(Refinement((0.0, 24.0), 0.05),),
)  # fmt: skip


def solved(rolled: bool) -> Outcome:
    engine = Engine(
        toy_model(), products=["tablet"], recorded=("level", "stock"), lowest=("level",),
        highest=("level",), samples=len(SAMPLES), steps=most_steps([MESH], 32), width=4,
        days_per_batch=1, rolled=rolled,
    )  # fmt: skip
    content = {"drug_oral": np.full((2, PEOPLE), 150.0)}
    who = streams(4, np.zeros(PEOPLE, int), np.arange(PEOPLE))
    return engine.solve(MESH, toy_numbers(PEOPLE), who, [Supply("tablet", content)])


def test_the_rolled_kernel_agrees_with_the_plain_one() -> None:
    plain, rolled = solved(False), solved(True)
    assert plain.samples.max() > 1.0
    for name in ("samples", "minima", "maxima"):
        np.testing.assert_allclose(getattr(rolled, name), getattr(plain, name), rtol=1e-11)
    np.testing.assert_allclose(rolled.worst, plain.worst, rtol=1e-6, atol=1e-15)
    assert not rolled.failed.any()
