"""Runs in the line: their list, their state, and what can be done with one."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from speciosa.view.explorer.ask import text_of
from speciosa.view.explorer.library import kin_of, study_of
from speciosa.view.explorer.pages import page, state_words
from speciosa.view.explorer.store import QUEUED, RESUMABLE, Run

if TYPE_CHECKING:
    from speciosa.view.explorer.app import Asked

MOST_WAITING = 100  # runs of one session


def queue(asked: Asked, text: str) -> Run:
    """Put a study into the line.

    Raises:
        InputError: the text is no study that can be run.
    """
    study = study_of(text)
    mine = [run for run in asked.store.runs() if run.owner == asked.session and run.open]
    if len(mine) >= MOST_WAITING:
        raise HTTPException(429, f"{len(mine)} runs wait already. Let some of them finish.")
    run = asked.store.add(
        asked.session, study.id, title=study.question, study=text, kin=kin_of(text),
        evidence_set=study.evidence_set, asked=len(study.arms) * study.draws * study.people,
    )  # fmt: skip
    asked.line.wake()
    return run


def list_page(asked: Asked) -> Response:
    """Show every run that the session may see."""
    runs = [(run, state_words(run, _now())) for run in asked.library.seen_by(asked.session)]
    return HTMLResponse(page("runs.html.j2", runs=runs, here="runs"))


def states(asked: Asked) -> Response:
    """Tell the state of every run that the session may see."""
    seen = asked.library.seen_by(asked.session)
    return JSONResponse([state_words(run, _now()) for run in seen])


def state(asked: Asked) -> Response:
    """Tell the state of one run, and how many wait before it."""
    run = asked.run()
    waiting = [each for each in asked.store.runs() if each.state == QUEUED]
    before = sum(each.created < run.created for each in waiting) if run.state == QUEUED else 0
    return JSONResponse({**state_words(run, _now()), "before": before})


def act(asked: Asked) -> Response:
    """Cancel, resume, run again, run on the other evidence set, share or stop sharing."""
    run, deed = asked.run(), asked.path("deed")
    if deed == "again":
        return _go(queue(asked, run.study))
    if deed == "twin":
        found = asked.library.twin(run, asked.session)
        return _go(found or queue(asked, on_other_set(run.study)))
    if run.owner != asked.session:
        raise HTTPException(403, "Only the session that asked a run can change it.")
    if deed == "cancel":
        asked.line.cancel(run.id)
    elif deed == "resume":
        anew = {"done": 0, "first_done": 0, "first_at": 0.0, "last_at": 0.0, "ended": 0.0}
        asked.store.change_from(run.id, RESUMABLE, state=QUEUED, message="", **anew)
        asked.line.wake()
    elif deed in ("share", "unshare"):
        asked.store.change(run.id, shared=deed == "share")
    else:
        raise HTTPException(404, "There is no such deed.")
    return _go(run)


def on_other_set(text: str) -> str:
    """Return a study on the other evidence set: as claimed, or as the evidence supports."""
    table = tomllib.loads(text)
    used = table.setdefault("hypotheses", {}).get("evidence_set", "evidence")
    table["hypotheses"]["evidence_set"] = "article" if used == "evidence" else "evidence"
    made = text_of(table)
    assert replace(study_of(made), evidence_set=used).digest == study_of(text).digest
    return made


def _go(run: Run) -> Response:
    return RedirectResponse(f"/runs/{run.id}", 303)


def _now() -> float:
    import time

    return time.time()
