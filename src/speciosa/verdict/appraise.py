"""From claims to verdicts in one call: run the study, judge every claim it can judge, say why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from speciosa.evidence.claim import Claim as ClaimRecord
from speciosa.evidence.load import Evidence
from speciosa.trial.relapse import return_endpoints
from speciosa.trial.run import Progress, TrialRun, run_trial
from speciosa.trial.side_effects import side_effect_endpoints
from speciosa.trial.study import Endpoint, Study, load_study
from speciosa.trial.visits import estimand_column
from speciosa.verdict.benchmark import with_benchmarks
from speciosa.verdict.claim import OFFSET, Claim, Weakest
from speciosa.verdict.course import course_entries
from speciosa.verdict.credibility import credibility
from speciosa.verdict.decide import DecisionRule
from speciosa.verdict.document import document
from speciosa.verdict.effect import EndpointSpec, effect
from speciosa.verdict.information import with_decides
from speciosa.verdict.record import TrialRecord
from speciosa.verdict.surface import surface_entry
from speciosa.verdict.verdict import Verdict
from speciosa.verdict.weakest import hanging

DEFAULT = "combination-opioid"
SCALE = {"abstinence": "retained_and_abstinent", "retention": "retained_and_abstinent"}


def appraise(
    study: Study | str | Path = DEFAULT,
    *,
    evidence: Evidence | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    cluster: str | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Verdict:
    """Run a study and return the verdict on every claim that it can judge.

    Args:
        study: a study, the path of its file, or the name of a shipped one.
        evidence: the numbers; by default the evidence set that the study names.
        out: run folder; ``verdict.json`` is written there.
        resume: go on with the run that the folder holds.
        cluster: address of a Dask scheduler, or ``local[N]``; None solves in this process.
        on_progress: called whenever some people are done.
    """
    laid_down = study if isinstance(study, Study) else load_study(study)
    run = run_trial(
        laid_down, evidence=evidence, out=out, resume=resume, cluster=cluster,
        on_progress=on_progress,
    )  # fmt: skip
    verdict = judge_run(run)
    surface = surface_entry(run)
    if surface is not None:
        verdict = Verdict({**verdict.document, "synergy": surface})
    if out is not None:
        verdict.save(Path(out) / "verdict.json")
    return verdict


def judge_run(run: TrialRun, *, claims: bool = True) -> Verdict:
    """Judge the claims on a finished run.

    Args:
        run: the run.
        claims: False leaves them to somebody who has more runs at hand.
    """
    study, record = run.study, trial_record(run)
    judged = [
        _claim(claim, run, record)
        for claim in run.evidence.claims.values()
        if claims and _judged_by(claim, study) is not None
    ]
    bearing = {claim.weakest.record for claim in judged}
    arms = [
        {
            "id": arm.name,
            "label": arm.title,
            "regimens": [str(r) for r in arm.regimens],
            "care": arm.care,
            "role": arm.role,
        }
        for arm in study.arms
    ]
    about = {
        "id": study.id,
        "question": study.question,
        "context_of_use": study.context_of_use,
        "disorder": study.disorder,
        "days": study.days,
        "people_per_arm": study.people,
        "draws": study.draws,
        "seed": study.seed,
        "hash": study.digest,
        "evidence_set": run.evidence.name,
        "primary": study.primary,
        "estimand": dict(study.estimand),
        "analysis_note": study.protocol.analysis.note,
        "decision": asdict(study.decision),
    }
    made = document(
        record,
        judged,
        study=about,
        arms=arms,
        run=run.info,
        evidence=evidence_entries(run.evidence, run.records, bearing),
        courses=course_entries(run),
        estimands={
            strategy: estimand_column(study.primary, strategy)
            for strategy in study.protocol.analysis.estimands
        },
    )
    told = with_benchmarks(with_decides(made, record, judged))
    shown = next((claim["decides"] for claim in told["claims"] if claim["headline"]), None)
    told["credibility"] = credibility(study, evidence=made["evidence"], decides=shown)
    return Verdict(told)


def trial_record(run: TrialRun) -> TrialRecord:
    """Return a run's record as the judge takes it; failed people have no values."""
    study = run.study
    return TrialRecord(
        run.subjects,
        tuple(endpoint_spec(endpoint) for endpoint in study.endpoints),
        tuple(arm.name for arm in study.arms),
        control=study.arm("placebo").name,
        standard=tuple(arm.name for arm in study.arms if arm.role == "standard"),
        draws=run.draws,
        shown=tuple(
            endpoint_spec(each)
            for each in (*return_endpoints(study), *side_effect_endpoints(study))
            if each.id in run.subjects.columns
        ),
    )


def evidence_entries(
    evidence: Evidence, records: Iterable[str], bearing: Iterable[str]
) -> list[dict[str, Any]]:
    """Return what a run rests on, worst grade first."""
    entries = []
    for name in records:
        number = evidence.number(name)
        source = evidence.sources.get(number.source)
        entries.append(
            {
                "id": name,
                "value": number.value,
                "unit": number.unit,
                "grade": number.grade,
                "verified": number.verified,
                "source": number.source,
                "citation": source.citation if source else "assumed",
                "locator": number.locator,
                "note": number.note,
                "population": number.population,
                "load_bearing": name in set(bearing),
            }
        )
    return sorted(entries, key=lambda e: (not e["load_bearing"], -ord(e["grade"]), e["id"]))


def endpoint_spec(endpoint: Endpoint) -> EndpointSpec:
    """Return an endpoint of a study file as the judge takes it."""
    kind: Any = "share" if endpoint.statistic == "share" else "score"
    better: Any = endpoint.better
    return EndpointSpec(
        endpoint.id,
        endpoint.label,
        endpoint.unit,
        better,
        endpoint.smallest_meaningful_difference,
        "event" if endpoint.harm and kind == "share" else kind,
        benefit=not endpoint.harm,
        per=endpoint.per,
        limit=endpoint.limit,
    )


def _judged_by(claim: ClaimRecord, study: Study) -> Endpoint | None:
    """Return the study's endpoint that would show a claim, if its arms are there too.

    Synergy is judged as the interaction contrast, not as a difference between two arms.
    """
    arms = {arm.name for arm in study.arms}
    if claim.disorder != study.disorder or claim.test != "difference" or claim.threshold <= 0:
        return None
    if not {claim.arm, claim.versus, claim.comparator} <= arms:
        return None
    scale = SCALE.get(claim.endpoint, claim.endpoint)
    return next((e for e in study.endpoints if e.scale == scale and not e.harm), None)


def _claim(claim: ClaimRecord, run: TrialRun, record: TrialRecord) -> Claim:
    endpoint = _judged_by(claim, run.study)
    assert endpoint is not None
    spec = record.endpoint(endpoint.id)
    return Claim(
        claim.id,
        claim.paraphrase,
        endpoint.id,
        claim.arm,
        claim.versus,
        weakest=weakest_link(run, record, spec, claim),
        comparator=claim.comparator,
        threshold=claim.threshold,
        headline=claim.headline,
        offset=OFFSET if OFFSET in claim.edges else None,
    )


def weakest_link(
    run: TrialRun, record: TrialRecord, endpoint: EndpointSpec, claim: ClaimRecord
) -> Weakest:
    """Return the weakest number that the answer hangs on (:mod:`speciosa.verdict.weakest`)."""
    found = effect(record.twins, endpoint, claim.arm, claim.versus)
    rule = DecisionRule(**vars(run.study.decision))
    number = hanging(claim.edges, found, run.draws, endpoint, rule, run.evidence)[0]
    return Weakest(number.id, number.grade, number.value, number.unit, number.note)
