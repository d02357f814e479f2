"""A study or an appraisal carried out in its run folder, with progress, report and resumption."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from speciosa.core.errors import SpeciosaError

INTERRUPTED = 130  # exit code


def run_study(
    command: str, words: list[str], given: dict[str, Any], out: Path | None, resume: bool
) -> tuple[dict[str, Any], Path]:
    """Run and judge a study in its folder; return its verdict document and the folder."""
    from speciosa.trial.folder import folder_for
    from speciosa.trial.study import load_study
    from speciosa.verdict.appraise import appraise as judge
    from speciosa.verdict.matched import answered
    from speciosa.view.progress import people_progress
    from speciosa.view.report import write_report

    study = load_study(given["--study"]).resized(
        seed=given["--seed"], draws=given["--draws"], people=given["--people"]
    )
    folder = out or folder_for(study, resume)
    if words:
        given = {**given, "--study": None}
    options = [str(word) for key, v in given.items() if v is not None for word in (key, v)]
    again = ["speciosa", command, *words, *options, "--out", str(folder), "--resume"]
    with _resumable(folder, again), people_progress() as bar:
        verdict = judge(
            study, out=folder, resume=resume, cluster=given.get("--cluster"), on_progress=bar.follow
        )
        document = answered(verdict.document, study, folder, resume=resume)
        write_report(document, folder / "report.html")
    return document, folder


def run_appraisal(
    target: str | None, given: dict[str, Any], synergy: bool, out: Path | None, resume: bool
) -> tuple[dict[str, Any], Path]:
    """Judge an article or claims in a folder; return the verdict document and the folder."""
    from speciosa.trial.folder import folder_for
    from speciosa.trial.study import load_study
    from speciosa.verdict.appraisal import appraise_article, read_target
    from speciosa.view.progress import people_progress
    from speciosa.view.report import write_report

    text, title, claims = read_target(target)
    study = load_study(given["--study"]).resized(
        seed=given["--seed"], draws=given["--draws"], people=given["--people"]
    )
    folder = out or folder_for(study, resume)
    words = [target] if target else []
    options = [str(word) for key, v in given.items() if v is not None for word in (key, v)]
    options += ["--synergy"] if synergy else []
    again = ["speciosa", "appraise", *words, *options, "--out", str(folder), "--resume"]
    with _resumable(folder, again), people_progress() as bar:
        verdict = appraise_article(
            text,
            title=title,
            study=study,
            claims=claims,
            seed=given["--seed"],
            draws=given["--draws"],
            people=given["--people"],
            synergy=synergy,
            out=folder,
            resume=resume,
            on_progress=bar.follow,
        )
        write_report(verdict.document, folder / "report.html")
    return dict(verdict.document), folder


@contextmanager
def _resumable(folder: Path, again: list[str]) -> Iterator[None]:
    """Turn an interruption into one line that says what is kept and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        kept = (folder / "manifest.json").is_file()
        stopped = SpeciosaError(
            f"interrupted; what is done is kept in {folder}" if kept
            else "interrupted before anything was written",
            cure=f"Go on with: {shlex.join(again)}" if kept else "",
        )  # fmt: skip
        stopped.exit_code = INTERRUPTED
        raise stopped from None
