"""The whole appraisal: an article's claims, the few runs that settle them all, one document.

What is run is planned in :mod:`speciosa.verdict.plan`. Runs of a disorder are put together before
a claim is judged, so that every contrast is between twins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from speciosa.core.engine import Engine
from speciosa.core.errors import InputError
from speciosa.core.version import __version__
from speciosa.evidence.article import read_text
from speciosa.evidence.claim import Claim as ClaimRecord
from speciosa.evidence.finder import Reading, read_article
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.evidence.toml import read_toml
from speciosa.trial.rows import collected
from speciosa.trial.run import Progress, TrialRun, compiled, run_trial
from speciosa.trial.study import Arm, Study, load_study, shipped
from speciosa.verdict.appraise import judge_run, trial_record
from speciosa.verdict.benchmark import with_benchmarks
from speciosa.verdict.claim_test import as_claimed, judged, why_not
from speciosa.verdict.plan import Part, half, plan_runs
from speciosa.verdict.surface import surface_entry
from speciosa.verdict.verdict import Verdict

STUDIES = {"opioid": "combination-opioid", "alcohol": "combination-alcohol"}
SURFACE = "synergy-surface"
ARTICLE = "article.md"
Follow = Callable[[Progress], None]


def default_article() -> Path:
    """Return the paraphrase of the article that ships."""
    return shipped() / ARTICLE


def read_target(target: str | None) -> tuple[str, str, tuple[ClaimRecord, ...] | None]:
    """Return the article's text, its title and the claims to judge, from what a user named.

    Args:
        target: an article (.txt, .md or no suffix), a TOML file of claims, or None for the article
            that ships.

    Raises:
        InputError: no such file, a study instead of claims, or a file that is no text.
    """
    if target is None:
        return read_text(default_article()), f"studies/{ARTICLE}", None
    path = Path(target)
    suffix = path.suffix.lower()
    if suffix == ".toml":
        if "study" in read_toml(path):
            cure = f"Name it with --study {target}, or run it: speciosa trial {target}."
            raise InputError("is a study, not a file of claims", target, cure)
        return "", "", load_evidence().claims_in(path)
    if suffix not in ("", ".txt", ".md", ".markdown", ".text"):
        raise InputError(
            f'files of kind "{suffix}" are not read', target, "Save the article as .txt or .md."
        )
    return read_text(path), path.name, None


def appraise(
    article: str | Path | None = None,
    *,
    study: Study | str | Path = STUDIES["opioid"],
    evidence: Evidence | None = None,
    seed: int | None = None,
    draws: int | None = None,
    people: int | None = None,
    synergy: bool = False,
    out: str | Path | None = None,
    resume: bool = False,
    on_progress: Follow = lambda progress: None,
) -> Verdict:
    """Judge every claim of an article by virtual trials, as ``speciosa appraise`` does.

    Args:
        article: path of an article in English (.txt, .md) or of claims (.toml); by default the
            article that ships.
        study: the opioid study that claims are judged on; that of alcohol is the shipped one.
        evidence: the numbers; by default the set that the study names.
        seed, draws, people: another seed or size than the study's.
        synergy: also simulate the dose surface of the two remedies.
        out: run folder; ``verdict.json`` is written there.
        resume: go on with what the folder holds.
        on_progress: called whenever some people are done, counted over all runs.

    Returns:
        the verdict; its ``document`` is what the command prints with ``--json``.

    Raises:
        InputError: the file cannot be read, or is a study.
    """
    text, title, claims = read_target(None if article is None else str(article))
    return appraise_article(
        text, title=title, study=study, evidence=evidence, claims=claims, seed=seed, draws=draws,
        people=people, synergy=synergy, out=out, resume=resume, on_progress=on_progress,
    )  # fmt: skip


def appraise_article(
    text: str,
    *,
    title: str = "",
    study: Study | str | Path = STUDIES["opioid"],
    evidence: Evidence | None = None,
    claims: Iterable[ClaimRecord] | None = None,
    seed: int | None = None,
    draws: int | None = None,
    people: int | None = None,
    synergy: bool = False,
    out: str | Path | None = None,
    resume: bool = False,
    on_progress: Follow = lambda progress: None,
) -> Verdict:
    """Read an article, run the trials of the claims that it makes and judge them.

    Args:
        text: an English article; empty to judge every claim that is known.
        title: what the article is called in the report.
        study: the opioid study that claims are judged on; that of alcohol is the shipped one.
        evidence: the numbers; by default the set that the study names.
        claims: claim records; by default those of the evidence.
        seed, draws, people: another seed or size than the study's.
        synergy: also simulate the dose surface of the two remedies.
        out: run folder; ``verdict.json`` is written there.
        resume: go on with what the folder holds.
        on_progress: called whenever some people are done, counted over all runs.
    """
    base = study if isinstance(study, Study) else load_study(study)
    base = base.resized(seed=seed, draws=draws, people=people)
    evidence = evidence or load_evidence(overlay=base.evidence_set)
    known = tuple(evidence.claims.values() if claims is None else claims)
    reading = read_article(text, known) if text else None
    wanted = _wanted(known, reading)
    studies = _studies(base, wanted, seed, draws, people)
    document = _nothing(base)
    if studies:
        plan = plan_runs(studies, wanted, evidence)
        surface = load_study(SURFACE).resized(seed=base.seed, draws=draws, people=people)
        told = Told(sum(part.size for part in plan) + synergy * _size(surface), on_progress)
        runs = _run_all(plan, evidence, out, resume, told)
        document = _document(studies, wanted, runs)
        seconds = sum(run.info["seconds"] for run in runs.values())
        if synergy:
            place = None if out is None else Path(out) / SURFACE
            run = run_trial(
                surface, evidence=evidence, out=place, resume=resume and _begun(place),
                on_progress=told.follow,
            )  # fmt: skip
            document["synergy"] = surface_entry(run)
            seconds += run.info["seconds"]
        document["run"]["seconds"] = seconds
    document["article"] = _article(reading, title) if reading else None
    verdict = Verdict(with_benchmarks(document))
    if out is not None:
        Path(out).mkdir(parents=True, exist_ok=True)
        verdict.save(Path(out) / "verdict.json")
    return verdict


def _studies(
    base: Study,
    wanted: Sequence[ClaimRecord],
    seed: int | None,
    draws: int | None,
    people: int | None,
) -> dict[str, Study]:
    """Return disorder -> study, of the disorders that the claims speak of."""
    studies = {base.disorder: base} if any(c.disorder == base.disorder for c in wanted) else {}
    if base.disorder == "opioid" and any(c.disorder == "alcohol" for c in wanted):
        other = load_study(STUDIES["alcohol"]).resized(seed=seed, draws=draws, people=people)
        studies["alcohol"] = other.resized(draws=half(other))
    return studies


def _nothing(base: Study) -> dict[str, Any]:
    """The document of an article that makes no claim a record covers: no run was made."""
    return {
        "study": {
            "id": base.id, "question": "Which claims of the article can a simulated trial test?",
            "context_of_use": base.context_of_use, "disorder": base.disorder, "days": base.days,
            "people_per_arm": base.people, "draws": 0, "seed": base.seed, "hash": base.digest,
            "decision": vars(base.decision),
        },
        "claims": [], "untestable": [],
        "run": {"seed": base.seed, "asked": 0, "solved": 0, "failed": 0, "why": [], "draws": 0,
                "seconds": 0.0, "version": __version__, "device": "", "hashes": {}},
    }  # fmt: skip


def _wanted(known: Sequence[ClaimRecord], reading: Reading | None) -> tuple[ClaimRecord, ...]:
    """The claims that the article makes; all of them where there is no article."""
    if reading is None:
        return tuple(known)
    made = set(reading.claims) | {f.claim for f in reading.findings}
    return tuple(c for c in known if c.id in made)


class Told:
    """Progress counted over several runs.

    Args:
        asked: simulations asked of all of them.
        on_progress: called with the sum.
    """

    def __init__(self, asked: int, on_progress: Follow) -> None:
        self.before = self.now = Progress(asked, 0, 0, 0.0)
        self.on_progress = on_progress

    def follow(self, now: Progress) -> None:
        """Tell the progress of the run at hand as that of all of them."""
        before = self.before
        self.now = Progress(
            before.asked, before.solved + now.solved, before.failed + now.failed,
            before.seconds + now.seconds, before.found + now.found,
        )  # fmt: skip
        self.on_progress(self.now)

    def next(self) -> None:
        """Begin another run."""
        self.before = self.now


def _size(study: Study) -> int:
    return len(study.arms) * study.draws * study.people


def _run_all(
    plan: Sequence[Part],
    evidence: Evidence,
    out: str | Path | None,
    resume: bool,
    told: Told,
) -> dict[str, TrialRun]:
    """Make every run, the first in the folder itself and the others below it."""
    runs: dict[str, TrialRun] = {}
    engines: dict[str, Engine] = {}
    for number, part in enumerate(plan):
        place = None if out is None else Path(out) if number == 0 else Path(out) / part.key
        numbers = evidence
        if part.set == "article":
            claimed = load_evidence(evidence.folder, overlay="article")
            numbers = evidence.replace(_differing(evidence, claimed), "article")
        disorder = part.study.disorder
        if disorder not in engines:
            engines[disorder] = compiled(part.study, numbers)
        run = run_trial(
            part.study, evidence=numbers, out=place, resume=resume and _begun(place),
            only=part.only, engine=engines[disorder], on_progress=told.follow,
        )  # fmt: skip
        runs[part.key] = run
        told.next()
    return runs


def _begun(place: Path | None) -> bool:
    return place is not None and (place / "manifest.json").is_file()


def _differing(own: Evidence, claimed: Evidence) -> dict[str, Any]:
    """The numbers in which the claimed set differs from what ships."""
    shipped_set = load_evidence(own.folder)
    return {
        name: number
        for name, number in claimed.numbers.items()
        if number != shipped_set.numbers[name]
    }


def put_together(first: TrialRun, *others: TrialRun) -> TrialRun:
    """Join the arms of several runs of the same people, over the worlds that all of them have.

    Args:
        first: the run whose study, numbers and info are kept; an arm of a later run takes the
            place of the same arm.
        others: runs of other arms, or of the same arms under another evidence set.
    """
    if not others:
        return first
    draws = min(run.study.draws for run in (first, *others))
    arms: dict[str, tuple[Arm, TrialRun]] = {}
    for run in (first, *others):
        arms |= {arm.name: (arm, run) for arm in run.study.arms}
    seen = first.study.people
    if any(run.study.people != seen or run.study.seed != first.study.seed for run in others):
        raise InputError("runs of different people cannot be put together", "appraisal")

    def joined(table: str) -> pl.DataFrame:
        rows = [
            collected(getattr(run, table), arms=[name]).filter(pl.col("draw") < draws)
            for name, (_, run) in arms.items()
        ]
        return pl.concat(rows, how="diagonal")

    study = replace(first.study, arms=tuple(arm for arm, _ in arms.values()), draws=draws)
    records = tuple(sorted({r for run in (first, *others) for r in run.records}))
    table = (
        others[-1].draws
        if len(others[-1].draws.columns) > len(first.draws.columns)
        else (first.draws)
    )
    return replace(
        first, study=study, subjects=joined("subjects"), courses=joined("courses"),
        draws=table.filter(pl.col("draw") < draws), records=records,
    )  # fmt: skip


def _document(
    studies: Mapping[str, Study],
    claims: Sequence[ClaimRecord],
    runs: Mapping[str, TrialRun],
) -> dict[str, Any]:
    """Judge the claims of every disorder and assemble the document of the first one's run."""
    first = next(iter(studies))
    document: dict[str, Any] = dict(judge_run(runs[first], claims=False).document)
    entries: list[dict[str, Any]] = []
    untestable: list[dict[str, Any]] = []
    bearing: set[str] = set()
    for disorder in studies:
        own = [c for c in claims if c.disorder == disorder]
        made, left = _judge_all(disorder, own, runs)
        entries += made
        untestable += left
        bearing |= {name for each in made for name in each["load_bearing"]}
    untestable += [
        _untestable(c, f"No study of {c.disorder} was run.")
        for c in claims
        if c.disorder not in studies
    ]
    for each in document["evidence"]:
        each["load_bearing"] = each["id"] in bearing
    document["claims"] = entries
    document["untestable"] = untestable
    document["studies"] = [_about(key, run) for key, run in runs.items()]
    document["run"] = {**document["run"], **_counted(runs.values())}
    document["run"]["hashes"] = {
        **document["run"]["hashes"], "claims": {c.id: c.digest for c in claims}
    }  # fmt: skip
    return document


