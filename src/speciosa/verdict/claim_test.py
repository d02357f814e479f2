"""Each claim put to the test that its record names, on a run that may hold arms of several runs.

A ``difference`` compares two arms on a benefit, a ``harm`` on a harm; an ``interaction`` is both
remedies less each alone plus placebo; an ``add-on`` is remedies with therapy less therapy alone; a
``level`` compares a quantity in the body. Whatever the test, it ends in one number a draw, and the
one verdict rule judges them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from speciosa.evidence.claim import Claim as ClaimRecord
from speciosa.trial.run import TrialRun
from speciosa.trial.study import Endpoint, Study
from speciosa.verdict.claim import OFFSET, Claim, ClaimVerdict, Weakest
from speciosa.verdict.decide import DecisionRule, decide
from speciosa.verdict.document import claim_entry, plain, withheld
from speciosa.verdict.effect import (
    Effect,
    EndpointSpec,
    contrast_by_draw,
    effect,
    interval,
    share_better,
)
from speciosa.verdict.harm import above_limit, harm, harm_draws
from speciosa.verdict.information import decides
from speciosa.verdict.record import TrialRecord
from speciosa.verdict.twins import People, Twins
from speciosa.verdict.weakest import hanging, what_to_measure

SCALES = {  # endpoint of a claim -> scale of a study, where the two differ
    "abstinence": "retained_and_abstinent",
    "retention": "retained",
    "ciwa_ar": "ciwa",
    "withdrawal_after_stopping": "cows",
    "relapse": "relapsed",
}
SUM = "the sum of each alone"
NIGHT, SAMPLES_A_DAY = 6, 8  # 02:00 among the three-hourly samples that start at 08:00
Array = NDArray[np.float64]


def endpoint_for(claim: ClaimRecord, study: Study) -> Endpoint | None:
    """Return the study's endpoint that shows a claim; None if it has none."""
    wanted = SCALES.get(claim.endpoint, claim.endpoint)
    harmful = claim.test == "harm"
    fitting = [e for e in study.endpoints if e.scale == wanted and e.harm == harmful]
    days = _days(claim.visit)
    return next((e for e in fitting if e.days == days), fitting[0] if fitting else None)


def why_not(claim: ClaimRecord, study: Study) -> str:
    """Return why a study cannot test a claim; empty if it can."""
    if claim.why_not:
        return claim.why_not
    arms = {arm.name for arm in study.arms}
    lacking = [a for a in (claim.arm, claim.versus, claim.comparator) if a not in arms]
    if lacking:
        return f'The study has no arm "{lacking[0]}".'
    if claim.test == "interaction" and not {"kratom", "melatonin", "both"} <= arms:
        return "The study lacks an arm of the two-by-two comparison."
    if claim.test != "level" and endpoint_for(claim, study) is None:
        return f'The study does not measure "{claim.endpoint}".'
    return ""


