"""A trial small enough to run in a second or two: three arms, three days, narrow chunks."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from speciosa.core.engine import TOLERANCE, Engine
from speciosa.trial import chunks, run
from speciosa.trial.design import Design
from speciosa.trial.study import Study, read_study

TEXT = """
[study]
id = "small"
question = "Does melatonin ease opioid withdrawal within three days?"
context_of_use = "To test the software."
disorder = "opioid"
days = 2
follow_up_days = 1
seed = 7
primary = "sows"

[population]
people_per_arm = 20
draws = 3

[[arm]]
name = "placebo"
role = "placebo"

[[arm]]
name = "melatonin"
role = "melatonin"
regimens = ["melatonin 5 mg at 21:00 daily for 2 d"]

[[arm]]
name = "lofexidine"
role = "standard"
regimens = ["lofexidine 0.54 mg every 6 h for 2 d"]

[[endpoint]]
id = "sows"
label = "Withdrawal"
scale = "sows_gossop"
statistic = "mean"
days = [1, 2]
better = "lower"
smallest_meaningful_difference = 2.0
unit = "points"

[[endpoint]]
id = "sleep"
label = "Sleep"
scale = "total_sleep_time"
statistic = "last"
days = [1, 3]
better = "higher"
smallest_meaningful_difference = 30.0
unit = "min"

[[endpoint]]
id = "retained"
label = "In treatment"
scale = "retained"
statistic = "share"
days = [1, 2]
better = "higher"
smallest_meaningful_difference = 10.0
unit = "percentage points"
per = 100.0
"""
WIDTH = 32  # people per device
CHUNK = 32  # with twenty people a draw: one draw to a chunk
_MAKE = Design.engine
_ENGINES: dict[Any, Engine] = {}


def small_study(**size: int) -> Study:
    """Return the small study, resized where asked."""
    return read_study(tomllib.loads(TEXT), "small.toml", TEXT).resized(**size)


def make_small(
    patch: pytest.MonkeyPatch, *, chunk: int = CHUNK, tolerance: float = TOLERANCE
) -> None:
    """Let trials run in narrow chunks, on engines that are compiled once for all tests.

    Args:
        patch: what undoes it.
        chunk: people per call, at most 64.
        tolerance: error bound above which people are solved again.
    """

    def engine(
        self: Design, *, width: int, tolerance: float = tolerance, double: bool = True
    ) -> Engine:
        key = (
            tuple(stage.name for stage in self.model.stages), self.recorded, self.sample_hours,
            tuple(given.name for given in self.given), self.steps, width, tolerance,
            double,
        )  # fmt: skip
        if key not in _ENGINES:
            _ENGINES[key] = _MAKE(self, width=width, tolerance=tolerance, double=double)
        return _ENGINES[key]

    patch.setattr(Design, "engine", engine)
    patch.setattr(chunks, "CHUNK", chunk)
    patch.setattr(run, "NARROW", WIDTH)
    patch.setitem(run.Runner.__init__.__kwdefaults__, "width", WIDTH)
