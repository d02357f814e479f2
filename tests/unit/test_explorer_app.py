"""The explorer's door: who may ask, for what, and what no request can reach."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from explorer_server import Client, serving
from speciosa.core.errors import InputError
from speciosa.core.notice import INTENDED_USE
from speciosa.view.explorer import ask
from speciosa.view.explorer.guard import LARGEST
from speciosa.view.explorer.server import server
from speciosa.view.explorer.store import Store

PAGES = ("/", "/runs", "/compare", "/article", "/evidence", "/evidence/claimed.synergy")
OUTSIDE = "made-1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("results")
    (at / "secret.txt").write_text("not for serving")
    (at.parent / "verdict.json").write_text('{"secret": true}')
    return at


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    with serving(folder) as served:
        yield served.port


@pytest.fixture
def client(port: int) -> Client:
    return Client(port)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_it_is_for_and_where_to_find_help(client: Client, page: str) -> None:
    began = time.monotonic()
    status, headers, text = client.get(page, Accept="text/html")
    assert time.monotonic() - began < 10
    assert status == 200
    assert INTENDED_USE in text
    assert "simulated, not observed" in text
    assert "988" in text
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "https://" not in text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("host", ["example.org", "example.org:80", "127.0.0.1.example.org", ""])
def test_a_foreign_host_is_refused(client: Client, method: str, host: str) -> None:
    assert client.ask(method, "/", Host=host)[0] == 421


@pytest.mark.parametrize(
    "origin", ["http://example.org", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1"]
)
def test_a_foreign_origin_is_refused(client: Client, origin: str) -> None:
    origin = origin.format(port=client.port)
    assert client.post("/draft", "study.days=3", Origin=origin)[0] == 403
    assert client.get("/runs.json", Origin=origin)[0] == 403


def test_a_request_that_another_site_makes_is_refused(client: Client) -> None:
    told = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}
    assert client.get("/runs.json", **told)[0] == 403
    assert client.post("/open", "study=combination-opioid", **told)[0] == 403
    followed = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert client.get("/", **followed)[0] == 200


def test_the_own_origin_is_taken(client: Client) -> None:
    own = f"http://127.0.0.1:{client.port}"
    assert client.post("/draft", "study.days=3", Origin=own)[0] == 200


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1:{port}"])
def test_no_websocket_opens(port: int, host: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        lines = (
            "GET /runs HTTP/1.1", f"Host: {host.format(port=port)}", "Connection: Upgrade",
            "Upgrade: websocket", "Origin: http://example.org", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", "",
        )  # fmt: skip
        wire.sendall("\r\n".join(lines).encode())
        assert wire.recv(100).split()[1] in (b"403", b"421")


def test_too_large_a_body_is_refused_with_and_without_its_length(client: Client, port: int) -> None:
    assert client.ask("POST", "/upload", b"", Content_Length=str(LARGEST + 1))[0] == 413
    assert client.ask("POST", "/upload", b"", Content_Length="-1")[0] in (400, 413)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        head = (
            f"POST /upload HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        wire.sendall(head.encode())
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        for _ in range(LARGEST // 65536 + 2):
            wire.sendall(piece)
        wire.sendall(b"0\r\n\r\n")
        assert wire.recv(100).split()[1] == b"413"


@pytest.mark.parametrize(
    "path",
    [
        "/secret.txt",
        "/runs/../secret.txt",
        "/runs/..",
        "/runs/%2e%2e",
        "/runs/%2e%2e/file/verdict.json",
        "/runs/..%2f..%2fetc/file/passwd",
        "/runs/x%00/file/verdict.json",
        "/runs/none-1",
        "/runs/none-1/data.zip",
        "/runs/none-1/file/..%2f..%2fsecret.txt",
        "/static/..%2fguard.py",
        "/static/explorer.sqlite",
        "/explorer.sqlite",
        "/evidence/none",
    ],
)
def test_nothing_else_is_served(client: Client, path: str) -> None:
    status, _, text = client.get(path)
    assert status in (404, 405)
    assert "not for serving" not in text
    assert "secret" not in text


@pytest.mark.parametrize("body", ["\xff\xfe", "a=" + "&a=" * 5000])
def test_a_body_that_cannot_be_read_is_told(client: Client, body: str) -> None:
    status, _, text = client.ask("POST", "/", body.encode("latin-1"))
    assert status == 400
    assert "cannot be read" in text


def test_the_study_goes_out_and_comes_back(client: Client) -> None:
    text = ask.shipped_text(ask.START).replace("people_per_arm = 40", "people_per_arm = 25")
    assert json.loads(client.post("/upload", text)[2]) == {"study": "combination-opioid"}
    status, headers, back = client.get("/study.toml")
    assert status == 200
    assert back == text
    assert 'filename="combination-opioid.toml"' in headers["content-disposition"]
    assert 'value="25"' in client.get("/")[2]


def test_an_upload_is_data_only(client: Client) -> None:
    before = client.get("/study.toml")[2]
    told = json.loads(client.post("/upload", "__import__('os')")[2])
    assert "not TOML" in told["error"]
    assert client.get("/study.toml")[2] == before


def test_markup_in_a_question_stays_text(client: Client) -> None:
    nasty = '"><script>alert(1)</script>'
    client.post("/draft", urlencode({"study.question": nasty, "arm.0.label": nasty}))
    page = client.get("/")[2]
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_two_sessions_do_not_see_each_other(client: Client, port: int, folder: Path) -> None:
    other = Client(port)
    client.post("/draft", urlencode({"study.question": "Whose is this?"}))
    client.post("/article", urlencode({"text": "A private text."}))
    assert "Whose is this?" in client.get("/")[2]
    assert "Whose is this?" not in other.get("/")[2]
    assert "A private text." not in other.get("/article")[2]
    store = Store(folder)
    session = client.cookie.split("=")[1]
    run = store.add(session, "private", title="?", study=ask.shipped_text(ask.START),
                    state="cancelled")  # fmt: skip
    assert client.get(f"/runs/{run.id}")[0] == 200
    for path in ("", "/state", "/answer", "/figures", "/data.zip", "/file/study.toml"):
        assert other.get(f"/runs/{run.id}{path}")[0] == 404
    assert other.post(f"/runs/{run.id}/cancel")[0] == 404
    assert run.id not in other.get("/runs")[2]
    assert client.post(f"/runs/{run.id}/share")[0] == 303
    assert run.id in other.get("/runs")[2]
    assert other.get(f"/runs/{run.id}")[0] == 200
    assert other.post(f"/runs/{run.id}/unshare")[0] == 403
    store.close()


def test_a_cookie_that_was_not_given_makes_a_new_session(client: Client) -> None:
    client.cookie = "speciosa=../../x"
    headers = client.get("/")[1]
    assert "HttpOnly" in headers["set-cookie"]
    assert "SameSite=Strict" in headers["set-cookie"]


def test_regimens_are_completed(client: Client) -> None:
    assert "leaf" in json.loads(client.get("/suggest?text=kratom%20")[2])
    assert json.loads(client.get("/suggest?text=%3Cscript%3E")[2]) == []


def test_an_agonist_with_alcohol_or_a_sedative_raises_a_banner(client: Client) -> None:
    arms = {"arm.0.label": "Both", "arm.0.role": "kratom", "arm.0.care": "diazepam",
            "arm.0.regimens": "kratom leaf 4 g every 6 h for 7 d"}  # fmt: skip
    told = json.loads(client.post("/draft", urlencode(arms))[2])
    assert any("slow breathing" in banner["text"] for banner in told["banners"])


def test_a_folder_or_port_that_cannot_be_had_is_named(tmp_path: Path, port: int) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        server(tmp_path / "file" / "in", 0)
    with pytest.raises(InputError, match=f"port {port} cannot be opened"):
        server(tmp_path, port)


def test_no_page_asks_for_one_persons_dose(client: Client) -> None:
    text = client.get("/")[2].casefold()
    for words in ("your weight", "your dose", "my dose", "your age", 'name="weight"'):
        assert words not in text