def judged(claim: ClaimRecord, run: TrialRun, record: TrialRecord) -> dict[str, Any]:
    """Return the document entry of a claim's verdict.

    Args:
        claim: a claim that the run's study can test.
        run: the run, arms of several runs together where need be.
        record: the same run as the judge takes it.
    """
    rule = DecisionRule(**vars(run.study.decision))
    found, spec = _TESTS[claim.test](claim, run, record)
    harmful = claim.test == "harm" and any(says.direction == "harms" for says in claim.says)
    if harmful:  # the claim is that people are worse off
        spec = replace(spec, better="higher" if spec.better == "lower" else "lower")
        better, worse = share_better(spec, np.asarray(found.deltas))
        found = replace(found, better=spec.better, probability=better, probability_worse=worse)
    number, grades = hanging(claim.edges, found, run.draws, spec, rule, run.evidence)
    names = list(grades)
    weakest = Weakest(number.id, number.grade, number.value, number.unit, number.note)
    harms = {} if harmful or claim.test == "level" else _harm_chances(claim, record, found)
    decision = decide(
        np.asarray(found.deltas), spec.smallest_meaningful, better=spec.better,
        weakest_grade=weakest.grade, harms=harms, rule=rule,
    )  # fmt: skip
    compared = _comparator(claim, run, record, spec, found)
    standard = claim.comparator if claim.comparator != claim.arm else None
    arm = claim.arm if claim.arm in record.arms else record.arms[0]
    verdict = ClaimVerdict(
        Claim(
            claim.id, claim.paraphrase, spec.id, claim.arm, found.versus, weakest,
            claim.comparator, claim.threshold, claim.headline, OFFSET,
        ),
        decision, found, compared,
        tuple(harm(record, each, arm, standard or record.control) for each in record.harms),
        (),
    )  # fmt: skip
    measure = what_to_measure(found.deltas, found.draw_ids, run.draws, spec)
    entry = withheld(claim_entry(verdict), run.info, rule)
    return entry | dict(plain({
        "disorder": claim.disorder, "test": claim.test, "place": claim.place,
        "population": claim.population, "hedge": claim.hedge, "hash": claim.digest,
        "note": claim.note, "load_bearing": sorted(names), "measure": measure,
        "decides": decides(
            found, found.monte_carlo_error, run.draws, spec, rule, weakest.grade, record
        ),
        "strip": [
            {"record": name, "grade": grades[name]}
            for name in sorted(names, key=lambda each: (grades[each], each))
        ],
    }))  # fmt: skip


def as_claimed(claim: ClaimRecord, run: TrialRun, record: TrialRecord) -> dict[str, Any]:
    """Return what the effect would be if the claimed size were true.

    Args:
        claim: the claim.
        run: the run under the claimed sizes.
        record: the same run as the judge takes it.
    """
    found, spec = _TESTS[claim.test](claim, run, record)
    return dict(plain({
        "estimate": found.estimate, "low": found.low, "high": found.high, "unit": found.unit,
        "probability": found.probability, "probability_worse": found.probability_worse,
        "draws": found.draws, "smallest_meaningful": spec.smallest_meaningful,
    }))  # fmt: skip


# --- the tests -----------------------------------------------------------------------------------

Test = Callable[[ClaimRecord, TrialRun, TrialRecord], tuple[Effect, EndpointSpec]]


def _difference(
    claim: ClaimRecord, run: TrialRun, record: TrialRecord
) -> tuple[Effect, EndpointSpec]:
    spec = _spec(claim, run, record)
    return effect(_both_seen(record, claim.arm, claim.versus), spec, claim.arm, claim.versus), spec


def _interaction(
    claim: ClaimRecord, run: TrialRun, record: TrialRecord
) -> tuple[Effect, EndpointSpec]:
    spec = _spec(claim, run, record)
    weights = {claim.arm: 1.0, "kratom": -1.0, "melatonin": -1.0, claim.versus: 1.0}
    means = contrast_by_draw(record.twins, spec.id, weights, spec.per)
    found = _effect(spec, claim.arm, SUM, means.delta, means.draw)
    return replace(found, monte_carlo_error=means.monte_carlo_error), spec


def _level(claim: ClaimRecord, run: TrialRun, record: TrialRecord) -> tuple[Effect, EndpointSpec]:
    """Compare a quantity of the body between arms, by the medians of each draw's people."""
    spec = EndpointSpec(
        claim.endpoint, _LEVELS[claim.endpoint], "1", "higher", claim.threshold, "score"
    )
    arm, versus, comparator = (
        _medians(run.courses, claim.endpoint, name)
        for name in (claim.arm, claim.versus, claim.comparator)
    )
    ids = [draw for draw in arm if draw in versus and draw in comparator]
    here, base, beside = (np.array([table[d] for d in ids]) for table in (arm, versus, comparator))
    if claim.endpoint == "melatonin_level":
        values = here / base - 1
    else:
        span = beside - base
        values = np.where(np.abs(span) > 1e-6, (here - base) / np.where(span == 0, 1, span), 0.0)
    return _effect(spec, claim.arm, claim.versus, values, np.array(ids)), spec


