"""The pages that ask: the form of a study, its file in and out, and an article's text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.responses import Response as Answer

from speciosa.care.shelf import SHELF
from speciosa.care.suggest import suggest
from speciosa.core.errors import SpeciosaError
from speciosa.trial.study import ROLES
from speciosa.view.banners import Banner, banners_for
from speciosa.view.explorer import article, ask, running
from speciosa.view.explorer.pages import fields_of, page
from speciosa.view.explorer.store import FINISHED

if TYPE_CHECKING:
    from speciosa.view.explorer.app import Asked

STUDY, TEXT = "study", "article"
MOST_OFFERED = 12  # words
MOST_READ = 20  # runs looked through for verdicts on an article's claims
WARNINGS = ("alcohol", "agonist with sedative")


def _table(asked: Asked) -> ask.Table:
    """Return what the session has asked so far; the default study before that."""
    kept = asked.store.kept(asked.session, STUDY)
    return ask.table_of(kept or ask.shipped_text(ask.START))


def form_page(asked: Asked) -> Answer:
    """Show the question as a form."""
    return _form(asked, _table(asked), {})


def _form(asked: Asked, table: ask.Table, wrong: dict[str, str]) -> Answer:
    return HTMLResponse(
        page(
            "ask.html.j2",
            here="ask",
            table=table,
            people=fields_of(table.get("population", {})),
            wrong=wrong,
            studies=ask.shipped_studies(),
            roles=ROLES,
            products=sorted(str(product) for product in SHELF),
            banners=_banners(table),
            size=_size(table),
        )
    )


def _banners(table: ask.Table) -> list[Banner]:
    """Return the warnings that a question calls for; what a run says of care comes with it."""
    said = banners_for({"study": table.get("study", {}), "arms": table.get("arm", [])})
    return [banner for banner in said if banner.when in WARNINGS]


def _size(table: ask.Table) -> str:
    people = table.get("population", {})
    counts = (people.get("people_per_arm", 40), people.get("draws", 100))
    if not all(isinstance(count, int) for count in counts):
        return ""
    return f"{counts[0] * counts[1] * len(table.get('arm', [])):,}"


def act(asked: Asked) -> Answer:
    """Take the form: run it, or show what is wrong beside each field."""
    table = _taken(asked)
    wrong = ask.problems(table)
    if wrong or asked.form.get("do") != "run":
        return _form(asked, table, wrong)
    run = running.queue(asked, ask.text_of(table))
    return RedirectResponse(f"/runs/{run.id}", 303)


def _taken(asked: Asked) -> ask.Table:
    """Return the form's table, and keep it: a reload loses nothing.

    Another disorder has other arms, scales and people: its own study is opened instead.
    """
    base = _table(asked)
    table = ask.merged(base, asked.form)
    left, chosen = (each["study"].get("disorder") for each in (base, table))
    if left != chosen and (start := ask.start_for(str(chosen))):
        asked.store.keep(asked.session, f"{STUDY} {left}", ask.text_of(base))
        text = asked.store.kept(asked.session, f"{STUDY} {chosen}") or ask.shipped_text(start)
        asked.store.keep(asked.session, STUDY, text)
        return ask.table_of(text)
    asked.store.keep(asked.session, STUDY, ask.text_of(table))
    return table


def draft(asked: Asked) -> Answer:
    """Keep the form as it is being written; tell what is wrong and what must be said."""
    before = _table(asked)["study"].get("disorder")
    table = _taken(asked)
    said = [{"text": banner.text, "source": banner.source} for banner in _banners(table)]
    study = table.get("study", {})
    return JSONResponse({
        "other": table["study"].get("disorder") != before,
        "wrong": ask.problems(table),
        "banners": said,
        "size": _size(table),
        "lengths": {key: study.get(key, 0) for key in ask.LENGTH},
        "endpoints": [[each.get("label", ""), each.get("days")] for each in table["endpoint"]],
    })  # fmt: skip


def suggestions(asked: Asked) -> Answer:
    """Tell which words may follow in an unfinished regimen."""
    return JSONResponse(list(suggest(asked.query("text")[: ask.LONGEST_LINE]))[:MOST_OFFERED])


def open_shipped(asked: Asked) -> Answer:
    """Take a shipped study as the question."""
    text = ask.shipped_text(asked.form.get("study", ""))
    asked.store.keep(asked.session, STUDY, text)
    return RedirectResponse("/", 303)


def upload(asked: Asked) -> Answer:
    """Take an uploaded study, whose text is the body; it is parsed as data and never run here."""
    try:
        study = ask.uploaded(asked.body)
    except SpeciosaError as error:
        return JSONResponse({"error": str(error)})
    asked.store.keep(asked.session, STUDY, asked.body)
    return JSONResponse({"study": study.id})


def download(asked: Asked) -> Answer:
    """Give the question as the file that the command line reads."""
    table = _table(asked)
    name = "".join(c for c in str(table["study"].get("id", "study")) if c.isalnum() or c in "-_")
    kept = asked.store.kept(asked.session, STUDY) or ask.shipped_text(ask.START)
    headers = {"content-disposition": f'attachment; filename="{name or "study"}.toml"'}
    return PlainTextResponse(kept, headers=headers)


def article_page(asked: Asked) -> Answer:
    """Show the field for an article's text, and what was found in the last one."""
    return _article(asked, asked.store.kept(asked.session, TEXT))


def read_article(asked: Asked) -> Answer:
    """Look for claims in a pasted text; it stays with the session that pasted it."""
    text = asked.form.get("text", "")[: article.LONGEST]
    asked.store.keep(asked.session, TEXT, text)
    return _article(asked, text)


def _article(asked: Asked, text: str) -> Answer:
    found, wrong = None, ""
    if text.strip():
        try:
            found = article.found_in(text)
        except SpeciosaError as error:
            wrong = str(error)
    return HTMLResponse(
        page(
            "article_page.html.j2",
            here="article",
            text=text,
            found=found,
            wrong=wrong,
            studies=ask.shipped_studies() if found else {},
            judged=_judged(asked) if found else {},
        )
    )


def _judged(asked: Asked) -> dict[str, dict[str, Any]]:
    """Return claim -> its verdict in the newest finished run that the session may see."""
    found: dict[str, dict[str, Any]] = {}
    for run in asked.library.seen_by(asked.session)[:MOST_READ]:
        document = asked.library.document(run) if run.state == FINISHED else None
        for claim in (document or {}).get("claims", ()):
            told = {"run": run.id, "verdict": claim["verdict"], "grade": claim["weakest_grade"]}
            found.setdefault(claim["id"], {**told, "probability": claim["probability"]})
    return found
