"""What is shown is run: every example of the README and the pages, and what they promise."""

from __future__ import annotations

import doctest
import html
import os
import posixpath
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from speciosa.core.notice import INTENDED_USE
from speciosa.core.version import __version__

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(
    r"(?:^<!-- example: (?P<speed>fast|slow) -->\n)?"
    r"^```(?P<language>python|console)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
FRONT = "import sys; sys.argv[0] = 'speciosa'; from speciosa.cli import main; main()"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
ENDLESS = {"serve"}  # these are asked for their help instead


@dataclass(frozen=True)
class Example:
    """A fenced example: where it stands, its language, its lines and whether it takes minutes."""

    place: str
    language: str
    body: str
    slow: bool


def examples_in(page: Path) -> list[Example]:
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start("body"))
        place = f"{page.relative_to(ROOT)}:{line}"
        found.append(Example(place, match["language"], match["body"], match["speed"] == "slow"))
    return found


EXAMPLES = [example for page in PAGES for example in examples_in(page)]


def cases(language: str) -> list[object]:
    chosen = [example for example in EXAMPLES if example.language == language]
    return [pytest.param(e, id=e.place, marks=[pytest.mark.slow] if e.slow else []) for e in chosen]


def commands_of(body: str) -> list[tuple[list[str], str]]:
    """Split a console block into commands and the output shown below each."""
    commands: list[tuple[list[str], str]] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            commands.append((shlex.split(line[2:], comments=True), ""))
        else:
            words, shown = commands[-1]
            commands[-1] = (words, f"{shown}{line}\n")
    return commands


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    program, *rest = words
    if program == "make":
        line, folder = ["make", "--dry-run", *rest], ROOT
    elif program == "speciosa":
        asked = [*rest, "--help"] if rest and rest[0] in ENDLESS else rest
        line = [sys.executable, "-c", FRONT, *asked]
    else:
        pytest.fail(f"{program}: an example may show only make and speciosa")
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100"}
    return subprocess.run(
        line, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A reader's folder: empty but for the studies and examples that the pages speak of."""
    for name in ("studies", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@pytest.mark.parametrize("example", cases("console"))
def test_console_example_runs_and_prints_what_is_shown(example: Example, folder: Path) -> None:
    for words, shown in commands_of(example.body):
        done = run(words, folder)
        assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}{done.stderr}"
        if shown:
            matches = doctest.OutputChecker().check_output(shown, done.stdout, FLAGS)
            assert matches, f"{shlex.join(words)} printed\n{done.stdout}"


@pytest.mark.parametrize("example", cases("python"))
def test_python_example_runs(
    example: Example, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    names: dict[str, object] = {"__name__": "__main__"}
    if ">>> " not in example.body:
        exec(compile(example.body, example.place, "exec"), names)
        return
    test = doctest.DocTestParser().get_doctest(example.body, names, example.place, None, None)
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append)
    assert result.failed == 0, "".join(said)


def test_no_example_escapes() -> None:
    opened = sum(
        len(re.findall(r"^```(?:python|console)\b", page.read_text(encoding="utf-8"), re.MULTILINE))
        for page in PAGES
    )
    assert opened == len(EXAMPLES) > 3
    assert {example.language for example in EXAMPLES} == {"python", "console"}


def test_readme_begins_with_the_two_commands() -> None:
    first = next(e for e in EXAMPLES if e.place.startswith("README.md"))
    commands = [words for words, _ in commands_of(first.body)]
    assert commands == [["make", "appraise"], ["make", "test"]]


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_intended_use_is_the_one_sentence(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8").replace("**", "")
    assert INTENDED_USE in " ".join(text.split())


def test_readme_lists_the_commands_that_exist() -> None:
    from speciosa.cli import app

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `speciosa ([a-z-]+)", readme, re.MULTILINE)
    real = [
        command.name or command.callback.__name__.replace("_", "-")
        for command in app.registered_commands
        if not command.hidden
    ]
    assert sorted(told) == sorted(real)


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    named = {"Run": project["dependencies"], "Develop": extras["dev"]}
    named |= {f"speciosa[{name}]": asked for name, asked in extras.items() if name != "dev"}
    for name, asked in named.items():
        (section,) = (each for each in sections if name in each.split("\n", 1)[0])
        rows = re.findall(r"^\| ([a-z0-9-]+) \| (.+) \|$", section, re.MULTILINE)
        told = {name: why for name, why in rows if name != "package"}
        assert set(told) == {re.split(r"[<>=\[]", name)[0] for name in asked}
        assert all(len(why.split()) >= 1 for why in told.values())


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_inside_the_project_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / target).exists(), f"{page}: {target}"


def test_changelog_tells_the_numbers_that_moved() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert releases
    for release in releases:
        assert re.search(r"^### Numbers moved\n\n- ", release, re.MULTILINE), release[:40]


def test_the_citation_names_this_version() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", text, re.MULTILINE)[1] == __version__


def test_the_pages_build_and_every_link_holds(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pages = {
        page.relative_to(tmp_path / "site").as_posix(): page.read_text(encoding="utf-8")
        for page in (tmp_path / "site").rglob("*.html")
    }
    assert len(pages) > 80
    for name, built in pages.items():
        fetched = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?:[^"]+)"', built)
        assert fetched == [], name
    assert broken_links(pages) == []


def broken_links(pages: dict[str, str]) -> list[str]:
    """Return the links between built pages whose page or anchor is not there."""
    anchors = {name: set(re.findall(r'\bid="([^"]+)"', text)) for name, text in pages.items()}
    broken = []
    for name, text in pages.items():
        for target in set(re.findall(r'<a\b[^>]*\shref="([^"]+)"', text)):
            path, _, place = html.unescape(target).partition("#")
            if re.match(r"[a-z]+:", path) or name == "404.html":
                continue
            page = (
                posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            )
            there = page in pages and (not place or place in anchors[page])
            if not there and page != ".":
                broken.append(f"{name}: {target}")
    return sorted(broken)
