"""One run in a process of its own: it can be watched, and ended at any moment.

It reads one line of JSON (the study's text, its run folder and where its answer so far goes) and
writes one line for everything that a page should know. It makes ready for the default study while
it waits. When its standard input closes it ends: nothing runs on after the explorer.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from speciosa.evidence.load import Evidence
    from speciosa.trial.look import Look
    from speciosa.trial.run import Progress, TrialRun
    from speciosa.trial.study import Study

NICENESS = 5  # the page comes first
DEFAULT = "combination-opioid"
BAD_INPUT = 2


def main() -> int:
    """Wait for one run, do it, and return the exit code."""
    line: list[str] = []
    arrived = threading.Event()
    threading.Thread(target=_listen, args=(line, arrived), daemon=True).start()
    ready = None if "--cold" in sys.argv else _made_ready(arrived)
    tell(state="ready")
    arrived.wait()
    job = json.loads(line[0])
    return run(job["study"], Path(job["folder"]), Path(job["answer"]), ready)


def tell(**what: Any) -> None:
    """Write one line for the explorer."""
    print(json.dumps(what), flush=True)


def _listen(line: list[str], arrived: threading.Event) -> None:
    """Take the first line; end the process when the explorer is gone."""
    line.append(sys.stdin.readline())
    if not line[0]:
        os._exit(1)
    arrived.set()
    sys.stdin.read()
    os._exit(1)


def _made_ready(arrived: threading.Event) -> Look:
    """Return the default study's first look, compiled."""
    from speciosa.trial.look import Look
    from speciosa.trial.study import load_study

    look = Look(load_study(DEFAULT))
    if not arrived.is_set():
        look.compile()
    return look


def run(text: str, folder: Path, answer: Path, ready: Look | None = None) -> int:
    """Run a study in its folder: a first look, then every chunk, each sharpening the answer.

    Args:
        text: the study file.
        folder: the run folder.
        answer: the file for the answer so far.
        ready: a first look that was made ready, if it is the study's.
    """
    from speciosa.core.errors import SpeciosaError
    from speciosa.trial.study import read_study

    try:
        study = read_study(tomllib.loads(text), f"{folder.name}.toml", text)
        _run(study, folder, answer, ready)
    except SpeciosaError as error:
        tell(state="failed", message=str(error))
        return BAD_INPUT
    return 0


def _run(study: Study, folder: Path, answer: Path, ready: Look | None) -> None:
    from speciosa.evidence.load import load_evidence
    from speciosa.trial.look import Look
    from speciosa.trial.run import run_trial
    from speciosa.verdict.appraise import judge_run
    from speciosa.view.report import write_report

    evidence = load_evidence(overlay=study.evidence_set)
    asked = len(study.arms) * study.draws * study.people
    tell(state="running", phase="a first look", asked=asked)
    if not answer.is_file():
        if ready is None or not ready.serves(study):
            ready = Look(study, evidence)
        _keep(ready.see(), answer)
    os.nice(NICENESS)
    sharpen = Sharpening(study, evidence, folder, answer)
    tell(state="running", phase="all worlds", asked=asked)
    record = run_trial(
        study, evidence=evidence, out=folder, resume=True, group=1, on_progress=sharpen.follow
    )
    tell(state="running", phase="judging and writing the report", done=asked)
    verdict = judge_run(record)
    verdict.save(folder / "verdict.json")
    write_report(verdict.document, folder / "report.html")
    tell(state="finished", done=record.info["solved"], failed=record.info["failed"])


class Sharpening:
    """Follows a run and judges what is whole: each chunk of every arm makes the answer sharper.

    Args:
        study: the study that runs.
        evidence: the numbers it runs on.
        folder: its run folder.
        answer: the file for the answer so far.
    """

    def __init__(self, study: Study, evidence: Evidence, folder: Path, answer: Path) -> None:
        from speciosa.trial.chunks import chunks

        self.study, self.evidence, self.folder, self.answer = study, evidence, folder, answer
        self.chunks = [len(draw) for draw, _ in chunks(study)]
        self.judged = 0

    def follow(self, progress: Progress) -> None:
        """Tell how far the run is, and the answer so far where it has become sharper."""
        from speciosa.trial.look import so_far

        done, arms = progress.solved + progress.failed, len(self.study.arms)
        tell(state="running", done=done, failed=progress.failed, asked=progress.asked)
        whole = sum(done >= arms * sum(self.chunks[: n + 1]) for n in range(len(self.chunks)))
        if self.judged < whole < len(self.chunks):
            self.judged = whole
            _keep(so_far(self.study, self.evidence, self.folder, whole), self.answer)


def _keep(record: TrialRun, answer: Path) -> None:
    """Judge what is there and write the answer so far, whole or not at all."""
    from speciosa.verdict.appraise import judge_run
    from speciosa.verdict.document import plain
    from speciosa.view.explorer.course import courses, scale_bands

    arms = [arm.name for arm in record.study.arms]
    drawn = courses(record.courses, arms, scale_bands(record.evidence.instruments))
    document = {**judge_run(record).document, "every_course": plain(drawn)}
    part = answer.with_suffix(".part")
    part.write_text(json.dumps(document, allow_nan=False), encoding="utf-8")
    os.replace(part, answer)
    tell(state="running", answer=True)


if __name__ == "__main__":
    sys.exit(main())
