"""What the trial that a study plans would write down: the baseline, the visits, both paths.

A visit has three values of the primary's scale: what was observed (with noise; missing where a
visit was not made), the path that the person took, and, where leaving treatment or taking a rescue
is hypothetical, the path that the same person would have taken without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.people.cohort import Cohort
from speciosa.trial.disorder import disorder_named
from speciosa.trial.outcomes import EVENTS, Course, endpoint_values, written
from speciosa.trial.study import HYPOTHETICAL, Arm, Endpoint, Study

Array = NDArray[np.float64]
BASELINE = 100_000  # the occasion of the baseline in the stream of a scale's noise
SEEN_LATE = "everybody"
POLICY = ("treatment policy",)  # what a trial sees where it asks what would have been


def primary_of(study: Study) -> Endpoint:
    """Return the primary endpoint."""
    return next(endpoint for endpoint in study.endpoints if endpoint.id == study.primary)


def visit_scale(study: Study, course: Course) -> str:
    """Return the scale that is scored at visits: the primary's, or the disorder's first where the
    primary is an event."""
    scale = primary_of(study).scale
    if scale in course.recorded and scale not in EVENTS:
        return scale
    return disorder_named(study.disorder).scores[0]


def strategies(study: Study) -> tuple[str, ...]:
    """Return the strategies for leaving treatment under which the primary is reported."""
    return study.protocol.analysis.estimands or (study.estimand["dropout"],)


def stays(study: Study) -> bool:
    """Whether people have to be simulated a second time, with something switched off."""
    return bool(switched_off(study))


def switched_off(study: Study) -> frozenset[str]:
    """Return what does not happen on the second path: dropout, rescue, both or nothing."""
    off = {name for name, strategy in study.estimand.items() if strategy == HYPOTHETICAL}
    if HYPOTHETICAL in study.protocol.analysis.estimands:
        off.add("dropout")
    return frozenset(off)


def estimand_column(endpoint: str, strategy: str) -> str:
    """Return the column of an endpoint under a strategy.

    >>> estimand_column("sows", "while on treatment")
    'sows_while_on_treatment'
    """
    return f"{endpoint}_{strategy.replace(' ', '_')}"


def judged_values(
    endpoint: Endpoint,
    course: Course,
    stayed: Course | None,
    constants: Mapping[str, Any],
    cohort: Cohort,
    estimand: Mapping[str, str],
) -> tuple[Array, Array]:
    """Return an endpoint's true and observed value on the path that the estimand asks for, (N,)."""
    other = HYPOTHETICAL in estimand.values() and not endpoint.harm
    path = stayed if other and stayed is not None else course
    return endpoint_values(endpoint, path, constants, cohort.streams, estimand)


def trial_columns(
    study: Study,
    cohort: Cohort,
    course: Course,
    stayed: Course | None,
    constants: Mapping[str, Any],
) -> dict[str, Array]:
    """Return the baseline, and the primary under every strategy that the protocol names, (N,).

    A column ``x`` is what was observed, ``true_x`` the unrounded, noise-free value.
    """
    primary, failed = primary_of(study), course.outcome.failed
    columns = {"baseline": _baseline(study, cohort, course, constants)}
    named = [*study.protocol.analysis.estimands, *(POLICY if stays(study) else ())]
    for strategy in dict.fromkeys(named):
        estimand = {**study.estimand, "dropout": strategy}
        found = judged_values(primary, course, stayed, constants, cohort, estimand)
        name = estimand_column(primary.id, strategy)
        columns[f"true_{name}"], columns[name] = found
    return {name: np.where(failed, np.nan, values) for name, values in columns.items()}


def _baseline(study: Study, cohort: Cohort, course: Course, constants: Mapping[str, Any]) -> Array:
    scale = visit_scale(study, course)
    if scale not in course.recorded:
        return np.full(cohort.draw.shape, np.nan)
    before = course.samples(scale)[0, 0]  # on day 1 at 08:00, before anything is given
    return written(scale, before, constants, cohort.streams, BASELINE)


def visit_rows(
    study: Study,
    arm: Arm,
    cohort: Cohort,
    course: Course,
    stayed: Course | None,
    constants: Mapping[str, Any],
) -> pl.DataFrame:
    """Return one row per person and visit.

    Columns: draw, person, arm, day, in_treatment, observed, path and, where an event is
    hypothetical, path_without_event.
    """
    scale, visits = visit_scale(study, course), study.protocol.visits
    days = np.array(visits.days, dtype=int) - 1
    people = cohort.draw.size
    path = course.daily(scale)[days] if scale in course.recorded else np.full(
        (days.size, people), np.nan
    )  # fmt: skip
    noisy = np.stack(
        [
            written(scale, row, constants, cohort.streams, int(d))
            for d, row in zip(days, path, strict=True)
        ]
    )
    left = course.samples("dropout_day")[-1, -1]
    there = (left < 0) | (days[:, None] <= left)  # people leave in the evening
    seen = there | (visits.follow == SEEN_LATE)
    columns: dict[str, Any] = {
        "draw": np.tile(cohort.draw, days.size),
        "person": np.tile(cohort.person, days.size),
        "arm": [arm.name] * (days.size * people),
        "day": np.repeat(days + 1, people),
        "in_treatment": there.ravel(),
        "observed": np.where(seen & ~course.outcome.failed, noisy, np.nan).ravel(),
        "path": path.ravel(),
    }
    if stayed is not None:
        columns["path_without_event"] = stayed.daily(scale)[days].ravel()
    return pl.DataFrame(columns).with_columns(pl.selectors.float().cast(pl.Float32))
