"""Who may ask the explorer anything: pages of this machine, in small requests, and nobody else.

A page of another site can make a browser send requests to this machine. They are told by their
``Host`` (a name that was pointed here) or their ``Origin`` (another site) and refused, whatever
they ask, the opening of a websocket included.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
LARGEST = 1_000_000  # bytes of a request; a study file has about 5,000
COOKIE = "speciosa"
YEAR = 365 * 24 * 3600  # seconds
OWN = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
REPORT = (  # one file with everything inside, which fetches nothing
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; frame-ancestors 'none'"
)
_SESSION = re.compile(r"[0-9a-f]{32}")


class Guard:
    """Refuse foreign hosts, foreign origins and large bodies; name the session; set headers.

    Args:
        app: the application behind it.
        hosts: host names that it answers to.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = LOOPBACK) -> None:
        self.app, self.hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self.refusal(headers)
        if scope["type"] != "http":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif refused:
            await _say(send, *refused)
        else:
            scope["session_id"], new = session_of(headers.get("cookie", ""))
            cookie = f"{COOKIE}={scope['session_id']}; Path=/; Max-Age={YEAR}; HttpOnly; "
            with_headers = _dressed(send, cookie + "SameSite=Strict" if new else "")
            await self.app(scope, _bounded(receive), with_headers)

    def refusal(self, headers: Headers) -> tuple[int, str] | None:
        """Return the status and the words of a refusal, or None."""
        host = headers.get("host", "")
        if host_name(host) not in self.hosts:
            return 421, "This page answers on this machine only."
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return 403, "This request comes from another site."
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not (
            headers.get("sec-fetch-mode") == "navigate" and origin is None
        ):
            return 403, "This request comes from another site."
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST:
            return 413, f"At most {LARGEST:,} bytes."
        return None


def host_name(host: str) -> str:
    """Return a host without its port.

    >>> host_name("127.0.0.1:8765"), host_name("[::1]:80"), host_name("localhost")
    ('127.0.0.1', '[::1]', 'localhost')
    """
    return re.sub(r":\d*$", "", host) if not host.endswith("]") else host


def session_of(cookie: str) -> tuple[str, bool]:
    """Return the session that a request belongs to, and whether it is new."""
    try:
        found = SimpleCookie(cookie).get(COOKIE)
    except CookieError:
        found = None
    if found is not None and _SESSION.fullmatch(found.value):
        return found.value, False
    return uuid.uuid4().hex, True


class TooLargeError(Exception):
    """The body is larger than any that the explorer takes."""


def _bounded(receive: Receive) -> Receive:
    """Count what is received: a body without a declared length is bounded too."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST:
            raise TooLargeError
        return message

    return counted


def _dressed(send: Send, cookie: str) -> Send:
    """Add the headers that keep a page to itself."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("content-security-policy", OWN)
            headers.setdefault("cache-control", "no-store")
            headers["x-content-type-options"] = "nosniff"
            headers["referrer-policy"] = "same-origin"
            headers["cross-origin-resource-policy"] = "same-origin"
            headers["cross-origin-opener-policy"] = "same-origin"
            if cookie:
                headers.append("set-cookie", cookie)
        await send(message)

    return dressed


async def _say(send: Send, status: int, words: str) -> None:
    head = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": words.encode()})
