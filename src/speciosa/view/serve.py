"""A small local page of the finished runs: it lists the run folders and opens their reports.

Bound to this machine only, read-only, confined to the runs folder, no request leaves it.
"""

from __future__ import annotations

import html
import json
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from speciosa.core.errors import InputError
from speciosa.core.notice import INTENDED_USE, SIMULATED

HOST = "127.0.0.1"
SERVED = {"report.html": "text/html; charset=utf-8", "verdict.json": "application/json"}
STYLE = "body{font:16px/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"


def server(folder: str | Path, port: int) -> ThreadingHTTPServer:
    """Return a server of the runs under ``folder``; the caller runs and closes it.

    Args:
        folder: the folder that holds run folders.
        port: a port of this machine; 0 takes a free one.

    Raises:
        InputError: the folder is not there, or the port is taken.
    """
    at = Path(folder).resolve()
    if not at.is_dir():
        raise InputError(
            "no such folder", str(folder), "Run `speciosa appraise` first, or name another folder."
        )
    try:
        return ThreadingHTTPServer((HOST, port), partial(_Page, at))
    except OSError as error:
        raise InputError(
            f"port {port} cannot be opened ({error.strerror})", "", "Choose another with --port."
        ) from error


def runs_in(folder: Path) -> list[tuple[str, str]]:
    """Return (name of the run, its headline verdict) of every finished run, by name."""
    found = []
    for file in sorted(folder.glob("*/verdict.json")):
        claims = json.loads(file.read_text(encoding="utf-8")).get("claims", [])
        headline = claims[0] if claims else {}
        found.append((file.parent.name, str(headline.get("verdict", "no claim judged"))))
    return found


def front_page(folder: Path) -> str:
    """Return the page that lists the runs."""
    rows = "".join(
        f'<li><a href="/{html.escape(name)}/report.html">{html.escape(name)}</a>: '
        f"{html.escape(word)}</li>"
        for name, word in runs_in(folder)
    )
    listed = f"<ul>{rows}</ul>" if rows else "<p>No finished run here yet.</p>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Speciosa: runs</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style><h1>Finished runs</h1>{listed}"
        f"<p>{SIMULATED.capitalize()}. {html.escape(INTENDED_USE)}</p>"
    )


class _Page(BaseHTTPRequestHandler):
    """Answers GET for the list and for the two files of each run, and nothing else."""

    def __init__(self, folder: Path, *rest: Any) -> None:
        self.folder = folder
        super().__init__(*rest)

    def do_GET(self) -> None:
        """Answer one request."""
        name = self.headers.get("Host", "").rsplit(":", 1)[0]
        if name not in (HOST, "localhost"):
            return self._answer(421, "text/plain", b"this server answers on this machine only")
        parts = self.path.split("?", 1)[0].strip("/").split("/")
        if parts == [""]:
            return self._answer(200, SERVED["report.html"], front_page(self.folder).encode())
        known = {run for run, _ in runs_in(self.folder)}
        if len(parts) == 2 and parts[0] in known and parts[1] in SERVED:
            file = self.folder / parts[0] / parts[1]
            if file.is_file():
                return self._answer(200, SERVED[parts[1]], file.read_bytes())
        return self._answer(404, "text/plain", b"no such run")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: nothing about a visit is written down."""
