"""The verdict in a terminal: within 100 columns, verdict first, table second, then what next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.trial.run import Progress
from speciosa.view.complete import complete
from speciosa.view.words import answer, labels, mid, probability, with_interval, worlds

WIDTH = 100
_STYLES = {
    "unsafe": "bold red",
    "contradicted": "bold red",
    "not supported": "bold",
    "plausible, untested": "bold yellow",
    "supported": "bold green",
    "no verdict": "bold",
}


def console(file: TextIO | None = None) -> Console:
    """A console of at most 100 columns; plain when piped or where NO_COLOR is set."""
    made = Console(file=file, highlight=False)
    if made.width > WIDTH or not made.is_terminal:
        made = Console(file=file, highlight=False, width=WIDTH)
    return made


def print_verdict(
    document: Mapping[str, Any], report: str | Path | None = None, *, to: Console | None = None
) -> None:
    """Print a verdict document.

    Args:
        document: what ``verdict.json`` holds.
        report: where the report lies, if one was written.
        to: where to print; standard output where none is given.
    """
    out = to or console()
    whole = complete(document)
    names = labels(whole)
    draws = whole["study"]["draws"] or whole["run"]["draws"] or 0
    out.print(Text(whole["study"]["question"], style="bold"))
    for claim in whole["claims"][:1]:
        _headline(out, claim, names, draws)
    if whole["claims"]:
        out.print(_claims(whole["claims"], names))
    for each in whole["untestable"]:
        out.print(Text(f"Not testable here: {each['paraphrase']} {each['why']}", style="dim"))
    if whole["article"]:
        out.print(_read(whole["article"]))
    shown = _primary(whole)
    if shown:
        out.print(_arms(shown, names, draws))
    if whole["harms"]:
        out.print(_harms(whole["harms"], names))
    out.print(Text(run_line(whole["run"]), style="dim"))
    out.print(Text(f"{SIMULATED.capitalize()}. {INTENDED_USE}", style="dim"))
    if report is not None:
        out.print(f"Report   {escape(str(report))}", soft_wrap=True)
    weakest = next((claim["weakest"]["record"] for claim in whole["claims"]), None)
    if weakest:
        out.print(f"Next     speciosa evidence {escape(weakest)}", soft_wrap=True)


def _headline(out: Console, claim: Mapping[str, Any], names: Mapping[str, str], draws: int) -> None:
    word = claim["verdict"]
    line = Text(word.capitalize(), style=_STYLES.get(word, "bold"))
    line.append(
        f"  probability {probability(claim['probability'])}, "
        f"weakest evidence grade {claim['weakest_grade']}",
        style="not bold",
    )
    out.print(line)
    out.print(Text(answer(claim, names, draws)))
    worst = max(claim["harms"], key=lambda each: each["probability_above_limit"] or 0, default=None)
    if worst is not None:
        chance = worst["probability_above_limit"]
        seen = "" if chance is None else f", above its limit in {worlds(chance, draws)} worlds"
        out.print(Text(
            f"Harm: {mid(worst['label'])} {with_interval(worst)} {worst['unit']}{seen}."
        ))  # fmt: skip


def _claims(claims: list[dict[str, Any]], names: Mapping[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, expand=False, header_style="dim")
    table.add_column("Verdict", no_wrap=True)
    table.add_column("P", justify="right", no_wrap=True)
    table.add_column("Effect (5–95 %)", justify="right")
    table.add_column("Comparator", justify="right")
    table.add_column("Grade", justify="center", no_wrap=True)
    table.add_column("Claim", ratio=1)
    for claim in claims:
        other = claim["comparator"]
        beside = f"{with_interval(other)} {names.get(other['arm'], other['arm'])}" if other else "–"
        table.add_row(
            Text(claim["verdict"], style=_STYLES.get(claim["verdict"], "bold")),
            probability(claim["probability"]),
            Text(f"{with_interval(claim['effect'])} {claim['effect']['unit']}"),
            Text(beside),
            claim["weakest_grade"],
            Text(claim["paraphrase"]),
        )
    return table


def _read(article: Mapping[str, Any]) -> Text:
    """One line on what was made of an article's sentences."""
    counts = article["counts"]
    shown = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items()))
    return Text(f"Sentences of {article['title'] or 'the article'}: {shown}.")