def _judge_all(
    disorder: str, claims: Sequence[ClaimRecord], runs: Mapping[str, TrialRun]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Judge the claims of one disorder; return the verdicts and what could not be tested."""
    whole = runs[disorder]
    beside = [runs[key] for key in (f"{disorder}-therapy",) if key in runs]
    claimed = [runs[key] for key in (f"{disorder}-as-claimed",) if key in runs]
    with_therapy = put_together(whole, *beside)
    as_said = put_together(whole, *beside, *claimed) if claimed else None
    record = trial_record(whole)
    with_record = trial_record(with_therapy) if beside else record
    said_record = trial_record(as_said) if as_said is not None else None
    made, left = [], []
    for claim in claims:
        run, taken = (with_therapy, with_record) if claim.test == "add-on" else (whole, record)
        reason = why_not(claim, run.study)
        if reason:
            left.append(_untestable(claim, reason))
            continue
        entry = judged(claim, run, taken)
        if as_said is not None and said_record is not None:
            entry["as_claimed"] = as_claimed(claim, as_said, said_record)
        made.append(entry)
    return sorted(made, key=lambda each: not each["headline"]), left


def _untestable(claim: ClaimRecord, reason: str) -> dict[str, Any]:
    return {
        "id": claim.id, "paraphrase": claim.paraphrase, "place": claim.place,
        "disorder": claim.disorder, "verdict": "not testable here", "why": reason,
    }  # fmt: skip


def _about(key: str, run: TrialRun) -> dict[str, Any]:
    return {
        "key": key, "id": run.study.id, "evidence_set": run.evidence.name,
        "arms": [arm.name for arm in run.study.arms], "draws": run.study.draws,
        "labels": {arm.name: arm.title for arm in run.study.arms},
        "people_per_arm": run.study.people, "asked": run.info["asked"],
        "failed": run.info["failed"], "seconds": run.info["seconds"],
    }  # fmt: skip


def _counted(runs: Iterable[TrialRun]) -> dict[str, Any]:
    """Count what all runs asked, solved and failed."""
    infos = [run.info for run in runs]
    return {
        **{key: sum(info[key] for info in infos) for key in ("asked", "solved", "failed")},
        "why": [line for info in infos for line in info["why"]][:20],
    }


def _article(reading: Reading, title: str) -> dict[str, Any]:
    """The article with what was made of each sentence."""
    return {
        "title": title,
        "counts": reading.counts(),
        "sentences": [
            {
                "text": each.sentence.text, "start": each.sentence.start, "kind": each.kind,
                "made": each.made, "paragraph": each.sentence.paragraph,
                "shape": each.sentence.kind,
                "findings": [vars(found) for found in each.findings],
            }
            for each in reading.sentences
        ],
    }  # fmt: skip
