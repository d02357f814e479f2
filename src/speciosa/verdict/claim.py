"""A claim put before its trial: the verdict with everything that must stand beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from speciosa.core.errors import InputError
from speciosa.verdict.decide import Decision, DecisionRule, Word, decide
from speciosa.verdict.effect import Effect, EndpointSpec, effect
from speciosa.verdict.harm import Harm, above_limit, harm, harm_draws
from speciosa.verdict.offset import OffsetBin, by_offset
from speciosa.verdict.record import TrialRecord

OFFSET = "mu.kratom_offset"


@dataclass(frozen=True)
class Weakest:
    """The weakest number that a claim rests on: its record and grade."""

    record: str
    grade: str
    value: float | str | None = None
    unit: str = "1"
    note: str = ""


@dataclass(frozen=True)
class Claim:
    """A claim as the judge needs it.

    Args:
        id, paraphrase: what is claimed, in our words.
        endpoint: id of the endpoint that would show it.
        arm, versus: the arm that tests the claim and the arm it is compared with.
        comparator: the real treatment that is judged on the same people, if any.
        weakest: the weakest number the claim rests on.
        threshold: the claim's own smallest meaningful difference; None to take the endpoint's.
        headline: the claim that the report opens with.
        offset: the sampled parameter across which the verdict is shown; None if the claim does
            not rest on it.
    """

    id: str
    paraphrase: str
    endpoint: str
    arm: str
    versus: str
    weakest: Weakest
    comparator: str | None = None
    threshold: float | None = None
    headline: bool = False
    offset: str | None = OFFSET


@dataclass(frozen=True)
class ClaimVerdict:
    """The verdict on one claim, with effect, comparator, harms, weakest number and offset."""

    claim: Claim
    decision: Decision
    effect: Effect
    comparator: Effect | None
    harms: tuple[Harm, ...]
    by_offset: tuple[OffsetBin, ...]

    @property
    def word(self) -> Word:
        """The verdict in a word."""
        return self.decision.word


def judge(claim: Claim, record: TrialRecord, rule: DecisionRule | None = None) -> ClaimVerdict:
    """Judge one claim on the record of its trial.

    Args:
        claim: what is claimed and what it rests on.
        record: the trial's record.
        rule: thresholds from the study's ``[decision]`` table.
    """
    rule = rule or DecisionRule()
    endpoint = record.endpoint(claim.endpoint)
    if claim.threshold is not None:
        endpoint = replace(endpoint, smallest_meaningful=claim.threshold)
    found = effect(record.twins, endpoint, claim.arm, claim.versus)
    if found.draws == 0:
        raise InputError(
            f'no person has "{endpoint.id}" in both {claim.arm} and {claim.versus}',
            f"claim {claim.id}",
            "Look at the run's failures and at the estimand.",
        )
    comparator = (
        effect(record.twins, endpoint, claim.comparator, claim.versus) if claim.comparator else None
    )
    harms_in = _harms_in(record, claim, found.draw_ids)
    decision = decide(
        found.deltas,
        endpoint.smallest_meaningful,
        better=endpoint.better,
        weakest_grade=claim.weakest.grade,
        harms=harms_in(np.ones(found.draws, dtype=bool)),
        rule=rule,
    )
    standard = claim.comparator or (record.standard[0] if record.standard else None)
    return ClaimVerdict(
        claim,
        decision,
        found,
        comparator,
        tuple(harm(record, each, claim.arm, standard) for each in record.harms),
        _across_offset(claim, record, found, endpoint, rule, harms_in),
    )


def _harms_in(
    record: TrialRecord, claim: Claim, draw_ids: Sequence[int]
) -> Callable[[np.ndarray], dict[str, float]]:
    """Return a function from a mask over draws to each harm's probability above its limit."""
    table = harm_draws(record, claim.arm, claim.versus)
    ids = np.asarray(draw_ids)

    def among(mask: np.ndarray) -> dict[str, float]:
        wanted = set(ids[mask].tolist())
        chances = {}
        for endpoint in record.harms:
            excess = [value for draw, value in table[endpoint.id].items() if draw in wanted]
            if excess:
                chances[endpoint.label] = above_limit(endpoint, np.asarray(excess))
        return chances

    return among


def _across_offset(
    claim: Claim,
    record: TrialRecord,
    found: Effect,
    endpoint: EndpointSpec,
    rule: DecisionRule,
    harms_in: Callable[[np.ndarray], dict[str, float]],
) -> tuple[OffsetBin, ...]:
    """Split the verdict by the offset, where the run sampled it."""
    if claim.offset is None or record.draws is None or claim.offset not in record.draws.columns:
        return ()
    columns = record.draws.select("draw", claim.offset)
    value_of = dict(zip(columns["draw"].to_list(), columns[claim.offset].to_list(), strict=True))
    lost = [draw for draw in found.draw_ids if draw not in value_of]
    if lost:
        raise InputError(f"draw {lost[0]} has no row in the draws table", f"claim {claim.id}")
    return by_offset(
        np.asarray(found.deltas),
        np.asarray([value_of[draw] for draw in found.draw_ids]),
        endpoint,
        weakest_grade=claim.weakest.grade,
        harms_in=harms_in,
        rule=rule,
    )
