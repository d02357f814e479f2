"""The explorer as a web application: its addresses and what answers at each.

Nothing is kept in a page: a reload, a second window or a restart shows the same.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from speciosa.core.errors import SpeciosaError
from speciosa.view.explorer import asking, reading, running
from speciosa.view.explorer.guard import LOOPBACK, Guard, TooLargeError
from speciosa.view.explorer.library import Library
from speciosa.view.explorer.line import Line
from speciosa.view.explorer.pages import page, static
from speciosa.view.explorer.store import Store

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
STATIC = ("explorer.css", "explorer-figures.js", "explorer-ask.js", "explorer-run.js", "report.css")
DAY = "private, max-age=86400"
Handler = Callable[["Asked"], Response]


class Asked:
    """One request, read: who asks, what for, and with which words.

    Args:
        request: the request.
        body: its body as text.
    """

    def __init__(self, request: Request, body: str) -> None:
        self.request, self.body = request, body
        self.session: str = request.scope["session_id"]
        self.library: Library = request.app.state.library
        self.line: Line = request.app.state.line
        self.store: Store = self.library.store

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form."""
        return dict(parse_qsl(self.body, keep_blank_values=True, max_num_fields=2000))

    def path(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str:
        """A word after the question mark."""
        return str(self.request.query_params.get(name, ""))

    def run(self, name: str | None = None) -> Any:
        """Return the run that is asked for; what the session may not see is not there."""
        found = self.library.open(name or self.path("run"), self.session)
        if found is None:
            raise HTTPException(404, "There is no such run here.")
        return found


def explorer(folder: Path, *, hosts: tuple[str, ...] = LOOPBACK, ahead: bool = True) -> Any:
    """Return the application.

    Args:
        folder: where runs are kept.
        hosts: host names that it answers to.
        ahead: start the next run's process before it is needed.
    """
    store = Store(folder)
    line = Line(store, ahead=ahead)

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        line.start()
        yield
        line.close()
        store.close()

    app = Starlette(
        routes=_routes(),
        lifespan=life,
        middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={
            HTTPException: _told,
            SpeciosaError: _wrong,
            TooLargeError: _large,
            ValueError: _unreadable,
        },
    )
    app.state.library, app.state.line = Library(store), line
    return Guard(app, hosts)


def _routes() -> list[Route]:
    gets: dict[str, Handler] = {
        "/": asking.form_page,
        "/study.toml": asking.download,
        "/suggest": asking.suggestions,
        "/runs": running.list_page,
        "/runs.json": running.states,
        "/runs/{run}": reading.run_page,
        "/runs/{run}/state": running.state,
        "/runs/{run}/answer": reading.answer,
        "/runs/{run}/figures": reading.figures,
        "/runs/{run}/data.zip": reading.data,
        "/runs/{run}/file/{name}": reading.file,
        "/compare": reading.compare_page,
        "/article": asking.article_page,
        "/evidence": reading.evidence_page,
        "/evidence/{record}": reading.record_page,
    }
    posts: dict[str, Handler] = {
        "/": asking.act,
        "/draft": asking.draft,
        "/open": asking.open_shipped,
        "/upload": asking.upload,
        "/article": asking.read_article,
        "/runs/{run}/{deed}": running.act,
    }
    routes = [Route(at, _answering(do), methods=["GET"]) for at, do in gets.items()]
    routes += [Route(at, _answering(do), methods=["POST"]) for at, do in posts.items()]
    return [*routes, Route("/static/{name}", _static, methods=["GET"])]


def _answering(handler: Handler) -> Callable[[Request], Any]:
    """Read the request, and answer it beside the loop, so that nothing waits for a file."""

    async def answer(request: Request) -> Response:
        body = (await request.body()).decode("utf-8")
        return await run_in_threadpool(handler, Asked(request, body))

    return answer


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name == "plotly.js":
        from speciosa.view.report import plotly_script

        content: bytes = plotly_script().encode()
    elif name in STATIC:
        content = static(name)
    else:
        raise HTTPException(404, "There is no such file.")
    kind = KINDS[Path(name).suffix]
    return Response(content, media_type=kind, headers={"cache-control": DAY})


# ---- when something is wrong -------------------------------------------------------------------


def _plain(request: Request) -> bool:
    return "text/html" not in request.headers.get("accept", "")


def _say(request: Request, status: int, what: str) -> Response:
    if _plain(request):
        return JSONResponse({"error": what}, status)
    return HTMLResponse(page("told.html.j2", what=what, here=""), status)


def _told(request: Request, error: Any) -> Response:
    return _say(request, error.status_code, str(error.detail))


def _wrong(request: Request, error: Any) -> Response:
    return _say(request, 422, str(error))


def _large(request: Request, error: Any) -> Response:
    return PlainTextResponse("That is too large.", 413)


def _unreadable(request: Request, error: Any) -> Response:
    return _say(request, 400, "This request cannot be read.")


def now() -> float:
    """Seconds since 1970."""
    return time.time()
