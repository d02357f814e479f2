"""The page of finished runs: lists them, opens their reports, and answers nothing else."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from speciosa.core.errors import InputError
from speciosa.view.serve import server


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    run = tmp_path / "mine-1"
    run.mkdir()
    (run / "verdict.json").write_text(json.dumps({"claims": [{"verdict": "not supported"}]}))
    (run / "report.html").write_text("<p>the report</p>")
    (tmp_path / "secret.txt").write_text("not for serving")
    with server(tmp_path, 0) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{pages.server_address[1]}"
        pages.shutdown()


def _get(url: str, host: str | None = None) -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_front_page_lists_runs_with_their_verdict(address: str) -> None:
    status, page = _get(f"{address}/")
    assert status == 200
    assert "mine-1" in page
    assert "not supported" in page
    assert "not observed" in page


def test_a_report_opens(address: str) -> None:
    assert _get(f"{address}/mine-1/report.html") == (200, "<p>the report</p>")


@pytest.mark.parametrize(
    "path", ["/secret.txt", "/mine-1/../secret.txt", "/..%2fsecret.txt", "/mine-1/x"]
)
def test_nothing_else_is_served(address: str, path: str) -> None:
    assert _get(address + path)[0] == 404


def test_a_foreign_host_name_is_refused(address: str) -> None:
    assert _get(f"{address}/", host="example.org")[0] == 421


def test_a_missing_folder_is_named() -> None:
    with pytest.raises(InputError, match="no such folder"):
        server("nowhere-at-all", 0)