def _primary(whole: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The effects of every arm on the primary endpoint, beside the first comparison arm."""
    effects = whole["effects"]
    name = whole["study"].get("primary") or next((each["endpoint"] for each in effects), None)
    rows = [each for each in effects if each["endpoint"] == name]
    return [each for each in rows if each["versus"] == rows[0]["versus"]]


def _arms(rows: list[dict[str, Any]], names: Mapping[str, str], draws: int) -> Table:
    """One row an arm: its effect on the primary endpoint and in how many worlds it is noticed."""
    first = rows[0]
    table = Table(box=None, pad_edge=False, header_style="dim")
    beside = mid(names.get(first["versus"], first["versus"]))
    table.add_column(Text(f"{first['label']}, beside {beside}"))
    table.add_column(Text(f"Effect (5–95 %), {first['unit']}"), justify="right")
    table.add_column("Noticeably better in", justify="right")
    for each in rows:
        table.add_row(
            Text(names.get(each["arm"], each["arm"])),
            with_interval(each),
            f"{worlds(each['probability'], each['draws'] or draws)} worlds",
        )
    return table


def _harms(harms: list[dict[str, Any]], names: Mapping[str, str]) -> Table:
    """One row a harm, one column an arm: the mean level, and its 5-95 % range below it."""
    arms = list(dict.fromkeys(each["arm"] for each in harms))
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Harm, mean (5–95 %)", ratio=1)
    for arm in arms:
        table.add_column(Text(names.get(arm, arm)), justify="right")
    for endpoint in dict.fromkeys(each["endpoint"] for each in harms):
        rows = {each["arm"]: each for each in harms if each["endpoint"] == endpoint}
        first = next(iter(rows.values()))
        levels = [with_interval(rows[arm]).replace(" (", "\n(", 1) if arm in rows else "–"
                  for arm in arms]  # fmt: skip
        table.add_row(Text(f"{first['label']} ({first['unit']})"), *levels)
    return table


def run_line(run: Mapping[str, Any]) -> str:
    """One line on what was asked, solved and failed."""
    if run["asked"] is None:
        return "No run record."
    why = f" ({'; '.join(run['why'])})" if run["failed"] and run["why"] else ""
    return f"{run['asked']:,} asked, {run['solved']:,} solved, {run['failed']:,} failed{why}."


class _Rate(ProgressColumn):
    """People done a second, and failures so far."""

    def render(self, task: Task) -> Text:
        """Draw the column."""
        failed = task.fields.get("failed", 0)
        speed = task.finished_speed or task.speed
        rate = f"{speed:,.0f}/s" if speed else "–/s"
        return Text(f"{rate} · {failed:,} failed", style="red" if failed else "")


@dataclass
class PeopleDone:
    """Counts people as they are done; the bar follows, and stays silent where output is piped."""

    total: int
    done: int = 0
    failed: int = 0
    _bar: Bar | None = field(default=None, repr=False)
    _task: Any = field(default=None, repr=False)

    def add(self, people: int, failed: int = 0) -> None:
        """Count some more people, of whom some may have failed."""
        self.done += people
        self.failed += failed
        if self._bar is not None:
            self._bar.update(self._task, total=self.total, completed=self.done, failed=self.failed)

    def follow(self, progress: Progress) -> None:
        """Take over how far a run says that it is."""
        self.total = progress.asked
        self.add(progress.solved + progress.failed - self.done, progress.failed - self.failed)


@contextmanager
def people_progress(
    total: int = 0, what: str = "people", *, to: Console | None = None
) -> Iterator[PeopleDone]:
    """Show people done, rate, failures and time left, on standard error in a terminal only.

    Args:
        total: how many there are; a run that is followed says so itself.
        what: what is counted.
        to: where to show it.

    >>> with people_progress(10) as people:
    ...     people.add(10, failed=1)
    >>> people.done, people.failed
    (10, 1)
    """
    out = to or Console(stderr=True, highlight=False)
    if not out.is_terminal:
        yield PeopleDone(total)
        return
    bar = Bar(
        SpinnerColumn(),
        TextColumn(f"{{task.completed:,.0f}} of {{task.total:,.0f}} {what}"),
        BarColumn(bar_width=24),
        _Rate(),
        TextColumn("left"),
        TimeRemainingColumn(compact=True),
        console=out,
        transient=True,
    )
    with bar:
        yield PeopleDone(total, _bar=bar, _task=bar.add_task(what, total=total, failed=0))
