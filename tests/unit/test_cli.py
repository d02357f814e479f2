"""The commands: one object or one line, the right exit code, never a traceback, a quick start."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer
from rich.console import Console

from speciosa import cli
from speciosa.core.notice import INTENDED_USE
from speciosa.trial.run import Progress
from speciosa.trial.study import load_study
from speciosa.trial.template import write_template
from speciosa.verdict.verdict import Verdict
from speciosa.view.progress import people_progress

HEAVY = ("jax", "jinja2", "numpy", "pint", "plotly", "polars", "pyarrow", "rich", "scipy")
COMMANDS = {c.callback.__name__: c for c in cli.app.registered_commands if c.callback}


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        cli.main(list(words))
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


def one_line(text: str) -> str:
    assert text.count("\n") == 1, text
    assert text.startswith("speciosa: ")
    return text.removeprefix("speciosa: ").strip()


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_template("mine.toml")


def change(study: Path, old: str, new: str) -> None:
    text = study.read_text(encoding="utf-8")
    assert old in text
    study.write_text(text.replace(old, new), encoding="utf-8")


# ---- start --------------------------------------------------------------------------------------


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom speciosa.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert all(f"  {name}" in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("code, limit", [
    ("import speciosa", 0.3),
    ("import sys; sys.argv = ['speciosa', '--help']; from speciosa.cli import main; main()", 0.5),
])  # fmt: skip
def test_it_starts_at_once(code: str, limit: float) -> None:
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        taken.append(time.perf_counter() - began)
        if taken[-1] < limit:
            return
    pytest.fail(f"the quickest of five starts took {min(taken):.2f} s")


def test_alone_it_shows_its_help_and_what_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys)
    assert (code, err) == (0, "")
    assert INTENDED_USE in out
    assert "Exit codes: 0 done, 1" in out


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_shows_examples_that_can_be_read(name: str) -> None:
    examples = re.findall(r"^ {2}speciosa (.+)$", COMMANDS[name].epilog or "", re.MULTILINE)
    assert examples
    group: Any = typer.main.get_command(cli.app)
    for example in examples:
        command, *rest = shlex.split(example)
        known = group.commands[command]
        assert known.make_context(command, rest).params


# ---- input at fault -----------------------------------------------------------------------------

FAULTS = [
    (["simulat"], 'no command "simulat". Did you mean "simulate"?'),
    (["trial", "--oot", "x"], 'trial: no option "--oot". Did you mean "--out"?'),
    (["trial"], "trial: Missing argument 'study'. See speciosa trial --help."),
    (
        ["trial", "nope"],
        'no study file "nope". Valid: "acute-overdose", "combination-alcohol", '
        '"combination-opioid", "leaf-or-isolate", "synergy-surface".',
    ),
    (
        ["evidence", "claimed.sinergy"],
        'evidence: no record "claimed.sinergy". Did you mean "claimed.synergy"?',
    ),
    (
        ["evidence", "--stage", "melatoni"],
        'filter: no record has stage "melatoni". Did you mean "melatonin"?',
    ),
    (["new", "mine.txt"], 'mine.txt: is not the name of a TOML file. Write "mine.toml".'),
    (["compare", ".", "."], ".: holds no run. Name the folder of a run."),
    (
        ["simulate", "kratom leef 4 g once"],
        'in "kratom leef 4 g once": "leef" is not understood here. Did you mean "leaf"?',
    ),
    (
        ["simulate", "kratom leaf 4 g once", "--people", "19"],
        "--people: 19 people. A cohort has at least 20: this tool speaks of populations.",
    ),
    (
        ["simulate", "kratom leaf 4 g once", "--population", "opiod"],
        '--population: "opiod" is no population. Did you mean "opioid"?',
    ),
]


@pytest.mark.parametrize("words, line", FAULTS, ids=[" ".join(words) for words, _ in FAULTS])
def test_a_fault_of_the_input_is_one_line(
    words: list[str],
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert one_line(err) == line


def test_for_machines_a_fault_is_one_object_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wrong_file = ["validate", "--datasets", "."]
    for words in (["trial", "nope"], ["simulat"], ["trial", "--oot"], wrong_file):
        code, out, err = run(capsys, *words, "--json")
        assert json.loads(out) == {"error": one_line(err), "exit_code": code}
        assert code == 2


STUDY_FAULTS = [
    ("regimens = []", "regimens_ = []", 'unknown key "regimens_". Did you mean "regimens"?'),
    ("melatonin 5 mg", "melatonim 5 mg", 'Did you mean "melatonin"?'),
    ("melatonin 5 mg", "melatonin 5 mgg", 'Did you mean "mg"?'),
    ("melatonin 5 mg", "melatonin -5 mg", "a negative number cannot be."),
    ("people_per_arm = 20", "people_per_arm = 10", "A cohort has at least 20 people"),
    ("days = [2, 7]", "days = [2, 9]", "days 2 to 9 are outside the study. It lasts 7 days."),
    ('primary = "sleep"', 'primary = "slep"', 'Did you mean "sleep"?'),
    ('role = "standard"', 'role = "kratom"', 'no arm has the role "standard".'),
    ('disorder = "opioid"', 'disorder = "opiod"', 'Did you mean "opioid"?'),
    ("[study]", "[study", "is not TOML"),
    ("days = 7", "days = 70000", "a study of 70000 days. Write 1 to 730"),
    (
        '# adherence = "care.adherence"',
        'adherence = "care.adherense"',
        'no record "care.adherense". Did you mean "care.adherence"?',
    ),
]


@pytest.mark.parametrize("old, new, line", STUDY_FAULTS, ids=[new for _, new, _ in STUDY_FAULTS])
def test_a_fault_of_a_study_names_the_file_and_the_cure(
    old: str, new: str, line: str, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(study, old, new)
    code, out, err = run(capsys, "trial", "mine.toml")
    assert (code, out) == (2, "")
    assert line in one_line(err)
    assert "mine.toml" in err
    assert not Path("runs").exists()


def test_the_line_of_an_unknown_key_is_told(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(study, "draws = 10", "drows = 10")
    rows = study.read_text(encoding="utf-8").splitlines()
    row = next(place for place, text in enumerate(rows, 1) if text.startswith("drows"))
    _, _, err = run(capsys, "trial", "mine.toml")
    assert one_line(err) == (
        f'mine.toml, line {row}, [population]: unknown key "drows". Did you mean "draws"?'
    )


@pytest.mark.parametrize("out, said", [
    ("mine.toml/run", "cannot be written: Not a directory."),
    ("mine.toml", "cannot be written: Not a directory."),
    (".", "holds files but no run."),
])  # fmt: skip
def test_a_folder_that_cannot_take_a_run_is_refused(
    out: str, said: str, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, printed, err = run(capsys, "trial", "mine.toml", "--out", out)
    assert (code, printed) == (2, "")
    assert one_line(err).startswith(f"{out}: {said}")


# ---- interrupted, and faults of the program -----------------------------------------------------


def interrupted(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


def test_ctrl_c_says_what_is_kept_and_how_to_go_on(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("speciosa.trial.run.Runner.recruit", interrupted)
    code, out, err = run(capsys, "trial", "mine.toml", "--seed", "7", "--people", "30")
    assert (code, out) == (130, "")
    line = one_line(err)
    assert line.startswith("interrupted; what is done is kept in runs/my-study-1. Go on with: ")
    again = shlex.split(line.split("Go on with: ")[1].rstrip("."))
    code, _, err = run(capsys, *again[1:])  # the folder agrees to go on: it stops at the same place
    assert code == 130
    assert "runs/my-study-1" in err
    code, _, err = run(capsys, *[word for word in again[1:] if word != "--resume"])
    assert code == 2
    assert "already holds this run. Add --resume" in err


def test_ctrl_c_before_the_folder_is_made_keeps_nothing(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("speciosa.trial.run.design", interrupted)
    code, _, err = run(capsys, "trial", "mine.toml")
    assert code == 130
    assert one_line(err) == "interrupted before anything was written."
    assert not Path("runs").exists()


def test_ctrl_c_while_it_starts_is_one_line() -> None:
    code = (
        "import sys\n"
        "class Stop:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Stop())\n"
        "from speciosa.__main__ import main\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "speciosa: interrupted.\n")


def test_ctrl_c_elsewhere_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("speciosa.evidence.load.load_evidence", interrupted)
    code, out, err = run(capsys, "evidence")
    assert (code, out, one_line(err)) == (130, "", "interrupted.")


def test_a_fault_of_the_program_is_one_line_unless_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ValueError("odd\nthing")

    monkeypatch.setattr("speciosa.evidence.load.load_evidence", broken)
    code, out, err = run(capsys, "evidence")
    assert (code, out) == (1, "")
    assert "a fault of the program, ValueError (odd thing)." in one_line(err)
    monkeypatch.setenv("SPECIOSA_DEBUG", "1")
    with pytest.raises(ValueError, match="odd"):
        cli.main(["evidence"])


# ---- what the commands do -----------------------------------------------------------------------


def test_evidence_shows_one_record_or_many(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "evidence", "claimed.synergy")
    assert code == 0
    assert "Grade" in out and "E, assumed" in out
    _, out, _ = run(capsys, "evidence", "claimed", "--json")
    found = json.loads(out)
    assert found["count"] == len(found["numbers"]) > 3
    assert all(row["id"].startswith("claimed.") for row in found["numbers"])
    _, out, _ = run(capsys, "evidence", "--stage", "melatonin", "--grade", "a", "--json")
    assert {(row["stage"], row["grade"]) for row in json.loads(out)["numbers"]} == {
        ("melatonin", "A")
    }


def test_a_new_study_can_be_read_and_is_never_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "new", "mine.toml", "--json")
    assert (code, err, json.loads(out)) == (0, "", {"study": "mine.toml"})
    assert load_study("mine.toml").arm("standard").name == "lofexidine"
    before = Path("mine.toml").read_bytes()
    code, _, err = run(capsys, "new", "mine.toml")
    assert (code, one_line(err)) == (2, "mine.toml: is there already. Name a new file.")
    assert Path("mine.toml").read_bytes() == before


def test_every_commented_key_of_the_template_is_a_key(study: Path) -> None:
    text = study.read_text(encoding="utf-8")
    shown = re.sub(
        r"^# (?=[a-z_0-9]+ +=|\[decision\]|\[credibility\]|    \{|\])", "", text, flags=re.MULTILINE
    )
    assert shown.count("\n# ") < text.count("\n# ") - 15
    study.write_text(shown, encoding="utf-8")
    plain, full = load_study(write_template(study.with_name("plain.toml"))), load_study(study)
    assert plain.population == full.population
    assert plain.decision == full.decision
    assert plain.protocol.visits == full.protocol.visits
    assert plain.protocol.analysis.method == full.protocol.analysis.method


def finished_run(folder: Path, study: Path, shift: float = 0.0) -> Path:
    """Write a run folder as a run leaves it: two draws of two people in each arm."""
    read = load_study(study)
    rows = [
        {"arm": arm.name, "draw": d, "person": i, "sleep": 300.0 + 10 * d + i + shift * (k > 0),
         "overdose": float(i == 0)}
        for k, arm in enumerate(read.arms) for d in (0, 1) for i in (0, 1)
    ]  # fmt: skip
    (folder / "subjects").mkdir(parents=True)
    pl.DataFrame(rows).write_parquet(folder / "subjects" / "part-00000.parquet")
    (folder / "study.toml").write_text(study.read_text(encoding="utf-8"), encoding="utf-8")
    info = {
        "version": "1", "seed": 1, "draws": 2, "asked": 12, "solved": 12, "failed": 0, "why": [],
        "device": "cpu", "hashes": {"study": read.digest, "evidence": "e"},
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(info), encoding="utf-8")
    return folder


def test_two_runs_stand_side_by_side(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = finished_run(Path("a"), study), finished_run(Path("b"), study, shift=12.0)
    code, out, err = run(capsys, "compare", str(a), str(b), "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert all(each["same"] for each in found["inputs"].values())
    apart = {(e["arm"], e["endpoint"]): e["difference"] for e in found["endpoints"]}
    assert apart["placebo", "sleep"] == pytest.approx(0)
    assert apart["melatonin", "sleep"] == pytest.approx(12)
    first = found["endpoints"][0]["first"]
    assert first["estimate"] == pytest.approx(305.5)  # draws of 300.5 and 310.5
    _, out, _ = run(capsys, "compare", str(a), str(b))
    assert max(len(row) for row in out.splitlines()) <= 100
    assert "simulated, not observed" in out.lower()


def test_an_unfinished_run_is_not_compared(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = finished_run(Path("a"), study)
    (folder / "run.json").rename(folder / "manifest.json")
    code, _, err = run(capsys, "compare", "a", "a")
    assert code == 2
    assert one_line(err).startswith("a: holds a run that is not finished.")


@pytest.mark.parametrize("command", ["trial", "appraise"])
def test_a_run_prints_one_object_and_takes_a_fresh_folder(
    command: str,
    study: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = []

    def judged(given: Any, *, out: Path, resume: bool, **rest: Any) -> Verdict:
        assert rest.get("cluster") is None
        asked.append((given.seed, given.draws, given.people, str(out), resume))
        finished_run(out, study)
        return Verdict({"study": {"id": given.id, "question": "?"}, "claims": []})

    def judged_article(text: str, *, study: Any, **rest: Any) -> Verdict:
        assert text
        return judged(study, **rest)

    monkeypatch.setattr("speciosa.verdict.appraise.appraise", judged)
    monkeypatch.setattr("speciosa.verdict.appraisal.appraise_article", judged_article)
    words = ["trial", "mine.toml"] if command == "trial" else ["appraise", "--study", "mine.toml"]
    code, out, err = run(capsys, *words, "--seed", "3", "--draws", "4", "--people", "25", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["study"]["id"] == "my-study"
    assert "simulated, not observed" in Path(document["report"]).read_text("utf-8").lower()
    code, out, err = run(capsys, *words)
    assert (code, err) == (0, "")
    assert "runs/my-study-2/report.html" in out
    assert asked == [(3, 4, 25, "runs/my-study-1", False), (1, 10, 20, "runs/my-study-2", False)]


def test_resume_without_a_folder_takes_the_latest(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("speciosa.trial.run.Runner.recruit", interrupted)
    for name in ("runs/my-study-9", "runs/my-study-10", "runs/my-studying-11"):
        Path(name).mkdir(parents=True)
    _, _, err = run(capsys, "trial", "mine.toml", "--resume")
    assert "runs/my-study-10" in one_line(err)


def test_progress_follows_a_run_in_a_terminal_and_is_silent_elsewhere() -> None:
    for terminal in (True, False):
        out = io.StringIO()
        to = Console(file=out, force_terminal=terminal, width=100)
        with people_progress(to=to) as bar:
            bar.follow(Progress(asked=100, solved=40, failed=2, seconds=1.0))
            bar.follow(Progress(asked=100, solved=95, failed=5, seconds=2.0))
        assert (bar.total, bar.done, bar.failed) == (100, 100, 5)
        assert ("100 of 100 people" in out.getvalue()) is terminal
        assert ("5 failed" in out.getvalue()) is terminal


@pytest.mark.slow
def test_a_small_trial_runs_resumes_and_compares(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "trial", "mine.toml", "--draws", "2", "--json")
    assert (code, err) == (0, "")
    first = json.loads(out)
    assert first["run"]["asked"] == 3 * 2 * 20 == first["run"]["solved"] + first["run"]["failed"]
    code, out, _ = run(capsys, "trial", "mine.toml", "--draws", "2", "--resume", "--json")
    assert json.loads(out)["effects"] == first["effects"]
    code, out, _ = run(capsys, "compare", first["folder"], first["folder"], "--json")
    assert {each["difference"] for each in json.loads(out)["endpoints"]} <= {0.0, None}
