"""The explorer in a real browser: ask, run, see, compare and take away, with nothing left to trust.

No page may write an error to the console or send a request that leaves this machine; both are
checked after every test. Without Chromium the whole file is skipped.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pytest

from explorer_server import serving
from speciosa.view.explorer import ask

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
if CHROMIUM is None:
    pytest.skip("NO BROWSER TESTS: chromium is not installed", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="NO BROWSER TESTS: no playwright")

PATIENCE = 180_000  # ms: a first compilation on a busy machine
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SMALL = {
    "study.days": "3", "study.follow_up_days": "1",
    "population.people_per_arm": "20", "population.draws": "2",
}  # fmt: skip
ARTICLE = (
    "Melatonin may ease opioid withdrawal. Kratom reduces cravings. "
    "The weather was fine. Kratom does not cause liver injury."
)


def small_study(**fields: str) -> str:
    """The default study, small enough to wait for."""
    table = ask.table_of(ask.shipped_text(ask.START))
    table["arm"] = [arm for arm in table["arm"] if arm["name"] != "buprenorphine"]
    return ask.text_of(ask.merged(table, {**SMALL, **fields}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder) as served:
        yield served.address.rstrip("/")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="module")
def session(browser: Any) -> Iterator[Any]:
    """One visitor with one cookie, whose every request and message is kept."""
    context = browser.new_context(viewport=WIDE, accept_downloads=True)
    yield watched(context)
    context.close()


def watched(context: Any) -> Any:
    context.seen, context.faults = [], []
    context.on("request", lambda request: context.seen.append(request.url))
    context.on("console", lambda m: context.faults.append(m.text) if m.type == "error" else None)
    context.on("weberror", lambda error: context.faults.append(str(error.error)))
    return context


@pytest.fixture
def page(session: Any, address: str) -> Iterator[Any]:
    made = session.new_page()
    yield made
    made.close()
    quiet(session)


def quiet(context: Any) -> None:
    """No error was written, and no request left this machine."""
    hosts = {urlsplit(url).hostname for url in context.seen if not url.startswith(("data", "blob"))}
    assert hosts == {"127.0.0.1"}
    assert context.faults == []


def until(page: Any, true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait without evaluating text in the page, which its content policy forbids."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        page.wait_for_timeout(50)


def upload(page: Any, address: str, text: str) -> None:
    page.goto(address)
    file = {"name": "mine.toml", "mimeType": "text/plain", "buffer": text.encode()}
    assert ask.uploaded(text)
    with page.expect_navigation():
        page.set_input_files("#upload", file)


def run(page: Any) -> str:
    with page.expect_navigation(url=re.compile(r"/runs/")):
        page.click("#run")
    return str(page.get_attribute("#state", "data-run"))


def reach(page: Any, state: str) -> None:
    page.wait_for_selector(f"#state[data-state={state}]", timeout=PATIENCE)


@pytest.fixture(scope="module")
def finished(session: Any, address: str, folder: Path) -> dict[str, Any]:
    """A run that was asked, watched and awaited in the browser; what was seen on the way."""
    page = session.new_page()
    upload(page, address, small_study())
    name = run(page)
    seen: dict[str, Any] = {"name": name, "states": [], "rough": ""}
    end = time.monotonic() + PATIENCE / 1000
    while not seen["states"] or seen["states"][-1] not in ("finished", "failed", "stopped"):
        assert time.monotonic() < end
        state = page.get_attribute("#state", "data-state")
        if state not in seen["states"][-1:]:
            seen["states"].append(state)
        if not seen["rough"] and page.query_selector(".rough"):
            seen["rough"] = page.inner_text(".rough")
            seen["chain"] = page.locator(".stage svg").count()
        page.wait_for_timeout(100)
    assert seen["states"][-1] == "finished", page.inner_text("#state")
    page.close()
    seen["verdict"] = json.loads((folder / name / "verdict.json").read_text(encoding="utf-8"))
    return seen


def figure(page: Any, name: str) -> dict[str, Any]:
    """What Plotly drew in a figure."""
    holder = page.locator(f'[data-figure="{name}"]')
    holder.scroll_into_view_if_needed()
    page.wait_for_selector(f'[data-figure="{name}"][data-drawn]')
    return dict(holder.evaluate("(e) => ({data: e.data, layout: e.layout})"))


# ---- asking ------------------------------------------------------------------------------------


def test_the_first_page_is_usable_at_once(page: Any, address: str) -> None:
    began = time.monotonic()
    page.goto(address)
    page.fill("[id='study.question']", "Is it quick?")
    assert time.monotonic() - began < 2.0 * 3  # three times the target: the machine may be busy
    assert page.title() == "Ask · Speciosa"


def test_faults_stand_beside_their_fields_and_nothing_is_lost_on_reload(
    page: Any, address: str
) -> None:
    upload(page, address, small_study())
    page.fill("[id='population.draws']", "many")
    page.fill("[id='arm.1.regimens']", "kratom leef 4 g daily")
    page.wait_for_selector("[id='wrong-arm.1.regimens']:visible")
    assert 'Did you mean "leaf"?' in page.inner_text("[id='wrong-arm.1.regimens']")
    assert "not a whole number" in page.inner_text("[id='wrong-population.draws']")
    assert page.get_attribute("[id='population.draws']", "aria-invalid") == "true"
    page.reload()
    assert page.input_value("[id='population.draws']") == "many"
    page.click("#run")
    page.wait_for_selector(".summary")
    assert "2 things to mend" in page.inner_text(".summary")
    assert page.evaluate("document.activeElement.id") == "arm.1.regimens"


def test_a_regimen_is_completed_with_the_keyboard(page: Any, address: str) -> None:
    upload(page, address, small_study())
    page.click("#add-arm")
    page.keyboard.type("Late melatonin")
    page.select_option("[id='arm.5.role']", "melatonin")
    page.click("[id='arm.5.regimens']")
    page.keyboard.type("melatonin 5 mg at 21:00 da")
    until(page, lambda: page.locator("#offered-5 li:visible").all_inner_texts() == ["daily"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("for 3 d")
    assert page.input_value("[id='arm.5.regimens']") == "melatonin 5 mg at 21:00 daily for 3 d"
    until(page, lambda: page.inner_text("#size") == "240")
    page.click("[data-remove='5']")
    until(page, lambda: page.inner_text("#size") == "200")


def test_endpoints_follow_the_length(page: Any, address: str) -> None:
    page.goto(address)
    with page.expect_navigation():
        page.click("text=Open")
    page.fill("[id='study.days']", "14")
    until(page, lambda: page.input_value("[name='endpoint.1.days.1']") == "14")
    assert page.locator(".wrong:visible").count() == 0


def test_the_study_file_goes_out_and_comes_back(page: Any, address: str, tmp_path: Path) -> None:
    upload(page, address, small_study())
    page.fill("[id='study.question']", "Does it come back?")
    with page.expect_download() as waiting:
        page.click("#download")
    at = tmp_path / "study.toml"
    waiting.value.save_as(at)
    assert ask.uploaded(at.read_text(encoding="utf-8")).question == "Does it come back?"
    upload(page, address, small_study())
    page.set_input_files("#upload", at)
    until(page, lambda: page.input_value("[id='study.question']") == "Does it come back?")
    bad = {"name": "bad.toml", "mimeType": "text/plain", "buffer": b"[study]\nid = 3"}
    page.set_input_files("#upload", bad)
    page.wait_for_selector("#upload-wrong:visible")
    assert "not text" in page.inner_text("#upload-wrong")


def test_another_disorder_opens_its_own_study(page: Any, address: str) -> None:
    upload(page, address, small_study())
    with page.expect_navigation():
        page.check("input[name='study.disorder'][value='alcohol']")
    assert page.is_checked("input[name='study.disorder'][value='alcohol']")
    assert "alcohol" in page.input_value("[id='study.question']").casefold()
    assert "can kill" in page.inner_text("#banners")


# ---- running and seeing ------------------------------------------------------------------------


def test_a_run_is_watched_from_a_rough_answer_to_the_whole(finished: dict[str, Any]) -> None:
    assert finished["states"][-2:] == ["running", "finished"]
    assert "Rough answer: 2 of 2 worlds" in finished["rough"]
    assert finished["chain"] >= 7


def test_every_panel_holds_the_runs_own_numbers(
    page: Any, address: str, finished: dict[str, Any], folder: Path
) -> None:
    verdict = finished["verdict"]
    page.goto(f"{address}/runs/{finished['name']}")
    assert page.query_selector(".rough") is None
    for stage in page.locator(".stage").all():
        stage.click()
    seen = 0
    for quantity, entry in verdict["courses"].items():
        step = "day" if entry["days"][-1] == int(entry["days"][-1]) else "three_hours"
        drawn = figure(page, f"stage-{quantity}-{step}")["data"]
        assert {trace["meta"]["kind"] for trace in drawn} == {"people", "parameters", "median"}
        for trace in drawn:
            values = entry["arms"][trace["meta"]["arm"]]
            if trace["meta"]["kind"] == "median":
                assert trace["y"] == pytest.approx(values["median"], rel=1e-4, abs=1e-9)
                seen += 1
            else:
                high = values[f"{trace['meta']['kind']}_high"]
                assert trace["y"][: len(high)] == pytest.approx(high, rel=1e-4, abs=1e-9)
    assert seen == sum(len(entry["arms"]) for entry in verdict["courses"].values()) > 20
    check_forest(page, verdict)
    check_survival(page, verdict, folder / finished["name"])
    check_words(page, verdict)


def check_forest(page: Any, verdict: dict[str, Any]) -> None:
    harms = {each["endpoint"] for each in verdict["harms"]}
    versus = verdict["effects"][0]["versus"]
    for endpoint in {each["endpoint"] for each in verdict["effects"]} - harms:
        rows = [
            e for e in verdict["effects"] if e["endpoint"] == endpoint and e["versus"] == versus
        ]
        drawn = figure(page, f"effect-{endpoint}-{versus}")["data"]
        marks = sorted(t["x"][0] for t in drawn if t["mode"] == "markers")
        assert marks == pytest.approx(sorted(e["estimate"] for e in rows), rel=1e-4, abs=1e-9)
    for endpoint in harms:
        rows = [e for e in verdict["harms"] if e["endpoint"] == endpoint and e["arm"] != versus]
        drawn = figure(page, f"harm-{endpoint}")["data"]
        marks = sorted(t["x"][0] for t in drawn if t["mode"] == "markers")
        assert marks == pytest.approx(sorted(e["estimate"] for e in rows), rel=1e-4, abs=1e-9)


def check_survival(page: Any, verdict: dict[str, Any], run_folder: Path) -> None:
    drawn = figure(page, "retention")["data"]
    for trace, curve in zip(drawn, verdict["retention"], strict=True):
        assert trace["y"] == pytest.approx([100 * share for share in curve["share"]], abs=1e-3)
    events = pl.read_parquet(sorted((run_folder / "events").glob("*.parquet")))
    ended = events.filter(pl.col("event").is_in(["use", "dropout"]) & (pl.col("arm") == "kratom"))
    people = verdict["study"]["people_per_arm"] * verdict["study"]["draws"]
    gone = ended.select("draw", "person").unique().height
    lines = {trace["name"]: trace["y"] for trace in figure(page, "abstinence")["data"]}
    in_time = ended.filter(pl.col("day") <= verdict["study"]["days"])
    gone = in_time.select("draw", "person").unique().height
    assert lines["Kratom leaf"][-1] == pytest.approx(100 * (1 - gone / people), abs=1e-3)


def check_words(page: Any, verdict: dict[str, Any]) -> None:
    text = page.inner_text("#answer")
    for claim in verdict["claims"]:
        assert claim["paraphrase"] in text
        assert f"{claim['probability']:.2f}" in text
    records = page.locator(".record").all_inner_texts()
    assert verdict["claims"][0]["weakest"]["record"] in records


def test_charts_share_their_zoom_scale_and_bands(
    page: Any, address: str, finished: dict[str, Any]
) -> None:
    page.goto(f"{address}/runs/{finished['name']}?open=symptom,clock")
    first, second = "stage-cows-day", "stage-total_sleep_time-day"
    figure(page, first), figure(page, second)
    page.evaluate(
        "(n) => Plotly.relayout(document.querySelector(`[data-figure='${n}']`),"
        " {'xaxis.range': [1.5, 2.5]})", first,
    )  # fmt: skip
    until(page, lambda: figure(page, second)["layout"]["xaxis"]["range"][0] == 1.5)
    page.check("[data-log]")
    assert figure(page, first)["layout"]["yaxis"]["type"] == "log"
    page.uncheck("[data-show='people']")
    page.uncheck(".controls [data-arm='kratom']")
    hidden = [t["meta"] for t in figure(page, first)["data"] if t.get("visible") is False]
    assert {meta["kind"] for meta in hidden if meta["arm"] != "kratom"} == {"people"}
    assert len([meta for meta in hidden if meta["arm"] == "kratom"]) == 3
    for kind in ("png", "svg"):
        with page.expect_download() as waiting:
            page.click(f"[data-save='{kind}'][data-of='{first}']")
        assert waiting.value.suggested_filename == f"{first}.{kind}"
        assert Path(waiting.value.path()).stat().st_size > 1000


def test_the_evidence_behind_a_number_is_one_click_away(
    page: Any, address: str, finished: dict[str, Any]
) -> None:
    page.goto(f"{address}/runs/{finished['name']}")
    name = finished["verdict"]["claims"][0]["weakest"]["record"]
    page.locator(f"a.record[href='/evidence/{name}']:visible").first.click()
    page.wait_for_url("**/evidence/**")
    assert page.inner_text("h1") == name
    assert "Source" in page.inner_text("dl")


def test_a_run_is_run_again_and_cancelled_at_once(
    page: Any, address: str, finished: dict[str, Any]
) -> None:
    page.goto(f"{address}/runs/{finished['name']}")
    page.click("#again")
    page.wait_for_url(re.compile(r"/runs/(?!.*" + finished["name"] + "$)"))
    reach(page, "running")
    began = time.monotonic()
    page.click("#cancel")
    reach(page, "cancelled")
    assert time.monotonic() - began < 5.0
    assert page.is_visible("#resume")
    assert not page.is_visible("#cancel")
    page.goto(f"{address}/runs")
    assert page.locator("tr", has_text="cancelled").count() == 1


def test_the_files_of_a_run_are_taken_away(
    page: Any, address: str, finished: dict[str, Any]
) -> None:
    page.goto(f"{address}/runs/{finished['name']}")
    names = {"study": ".toml", "verdict": "-verdict.json", "data": ".zip"}
    for part, ending in names.items():
        with page.expect_download() as waiting:
            page.click(f"#take-{part}")
        assert waiting.value.suggested_filename == f"{finished['name']}{ending}"
    page.click("#take-report")
    assert finished["verdict"]["study"]["question"] in page.inner_text("h1")


def test_as_claimed_is_a_switch_resumed_and_two_runs_stand_side_by_side(
    page: Any, address: str, finished: dict[str, Any], folder: Path
) -> None:
    page.goto(f"{address}/runs/{finished['name']}")
    page.click(".switch button")
    page.wait_for_selector(".rough", timeout=PATIENCE)
    page.click("#cancel")
    reach(page, "cancelled")
    page.click("#resume")
    reach(page, "finished")
    claimed = page.get_attribute("#state", "data-run")
    assert page.inner_text(".switch [aria-current]") == "As claimed"
    other = json.loads((folder / str(claimed) / "verdict.json").read_text(encoding="utf-8"))
    assert other["study"]["evidence_set"] == "article"
    with page.expect_navigation():
        page.click(".switch a")
    assert page.get_attribute("#state", "data-run") == finished["name"]
    page.goto(f"{address}/compare?a={finished['name']}&b={claimed}")
    assert page.locator(".two section").count() == 2
    assert page.locator("#outcomes tbody tr").count() > 10
    page.locator(".two [data-figure]").last.scroll_into_view_if_needed()
    page.wait_for_selector(".two > div:last-child [data-drawn]")


def test_another_visitor_sees_a_run_only_when_it_is_shared(
    page: Any, browser: Any, address: str, finished: dict[str, Any]
) -> None:
    other = watched(browser.new_context())
    visitor = other.new_page()
    visitor.goto(f"{address}/runs")
    assert finished["name"] not in visitor.inner_text("main")
    page.goto(f"{address}/runs/{finished['name']}")
    page.click("#share")
    visitor.reload()
    assert finished["name"] in visitor.inner_text("main")
    page.click("#share")
    visitor.reload()
    assert finished["name"] not in visitor.inner_text("main")
    quiet(other)
    other.close()


def test_an_article_shows_its_claims(page: Any, address: str, finished: dict[str, Any]) -> None:
    pytest.importorskip("spacy", reason="the finder is not installed")
    page.goto(f"{address}/article")
    page.fill("#text", ARTICLE)
    page.click("text=Find its claims")
    assert page.inner_text("#annotated") == ARTICLE or ARTICLE.split(".")[0] in page.inner_text(
        "#annotated"
    )
    assert "melatonin_eases_withdrawal" in page.inner_text("#claims-found")
    marked = page.locator("mark.claim").all_inner_texts()
    assert "Melatonin may ease opioid withdrawal." in marked
    assert "The weather was fine." not in marked


# ---- everybody ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_no_page_has_a_serious_barrier_or_runs_over(
    session: Any, address: str, finished: dict[str, Any], size: dict[str, int]
) -> None:
    checker = pytest.importorskip("axe_core_python.sync_playwright").Axe()
    page = session.new_page()
    page.set_viewport_size(size)
    name = finished["name"]
    paths = ("/", "/runs", f"/runs/{name}?open=dose", f"/compare?a={name}&b={name}",
             "/article", "/evidence?text=synergy", "/evidence/claimed.synergy")  # fmt: skip
    found = {}
    for path in paths:
        page.goto(f"{address}{path}")
        page.wait_for_timeout(300)
        page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
        over = page.evaluate("document.documentElement.scrollWidth") - size["width"]
        report = checker.run(page, options={"resultTypes": ["violations"]})
        bad = [v for v in report["violations"] if v["impact"] in ("serious", "critical")]
        told = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in bad]
        if told or over > 0:
            found[path] = (told, over)
    page.close()
    assert found == {}
    quiet(session)