_TESTS: Mapping[str, Test] = {
    "difference": _difference, "harm": _difference, "add-on": _difference,
    "interaction": _interaction, "level": _level,
}  # fmt: skip
_LEVELS = {
    "melatonin_level": "Melatonin in blood at night, above placebo",
    "mu_signal_level": "Signal of the mu receptor, beside buprenorphine's",
}


def _spec(claim: ClaimRecord, run: TrialRun, record: TrialRecord) -> EndpointSpec:
    """The endpoint with the claim's own threshold, in the unit that the report shows."""
    endpoint = endpoint_for(claim, run.study)
    assert endpoint is not None
    spec = record.endpoint(endpoint.id)
    share = claim.threshold < 1 and spec.per > 1
    threshold = claim.threshold * spec.per if share else claim.threshold
    return replace(spec, smallest_meaningful=threshold)


def _both_seen(record: TrialRecord, *arms: str) -> People:
    """The people of the draws in which all arms were run."""
    people = record.twins
    # a table that is not held is of one run, which has every draw in every arm
    return people.among(arms) if isinstance(people, Twins) else people


def _medians(courses: pl.DataFrame, endpoint: str, arm: str) -> dict[int, float]:
    """Draw -> the middle person's mean over the first days."""
    quantity, step = ("melatonin_plasma", "three_hours")
    if endpoint == "mu_signal_level":
        quantity, step = ("mu_signal", "day")
    rows = courses.filter(
        (pl.col("quantity") == quantity) & (pl.col("arm") == arm) & (pl.col("step") == step)
    )
    if step == "three_hours":
        rows = rows.filter(pl.col("index") % SAMPLES_A_DAY == NIGHT)
    else:
        rows = rows.filter(pl.col("index") < 7)
    means = rows.group_by("draw").agg(pl.col("median").mean()).sort("draw")
    return dict(zip(means["draw"].to_list(), means["median"].to_list(), strict=True))


def _effect(spec: EndpointSpec, arm: str, versus: str, values: Array, ids: NDArray[Any]) -> Effect:
    """Make an effect of one value a draw."""
    better, worse = share_better(spec, values)
    low, high = interval(values)
    return Effect(
        spec.id, spec.label, arm, versus,
        float(values.mean()) if values.size else float("nan"), low, high, spec.unit, spec.better,
        spec.smallest_meaningful, better, worse, float("nan"), int(values.size), 0, 0,
        tuple(values.tolist()), tuple(int(i) for i in ids),
    )  # fmt: skip


def _comparator(
    claim: ClaimRecord, run: TrialRun, record: TrialRecord, spec: EndpointSpec, found: Effect
) -> Effect | None:
    """The comparator's effect on the same people; None where it has none of its own."""
    if claim.test == "level" or claim.comparator in (claim.arm, found.versus):
        return None
    other = record.control
    if claim.comparator == other:
        return None
    rows = _both_seen(record, claim.comparator, other, claim.arm)
    shown = spec if spec.better == record.endpoint(spec.id).better else record.endpoint(spec.id)
    return effect(rows, shown, claim.comparator, other)


def _harm_chances(claim: ClaimRecord, record: TrialRecord, found: Effect) -> dict[str, float]:
    """Probability that each harm of the arm exceeds its limit, beside what it is compared with."""
    versus = claim.versus if claim.versus in record.arms else record.control
    table = harm_draws(record, claim.arm, versus)
    judged_on = {found.endpoint} if claim.test == "harm" else set()
    chances = {}
    for each in record.harms:
        excess = list(table[each.id].values())
        if excess and each.id not in judged_on:
            chances[each.label] = above_limit(each, np.asarray(excess))
    return chances


def _days(visit: str) -> tuple[int, int]:
    """Read "days 1-7" or "day 28".

    >>> _days("days 1-7"), _days("day 28")
    ((1, 7), (1, 28))
    """
    last = visit.split()[-1]
    first, _, end = last.partition("-")
    return (int(first), int(end)) if end else (1, int(first))
