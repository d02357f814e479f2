"""The pages that show: a run, two runs side by side, and the evidence behind every number."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from speciosa.evidence.record import GRADES
from speciosa.evidence.table import select
from speciosa.trial.summary import compare
from speciosa.view.explorer.guard import REPORT
from speciosa.view.explorer.library import SERVED, study_of
from speciosa.view.explorer.pages import page, state_words
from speciosa.view.explorer.show import evidence_set, shown
from speciosa.view.explorer.store import FINISHED, Run
from speciosa.view.report import rounded

if TYPE_CHECKING:
    from speciosa.view.explorer.app import Asked

DATA = ("run.json", "manifest.json", "verdict.json", "study.toml", "draws.parquet")
TABLES = ("subjects", "daily", "events", "courses")
MOST_RECORDS = 400  # on one page


def run_page(asked: Asked) -> Response:
    """Show a run: what was asked, the chain, and the answer as far as it is known."""
    run = asked.run()
    given = shown(asked.library, run) or {}
    twin = asked.library.twin(run, asked.session)
    return HTMLResponse(
        page(
            "run.html.j2",
            here="runs",
            run=run,
            state=state_words(run, _now()),
            asked_study=study_of(run.study),
            mine=run.owner == asked.session,
            outside=not run.owner,
            twin=twin,
            has=bool(given),
            others=[r for r in asked.library.seen_by(asked.session) if r.id != run.id
                    and r.state == FINISHED],
            **given,
        )
    )  # fmt: skip


def answer(asked: Asked) -> Response:
    """Give the part of a run's page that changes as worlds arrive."""
    run = asked.run()
    given = shown(asked.library, run)
    if given is None:
        return HTMLResponse("", 204)
    return HTMLResponse(page("answer.html.j2", run=run, **given))


def figures(asked: Asked) -> Response:
    """Give every figure of a run, by its name."""
    given = shown(asked.library, asked.run())
    drawn = {each.id: each.payload() for each in given["figures"]} if given else {}
    return JSONResponse(rounded(drawn))


def file(asked: Asked) -> Response:
    """Give one of the files that may be taken away."""
    run, name = asked.run(), asked.path("name")
    if name == "study.toml":
        return _as_file(run.study.encode(), f"{run.id}.toml", "application/toml")
    at = asked.library.file(run.id, name) if name in SERVED else None
    if at is None or run.state != FINISHED:
        raise HTTPException(404, "There is no such file yet.")
    if name == "report.html":
        return FileResponse(at, headers={"content-security-policy": REPORT})
    return FileResponse(at, filename=f"{run.id}-{name}")


def data(asked: Asked) -> Response:
    """Give a finished run's tables as one archive."""
    run = asked.run()
    if run.state != FINISHED:
        raise HTTPException(404, "The data come when the run is finished.")
    folder = asked.library.folder / run.id
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for name in DATA:
            if asked.library.file(run.id, name):
                archive.write(folder / name, f"{run.id}/{name}")
        for table in TABLES:
            for part in sorted((folder / table).glob("part-*.parquet")):
                archive.write(part, f"{run.id}/{table}/{part.name}")
    return _as_file(held.getvalue(), f"{run.id}.zip", "application/zip")


def _as_file(content: bytes, name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


# ---- two runs ----------------------------------------------------------------------------------


def compare_page(asked: Asked) -> Response:
    """Show two finished runs side by side."""
    runs = [run for run in asked.library.seen_by(asked.session) if run.state == FINISHED]
    names = (asked.query("a"), asked.query("b"))
    if not all(names):
        return HTMLResponse(page("compare.html.j2", here="compare", runs=runs, pair=None))
    first, second = (asked.run(name) for name in names)
    for run in (first, second):
        if run.state != FINISHED:
            raise HTTPException(422, f"{run.id} is not finished: it cannot be compared yet.")
    folder = asked.library.folder
    found = compare(folder / first.id, folder / second.id)
    sides = [_side(asked, run, number) for number, run in enumerate((first, second))]
    named = {arm.name: arm.title for run in (found.first, found.second) for arm in run.study.arms}
    return HTMLResponse(
        page("compare.html.j2", here="compare", runs=runs, pair=found, sides=sides, named=named)
    )


def _side(asked: Asked, run: Run, number: int) -> dict[str, Any]:
    """One run's half of a comparison; its figures have names of their own."""
    given = shown(asked.library, run)
    if given is None:
        raise HTTPException(404, f"{run.id} has no answer.")
    return {"run": run, "letter": "ab"[number], **given}


# ---- evidence ----------------------------------------------------------------------------------


def evidence_page(asked: Asked) -> Response:
    """List the records, weakest first, or those that hold some words."""
    known = evidence_set("evidence")
    grade = asked.query("grade").upper()
    grade = grade if grade in GRADES else ""
    text = asked.query("text")[:200]
    found = select(known, text=text, grade=grade)
    return HTMLResponse(
        page(
            "evidence_list.html.j2",
            here="evidence",
            found=found[:MOST_RECORDS],
            count=len(found),
            text=text,
            grade=grade,
            sources=known.sources,
        )
    )


def record_page(asked: Asked) -> Response:
    """Show one record with its source, as each evidence set has it."""
    name = asked.path("record")
    known = evidence_set("evidence")
    if name not in known.numbers:
        raise HTTPException(404, "There is no such record.")
    both = {other: evidence_set(other).numbers[name] for other in ("evidence", "article")}
    number = both["evidence"]
    return HTMLResponse(
        page(
            "record.html.j2",
            here="evidence",
            number=number,
            claimed=both["article"] if both["article"] != number else None,
            source=known.sources.get(number.source),
        )
    )


def _now() -> float:
    import time

    return time.time()
