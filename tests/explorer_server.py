"""The explorer, served in a thread for tests, and plain requests to it."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from speciosa.view.explorer.server import Served, server


@contextmanager
def serving(folder: Path, *, ahead: bool = False) -> Iterator[Served]:
    """Serve a results folder until the block ends."""
    served = server(folder, 0, ahead=ahead)
    thread = threading.Thread(target=served.run, daemon=True)
    thread.start()
    while not served.uvicorn.started:
        time.sleep(0.01)
    try:
        yield served
    finally:
        served.stop()
        thread.join(10)


class Client:
    """Sends plain requests, with the cookie of one session."""

    def __init__(self, port: int) -> None:
        self.port, self.cookie = port, ""

    def ask(
        self, method: str, path: str, body: str | bytes = "", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """Return status, headers and text of an answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Host", f"127.0.0.1:{self.port}")
        if self.cookie:
            named["Cookie"] = self.cookie
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        wire.putrequest(method, path, skip_host=True)
        content = body.encode() if isinstance(body, str) else body
        if content and "Content-Length" not in named:
            named["Content-Length"] = str(len(content))
        for name, value in named.items():
            wire.putheader(name, value)
        wire.endheaders(content or None)
        answer: Any = wire.getresponse()
        text = answer.read().decode("utf-8", "replace")
        found = {name.lower(): value for name, value in answer.getheaders()}
        if "set-cookie" in found:
            self.cookie = found["set-cookie"].split(";")[0]
        wire.close()
        return answer.status, found, text

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        """Return the answer to a GET."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
        """Return the answer to a POST."""
        return self.ask("POST", path, body, **headers)
