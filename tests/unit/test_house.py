"""The house: a light front door, small files, pinned requirements and nothing of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

import speciosa

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "speciosa"
HEAVY = ("jax", "jinja2", "pint", "plotly", "polars", "pyarrow", "rich", "scipy", "typer")
LOCKS = ("runtime.txt", "explorer.txt", "dev.txt")
# Written in pieces so that this file does not hold what it looks for.
INDEX_HOSTS = (
    "pypi" + ".org",
    "python" + "hosted",
    "npm" + "js",
    "crates" + ".io",
    "deb" + "ian.org",
)
MACHINE = re.compile(r"(?<![\w.])/(?:ho" + r"me|ro" + r"ot|Us" + r"ers|wo" + r"rk|tm" + r"p)/\w")


def tracked_files() -> list[Path]:
    """Everything under version control, and what would be added to it; a checkout is needed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]


def text_of(file: Path) -> str:
    """The text of a file; nothing if it is binary."""
    content = file.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8")


def test_importing_the_front_door_loads_nothing_heavy() -> None:
    assert all(find_spec(name) for name in HEAVY)
    code = f"import sys, speciosa; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_front_door_is_small_and_every_name_opens() -> None:
    assert len(speciosa.__all__) <= 30
    assert dir(speciosa) == sorted(speciosa.__all__)
    for name in speciosa.__all__:
        assert getattr(speciosa, name) is not None


def test_the_front_door_refuses_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Regime'; it has Arm"):
        _ = speciosa.Regime


def test_the_front_door_says_the_same_to_type_checkers() -> None:
    tree = ast.parse((SOURCE / "__init__.py").read_text(encoding="utf-8"))
    told = {
        alias.asname: (node.module, alias.name)
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == speciosa._FRONT_DOOR


def test_no_file_speaks_of_one_machine_or_an_index() -> None:
    files = tracked_files()
    assert SOURCE / "__init__.py" in files
    found = []
    for file in files:
        text = text_of(file)
        words = [host for host in INDEX_HOSTS if host in text] + MACHINE.findall(text)
        found += [(str(file.relative_to(ROOT)), word) for word in words]
    assert found == []


def test_the_machine_pattern_finds_what_it_should() -> None:
    found = ["/ho" + "me/ada/x", "see /wo" + "rk/main", "/tm" + "p/a"]
    kept = ["src/wo" + "rk/notes", "docs/ho" + "me/index.md", "../root/x", "mg/h"]
    assert all(MACHINE.search(text) for text in found)
    assert not any(MACHINE.search(text) for text in kept)


def test_every_source_file_can_be_read_in_one_sitting() -> None:
    files = sorted(SOURCE.rglob("*.py"))
    lines = {str(f.relative_to(SOURCE)): len(f.read_text("utf-8").splitlines()) for f in files}
    assert len(lines) > 10
    assert {name: count for name, count in lines.items() if count > 450} == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    entries = re.findall(r"^(\S.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert len(packages) > 20
    for entry in packages:
        assert re.match(r"[a-z0-9-]+==\S+ \\\n", entry), entry[:60]
        assert "--hash=sha256:" in entry, entry[:60]


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def test_the_locks_hold_what_the_project_asks_for_and_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]
    runtime, dev = pins("runtime.txt"), pins("dev.txt")
    wanted = [*asked["dependencies"], *project["build-system"]["requires"]]
    for requirement in wanted:
        assert re.split(r"[<>=\[]", requirement)[0] in runtime
    for requirement in asked["optional-dependencies"]["dev"]:
        assert re.split(r"[<>=\[]", requirement)[0] in dev
    assert {name: dev[name] for name in runtime if name in dev} == {
        name: version for name, version in runtime.items() if name in dev
    }


def test_the_licence_is_there_and_named() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert licence.startswith("MIT License\n\nCopyright (c) 2026 The Speciosa authors")
    assert project["license"] == "MIT"


def test_commit_hooks_are_all_local() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (\S+)", text) == ["local"]
    entries = re.findall(r"entry: (\S+)", text)
    assert entries
    assert all(entry.startswith(".venv/bin/") for entry in entries)


def test_what_a_change_must_pass_is_the_test_command_then_the_linters() -> None:
    script = ROOT / ".ci" / "run"
    lines = script.read_text(encoding="utf-8").splitlines()
    assert script.stat().st_mode & 0o111
    assert "set -euo pipefail" in lines
    assert [line for line in lines if line.startswith("make ")] == ["make test", "make lint"]


def test_every_room_below_the_command_line_stands_in_the_walls() -> None:
    """The layers contract is exhaustive; this keeps the others from forgetting a room."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]
    contracts = {contract["name"]: contract for contract in linter["contracts"]}
    layers = contracts["A room imports only rooms below it"]["layers"]
    rooms = {f"speciosa.{room.strip()}" for layer in layers for room in layer.split("|")}
    jax = contracts["Only core integrates: JAX stays behind its door"]["source_modules"]
    plots = contracts["Only view plots"]["source_modules"]
    assert set(jax) == rooms - {"speciosa.core"}
    assert set(plots) == rooms - {"speciosa.view"}


def test_every_room_is_a_package_that_says_its_duty() -> None:
    rooms = {file.parent for file in SOURCE.rglob("*.py")}
    assert len(rooms) > 10
    for room in rooms:
        door = room / "__init__.py"
        assert door.exists(), room.name
        assert ast.get_docstring(ast.parse(door.read_text(encoding="utf-8"))), room.name
