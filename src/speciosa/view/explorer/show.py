"""What a page shows of one run: its answer, its chain and its figures, all from its own files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from speciosa.evidence.load import Evidence, load_evidence
from speciosa.view.explorer.course import (
    TRUE,
    Courses,
    courses,
    given,
    scale_bands,
    shares,
    survival,
    waiting,
)
from speciosa.view.explorer.library import Library, study_of
from speciosa.view.explorer.picture import abstinence, cards
from speciosa.view.explorer.store import FINISHED, Run
from speciosa.view.figures.retention import at_risk, retention
from speciosa.view.report import context


def shown(library: Library, run: Run) -> dict[str, Any] | None:
    """Return everything that the templates of a run need; None before there is an answer."""
    document = library.document(run)
    if document is None:
        return None
    parts = context({**document, "courses": {}})
    study = study_of(run.study)
    look = parts["look"]
    at = library.folder / run.id
    finished = run.state == FINISHED
    made = _courses_of(at, _stamp(at), tuple(look)) if finished else document["every_course"]
    doses_given = given(study)
    chain = cards(made, doses_given, look, _records(document))
    curves = _abstinence_of(at, _stamp(at), tuple(look), study.days) if finished else []
    figures = list(parts["figures"])
    if curves:
        drawn = abstinence(retention(curves, look))
        figures.append(drawn)
        parts |= {"abstinence": drawn, "abstinence_at_risk": at_risk(curves, look)}
    else:
        parts |= {"abstinence": None, "abstinence_at_risk": []}
    figures += [each for card in chain for each in card.figures]
    waits = {arm.title: lines for arm in study.arms if (lines := waiting(arm, study.length))}
    return {**parts, "chain": chain, "figures": figures, "waits": waits, "rough": not finished,
            "worlds_so_far": document["run"].get("draws"), "worlds_asked": study.draws}  # fmt: skip


def _stamp(at: Path) -> int:
    return (at / "run.json").stat().st_mtime_ns


@lru_cache(maxsize=8)
def _courses_of(at: Path, stamp: int, arms: tuple[str, ...]) -> Courses:
    table = pl.read_parquet(sorted((at / "courses").glob("part-*.parquet")))
    made = courses(table, arms, scale_bands(evidence_set("evidence").instruments))
    files = sorted((at / "daily").glob("part-*.parquet"))
    there = pl.read_parquet_schema(files[0]) if files else {}
    wanted = ["draw", "arm", "day", *(name for name in TRUE if name in there)]
    if files:
        daily = pl.concat([pl.read_parquet(file, columns=wanted) for file in files])
        made["day"] |= shares(daily, arms)
    return made


@lru_cache(maxsize=8)
def _abstinence_of(at: Path, stamp: int, arms: tuple[str, ...], days: int) -> Any:
    events = pl.read_parquet(sorted((at / "events").glob("part-*.parquet")))
    columns = ["draw", "person", "arm", "failed"]
    files = sorted((at / "subjects").glob("part-*.parquet"))
    subjects = pl.concat([pl.read_parquet(file, columns=columns) for file in files])
    return survival(events, subjects, arms, days)


@lru_cache(maxsize=4)
def evidence_set(name: str) -> Evidence:
    """Return an evidence set, read once."""
    return load_evidence(overlay=name)


def _records(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a run rests on, each record with its topic."""
    known = evidence_set(document["study"].get("evidence_set") or "evidence").numbers
    return [
        {**entry, "stage": known[entry["id"]].stage if entry["id"] in known else ""}
        for entry in document.get("evidence", ())
    ]
