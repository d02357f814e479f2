"""The few runs that settle an article's claims: which study, which arms, how many worlds.

Placebo and standard care are simulated once for each disorder. Under the claimed sizes only the
arms that get a remedy are run again, on the same twins, with half of the simulated worlds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from speciosa.evidence.claim import Claim as ClaimRecord
from speciosa.evidence.instrument import Instrument
from speciosa.evidence.load import Evidence
from speciosa.trial.study import Arm, Endpoint, Study
from speciosa.verdict.claim_test import SCALES, _days, endpoint_for

REMEDIES = ("kratom", "melatonin", "both")
CARE = "ordinary care + counselling"
TESTED_BY = ("difference", "harm", "interaction", "add-on")


@dataclass(frozen=True)
class Part:
    """One run of an appraisal.

    Args:
        key: ``opioid``, ``opioid-therapy``, ``opioid-as-claimed`` ...
        study: the disorder's study with every arm that some run of it has: one design, so that
            the runs of a disorder are compiled once.
        set: name of the evidence set.
        only: the arms of this run.
    """

    key: str
    study: Study
    set: str
    only: tuple[str, ...]

    @property
    def size(self) -> int:
        """Simulations asked for."""
        return len(self.only) * self.study.draws * self.study.people


def plan_runs(
    studies: Mapping[str, Study], claims: Sequence[ClaimRecord], evidence: Evidence
) -> tuple[Part, ...]:
    """Return the runs that settle some claims, the one of the main study first.

    Args:
        studies: disorder -> its study, as large as it is to be run.
        claims: what is to be judged.
        evidence: gives the instruments of endpoints that a study lacks.
    """
    parts = []
    for disorder, study in studies.items():
        own = [c for c in claims if c.disorder == disorder]
        whole = with_endpoints(study, own, evidence.instruments)
        beside = _therapy_arms(whole) if any(c.test == "add-on" for c in own) else ()
        every = replace(whole, arms=(*whole.arms, *beside))
        parts.append(Part(disorder, every, evidence.name, _names(whole.arms)))
        fewer = every.resized(draws=half(whole) if disorder == "opioid" else whole.draws)
        if beside:
            parts.append(Part(f"{disorder}-therapy", fewer, evidence.name, _names(beside)))
        again = tuple(arm for arm in every.arms if arm.role in REMEDIES)
        if again and own:
            claimed = replace(fewer, evidence_set="article")
            parts.append(Part(f"{disorder}-as-claimed", claimed, "article", _names(again)))
    return tuple(parts)


def half(study: Study) -> int:
    """Half of a study's worlds, but no fewer than a verdict needs, as far as there are any."""
    return max(study.draws // 2, min(study.draws, study.decision.fewest_draws))


def _names(arms: Iterable[Arm]) -> tuple[str, ...]:
    return tuple(arm.name for arm in arms)


def with_endpoints(
    study: Study, claims: Iterable[ClaimRecord], instruments: Mapping[str, Instrument]
) -> Study:
    """Return a study with an endpoint for every claim that lacks one.

    Mood, stress, pain and function are measured only where a claim speaks of them.
    """
    added: list[Endpoint] = []
    for claim in claims:
        if claim.test not in TESTED_BY or claim.endpoint not in instruments:
            continue
        whole = replace(study, endpoints=(*study.endpoints, *added))
        if endpoint_for(claim, whole) is None and claim.test != "harm":
            added.append(_endpoint(claim, instruments[claim.endpoint]))
    return replace(study, endpoints=(*study.endpoints, *added))


def _endpoint(claim: ClaimRecord, instrument: Instrument) -> Endpoint:
    first, last = _days(claim.visit)
    scale = SCALES.get(claim.endpoint, claim.endpoint)
    label = f"{instrument.title}, mean of days {first}-{last}"
    unit = {"1": "share", "point": "points"}.get(instrument.unit, instrument.unit)
    return Endpoint(
        f"{scale}_days_{first}_{last}", scale, "mean", (first, last), instrument.better,
        claim.threshold, unit, label,
    )  # fmt: skip


def _therapy_arms(study: Study) -> tuple[Arm, ...]:
    both = next((arm for arm in study.arms if arm.role == "both"), None)
    if both is None:
        return ()
    return (
        Arm("counselling", (), "placebo", "Placebo + counselling", CARE),
        replace(both, name="both_with_counselling", care=CARE, label=f"{both.title} + counselling"),
    )
